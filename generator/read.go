package generator

import (
	"cmp"
	"fmt"
)

// readMember writes statements that read the value of a member.
func (e *emitter) readMember(m member) {
	if m.nullable {
		e.line("if r.null() {\nbreak\n}")
	}
	place := "v." + m.field
	switch {
	case m.kind == object && m.pointer:
		e.readPointer(m)
		return
	case m.kind == object && m.hasValues():
		e.line("read%s(r, &%s, &values.%s)", m.stem, place, m.field)
		e.deferRead(m.shape)
		return
	case m.isStored():
		place = "values." + m.field
	}
	e.readValue(m.shape, place)
	if m.isStored() {
		e.line("v.%s = &%s", m.field, place)
	}
}

// readPointer writes statements that read an object to which a member points.
func (e *emitter) readPointer(m member) {
	e.deferRead(m.shape)
	if m.hasValues() {
		e.line("more := new(%s)", combinedType(m.shape))
		e.line("read%s(r, &more.object, &more.values)", m.stem)
		e.line("v.%s = &more.object", m.field)
		return
	}
	e.line("v.%s = new(%s)", m.field, m.goType)
	e.line("read%s(r, v.%s)", m.stem, m.field)
}

// deferRead has the function that reads a shape written behind the current one.
func (e *emitter) deferRead(s *shape) { e.deferred = append(e.deferred, func() { e.writeRead(s) }) }

// readValue writes statements that read a value into a place.
func (e *emitter) readValue(s *shape, place string) {
	switch s.kind {
	case anything:
		e.line("%s = r.anyValue(%s)", place, e.rule(s, "type"))
		if hold := e.holderName(s); hold != "" {
			e.line("%s(&r.findings, %s)", hold, place)
		}
	case foreign:
		e.line("r.foreign(&%s, %s)", place, e.rule(s, "type"))
	case list, mapping, free:
		e.deferRead(s)
		e.line("%s = read%s(r)", place, s.stem)
	case object:
		e.deferRead(s)
		e.line("read%s(r, &%s)", s.stem, place)
	case boolean:
		e.line("%s = r.boolean(%s)", place, e.rule(s, "type"))
	case text:
		e.readText(s, place)
	case converted:
		convert := fmt.Sprintf("r.convert(&%s, %s, %s)", place, e.rule(s, "type"), e.rule(s, "format"))
		if hasCheck(s) {
			e.line("if s, ok := %s; ok {\ncheck%s(&r.findings, s)\n}", convert, s.stem)
		} else {
			e.line("%s", convert)
		}
	case integer, number:
		e.readNumber(s, place)
	case textEnum:
		e.line("if s, ok := r.string(%s); ok {\n%s = value%s(&r.findings, s)\n}", e.rule(s, "enum"), place, s.stem)
	case numberEnum:
		e.line("if x, ok := r.whole(%s, %s); ok {\n%s = value%s(&r.findings, x)\n}", e.rule(s, "enum"), e.rule(s, "type"), place, s.stem)
	}
}

// convert wraps an expression in a conversion to the type of a shape, unless it has that type.
func convert(s *shape, from, expression string) string {
	if s.goType == from {
		return expression
	}
	return s.goType + "(" + expression + ")"
}

func (e *emitter) readText(s *shape, place string) {
	if !hasCheck(s) && s.goType == "string" {
		e.line("%s, _ = r.string(%s)", place, e.rule(s, "type"))
		return
	}
	e.line("if s, ok := r.string(%s); ok {", e.rule(s, "type"))
	if hasCheck(s) {
		e.line("check%s(&r.findings, s)", s.stem)
	}
	e.line("%s = %s\n}", place, convert(s, "string", "s"))
}

func (e *emitter) readNumber(s *shape, place string) {
	variable, from := "x", "float64"
	switch format := e.formatRule(s); {
	case s.kind == number:
		e.line("if x, ok := r.float64(%s); ok {", e.rule(s, "type"))
	case e.isExact(s):
		e.line("if n, ok := r.exact(%s, %s); ok {\ncheck%s(&r.findings, n)", e.rule(s, "type"), cmp.Or(format, e.rule(s, "type")), s.stem)
		e.writeRangeCheck(s, "r", "n")
		e.line("%s = %s\n}", place, convert(s, "int64", "n"))
		return
	case format == "":
		e.line("if x, ok := r.integer(%s); ok {", e.rule(s, "type"))
	case s.basic == "int32":
		e.line("if x, ok := r.int32(%s, %s); ok {", e.rule(s, "type"), format)
	default:
		variable, from = "n", "int64"
		x := "_"
		if hasCheck(s) {
			x = "x"
		}
		e.line("if n, %s, ok := r.int64(%s, %s); ok {", x, e.rule(s, "type"), format)
	}
	if hasCheck(s) {
		e.line("check%s(&r.findings, x)", s.stem)
	}
	if s.kind == integer {
		e.writeRangeCheck(s, "r", variable)
	}
	e.line("%s = %s\n}", place, convert(s, from, variable))
}

// formatRule returns the rule that an integer breaks if it is too large for its Go type: format, or type without a
// format. It is empty if the bounds of the schema are tighter anyway and the document states no rule for the format.
func (e *emitter) formatRule(s *shape) string {
	v := s.schema
	limit := float64(1 << 53) // up to here a float64 is exact
	if s.basic == "int32" {
		limit = 1 << 31
	}
	hasRule := e.plan.document.Keyword(v, "format", "") != nil
	switch {
	case !hasRule && v.Min != nil && *v.Min >= -limit && v.Max != nil && *v.Max < limit:
		return ""
	case hasRule || v.Format != "":
		return e.rule(s, "format")
	}
	return e.rule(s, "type")
}

// writeReadList writes the function that reads a list.
func (e *emitter) writeReadList(s *shape) {
	item := s.item
	beside := item.kind == object && item.hasValues() && !s.pointer
	e.comment("read%s reads %s.", s.stem, s.path)
	e.line("func read%s(r *reader) %s {", s.stem, s.goType)
	e.line("if !r.array(%s) {\nreturn nil\n}", e.rule(s, "type"))
	start := limitsCount(s) || s.schema.UniqueItems
	keeps := "r.clean()"
	switch {
	case s.schema.MaxItems != nil:
		keeps = fmt.Sprintf("n < %d", *s.schema.MaxItems)
	case s.read:
		keeps = "true"
	}
	e.declareCounters(s, start)
	if s.schema.UniqueItems {
		e.line("var unique uniques")
	}
	if beside {
		e.line("var item *%s", combinedType(item))
	}
	e.line("for ; r.item(); n++ {\nmark := len(r.found)")
	if s.schema.UniqueItems {
		e.line("at := r.at")
	}
	if beside {
		e.deferRead(item)
		e.line("if n == 0 || %s {\nitem = new(%s)\n} else {\n*item = %s{}\n}", keeps, combinedType(item), combinedType(item))
		e.line("read%s(r, &item.object, &item.values)", item.stem)
		e.keepItem(keeps, "item.object")
	} else {
		e.readInside(s, "item")
		e.keepItem(keeps, "item")
	}
	if s.schema.UniqueItems {
		e.line("unique.add(r, at)")
	}
	e.line("r.withinItem(mark, n)\n}")
	if s.schema.UniqueItems {
		e.line("if unique.twice {\nr.insert(start, %s)\n}", e.rule(s, "uniqueItems"))
	}
	if limitsCount(s) {
		e.line("count%s(&r.findings, start, n)", s.stem)
	}
	if start && s.hasRules() {
		e.line("r.settle(start)")
	}
	e.line("return items\n}\n")
}

// keepItem writes the statement that keeps an item under a condition.
func (e *emitter) keepItem(condition, item string) {
	if condition == "true" {
		e.line("items = append(items, %s)", item)
	} else {
		e.line("if %s {\nitems = append(items, %s)\n}", condition, item)
	}
}

// writeReadMap writes the function that reads a map.
func (e *emitter) writeReadMap(s *shape) {
	e.comment("read%s reads %s.", s.stem, s.path)
	e.line("func read%s(r *reader) %s {", s.stem, s.goType)
	e.line("if !r.object(%s) {\nreturn nil\n}", e.rule(s, "type"))
	if limitsCount(s) {
		e.declareCounters(s, true)
		e.line("var known names\nfor ; r.member(); n++ {")
	} else {
		e.line("items := %s{}\nvar known names\nfor r.member() {", s.goType)
	}
	e.line("name, mark := r.name, len(r.found)")
	e.line("if known.add(r) {")
	e.readInside(s, "item")
	e.line("items[name] = item\n} else {\nr.twice()\n}")
	e.line("r.within(mark, name)\n}")
	e.writeRequiredKeys(s, "r", "items")
	if limitsCount(s) {
		e.line("count%s(&r.findings, start, n)", s.stem)
		if s.hasRules() {
			e.line("r.settle(start)")
		}
	}
	e.line("return items\n}\n")
}

// writeReadFree writes the function that reads a map with values of any type.
func (e *emitter) writeReadFree(s *shape) {
	e.comment("read%s reads %s, an object of any members.", s.stem, s.path)
	e.line("func read%s(r *reader) %s {\nif r.peek() != '{' {\nr.wrong(%s)\nreturn nil\n}", s.stem, s.goType, e.rule(s, "type"))
	if limitsCount(s) || isClosed(s) {
		e.line("start := len(r.found)")
	}
	e.line("object, _ := r.any().(map[string]any)")
	if len(s.more) > 0 {
		e.line("if object != nil { // it holds no mistake")
		e.writeRequiredKeys(s, "r", "object")
		e.line("}")
	}
	if limitsCount(s) {
		e.line("count%s(&r.findings, start, len(object))", s.stem)
	}
	if isClosed(s) {
		e.line("if len(object) > 0 {\nr.insert(start, %s)\n}", e.rule(s, "additionalProperties"))
	}
	e.line("return object\n}\n")
}

// readInside writes statements that read an item of a list or a map into a variable.
func (e *emitter) readInside(s *shape, variable string) {
	item := s.item
	star := ""
	if s.pointer {
		star = "*"
	}
	e.line("var %s %s%s", variable, star, item.goType)
	if s.holes {
		e.line("if !r.null() {")
	}
	switch {
	case item.kind == object && item.hasValues():
		e.deferRead(item)
		e.line("more := new(%s)\nread%s(r, &more.object, &more.values)", combinedType(item), item.stem)
		if s.pointer {
			e.line("%s = &more.object", variable)
		} else {
			e.line("%s = more.object", variable)
		}
	case s.pointer:
		e.line("%s = new(%s)", variable, item.goType)
		e.readValue(item, "(*"+variable+")")
	default:
		e.readValue(item, variable)
	}
	if s.holes {
		e.line("}")
	}
}

// declareCounters declares the variables of a list or a map: the items, their number, and the violations before them.
func (e *emitter) declareCounters(s *shape, start bool) {
	if start {
		e.line("items, n, start := %s{}, 0, len(r.found)", s.goType)
	} else {
		e.line("items, n := %s{}, 0", s.goType)
	}
}
