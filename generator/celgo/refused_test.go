package celgo_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/ext"
	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/generator/celgo"
)

// The golden file holds every refusal, with its place.
func TestRefuses(t *testing.T) {
	w := newWorld()
	scope := w.scope(t)
	var b bytes.Buffer
	for _, line := range read(t, "testdata/refused.cel") {
		_, err := celgo.Translate(checked(t, scope, line.expression), w.variables())
		if err == nil {
			t.Errorf("%s is not refused: %s", line.name, line.expression)
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n%s\n\n", line.name, line.expression, err)
	}
	goldie.New(t, goldie.WithFixtureDir("testdata"), goldie.WithDiffEngine(goldie.ClassicDiff)).Assert(t, "refused", b.Bytes())
}

// What CEL's extensions add is refused, and so are rules and variables that do not fit.
func TestRefusesExtensions(t *testing.T) {
	env, err := cel.NewEnv(ext.Bindings(), ext.TwoVarComprehensions(), ext.Lists(), cel.OptionalTypes(),
		cel.Variable("xs", cel.ListType(cel.StringType)), cel.Variable("x", cel.DynType), cel.Variable("y", cel.DynType))
	if err != nil {
		t.Fatal(err)
	}
	text := &celgo.Type{Kind: celgo.String}
	fields := map[string]celgo.Field{
		"noType": {GoName: "NoType"}, "noPointer": {GoName: "NoPointer", Type: text, Optional: true},
		"float": {GoName: "Float", Type: &celgo.Type{Kind: celgo.Double, GoName: "float32"}}, "text": {GoName: "Text", Type: text},
	}
	vars := []celgo.Variable{
		{Name: "xs", Go: "xs", Type: &celgo.Type{Kind: celgo.List, Elem: text}},
		{Name: "x", Go: "x", Type: &celgo.Type{Kind: celgo.Object, Fields: fields}},
	}
	got := map[string]string{}
	want := map[string]string{
		"cel.bind(z, xs[0], z == 'a')":            "1:9: this macro is not translated",
		"xs.all(i, z, z == 'a')":                  "1:7: this macro is not translated",
		"xs.transformList(i, z, z).size() == 2":   "1:17: this macro is not translated",
		"xs.sort().size() == 2":                   "1:8: the function sort is not translated",
		"optional.of('a').hasValue()":             "1:12: the function optional.of is not translated\n1:26: the function hasValue is not translated",
		"xs[?0].orValue('a') == 'a'":              "1:3: an optional value is not translated\n1:15: the function orValue is not translated",
		"y == 'a'":                                "1:1: y is not among the variables",
		"x.other == 'a'":                          "1:2: there is no member x.other",
		"x.noType == 'a'":                         "1:2: the Go type of x.noType is not known",
		"has(x.noPointer)":                        "1:4: x.noPointer may be absent, which its Go field NoPointer cannot express",
		"x.float > 0.1":                           "1:2: x.float is a float32 in Go, which rounds what CEL reads",
		"x.text.more == 'a'":                      "1:7: x.text.more is a member of a string, which has none",
		"x.text == 1":                             "1:8: comparing a string with an int is not translated",
		"x.text < 1.5":                            "1:8: the operator < of a string and a double is not translated",
		"x.text + 1 == 2":                         "1:8: the operator + of a string is not translated",
		"-x.text == 2":                            "1:1: the minus of a string is not translated",
		"xs.all(z, z.matches('('))":               "1:21: error parsing regexp: missing closing ): `(`",
		"'a' in x.text":                           "1:5: in a string is not translated",
		"x.text.all(z, z == 'a')":                 "1:2: a macro over a string is not translated",
		"x.text.size() == 1 && size(x) == 1":      "1:27: the size of an object is not translated",
		"(true ? x.text : 1) == 'a'":              "1:7: a choice between values of different Go types is not translated",
		"[x.text, 1].exists(z, z == 'a')":         "1:1: a list of such items is not translated",
		"x.text.matches(xs[0]) && x.text == null": "1:18: an index is not translated: it could be out of range\n1:36: null is not translated; ask has()",
	}
	for expression := range want {
		ast, issues := env.Compile(expression)
		if issues.Err() != nil {
			t.Errorf("%s: %v", expression, issues.Err())
			continue
		}
		if _, err := celgo.Translate(ast, vars); err != nil {
			got[expression] = err.Error()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refusals (-want +got):\n%s", diff)
	}
}

func TestRefusesNoRule(t *testing.T) {
	env, err := cel.NewEnv()
	if err != nil {
		t.Fatal(err)
	}
	parsed, _ := env.Parse("true")
	number, _ := env.Compile("1")
	for name, ast := range map[string]*cel.Ast{"not checked": parsed, "a number": number} {
		var faults celgo.Faults
		_, err := celgo.Translate(ast, nil)
		if want := (celgo.Faults{{1, 1, "a rule is checked, and true or false"}}); !errors.As(err, &faults) || !cmp.Equal(faults, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
	}
}
