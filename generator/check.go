package generator

import (
	"math"
	"strconv"
)

// checked reports whether a text or a number is held against keywords in a function of its own.
func checked(s *shape) bool {
	v := s.schema
	switch s.kind {
	case text, converted:
		return v.MinLength > 0 || v.MaxLength != nil || v.Pattern != ""
	case integer, number:
		return v.Min != nil || v.Max != nil || v.MultipleOf != nil
	}
	return false
}

// counted reports whether the number of items or members is held against keywords.
func counted(s *shape) bool {
	v := s.schema
	switch s.kind {
	case list:
		return v.MinItems > 0 || v.MaxItems != nil
	case object, mapping:
		return v.MinProps > 0 || v.MaxProps != nil
	}
	return false
}

// validators writes validate.gen.go: a method for every object that holds it against the document, and the functions
// that hold single values against their keywords, which decode.gen.go calls too.
func validators(p *plan, b *shapes) string {
	e := newEmitter(p, b)
	for _, s := range b.order {
		if s.kind == object {
			e.validate(s)
		}
		e.validates(s)
		e.flush()
	}
	return e.text.String() + e.patterns.text.String()
}

// validate writes the exported method of an object.
func (e *emitter) validate(s *shape) {
	e.comment("Validate holds the value against the document, as [Decode%s] does while it reads. It returns all violations, nil "+
		"when there are none.", s.goType)
	e.line("func (v *%s) Validate() Violations {", s.goType)
	e.line("var f findings\nif v == nil {\nf.add(%s)\nreturn f.result()\n}", e.rule(s, "type"))
	e.line("validate%s(&f, v)\nreturn f.result()\n}\n", s.stem)
}

// validates writes the function that validates a value of a shape, and those that it calls.
func (e *emitter) validates(s *shape) {
	if !e.once("validate" + s.stem) {
		return
	}
	switch s.kind {
	case object:
		e.validatesObject(s)
	case list:
		e.validatesList(s)
	case mapping:
		e.validatesMap(s)
	case text, converted:
		e.checksText(s)
	case integer, number:
		e.checksNumber(s)
	case textEnum, numberEnum:
		e.valuesOf(s)
	}
	if counted(s) {
		e.counts(s)
	}
}

func (e *emitter) putValidates(s *shape) {
	e.later = append(e.later, func() { e.validates(s) })
}

// validatesObject writes the function that validates an object.
func (e *emitter) validatesObject(s *shape) {
	e.comment("validate%s holds %s against the document.", s.stem, withArticle(s.goType))
	e.line("func validate%s(f *findings, v *%s) {", s.stem, s.goType)
	if len(s.rules) > 0 || counted(s) {
		e.line("start := len(f.found)")
	}
	if counted(s) {
		e.countMembers(s)
	}
	var members []member
	for _, m := range s.members {
		if e.judges(m) {
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
	if len(s.rules) > 0 {
		e.line("judge%s(f, start, v)", s.stem)
	}
	if counted(s) && s.hasRules() {
		e.line("f.settle(start)")
	}
	e.line("}\n")
}

// countMembers writes how the members of a Go value are counted.
func (e *emitter) countMembers(s *shape) {
	always := 0
	var optional []member
	for _, m := range s.members {
		if m.required || m.absent() == "" {
			always++
		} else {
			optional = append(optional, m)
		}
	}
	e.line("n := %d", always)
	for _, m := range optional {
		e.line("if v.%s != %s {\nn++\n}", m.field, m.absent())
	}
	e.line("count%s(f, start, n)", s.stem)
}

// judges reports whether there is anything to check of a member of a Go value.
func (e *emitter) judges(m member) bool {
	if m.required && !m.nullable && (m.pointer || nilable(m.kind)) {
		return true // it may be nil
	}
	return judged(m.shape)
}

// judgesInside does so for the items of a list or a map.
func (e *emitter) judgesInside(s *shape) bool {
	return judged(s.item) || !s.item.nullable && (s.pointer || nilable(s.item.kind))
}

// judged reports whether there is anything to check of a Go value.
func judged(s *shape) bool {
	switch s.kind {
	case integer, number:
		return checked(s)
	case anything, foreign, free, boolean, converted:
		return false
	}
	return true
}

// nilable reports whether a Go value of the kind can be nil without being a pointer.
func nilable(k kind) bool { return k == list || k == mapping || k == free || k == anything }

// validateMember writes how a member is validated.
func (e *emitter) validateMember(m member) {
	place := "v." + m.field
	nothing := m.absent()
	if nothing == "" || m.required && (!m.pointer && !m.nullable || !m.pointer && !nilable(m.kind)) {
		e.validateValue(m.shape, place) // of a list or a map, nil is refused there
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

// validateValue writes how a value at a place is validated.
func (e *emitter) validateValue(s *shape, place string) {
	e.putValidates(s)
	switch s.kind {
	case object:
		if place[0] == '*' {
			e.line("validate%s(f, %s)", s.stem, place[1:])
		} else {
			e.line("validate%s(f, &%s)", s.stem, place)
		}
	case list, mapping:
		e.line("validate%s(f, %s)", s.stem, place)
	case free, anything:
		e.line("if %s == nil {\nf.add(%s)\n}", place, e.rule(s, "type"))
	case text:
		if checked(s) {
			e.line("if f.text(%s) {\ncheck%s(f, %s)\n}", toString(s, place), s.stem, toString(s, place))
		} else {
			e.line("f.text(%s)", toString(s, place))
		}
	case integer, number:
		if checked(s) {
			e.line("check%s(f, float64(%s))", s.stem, place)
		}
	case textEnum:
		e.line("value%s(f, string(%s))", s.stem, place)
	case numberEnum:
		e.line("value%s(f, float64(%s))", s.stem, place)
	}
}

func toString(s *shape, place string) string {
	if s.goType == "string" {
		return place
	}
	return "string(" + place + ")"
}

// validatesList writes the function that validates a list.
func (e *emitter) validatesList(s *shape) {
	e.comment("validate%s holds %s against the document.", s.stem, s.path)
	e.line("func validate%s(f *findings, items %s) {", s.stem, s.goType)
	if !s.nullable {
		e.line("if items == nil {\nf.add(%s)\nreturn\n}", e.rule(s, "type"))
	}
	settles := (counted(s) || s.schema.UniqueItems) && s.hasRules()
	if settles {
		e.line("start := len(f.found)")
	}
	if counted(s) {
		e.line("count%s(f, len(f.found), len(items))", s.stem)
	}
	if s.schema.UniqueItems {
		e.line("if repeats(items) {\nf.add(%s)\n}", e.rule(s, "uniqueItems"))
	}
	if e.judgesInside(s) {
		e.line("for i := range items {\nmark := len(f.found)")
		e.validateInside(s, "items[i]")
		e.line("f.withinItem(mark, i)\n}")
	}
	if settles {
		e.line("f.settle(start)")
	}
	e.line("}\n")
}

// validatesMap writes the function that validates a map.
func (e *emitter) validatesMap(s *shape) {
	e.comment("validate%s holds %s against the document.", s.stem, s.path)
	e.line("func validate%s(f *findings, items %s) {", s.stem, s.goType)
	if !s.nullable {
		e.line("if items == nil {\nf.add(%s)\nreturn\n}", e.rule(s, "type"))
	}
	if counted(s) {
		e.line("count%s(f, len(f.found), len(items))", s.stem)
	}
	if e.judgesInside(s) {
		e.line("for _, name := range slices.Sorted(maps.Keys(items)) {\nmark, item := len(f.found), items[name]")
		e.validateInside(s, "item")
		e.line("f.within(mark, name)\n}")
	}
	e.line("}\n")
}

func (e *emitter) validateInside(s *shape, place string) {
	if !s.pointer {
		e.validateValue(s.item, place)
		return
	}
	e.line("if %s != nil {", place)
	e.validateValue(s.item, "*"+place)
	if !s.item.nullable {
		e.line("} else {\nf.add(%s)", e.rule(s.item, "type"))
	}
	e.line("}")
}

// checksText writes the function that holds a text against its keywords.
func (e *emitter) checksText(s *shape) {
	if !checked(s) {
		return
	}
	v := s.schema
	e.comment("check%s holds a text against the keywords of %s.", s.stem, s.path)
	e.line("func check%s(f *findings, s string) {", s.stem)
	if v.MinLength > 0 || v.MaxLength != nil {
		e.line("n := utf8.RuneCountInString(s)")
	}
	if v.MinLength > 0 {
		e.line("if n < %d {\nf.add(%s)\n}", v.MinLength, e.rule(s, "minLength"))
	}
	if v.MaxLength != nil {
		e.line("if n > %d {\nf.add(%s)\n}", *v.MaxLength, e.rule(s, "maxLength"))
	}
	if v.Pattern != "" {
		e.line("if !%s(s) {\nf.add(%s)\n}", e.patterns.function(v.Pattern, s.stem), e.rule(s, "pattern"))
	}
	e.line("}\n")
}

// checksNumber writes the function that holds a number against its keywords.
func (e *emitter) checksNumber(s *shape) {
	if !checked(s) {
		return
	}
	v := s.schema
	e.comment("check%s holds a number against the keywords of %s.", s.stem, s.path)
	e.line("func check%s(f *findings, x float64) {", s.stem)
	bound := func(limit *float64, exclusive bool, sign, keyword, exclusiveKeyword string) {
		if limit == nil {
			return
		}
		if exclusive {
			e.line("if x %s= %s {\nf.add(%s)\n}", sign, float(*limit), e.rule(s, exclusiveKeyword))
		}
		e.line("if x %s %s {\nf.add(%s)\n}", sign, float(*limit), e.rule(s, keyword))
	}
	exclusiveMin := v.ExclusiveMin.Bool != nil && *v.ExclusiveMin.Bool
	exclusiveMax := v.ExclusiveMax.Bool != nil && *v.ExclusiveMax.Bool
	bound(v.Min, exclusiveMin, "<", "minimum", "exclusiveMinimum")
	bound(v.Max, exclusiveMax, ">", "maximum", "exclusiveMaximum")
	if v.MultipleOf != nil {
		e.line("if !multiple(x, %s) {\nf.add(%s)\n}", float(*v.MultipleOf), e.rule(s, "multipleOf"))
	}
	e.line("}\n")
}

// float writes a number as Go.
func float(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e15 {
		return strconv.FormatInt(int64(x), 10)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// valuesOf writes the function that finds the constant of an enumeration for a value.
func (e *emitter) valuesOf(s *shape) {
	from, zero := "s string", `""`
	if s.kind == numberEnum {
		from, zero = "x float64", "0"
	}
	e.comment("value%s returns the constant of a value of %s.", s.stem, s.goType)
	e.line("func value%s(f *findings, %s) %s {\nswitch %s {", s.stem, from, s.goType, from[:1])
	for _, c := range s.values {
		e.line("case %s:\nreturn %s", c.Literal, c.Name)
	}
	e.line("}\nf.add(%s)\nreturn %s\n}\n", e.rule(s, "enum"), zero)
}

// counts writes the function that holds a number of items or members against the keywords.
func (e *emitter) counts(s *shape) {
	v := s.schema
	e.comment("count%s holds the number of items of %s against the document.", s.stem, s.path)
	e.line("func count%s(f *findings, mark, n int) {", s.stem)
	low, high, least, most := v.MinItems, v.MaxItems, "minItems", "maxItems"
	if s.kind != list {
		low, high, least, most = v.MinProps, v.MaxProps, "minProperties", "maxProperties"
	}
	if low > 0 {
		e.line("if n < %d {\nf.insert(mark, %s)\n}", low, e.rule(s, least))
	}
	if high != nil {
		e.line("if n > %d {\nf.insert(mark, %s)\n}", *high, e.rule(s, most))
	}
	e.line("}\n")
}
