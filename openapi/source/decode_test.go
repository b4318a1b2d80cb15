package source_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// door has a member of every kind.
type door struct {
	Name   string            `json:"name"`
	Width  int               `json:"width"`
	Weight float64           `json:"weight"`
	Open   bool              `json:"open"`
	Tags   []string          `json:"tags"`
	Labels map[string]string `json:"labels"`
	Inner  *door             `json:"inner"`
	Key    []byte            `json:"key"`
	Made   time.Time         `json:"made"`
	Any    any               `json:"any"`
	Raw    json.RawMessage   `json:"raw"`
	State  state             `json:"state"`
}

// state is a text with a type of its own.
type state string

// TestDecode fills values.
func TestDecode(t *testing.T) {
	for text, want := range map[string]door{
		"":     {},
		"null": {},
		"{}":   {},
		"{name: null, tags: null, labels: null, inner: null, width: null, open: null, weight: null}": {},
		"name: '0123'":                    {Name: "0123"},
		"name: 2027-01-31":                {Name: "2027-01-31"},
		"{width: 0x10, weight: 1e2}":      {Width: 16, Weight: 100},
		"{open: true, state: open}":       {Open: true, State: "open"},
		"tags: [a, null, b]":              {Tags: []string{"a", "", "b"}},
		"labels: {1: a, true: b}":         {Labels: map[string]string{"1": "a", "true": "b"}},
		"inner: {inner: {name: a}}":       {Inner: &door{Inner: &door{Name: "a"}}},
		"key: aGk=":                       {Key: []byte("hi")},
		`made: "2027-01-31T00:00:00Z"`:    {Made: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC)},
		"any: [1, a]":                     {Any: []any{1.0, "a"}},
		"raw: {a: 1}":                     {Raw: json.RawMessage(`{"a":1}`)},
		"name: &n a\nstate: *n\ntags: []": {Name: "a", State: "a", Tags: []string{}},
	} {
		var got door
		if err := read(t, text).Decode(&got); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

// TestDecodeFaults holds what is said of values that do not fit.
func TestDecodeFaults(t *testing.T) {
	for text, want := range map[string]string{
		"[]":                          "f.yaml:1:1: want a mapping, got a list",
		"\n\na":                       "f.yaml:3:1: want a mapping, got a text",
		"7":                           "f.yaml:1:1: want a mapping, got a number",
		"name: 0123":                  "f.yaml:1:7: /name: want a text, put 0123 in quotes",
		"name: -1.50":                 "f.yaml:1:7: /name: want a text, put -1.50 in quotes",
		"name: True":                  "f.yaml:1:7: /name: want a text, put True in quotes",
		"name: 1_0":                   "f.yaml:1:7: /name: want a text, put 1_0 in quotes",
		"state: 7":                    "f.yaml:1:8: /state: want a text, put 7 in quotes",
		"name: [a]":                   "f.yaml:1:7: /name: want a text, got a list",
		"name:\n  a: b":               "f.yaml:2:3: /name: want a text, got a mapping",
		"tags: a":                     "f.yaml:1:7: /tags: want a list, got a text",
		"labels: [a]":                 "f.yaml:1:9: /labels: want a mapping, got a list",
		"labels: {a/b: 1}":            "f.yaml:1:15: /labels/a~1b: want a text, put 1 in quotes",
		"open: 'true'":                "f.yaml:1:7: /open: want a boolean, got a text",
		"width: '7'":                  "f.yaml:1:8: /width: want a number, got a text",
		"weight: true":                "f.yaml:1:9: /weight: want a number, got a boolean",
		"width: 1.5":                  "f.yaml:1:8: /width: wrong value: invalid syntax",
		"width: 99999999999999999999": "f.yaml:1:8: /width: wrong value: value out of range",
		"\nlock: a":                   "f.yaml:2:1: /lock: there is no such member",
		"Name: a":                     "f.yaml:1:1: /Name: there is no such member",
		"inner: {inner: {a/b: c}}":    "f.yaml:1:17: /inner/inner/a~1b: there is no such member",
		"name: 1\ntags: [2, a, 3]\nlabels: {a: 4}\ninner: {name: 5}\nlock: a\nkey: 6": "f.yaml:1:7: /name: want a text, put 1 in quotes\n" +
			"f.yaml:2:8: /tags/0: want a text, put 2 in quotes\n" +
			"f.yaml:2:14: /tags/2: want a text, put 3 in quotes\n" +
			"f.yaml:3:13: /labels/a: want a text, put 4 in quotes\n" +
			"f.yaml:4:15: /inner/name: want a text, put 5 in quotes\n" +
			"f.yaml:5:1: /lock: there is no such member",
		"name: &n 7\nstate: *n": "f.yaml:1:7: /name: want a text, put 7 in quotes\nf.yaml:2:8: /state: want a text, put 7 in quotes",
	} {
		err := read(t, text).Decode(new(door))
		var faults source.Faults
		if !errors.As(err, &faults) || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// TestDecodeItself leaves types alone that read JSON in their own way: they
// know what they want.
func TestDecodeItself(t *testing.T) {
	for text, want := range map[string]string{
		"made: 7":     "f.yaml:1:7: /made: ",
		"made: later": "f.yaml:1:7: /made: ",
		"key: '*'":    "f.yaml:1:6: /key: ",
	} {
		if err := read(t, text).Decode(new(door)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q:\n got %v\nwant %s…", text, err, want)
		}
	}
}

// FuzzRead shows that every file is read or refused, that what is read is
// JSON, and that every fault names the file and a line that exists.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"! Q", "a: b\n---\nc: d\n", "a: [b\n", "a: &a [*a]\n", "- {a: 0x1, b: .inf}\n", "name: 7\ntags: [a, true]\nlock: a\n",
		"{\"name\": \"a\", \"labels\": {\"a/b~c\": \"\\u0000\"}}", "? a\n: b\n", "%YAML 1.2\n---\na: !!binary aGk=\n", "\xff\xfea\x00",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := source.Read("fuzz.yaml", data)
		if err == nil {
			if !file.Empty() && !json.Valid(file.JSON()) {
				t.Errorf("not JSON: %s", file.JSON())
			}
			err = file.Decode(new(door))
		}
		var faults source.Faults
		if err == nil {
			return
		}
		if !errors.As(err, &faults) {
			t.Fatalf("error %v is of another type", err)
		}
		for _, fault := range faults {
			if fault.File != "fuzz.yaml" || fault.Message == "" || fault.Line < 1 || fault.Line > lines(data) {
				t.Errorf("fault %q in line %d of %d", fault.Message, fault.Line, lines(data))
			}
		}
	})
}

// lines counts lines as YAML does, or more.
func lines(data []byte) int {
	n := 1
	for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		n += strings.Count(string(data), end)
	}
	return n
}
