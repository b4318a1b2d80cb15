package suite

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// Wire says how a request is sent. The zero value is as the document has it,
// once.
type Wire struct {
	Requests int // how many, each of which counts on its own; 0 means 1
	AtOnce   bool

	Method string            // empty means the operation's
	Path   string            // template; empty means the operation's
	Header map[string]string // fields that differ; an empty value leaves the field out

	// Credentials is what becomes of the environment's: missing, wrong,
	// shortened, lengthened, or changed in one character; empty sends them.
	Credentials string

	// Edit returns the bytes of the body changed in a way that no JSON Patch
	// can, and leaves its argument as it is; nil changes nothing.
	Edit func([]byte) []byte

	Form    string // of the JSON, a name of [Forms]; empty means compact
	Blanks  int    // before the body
	Chunked bool   // the length of the body is not said
	Fresh   bool   // the request has a connection of its own
	Late    bool   // the request is sent when all others are answered
}

// Elsewhere reports whether the request goes to another path or method than the
// operation's.
func (w Wire) Elsewhere() bool { return w.Method != "" || w.Path != "" }

// Outside reports whether what stands before the operation may answer in its own
// way, which no page describes: a router, or a proxy that has a limit for bodies.
func (w Wire) Outside() bool { return w.Elsewhere() || w.Blanks >= MaxBody }

// Lawful tells whether the body is JSON with a request that the rules judge.
func (w Wire) Lawful() bool { return w.Edit == nil }

// MaxBody is the size of a body in bytes that no client of the API sends.
// source: OTC-AUTH, AK/SK
const MaxBody = 12 << 20

// refused is the usual status of a refusal.
const refused = http.StatusBadRequest

// sending is a case of the transport: the documented request, sent in another way.
type sending struct {
	name, title string
	level       openapi.Level
	source      string
	statuses    []int
	wire        Wire
	example     string // of the request; empty means the first
}

// transport adds the cases of what is around the request.
func (s *part) transport() {
	if s.op.JSON() != nil && len(s.decoded) == 0 {
		return // there is no request to send in another way
	}
	groups := [][]sending{s.elsewhere(), s.headers(), s.bodies(), s.brokenBodies(), s.credentials(), s.together()}
	for _, group := range groups {
		for _, t := range group {
			c := s.usual()
			c.ID, c.Title, c.Level, c.Source, c.Statuses, c.Wire = t.name, t.title, string(t.level), t.source, t.statuses, t.wire
			if t.example != "" {
				c.Change.Example = t.example
			}
			if c.Refused() {
				c.Twin = "example/" + cmp.Or(c.Change.Example, "usual")
			}
			s.Cases = append(s.Cases, c)
		}
	}
}

// cited is what the document cites for a kind of transport; what it does not cite
// is HTTP's, or JSON's.
func (b *base) cited(kind, otherwise string) string {
	if source := b.doc.Transport[kind]; source != "" {
		return source
	}
	return otherwise
}

// elsewhere are requests to another path or method than those of the operation,
// and of no other operation that the document knows.
func (s *part) elsewhere() []sending {
	const no = "is not found, or not allowed"
	source := s.cited("path", "RFC-9110, 15.5.5")
	nowhere := []int{http.StatusNotFound, http.StatusMethodNotAllowed}
	var out []sending
	add := func(name, title string, level openapi.Level, source string, statuses []int, path string) {
		if path != "" && !s.serves(s.op.Method, path) {
			out = append(out, sending{name: "transport/path-" + name, title: title, level: level, source: source, statuses: statuses, wire: Wire{Path: path}})
		}
	}
	if !strings.HasSuffix(s.op.Path, "}") {
		add("plural", "The path with an s at its end "+no, openapi.Should, source, nowhere, s.op.Path+"s")
	}
	add("trailing-slash", "The path with a slash at its end "+no, openapi.May, source, nowhere, s.op.Path+"/")
	for _, ref := range s.op.Parameters {
		if ref.Value.In == openapi3.ParameterInPath {
			s.otherSegment(ref.Value, nowhere, add)
		}
	}
	if version, rest, ok := strings.Cut(strings.TrimPrefix(s.op.Path, "/v"), "/"); ok {
		if n, err := strconv.Atoi(version); err == nil && strings.HasPrefix(s.op.Path, "/v") {
			add("version", "The path of another version "+no, openapi.Should, source, nowhere, fmt.Sprintf("/v%d/%s", n-1, rest))
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if s.serves(method, s.op.Path) || !s.firstOfPath() {
			continue
		}
		out = append(out, sending{
			name: "transport/method-" + strings.ToLower(method), title: "The method " + method + " " + no,
			level: openapi.Should, source: source, statuses: nowhere, wire: Wire{Method: method},
		})
	}
	return out
}

// otherSegment adds paths in which a parameter has another value than the one that
// names something.
func (s *part) otherSegment(v *openapi3.Parameter, nowhere []int, add func(name, title string, level openapi.Level, source string, statuses []int, path string)) {
	name, in := strings.TrimSuffix(v.Name, "_id"), "{"+v.Name+"}"
	noun := strings.ReplaceAll(name, "_", " ")
	source, _ := v.Extensions["x-source"].(string)
	source = cmp.Or(source, "RFC-9110, 15.5.5")
	stranger := []int{http.StatusNotFound, http.StatusForbidden, http.StatusUnauthorized, refused}
	level := openapi.Should
	if _, _, given := linked(s.doc, s.op, v.Name, map[string]bool{s.op.OperationID: true}); given && len(s.doc.Sources) == 0 && s.op.Responses.Status(http.StatusNotFound) != nil {
		level = openapi.Must // the document says of what is not there that it is not found
	}
	moved := []int{http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}
	path := func(segment string) string { return strings.ReplaceAll(s.op.Path, in, segment) }
	add("no-"+name, fmt.Sprintf("The path without a %s is not found, or not allowed", noun), openapi.May, source,
		append([]int{refused}, nowhere...), strings.ReplaceAll(s.op.Path, "/"+in, ""))
	for _, other := range []struct{ name, title, segment string }{
		{"other-" + name, "What another %s has, this one has not", otherText(usualText(v))},
		{name + "-before", "A %s's identifier with something before it is none", "0" + in},
		{name + "-behind", "A %s's identifier with something behind it is none", in + "0"},
		{name + "-twice", "A %s's identifier is not written twice", in + in},
		{name + "-cut", "A %s's identifier without its last character is none", "{" + v.Name + "-beginning}"},
		{name + "-beheaded", "A %s's identifier without its first character is none", "{" + v.Name + "-end}"},
	} {
		add(other.name, fmt.Sprintf(other.title, noun), level, source, stranger, path(other.segment))
	}
	add(name+"-absent", "An empty identifier is that of no "+noun, openapi.Should, source, append(moved, stranger...), path(""))
	add(name+"-more", "The path with something behind the "+noun+" is not found, or not allowed", openapi.Should, source, nowhere, path(in+"/"+in))
	add(name+"-blank", fmt.Sprintf("A %s's identifier with a blank behind it is none", noun), openapi.Should, source, stranger, path(in+"%20"))
}

// otherText is a text of the same form as an identifier that is another one.
func otherText(id string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case '0' <= r && r <= '9':
			return '0' + (r-'0'+7)%10
		case 'a' <= r && r <= 'f':
			return 'a' + (r-'a'+3)%6
		}
		return r
	}, id)
}

// serves reports whether the document has an operation of a method at a path.
func (b *base) serves(method, path string) bool {
	is := func(op openapi.Operation) bool {
		return op.Method == method && (op.Path == path || op.Path == strings.TrimSuffix(path, "/") && path != b.op.Path+"/")
	}
	return slices.ContainsFunc(b.doc.Operations(), is)
}

// firstOfPath reports whether the operation is the first one at its path.
func (b *base) firstOfPath() bool {
	for _, op := range b.doc.Operations() {
		if op.Path == b.op.Path {
			return op.OperationID == b.op.OperationID
		}
	}
	return false
}

// headers are header fields of the request.
func (s *part) headers() []sending {
	if s.op.JSON() == nil {
		return nil
	}
	ok, wrong := s.statuses(), []int{refused, http.StatusUnsupportedMediaType}
	media, client := s.cited("media-type", "RFC-9110, 15.5.16"), s.cited("client", "RFC-9110, 10.1.5")
	field := func(name, value string) Wire { return Wire{Header: map[string]string{name: value}} }
	return []sending{
		{
			name: "transport/content-type-charset", title: "Content-Type may name the charset",
			level: openapi.Should, source: media, statuses: ok, wire: field("Content-Type", "application/json; charset=utf-8"),
		},
		{
			name: "transport/content-type-upper-case", title: "The case of Content-Type does not matter",
			level: openapi.May, source: "RFC-9110, 8.3.1", statuses: ok, wire: field("Content-Type", "Application/JSON"),
		},
		{
			name: "transport/content-type-text", title: "Content-Type text/plain is refused",
			level: openapi.May, source: media, statuses: wrong, wire: field("Content-Type", "text/plain"),
		},
		{
			name: "transport/content-type-xml", title: "Content-Type application/xml is refused",
			level: openapi.May, source: media, statuses: wrong, wire: field("Content-Type", "application/xml"),
		},
		{
			name: "transport/content-type-missing", title: "A body without Content-Type is refused",
			level: openapi.May, source: media, statuses: wrong, wire: field("Content-Type", ""),
		},
		{
			name: "transport/accept-missing", title: "Accept may be absent",
			level: openapi.Should, source: "RFC-9110, 12.5.1", statuses: ok, wire: field("Accept", ""),
		},
		{
			name: "transport/accept-any", title: "Accept may ask for anything",
			level: openapi.Should, source: "RFC-9110, 12.5.1", statuses: ok, wire: field("Accept", "*/*"),
		},
		{
			name: "transport/user-agent-other", title: "User-Agent may be that of any client",
			level: openapi.Should, source: client, statuses: ok, wire: field("User-Agent", "another-client/3.0"),
		},
		{
			name: "transport/user-agent-missing", title: "User-Agent may be absent",
			level: openapi.Should, source: "RFC-9110, 10.1.5", statuses: ok, wire: field("User-Agent", ""),
		},
		{
			name: "transport/expect-continue", title: "A client may wait for 100 Continue",
			level: openapi.Should, source: "RFC-9110, 10.1.1", statuses: ok, wire: field("Expect", "100-continue"),
		},
		{
			name: "transport/chunked", title: "The body may come in chunks, unless 411 asks for its length",
			level: openapi.Should, source: "RFC-9112, 6.3", statuses: ok, wire: Wire{Chunked: true},
		},
	}
}

// bodies are other ways to write the same JSON.
func (s *part) bodies() []sending {
	name, _ := s.textMembers()
	if name == "" {
		return nil
	}
	ok := s.statuses()
	return []sending{
		{
			name: "transport/body-line-feed", title: "A line feed may end the body",
			level: openapi.Should, source: s.cited("client", "RFC-8259, 2"), statuses: ok, wire: edited(func(b []byte) []byte { return append(slices.Clip(b), '\n') }),
		},
		{
			name: "transport/body-blanks", title: "Blanks may stand around values",
			level: openapi.Should, source: "RFC-8259, 2", statuses: ok, wire: edited(func(b []byte) []byte {
				return bytes.ReplaceAll(append([]byte(" \t\r\n"), b...), []byte(`":`), []byte("\" :\r\n\t"))
			}),
		},
		{
			name: "transport/body-escaped", title: "A character may be written as an escape",
			level: openapi.Should, source: "RFC-8259, 7", statuses: ok, wire: edited(func(b []byte) []byte {
				return bytes.ReplaceAll(b, []byte(quote(name)+":"), fmt.Appendf(nil, `"\u%04x%s":`, name[0], name[1:]))
			}),
		},
	}
}

// textMembers are the names of two members of the request whose values are texts:
// the first that the documented request has, and the first beside it that it has
// not; empty if there is none.
func (s *part) textMembers() (has, lacks string) {
	names := s.doc.Examples(s.op)
	if len(names) == 0 {
		return "", ""
	}
	return textMembers(s.op.JSON(), s.decoded[names[0]])
}

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

// brokenBodies are bodies that are no JSON, or more than that.
func (s *part) brokenBodies() []sending {
	has, lacks := s.textMembers()
	if has == "" {
		return nil
	}
	malformed := s.cited("malformed", "RFC-8259, 2")
	before := func(b []byte, text string) []byte { // a member, in the object that has the first text
		return bytes.Replace(b, []byte(quote(has)+":"), []byte(text+quote(has)+":"), 1)
	}
	other := quote(cmp.Or(lacks, unknownMember)) + ":"
	var out []sending
	for _, row := range []struct {
		name, title, source string
		level               openapi.Level
		edit                func([]byte) []byte
	}{
		{"empty", "An empty body is refused", malformed, openapi.Should, func([]byte) []byte { return nil }},
		{"blank", "A body of blanks is refused", malformed, openapi.Should, func([]byte) []byte { return []byte("  \n") }},
		{"null", "A body that is null is refused", malformed, openapi.Should, func([]byte) []byte { return []byte("null") }},
		{"text", "A body that is a text is refused", malformed, openapi.Should, func([]byte) []byte { return []byte(`"x"`) }},
		{"malformed", "A body that is no JSON is refused", malformed, openapi.Should, func(b []byte) []byte { return bytes.Replace(b, []byte(":"), []byte("="), 1) }},
		{"trailing-comma", "A comma behind the last member is refused", "RFC-8259, 4", openapi.May, func(b []byte) []byte { return append(slices.Clip(b[:len(b)-1]), ",}"...) }},
		{"truncated", "A body that breaks off is refused", malformed, openapi.Should, func(b []byte) []byte { return b[:len(b)/3] }}, // before any secret
		{"form", "A form is refused", malformed, openapi.Should, func([]byte) []byte { return []byte(has + "=x&other=y") }},
		{"two-values", "A second value behind the body is refused", "RFC-8259, 2", openapi.May, func(b []byte) []byte { return append(slices.Clip(b), b...) }},
		{"byte-order-mark", "A byte order mark is refused", "RFC-8259, 8.1", openapi.May, func(b []byte) []byte { return append([]byte("\xef\xbb\xbf"), b...) }},
		{"duplicate-member", "A member that comes twice is refused", "RFC-8259, 4", openapi.May, func(b []byte) []byte {
			return before(b, quote(has)+`:"00000000-0000-4000-8000-000000000000",`)
		}},
		{"invalid-utf-8", "Text that is not UTF-8 is refused", s.cited("charset", "RFC-8259, 8.1"), openapi.May, func(b []byte) []byte {
			return before(b, other+"\"a\xff\",")
		}},
		{"lone-surrogate", "Half a character is refused", "RFC-8259, 8.2", openapi.May, func(b []byte) []byte { return before(b, other+`"\ud800",`) }},
		{"deep", "A body that nests 10,000 deep is refused", "RFC-8259, 9", openapi.May, func(b []byte) []byte {
			deep := `{"x":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + ","
			return bytes.Replace(b, []byte("{"), []byte(deep), 1)
		}},
		{"gzip", "A coding that the request does not name is refused", malformed, openapi.Should, func([]byte) []byte {
			return []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\xabV\xaa\x05\x00C\xbf\xa6\xa3\x02\x00\x00\x00")
		}},
	} {
		out = append(out, sending{
			name: "transport/body-" + row.name, title: row.title, level: row.level, source: row.source, statuses: []int{refused}, wire: edited(row.edit),
		})
	}
	out = append(out, s.sentInOtherWays(out)...)
	if s.doc.Transport["oversized"] == "" {
		return out
	}
	return append(out, sending{
		name: "transport/body-oversized", title: "A body of more than 12 MB is refused", level: openapi.May, source: s.doc.Transport["oversized"],
		statuses: []int{refused, http.StatusRequestEntityTooLarge},
		wire:     Wire{Blanks: MaxBody, Header: map[string]string{"Expect": "100-continue"}}, // who refuses its length need not read it
	})
}

// sentInOtherWays are bodies that are no JSON in the place of every other example,
// each sent in another way, and the one that is nearest to JSON in every way: an
// implementation may read its bodies in several places.
func (s *part) sentInOtherWays(bodies []sending) []sending {
	ways := slices.DeleteFunc(slices.Clone(sendings), func(m manner) bool { return m.name == "" || m.wire.Form != "" }) // a form is one of JSON
	first, err := match.Encode(s.decoded[s.doc.Examples(s.op)[0]])
	if err != nil {
		return nil
	}
	var out []sending
	add := func(body sending, how manner, example, name string) {
		edit := body.wire.Edit
		written, err := match.Encode(s.decoded[example])
		switch {
		case err != nil, bytes.Equal(edit(written), written): // the member that it is about is not there
			return
		case !bytes.Equal(written, first) && bytes.Equal(edit(written), edit(first)): // it is of no example
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

func edited(edit func([]byte) []byte) Wire { return Wire{Edit: edit} }

// credentials are requests of a stranger.
func (s *part) credentials() []sending {
	security := s.op.Security
	if security == nil {
		security = &s.doc.T.Security
	}
	if len(*security) == 0 {
		return nil
	}
	status, source := []int{http.StatusUnauthorized, http.StatusForbidden}, s.cited("credentials", "RFC-9110, 15.5.2")
	return []sending{
		{
			name: "transport/credentials-missing", title: "A request without credentials is refused",
			level: openapi.Should, source: source, statuses: status, wire: Wire{Credentials: "missing"},
		},
		{
			name: "transport/credentials-wrong", title: "A request with wrong credentials is refused",
			level: openapi.Should, source: source, statuses: status, wire: Wire{Credentials: "wrong"},
		},
		{
			name: "transport/credentials-shortened", title: "A request with half of the credentials is refused",
			level: openapi.Should, source: source, statuses: status, wire: Wire{Credentials: "shortened"},
		},
		{
			name: "transport/credentials-lengthened", title: "A request with longer credentials is refused",
			level: openapi.Should, source: source, statuses: status, wire: Wire{Credentials: "lengthened"},
		},
		{
			name: "transport/credentials-changed", title: "A request with one wrong character in its credentials is refused",
			level: openapi.Should, source: source, statuses: status, wire: Wire{Credentials: "changed"},
		},
	}
}

// together are requests that come at the same time.
func (s *part) together() []sending {
	if s.op.Method != http.MethodPost || s.op.JSON() == nil {
		return nil
	}
	return []sending{{
		name: "concurrency/distinct", title: "What is created at the same time is not the same",
		level: openapi.Must, source: s.cited("distinct", ""), statuses: s.statuses(), wire: Wire{Requests: 16, AtOnce: true},
	}}
}

// text is all of it as a text; what edits a body is told by what it makes of one.
func (w Wire) text() string {
	edited := ""
	if w.Edit != nil {
		edited = "to " + string(w.Edit([]byte(`{"a":{"b":"c"}}`)))
	}
	w.Edit = nil
	return fmt.Sprintf("%+v %q", w, edited)
}

// plain tells whether a request is sent as the document has it.
func (w Wire) plain() bool {
	return !w.Elsewhere() && len(w.Header) == 0 && w.Credentials == "" && w.Edit == nil && w.Form == "" && w.Blanks == 0 && !w.Chunked
}
