package suite_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// edited returns the cases whose bodies are changed byte by byte.
func edited(t testing.TB) []suite.Case {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(load(t).Cases), func(c suite.Case) bool { return c.Wire.Edit == nil })
}

// bodies are those that an edit may get: in either order of members.
func bodies(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, id := range []string{"example/static", "example/policy", "example/bgp", "transport/body-null"} {
		c, ok := load(t).Case(id)
		if !ok {
			t.Fatalf("there is no case %s", id)
		}
		out[id] = bind(t, c, defaultEnvironment(t), "Example-Key-1").Body
	}
	return out
}

// TestEdits shows that every edit changes the body, the same way each time,
// and writes neither to its argument nor behind it.
func TestEdits(t *testing.T) {
	for _, c := range edited(t) {
		if c.Wire.Lawful() {
			t.Errorf("%s: lawful, and edited", c.Name())
		}
		for id, body := range bodies(t) {
			exact := c.Wire.Edit(slices.Clip(slices.Clone(body)))
			room := append(slices.Clone(body), bytes.Repeat([]byte("#"), 2*len(body))...)
			got := c.Wire.Edit(room[:len(body)])
			if !bytes.Equal(got, exact) {
				t.Errorf("%s of %s: %q where there is room, %q where not", c.Name(), id, got, exact)
			}
			if bytes.Equal(got, body) {
				t.Errorf("%s of %s: nothing is changed", c.Name(), id)
			}
			if diff := cmp.Diff(string(body), string(room[:len(body)])); diff != "" {
				t.Errorf("%s of %s: the argument is changed (-before +after):\n%s", c.Name(), id, diff)
			}
			if behind := room[len(body):]; len(bytes.Trim(behind, "#")) > 0 {
				t.Errorf("%s of %s: bytes behind the argument are changed: %q", c.Name(), id, behind)
			}
		}
	}
}

// TestBodies shows that a body is what its name says: no strict JSON value, a
// value that is no object, or the same request in another form.
func TestBodies(t *testing.T) {
	const same = "the same request"
	want := map[string]string{
		"transport/body-line-feed": same, "transport/body-blanks": same, "transport/body-escaped": same,
		"transport/body-null": "null", "transport/body-text": "string",
		"transport/body-deep":             "10001 levels",
		"transport/body-empty":            "no value",
		"transport/body-blank":            "no value",
		"transport/body-malformed":        "no JSON",
		"transport/body-trailing-comma":   "no JSON",
		"transport/body-truncated":        "no JSON",
		"transport/body-form":             "no JSON",
		"transport/body-byte-order-mark":  "no JSON",
		"transport/body-gzip":             "no JSON",
		"transport/body-two-values":       "two values",
		"transport/body-duplicate-member": "no strict JSON",
		"transport/body-invalid-utf-8":    "no strict JSON",
		"transport/body-lone-surrogate":   "no strict JSON",
	}
	for id, body := range bodies(t) {
		got := map[string]string{}
		for _, c := range edited(t) {
			sent := c.Wire.Edit(slices.Clone(body))
			got[c.Name()] = class(sent)
			decoded, err := match.Decode(sent)
			if cmp.Equal(decode(t, body), decoded) && err == nil {
				got[c.Name()] = same
			}
			if c.Accepted() != (got[c.Name()] == same) {
				t.Errorf("%s of %s: accepted %v, and it is %s: %s", c.Name(), id, c.Accepted(), got[c.Name()], sent)
			}
			if jsontext.Value(sent).IsValid() && !slices.Contains([]string{same, "null", "string"}, got[c.Name()]) {
				t.Errorf("%s of %s: strict JSON", c.Name(), id)
			}
		}
		for name, is := range want {
			if got[name] != is {
				t.Errorf("%s: %s is %s, want %s", id, name, got[name], is)
			}
		}
		for name, is := range got { // in the place of another example, or sent in another way
			if base := inBase(want, name); want[base] != is {
				t.Errorf("%s: %s is %s, want %s as %s", id, name, is, want[base], base)
			}
		}
	}
}

// inBase is the longest of the names that another begins with.
func inBase(names map[string]string, name string) string {
	base := ""
	for known := range names {
		if strings.HasPrefix(name, known) && len(known) > len(base) {
			base = known
		}
	}
	return base
}

// class says what a body is, for one who reads JSON by the letter.
func class(body []byte) string {
	value := jsontext.Value(body)
	lax := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return "no value"
	case value.IsValid():
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			return err.Error()
		}
		return map[jsontext.Kind]string{'n': "null", '"': "string", '{': "object"}[value.Kind()]
	case value.IsValid(lax...):
		return "no strict JSON"
	case bytes.HasPrefix(body, []byte(`{"x":`+strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)+",")):
		if rest := slices.Concat([]byte("{"), body[len(`{"x":`)+20_001:]); jsontext.Value(rest).IsValid() {
			return "10001 levels"
		}
	}
	dec := jsontext.NewDecoder(bytes.NewReader(body))
	_, err := dec.ReadValue()
	_, again := dec.ReadValue()
	if err == nil && again == nil {
		return "two values"
	}
	return "no JSON"
}

// TestWires shows that every case of the transport sends something of its own:
// neither the request of the document, nor that of another case.
func TestWires(t *testing.T) {
	type sending struct {
		Method, Path, Credentials, Body string
		Header                          map[string]string
		Blanks                          int
		Chunked, Fresh, Late            bool
	}
	bodies := bodies(t)
	plain := sending{Body: string(bodies["example/static"])}
	seen := map[string]string{fmt.Sprintf("%+v", plain): "example/static"}
	count := 0
	for _, c := range load(t).Cases {
		if !strings.HasPrefix(c.Name(), "transport/") {
			continue
		}
		count++
		w, body := c.Wire, bodies["example/"+c.Change.Example]
		s := sending{w.Method, w.Path, w.Credentials, string(body), w.Header, w.Blanks, w.Chunked, w.Fresh, w.Late}
		if w.Edit != nil {
			s.Body = string(w.Edit(slices.Clone(body)))
		}
		key := fmt.Sprintf("%+v", s)
		if other, ok := seen[key]; ok {
			t.Errorf("%s sends what %s does", c.Name(), other)
		}
		seen[key] = c.Name()
	}
	if count < 30 {
		t.Errorf("%d cases of the transport, want at least 30", count)
	}
}
