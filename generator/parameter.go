package generator

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// parameter is a parameter of an operation and its place.
type parameter struct {
	*openapi3.Parameter
	at path
}

// appendParameter appends a parameter; it replaces one of the same place and name, as those of an operation replace those
// of its path.
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

// planParameter plans a parameter. The name of its type, if it needs one, is wanted and the parameter's name.
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
	case v.In == openapi3.ParameterInCookie && v.Schema != nil && v.Schema.Value != nil && formOf(v) != singleText:
		p.fault(at, "a cookie is supported as a text, a number or a boolean")
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
		p.planSchema(v.Schema, at.join("schema"), inlineName(wanted))
		p.checkEnforceable(v, at)
	}
}

// form is the way in which the text of a parameter is read.
type form int

const (
	byRuntime     form = iota // by package runtime, which knows every style, and without further checks
	singleText                // a text, a number or a boolean
	repeatedList              // a list of these, each sent as a parameter of its own
	separatedList             // a list of these in one text
)

// formOf returns the form of a parameter.
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

// isAny reports whether a schema does not limit its values.
func isAny(s *openapi3.Schema) bool {
	return s.Type.Slice() == nil && !hasLimits(s) && len(s.Properties) == 0 && s.Items == nil && len(s.AllOf) == 0
}

// checkEnforceable reports keywords of a parameter that a generated server could not enforce.
func (p *planner) checkEnforceable(v *openapi3.Parameter, at path) {
	schema, here := unwrap(v.Schema), at.join("schema")
	if formOf(v) == byRuntime {
		p.checkUnlimited(v.Schema, here, nil)
	}
	if v.AllowEmptyValue && !schema.Type.Is("string") {
		p.fault(at.join("allowEmptyValue"), "allowEmptyValue is supported for a text alone")
	}
	if schema.Default == nil {
		return
	}
	if schema.VisitJSON(schema.Default) != nil {
		p.fault(here.join("default"), "the schema does not allow its default")
	} else if kind := cmp.Or(schema.Items, v.Schema); formOf(v) == byRuntime || unwrap(kind).Format != "" && unwrap(kind).Type.Is("string") && len(unwrap(kind).Enum) == 0 {
		p.fault(here.join("default"), "a default of this type is not supported in a parameter")
	}
}

// checkUnlimited reports the limits of a parameter that package runtime reads, and of the schemas inside it: nothing
// would check them.
func (p *planner) checkUnlimited(ref *openapi3.SchemaRef, at path, above []*openapi3.Schema) {
	if ref == nil || ref.Value == nil || slices.Contains(above, ref.Value) {
		return
	}
	if name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/"); ok {
		at = path{"components", "schemas", name}
	}
	s, above := ref.Value, append(above, ref.Value)
	for _, keyword := range limitingKeywords(s) {
		p.fault(at.join(keyword), "%s is not supported in a parameter of this type and style", keyword)
	}
	for i, inside := range s.AllOf {
		p.checkUnlimited(inside, at.join("allOf", strconv.Itoa(i)), above)
	}
	for _, name := range orderedNames(&p.plan, s.Properties, at.join("properties")) {
		p.checkUnlimited(s.Properties[name], at.join("properties", name), above)
	}
	p.checkUnlimited(s.Items, at.join("items"), above)
	p.checkUnlimited(s.AdditionalProperties.Schema, at.join("additionalProperties"), above)
}
