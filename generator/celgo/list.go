package celgo

import (
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// list is the range of a loop: a Go slice or array, and the macros that filter and map its items. filter() and map()
// become part of the loop, so that no list is built.
type list struct {
	items code
	elem  *Type
	size  int // of a literal list, otherwise -1
	steps []macro
	bad   bool // a fault has been recorded
}

// filters reports whether some items may be left out.
func (l list) filters() bool {
	return slices.ContainsFunc(l.steps, func(m macro) bool { return m.condition != nil })
}

// list returns the list of an expression. It is false after a fault.
func (t *translator) list(e ast.Expr, s scope) (list, bool) {
	if isComputed(e) {
		m := macroOf(e)
		l, ok := t.list(m.list, s)
		l.steps = append(l.steps, m)
		return l, ok
	}
	if e.Kind() == ast.ListKind {
		items, elem := t.items(e, s)
		if elem == nil {
			return list{}, false
		}
		return list{items: operand("[...]%s{%s}", elem.goName(), items), elem: elem, size: e.AsList().Size()}, true
	}
	v := t.value(e, s)
	switch {
	case v.bad:
		return list{}, false
	case v.typ.Kind != List || v.typ.Elem == nil:
		t.fault(e, "a macro over %s is not translated", v.typ.Kind)
		return list{}, false
	}
	return list{items: v.code, elem: v.typ.Elem, size: -1}, true
}

// items returns the items of a literal list and their type, which is nil after a fault.
func (t *translator) items(e ast.Expr, s scope) (string, *Type) {
	elements := e.AsList().Elements()
	typ := t.listType(elements, s)
	texts := make([]string, len(elements))
	ok := true
	for i, element := range elements {
		v := t.value(element, s)
		if v.bad || typ == nil {
			ok = false
			continue
		}
		if typ.Elem != nil {
			texts[i] = convert(v, typ.Elem).String()
		}
	}
	switch {
	case !ok && typ != nil:
		return "", nil
	case typ == nil || typ.Elem != nil && (typ.Elem.Kind == Object || typ.Elem.Kind == List):
		t.fault(e, "a list of such items is not translated")
		return "", nil
	case typ.Elem == nil:
		t.fault(e, "an empty list is not translated here")
		return "", nil
	}
	return strings.Join(texts, ", "), typ.Elem
}

// writeLoop writes a loop; body writes the statements for an item, after which the next item follows.
func (t *translator) writeLoop(l list, s scope, wish string, body func(item value, s scope)) {
	if len(l.steps) > 0 {
		wish = l.steps[0].variable
	}
	line := len(t.lines)
	s = t.open(s, "for")
	s.loop = &loop{line: line, name: wish}
	name := t.freshName(wish, s)
	item := value{code: operand("%s", name), typ: l.elem, path: localPath(name), bad: l.bad}.withBounds()
	header := fmt.Sprintf("for _, %s := range %s {", name, l.items)
	if l.elem.Kind == Object {
		index := t.declareIndex(s)
		header = fmt.Sprintf("for %s := range %s {", index, l.items)
		t.emit("%s := &%s[%s]", name, parenthesized(l.items), index)
	}
	first := len(t.lines)
	t.applySteps(l.steps, item, s, body)
	if !t.isMentioned(name, first) {
		header = fmt.Sprintf("for range %s {", l.items)
		t.lines = slices.Delete(t.lines, line+1, first)
	}
	t.lines[line] = strings.TrimSuffix(t.lines[line], "for") + header // a label may stand before it
	t.close()
}

func parenthesized(c code) string {
	if strings.HasPrefix(c.text, "*") {
		return "(" + c.text + ")"
	}
	return c.text
}

// declareIndex declares an unused name for an index: i, j, k and so on.
func (t *translator) declareIndex(s scope) string {
	for _, name := range []string{"i", "j", "k", "l", "m"} {
		if !s.block.declares(name) {
			s.block.declare(name)
			return name
		}
	}
	return t.freshName("i", s)
}

// applySteps writes the conditions and results of the macros for an item, and then the body.
func (t *translator) applySteps(steps []macro, item value, s scope, body func(item value, s scope)) {
	if len(steps) == 0 {
		body(item, s)
		return
	}
	m := steps[0]
	bound := s.bind(m.variable, item)
	if m.condition == nil {
		t.applyMap(m, steps[1:], bound, s, body)
		return
	}
	if !t.checkDecides(m.condition, bound) {
		return
	}
	known := t.learn(m.condition, bound, true)
	next := func(s scope) {
		if m.name == operators.Map {
			t.applyMap(m, steps[1:], s.bind(m.variable, item), s, body)
		} else {
			t.applySteps(steps[1:], item, s, body)
		}
	}
	skip := target{verb: "continue", loop: s.loop}
	if t.takesStatements(m.condition, bound) {
		t.branch(m.condition, bound, fallThrough, skip)
		next(s.withFacts(known))
		return
	}
	c := t.value(m.condition, bound).code
	line := len(t.lines)
	inner := t.open(s.withFacts(known), "if %s {", c.breakLines(t.lineWidth()))
	next(inner)
	t.close()
	if len(t.lines) > line+3 { // continue early instead of indenting
		t.lines[line] = fmt.Sprintf("if %s {\ncontinue\n}", c.not().breakLines(t.lineWidth()))
		t.lines = t.lines[:len(t.lines)-1]
	}
}

// applyMap takes on the result of a map.
func (t *translator) applyMap(m macro, steps []macro, bound, s scope, body func(item value, s scope)) {
	start := len(t.lines)
	v := t.value(m.result, bound)
	if v.bad {
		return
	}
	if !v.isSimple() {
		wish := m.variable + "Value"
		if len(steps) > 0 {
			wish = steps[0].variable
		}
		name := t.freshName(wish, s)
		t.emit("%s := %s", name, v.code)
		v.code, v.path = operand("%s", name), localPath(name)
	}
	first := len(t.lines)
	t.applySteps(steps, v, s, body)
	if first > start && !t.isMentioned(v.code.text, first) {
		t.lines = slices.Delete(t.lines, start, first)
	}
}

// isMentioned reports whether the lines from the given one on use a name.
func (t *translator) isMentioned(name string, from int) bool {
	return identifiers(t.lines[from:])[name]
}

// quantify writes the loop that finds out whether all items, or one, are as asked, and goes to yes or no. The target
// that an item decides has a verb; break leaves the loop.
func (t *translator) quantify(e ast.Expr, s scope, yes, no target) {
	m := macroOf(e)
	next := target{verb: "continue", falls: true}
	decide := func(item value, s scope, yes, no target) {
		bound := s.bind(m.variable, item)
		if t.checkDecides(m.condition, bound) {
			t.branch(m.condition, bound, yes, no)
		}
	}
	if m.name == "" { // x in a computed list
		_, args := function(e)
		x := t.value(args[0], s)
		if !x.isSimple() && !x.bad {
			name := t.freshName("wanted", s)
			t.emit("%s := %s", name, x.code)
			x.code, x.path = operand("%s", name), localPath(name)
		}
		m.list, m.variable = args[1], "item"
		decide = func(item value, s scope, yes, no target) { t.decide(t.equal(e, x, item).code, s, yes, no) }
	}
	l, ok := t.list(m.list, s)
	if !ok {
		l = list{items: operand("bad"), elem: &Type{}, bad: true} // a fault may be in the condition, too
	}
	t.writeLoop(l, s, m.variable, func(item value, s scope) {
		next.loop = s.loop
		if quantifies(e) == operators.All {
			decide(item, s, next, targetInside(no, s.loop))
		} else {
			decide(item, s, targetInside(yes, s.loop), next)
		}
	})
	if quantifies(e) == operators.All {
		t.jump(yes, s)
	} else {
		t.jump(no, s)
	}
}

// targetInside returns a target as it is reached from inside a loop.
func targetInside(to target, l *loop) target {
	to = to.withoutFalling()
	if to.verb == "break" && to.loop == nil {
		to.loop = l
	}
	return to
}

// count writes a loop that counts the items of a list, and returns the variable.
func (t *translator) count(l list, s scope) value {
	v := lenValue(operand("len(%s)", l.items))
	if l.size >= 0 {
		v = literal(int64(l.size))
	}
	if !l.filters() {
		return v
	}
	name := t.freshName("count", s)
	t.emit("%s := 0", name)
	t.writeLoop(l, s, "item", func(value, scope) { t.emit("%s++", name) })
	v = lenValue(operand("%s", name))
	v.path = localPath(name)
	return v
}

// lenValue returns the value of a Go int that counts something in memory.
func lenValue(c code) value { return value{code: c, typ: lenType, high: 1 << 47} }
