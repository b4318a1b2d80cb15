package suite

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// Wire says how a request is sent. The zero value sends it once, as the document
// describes it.
type Wire struct {
	Requests int // how many requests are sent, each judged by itself; 0 means 1
	AtOnce   bool

	Method string            // empty means the operation's
	Path   string            // template; empty means the operation's
	Header map[string]string // fields to change; an empty value leaves the field out

	// Credentials says how the environment's credentials are changed: missing,
	// wrong, shortened, lengthened, or changed in one character; empty sends them
	// unchanged.
	Credentials string

	// Edit returns a copy of the body, changed in a way that a JSON Patch cannot
	// express; nil changes nothing.
	Edit func([]byte) []byte

	Form    string // of the JSON, a name of [Forms]; empty means compact
	Blanks  int    // before the body
	Chunked bool   // the request does not state the length of its body
	Fresh   bool   // the request has a connection of its own
	Late    bool   // the request is sent when all others are answered
}

// Elsewhere reports whether the request goes to another path or method than the
// operation's.
func (w Wire) Elsewhere() bool { return w.Method != "" || w.Path != "" }

// Outside reports whether a router or a proxy may answer before the request reaches the
// operation: its path or method is another one, or its body exceeds any limit. No page
// describes such an answer.
func (w Wire) Outside() bool { return w.Elsewhere() || w.Blanks >= MaxBody }

// Lawful reports whether the body is JSON that the rules judge.
func (w Wire) Lawful() bool { return w.Edit == nil }

// MaxBody is a size in bytes that no body of a client of the API reaches.
// source: OTC-AUTH, AK/SK
const MaxBody = 12 << 20

// statusRefused is the usual status of a refusal.
const statusRefused = http.StatusBadRequest

// transportCase is the documented request, sent in another way.
type transportCase struct {
	name, title string
	level       openapi.Level
	source      string
	statuses    []int
	wire        Wire
	example     string // of the request; empty means the first
}

// addTransport adds the cases of the ways to send the request.
func (s *part) addTransport() {
	if s.op.JSON() != nil && len(s.decoded) == 0 {
		return // there is no request to send in another way
	}
	groups := [][]transportCase{s.pathAndMethodCases(), s.headerCases(), s.bodyCases(), s.malformedBodyCases(), s.credentialCases(), s.concurrencyCases()}
	for _, group := range groups {
		for _, t := range group {
			c := s.usualCase()
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

// citationFor returns what the document cites for a subject of the transport, otherwise
// the given RFC.
func (b *base) citationFor(kind, otherwise string) string {
	if source := b.doc.Transport[kind]; source != "" {
		return source
	}
	return otherwise
}

// pathAndMethodCases are requests to paths and methods near the operation's that no
// operation of the document has.
func (s *part) pathAndMethodCases() []transportCase {
	const no = "is not found, or not allowed"
	source := s.citationFor("path", "RFC-9110, 15.5.5")
	nowhere := []int{http.StatusNotFound, http.StatusMethodNotAllowed}
	var out []transportCase
	add := func(path string, c transportCase) {
		if path != "" && !s.serves(s.op.Method, path) {
			c.name, c.wire.Path = "transport/path-"+c.name, path
			out = append(out, c)
		}
	}
	if !strings.HasSuffix(s.op.Path, "}") {
		add(s.op.Path+"s", transportCase{
			name: "plural", title: "The path with an s at its end " + no, level: openapi.Should, source: source, statuses: nowhere,
		})
	}
	add(s.op.Path+"/", transportCase{
		name: "trailing-slash", title: "The path with a slash at its end " + no, level: openapi.May, source: source, statuses: nowhere,
	})
	for _, ref := range s.op.Parameters {
		if ref.Value.In == openapi3.ParameterInPath {
			s.addSegmentCases(ref.Value, nowhere, add)
		}
	}
	if version, rest, ok := strings.Cut(strings.TrimPrefix(s.op.Path, "/v"), "/"); ok {
		if n, err := strconv.Atoi(version); err == nil && strings.HasPrefix(s.op.Path, "/v") {
			add(fmt.Sprintf("/v%d/%s", n-1, rest), transportCase{
				name: "version", title: "The path of another version " + no, level: openapi.Should, source: source, statuses: nowhere,
			})
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodPatch, http.MethodDelete} {
		if s.serves(method, s.op.Path) || !s.isFirstOfPath() {
			continue
		}
		out = append(out, transportCase{
			name: "transport/method-" + strings.ToLower(method), title: "The method " + method + " " + no,
			level: openapi.Should, source: source, statuses: nowhere, wire: Wire{Method: method},
		})
	}
	return out
}

// addSegmentCases adds paths in which a parameter does not have the value that names the
// object.
func (s *part) addSegmentCases(v *openapi3.Parameter, nowhere []int, add func(path string, c transportCase)) {
	name, in := strings.TrimSuffix(v.Name, "_id"), "{"+v.Name+"}"
	noun := strings.ReplaceAll(name, "_", " ")
	source, _ := v.Extensions["x-source"].(string)
	source = cmp.Or(source, "RFC-9110, 15.5.5")
	stranger := []int{http.StatusNotFound, http.StatusForbidden, http.StatusUnauthorized, statusRefused}
	level := openapi.Should
	if _, _, given := findLink(s.doc, s.op, v.Name, map[string]bool{s.op.OperationID: true}); given && len(s.doc.Sources) == 0 && s.op.Responses.Status(http.StatusNotFound) != nil {
		level = openapi.Must // the document says of what is not there that it is not found
	}
	moved := []int{http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusPermanentRedirect}
	path := func(segment string) string { return strings.ReplaceAll(s.op.Path, in, segment) }
	add(strings.ReplaceAll(s.op.Path, "/"+in, ""), transportCase{
		name: "no-" + name, title: fmt.Sprintf("The path without a %s is not found, or not allowed", noun),
		level: openapi.May, source: source, statuses: append([]int{statusRefused}, nowhere...),
	})
	for _, other := range []struct{ name, title, segment string }{
		{"other-" + name, "What another %s has, this one has not", otherText(v)},
		{name + "-before", "A %s's identifier with something before it is none", "0" + in},
		{name + "-behind", "A %s's identifier with something behind it is none", in + "0"},
		{name + "-twice", "A %s's identifier is not written twice", in + in},
		{name + "-cut", "A %s's identifier without its last character is none", "{" + v.Name + "-beginning}"},
		{name + "-beheaded", "A %s's identifier without its first character is none", "{" + v.Name + "-end}"},
	} {
		add(path(other.segment), transportCase{
			name: other.name, title: fmt.Sprintf(other.title, noun), level: level, source: source, statuses: stranger,
		})
	}
	add(path(""), transportCase{
		name: name + "-absent", title: "An empty identifier is that of no " + noun,
		level: openapi.Should, source: source, statuses: append(moved, stranger...),
	})
	add(path(in+"/"+in), transportCase{
		name: name + "-more", title: "The path with something behind the " + noun + " is not found, or not allowed",
		level: openapi.Should, source: source, statuses: nowhere,
	})
	add(path(in+"%20"), transportCase{
		name: name + "-blank", title: fmt.Sprintf("A %s's identifier with a blank behind it is none", noun),
		level: openapi.Should, source: source, statuses: stranger,
	})
}

// otherText is another value of a parameter that its schema allows as well: one that
// breaks its pattern would be refused for that. It differs in its digits, and in its
// letters too where these may be hexadecimal digits.
func otherText(v *openapi3.Parameter) string {
	changed := func(letters bool) string {
		return strings.Map(func(r rune) rune {
			switch {
			case '0' <= r && r <= '9':
				return '0' + (r-'0'+7)%10
			case letters && 'a' <= r && r <= 'f':
				return 'a' + (r-'a'+3)%6
			}
			return r
		}, usualText(v))
	}
	other := changed(true)
	if v.Schema != nil && v.Schema.Value.VisitJSONString(other) != nil {
		return changed(false)
	}
	return other
}

// serves reports whether the document has an operation with a method and a path.
func (b *base) serves(method, path string) bool {
	is := func(op openapi.Operation) bool {
		return op.Method == method && (op.Path == path || op.Path == strings.TrimSuffix(path, "/") && path != b.op.Path+"/")
	}
	return slices.ContainsFunc(b.doc.Operations(), is)
}

// isFirstOfPath reports whether the operation is the first one of its path.
func (b *base) isFirstOfPath() bool {
	for _, op := range b.doc.Operations() {
		if op.Path == b.op.Path {
			return op.OperationID == b.op.OperationID
		}
	}
	return false
}

// headerCases change header fields of the request.
func (s *part) headerCases() []transportCase {
	if s.op.JSON() == nil {
		return nil
	}
	ok, wrong := s.successStatuses(), []int{statusRefused, http.StatusUnsupportedMediaType}
	media, client := s.citationFor("media-type", "RFC-9110, 15.5.16"), s.citationFor("client", "RFC-9110, 10.1.5")
	field := func(name, value string) Wire { return Wire{Header: map[string]string{name: value}} }
	return []transportCase{
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

// credentialCases are requests without valid credentials.
func (s *part) credentialCases() []transportCase {
	security := s.op.Security
	if security == nil {
		security = &s.doc.T.Security
	}
	if len(*security) == 0 {
		return nil
	}
	status, source := []int{http.StatusUnauthorized, http.StatusForbidden}, s.citationFor("credentials", "RFC-9110, 15.5.2")
	return []transportCase{
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

// concurrencyCases are requests that are sent at the same time.
func (s *part) concurrencyCases() []transportCase {
	if s.op.Method != http.MethodPost || s.op.JSON() == nil {
		return nil
	}
	return []transportCase{{
		name: "concurrency/distinct", title: "What is created at the same time is not the same",
		level: openapi.Must, source: s.citationFor("distinct", ""), statuses: s.successStatuses(), wire: Wire{Requests: 16, AtOnce: true},
	}}
}

// describe writes all fields as a text for the digest. Edit is described by the result
// of editing a sample.
func (w Wire) describe() string {
	edited := ""
	if w.Edit != nil {
		edited = "to " + string(w.Edit([]byte(`{"a":{"b":"c"}}`)))
	}
	w.Edit = nil
	return fmt.Sprintf("%+v %q", w, edited)
}

// isUsual reports whether a request is sent as the document describes it.
func (w Wire) isUsual() bool {
	return !w.Elsewhere() && len(w.Header) == 0 && w.Credentials == "" && w.Edit == nil && w.Form == "" && w.Blanks == 0 && !w.Chunked
}
