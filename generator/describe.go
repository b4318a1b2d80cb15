package generator

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// describe returns the text of a schema's comment: its description, limits, default and source.
func describe(ref *openapi3.SchemaRef) string {
	text := prose(ref.Value.Description)
	more := strings.TrimSpace(sentence(limitPhrases(unwrap(ref))) + citation(ref.Value))
	switch {
	case more == "" || text == "":
		return text + more
	case strings.Contains(text, "\n"): // it may end with a list
		return text + "\n\n" + more
	case !strings.HasSuffix(text, "."):
		text += "."
	}
	return text + " " + more
}

// sentence joins phrases to a sentence, with a blank before it.
func sentence(phrases []string) string {
	if len(phrases) == 0 {
		return ""
	}
	text := strings.Join(phrases, ", ")
	return " " + strings.ToUpper(text[:1]) + text[1:] + "."
}

// limitPhrases describes the keywords that limit a value.
func limitPhrases(s *openapi3.Schema) []string {
	if s == nil {
		return nil
	}
	var out []string
	between := func(low, high *float64, unit string) {
		of := func(n float64) string { // a number and its unit
			if n == 1 {
				return goNumber(n) + strings.TrimSuffix(unit, "s")
			}
			return goNumber(n) + unit
		}
		switch {
		case low != nil && high != nil && *low == *high:
			out = append(out, of(*low))
		case low != nil && high != nil:
			out = append(out, goNumber(*low)+" to "+of(*high))
		case low != nil:
			out = append(out, "at least "+of(*low))
		case high != nil:
			out = append(out, "at most "+of(*high))
		}
	}
	between(s.Min, s.Max, "")
	between(atLeast(s.MinLength), atMost(s.MaxLength), " characters")
	between(atLeast(s.MinItems), atMost(s.MaxItems), " items")
	if s.Pattern != "" && len(s.Pattern) < 48 && !strings.Contains(s.Pattern, " ") { // a line may end at a blank
		out = append(out, "matches "+s.Pattern)
	}
	if s.Default == "" {
		out = append(out, `default ""`)
	} else if s.Default != nil {
		out = append(out, fmt.Sprint("default ", s.Default))
	}
	return out
}

func atLeast(n uint64) *float64 {
	if n == 0 {
		return nil
	}
	x := float64(n)
	return &x
}

func atMost(n *uint64) *float64 {
	if n == nil {
		return nil
	}
	x := float64(*n)
	return &x
}

// citation returns a sentence with the source of a schema.
func citation(s *openapi3.Schema) string {
	source := s.Extensions["x-source"]
	if list, ok := source.([]any); ok && len(list) > 0 {
		source = list[0] // the others are those of keywords
	}
	if text, ok := source.(string); ok {
		return " Source: " + text + "."
	}
	return ""
}

// defaultsKey is the extension of the private copy with the defaults of an object's members.
const defaultsKey = "x-vpngen-defaults"

// defaultOf returns the default of a member as a constant, if it can be one.
func (p *planner) defaultOf(ref *openapi3.SchemaRef, name string) (constant, bool) {
	s := unwrap(ref)
	if s == nil {
		return constant{}, false
	}
	exact := p.exactDefault(s)
	for _, c := range p.constants[s] {
		if literal, ok := literal(s.Default); ok && cmp.Or(exact, literal) == c.Literal {
			return constant{Name: name, Literal: c.Name}, true
		}
	}
	switch value := s.Default.(type) {
	case bool:
		return constant{Name: name, Literal: fmt.Sprint(value)}, true
	case float64:
		return constant{Name: name, Literal: cmp.Or(exact, goNumber(value))}, true
	case string:
		return constant{Name: name, Literal: fmt.Sprintf("%q", value)}, s.Type.Is("string") && s.Format == ""
	}
	return constant{}, false
}
