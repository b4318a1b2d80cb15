package celgo

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// macro is a macro over a list as the rule spells it. CEL's parser has expanded it into a fold.
type macro struct {
	name      string // all, exists, exists_one, filter or map; empty for any other fold
	list      ast.Expr
	variable  string
	condition ast.Expr // of map, nil if it takes every item
	result    ast.Expr // of map
}

// macroOf recognises a macro by its expansion.
func macroOf(e ast.Expr) macro {
	if e.Kind() != ast.ComprehensionKind || e.AsComprehension().HasIterVar2() {
		return macro{}
	}
	c := e.AsComprehension()
	m := macro{list: c.IterRange(), variable: c.IterVar()}
	step, args := function(c.LoopStep())
	isAccumulator := func(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == c.AccuVar() }
	switch {
	case step == operators.LogicalAnd && isLiteral(c.AccuInit(), true) && isAccumulator(c.Result()) && isAccumulator(args[0]):
		m.name, m.condition = operators.All, args[1]
	case step == operators.LogicalOr && isLiteral(c.AccuInit(), false) && isAccumulator(c.Result()) && isAccumulator(args[0]):
		m.name, m.condition = operators.Exists, args[1]
	case !isLiteral(c.LoopCondition(), true): // the others look at every item
	case step == operators.Conditional && isLiteral(c.AccuInit(), int64(0)) && isAccumulator(args[2]):
		if plus, terms := function(args[1]); plus == operators.Add && isAccumulator(terms[0]) && isLiteral(terms[1], int64(1)) {
			m.name, m.condition = operators.ExistsOne, args[0]
		}
	case step == operators.Conditional && isEmptyList(c.AccuInit()) && isAccumulator(c.Result()) && isAccumulator(args[2]):
		if m.result = appendedItem(args[1], isAccumulator); m.result != nil {
			m.name, m.condition = operators.Map, args[0]
		}
		if m.result != nil && m.result.Kind() == ast.IdentKind && m.result.AsIdent() == m.variable {
			m.name = operators.Filter
		}
	case step == operators.Add && isEmptyList(c.AccuInit()) && isAccumulator(c.Result()):
		if m.result = appendedItem(c.LoopStep(), isAccumulator); m.result != nil {
			m.name = operators.Map
		}
	}
	return m
}

func isLiteral(e ast.Expr, want any) bool {
	return e.Kind() == ast.LiteralKind && e.AsLiteral().Value() == want
}

func isEmptyList(e ast.Expr) bool { return e.Kind() == ast.ListKind && e.AsList().Size() == 0 }

// appendedItem returns the one item that is added to the accumulator, nil if the expression does something else.
func appendedItem(e ast.Expr, isAccumulator func(ast.Expr) bool) ast.Expr {
	plus, terms := function(e)
	if plus != operators.Add || !isAccumulator(terms[0]) || terms[1].Kind() != ast.ListKind || terms[1].AsList().Size() != 1 {
		return nil
	}
	return terms[1].AsList().Elements()[0]
}

// isComputed reports whether an expression is a filter() or map(), for which Go would have to build a list.
func isComputed(e ast.Expr) bool {
	name := macroOf(e).name
	return name == operators.Filter || name == operators.Map
}

// quantifies returns all or exists if an expression asks about the items of a list, and is empty otherwise.
func quantifies(e ast.Expr) string {
	if name := macroOf(e).name; name == operators.All || name == operators.Exists {
		return name
	}
	if name, args := function(e); name == operators.In && isComputed(args[1]) {
		return operators.Exists
	}
	return ""
}
