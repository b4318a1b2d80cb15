package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/testdata"
)

// The default environment, by what makes each part of it different.
const (
	Target       = "/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection"
	VpcSecondEIP = "0c464dad-demo-a8df-va86-c22bb0eb0bdf"

	ErGateway = "b32d91a4-0000-4000-8000-00000000000e"
	ErEIP     = "0c464dad-0000-4000-8000-0000000000e1"

	PrivateGateway = "b32d91a4-0000-4000-8000-00000000000d"
	PrivateIP      = "192.168.45.7"

	StandbyGateway = "b32d91a4-0000-4000-8000-00000000000a"
	ActiveEIP      = "0c464dad-0000-4000-8000-0000000000a1"
	StandbyEIP     = "0c464dad-0000-4000-8000-0000000000a2"
)

// Key stands for the masked one of the page's examples.
const Key = "Example-Key-1"

// Example returns a request of the page, with a key that keeps the rules, and
// what the changes make of it.
func Example(tb testing.TB, name string, changes ...Change) any {
	tb.Helper()
	var body any
	decoder := json.NewDecoder(bytes.NewReader(File(tb, name, "request.json")))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		tb.Fatal(err)
	}
	for _, c := range append([]Change{Set("/psk", Key)}, changes...) {
		c(tb, body)
	}
	return body
}

// File is a file of a documented example.
func File(tb testing.TB, example, name string) []byte {
	tb.Helper()
	data, err := testdata.Examples.ReadFile(path.Join("examples", example, name))
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// Change is a step of a patch; its pointer begins at vpn_connection.
type Change func(tb testing.TB, body any)

// Set adds or replaces a value, and the objects around it.
func Set(pointer string, value any) Change {
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

// Drop takes a member out, which must be there.
func Drop(pointer string) Change {
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

// GatewayAt moves an example to another gateway.
func GatewayAt(id, vgwIP string) Change {
	return func(tb testing.TB, body any) {
		Set("/vgw_id", id)(tb, body)
		Set("/vgw_ip", vgwIP)(tb, body)
	}
}

// PolicyRule is a rule of the policy style.
func PolicyRule(source string, destinations ...any) map[string]any {
	return map[string]any{"source": source, "destination": append([]any{}, destinations...)}
}

// Now is the time of a clock that stands still.
func Now() time.Time {
	return time.Date(2022, 11, 26, 14, 41, 34, 600_999_999, time.FixedZone("", 3600))
}

// WantNamedFiles wants the files that the documentation of the package under test
// names to be there, and at least so many of them.
func WantNamedFiles(tb testing.TB, least int) {
	tb.Helper()
	text, err := os.ReadFile("doc.go")
	if err != nil {
		tb.Fatal(err)
	}
	names := regexp.MustCompile(`\b[a-z_]+\.go\b`).FindAllString(string(text), -1)
	if len(names) < least {
		tb.Fatalf("%d files are named", len(names))
	}
	for _, name := range names {
		if _, err := os.Stat(name); err != nil {
			tb.Error(err)
		}
	}
}

// Do are changes, one after another.
func Do(changes ...Change) []Change { return changes }

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send posts a body, which is encoded unless it is text already, with what
// edit makes of the request.
func Send(tb testing.TB, s http.Handler, body any, edit ...func(*http.Request)) Answer {
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
	r := httptest.NewRequest(http.MethodPost, Target, reader)
	r.Header.Set("Content-Type", "application/json")
	for _, e := range edit {
		e(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return Answer{w.Code, w.Header(), w.Body.Bytes()}
}

// Dump writes an answer out whole, its body indented in the order it has.
func (a Answer) Dump(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d %s\n", a.Status, http.StatusText(a.Status))
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		fmt.Fprintf(&b, "%s: %s\n", name, strings.Join(a.Header[name], " | "))
	}
	b.WriteByte('\n')
	if err := json.Indent(&b, a.Body, "", "  "); err != nil {
		tb.Fatalf("%v in %q", err, a.Body)
	}
	return b.Bytes()
}

// Decoded is the body of an answer, with its numbers as written.
func (a Answer) Decoded(tb testing.TB) any {
	tb.Helper()
	value, p := match.Decode(a.Body)
	if p != nil {
		tb.Fatalf("%v: %s", p, a.Body)
	}
	return value
}

// Check holds an answer to what every answer has: JSON, and one identifier in
// its header and its body.
func (a Answer) Check(tb testing.TB) {
	tb.Helper()
	id := a.Header.Get("X-Request-Id")
	if got := Text(a.Decoded(tb), "request_id"); got == "" || got != id {
		tb.Errorf("request_id is %q, X-Request-Id %q", got, id)
	}
	if got := a.Header.Get("Content-Type"); got != "application/json" {
		tb.Errorf("Content-Type is %q", got)
	}
}

// WantError holds an answer to a status, a code and a message.
func (a Answer) WantError(tb testing.TB, status int, code, message string) {
	tb.Helper()
	a.Check(tb)
	value := a.Decoded(tb)
	got := fmt.Sprintf("%d %s %s", a.Status, Text(value, "error_code"), Text(value, "error_msg"))
	if want := fmt.Sprintf("%d %s %s", status, code, message); got != want {
		tb.Errorf("got  %s\nwant %s", got, want)
	}
	if members, _ := value.(map[string]any); len(members) != 3 {
		tb.Errorf("an error has three members, this one is %s", a.Body)
	}
}

// ToPath sends a request to another path, which may have escapes.
func ToPath(escaped string) func(*http.Request) {
	return func(r *http.Request) {
		u, err := url.Parse(escaped)
		if err != nil {
			panic(err) // the tests' own paths parse
		}
		r.URL, r.RequestURI = u, escaped
	}
}

// WithHeader sends a request with the values of a header, and no others.
func WithHeader(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[name] = values }
}

// At follows member names into a value; nil when there is no such member.
func At(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// Text is a member that is a string; empty when it is absent.
func Text(value any, names ...string) string {
	s, _ := At(value, names...).(string)
	return s
}
