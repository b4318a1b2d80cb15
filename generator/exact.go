package generator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// inexact is the first integer that a float64 cannot tell from the next one. kin-openapi reads every number as a float64,
// so larger limits are taken from the text of the document; otherwise the generated code would enforce another limit.
const inexact = 1 << 53

// exactInteger returns the integer at a place of the document as text, empty if there is none.
func (p *planner) exactInteger(at path) string {
	if p.numbers == nil {
		decoder := json.NewDecoder(bytes.NewReader(p.document.JSON()))
		decoder.UseNumber()
		if decoder.Decode(&p.numbers) != nil {
			p.numbers = map[string]any{} // cannot happen: the document was read before
		}
	}
	value, _ := source.Lookup(p.numbers, at.String())
	number, _ := value.(json.Number)
	if _, err := number.Int64(); err != nil {
		return ""
	}
	return number.String()
}

// rememberExactLimits records the limits of an integer schema as text.
func (p *planner) rememberExactLimits(s *openapi3.Schema, at path) {
	if !s.Type.Is("integer") {
		return
	}
	texts := map[string]string{}
	for keyword, value := range map[string]*float64{"minimum": s.Min, "maximum": s.Max, "multipleOf": s.MultipleOf} {
		if value != nil {
			texts[keyword] = p.exactInteger(at.join(keyword))
		}
	}
	if s.Default != nil {
		texts["default"] = p.exactInteger(at.join("default"))
	}
	p.exact[s] = texts
}

// isExact reports whether an integer must be compared with its limits as an integer. Comparing as float64 is faster, but
// too coarse for large limits.
func (p *plan) isExact(s *openapi3.Schema) bool {
	if !s.Type.Is("integer") {
		return false
	}
	beyond := func(limit *float64) bool { return limit != nil && (*limit >= inexact || *limit <= -inexact) }
	bounded := s.Min != nil && s.Max != nil
	return beyond(s.Min) || beyond(s.Max) || s.MultipleOf != nil && !bounded
}

// exactLimit returns the text of a limit, and whether it is an integer literal.
func (p *plan) exactLimit(s *openapi3.Schema, keyword string, value float64) (text string, whole bool) {
	if text = p.exact[s][keyword]; text != "" {
		return text, true
	}
	return goNumber(value), false
}

// exactMessage returns the message of a rule with the exact limit in place of the rounded one.
func (p *plan) exactMessage(s *openapi3.Schema, keyword, message string) string {
	if keyword == "enum" && s.Type.Is("integer") {
		said, exact := make([]string, len(s.Enum)), make([]string, 0, len(s.Enum))
		for i, value := range s.Enum {
			said[i] = fmt.Sprint(value)
		}
		for _, c := range p.constants[s] {
			exact = append(exact, c.Literal)
		}
		return strings.Replace(message, strings.Join(said, ", "), strings.Join(exact, ", "), 1)
	}
	name := strings.Replace(keyword, "exclusiveM", "m", 1)
	limits := map[string]*float64{"minimum": s.Min, "maximum": s.Max, "multipleOf": s.MultipleOf}
	exact := p.exact[s][name]
	if limit := limits[name]; limit != nil && exact != "" {
		if said := fmt.Sprintf("%.16g", *limit); said != exact {
			return strings.Replace(message, " "+said, " "+exact, 1)
		}
	}
	return message
}

// isExact reports whether the check function of an integer takes an int64. A float64 is exact for 32 bits.
func (e *emitter) isExact(s *shape) bool { return s.basic != "int32" && e.plan.isExact(s.schema) }

// rangeOf returns the bounds of an integer type as Go, empty where int64 has the same.
func rangeOf(basic string) (low, high string) {
	switch basic {
	case "int8", "int16":
		return "math.MinInt" + basic[3:], "math.MaxInt" + basic[3:]
	case "uint8", "uint16", "uint32":
		return "0", "math.MaxUint" + strings.TrimPrefix(basic, "uint")
	case "uint", "uint64":
		return "0", ""
	}
	return "", ""
}

// writeRangeCheck writes the check that an integer fits its Go type.
func (e *emitter) writeRangeCheck(s *shape, findings, variable string) {
	low, high := rangeOf(s.basic)
	var conditions []string
	if low != "" {
		conditions = append(conditions, variable+" < "+low)
	}
	if high != "" {
		conditions = append(conditions, variable+" > "+high)
	}
	if len(conditions) > 0 {
		e.line("if %s {\n%s.add(%s)\n}", strings.Join(conditions, " || "), findings, e.rule(s, "format"))
	}
}

// checkedInteger converts an expression of type int64 to the parameter type of the shape's check function.
func (e *emitter) checkedInteger(s *shape, expression string) string {
	if e.isExact(s) {
		return expression
	}
	return "float64(" + expression + ")"
}

// exactDefault returns the default of an integer schema as text, empty if there is none.
func (p *plan) exactDefault(s *openapi3.Schema) string {
	if text := p.exact[s]["default"]; text != "" {
		if _, err := strconv.ParseInt(text, 10, 64); err == nil {
			return text
		}
	}
	return ""
}
