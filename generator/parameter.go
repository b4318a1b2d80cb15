package generator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// parameter is one of an operation.
type parameter struct {
	*openapi3.Parameter
	at path
}

// appendParameter takes a parameter, which replaces that of the same name in the same place.
func appendParameter(list []parameter, ref *openapi3.ParameterRef, at path) []parameter {
	if ref == nil || ref.Value == nil {
		return list
	}
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/parameters/"); ok {
		at = path{"components", "parameters", name}
	}
	same := func(p parameter) bool { return p.Name == ref.Value.Name && p.In == ref.Value.In }
	return append(slices.DeleteFunc(slices.Clone(list), same), parameter{ref.Value, at})
}

// parameter plans a parameter; wanted is the name of its type, if it needs one of its own, but for the parameter's name.
func (p *planner) parameter(ref *openapi3.ParameterRef, at path, wanted string) {
	if p.null(ref == nil, at) {
		return
	}
	if ref.Ref != "" {
		p.componentOnly(ref.Ref, "parameters", at)
		return
	}
	v := ref.Value
	switch {
	case v.In == openapi3.ParameterInCookie:
		p.fault(at, "a cookie is not supported")
	case v.Schema == nil:
		p.fault(at, "a parameter without schema is not supported")
	default:
		if text := prose(v.Description); text != "" {
			p.note(at, "description", descriptionMark+text)
		}
		if at[0] == "components" {
			wanted = goName(at[len(at)-1]) + "Value" // the component is a type too
		} else if wanted += goName(v.Name); v.Extensions["x-go-name"] == nil {
			p.note(at, "x-go-name", goName(v.Name)) // oapi-codegen would take that of a referenced schema
		}
		p.schema(v.Schema, at.to("schema"), inner(wanted))
		p.enforces(v, at)
	}
}

// form says how the text of a parameter is read.
type form int

const (
	bound     form = iota // by package runtime, which knows every style; nothing else is asked of it
	single                // a text, a number or a boolean
	severally             // a list of them, each sent as a parameter of its own
	separated             // a list of them in one text
)

// formOf returns how a parameter is read.
func formOf(v *openapi3.Parameter) form {
	if _, ok := extension(v.Schema, "x-go-type"); ok {
		return bound
	}
	method, err := v.SerializationMethod()
	if err != nil {
		return bound
	}
	schema := wrapped(v.Schema)
	plain := method.Style == openapi3.SerializationSimple || method.Style == openapi3.SerializationForm
	switch {
	case scalar(v.Schema) && plain, isAny(schema):
		return single
	case !schema.Type.Is("array") || schema.Items == nil || !scalar(schema.Items):
		return bound
	case method.Style == openapi3.SerializationForm && method.Explode:
		return severally
	case plain, method.Style == openapi3.SerializationSpaceDelimited, method.Style == openapi3.SerializationPipeDelimited:
		return separated
	}
	return bound
}

// isAny reports whether a schema says nothing of its values.
func isAny(s *openapi3.Schema) bool {
	return s.Type.Slice() == nil && !limited(s) && len(s.Properties) == 0 && s.Items == nil && len(s.AllOf) == 0
}

// enforces reports what a generated server could not enforce of a parameter.
func (p *planner) enforces(v *openapi3.Parameter, at path) {
	schema, here := wrapped(v.Schema), at.to("schema")
	if formOf(v) == bound {
		p.unlimited(v.Schema, here, nil)
	}
	if v.AllowEmptyValue && !schema.Type.Is("string") {
		p.fault(at.to("allowEmptyValue"), "allowEmptyValue is supported for a text alone")
	}
	if schema.Default == nil {
		return
	}
	if schema.VisitJSON(schema.Default) != nil {
		p.fault(here.to("default"), "the schema does not allow its default")
	} else if kind := cmp.Or(schema.Items, v.Schema); formOf(v) == bound || wrapped(kind).Format != "" && wrapped(kind).Type.Is("string") && len(wrapped(kind).Enum) == 0 {
		p.fault(here.to("default"), "a default of this type is not supported in a parameter")
	}
}

// unlimited reports the keywords of a parameter that is not read here, and of what is inside it.
func (p *planner) unlimited(ref *openapi3.SchemaRef, at path, above []*openapi3.Schema) {
	if ref == nil || ref.Value == nil || slices.Contains(above, ref.Value) {
		return
	}
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		at = path{"components", "schemas", name}
	}
	s, above := ref.Value, append(above, ref.Value)
	for _, keyword := range limiting(s) {
		p.fault(at.to(keyword), "%s is not supported in a parameter of this type and style", keyword)
	}
	for i, inside := range s.AllOf {
		p.unlimited(inside, at.to("allOf", strconv.Itoa(i)), above)
	}
	for _, name := range inOrder(&p.plan, s.Properties, at.to("properties")) {
		p.unlimited(s.Properties[name], at.to("properties", name), above)
	}
	p.unlimited(s.Items, at.to("items"), above)
	p.unlimited(s.AdditionalProperties.Schema, at.to("additionalProperties"), above)
}
