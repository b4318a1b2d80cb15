package celgo

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// equality translates == and !=.
func (t *translator) equality(e ast.Expr, s scope) value {
	name, args := function(e)
	v := t.equalExprs(e, args[0], args[1], s)
	if name == operators.NotEquals {
		v.code = v.code.not()
	}
	return v
}

func (t *translator) equalExprs(e, x, y ast.Expr, s scope) value {
	if isComputed(x) || isComputed(y) {
		return t.equalLists(e, x, y, s)
	}
	xName, xArgs := function(x)
	yName, yArgs := function(y)
	converts := map[string]string{"upperAscii": "isUpperASCII", "lowerAscii": "isLowerASCII"}
	switch {
	case converts[xName] != "" && xName == yName:
		return t.equalTexts("equalFoldASCII", t.value(xArgs[0], s), t.value(yArgs[0], s))
	case converts[xName] != "":
		return t.equalTexts(converts[xName], t.value(y, s), t.value(xArgs[0], s))
	case converts[yName] != "":
		return t.equalTexts(converts[yName], t.value(x, s), t.value(yArgs[0], s))
	case x.Kind() == ast.ListKind && x.AsList().Size() > 0:
		b := t.value(y, s)
		return t.equal(e, t.literalList(x, s, b.typ.Elem), b)
	case y.Kind() == ast.ListKind && y.AsList().Size() > 0:
		a := t.value(x, s)
		return t.equal(e, a, t.literalList(y, s, a.typ.Elem))
	}
	return t.equal(e, t.value(x, s), t.value(y, s))
}

// equalTexts compares texts by a function that needs no converted copy.
func (t *translator) equalTexts(comparer string, a, b value) value {
	if a.bad || b.bad {
		return value{code: operand("bad"), bad: true, typ: &Type{}}
	}
	return value{code: call(comparer, plainCodes([]value{a, b})...), typ: boolType}
}

// equal compares two values.
func (t *translator) equal(e ast.Expr, a, b value) value {
	switch {
	case a.bad || b.bad:
		return value{code: operand("bad"), bad: true, typ: &Type{}}
	case a.typ.Kind != b.typ.Kind:
		return t.fault(e, "comparing %s with %s is not translated", a.typ.Kind, b.typ.Kind)
	case a.constant != nil && b.constant != nil:
		return t.fault(e, "two literals are compared")
	case a.typ.Kind == Object || a.typ.Kind == Opaque:
		return t.fault(e, "comparing objects is not translated")
	case a.typ.Kind == List:
		return t.equalSlices(e, a, b)
	case a.typ.Kind == Bool:
		for _, pair := range [][2]value{{a, b}, {b, a}} {
			if holds, ok := pair[0].constant.(bool); ok && !holds {
				return value{code: pair[1].code.not(), typ: boolType}
			} else if ok {
				return value{code: pair[1].code, typ: boolType}
			}
		}
	}
	if a.constant != nil {
		a, b = b, a
	}
	x, y := commonCodes(a, b)
	return value{code: operation("==", x, y), typ: boolType}
}

func (t *translator) equalSlices(e ast.Expr, a, b value) value {
	switch {
	case a.typ.Elem == nil && b.typ.Elem == nil:
		return t.fault(e, "two literals are compared")
	case a.typ.Elem == nil:
		return value{code: operation("==", call("len", b.code), operand("0")), typ: boolType}
	case b.typ.Elem == nil:
		return value{code: operation("==", call("len", a.code), operand("0")), typ: boolType}
	case !a.typ.equals(b.typ) || a.typ.Elem.Kind == Object || a.typ.Elem.Kind == List || a.typ.Elem.Kind == Opaque:
		return t.fault(e, "comparing lists of objects, of lists or of different Go types is not translated")
	}
	return value{code: call("slices.Equal", a.code, b.code), typ: boolType}
}

// equalLists compares a computed list with another one in a loop, so that the list is never built.
func (t *translator) equalLists(e, x, y ast.Expr, s scope) value {
	if !isComputed(x) {
		x, y = y, x
	}
	bad := value{code: operand("bad"), bad: true, typ: &Type{}}
	if isComputed(y) {
		return t.fault(e, "comparing two computed lists is not translated")
	}
	computed, ok := t.list(x, s)
	if y.Kind() == ast.ListKind && y.AsList().Size() == 0 && ok {
		return value{code: operation("==", t.count(computed, s).code, operand("0")), typ: boolType}
	}
	other, also := t.list(y, s)
	if !ok || !also {
		return bad
	}
	if other.size >= 0 {
		name := t.freshName("wanted", s)
		t.emit("%s := %s", name, other.items)
		other.items = operand("%s", name)
	}
	equal, next := t.freshName("equal", s), t.freshName("next", s)
	t.emit("%s, %s := true, 0", equal, next)
	t.writeLoop(computed, s, "item", func(item value, s scope) {
		reached := value{code: operand("%s[%s]", parenthesized(other.items), next), typ: other.elem}.withBounds()
		differs := t.equal(e, item, reached)
		bad.bad = differs.bad
		ends := operation("==", operand("%s", next), call("len", other.items))
		inner := t.open(s, "if %s {", operation("||", ends, differs.code.not()))
		t.jump(target{before: equal + " = false", verb: "break", loop: s.loop}, inner)
		t.close()
		t.emit("%s++", next)
	})
	all := operation("==", operand("%s", next), call("len", other.items))
	return value{code: operation("&&", operand("%s", equal), all), typ: boolType, bad: bad.bad}
}

// membership translates in.
func (t *translator) membership(e ast.Expr, s scope) value {
	_, args := function(e)
	if isComputed(args[1]) {
		return t.computeVariable("found", e, s, boolType)
	}
	x := t.value(args[0], s)
	if args[1].Kind() != ast.ListKind {
		return t.contains(e, x, t.value(args[1], s))
	}
	items := args[1].AsList().Elements()
	switch {
	case len(items) == 0:
		return t.fault(args[1], "an empty list is not translated here")
	case len(items) > 1 && args[0].Kind() == ast.CallKind && !x.isSimple() && !x.bad:
		name := t.freshName("wanted", s)
		t.emit("%s := %s", name, x.code)
		x.code, x.path = operand("%s", name), localPath(name)
	}
	equals := make([]code, len(items))
	bad := false
	for i, item := range items {
		v := t.equal(item, x, t.value(item, s))
		equals[i], bad = v.code, bad || v.bad
	}
	return value{code: operation("||", equals...), typ: boolType, bad: bad}
}

// contains translates in for a Go slice.
func (t *translator) contains(e ast.Expr, x, l value) value {
	switch {
	case x.bad || l.bad:
		return value{code: operand("bad"), bad: true, typ: &Type{}}
	case l.typ.Kind != List || l.typ.Elem == nil:
		return t.fault(e, "in %s is not translated", l.typ.Kind)
	case x.typ.Kind != l.typ.Elem.Kind || !slices.Contains([]Kind{Bool, Int, Double, String}, x.typ.Kind):
		return t.fault(e, "looking for %s in a list of %s is not translated", x.typ.Kind, l.typ.Elem.Kind)
	case x.typ.Kind == Int && x.constant == nil && !x.typ.equals(l.typ.Elem) || !fits(x, l.typ.Elem):
		return t.fault(e, "looking for an int in a list of another Go type is not translated")
	}
	return value{code: call("slices.Contains", l.code, convert(x, l.typ.Elem)), typ: boolType}
}

// macroValue returns the value of a literal list or a macro.
func (t *translator) macroValue(e ast.Expr, s scope) value {
	if e.Kind() == ast.ListKind {
		return t.literalList(e, s, nil)
	}
	m := macroOf(e)
	switch m.name {
	case operators.All:
		return t.computeVariable("all", e, s, boolType)
	case operators.Exists:
		return t.computeVariable("found", e, s, boolType)
	case operators.ExistsOne:
		l, ok := t.list(m.list, s)
		if !ok {
			return value{code: operand("bad"), bad: true, typ: &Type{}}
		}
		m.name = operators.Filter
		l.steps = append(l.steps, m)
		return value{code: operation("==", t.count(l, s).code, operand("1")), typ: boolType}
	case operators.Filter, operators.Map:
		return t.fault(e, "a computed list is not translated here")
	}
	return t.fault(e, "this macro is not translated")
}

// literalList returns a Go slice with the items of a literal list. Constants get the wished type.
func (t *translator) literalList(e ast.Expr, s scope, wish *Type) value {
	if e.AsList().Size() == 0 {
		return value{code: operand("nil"), typ: &Type{Kind: List}}
	}
	items, elem := t.items(e, s)
	if elem == nil {
		return value{code: operand("bad"), bad: true, typ: &Type{}}
	}
	elements := e.AsList().Elements()
	if _, constant := t.commonType(elements, s); constant && wish != nil && wish.Kind == elem.Kind && fitAll(elements, wish) {
		elem = wish
	}
	return value{code: operand("[]%s{%s}", elem.goName(), items), typ: &Type{Kind: List, Elem: elem}}
}
