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

// planParameter plans a parameter; wanted is the name of its type, if it needs one of its own, but for the parameter's name.
func (p *planner) planParameter(ref *openapi3.ParameterRef, at path, wanted string) {
	if p.refuseNull(ref == nil, at) {
		return
	}
	if ref.Ref != "" {
		p.checkComponentReference(ref.Ref, "parameters", at)
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
		p.planSchema(v.Schema, at.to("schema"), inner(wanted))
		p.checkEnforceable(v, at)
	}
}

// form says how the text of a parameter is read.
type form int

const (
	byRuntime     form = iota // by package runtime, which knows every style; nothing else is asked of it
	singleText                // a text, a number or a boolean
	repeatedList              // a list of them, each sent as a parameter of its own
	separatedList             // a list of them in one text
)

// formOf returns how a parameter is read.
func formOf(v *openapi3.Parameter) form {
	if _, ok := textExtension(v.Schema, "x-go-type"); ok {
		return byRuntime
	}
	method, err := v.SerializationMethod()
	if err != nil {
		return byRuntime
	}
	schema := unwrap(v.Schema)
	plain := method.Style == openapi3.SerializationSimple || method.Style == openapi3.SerializationForm
	switch {
	case isScalar(v.Schema) && plain, isAny(schema):
		return singleText
	case !schema.Type.Is("array") || schema.Items == nil || !isScalar(schema.Items):
		return byRuntime
	case method.Style == openapi3.SerializationForm && method.Explode:
		return repeatedList
	case plain, method.Style == openapi3.SerializationSpaceDelimited, method.Style == openapi3.SerializationPipeDelimited:
		return separatedList
	}
	return byRuntime
}

// isAny reports whether a schema says nothing of its values.
func isAny(s *openapi3.Schema) bool {
	return s.Type.Slice() == nil && !hasLimits(s) && len(s.Properties) == 0 && s.Items == nil && len(s.AllOf) == 0
}

// checkEnforceable reports what a generated server could not enforce of a parameter.
func (p *planner) checkEnforceable(v *openapi3.Parameter, at path) {
	schema, here := unwrap(v.Schema), at.to("schema")
	if formOf(v) == byRuntime {
		p.checkUnlimited(v.Schema, here, nil)
	}
	if v.AllowEmptyValue && !schema.Type.Is("string") {
		p.fault(at.to("allowEmptyValue"), "allowEmptyValue is supported for a text alone")
	}
	if schema.Default == nil {
		return
	}
	if schema.VisitJSON(schema.Default) != nil {
		p.fault(here.to("default"), "the schema does not allow its default")
	} else if kind := cmp.Or(schema.Items, v.Schema); formOf(v) == byRuntime || unwrap(kind).Format != "" && unwrap(kind).Type.Is("string") && len(unwrap(kind).Enum) == 0 {
		p.fault(here.to("default"), "a default of this type is not supported in a parameter")
	}
}

// checkUnlimited reports the keywords of a parameter that is not read here, and of what is inside it.
func (p *planner) checkUnlimited(ref *openapi3.SchemaRef, at path, above []*openapi3.Schema) {
	if ref == nil || ref.Value == nil || slices.Contains(above, ref.Value) {
		return
	}
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		at = path{"components", "schemas", name}
	}
	s, above := ref.Value, append(above, ref.Value)
	for _, keyword := range limitingKeywords(s) {
		p.fault(at.to(keyword), "%s is not supported in a parameter of this type and style", keyword)
	}
	for i, inside := range s.AllOf {
		p.checkUnlimited(inside, at.to("allOf", strconv.Itoa(i)), above)
	}
	for _, name := range orderedNames(&p.plan, s.Properties, at.to("properties")) {
		p.checkUnlimited(s.Properties[name], at.to("properties", name), above)
	}
	p.checkUnlimited(s.Items, at.to("items"), above)
	p.checkUnlimited(s.AdditionalProperties.Schema, at.to("additionalProperties"), above)
}
