package celgo

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// value is the Go expression that stands for a CEL expression.
type value struct {
	code     code
	typ      *Type
	path     string // under which presence is known; empty for a computed value
	constant any    // of a literal: string, int64, float64 or bool
	low      int64  // of an integer: its bounds
	high     int64
	bad      bool // a fault has been recorded
}

// literal returns the value of a constant.
func literal(constant any) value {
	switch c := constant.(type) {
	case string:
		return value{code: operand("%s", strconv.Quote(c)), typ: stringType, constant: c}
	case int64:
		return value{code: operand("%d", c), typ: intType, constant: c, low: c, high: c}
	case float64:
		text := strconv.FormatFloat(c, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return value{code: operand("%s", text), typ: doubleType, constant: c}
	}
	return value{code: operand("%v", constant), typ: boolType, constant: constant}
}

// isSimple reports whether an expression costs nothing to repeat.
func (v value) isSimple() bool { return v.constant != nil || v.path != "" }

// convert returns a value in a Go type of its kind. A constant has any type of its kind.
func convert(v value, to *Type) code {
	if v.constant != nil || v.typ.Kind == List || v.typ.Kind != to.Kind || v.typ.equals(to) {
		return v.code
	}
	return call(to.goName(), v.code)
}

// sharedType returns the type in which two values are compared.
func sharedType(a, b value) *Type {
	switch {
	case a.constant != nil && b.constant == nil:
		return b.typ
	case b.constant != nil && a.constant == nil || a.typ.equals(b.typ):
		return a.typ
	}
	return a.typ.basicType()
}

// value returns the Go expression for a CEL expression. If it needs statements, they are written first.
func (t *translator) value(e ast.Expr, s scope) value {
	switch e.Kind() {
	case ast.LiteralKind:
		switch c := e.AsLiteral().Value().(type) {
		case string, int64, float64, bool:
			return literal(c)
		}
		if e.AsLiteral().Type() == types.NullType {
			return t.fault(e, "null is not translated; ask has()")
		}
		return t.fault(e, "a literal of type %s is not translated", e.AsLiteral().Type().TypeName())
	case ast.IdentKind:
		if v, ok := s.names[e.AsIdent()]; ok {
			return v.withBounds()
		}
		return t.fault(e, "%s is not among the variables", e.AsIdent())
	case ast.SelectKind:
		return t.selection(e, s)
	case ast.CallKind:
		return t.callValue(e, s)
	case ast.ListKind, ast.ComprehensionKind:
		return t.macroValue(e, s)
	case ast.MapKind:
		return t.fault(e, "a map is not translated")
	case ast.StructKind:
		return t.fault(e, "an object cannot be made")
	}
	return t.fault(e, "an expression of this kind is not translated")
}

// withBounds sets the bounds of an integer by its Go type.
func (v value) withBounds() value {
	if v.constant == nil && v.typ.Kind == Int && v.low == 0 && v.high == 0 {
		v.low, v.high = math.MinInt64, math.MaxInt64
		if v.typ.GoName == "int32" {
			v.low, v.high = math.MinInt32, math.MaxInt32
		}
	}
	return v
}

// selection translates the reading of a member, or has() of one.
func (t *translator) selection(e ast.Expr, s scope) value {
	sel := e.AsSelect()
	object := t.value(sel.Operand(), s)
	if object.bad {
		return object
	}
	name := spelledChain(sel.Operand()) + "." + sel.FieldName()
	f, ok := object.typ.Fields[sel.FieldName()]
	switch {
	case object.typ.Kind != Object:
		return t.fault(e, "%s is a member of %s, which has none", name, object.typ.Kind)
	case !ok:
		return t.fault(e, "there is no member %s", name)
	case f.Type == nil:
		return t.fault(e, "the Go type of %s is not known", name)
	case f.Optional && !f.Pointer && f.Type.Kind != List && f.Type.Kind != Opaque:
		return t.fault(e, "%s may be absent, which its Go field %s cannot express", name, f.GoName)
	case f.Type.goName() == "float32" || f.Type.Kind == List && f.Type.Elem.goName() == "float32":
		return t.fault(e, "%s is a float32 in Go, which rounds what CEL reads", name)
	}
	v := value{code: operand("%s.%s", object.code.asArgument(precedence[""]), f.GoName), typ: f.Type}
	if strings.HasPrefix(object.code.text, "*") {
		v.code = operand("(%s).%s", object.code, f.GoName)
	}
	if object.path != "" {
		v.path = object.path + "." + sel.FieldName()
	}
	switch {
	case sel.IsTestOnly() && !f.Optional:
		return literal(true)
	case sel.IsTestOnly():
		return value{code: operation("!=", v.code, operand("nil")), typ: boolType}
	case f.Optional && !s.facts.holds(v.path):
		return t.fault(e, "%s may be absent here; guard it with has(%s)", name, name)
	case f.Type.Kind == Opaque:
		return t.fault(e, "of %s a rule can only ask whether it is present", name)
	case f.Pointer && f.Type.Kind != Object:
		v.code = operand("*%s", v.code)
	}
	return v.withBounds()
}

// spelledChain returns a chain of members as the rule spells it.
func spelledChain(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		return spelledChain(e.AsSelect().Operand()) + "." + e.AsSelect().FieldName()
	}
	return "(…)"
}

// callValue returns the value of an operator or function.
func (t *translator) callValue(e ast.Expr, s scope) value {
	name, args := function(e)
	switch name {
	case operators.LogicalAnd, operators.LogicalOr:
		return t.conditionValue(e, s)
	case operators.LogicalNot:
		v := t.value(args[0], s)
		v.code = v.code.not()
		return value{code: v.code, typ: boolType, bad: v.bad}
	case operators.Conditional:
		return t.choiceValue(e, s)
	case operators.Equals, operators.NotEquals:
		return t.equality(e, s)
	case operators.In:
		return t.membership(e, s)
	case "size":
		return t.size(e, s)
	}
	f, ok := functions[name]
	if !ok {
		return t.checkOthers(args, s, t.refuseUnknown(e))
	}
	values := make([]value, len(args))
	for i, arg := range args {
		if values[i] = t.value(arg, s); values[i].bad {
			return t.checkOthers(args[i+1:], s, values[i])
		}
	}
	return f(t, e, values, s)
}

// refuseUnknown adds the fault of an operator or function that is not translated.
func (t *translator) refuseUnknown(e ast.Expr) value {
	name, _ := function(e)
	switch symbol, ok := operators.FindReverse(name); {
	case ok && symbol != "":
		return t.fault(e, "the operator %s is not translated", symbol)
	case name == operators.Index:
		return t.fault(e, "an index is not translated: it could be out of range")
	case name == operators.OptIndex || name == operators.OptSelect:
		return t.fault(e, "an optional value is not translated")
	}
	return t.fault(e, "the function %s is not translated", name)
}

// checkOthers looks for faults in the expressions beside a bad value: all faults are reported at once.
func (t *translator) checkOthers(rest []ast.Expr, s scope, bad value) value {
	for _, e := range rest {
		t.discard(func() { t.value(e, s) })
	}
	return bad
}

// conditionValue returns the value of an && or ||.
func (t *translator) conditionValue(e ast.Expr, s scope) value {
	if t.takesStatements(e, s) {
		return t.computeVariable("holds", e, s, boolType)
	}
	op, _ := function(e)
	return value{code: t.join(op, t.operands(e, s)), typ: boolType}
}

// localPath is the path of a Go variable.
func localPath(name string) string { return "$" + name }

// choiceValue returns the value of a ?:, in a variable.
func (t *translator) choiceValue(e ast.Expr, s scope) value {
	_, args := function(e)
	typ, _ := t.typeOf(e, s)
	before := len(t.faults)
	switch {
	case typ == nil:
		t.checkOthers(args, s, value{})
		if len(t.faults) == before {
			t.fault(e, "a choice between values of different Go types is not translated")
		}
	case typ.Kind == Object || typ.Kind == List && typ.Elem.goName() == "":
		t.fault(e, "a choice between objects is not translated")
	default:
		return t.computeVariable("choice", e, s, typ)
	}
	return value{code: operand("bad"), bad: true, typ: &Type{}}
}

// typeOf returns the Go type of the value of an expression, nil if it is not known, and whether the value is a constant,
// which has any type of its kind.
func (t *translator) typeOf(e ast.Expr, s scope) (typ *Type, constant bool) {
	s.facts.never = true // presence does not matter here
	switch e.Kind() {
	case ast.IdentKind:
		return t.member(e, s), false
	case ast.SelectKind:
		if !e.AsSelect().IsTestOnly() {
			return t.member(e, s), false
		}
	case ast.ListKind:
		return t.listType(e.AsList().Elements(), s), e.AsList().Size() == 0
	case ast.CallKind:
		if name, args := function(e); name == operators.Conditional {
			typ, _ := t.commonType(args[1:], s)
			return typ, false // it will be a variable
		}
	}
	switch t.ast.GetType(e.ID()).Kind() {
	case types.BoolKind:
		typ = boolType
	case types.IntKind:
		typ = intType
	case types.DoubleKind:
		typ = doubleType
	case types.StringKind:
		typ = stringType
	}
	return typ, e.Kind() == ast.LiteralKind
}

// listType returns the type of a literal list; an empty one has no Elem.
func (t *translator) listType(items []ast.Expr, s scope) *Type {
	if len(items) == 0 {
		return &Type{Kind: List}
	}
	elem, _ := t.commonType(items, s)
	if elem == nil {
		return nil
	}
	return &Type{Kind: List, Elem: elem}
}

// commonType returns a Go type for several values, nil if there is none.
func (t *translator) commonType(es []ast.Expr, s scope) (typ *Type, constant bool) {
	constant = true
	for _, e := range es {
		u, c := t.typeOf(e, s)
		switch {
		case u == nil:
			return nil, false
		case typ == nil || constant && !c:
			typ, constant = u, c
		case constant == c && !typ.equals(u):
			typ = typ.basicType()
		}
		if typ.Kind != u.Kind || typ.Kind == List && !c && !typ.equals(u) {
			return nil, false
		}
	}
	if typ.Kind == List && typ.Elem == nil {
		return nil, false
	}
	if !fitAll(es, typ) {
		typ = typ.basicType()
	}
	return typ, constant
}

// fitAll reports whether a Go type holds the literals among some expressions.
func fitAll(es []ast.Expr, typ *Type) bool {
	return !slices.ContainsFunc(es, func(e ast.Expr) bool {
		return e.Kind() == ast.LiteralKind && !fits(value{constant: e.AsLiteral().Value()}, typ)
	})
}
