package openapi

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// checker gathers violations. wrongPlaces are the places, as tokens, where a value
// does not keep its schema. Rules that read one of them are not judged: they would
// report the same mistake a second time, in other words.
type checker struct {
	broken      []Violation
	wrongPlaces [][]string
	changed     []string       // only rules that read one of these places are judged; nil judges all
	moved       bool           // rules that read facts are judged too
	judged      map[*Rule]bool // if not nil, takes whether each decidable rule holds, and broken stays empty
}

// wrongPlacesOf returns the places of broken keywords.
func wrongPlacesOf(broken []Violation) [][]string {
	var out [][]string
	for _, v := range broken {
		if v.Rule == nil || v.Rule.Kind == Keyword {
			out = append(out, strings.Split(v.Pointer, "/"))
		}
	}
	return out
}

// withoutWeakEnums drops the violations of enumerations that bind less than must.
// Otherwise such a value would silence a must rule that reads it.
func withoutWeakEnums(broken []Violation) []Violation {
	return slices.DeleteFunc(slices.Clone(broken), func(v Violation) bool {
		return v.Rule != nil && v.Rule.Keyword == "enum" && v.Rule.Level != Must
	})
}

// hasWrongValue reports whether the member at a pointer, with * for any item, or a
// value around it does not keep its schema.
func (c *checker) hasWrongValue(pointer string) bool {
	if len(c.wrongPlaces) == 0 {
		return false
	}
	tokens := strings.Split(pointer, "/")
	return slices.ContainsFunc(c.wrongPlaces, func(broken []string) bool {
		if len(broken) > len(tokens) {
			return false
		}
		for i, token := range broken {
			if token != tokens[i] && tokens[i] != "*" {
				return false
			}
		}
		return true
	})
}

// judgeObjects judges the cross-field rules of the objects in a value, the outer ones
// first.
func (c *checker) judgeObjects(rulesOf map[*openapi3.Schema][]*Rule, d *Document, s *openapi3.SchemaRef, value any, at string, facts Facts) {
	s = unwrap(s)
	if object, ok := value.(map[string]any); ok {
		if rules := rulesOf[s.Value]; len(rules) > 0 {
			changed := c.changedWithin(at)
			var variables map[string]any // made on first use: most rules of most objects are not judged
			for _, r := range rules {
				if !c.readsChanged(r, changed) {
					continue
				}
				if variables == nil {
					variables = facts.asVariables("self", object)
				}
				c.judge(r, at, variables, facts)
			}
		}
	}
	d.eachInside(s, value, at, isComposite, func(s *openapi3.SchemaRef, value any, at string) {
		c.judgeObjects(rulesOf, d, s, value, at, facts)
	})
}

// eachInside calls visit for the wanted members or items of a value, each with its
// schema and its place.
func (d *Document) eachInside(s *openapi3.SchemaRef, value any, at string, wanted func(any) bool, visit func(*openapi3.SchemaRef, any, string)) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range d.members[s.Value] {
			if member := v[name]; wanted(member) {
				visit(s.Value.Properties[name], member, at+"/"+source.Escape(name))
			}
		}
		for name, schema := range d.furtherMembers(s, v) {
			visit(schema, v[name], at+"/"+source.Escape(name))
		}
	case []any:
		for i, item := range v {
			if s.Value.Items != nil && wanted(item) {
				visit(s.Value.Items, item, at+"/"+strconv.Itoa(i))
			}
		}
	}
}

// furtherMembers yields the members of an object that have no name in its schema, with
// the schema of additionalProperties, in the order of their names.
func (d *Document) furtherMembers(s *openapi3.SchemaRef, object map[string]any) iter.Seq2[string, *openapi3.SchemaRef] {
	return func(yield func(string, *openapi3.SchemaRef) bool) {
		values := s.Value.AdditionalProperties.Schema
		if values == nil {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if s.Value.Properties[name] == nil && !yield(name, values) {
				return
			}
		}
	}
}

// isComposite reports whether a value is an object or a list. Scalars are skipped before
// their place is written, which would take longer than all the rest.
func isComposite(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// judge evaluates a rule over the object at a place. A rule that cannot be decided
// counts as broken: an answer must not escape a rule by the form of its values.
func (c *checker) judge(r *Rule, at string, variables map[string]any, facts Facts) {
	for _, need := range r.Needs {
		if !facts.has(need) {
			return
		}
	}
	if len(c.wrongPlaces) > 0 && slices.ContainsFunc(r.read, func(read string) bool { return c.hasWrongValue(at + read) }) {
		return
	}
	holds, err := r.Program.Eval(variables)
	if c.judged != nil {
		if before, twice := c.judged[r]; err == nil {
			c.judged[r] = holds && (before || !twice)
		}
		return
	}
	if err == nil && holds || err != nil && r.Kind == Unclaimed { // a request is not open because a rule cannot read it
		return
	}
	message := r.Message
	if err != nil {
		message = fmt.Sprintf("%s (undecidable: %v)", message, err)
	}
	for _, field := range r.Fields {
		v := Violation{Pointer: at + field, Rule: r, Message: message}
		if name, ok := strings.CutPrefix(field, inHeader); ok {
			v.Pointer, v.Header = "", name
		}
		c.broken = append(c.broken, v)
	}
}

// add takes a violation of a rule.
func (c *checker) add(r *Rule, pointer string) {
	c.broken = append(c.broken, Violation{Pointer: pointer, Rule: r, Message: r.Message})
}

// checkLiterals finds integers that are written with a fraction or an exponent:
// 60.0 is an integer for JSON Schema, but not for clients with typed models. A
// number that is too large for a float64 breaks its type and no other keyword.
func (c *checker) checkLiterals(d *Document, s *openapi3.SchemaRef, value any, at string) {
	s = unwrap(s)
	number, ok := value.(float64)
	if !ok {
		d.eachInside(s, value, at, mayHoldNumber, func(s *openapi3.SchemaRef, value any, at string) {
			c.checkLiterals(d, s, value, at)
		})
		return
	}
	r := d.Keyword(s.Value, "type", "")
	tooLarge := math.Abs(number) == math.MaxFloat64 && (s.Value.Type.Is("integer") || s.Value.Type.Is("number"))
	if tooLarge {
		c.broken = slices.DeleteFunc(c.broken, func(b Violation) bool { return b.Pointer == at })
	}
	if r != nil && (tooLarge || s.Value.Type.Is("integer") && number == math.Trunc(number)) {
		c.add(r, at)
	}
}

// mayHoldNumber reports whether a value is, or may hold, a number that is not an
// integer literal.
func mayHoldNumber(value any) bool {
	_, number := value.(float64)
	return number || isComposite(value)
}
