package generator

import "github.com/getkin/kin-openapi/openapi3"

// validators returns validate.gen.go: a method for every object that checks it, and the functions that check single
// values, which decode.gen.go calls too.
func validators(p *plan, b *shapes) string {
	e := newEmitter(p, b)
	for _, s := range b.order {
		if s.kind == object {
			e.writeValidateMethod(s)
		}
		e.writeValidate(s)
		e.writeDeferred()
	}
	e.writeParameterChecks()
	return e.text.String() + e.patterns.text.String()
}

// writeValidateMethod writes the exported method of an object.
func (e *emitter) writeValidateMethod(s *shape) {
	e.comment("Validate checks the value against the document, as [Decode%s] does while it reads. It returns all violations, nil "+
		"when there are none.", s.goType)
	e.line("func (v *%s) Validate() Violations {", s.goType)
	e.line("var f findings\nif v == nil {\nf.add(%s)\nreturn f.result()\n}", e.rule(s, "type"))
	e.line("validate%s(&f, v)\nreturn f.result()\n}\n", s.stem)
}

// writeValidate writes the functions that validate a value of a shape, once.
func (e *emitter) writeValidate(s *shape) {
	if !e.claimFunction("validate" + s.stem) {
		return
	}
	switch s.kind {
	case object:
		e.writeValidateObject(s)
	case list:
		e.writeValidateList(s)
	case mapping:
		e.writeValidateMap(s)
	case free:
		e.writeValidateFree(s)
	case text, converted:
		e.writeTextCheck(s)
	case integer, number:
		e.writeNumberCheck(s)
	case textEnum, numberEnum:
		e.writeValueFunction(s)
	case anything:
		if e.holderName(s) != "" {
			e.holderOf(&openapi3.SchemaRef{Value: s.schema}, s.stem, s.path)
		}
	}
	if limitsCount(s) {
		e.writeCountCheck(s)
	}
}

func (e *emitter) deferValidate(s *shape) {
	e.deferred = append(e.deferred, func() { e.writeValidate(s) })
}

// writeValidateObject writes the function that validates an object.
func (e *emitter) writeValidateObject(s *shape) {
	e.comment("validate%s checks %s against the document.", s.stem, withArticle(s.goType))
	e.line("func validate%s(f *findings, v *%s) {", s.stem, s.goType)
	if len(s.rules) > 0 || limitsCount(s) {
		e.line("start := len(f.found)")
	}
	if limitsCount(s) {
		e.countMembers(s)
	}
	var members []member
	for _, m := range s.members {
		if e.needsCheck(m) {
			members = append(members, m)
		}
	}
	for i, m := range members {
		end := "mark = f.within"
		if i == 0 {
			e.line("mark := len(f.found)")
		}
		if i == len(members)-1 {
			end = "f.within"
		}
		e.validateMember(m)
		e.line("%s(mark, %q)", end, m.name)
	}
	if s.item != nil {
		if e.itemsNeedCheck(s) {
			e.line("for _, name := range slices.Sorted(maps.Keys(v.AdditionalProperties)) {\nmark, item := len(f.found), v.AdditionalProperties[name]")
			e.validateInside(s, "item")
			e.line("f.within(mark, name)\n}")
		}
		e.writeRequiredKeys(s, "f", "v.AdditionalProperties")
	}
	if len(s.rules) > 0 {
		e.line("judge%s(f, start, v)", s.stem)
	}
	if limitsCount(s) && s.hasRules() {
		e.line("f.settle(start)")
	}
	e.line("}\n")
}

// countMembers writes statements that count the members of a Go value.
func (e *emitter) countMembers(s *shape) {
	always := 0
	var optional []member
	for _, m := range s.members {
		if m.required || m.absentValue() == "" {
			always++
		} else {
			optional = append(optional, m)
		}
	}
	e.line("n := %d", always)
	for _, m := range optional {
		e.line("if v.%s != %s {\nn++\n}", m.field, m.absentValue())
	}
	if s.item != nil {
		e.line("n += len(v.AdditionalProperties)")
	}
	e.line("count%s(f, start, n)", s.stem)
}

// needsCheck reports whether a member of a Go value can break a rule.
func (e *emitter) needsCheck(m member) bool {
	if m.required && !m.nullable && (m.pointer || isNilable(m.kind)) {
		return true // it may be nil
	}
	return valueNeedsCheck(m.shape)
}

// itemsNeedCheck reports whether an item of a list or a map in Go can break a rule.
func (e *emitter) itemsNeedCheck(s *shape) bool {
	return valueNeedsCheck(s.item) || !s.holes && (s.pointer || isNilable(s.item.kind))
}

// valueNeedsCheck reports whether a Go value of a shape can break a rule. Its type excludes most wrong values.
func valueNeedsCheck(s *shape) bool {
	switch s.kind {
	case integer, number, converted:
		return hasCheck(s)
	case free:
		return limitsCount(s) || isClosed(s) || len(s.more) > 0
	case anything:
		return limitsAny(s.schema)
	case foreign, boolean:
		return false
	}
	return true
}

// isClosed reports whether an object may only have the members that its schema names.
func isClosed(s *shape) bool {
	return s.schema.AdditionalProperties.Has != nil && !*s.schema.AdditionalProperties.Has
}

// isNilable reports whether a Go value of the kind can be nil without being a pointer.
func isNilable(k kind) bool { return k == list || k == mapping || k == free || k == anything }

// validateMember writes statements that validate a member.
func (e *emitter) validateMember(m member) {
	place := "v." + m.field
	nothing := m.absentValue()
	if nothing == "" || m.required && (!m.pointer && !m.nullable || !m.pointer && !isNilable(m.kind)) {
		e.validateValue(m.shape, place) // the function for a list or a map refuses nil
		return
	}
	if m.pointer {
		place = "*" + place
	}
	e.line("if v.%s != %s {", m.field, nothing)
	e.validateValue(m.shape, place)
	if m.required && !m.nullable {
		e.line("} else {\nf.add(%s)", e.rule(m.shape, "type"))
	}
	e.line("}")
}

// validateValue writes statements that validate the value at a place.
func (e *emitter) validateValue(s *shape, place string) {
	e.deferValidate(s)
	switch s.kind {
	case object:
		if place[0] == '*' {
			e.line("validate%s(f, %s)", s.stem, place[1:])
		} else {
			e.line("validate%s(f, &%s)", s.stem, place)
		}
	case list, mapping:
		e.line("validate%s(f, %s)", s.stem, place)
	case free:
		if valueNeedsCheck(s) {
			e.line("validate%s(f, %s)", s.stem, place)
		} else {
			e.line("if %s == nil {\nf.add(%s)\n}", place, e.rule(s, "type"))
		}
	case anything:
		e.line("if %s == nil {\nf.add(%s)\n}", place, e.rule(s, "type"))
		if hold := e.holderName(s); hold != "" {
			e.line("%s(f, %s)", hold, place)
		}
	case text:
		if hasCheck(s) {
			e.line("if f.text(%s) {\ncheck%s(f, %s)\n}", toString(s, place), s.stem, toString(s, place))
		} else {
			e.line("f.text(%s)", toString(s, place))
		}
	case converted:
		if hasCheck(s) {
			e.line("if s, ok := written(%s); ok {\ncheck%s(f, s)\n}", place, s.stem)
		}
	case integer, number:
		if hasCheck(s) {
			value := "float64(" + place + ")"
			if e.isExact(s) {
				value = "int64(" + place + ")"
			}
			e.line("check%s(f, %s)", s.stem, value)
		}
	case textEnum:
		e.line("value%s(f, string(%s))", s.stem, place)
	case numberEnum:
		e.line("value%s(f, int64(%s))", s.stem, place)
	}
}

func toString(s *shape, place string) string {
	if s.goType == "string" {
		return place
	}
	return "string(" + place + ")"
}

// beginValidateItems writes the beginning of the function that validates a list or a map: nil is refused.
func (e *emitter) beginValidateItems(s *shape) {
	e.comment("validate%s checks %s against the document.", s.stem, s.path)
	e.line("func validate%s(f *findings, items %s) {", s.stem, s.goType)
	if !s.nullable {
		e.line("if items == nil {\nf.add(%s)\nreturn\n}", e.rule(s, "type"))
	}
}

// writeValidateList writes the function that validates a list.
func (e *emitter) writeValidateList(s *shape) {
	e.beginValidateItems(s)
	settles := (limitsCount(s) || s.schema.UniqueItems) && s.hasRules()
	if settles {
		e.line("start := len(f.found)")
	}
	if limitsCount(s) {
		e.line("count%s(f, len(f.found), len(items))", s.stem)
	}
	if s.schema.UniqueItems {
		e.line("if repeats(items) {\nf.add(%s)\n}", e.rule(s, "uniqueItems"))
	}
	if e.itemsNeedCheck(s) {
		e.line("for i := range items {\nmark := len(f.found)")
		e.validateInside(s, "items[i]")
		e.line("f.withinItem(mark, i)\n}")
	}
	if settles {
		e.line("f.settle(start)")
	}
	e.line("}\n")
}

// writeValidateMap writes the function that validates a map.
func (e *emitter) writeValidateMap(s *shape) {
	e.beginValidateItems(s)
	if limitsCount(s) {
		e.line("count%s(f, len(f.found), len(items))", s.stem)
	}
	if e.itemsNeedCheck(s) {
		e.line("for _, name := range slices.Sorted(maps.Keys(items)) {\nmark, item := len(f.found), items[name]")
		e.validateInside(s, "item")
		e.line("f.within(mark, name)\n}")
	}
	e.writeRequiredKeys(s, "f", "items")
	e.line("}\n")
}

// writeValidateFree writes the function that validates a map with values of any type.
func (e *emitter) writeValidateFree(s *shape) {
	if !valueNeedsCheck(s) {
		return
	}
	e.beginValidateItems(s)
	if limitsCount(s) {
		e.line("count%s(f, len(f.found), len(items))", s.stem)
	}
	if isClosed(s) {
		e.line("if len(items) > 0 {\nf.add(%s)\n}", e.rule(s, "additionalProperties"))
	}
	e.writeRequiredKeys(s, "f", "items")
	e.line("}\n")
}

func (e *emitter) validateInside(s *shape, place string) {
	if !s.pointer && (!s.holes || !isNilable(s.item.kind)) {
		e.validateValue(s.item, place)
		return
	}
	e.line("if %s != nil {", place)
	if s.pointer {
		e.validateValue(s.item, "*"+place)
	} else {
		e.validateValue(s.item, place)
	}
	if !s.holes {
		e.line("} else {\nf.add(%s)", e.rule(s.item, "type"))
	}
	e.line("}")
}
