package celgo

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// variable is a Go variable that takes the value of an expression.
type variable struct {
	name     string
	typ      *Type
	declared bool
	holds    string // the value that a bool is known to have
}

// set writes an assignment, or the declaration if there is none yet.
func (t *translator) set(v *variable, c code) {
	op := ":="
	if v.declared {
		op = "="
	}
	t.emit("%s %s %s", v.name, op, c.breakLines(t.lineWidth()))
	v.declared = true
}

// computeVariable writes statements that compute a value into a new variable.
func (t *translator) computeVariable(wish string, e ast.Expr, s scope, typ *Type) value {
	v := &variable{name: t.freshName(wish, s), typ: typ}
	t.assign(v, e, s)
	return value{code: operand("%s", v.name), typ: typ, path: localPath(v.name)}.withBounds()
}

// assign writes statements that give a variable the value of an expression.
func (t *translator) assign(v *variable, e ast.Expr, s scope) {
	name, args := function(e)
	if name == operators.Conditional {
		t.assignChoice(v, args, s)
		return
	}
	if v.typ.Kind != Bool || !t.takesStatements(e, s) {
		t.set(v, convert(t.value(e, s), v.typ))
		return
	}
	switch {
	case name == operators.LogicalNot:
		inner := *v
		inner.holds = ""
		t.assign(&inner, args[0], s)
		v.declared = true
		t.set(v, operand("%s", v.name).not())
	case name == operators.LogicalAnd || name == operators.LogicalOr:
		t.assignChain(v, name, t.operands(e, s), s)
	case quantifies(e) != "":
		t.assignQuantified(v, e, s)
	default:
		t.set(v, t.value(e, s).code)
	}
}

// assignQuantified is assign for all() and exists().
func (t *translator) assignQuantified(v *variable, e ast.Expr, s scope) {
	start, found := "true", "false"
	if quantifies(e) == operators.Exists {
		start, found = found, start
	}
	if v.holds != start {
		t.set(v, operand("%s", start))
	}
	decided := target{before: v.name + " = " + found, verb: "break"}
	if quantifies(e) == operators.All {
		t.quantify(e, s, fallThrough, decided)
	} else {
		t.quantify(e, s, decided, fallThrough)
	}
}

// assignChain is assign for an && or ||.
func (t *translator) assignChain(v *variable, op string, steps []step, s scope) {
	for i := range steps {
		steps[i].scope.parsed, steps[i].scope.block, steps[i].scope.loop = s.parsed, s.block, s.loop
	}
	simple := t.countSimple(steps)
	switch wish := t.findHoistable(steps); {
	case simple == 0 && wish != nil:
		t.hoist(wish, s, func(s scope) { t.assignChain(v, op, steps, s) })
		return
	case simple == 0:
		simple = 1
		t.assign(v, steps[0].Expr, steps[0].scope)
	default:
		t.set(v, t.join(op, steps[:simple]))
	}
	if simple == len(steps) {
		return
	}
	on := operand("%s", v.name)
	rest := variable{name: v.name, typ: v.typ, declared: true, holds: "true"}
	if op == operators.LogicalOr {
		on, rest.holds = on.not(), "false"
	}
	inner := t.open(s, "if %s {", on)
	t.assignChain(&rest, op, steps[simple:], inner)
	t.close()
}

// assignChoice is assign for a ?:.
func (t *translator) assignChoice(v *variable, args []ast.Expr, s scope) {
	if !t.checkDecides(args[0], s) {
		return
	}
	if !v.declared {
		t.emit("var %s %s", v.name, v.typ.goName())
		v.declared = true
	}
	c := t.value(args[0], s)
	side := variable{name: v.name, typ: v.typ, declared: true}
	inner := t.open(s.withFacts(t.learn(args[0], s, true)), "if %s {", c.code.breakLines(t.lineWidth()))
	t.assign(&side, args[1], inner)
	t.writeElse(func(s scope) { t.assign(&side, args[2], s) }, s.withFacts(t.learn(args[0], s, false)))
}
