package suite

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// bodyCases write the same JSON in another way.
func (s *part) bodyCases() []transportCase {
	name, _ := s.textMembers()
	if name == "" {
		return nil
	}
	ok := s.successStatuses()
	return []transportCase{
		{
			name: "transport/body-line-feed", title: "A line feed may end the body",
			level: openapi.Should, source: s.citationFor("client", "RFC-8259, 2"), statuses: ok, wire: editWire(func(b []byte) []byte { return append(slices.Clip(b), '\n') }),
		},
		{
			name: "transport/body-blanks", title: "Blanks may stand around values",
			level: openapi.Should, source: "RFC-8259, 2", statuses: ok, wire: editWire(func(b []byte) []byte {
				return bytes.ReplaceAll(append([]byte(" \t\r\n"), b...), []byte(`":`), []byte("\" :\r\n\t"))
			}),
		},
		{
			name: "transport/body-escaped", title: "A character may be written as an escape",
			level: openapi.Should, source: "RFC-8259, 7", statuses: ok, wire: editWire(func(b []byte) []byte {
				return bytes.ReplaceAll(b, []byte(quote(name)+":"), fmt.Appendf(nil, `"\u%04x%s":`, name[0], name[1:]))
			}),
		},
	}
}

// textMembers are the names of two text members of the request: the first that the
// documented request has, and the first beside it that it lacks; empty if there is
// none.
func (s *part) textMembers() (has, lacks string) {
	names := s.doc.Examples(s.op)
	if len(names) == 0 {
		return "", ""
	}
	return textMembers(s.op.JSON(), s.decoded[names[0]])
}

// textMembers looks for them in an object and the objects in it.
func textMembers(schema *openapi3.SchemaRef, value any) (has, lacks string) {
	object, _ := value.(map[string]any)
	schema = openapi.Member(schema, "")
	for _, name := range slices.Concat(schema.Value.Required, slices.Sorted(maps.Keys(schema.Value.Properties))) {
		member := openapi.Member(schema, "/"+match.Escape(name))
		if member == nil {
			continue
		}
		_, there := object[name]
		switch {
		case there && member.Value.Type.Is("object"):
			if inner, beside := textMembers(member, object[name]); inner != "" {
				return inner, beside
			}
		case !member.Value.Type.Is("string") || len(member.Value.Enum) > 0:
		case there && has == "":
			has = name
		case !there && lacks == "":
			lacks = name
		}
	}
	return has, lacks
}

// malformedBodyCases are bodies that are not JSON, or more than one JSON value.
func (s *part) malformedBodyCases() []transportCase {
	has, lacks := s.textMembers()
	if has == "" {
		return nil
	}
	malformed := s.citationFor("malformed", "RFC-8259, 2")
	before := func(b []byte, text string) []byte { // adds a member to the object that has the first text
		return bytes.Replace(b, []byte(quote(has)+":"), []byte(text+quote(has)+":"), 1)
	}
	other := quote(cmp.Or(lacks, unknownMember)) + ":"
	var out []transportCase
	for _, c := range []transportCase{
		{
			name: "empty", title: "An empty body is refused", source: malformed, level: openapi.Should,
			wire: editWire(func([]byte) []byte { return nil }),
		},
		{
			name: "blank", title: "A body of blanks is refused", source: malformed, level: openapi.Should,
			wire: editWire(func([]byte) []byte { return []byte("  \n") }),
		},
		{
			name: "null", title: "A body that is null is refused", source: malformed, level: openapi.Should,
			wire: editWire(func([]byte) []byte { return []byte("null") }),
		},
		{
			name: "text", title: "A body that is a text is refused", source: malformed, level: openapi.Should,
			wire: editWire(func([]byte) []byte { return []byte(`"x"`) }),
		},
		{
			name: "malformed", title: "A body that is no JSON is refused", source: malformed, level: openapi.Should,
			wire: editWire(func(b []byte) []byte { return bytes.Replace(b, []byte(":"), []byte("="), 1) }),
		},
		{
			name: "trailing-comma", title: "A comma behind the last member is refused", source: "RFC-8259, 4", level: openapi.May,
			wire: editWire(func(b []byte) []byte { return append(slices.Clip(b[:len(b)-1]), ",}"...) }),
		},
		{
			name: "truncated", title: "A body that breaks off is refused", source: malformed, level: openapi.Should,
			wire: editWire(func(b []byte) []byte { return b[:len(b)/3] }), // so early that no secret is in it
		},
		{
			name: "form", title: "A form is refused", source: malformed, level: openapi.Should,
			wire: editWire(func([]byte) []byte { return []byte(has + "=x&other=y") }),
		},
		{
			name: "two-values", title: "A second value behind the body is refused", source: "RFC-8259, 2", level: openapi.May,
			wire: editWire(func(b []byte) []byte { return append(slices.Clip(b), b...) }),
		},
		{
			name: "byte-order-mark", title: "A byte order mark is refused", source: "RFC-8259, 8.1", level: openapi.May,
			wire: editWire(func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }),
		},
		{
			name: "duplicate-member", title: "A member that comes twice is refused", source: "RFC-8259, 4", level: openapi.May,
			wire: editWire(func(b []byte) []byte { return before(b, quote(has)+`:"00000000-0000-4000-8000-000000000000",`) }),
		},
		{
			name: "invalid-utf-8", title: "Text that is not UTF-8 is refused", source: s.citationFor("charset", "RFC-8259, 8.1"), level: openapi.May,
			wire: editWire(func(b []byte) []byte { return before(b, other+"\"a\xff\",") }),
		},
		{
			name: "lone-surrogate", title: "Half a character is refused", source: "RFC-8259, 8.2", level: openapi.May,
			wire: editWire(func(b []byte) []byte { return before(b, other+`"\ud800",`) }),
		},
		{
			name: "deep", title: "A body that nests 10,000 deep is refused", source: "RFC-8259, 9", level: openapi.May,
			wire: editWire(func(b []byte) []byte {
				deep := `{"x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + ","
				return bytes.Replace(b, []byte("{"), []byte(deep), 1)
			}),
		},
		{
			name: "gzip", title: "A coding that the request does not name is refused", source: malformed, level: openapi.Should,
			wire: editWire(func([]byte) []byte {
				return []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xabV\xaa\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00")
			}),
		},
	} {
		c.name, c.statuses = "transport/body-"+c.name, []int{statusRefused}
		out = append(out, c)
	}
	out = append(out, s.spreadMalformed(out)...)
	if s.doc.Transport["oversized"] == "" {
		return out
	}
	return append(out, transportCase{
		name: "transport/body-oversized", title: "A body of more than 12 MB is refused", level: openapi.May, source: s.doc.Transport["oversized"],
		statuses: []int{statusRefused, http.StatusRequestEntityTooLarge},
		wire:     Wire{Blanks: MaxBody, Header: map[string]string{"Expect": "100-continue"}}, // a target that refuses its length need not read it
	})
}

// spreadMalformed puts the malformed bodies in the place of every other example, each
// sent in another way, and sends the one nearest to JSON in every way: an
// implementation may read its bodies in several places.
func (s *part) spreadMalformed(bodies []transportCase) []transportCase {
	ways := slices.DeleteFunc(slices.Clone(waysToSend), func(m wayToSend) bool { return m.name == "" || m.wire.Form != "" }) // a form is only defined for JSON
	first, err := match.Encode(s.decoded[s.doc.Examples(s.op)[0]])
	if err != nil {
		return nil
	}
	var out []transportCase
	add := func(body transportCase, how wayToSend, example, name string) {
		edit := body.wire.Edit
		written, err := match.Encode(s.decoded[example])
		switch {
		case err != nil, bytes.Equal(edit(written), written): // the example lacks the member to change
			return
		case !bytes.Equal(written, first) && bytes.Equal(edit(written), edit(first)): // the edit ignores the example, so that one such case is enough
			return
		}
		body.wire, body.example = how.wire, example
		body.wire.Edit = edit
		body.name += "-" + name
		body.title += ", sent " + how.name
		out = append(out, body)
	}
	for i, body := range bodies {
		for k, example := range s.doc.Examples(s.op)[1:] {
			add(body, ways[(i+k)%len(ways)], example, "in-"+example)
		}
		if strings.HasSuffix(body.name, "/body-malformed") {
			for _, how := range ways {
				add(body, how, s.doc.Examples(s.op)[0], how.slug())
			}
		}
	}
	return out
}

// editWire sends the body changed by a function.
func editWire(edit func([]byte) []byte) Wire { return Wire{Edit: edit} }
