package celgo_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/generator/celgo"
)

// Support has what the rules need, what that needs, and nothing else.
func TestSupport(t *testing.T) {
	w := newWorld()
	scope := w.scope(t)
	for _, row := range []struct {
		name         string
		rules        []string
		declarations []string
		imports      []string
	}{
		{name: "nothing"},
		{name: "plain", rules: []string{"self.forced"}},
		{name: "library", rules: []string{"self.gateway_id.startsWith('a') || self.gateway_id.size() > 1"}, imports: []string{"strings", "unicode/utf8"}},
		{name: "slices", rules: []string{"has(self.ports) && 1 in self.ports"}, imports: []string{"slices"}},
		{name: "dependency", rules: []string{"isIPv4(self.gateway_id)"}, declarations: []string{"parseIPv4", "isIPv4"}, imports: []string{"net/netip"}},
		{
			name: "shared", rules: []string{"isBlock(self.gateway_id)", "maskLength(self.gateway_ip) == 8"},
			declarations: []string{"parseIPv4", "parseBlock"}, imports: []string{"net/netip", "strings"},
		},
		{
			name: "variables", rules: []string{"self.gateway_id.matches('a')", "self.gateway_ip.matches('a') && sameBlock(self.gateway_id, '10.0.0.0/8')"},
			declarations: []string{"block10_0_0_0_8", "patterne40c292c", "parseIPv4", "parseBlock", "sameBlock"}, imports: []string{"net/netip", "regexp", "strings"},
		},
		{
			name: "left out", rules: []string{"self.tags.map(t, t.key.upperAscii()).all(k, self.forced)"}},
		{
			name: "classes", rules: []string{"characterClasses(self.gateway_id, '!') > 2"}, declarations: []string{"characterClasses"}, imports: []string{"math/bits", "strings"},
		},
	} {
		var results []celgo.Result
		for _, expression := range row.rules {
			result, err := celgo.Translate(checked(t, scope, expression), w.variables())
			if err != nil {
				t.Fatalf("%s: %v", expression, err)
			}
			results = append(results, result)
		}
		text, imports := celgo.Support(results...)
		if diff := cmp.Diff(row.declarations, declared(t, text)); diff != "" {
			t.Errorf("%s: declarations (-want +got):\n%s", row.name, diff)
		}
		if diff := cmp.Diff(row.imports, imports); diff != "" {
			t.Errorf("%s: imports (-want +got):\n%s", row.name, diff)
		}
	}
}

// declared lists what a Go text declares.
func declared(t *testing.T, text string) []string {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, declaration := range tree.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			names = append(names, d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, spec.(*ast.ValueSpec).Names[0].Name)
			}
		}
	}
	return names
}

// checker judges Go files as the compiler does.
type checker struct {
	set   *token.FileSet
	types *ast.File
	conf  types.Config
}

// newChecker reads the sample's types and, once, the packages that rules import.
var newChecker = sync.OnceValues(func() (*checker, error) {
	set := token.NewFileSet()
	text, err := os.ReadFile("internal/sample/sample.go")
	if err != nil {
		return nil, err
	}
	tree, err := parser.ParseFile(set, "sample.go", text, parser.SkipObjectResolution)
	return &checker{set, tree, types.Config{Importer: importer.ForCompiler(set, "source", nil)}}, err
})

// compiles tells why a file of translated rules does not compile.
func compiles(t testing.TB, text []byte) error {
	t.Helper()
	c, err := newChecker()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := parser.ParseFile(c.set, "rules.gen.go", text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	_, err = c.conf.Check("sample", c.set, []*ast.File{c.types, tree}, nil)
	return err
}

// FuzzTranslate translates whatever CEL takes. What comes out compiles; what is refused has a place in the rule.
func FuzzTranslate(f *testing.F) {
	for _, file := range []string{"testdata/rules.cel", "testdata/refused.cel"} {
		for _, line := range read(f, file) {
			f.Add(line.expression)
		}
	}
	w := newWorld()
	scope := w.scope(f)
	f.Fuzz(func(t *testing.T, expression string) {
		program, err := scope.Compile(expression)
		if err != nil || len(expression) > 400 {
			return
		}
		result, err := celgo.Translate(program.AST(), w.variables())
		if err == nil {
			text := file(t, []line{{"rule", "what the fuzzer wrote"}}, []celgo.Result{result})
			if err := compiles(t, text); err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			return
		}
		faults, ok := err.(celgo.Faults) //nolint:errorlint // it is never wrapped
		if !ok {
			t.Fatal(err)
		}
		lines := strings.Split(expression, "\n")
		for _, fault := range faults {
			if fault.Line < 1 || fault.Line > len(lines) || fault.Column < 1 || fault.Column > len(lines[fault.Line-1])+1 {
				t.Errorf("no place in the rule: %v", fault)
			}
		}
	})
}
