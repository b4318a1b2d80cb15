package conformance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// engine are the directories whose code knows no API. Those with the reference
// implementation and its faults, the independent server, and what is generated know
// one.
var engine = []string{"openapi", "generator", "conformance"}

// apart are those inside of them that are no engine.
var apart = []string{
	"conformance/reference", "conformance/calibrate/mistakes", "conformance/internal/inventory", "conformance/report/browser",
	"generator/celgo/internal/sample", "testdata",
}

// general are names of the document that are words of HTTP, of JSON Schema, of time
// or of the kit itself as well.
var general = strings.Fields("id name key value source tags timeout interval msg destination version private public master ip type Location token psk message code Authorization")

// TestEngineKnowsNoAPI holds the string literals of the engine against the names that
// the document defines: operations, schemas, members, parameters, header fields, paths,
// values of enumerations and rules.
func TestEngineKnowsNoAPI(t *testing.T) {
	names := namesOf(embedded(t))
	if len(names) < 150 {
		t.Fatalf("the document has %d names: the test finds too few", len(names))
	}
	files := 0
	for _, dir := range engine {
		err := filepath.WalkDir("../"+dir, func(path string, d fs.DirEntry, err error) error {
			path = filepath.ToSlash(path)
			switch {
			case err != nil:
				return err
			case d.IsDir() && slices.ContainsFunc(apart, func(not string) bool { return strings.HasSuffix(path, not) }):
				return fs.SkipDir
			case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
				return nil
			}
			files++
			for _, l := range literals(t, path) {
				for _, name := range namesIn(l.text, names) {
					t.Errorf("%s: %q holds %s, which the document defines", l.at, l.text, name)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 200 {
		t.Errorf("%d files were read: the test finds too few", files)
	}
}

// TestNamed shows that the test above would notice.
func TestNamed(t *testing.T) {
	names := namesOf(embedded(t))
	for text, want := range map[string]string{
		"/vpn_connection/style":              "style vpn_connection",
		"the member vgw_id is absent":        "vgw_id",
		"CreateVpnConnection.style.enum":     "CreateVpnConnection style",
		"policy_rules":                       "policy_rules",
		"X-Auth-Token":                       "X-Auth-Token",
		"static":                             "static",
		`json:"network_type"`:                "network_type",
		"the request is static in all cases": "",
		"id":                                 "",
		"gateways of a kind":                 "",
	} {
		if got := strings.Join(namesIn(text, names), " "); got != want {
			t.Errorf("%q: found %q, want %q", text, got, want)
		}
	}
}

// literal is a text in Go code.
type literal struct{ text, at string }

// literals are the string literals of a file, its imports apart.
func literals(t *testing.T, path string) []literal {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, data, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []literal
	ast.Inspect(file, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			text, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, literal{text, set.Position(l.Pos()).String()})
		}
		return true
	})
	return out
}

var (
	words    = regexp.MustCompile(`[A-Za-z][A-Za-z0-9_-]*`)
	telltale = regexp.MustCompile(`[_-]|[a-z][A-Z]|[a-z][0-9]`) // what no word of English has
	place    = regexp.MustCompile(`^[A-Za-z0-9_./{}*-]+$`)      // a name, a pointer or an id, no sentence
)

// namesIn are the names in a text: one that no word of English is like anywhere, another
// one in what is a name, a pointer or an id.
func namesIn(text string, names map[string]bool) []string {
	var out []string
	for _, word := range words.FindAllString(text, -1) {
		if names[word] && (telltale.MatchString(word) || place.MatchString(text)) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	slices.Sort(out)
	return out
}

// namesOf are the names that a document defines.
func namesOf(doc *openapi.Document) map[string]bool {
	out := map[string]bool{}
	add := func(texts ...string) {
		for _, text := range texts {
			for _, word := range words.FindAllString(text, -1) {
				out[word] = true
			}
		}
	}
	seen := map[*openapi3.Schema]bool{}
	var schema func(s *openapi3.SchemaRef)
	schema = func(s *openapi3.SchemaRef) {
		if s == nil || seen[s.Value] {
			return
		}
		seen[s.Value] = true
		for _, value := range s.Value.Enum {
			if text, ok := value.(string); ok {
				add(text)
			}
		}
		for name, property := range s.Value.Properties {
			add(name)
			schema(property)
		}
		for _, part := range s.Value.AllOf {
			schema(part)
		}
		schema(s.Value.Items)
		schema(s.Value.AdditionalProperties.Schema)
	}
	for name, s := range doc.T.Components.Schemas {
		add(name, s.Value.Title)
		schema(s)
	}
	for _, s := range doc.T.Components.SecuritySchemes {
		out[s.Value.Name] = true
	}
	for _, op := range doc.Operations() {
		add(op.OperationID, op.Path)
		for _, p := range op.Parameters {
			add(p.Value.Name)
		}
		for _, response := range op.Responses.Map() {
			for name := range response.Value.Headers {
				out[name] = true
			}
		}
		for _, name := range doc.Examples(op) {
			add(name)
		}
	}
	for _, f := range doc.Kinds() {
		add(f.Name)
	}
	for _, r := range doc.Rules {
		last := r.ID[strings.LastIndexByte(r.ID, '.')+1:]
		if (r.Kind == openapi.Validation || r.Kind == openapi.Postcondition) && strings.Contains(last, "-") {
			out[last] = true
		}
	}
	for _, word := range general {
		delete(out, word)
	}
	return out
}
