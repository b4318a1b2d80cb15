package rule

import (
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
)

// Reads returns the members of a variable that the rule reads, as sorted JSON
// Pointers with * for any item of an array. A member in has() counts as read.
func (p *Program) Reads(variable string) []string {
	r := reads{found: map[string]bool{}, bound: map[string]string{variable: ""}}
	r.expr(p.ast.NativeRep().Expr())
	return slices.Sorted(maps.Keys(r.found))
}

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

// reads gathers pointers. bound maps a name to the pointer that it stands for.
type reads struct {
	found map[string]bool
	bound map[string]string
}

func (r *reads) expr(e ast.Expr) {
	if at, ok := r.pointer(e); ok {
		r.found[at] = true
		return
	}
	switch e.Kind() {
	case ast.SelectKind:
		r.expr(e.AsSelect().Operand())
	case ast.CallKind:
		c := e.AsCall()
		if c.IsMemberFunction() {
			r.expr(c.Target())
		}
		for _, arg := range c.Args() {
			r.expr(arg)
			if at, ok := r.pointer(arg); ok && c.FunctionName() == disjoint {
				r.found[at+"/*"] = true
			}
		}
	case ast.ListKind:
		for _, item := range e.AsList().Elements() {
			r.expr(item)
		}
	case ast.ComprehensionKind:
		r.comprehension(e.AsComprehension())
	}
}

// comprehension binds the loop's variable to the items of its range.
func (r *reads) comprehension(c ast.ComprehensionExpr) {
	r.expr(c.IterRange())
	outer := maps.Clone(r.bound)
	delete(r.bound, c.AccuVar())
	delete(r.bound, c.IterVar())
	if at, ok := r.pointer(c.IterRange()); ok {
		r.bound[c.IterVar()] = at + "/*"
	}
	for _, e := range []ast.Expr{c.AccuInit(), c.LoopCondition(), c.LoopStep(), c.Result()} {
		r.expr(e)
	}
	r.bound = outer
}

// pointer returns the pointer that a chain of selections stands for.
func (r *reads) pointer(e ast.Expr) (string, bool) {
	switch e.Kind() {
	case ast.IdentKind:
		at, ok := r.bound[e.AsIdent()]
		return at, ok
	case ast.SelectKind:
		s := e.AsSelect()
		at, ok := r.pointer(s.Operand())
		return at + "/" + escaper.Replace(s.FieldName()), ok
	case ast.CallKind:
		c := e.AsCall()
		if c.FunctionName() == "_[_]" {
			at, ok := r.pointer(c.Args()[0])
			return at + "/*", ok
		}
	}
	return "", false
}
