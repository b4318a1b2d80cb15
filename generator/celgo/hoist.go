package celgo

import (
	"maps"
	"slices"

	"cel.dev/cel-go/common/ast"
)

// wish is a text that is read as a block several times, by several functions or in a loop.
type wish struct {
	expr  ast.Expr
	scope scope
}

// findHoistable returns a text to parse before the first step: that step reads it as a block, it is read again there or
// later, and it is proven present.
func (t *translator) findHoistable(steps []step) *wish {
	var first []ast.Expr
	uses := map[string]int{}
	for i, step := range steps {
		t.blockTexts(step.Expr, step.scope, 1, func(e ast.Expr, path string, weight int) {
			uses[path] += weight
			if i == 0 {
				first = append(first, e)
			}
		})
		if len(first) == 0 {
			return nil
		}
	}
	for _, e := range first {
		s := steps[0].scope
		path := t.path(e, s)
		typ := t.member(e, s)
		if uses[path] > 1 && s.parsed[path] == "" && typ != nil && typ.Kind == String {
			return &wish{e, s}
		}
	}
	return nil
}

// blockTexts visits the variables and members that are read as blocks; in a loop they count twice.
func (t *translator) blockTexts(e ast.Expr, s scope, weight int, visit func(e ast.Expr, path string, weight int)) {
	switch e.Kind() {
	case ast.CallKind:
		name, args := function(e)
		for _, arg := range args {
			if path := t.path(arg, s); blockFunctions[name] && path != "" {
				visit(arg, path, weight)
				continue
			}
			t.blockTexts(arg, s, weight, visit)
		}
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			t.blockTexts(item, s, weight, visit)
		}
	case ast.ComprehensionKind:
		m := macroOf(e)
		if m.name == "" {
			return
		}
		t.blockTexts(m.list, s, weight, visit)
		bound := s.bind(m.variable, anyItem)
		for _, inner := range []ast.Expr{m.condition, m.result} {
			if inner != nil {
				t.blockTexts(inner, bound, weight+1, visit)
			}
		}
	}
}

// hoist writes a statement that parses a block into a variable, and then the statements that use it.
func (t *translator) hoist(w *wish, s scope, follow func(scope)) {
	v := t.value(w.expr, w.scope)
	name := "block"
	if f, ok := t.field(w.expr, w.scope); ok {
		name = lowerFirst(f.GoName)
	}
	name = t.freshName(name, s)
	line := len(t.lines)
	t.emit("%s := %s", name, call("parseBlock", convert(v, stringType)))
	s.parsed = maps.Clone(s.parsed)
	if s.parsed == nil {
		s.parsed = map[string]string{}
	}
	s.parsed[v.path] = name
	follow(s)
	if !t.isMentioned(name, line+1) { // no statement uses the block
		t.lines = slices.Delete(t.lines, line, line+1)
	}
}
