package generator

import (
	"strings"
	"testing"
)

// carriedBy returns what a package needs whose code is this.
func carriedBy(t *testing.T, code string) string {
	t.Helper()
	declarations, err := readCarried()
	if err != nil {
		t.Fatal(err)
	}
	s, err := newGoFile("x.gen.go", "package x\n\n"+code)
	if err != nil {
		t.Fatal(err)
	}
	return carry(declarations, []*goFile{s}, 5<<10)
}

// A package gets what it uses of package reader, what that uses in turn, and all that is exported; nothing else.
func TestCarry(t *testing.T) {
	for code, want := range map[string]struct{ has, lacks []string }{
		`func f() {}`: {
			[]string{"type Violation struct", "func (v Violations) Error() string", "MaxBody = 5 << 10", "MaxViolations"},
			[]string{"type reader struct", "func readBody", "func multiple"},
		},
		`func f(r *reader) { r.boolean("", "") }`: {
			[]string{"type reader struct", "func (r *reader) boolean", "func (r *reader) skip()", "func (r *reader) wrong", "type names struct"},
			[]string{"func readBody", "func (r *reader) int64", "func (r *reader) convert", "func (f *findings) settle"},
		},
		`func f() { multiple(1, 2) }`: {[]string{"func multiple"}, []string{"func repeats"}},
		`func f() { readBody() }`:     {[]string{"func readBody"}, []string{"func refusal", "func identify"}},
	} {
		got := carriedBy(t, code)
		for _, text := range want.has {
			if !strings.Contains(got, text) {
				t.Errorf("%s: %q is missing", code, text)
			}
		}
		for _, text := range want.lacks {
			if strings.Contains(got, text) {
				t.Errorf("%s: %q is there", code, text)
			}
		}
	}
}

// Every declaration keeps its comment, and none refers to the package that it comes from.
func TestCarriedText(t *testing.T) {
	declarations, err := readCarried()
	if err != nil {
		t.Fatal(err)
	}
	if len(declarations) < 40 {
		t.Errorf("only %d declarations", len(declarations))
	}
	for _, d := range declarations {
		if len(d.names) == 0 || strings.Contains(d.text, "go:embed") || strings.HasPrefix(d.text, "package ") {
			t.Errorf("%v: %s", d.names, d.text)
		}
	}
}
