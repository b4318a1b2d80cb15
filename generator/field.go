package generator

import (
	"go/ast"
	"go/types"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// operationParameters are the parameters of an operation, with the Go fields that take them.
type operationParameters struct {
	operation
	fields []parameterField
}

// parameterField is a parameter and the field of the request object that takes it.
type parameterField struct {
	parameter
	shape   *shape // nil if package runtime reads it
	goType  string
	place   string // in Go: request.Params.Limit
	pointer bool
}

// parameterOwner is a parameter of an operation; several operations may share one.
type parameterOwner struct {
	operation string // id
	parameter *openapi3.Parameter
}

// findParameters finds the fields of all parameters: of path parameters in the request object, a type of the server, and
// of the others in the object of parameters.
func (b *shapes) findParameters(server *ast.File) {
	objects := map[string]*ast.StructType{}
	for _, t := range typeSpecs(server) {
		objects[t.Name.Name], _ = t.Type.(*ast.StructType)
	}
	for _, op := range b.plan.operations {
		if len(op.parameters) == 0 {
			continue
		}
		bound := operationParameters{operation: op}
		params, _ := b.underlying(ast.NewIdent(op.name + "Params")).(*ast.StructType)
		for _, v := range op.parameters {
			object, place := params, "request.Params."
			if v.In == openapi3.ParameterInPath {
				object, place = objects[op.name+"RequestObject"], "request."
			}
			bound.fields = append(bound.fields, b.bindField(op, v, fieldOf(object, v.Name), place))
		}
		b.parameters = append(b.parameters, bound)
	}
}

// fieldOf returns the field of a struct with a name in JSON.
func fieldOf(object *ast.StructType, name string) *ast.Field {
	for _, field := range object.Fields.List {
		if given, _ := jsonTag(field); given == name {
			return field
		}
	}
	return nil
}

func (b *shapes) bindField(op operation, v parameter, field *ast.Field, place string) parameterField {
	owner := parameterOwner{op.id, v.Parameter}
	f := parameterField{parameter: v, place: place + field.Names[0].Name}
	goType := field.Type
	if star, ok := goType.(*ast.StarExpr); ok {
		goType, f.pointer = star.X, true
	}
	stem, id := op.name+goName(v.Name), op.id+"."+v.Name
	if s := b.parameterShape(v.Schema, goType, stem, id); formOf(v.Parameter) != byRuntime {
		f.shape, s.owner = s, owner
		if s.kind == list {
			elements, _ := b.underlying(goType).(*ast.ArrayType)
			s.item = b.parameterShape(s.schema.Items, elements.Elt, stem+"Item", id+".items")
			s.item.owner = owner
		}
	} else {
		f.goType = s.goType
	}
	return f
}

// parameterShape returns a new shape for a parameter, even if its schema is shared: the rules of each parameter have ids
// of their own.
func (b *shapes) parameterShape(ref *openapi3.SchemaRef, goType ast.Expr, stem, path string) *shape {
	for b.stems[stem] {
		stem += "2"
	}
	b.stems[stem] = true
	schema := unwrap(ref)
	s := &shape{goType: types.ExprString(goType), schema: schema, stem: stem, path: path, values: b.plan.constants[schema]}
	if ident, ok := b.underlying(goType).(*ast.Ident); ok {
		s.basic = ident.Name
	}
	s.kind = kindOf(ref, schema, s.basic)
	return s
}

// location returns the place of a parameter in violations: query/limit.
func (f parameterField) location() string { return f.In + "/" + source.Escape(f.Name) }

// wildcard returns the name of a path parameter in the pattern of the router.
func (f parameterField) wildcard() string { return codegen.SanitizeGoIdentifier(f.Name) }
