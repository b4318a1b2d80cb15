package celgo_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"cel.dev/cel-go/cel"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/generator/celgo"
	"github.com/vpnconform/vpnconform/generator/celgo/internal/sample"
	"github.com/vpnconform/vpnconform/openapi/rule"
)

// world is the sample's types, as the translator and as rules know them.
type world struct {
	types   map[reflect.Type]*celgo.Type
	schemas openapi3.Schemas
}

// variables are what the sample's rules read.
func (w *world) variables() []celgo.Variable {
	return []celgo.Variable{
		{Name: "self", Go: "self", Type: w.goType(reflect.TypeFor[sample.Request]())},
		{Name: "gateway", Go: "gateway", Type: w.goType(reflect.TypeFor[sample.Gateway]())},
	}
}

func newWorld() *world {
	w := &world{types: map[reflect.Type]*celgo.Type{}, schemas: openapi3.Schemas{}}
	w.variables()
	w.schema(reflect.TypeFor[sample.Request]())
	w.schema(reflect.TypeFor[sample.Gateway]())
	return w
}

// scope compiles the sample's rules.
func (w *world) scope(t testing.TB) *rule.Scope {
	t.Helper()
	parser, err := rule.NewParser()
	if err != nil {
		t.Fatal(err)
	}
	env, err := parser.Env(w.schemas)
	if err != nil {
		t.Fatal(err)
	}
	scope, err := env.Scope(
		rule.Variable{Name: "self", Schema: w.schema(reflect.TypeFor[sample.Request]())},
		rule.Variable{Name: "gateway", Schema: w.schema(reflect.TypeFor[sample.Gateway]())},
	)
	if err != nil {
		t.Fatal(err)
	}
	return scope
}

// checked compiles a rule.
func checked(t testing.TB, scope *rule.Scope, expression string) *cel.Ast {
	t.Helper()
	program, err := scope.Compile(expression)
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return program.AST()
}

// goType describes a Go type to the translator.
func (w *world) goType(r reflect.Type) *celgo.Type {
	if known := w.types[r]; known != nil {
		return known
	}
	t := &celgo.Type{}
	w.types[r] = t
	if r.Name() != "" && r.Kind().String() != r.Name() || r.Kind() == reflect.Int32 {
		t.GoName = r.Name()
	}
	switch r.Kind() {
	case reflect.Bool:
		t.Kind = celgo.Bool
	case reflect.Int32, reflect.Int64:
		t.Kind = celgo.Int
	case reflect.Float64:
		t.Kind = celgo.Double
	case reflect.String:
		t.Kind = celgo.String
	case reflect.Slice:
		t.Kind, t.Elem = celgo.List, w.goType(r.Elem())
	case reflect.Struct:
		t.Kind, t.Fields = celgo.Object, map[string]celgo.Field{}
		for _, f := range reflect.VisibleFields(r) {
			name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
			field := celgo.Field{GoName: f.Name, Optional: option != ""}
			if field.Pointer = f.Type.Kind() == reflect.Pointer; field.Pointer {
				field.Type = w.goType(f.Type.Elem())
			} else {
				field.Type = w.goType(f.Type)
			}
			t.Fields[name] = field
		}
	}
	return t
}

// schema describes a Go type to rules.
func (w *world) schema(r reflect.Type) *openapi3.SchemaRef {
	s := &openapi3.Schema{}
	ref := &openapi3.SchemaRef{Value: s}
	switch r.Kind() {
	case reflect.Pointer:
		return w.schema(r.Elem())
	case reflect.Bool:
		s.Type = &openapi3.Types{"boolean"}
	case reflect.Int32, reflect.Int64:
		s.Type = &openapi3.Types{"integer"}
	case reflect.Float64:
		s.Type = &openapi3.Types{"number"}
	case reflect.String:
		s.Type = &openapi3.Types{"string"}
	case reflect.Slice:
		s.Type, s.Items = &openapi3.Types{"array"}, w.schema(r.Elem())
	case reflect.Map:
		s.Type = &openapi3.Types{"object"}
	case reflect.Struct:
		ref.Ref = "#/components/schemas/" + r.Name()
		if known := w.schemas[r.Name()]; known != nil {
			return &openapi3.SchemaRef{Ref: ref.Ref, Value: known.Value}
		}
		w.schemas[r.Name()] = &openapi3.SchemaRef{Value: s}
		s.Type, s.Properties = &openapi3.Types{"object"}, openapi3.Schemas{}
		for _, f := range reflect.VisibleFields(r) {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			s.Properties[name] = w.schema(f.Type)
		}
	}
	return ref
}

// line is a rule of a file of rules.
type line struct{ name, expression string }

// read reads a file of rules: a name and an expression a line; an indented line goes on with the one above it.
func read(t testing.TB, file string) []line {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []line
	for _, text := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		switch {
		case text == "" || text[0] == '#':
		case text[0] == ' ' && len(lines) > 0:
			lines[len(lines)-1].expression += "\n" + text
		default:
			name, expression, ok := strings.Cut(text, ": ")
			if !ok {
				t.Fatalf("%s: no name: %s", file, text)
			}
			lines = append(lines, line{name, expression})
		}
	}
	return lines
}
