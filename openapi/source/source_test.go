package source_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi/source"
)

func read(t *testing.T, text string) *source.File {
	t.Helper()
	f, err := source.Read("f.yaml", []byte(text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return f
}

// TestJSON shows what YAML is in JSON.
func TestJSON(t *testing.T) {
	for text, want := range map[string]string{
		"":                                      "",
		"# a comment\n":                         "",
		"---\n":                                 "",
		"--- # a comment\n...\n":                "",
		"null":                                  "null",
		"~":                                     "null",
		"a:":                                    `{"a":null}`,
		`""`:                                    `""`,
		"a: b # c\n":                            `{"a":"b"}`,
		"---\na: b\n...\n":                      `{"a":"b"}`,
		"\ufeffa: b":                            `{"a":"b"}`,
		"a: b\r\nc: d\r\n":                      `{"a":"b","c":"d"}`,
		"b: 1\na: 2\n":                          `{"b":1,"a":2}`,
		"[]":                                    `[]`,
		"{}":                                    `{}`,
		"- a\n- [b, {c: d}]\n":                  `["a",["b",{"c":"d"}]]`,
		`{"a": [1.0, 1e2, -0, true, "\u20ac"]}`: `{"a":[1.0,1e2,-0,true,"€"]}`,
		"[0123, 0x10, 0o17, 1_000, +1, .5]":     `[83,16,15,1000,1,0.5]`,
		"[123456789012345678901234567890]":      `[123456789012345678901234567890]`,
		"[True, FALSE, yes]":                    `[true,false,"yes"]`,
		"[2027-01-31, 2027-01-31T00:00:00Z]":    `["2027-01-31","2027-01-31T00:00:00Z"]`,
		"[! Q, !!str 1, !own x, !!binary aGk=]": `["Q","1","x","hi"]`,
		"1: a\ntrue: b\n2027-01-31: c\n":        `{"1":"a","true":"b","2027-01-31":"c"}`,
		"a: |\n  b\n  c\nd: >-\n  e\n  f\n":     `{"a":"b\nc\n","d":"e f"}`,
		"a: &a {b: c}\nd: [*a, *a]\n":           `{"a":{"b":"c"},"d":[{"b":"c"},{"b":"c"}]}`,
		"'a/b~c': d":                            `{"a/b~c":"d"}`,
	} {
		f := read(t, text)
		if got := string(f.JSON()); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
		if f.Empty() != (want == "") || f.Name() != "f.yaml" {
			t.Errorf("%q of %s: empty is %t", text, f.Name(), f.Empty())
		}
	}
}

// TestRefused holds what is said of files that cannot be read.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"a: b\n---\nc: d\n":     "f.yaml:2:1: more than one document",
		"a: b\n---\n":           "f.yaml:2:1: more than one document",
		"{a: b} x":              "f.yaml:1: did not find expected <document start>",
		"a: *b\n":               "f.yaml:1: unknown anchor 'b' referenced",
		"a: b\n\nc: *d\ne: f\n": "f.yaml:3: unknown anchor 'd' referenced",
		"a: b\nc: [{d: e]\n":    "f.yaml:2: did not find expected ',' or '}'",
		"a: b\nc: [d\ne: f\n":   "f.yaml:2: did not find expected ',' or ']'",
		"a: b\nc: 'd\ne: f\n":   "f.yaml:2: found unexpected end of stream",
		"a: b\n\tc: d\n":        "f.yaml:2: found a tab character that violates indentation",
		"a: b: c":               "f.yaml:1: mapping values are not allowed in this context",
		"a: b\nc: d\n\n\ne: f\n g: h\ni: j\nk: l\n": "f.yaml:6: mapping values are not allowed in this context",
		"a:\n  - b\n c: d\ne: f\n":                  "f.yaml:3: did not find expected key",
		"a: b\nc: @d\n":                             "f.yaml:2: found character that cannot start any token",
		"a: b\n\nc: d\n]\n":                         "f.yaml:4: did not find expected key",
		"a: b\nc: \x01\n":                           "f.yaml:2: control characters are not allowed",
		"a: b\nc: \"\xff\"\n":                       "f.yaml:2: want UTF-8",
		"%YAML 3.0\n---\na":                         "f.yaml:1: found incompatible YAML document",
		"a: b\nc: {d: e, f: g}\na: h\n":             "f.yaml:3:1: /a: the member stands in line 1 already",
		"[{a/b: 1, a/b: 2}]":                        "f.yaml:1:11: /0/a~1b: the member stands in line 1 already",
		"a: {[b]: c}":                               "f.yaml:1:5: /a: want a text as the name of a member; merge keys are not supported",
		"a: &a {b: c}\nd: {<<: *a}":                 "f.yaml:2:5: /d: want a text as the name of a member; merge keys are not supported",
		"a: &a [*a]":                                "f.yaml:1:8: /a/0/0: the alias contains itself",
		"a: .inf":                                   "f.yaml:1:4: /a: JSON has no number .inf",
		"[.NaN]":                                    "f.yaml:1:2: /0: JSON has no number .NaN",
		"a: !!int b":                                "f.yaml:1:4: /a: cannot decode !!str `b` as a !!int",
		strings.Repeat("[", 201) + strings.Repeat("]", 201): "f.yaml:1:201: values nest more than 200 deep",
		laughs(): "f.yaml:1:89: /c/8/81/27: aliases make more than 100000 values",
	} {
		_, err := source.Read("f.yaml", []byte(text))
		var faults source.Faults
		if !errors.As(err, &faults) || err.Error() != want {
			t.Errorf("%q:\n got %v\nwant %s", text, err, want)
		}
	}
}

// laughs is a file of four lines that stands for a hundred million values.
func laughs() string {
	hundred := func(text string) string { return strings.Repeat(text+", ", 99) + text }
	return fmt.Sprintf("a: &a [%s]\nb: &b [%s]\nc: &c [%s]\nd: [%s]\n", hundred("x"), hundred("*a"), hundred("*b"), hundred("*c"))
}

// TestPlace finds values and the nearest ones around those that are not there.
func TestPlace(t *testing.T) {
	f := read(t, "# comment\na: b\nc/d:\n  - e\n  - f:\n      - {g: h, i: j}\nk: &k {l: m}\nn: *k\n")
	for pointer, want := range map[string][2]int{
		"":               {1, 1},
		"/a":             {2, 1},
		"/a/none/at/all": {2, 1},
		"/none":          {1, 1},
		"no pointer":     {1, 1},
		"/c~1d":          {3, 1},
		"/c~1d/0":        {4, 5},
		"/c~1d/1":        {5, 5},
		"/c~1d/2":        {3, 1},
		"/c~1d/1/f":      {5, 5},
		"/c~1d/1/f/0":    {6, 9},
		"/c~1d/1/f/0/i":  {6, 16},
		"/n":             {8, 1},
		"/n/l":           {7, 8},
	} {
		if line, column := f.Place(pointer); [2]int{line, column} != want {
			t.Errorf("%q stands at %d:%d, want %v", pointer, line, column, want)
		}
	}
	if line, column := read(t, "").Place("/a"); line != 0 || column != 0 {
		t.Errorf("an empty file has a place %d:%d", line, column)
	}
}

// TestFault holds the text of faults, with and without what may be unknown.
func TestFault(t *testing.T) {
	f := read(t, "a:\n  b: c\n")
	for want, fault := range map[string]source.Fault{
		"f.yaml:2:3: /a/b: 7 is wrong":   f.Fault("/a/b", "%d is wrong", 7),
		"f.yaml:1:1: /a/d: not there":    f.Fault("/a/d", "not there"),
		"f.yaml:1:1: all of it":          f.Fault("", "all of it"),
		"f.yaml: no place":               {File: "f.yaml", Message: "no place"},
		"f.yaml: /a: no line":            {File: "f.yaml", Column: 4, Pointer: "/a", Message: "no line"},
		"f.yaml:3: no column":            {File: "f.yaml", Line: 3, Message: "no column"},
		"f.yaml:3: /a: neither a column": {File: "f.yaml", Line: 3, Pointer: "/a", Message: "neither a column"},
	} {
		if fault.Error() != want {
			t.Errorf("got  %s\nwant %s", fault, want)
		}
	}
}

// TestSorted shows the order of faults, which keeps those of one place as they
// were found.
func TestSorted(t *testing.T) {
	faults := source.Faults{
		{File: "f", Line: 2, Column: 1, Message: "c"}, {File: "f", Line: 1, Column: 9, Message: "b"},
		{File: "f", Line: 1, Column: 2, Message: "z"}, {File: "f", Line: 1, Column: 2, Message: "a"},
	}
	const want = "f:1:2: z\nf:1:2: a\nf:1:9: b\nf:2:1: c"
	if got := faults.Sorted().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestTexts finds members by name.
func TestTexts(t *testing.T) {
	f := read(t, `
rule: top
x-a: [{rule: "a\nb€"}, {rule: [rule]}, {rule: {rule: deep}}, {rule: 7}, {rule: null}, {rules: no}, rule]
n/m: {n/m: slash}
b: &b {rule: twice}
c: *b
`)
	for name, want := range map[string]map[string]string{
		"rule": {"/rule": "top", "/x-a/0/rule": "a\nb€", "/x-a/2/rule/rule": "deep", "/b/rule": "twice", "/c/rule": "twice"},
		"n/m":  {"/n~1m/n~1m": "slash"},
		"none": {},
		"":     {},
	} {
		if diff := cmp.Diff(want, maps.Collect(f.Texts(name))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
	for range f.Texts("rule") {
		break // stops without a panic
	}
	if got := maps.Collect(read(t, "").Texts("rule")); len(got) > 0 {
		t.Errorf("an empty file has %v", got)
	}
}

func TestEscape(t *testing.T) {
	for name, want := range map[string]string{"": "", "a": "a", "a/b": "a~1b", "a~b": "a~0b", "~1/": "~01~1"} {
		if got := source.Escape(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
