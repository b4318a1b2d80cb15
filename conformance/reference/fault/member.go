package fault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// member is a member of the answer to an accepted request.
type member struct {
	at     string // JSON Pointer; the first item stands for all
	schema *openapi3.Schema
}

// members lists the members of a schema's object, the outer ones first.
func members(s *openapi3.SchemaRef, at string) []member {
	s = openapi.Member(s, "")
	var out []member
	for _, name := range slices.Sorted(maps.Keys(s.Value.Properties)) {
		property := openapi.Member(s.Value.Properties[name], "")
		pointer := at + "/" + match.Escape(name)
		out = append(out, member{pointer, property.Value})
		out = append(out, members(property, pointer)...)
	}
	if s.Value.Items != nil {
		item := openapi.Member(s.Value.Items, "")
		if !item.Value.Type.Is("object") {
			out = append(out, member{at + "/0", item.Value})
		}
		out = append(out, members(item, at+"/0")...)
	}
	return out
}

// ofMembers are the faults of every member of an answer.
func (w *world) ofMembers() []Fault {
	var out []Fault
	for _, m := range members(w.op.Answer(http.StatusCreated), "") {
		add := func(kind, breaks string, change func(value any) (any, bool)) {
			out = append(out, Fault{
				ID: "answer" + m.at + "/" + kind, Kind: kind, Breaks: m.at + " " + breaks, Rule: w.ruleOf(m),
				make: created(func(_ *wrong, _ []byte, a *reply) { a.edit(m.at, change) }),
			})
		}
		add("dropped", "is missing", nil)
		add("null", "is null", func(any) (any, bool) { return nil, true })
		add("other-type", "is of another JSON type", func(v any) (any, bool) { return otherType(v), true })
		if m.schema.Type.Is("string") {
			add("empty", "is empty", func(any) (any, bool) { return "", true })
			add("wrong-case", "has its letters in the other case", func(v any) (any, bool) { return otherCase(v) })
			add("padded", "has a blank at its end", func(v any) (any, bool) { return fmt.Sprint(v) + " ", true })
		}
		if m.schema.Type.Is("integer") {
			add("as-text", "is a number in quotes", func(v any) (any, bool) { return fmt.Sprint(v), true })
			add("with-fraction", "is a whole number with a fraction", func(v any) (any, bool) { return json.Number(fmt.Sprint(v) + ".0"), true })
		}
		if other, ok := otherValue(m.schema); ok {
			add("other-value", "is another legal value", other)
		}
		if len(m.schema.Enum) != 1 {
			out = append(out, stale(m, w.ruleOf(m)))
		}
		out = append(out, renamed(m, w.ruleOf(m)), sibling(m))
	}
	return out
}

// ruleOf is the id of a rule that a member's schema states.
func (w *world) ruleOf(m member) string {
	for _, keyword := range []string{"x-echo", "enum", "type"} {
		if r := w.doc.Keyword(m.schema, keyword, ""); r != nil {
			return r.ID
		}
	}
	return ""
}

// edit changes a member of the answer's body; a nil change removes it. Nothing
// happens where the member is not there.
func (a *reply) edit(at string, change func(any) (any, bool)) {
	body, err := match.Decode(a.body)
	if err != nil {
		return
	}
	value, there := match.Lookup(body, at)
	if !there {
		return
	}
	if change == nil {
		a.body = patched(a.body, "remove", at, nil)
		return
	}
	if other, ok := change(value); ok && !reflect.DeepEqual(other, value) {
		a.body = patched(a.body, "replace", at, other)
	}
}

// patched applies one operation of a JSON Patch; a body that it does not fit
// stays as it is.
func patched(body []byte, op, at string, value any) []byte {
	data, err := json.Marshal([]map[string]any{{"op": op, "path": at, "value": value}})
	if err != nil {
		return body
	}
	patch, err := jsonpatch.DecodePatch(data)
	if err != nil {
		return body
	}
	out, err := patch.Apply(body)
	if err != nil {
		return body
	}
	return out
}

// otherType is a value of another JSON type.
func otherType(v any) any {
	switch v := v.(type) {
	case string:
		return 5
	case json.Number:
		return v.String()
	case bool:
		return fmt.Sprint(v)
	case []any:
		return map[string]any{}
	}
	return []any{}
}

// otherCase swaps the case of the letters of a text, if it has any.
func otherCase(v any) (any, bool) {
	text := fmt.Sprint(v)
	other := strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
	return other, other != text
}

// otherValue is another value that a schema allows, if it can be told.
func otherValue(s *openapi3.Schema) (func(any) (any, bool), bool) {
	switch {
	case len(s.Enum) > 1:
		return func(v any) (any, bool) {
			i := slices.IndexFunc(s.Enum, func(e any) bool { return fmt.Sprint(e) == fmt.Sprint(v) })
			return s.Enum[(i+1)%len(s.Enum)], true
		}, true
	case len(s.Enum) == 1:
		return nil, false
	case s.Type.Is("boolean"):
		return func(v any) (any, bool) { b, ok := v.(bool); return !b, ok }, true
	case s.Type.Is("integer"):
		return func(v any) (any, bool) {
			n, err := json.Number(fmt.Sprint(v)).Int64()
			if s.Max != nil && float64(n) >= *s.Max {
				return n - 1, err == nil
			}
			return n + 1, err == nil
		}, true
	case s.Type.Is("array"):
		return func(v any) (any, bool) {
			list, ok := v.([]any)
			return append(slices.Clone(list), list...), ok && len(list) > 0
		}, true
	case s.Type.Is("string"):
		if assigned, _ := s.Extensions["x-server-assigned"].(bool); assigned {
			return nil, false // one is as good as another
		}
		return func(v any) (any, bool) {
			text, ok := v.(string)
			if !ok || text == "" {
				return nil, false
			}
			return replaceDigit(text), true
		}, true
	}
	return nil, false
}

// replaceDigit changes the last digit of a text, or else its last letter.
func replaceDigit(text string) string {
	if i := strings.LastIndexAny(text, "0123456789"); i >= 0 {
		other := byte('1')
		if text[i] == '1' {
			other = '2'
		}
		return text[:i] + string(other) + text[i+1:]
	}
	return text[:len(text)-1] + "x"
}

// stale answers with the value that the member had first.
func stale(m member, rule string) Fault {
	return Fault{
		ID: "answer" + m.at + "/stale", Kind: "stale", Rule: rule, Breaks: m.at + " is that of the first answer",
		make: constant(m.at),
	}
}

// renamed gives the member another name.
func renamed(m member, rule string) Fault {
	return Fault{
		ID: "answer" + m.at + "/renamed", Kind: "renamed", Rule: rule, Breaks: m.at + " has another name",
		make: created(func(_ *wrong, _ []byte, a *reply) {
			body, err := match.Decode(a.body)
			if err != nil {
				return
			}
			if value, there := match.Lookup(body, m.at); there && !strings.HasSuffix(m.at, "/0") {
				a.body = patched(patched(a.body, "remove", m.at, nil), "add", m.at+"_", value)
			} else if there {
				a.body = patched(a.body, "remove", m.at, nil)
			}
		}),
	}
}

// sibling puts a member beside it that the page does not know.
func sibling(m member) Fault {
	object := m.at[:strings.LastIndexByte(m.at, '/')]
	return Fault{
		ID: "answer" + m.at + "/sibling", Kind: "extra-sibling", Breaks: "a member that the page does not know stands beside " + m.at,
		make: created(func(_ *wrong, _ []byte, a *reply) {
			if bytes.HasSuffix([]byte(m.at), []byte("/0")) {
				a.body = patched(a.body, "add", object+"/-", map[string]any{})
				return
			}
			a.body = patched(a.body, "add", m.at+"_extra", "x")
		}),
	}
}
