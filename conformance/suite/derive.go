package suite

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// Variant is a request that shows one side of a rule: an example with one
// change, which keeps every rule, or breaks this one and no other.
type Variant struct {
	Rule     *openapi.Rule
	Name     string // unlike that of any other variant of the rule
	Accepted bool
	openapi.Violate
}

// Excluded returns why a rule has no variant of a side; empty means that it
// has one.
func Excluded(op openapi.Operation, r *openapi.Rule, accepted bool) string {
	if r.Schema == nil {
		return "an obligation of the answer"
	}
	if _, ok := openapi.Find(op.JSON(), r.Schema); !ok {
		if strings.Contains(r.Pointer, "/parameters/") {
			return "whatever stands in a path is a string"
		}
		return "an obligation of the answer"
	}
	switch {
	case r.Keyword == "format":
		return "an obligation of the answer"
	case r.Keyword == "default" && !accepted:
		return "a member that is absent cannot be wrong"
	case r.Keyword == "additionalProperties" && !accepted:
		return "a permission"
	}
	return ""
}

// Variants derives requests from the rules of an operation's request, in the
// order of the rules: values at the edge of what is accepted, and the first
// beyond it. Each is held against the document; an error names a rule that has
// no variant of a side and is not [Excluded].
func Variants(doc *openapi.Document, op openapi.Operation) ([]Variant, error) {
	d := &deriver{doc: doc, op: op}
	for _, r := range doc.Rules {
		if Excluded(op, r, true) != "" {
			continue
		}
		first := len(d.out)
		if err := d.rule(r); err != nil {
			return nil, fmt.Errorf("%s: %w", r.ID, err)
		}
		for _, side := range []bool{true, false} {
			if Excluded(op, r, side) == "" && !slices.ContainsFunc(d.out[first:], func(v Variant) bool { return v.Accepted == side }) {
				return nil, fmt.Errorf("%s: no variant is accepted: %v", r.ID, side)
			}
		}
	}
	return d.out, nil
}

// deriver gathers variants.
type deriver struct {
	doc *openapi.Document
	op  openapi.Operation
	out []Variant
}

// step is an operation of a JSON Patch.
type step struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// rule derives the variants of one rule.
func (d *deriver) rule(r *openapi.Rule) error {
	at, _ := openapi.Find(d.op.JSON(), r.Schema)
	switch {
	case r.Kind == openapi.Validation:
		return d.crossField(r)
	case r.Keyword == "required":
		member := at + "/" + match.Escape(r.Member)
		sample := sampleOf(openapi.Member(d.op.JSON(), member), 0)
		if err := d.add(r, "present", true, member, "keep", []any{sample}); err != nil {
			return err
		}
		return d.add(r, "missing", false, member, "remove", []any{nil})
	case r.Keyword == "default":
		return d.add(r, "absent", true, at, "remove", []any{nil})
	case r.Keyword == "additionalProperties":
		return d.add(r, "unknown-member", true, at+"/not_on_the_page", "", []any{"x"})
	}
	accepted, refused := edges(r, openapi.Member(d.op.JSON(), at))
	for _, c := range accepted {
		op := ""
		if c.name == "valid" || c.name == "matching" {
			op = "keep" // the example's own value, if it has one
		}
		if err := d.add(r, c.name, true, at, op, c.values); err != nil {
			return err
		}
	}
	for _, c := range refused {
		if at == "" && c.name != "array" {
			continue // a JSON Patch makes no other body
		}
		if err := d.add(r, c.name, false, at, "", c.values); err != nil {
			return err
		}
	}
	return nil
}

// crossField takes the violations that the document lists, and the requests
// that they change.
func (d *deriver) crossField(r *openapi.Rule) error {
	for i, v := range r.Violate {
		d.out = append(d.out, Variant{r, fmt.Sprintf("broken-%d", i+1), false, v})
	}
	for i, v := range r.Violate {
		v.Patch, v.Facts = []byte("[]"), d.doc.Facts
		again := slices.ContainsFunc(r.Violate[:i], func(earlier openapi.Violate) bool { return earlier.Example == v.Example })
		if again {
			continue
		}
		if broken, err := d.broken(v); err != nil || len(broken) > 0 {
			return fmt.Errorf("example %s breaks %v: %w", v.Example, broken, err)
		}
		d.out = append(d.out, Variant{r, "kept-by-" + v.Example, true, v})
	}
	return nil
}

// add adds the first variant that is accepted, or refused for this rule alone:
// of the values, the examples, and these in the member's context.
func (d *deriver) add(r *openapi.Rule, name string, accepted bool, at, op string, values []any) error {
	for _, value := range values {
		for _, context := range d.contexts(at) {
			for _, example := range d.doc.Examples(d.op) {
				v, ok := d.change(example, at, op, value, context)
				if !ok {
					continue
				}
				broken, err := d.broken(v)
				if err == nil && (accepted && len(broken) == 0 || !accepted && slices.Equal(broken, []string{r.ID})) {
					d.out = append(d.out, Variant{r, name, accepted, v})
					return nil
				}
			}
		}
	}
	return fmt.Errorf("no request shows %s (accepted: %v)", name, accepted)
}

// context is what surrounds a member.
type context struct {
	Patch []step         `json:"patch"`
	With  map[string]any `json:"with"`
}

// contexts are none, and the one that the document gives the member.
func (d *deriver) contexts(at string) []context {
	all := []context{{}}
	s := openapi.Member(d.op.JSON(), at)
	if s == nil || s.Value.Extensions["x-context"] == nil {
		return all
	}
	data, err := json.Marshal(s.Value.Extensions["x-context"])
	var c context
	if err != nil || json.Unmarshal(data, &c) != nil {
		return all // then no variant is found, which is an error
	}
	object := at[:strings.LastIndexByte(at, '/')]
	for i := range c.Patch {
		c.Patch[i].Path = object + c.Patch[i].Path
	}
	return append(all, c)
}

// change builds the change of an example: to write a value, to remove it, or
// to keep the one that is there.
func (d *deriver) change(example, at, op string, value any, c context) (openapi.Violate, bool) {
	body, err := d.doc.Violated(d.op, openapi.Violate{Example: example, Patch: []byte("[]")})
	if err != nil {
		return openapi.Violate{}, false
	}
	steps := slices.Clone(c.Patch)
	if missing := d.missing(body, at); missing != "" && missing != at {
		steps = append(steps, step{"add", missing, sampleOf(openapi.Member(d.op.JSON(), missing), 0)})
		if body = apply(body, steps); body == nil {
			return openapi.Violate{}, false
		}
	}
	switch there := d.missing(body, at) == ""; {
	case op == "remove" && there:
		steps = append(steps, step{Op: "remove", Path: at})
	case op == "remove", op == "keep" && there: // as it is
	case there:
		steps = append(steps, step{"replace", at, value})
	default:
		steps = append(steps, step{"add", at, value})
	}
	patch, err := json.Marshal(steps)
	return openapi.Violate{Example: example, Patch: patch, Facts: d.doc.Facts.With(c.With)}, err == nil
}

// missing returns the first place on the way to at that a body does not have;
// empty when it has all.
func (d *deriver) missing(body any, at string) string {
	pointer := ""
	for _, token := range strings.Split(at, "/")[1:] {
		pointer += "/" + token
		if _, ok := match.Lookup(body, pointer); !ok {
			return pointer
		}
	}
	return ""
}

// broken returns the ids of the rules that a changed example breaks.
func (d *deriver) broken(v openapi.Violate) ([]string, error) {
	body, err := d.doc.Violated(d.op, v)
	if err != nil {
		return nil, err
	}
	return d.doc.Broken(d.op, body, v.Facts), nil
}

// sampleOf returns a valid value of a schema; samples of different numbers are
// different where the schema has more than one value.
func sampleOf(s *openapi3.SchemaRef, number int) any {
	v := s.Value
	switch {
	case v.Example != nil:
		return vary(v.Example, number)
	case len(v.Enum) > 0:
		return v.Enum[0]
	case v.Type.Is("integer") && v.Min != nil:
		return int(*v.Min) + number
	case v.Type.Is("integer"):
		return number
	case v.Type.Is("boolean"):
		return false
	case v.Type.Is("array"):
		return []any{sampleOf(openapi.Member(v.Items, ""), number)}
	case v.Type.Is("object"):
		object := map[string]any{}
		for _, name := range v.Required {
			object[name] = sampleOf(openapi.Member(v.Properties[name], ""), number)
		}
		return object
	}
	return fmt.Sprintf("aB1-%d", number)
}
