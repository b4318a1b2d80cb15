package rule

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
	"github.com/getkin/kin-openapi/openapi3"
)

// Variable is a name that an expression may read.
type Variable struct {
	Name string

	// Schema types the variable; nil means a map of text by text, as header
	// fields are.
	Schema *openapi3.SchemaRef
}

// Parser reads expressions before their variables are known.
type Parser struct {
	standard *cel.Env
}

// NewParser returns a parser that knows the functions of rules.
func NewParser() (*Parser, error) {
	standard, err := cel.NewEnv(append(functions(), ext.Strings(ext.StringsVersion(1)))...)
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	return &Parser{standard}, nil
}

// Parsed is the result of parsing an expression, which may have failed; its types are
// not checked. It is compiled once.
type Parsed struct {
	expression string
	ast        *cel.Ast
	issues     *cel.Issues
}

// Parse reads an expression. Its mistakes are reported by [Scope.Check].
func (p *Parser) Parse(expression string) *Parsed {
	ast, issues := p.standard.Parse(expression)
	return &Parsed{expression, ast, issues}
}

// Env compiles expressions over the schemas of one document.
type Env struct {
	parser *Parser
	base   *cel.Env
}

// Env declares the object types of schemas, by their names in the
// document's components.
func (p *Parser) Env(schemas openapi3.Schemas) (*Env, error) {
	base, err := p.standard.Extend(cel.CustomTypeProvider(&provider{p.standard.CELTypeProvider(), schemas}))
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	return &Env{p, base}, nil
}

// Scope is a set of variables to compile expressions over.
type Scope struct {
	parser *Parser
	env    *cel.Env
}

// Scope declares variables. The error names a variable of a type that rules
// cannot read.
func (e *Env) Scope(vars ...Variable) (*Scope, error) {
	opts := make([]cel.EnvOption, len(vars))
	for i, v := range vars {
		opts[i] = cel.Variable(v.Name, celType(v.Schema))
	}
	env, err := e.base.Extend(opts...)
	if err != nil {
		return nil, fmt.Errorf("rule: %w", err)
	}
	return &Scope{e.parser, env}, nil
}

// Program is a compiled rule.
type Program struct {
	expression string
	ast        *cel.Ast
	program    cel.Program
}

// Expression returns the rule's text.
func (p *Program) Expression() string { return p.expression }

// AST returns the rule's checked syntax tree.
func (p *Program) AST() *cel.Ast { return p.ast }

// Compile parses and type-checks expression, which must be a bool. The error lists the
// mistakes, with the line and the column inside the expression.
func (s *Scope) Compile(expression string) (*Program, error) {
	return s.Check(s.parser.Parse(expression))
}

// Check type-checks a parsed expression, as Compile does.
func (s *Scope) Check(parsed *Parsed) (*Program, error) {
	if err := withPlaces(parsed.issues); err != nil {
		return nil, err
	}
	ast, issues := s.env.Check(parsed.ast)
	if err := withPlaces(issues); err != nil {
		return nil, err
	}
	if ast.OutputType() != cel.BoolType {
		return nil, fmt.Errorf("1:1: want a rule of type bool, got %s", ast.OutputType())
	}
	program, err := s.env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		return nil, fmt.Errorf("1:1: %w", err)
	}
	return &Program{expression: parsed.expression, ast: ast, program: program}, nil
}

// withPlaces returns the issues of an expression as an error, each with line and column;
// nil if there are none.
func withPlaces(issues *cel.Issues) error {
	if issues.Err() == nil {
		return nil
	}
	var errs []error
	for _, e := range issues.Errors() {
		errs = append(errs, fmt.Errorf("%d:%d: %s", e.Location.Line(), e.Location.Column()+1, e.Message))
	}
	return errors.Join(errs...)
}

// Eval reports whether the rule holds for the values of the variables, which are
// [Native]. The error says why the rule could not be decided: a member that it
// reads without has() is absent, or has another type.
func (p *Program) Eval(values map[string]any) (bool, error) {
	out, _, err := p.program.Eval(values)
	if err != nil {
		return false, err
	}
	holds, ok := out.Value().(bool)
	return ok && holds, nil
}

// Native turns decoded JSON into the values that rules read: a json.Number becomes an
// int64 if it is the literal of one, otherwise a float64, and the largest float64 if it
// is too large. The argument is not changed: objects and lists with numbers in them are
// copied, all others are shared.
func Native(v any) any {
	out, _ := toNative(v)
	return out
}

// toNative also reports whether the value was replaced.
func toNative(v any) (any, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i, true
		}
		f, _ := v.Float64()
		return max(-math.MaxFloat64, min(f, math.MaxFloat64)), true
	case map[string]any:
		out, copied := v, false
		for name, member := range v {
			if other, replaced := toNative(member); replaced {
				if !copied {
					out, copied = maps.Clone(v), true
				}
				out[name] = other
			}
		}
		return out, copied
	case []any:
		out, copied := v, false
		for i, item := range v {
			if other, replaced := toNative(item); replaced {
				if !copied {
					out, copied = slices.Clone(v), true
				}
				out[i] = other
			}
		}
		return out, copied
	}
	return v, false
}

// provider gives CEL the object types of the document's schemas.
type provider struct {
	types.Provider
	schemas openapi3.Schemas
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if _, ok := p.schemas[name]; !ok {
		return p.Provider.FindStructType(name)
	}
	return types.NewTypeTypeWithParam(types.NewObjectType(name)), true
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	s, ok := p.schemas[name]
	if !ok {
		return p.Provider.FindStructFieldNames(name)
	}
	var names []string
	for member := range s.Value.Properties {
		names = append(names, member)
	}
	return names, true
}

func (p *provider) FindStructFieldType(name, member string) (*types.FieldType, bool) {
	s, ok := p.schemas[name]
	if !ok {
		return p.Provider.FindStructFieldType(name, member)
	}
	property, ok := s.Value.Properties[member]
	if !ok {
		return nil, false
	}
	return &types.FieldType{Type: celType(property)}, true
}

// NewValue refuses to build an object: a rule only reads.
func (p *provider) NewValue(name string, _ map[string]ref.Val) ref.Val {
	return types.NewErr("a rule cannot make a %s", name)
}

// celType is the CEL type of a schema. An object without a name in the
// components is a map.
func celType(s *openapi3.SchemaRef) *cel.Type {
	if s == nil {
		return cel.MapType(cel.StringType, cel.StringType)
	}
	if name, ok := componentName(s.Ref); ok && s.Value.Type.Is("object") {
		return cel.ObjectType(name)
	}
	v := s.Value
	switch {
	case len(v.AllOf) == 1:
		return celType(v.AllOf[0])
	case v.Type.Is("string"):
		return cel.StringType
	case v.Type.Is("integer"):
		return cel.IntType
	case v.Type.Is("number"):
		return cel.DoubleType
	case v.Type.Is("boolean"):
		return cel.BoolType
	case v.Type.Is("array"):
		return cel.ListType(celType(v.Items))
	}
	return cel.MapType(cel.StringType, cel.DynType)
}
