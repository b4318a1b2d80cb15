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

// checker gathers violations. keywords are the places where a member is not
// what its schema asks, each as its tokens.
type checker struct {
	broken      []Violation
	wrongPlaces [][]string
	changed     []string       // places that the rules to judge read; nil judges all
	moved       bool           // the facts are others as well
	judged      map[*Rule]bool // the rules that could be decided, and whether they hold; nil gathers none
}

func wrongPlacesOf(broken []Violation) [][]string {
	var out [][]string
	for _, v := range broken {
		if v.Rule == nil || v.Rule.Kind == Keyword {
			out = append(out, strings.Split(v.Pointer, "/"))
		}
	}
	return out
}

// withoutWeakEnums leaves out the values that are not listed where no more than should
// binds to that: a rule that binds more is not to be hidden by it.
func withoutWeakEnums(broken []Violation) []Violation {
	return slices.DeleteFunc(slices.Clone(broken), func(v Violation) bool {
		return v.Rule != nil && v.Rule.Keyword == "enum" && v.Rule.Level != Must
	})
}

// hasWrongValue tells whether what a pointer leads to, with * for any item, is not
// there as its schema asks: the member itself or what holds it is broken.
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

// judgeObjects judges rules of the objects in a value, the outer ones first.
func (c *checker) judgeObjects(rulesOf map[*openapi3.Schema][]*Rule, d *Document, s *openapi3.SchemaRef, value any, at string, facts Facts) {
	s = unwrap(s)
	switch v := value.(type) {
	case map[string]any:
		if rules := rulesOf[s.Value]; len(rules) > 0 {
			changed := c.changedWithin(at)
			var variables map[string]any // when they are asked for: most rules of most objects are left alone
			for _, r := range rules {
				if !c.readsChanged(r, changed) {
					continue
				}
				if variables == nil {
					variables = facts.asVariables("self", v)
				}
				c.judge(r, at, variables, facts)
			}
		}
		for _, name := range d.members[s.Value] {
			if member := v[name]; composite(member) {
				c.judgeObjects(rulesOf, d, s.Value.Properties[name], member, at+"/"+source.Escape(name), facts)
			}
		}
		for name, schema := range d.furtherMembers(s, v) {
			c.judgeObjects(rulesOf, d, schema, v[name], at+"/"+source.Escape(name), facts)
		}
	case []any:
		if s.Value.Items == nil {
			break
		}
		for i, item := range v {
			if composite(item) {
				c.judgeObjects(rulesOf, d, s.Value.Items, item, at+"/"+strconv.Itoa(i), facts)
			}
		}
	}
}

// furtherMembers yields the members of an object that its schema does not name, if it
// says what they are, in the order of their names.
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

// composite reports whether a value is an object or a list. Any other is passed over
// before its place is written, which takes longer than all that is done with it.
func composite(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// judge evaluates a rule over the object at a place. A rule that cannot be
// decided is broken.
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
	if err == nil && holds || err != nil && r.Kind == Unclaimed { // a member that is not what its schema asks is wrong
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

// add gathers a broken rule.
func (c *checker) add(r *Rule, pointer string) {
	c.broken = append(c.broken, Violation{Pointer: pointer, Rule: r, Message: r.Message})
}

// checkLiterals finds integers that are written with a fraction or an exponent:
// JSON Schema takes 60.0 for an integer, the clients of this API do not. A
// number that is too large to be one is of the wrong type, and nothing else.
func (c *checker) checkLiterals(d *Document, s *openapi3.SchemaRef, value any, at string) {
	s = unwrap(s)
	switch v := value.(type) {
	case float64:
		r := d.Keyword(s.Value, "type", "")
		tooLarge := math.Abs(v) == math.MaxFloat64 && (s.Value.Type.Is("integer") || s.Value.Type.Is("number"))
		if tooLarge {
			c.broken = slices.DeleteFunc(c.broken, func(b Violation) bool { return b.Pointer == at })
		}
		if r != nil && (tooLarge || s.Value.Type.Is("integer") && v == math.Trunc(v)) {
			c.add(r, at)
		}
	case map[string]any:
		for _, name := range d.members[s.Value] {
			member := v[name]
			if _, number := member.(float64); number || composite(member) {
				c.checkLiterals(d, s.Value.Properties[name], member, at+"/"+source.Escape(name))
			}
		}
		for name, schema := range d.furtherMembers(s, v) {
			c.checkLiterals(d, schema, v[name], at+"/"+source.Escape(name))
		}
	case []any:
		for i, item := range v {
			if _, number := item.(float64); s.Value.Items != nil && (number || composite(item)) {
				c.checkLiterals(d, s.Value.Items, item, at+"/"+strconv.Itoa(i))
			}
		}
	}
}
