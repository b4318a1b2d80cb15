package reference

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// The default environment, by what makes each part of it different.
const (
	target       = "/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection"
	vpcSecondEIP = "0c464dad-demo-a8df-va86-c22bb0eb0bdf"

	erGateway = "b32d91a4-0000-4000-8000-00000000000e"
	erEIP     = "0c464dad-0000-4000-8000-0000000000e1"

	privateGateway = "b32d91a4-0000-4000-8000-00000000000d"
	privateIP      = "192.168.45.7"

	standbyGateway = "b32d91a4-0000-4000-8000-00000000000a"
	activeEIP      = "0c464dad-0000-4000-8000-0000000000a1"
	standbyEIP     = "0c464dad-0000-4000-8000-0000000000a2"
)

// key stands for the masked one of the page's examples.
const key = "Example-Key-1"

// newServer returns a server whose clock stands still and whose random numbers
// are the same in every run.
func newServer(tb testing.TB, opts Options) *Server {
	tb.Helper()
	if opts.Now == nil {
		opts.Now = func() time.Time {
			return time.Date(2022, 11, 26, 14, 41, 34, 600_999_999, time.FixedZone("", 3600))
		}
	}
	if opts.Rand == nil {
		opts.Rand = rand.NewChaCha8([32]byte{})
	}
	s, err := New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// forget makes a server like a new one, only faster.
func (s *Server) forget() { s.memory = newMemory(8, rand.NewChaCha8([32]byte{})) }

// example returns a request of the page, with a key that keeps the rules, and
// what the changes make of it.
func example(tb testing.TB, name string, changes ...change) any {
	tb.Helper()
	var body any
	decoder := json.NewDecoder(bytes.NewReader(file(tb, name, "request.json")))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		tb.Fatal(err)
	}
	for _, c := range append([]change{set("/psk", key)}, changes...) {
		c(tb, body)
	}
	return body
}

func file(tb testing.TB, elements ...string) []byte {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(append([]string{"..", "..", "testdata", "examples"}, elements...)...))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// change is a step of a patch; its pointer begins at vpn_connection.
type change func(tb testing.TB, body any)

// set adds or replaces a value, and the objects around it.
func set(pointer string, value any) change {
	return func(tb testing.TB, body any) {
		parent, last := parentOf(tb, body, pointer)
		switch p := parent.(type) {
		case map[string]any:
			p[last] = value
		case []any:
			i, err := strconv.Atoi(last)
			if err != nil || i >= len(p) {
				tb.Fatalf("%s: no such item", pointer)
			}
			p[i] = value
		default:
			tb.Fatalf("%s: nothing around it", pointer)
		}
	}
}

// drop takes a member out, which must be there.
func drop(pointer string) change {
	return func(tb testing.TB, body any) {
		parent, last := parentOf(tb, body, pointer)
		object, _ := parent.(map[string]any)
		if _, ok := object[last]; !ok {
			tb.Fatalf("%s: no such member", pointer)
		}
		delete(object, last)
	}
}

func parentOf(tb testing.TB, body any, pointer string) (parent any, last string) {
	tb.Helper()
	tokens := strings.Split("/vpn_connection"+pointer, "/")[1:]
	for _, token := range tokens[:len(tokens)-1] {
		switch p := body.(type) {
		case map[string]any:
			if p[token] == nil {
				p[token] = map[string]any{}
			}
			body = p[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i >= len(p) {
				tb.Fatalf("%s: no such item", pointer)
			}
			body = p[i]
		}
	}
	return body, tokens[len(tokens)-1]
}

// gatewayAt moves an example to another gateway.
func gatewayAt(id, vgwIP string) change {
	return func(tb testing.TB, body any) {
		set("/vgw_id", id)(tb, body)
		set("/vgw_ip", vgwIP)(tb, body)
	}
}

// policyRule is a rule of the policy style.
func policyRule(source string, destinations ...any) map[string]any {
	return map[string]any{"source": source, "destination": append([]any{}, destinations...)}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// send posts a body, which is encoded unless it is text already, with what
// edit makes of the request.
func send(tb testing.TB, s http.Handler, body any, edit ...func(*http.Request)) answer {
	tb.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case io.Reader:
		reader = b
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			tb.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	r := httptest.NewRequest(http.MethodPost, target, reader)
	r.Header.Set("Content-Type", "application/json")
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// dump writes an answer out whole, its body indented in the order it has.
func (a answer) dump(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d %s\n", a.status, http.StatusText(a.status))
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(a.header[name], " | "))
	}
	b.WriteByte('\n')
	if err := json.Indent(&b, a.body, "", "  "); err != nil {
		tb.Fatalf("%v in %q", err, a.body)
	}
	return b.Bytes()
}

// decoded is the body of an answer, with its numbers as written.
func (a answer) decoded(tb testing.TB) any {
	tb.Helper()
	value, p := match.Decode(a.body)
	if p != nil {
		tb.Fatalf("%v: %s", p, a.body)
	}
	return value
}

// check holds an answer to what every answer has: JSON, and one identifier in
// its header and its body.
func (a answer) check(tb testing.TB) {
	tb.Helper()
	id := a.header.Get("X-Request-Id")
	if got := text(a.decoded(tb), "request_id"); got == "" || got != id {
		tb.Errorf("request_id is %q, X-Request-Id %q", got, id)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		tb.Errorf("Content-Type is %q", got)
	}
}

// wantError holds an answer to a status, a code and a message.
func (a answer) wantError(tb testing.TB, status int, code, message string) {
	tb.Helper()
	a.check(tb)
	value := a.decoded(tb)
	got := fmt.Sprintf("%d %s %s", a.status, text(value, "error_code"), text(value, "error_msg"))
	if want := fmt.Sprintf("%d %s %s", status, code, message); got != want {
		tb.Errorf("got  %s\nwant %s", got, want)
	}
	if members, _ := value.(map[string]any); len(members) != 3 {
		tb.Errorf("an error has three members, this one is %s", a.body)
	}
}

// wantCreated holds an answer to being one of success, by all rules of the
// document.
func (a answer) wantCreated(tb testing.TB, s *Server, request any) any {
	tb.Helper()
	a.check(tb)
	value := a.decoded(tb)
	if a.status != http.StatusCreated {
		tb.Fatalf("got %d %s", a.status, a.body)
	}
	wantDocumented(tb, s, request, a)
	return at(value, "vpn_connection")
}

// toPath sends a request to another path, which may have escapes.
func toPath(escaped string) func(*http.Request) {
	return func(r *http.Request) {
		u, err := url.Parse(escaped)
		if err != nil {
			panic(err) // the tests' own paths parse
		}
		r.URL, r.RequestURI = u, escaped
	}
}

// withHeader sends a request with the values of a header, and no others.
func withHeader(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[name] = values }
}

// at follows member names into a value; nil when there is no such member.
func at(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// text is a member that is a string; empty when it is absent.
func text(value any, names ...string) string {
	s, _ := at(value, names...).(string)
	return s
}

// known returns what a schema knows of a value, without the members that it
// does not name, which the service ignores. They have to go: the generated
// types would take VGW_ID for vgw_id. Of a list one item more is left than the
// schema allows, so that a huge one costs no more to refuse than a small one.
func known(s *openapi3.Schema, value any) any {
	s = plain(s)
	switch v := value.(type) {
	case map[string]any:
		if closed := s.AdditionalProperties.Has; closed != nil && !*closed {
			return v // an unknown member is to be refused, not ignored
		}
		out := make(map[string]any, len(v))
		for name, member := range v {
			if property, ok := s.Properties[name]; ok {
				out[name] = known(property.Value, member)
			}
		}
		return out
	case []any:
		if s.MaxItems != nil && uint64(len(v)) > *s.MaxItems+1 {
			v = v[:*s.MaxItems+1]
		}
		if s.Items == nil {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = known(s.Items.Value, item)
		}
		return out
	}
	return value
}

// content is the schema of vpn_connection in a request.
func content(s *Server) *openapi3.Schema {
	return openapi.Member(s.operation.JSON(), "/vpn_connection").Value
}
