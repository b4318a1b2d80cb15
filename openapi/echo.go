package openapi

import (
	"fmt"
	"net/http"
	"reflect"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// checkEchoes judges the members of an answer that repeat those of the request. If
// the request creates something, a member that was not sent shows its default; if it
// changes something, such a member keeps a value that only the target knows.
func (c *checker) checkEchoes(d *Document, answer *openapi3.SchemaRef, value any, op Operation, request any) {
	c.checkEchoesIn(d, answer, value, op.JSON(), request, "", op.Method == http.MethodPost)
}

func (c *checker) checkEchoesIn(d *Document, s *openapi3.SchemaRef, value any, sent *openapi3.SchemaRef, request any, at string, creates bool) {
	s, sent = unwrap(s), unwrap(sent)
	answer, ok := value.(map[string]any)
	if !ok {
		return
	}
	asked, _ := request.(map[string]any)
	for _, name := range d.members[s.Value] {
		property, counterpart := s.Value.Properties[name], sent.Value.Properties[name]
		if counterpart == nil {
			continue
		}
		pointer := at + "/" + source.Escape(name)
		r, wasSent := d.Keyword(property.Value, "x-echo", ""), asked[name] != nil
		if r == nil { // x-echo stands beside the reference or in the schema that it leads to
			r = d.Keyword(unwrap(property).Value, "x-echo", "")
		}
		if r != nil && (wasSent || creates) {
			chosen, _ := unwrap(property).Value.Extensions["x-server-assigned"].(bool)
			c.checkEcho(d, r, pointer, answer[name], asked[name], counterpart, chosen)
		}
		c.checkEchoesIn(d, property, answer[name], counterpart, asked[name], pointer, creates)
	}
}

// checkEcho judges one member. A member that was not sent shows its default or is
// absent, unless the server chose a value. An empty array is the same as no array.
func (c *checker) checkEcho(d *Document, r *Rule, pointer string, got, sent any, counterpart *openapi3.SchemaRef, chosen bool) {
	if c.hasWrongValue(pointer) {
		return
	}
	if sent == nil {
		if got == nil || chosen {
			return
		}
		standard := counterpart.Value.Default
		if byDefault := d.Keyword(counterpart.Value, "default", ""); byDefault != nil {
			r = byDefault
		} else if list, ok := got.([]any); ok && len(list) == 0 {
			return
		}
		if standard == nil || fmt.Sprint(got) != fmt.Sprint(standard) {
			c.add(r, pointer)
		}
		return
	}
	if list, ok := sent.([]any); ok && len(list) == 0 && got == nil {
		return
	}
	if !reflect.DeepEqual(got, knownMembers(counterpart, sent)) {
		c.add(r, pointer)
	}
}

// knownMembers returns a value without the members that its schema does not name: they
// need not come back.
func knownMembers(s *openapi3.SchemaRef, value any) any {
	s = unwrap(s)
	switch v := value.(type) {
	case map[string]any:
		if len(s.Value.Properties) == 0 {
			return v
		}
		out := map[string]any{}
		for name, property := range s.Value.Properties {
			if member, ok := v[name]; ok {
				out[name] = knownMembers(property, member)
			}
		}
		return out
	case []any:
		if s.Value.Items == nil {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = knownMembers(s.Value.Items, item)
		}
		return out
	}
	return value
}
