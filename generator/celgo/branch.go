package celgo

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// branch writes statements that decide a condition and go to yes or to no. At most one of the two may be reached by
// falling through alone.
func (t *translator) branch(e ast.Expr, s scope, yes, no target) {
	if holds, known := t.constantOutcome(e, s); known {
		t.discard(func() { t.value(e, s) })
		if holds {
			t.jump(yes, s)
		} else {
			t.jump(no, s)
		}
		return
	}
	name, args := function(e)
	switch {
	case name == operators.LogicalNot:
		t.branch(args[0], s, no, yes)
	case name == operators.LogicalAnd || name == operators.LogicalOr:
		t.chain(name, t.operands(e, s), s, yes, no)
	case t.findHoistable([]step{{e, s}}) != nil:
		t.hoist(t.findHoistable([]step{{e, s}}), s, func(s scope) { t.branch(e, s, yes, no) })
	case name == operators.Conditional:
		t.choose(args, s, yes, no)
	case quantifies(e) == operators.All && no.verb != "" || quantifies(e) == operators.Exists && yes.verb != "":
		t.quantify(e, s, yes, no)
	default:
		t.decide(t.value(e, s).code, s, yes, no)
	}
}

// decide branches on a Go expression.
func (t *translator) decide(c code, s scope, yes, no target) {
	switch {
	case yes.verb == "return true" && no.verb == "return false":
		t.emit("return %s", c.breakLines(t.lineWidth()))
	case yes.verb == "return false" && no.verb == "return true":
		t.emit("return %s", c.not().breakLines(t.lineWidth()))
	case yes.falls && yes.before == "":
		inner := t.open(s, "if %s {", c.not().breakLines(t.lineWidth()))
		t.jump(no.withoutFalling(), inner)
		t.close()
	default:
		inner := t.open(s, "if %s {", c.breakLines(t.lineWidth()))
		t.jump(yes.withoutFalling(), inner)
		t.close()
		t.jump(no, s)
	}
}

// choose branches on a ?: of conditions.
func (t *translator) choose(args []ast.Expr, s scope, yes, no target) {
	if !t.checkDecides(args[0], s) {
		return
	}
	c := t.value(args[0], s)
	first, second := s.withFacts(t.learn(args[0], s, true)), s.withFacts(t.learn(args[0], s, false))
	inner := t.open(first, "if %s {", c.code.breakLines(t.lineWidth()))
	if !yes.falls && !no.falls {
		t.branch(args[1], inner, yes, no)
		t.close()
		t.branch(args[2], second, yes, no)
		return
	}
	t.branch(args[1], inner, yes, no)
	t.writeElse(func(s scope) { t.branch(args[2], s, yes, no) }, second)
}

// writeElse ends an if with an else branch.
func (t *translator) writeElse(write func(scope), s scope) {
	t.depth--
	line := len(t.lines)
	write(t.open(s, "} else {"))
	t.close()
	if len(t.lines) == line+5 && strings.HasPrefix(t.lines[line+1], "if ") { // one if
		t.lines = append(t.lines[:line], "} else "+t.lines[line+1], t.lines[line+2], "}")
	}
}

// checkDecides reports whether the condition of a ?: can be true and false. A constant one is a fault: the author of the
// rule expects it to decide something.
func (t *translator) checkDecides(condition ast.Expr, s scope) bool {
	holds, known := t.constantOutcome(condition, s)
	if known {
		t.fault(condition, "the condition is always %t", holds)
	}
	return !known
}

// step is an operand of a chain of && or ||, with the facts that are known when it is reached.
type step struct {
	ast.Expr
	scope scope
}

// chainOf splits an && or || into the operands that matter and those that do not: they always hold in an &&, or never
// in an ||, or stand beside one that decides the chain.
func (t *translator) chainOf(e ast.Expr, s scope) (steps, idle []step) {
	name, _ := function(e)
	decided := false
	var add func(e ast.Expr)
	add = func(e ast.Expr) {
		if inner, args := function(e); inner == name {
			for _, arg := range args {
				add(arg)
			}
			return
		}
		holds, known := t.constantOutcome(e, s)
		switch {
		case decided || known && holds == (name == operators.LogicalAnd):
			idle = append(idle, step{e, s})
		case known:
			steps, idle, decided = []step{{e, s}}, append(idle, steps...), true
			s = s.withFacts(facts{never: true})
		default:
			steps = append(steps, step{e, s})
			s = s.withFacts(t.learn(e, s, name == operators.LogicalAnd))
		}
	}
	add(e)
	return steps, idle
}

// operands returns the operands that matter, and checks the others for faults.
func (t *translator) operands(e ast.Expr, s scope) []step {
	steps, idle := t.chainOf(e, s)
	for _, step := range idle {
		t.discard(func() { t.value(step.Expr, step.scope) })
	}
	return steps
}

// chain branches on the operands of an && or ||, in order. s has the blocks that were hoisted before.
func (t *translator) chain(op string, steps []step, s scope, yes, no target) {
	for i := range steps {
		steps[i].scope.parsed, steps[i].scope.block, steps[i].scope.loop = s.parsed, s.block, s.loop
	}
	if len(steps) == 1 {
		t.branch(steps[0].Expr, steps[0].scope, yes, no)
		return
	}
	stop := yes // the target of an operand that decides the chain
	if op == operators.LogicalAnd {
		stop = no
	}
	simple := t.countSimple(steps)
	rest := steps[simple:]
	if simple == 0 {
		if wish := t.findHoistable(steps); wish != nil {
			t.hoist(wish, s, func(s scope) { t.chain(op, steps, s, yes, no) })
			return
		}
		if stop.verb != "" && t.branches(steps[0], op) {
			first := []target{stop.withoutFalling(), fallThrough}
			if op == operators.LogicalAnd {
				slices.Reverse(first)
			}
			t.branch(steps[0].Expr, steps[0].scope, first[0], first[1])
			t.chain(op, steps[1:], s, yes, no)
			return
		}
		simple = 1 + t.countSimple(steps[1:])
		rest = steps[simple:]
	}
	head := t.join(op, steps[:simple])
	if len(rest) == 0 {
		t.decide(head, s, yes, no)
		return
	}
	if op == operators.LogicalAnd {
		head = head.not()
	}
	if stop.verb != "" {
		inner := t.open(s, "if %s {", head.breakLines(t.lineWidth()))
		t.jump(stop.withoutFalling(), inner)
		t.close()
		t.chain(op, rest, s, yes, no)
		return
	}
	inner := t.open(s, "if %s {", head.not().breakLines(t.lineWidth()))
	t.chain(op, rest, inner, yes, no)
	t.close()
}

// branches reports whether an operand that needs statements becomes control flow instead of a value.
func (t *translator) branches(s step, op string) bool {
	e, negated := s.Expr, false
	name, args := function(e)
	for ; name == operators.LogicalNot; name, args = function(e) {
		e, negated = args[0], !negated
	}
	switch {
	case name == operators.LogicalAnd || name == operators.LogicalOr || name == operators.Conditional:
		return true
	case t.findHoistable([]step{s}) != nil:
		return true
	}
	return quantifies(e) != "" && (quantifies(e) == operators.All) == ((op == operators.LogicalAnd) != negated)
}

// countSimple counts the steps before the first one that needs statements or a parsed block.
func (t *translator) countSimple(steps []step) int {
	for i, step := range steps {
		if t.takesStatements(step.Expr, step.scope) || t.findHoistable(steps[i:]) != nil {
			return i
		}
	}
	return len(steps)
}

// join returns the operands as one Go expression.
func (t *translator) join(op string, steps []step) code {
	args := make([]code, len(steps))
	for i, step := range steps {
		args[i] = t.value(step.Expr, step.scope).code
	}
	return operation(goOperator[op], args...)
}

// goOperator spells CEL's operators.
var goOperator = map[string]string{
	operators.LogicalAnd: "&&", operators.LogicalOr: "||", operators.Equals: "==", operators.NotEquals: "!=",
	operators.Less: "<", operators.LessEquals: "<=", operators.Greater: ">", operators.GreaterEquals: ">=",
	operators.Add: "+", operators.Subtract: "-", operators.Multiply: "*", operators.Divide: "/", operators.Modulo: "%",
}

// takesStatements reports whether an expression needs statements before the Go expression that stands for it.
func (t *translator) takesStatements(e ast.Expr, s scope) bool {
	if _, known := t.constantOutcome(e, s); known {
		return false
	}
	switch e.Kind() {
	case ast.ComprehensionKind:
		return true
	case ast.SelectKind:
		return t.takesStatements(e.AsSelect().Operand(), s)
	case ast.ListKind:
		return slices.ContainsFunc(e.AsList().Elements(), func(e ast.Expr) bool { return t.takesStatements(e, s) })
	case ast.CallKind:
	default:
		return false
	}
	name, args := function(e)
	switch name {
	case operators.Conditional:
		return true
	case operators.LogicalAnd, operators.LogicalOr:
		steps, _ := t.chainOf(e, s)
		return t.countSimple(steps) < len(steps)
	case operators.In:
		if args[1].Kind() == ast.ListKind && args[1].AsList().Size() > 1 && args[0].Kind() == ast.CallKind {
			return true
		}
	}
	return slices.ContainsFunc(args, func(e ast.Expr) bool { return t.takesStatements(e, s) }) ||
		t.findHoistable([]step{{e, s}}) != nil
}

// function returns the name of a called function and its arguments, the receiver first.
func function(e ast.Expr) (string, []ast.Expr) {
	if e.Kind() != ast.CallKind {
		return "", nil
	}
	c := e.AsCall()
	if c.IsMemberFunction() {
		return c.FunctionName(), append([]ast.Expr{c.Target()}, c.Args()...)
	}
	return c.FunctionName(), c.Args()
}
