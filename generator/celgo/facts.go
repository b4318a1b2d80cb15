package celgo

import (
	"maps"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// facts are the paths of members that are proven present. A rule may read an optional member only where has() has proven
// it: there CEL would fail, and Go would follow a nil pointer.
type facts struct {
	paths map[string]bool
	never bool // the code is never reached, so every member counts as present
}

func (f facts) holds(path string) bool { return f.never || path != "" && f.paths[path] }

// and returns the facts where both f and g hold.
func (f facts) and(g facts) facts {
	paths := maps.Clone(f.paths)
	if paths == nil {
		paths = map[string]bool{}
	}
	maps.Copy(paths, g.paths)
	return facts{paths, f.never || g.never}
}

// or returns the facts where f or g holds.
func (f facts) or(g facts) facts {
	switch {
	case f.never:
		return g
	case g.never:
		return f
	}
	paths := map[string]bool{}
	for path := range f.paths {
		if g.paths[path] {
			paths[path] = true
		}
	}
	return facts{paths: paths}
}

// learn returns the facts after a condition has turned out true or false.
func (t *translator) learn(e ast.Expr, s scope, outcome bool) facts {
	yes, no := t.outcomes(e, s)
	if outcome {
		return yes
	}
	return no
}

// outcomes returns the facts after a condition has turned out true, and after it has turned out false.
func (t *translator) outcomes(e ast.Expr, s scope) (yes, no facts) {
	if holds, known := t.constantOutcome(e, s); known {
		return facts{never: !holds}, facts{never: holds}
	}
	name, args := function(e)
	switch {
	case e.Kind() == ast.SelectKind && e.AsSelect().IsTestOnly():
		if path := t.path(e, s); path != "" {
			yes = facts{paths: map[string]bool{path: true}}
		}
	case e.Kind() == ast.ComprehensionKind:
		return t.macroOutcomes(e, s)
	case name == operators.LogicalNot:
		no, yes = t.outcomes(args[0], s)
	case name == operators.LogicalAnd || name == operators.LogicalOr:
		yes, no = t.outcomes(args[0], s)
		for _, arg := range args[1:] {
			y, n := t.outcomes(arg, s)
			if name == operators.LogicalAnd {
				yes, no = yes.and(y), no.or(n)
			} else {
				yes, no = yes.or(y), no.and(n)
			}
		}
	case name == operators.Conditional:
		then, otherwise := t.outcomes(args[0], s)
		firstYes, firstNo := t.outcomes(args[1], s)
		secondYes, secondNo := t.outcomes(args[2], s)
		yes = then.and(firstYes).or(otherwise.and(secondYes))
		no = then.and(firstNo).or(otherwise.and(secondNo))
	}
	return yes, no
}

// anyItem stands for an item of a list outside of the loop. It has no path: a fact about one item proves nothing about
// another.
var anyItem = value{typ: &Type{}}

// macroOutcomes returns the facts, none of them about the item, that one item proves: the one that made exists() true or
// all() false.
func (t *translator) macroOutcomes(e ast.Expr, s scope) (yes, no facts) {
	m := macroOf(e)
	if m.name != operators.All && m.name != operators.Exists && m.name != operators.ExistsOne {
		return facts{}, facts{}
	}
	some, other := t.outcomes(m.condition, s.bind(m.variable, anyItem))
	if m.name == operators.All {
		return facts{}, facts{paths: other.paths}
	}
	return facts{paths: some.paths}, facts{}
}

// path returns the place of a variable or member, "" for a value that has none.
func (t *translator) path(e ast.Expr, s scope) string {
	switch e.Kind() {
	case ast.IdentKind:
		return s.names[e.AsIdent()].path
	case ast.SelectKind:
		if outer := t.path(e.AsSelect().Operand(), s); outer != "" {
			return outer + "." + e.AsSelect().FieldName()
		}
	}
	return ""
}

// field returns the member that a selection reads.
func (t *translator) field(e ast.Expr, s scope) (Field, bool) {
	if e.Kind() != ast.SelectKind {
		return Field{}, false
	}
	object := t.member(e.AsSelect().Operand(), s)
	if object == nil {
		return Field{}, false
	}
	f, ok := object.Fields[e.AsSelect().FieldName()]
	return f, ok
}

// member returns the type of a variable or of a member that is known to be present, nil for any other expression.
func (t *translator) member(e ast.Expr, s scope) *Type {
	if e.Kind() == ast.IdentKind {
		return s.names[e.AsIdent()].typ
	}
	f, ok := t.field(e, s)
	if !ok || f.Optional && !s.facts.holds(t.path(e, s)) {
		return nil
	}
	return f.Type
}

// constantOutcome reports whether a condition is true or false for every value, as has() of a required member is.
func (t *translator) constantOutcome(e ast.Expr, s scope) (holds, known bool) {
	switch e.Kind() {
	case ast.LiteralKind:
		holds, known = e.AsLiteral().Value().(bool)
		return holds, known
	case ast.SelectKind:
		f, ok := t.field(e, s)
		return true, ok && e.AsSelect().IsTestOnly() && !f.Optional
	case ast.CallKind:
		return t.constantCallOutcome(e.AsCall(), s)
	}
	return false, false
}

func (t *translator) constantCallOutcome(c ast.CallExpr, s scope) (holds, known bool) {
	switch c.FunctionName() {
	case operators.LogicalNot:
		holds, known = t.constantOutcome(c.Args()[0], s)
		return !holds, known
	case operators.LogicalAnd, operators.LogicalOr:
		neutral := c.FunctionName() == operators.LogicalAnd
		known = true
		for _, arg := range c.Args() {
			h, k := t.constantOutcome(arg, s)
			if k && h != neutral {
				return !neutral, true
			}
			known = known && k
		}
		return neutral, known
	case operators.Conditional:
		if h, k := t.constantOutcome(c.Args()[0], s); k && h {
			return t.constantOutcome(c.Args()[1], s)
		} else if k {
			return t.constantOutcome(c.Args()[2], s)
		}
	}
	return false, false
}
