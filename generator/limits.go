package generator

import (
	"math"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// hasCheck reports whether a text or a number has a check function.
func hasCheck(s *shape) bool {
	switch s.kind {
	case text, converted:
		return limitsText(s.schema)
	case integer, number:
		return limitsNumber(s.schema)
	}
	return false
}

// limitsText reports whether a schema has keywords that limit texts.
func limitsText(v *openapi3.Schema) bool {
	return v.MinLength > 0 || v.MaxLength != nil || v.Pattern != ""
}

// limitsNumber reports whether a schema has keywords that limit numbers.
func limitsNumber(v *openapi3.Schema) bool {
	return v.Min != nil || v.Max != nil || v.MultipleOf != nil
}

// limitsCount reports whether a schema limits the number of items or members.
func limitsCount(s *shape) bool {
	v := s.schema
	switch s.kind {
	case list:
		return v.MinItems > 0 || v.MaxItems != nil
	case object, mapping, free:
		return v.MinProps > 0 || v.MaxProps != nil
	}
	return false
}

// writeTextCheck writes the function that checks a text by its keywords.
func (e *emitter) writeTextCheck(s *shape) {
	if !limitsText(s.schema) {
		return
	}
	v := s.schema
	e.comment("check%s checks a text against the keywords of %s.", s.stem, s.path)
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
		e.line("if !%s(s) {\nf.add(%s)\n}", e.patterns.functionFor(v.Pattern, s.stem), e.rule(s, "pattern"))
	}
	e.line("}\n")
}

// writeNumberCheck writes the function that checks a number by its keywords. It compares as float64, or as int64 if a
// float64 is too coarse for a limit.
func (e *emitter) writeNumberCheck(s *shape) {
	v := s.schema
	if !limitsNumber(v) {
		return
	}
	parameter, exact := "x float64", e.isExact(s)
	if exact {
		parameter = "n int64"
	}
	e.comment("check%s checks a number against the keywords of %s.", s.stem, s.path)
	e.line("func check%s(f *findings, %s) {", s.stem, parameter)
	operands := func(limit float64, keyword string) (value, text string) {
		if !exact {
			return "x", goNumber(limit)
		}
		if text, whole := e.plan.exactLimit(v, keyword, limit); whole {
			return "n", text
		}
		return "float64(n)", goNumber(limit)
	}
	bound := func(limit *float64, exclusive bool, sign, keyword, exclusiveKeyword string) {
		if limit == nil {
			return
		}
		value, text := operands(*limit, keyword)
		if exclusive {
			e.line("if %s %s= %s {\nf.add(%s)\n}", value, sign, text, e.rule(s, exclusiveKeyword))
		}
		e.line("if %s %s %s {\nf.add(%s)\n}", value, sign, text, e.rule(s, keyword))
	}
	bound(v.Min, v.ExclusiveMin.IsTrue(), "<", "minimum", "exclusiveMinimum")
	bound(v.Max, v.ExclusiveMax.IsTrue(), ">", "maximum", "exclusiveMaximum")
	if v.MultipleOf != nil {
		value, text := operands(*v.MultipleOf, "multipleOf")
		broken := "!multiple(" + value + ", " + text + ")"
		if value == "n" {
			broken = "n%" + text + " != 0"
		}
		e.line("if %s {\nf.add(%s)\n}", broken, e.rule(s, "multipleOf"))
	}
	e.line("}\n")
}

// goNumber writes a number as Go.
func goNumber(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) <= inexact {
		return strconv.FormatInt(int64(x), 10)
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// writeValueFunction writes the function that returns the constant of an enumeration for a value. It checks the other
// keywords of the schema as well.
func (e *emitter) writeValueFunction(s *shape) {
	from, zero, limits, checks := "s string", `""`, limitsText(s.schema), e.writeTextCheck
	if s.kind == numberEnum {
		from, zero, limits, checks = "x int64", "0", limitsNumber(s.schema), e.writeNumberCheck
	}
	if limits {
		defer checks(s)
	}
	e.comment("value%s returns the constant of a value of %s.", s.stem, s.goType)
	e.line("func value%s(f *findings, %s) %s {", s.stem, from, s.goType)
	if limits {
		value := from[:1]
		if s.kind == numberEnum {
			value = e.checkedInteger(s, value)
		}
		e.line("check%s(f, %s)", s.stem, value)
	}
	e.line("switch %s {", from[:1])
	for _, c := range s.values {
		e.line("case %s:\nreturn %s", c.Literal, c.Name)
	}
	e.line("}\nf.add(%s)\nreturn %s\n}\n", e.rule(s, "enum"), zero)
}

// writeCountCheck writes the function that checks a number of items or members by the keywords.
func (e *emitter) writeCountCheck(s *shape) {
	v := s.schema
	e.comment("count%s checks the number of items of %s against the document.", s.stem, s.path)
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
