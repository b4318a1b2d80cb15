package generator

import (
	"encoding/json"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// jsonType is the one content type of bodies.
const jsonType = "application/json"

// planComponent plans a schema that has a name. The types inside it begin with its title, if that is an identifier, and
// with its name otherwise: a title can shorten them.
func (p *planner) planComponent(ref *openapi3.SchemaRef, at path, name string) {
	if p.refuseNull(ref == nil || ref.Value == nil, at) {
		return
	}
	goType := p.components[name]
	p.note(at, "x-order", len(p.notes))
	prefix := goType
	if title := ref.Value.Title; token.IsIdentifier(title) {
		prefix = goName(title)
	}
	p.rememberType(goType, ref, prefix)
	p.planSchema(ref, at, schemaName{given: goType, prefix: prefix})
}

// nameComponent chooses the Go name of a schema that has a name.
func (p *planner) nameComponent(ref *openapi3.SchemaRef, at path, name string) {
	if ref == nil || ref.Value == nil {
		return
	}
	goType, given := textExtension(ref, "x-go-name")
	if !given || ref.Ref != "" {
		goType = p.freeTypeName(goName(name), spell(name))
	}
	p.reserveName(goType, at, "x-go-name")
	if (goType != camelName(name) || strings.IndexAny(name, "_-.") == 0) && ref.Ref == "" {
		p.note(at, "x-go-name", goType) // oapi-codegen would choose another
	}
	if _, ok := p.taken[name]; !ok {
		p.taken[name] = at // a type that moves to the components must not replace this one
	}
	p.components[name] = goType
}

// freeTypeName returns a name for a type that no other type has. A name that the generated package needs for itself gets
// Schema behind it: the types of the operations and of the client keep their names, whatever schemas there are.
func (p *planner) freeTypeName(wanted, spelled string) string {
	if p.avoided[wanted] {
		wanted, spelled = wanted+"Schema", wanted+"Schema"
	}
	return freeName(wanted, spelled, func(name string) bool { return p.avoided[name] || p.taken[name] != nil })
}

// rememberType records the Go type of a schema.
func (p *planner) rememberType(goType string, ref *openapi3.SchemaRef, prefix string) {
	p.goTypes[goType] = namedSchema{name: goType, ref: ref, schema: unwrap(ref), prefix: prefix}
}

// schemaName holds the names of a schema and of the schemas inside it.
type schemaName struct {
	given  string // the name that the schema has; empty for an inline schema
	wanted string // the name of its type, if the schema is inline and needs one
	prefix string // the beginning of the names of the schemas inside it
}

// inlineName returns the names of an inline schema.
func inlineName(name string) schemaName { return schemaName{wanted: name, prefix: name} }

// planSchema plans a schema and the schemas inside it.
func (p *planner) planSchema(ref *openapi3.SchemaRef, at path, name schemaName) {
	if p.refuseNull(ref == nil || ref.Value == nil, at) {
		return
	}
	if ref.Ref != "" {
		p.checkReference(ref, at)
		return
	}
	s := ref.Value
	if !p.checkKeywords(ref, at) {
		return
	}
	p.required[s] = p.requiredMembers(s)
	p.rememberExactLimits(s, at)
	if text := describe(ref); text != "" {
		p.note(at, "description", descriptionMark+text)
	}
	if _, ok := textExtension(ref, "x-go-type"); ok {
		return
	}
	switch {
	case s.Type.Slice() == nil && len(s.AllOf) == 0 && len(s.Properties) == 0 && s.AdditionalProperties.Schema == nil && len(s.Enum) == 0:
		p.checkUntyped(ref, at, nil)
	case len(s.AllOf) == 1:
		p.planSchema(s.AllOf[0], at.join("allOf", "0"), name)
	case len(s.Enum) > 0:
		p.planEnumeration(ref, at, p.nameType(ref, at, name))
	case len(s.Properties) > 0:
		p.planProperties(s, at, p.nameType(ref, at, name), name.prefix)
	case s.Items != nil:
		p.planSchema(s.Items, at.join("items"), inlineName(name.prefix+"Item"))
	case s.AdditionalProperties.Schema != nil:
		p.planSchema(s.AdditionalProperties.Schema, at.join("additionalProperties"), inlineName(name.prefix+"Value"))
	}
}

func (p *planner) checkReference(ref *openapi3.SchemaRef, at path) {
	name, ok := strings.CutPrefix(ref.Ref, "#/components/schemas/")
	if !ok || strings.Contains(name, "/") {
		p.fault(at, "the reference %s is not supported, only #/components/schemas/NAME", ref.Ref)
	}
}

// checkKeywords reports unsupported keywords of a schema, those inside it apart. It is true if there are none.
func (p *planner) checkKeywords(ref *openapi3.SchemaRef, at path) bool {
	s, before := ref.Value, len(p.faults)
	unsupported := func(present bool, keyword string) {
		if present {
			p.fault(at.join(keyword), "%s is not supported", keyword)
		}
	}
	unsupported(len(s.OneOf) > 0, "oneOf")
	unsupported(len(s.AnyOf) > 0, "anyOf")
	unsupported(s.Not != nil, "not")
	unsupported(s.Discriminator != nil, "discriminator")
	if len(s.AllOf) > 1 || len(s.AllOf) == 1 && len(s.Properties) > 0 {
		p.fault(at.join("allOf"), "allOf of several schemas is not supported")
	}
	if len(s.AllOf) == 1 && hasLimits(s) {
		p.fault(at.join("allOf"), "allOf beside keywords that limit the value is not supported")
	}
	if len(s.AllOf) == 1 && s.Type.Slice() != nil && !slices.Equal(s.Type.Slice(), unwrap(ref).Type.Slice()) {
		p.fault(at.join("type"), "a type beside allOf must be the type of the schema in it")
	}
	if s.UniqueItems && s.Items != nil && s.Items.Value != nil && !isScalar(s.Items) {
		p.fault(at.join("uniqueItems"), "uniqueItems of objects and lists is not supported")
	}
	for i, name := range s.Required {
		if s.Properties[name] == nil && s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has {
			p.fault(at.join("required", strconv.Itoa(i)), "%s is required, and additionalProperties does not allow it", name)
		}
	}
	if len(s.Enum) > 0 && !s.Type.Is("string") && !s.Type.Is("integer") {
		p.fault(at.join("enum"), "an enumeration of another type than string or integer is not supported")
	}
	return len(p.faults) == before
}

// hasLimits reports whether keywords of a schema limit its values, the type apart.
func hasLimits(s *openapi3.Schema) bool { return len(limitingKeywords(s)) > 0 }

// limitingKeywords returns the keywords of a schema that limit its values, the type apart.
func limitingKeywords(s *openapi3.Schema) []string {
	var keywords []string
	for _, k := range []struct {
		name    string
		present bool
	}{
		{"enum", len(s.Enum) > 0}, {"minimum", s.Min != nil}, {"maximum", s.Max != nil}, {"multipleOf", s.MultipleOf != nil},
		{"minLength", s.MinLength > 0}, {"maxLength", s.MaxLength != nil}, {"pattern", s.Pattern != ""},
		{"minItems", s.MinItems > 0}, {"maxItems", s.MaxItems != nil}, {"uniqueItems", s.UniqueItems},
		{"minProperties", s.MinProps > 0}, {"maxProperties", s.MaxProps != nil}, {"required", len(s.Required) > 0},
		{"additionalProperties", s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has || s.AdditionalProperties.Schema != nil && len(s.AllOf) > 0},
	} {
		if k.present {
			keywords = append(keywords, k.name)
		}
	}
	return keywords
}

// isScalar reports whether the values of a schema are texts, numbers or booleans.
func isScalar(ref *openapi3.SchemaRef) bool {
	s := unwrap(ref)
	return s != nil && (s.Type.Is("string") || s.Type.Is("integer") || s.Type.Is("number") || s.Type.Is("boolean"))
}

// nameType returns the name of a schema's type. An inline schema gets a type of its own.
func (p *planner) nameType(ref *openapi3.SchemaRef, at path, name schemaName) string {
	if name.given != "" {
		return name.given
	}
	goType := p.freeTypeName(name.wanted, name.wanted)
	if given, ok := textExtension(ref, "x-go-type-name"); ok {
		goType = given
	}
	p.reserveName(goType, at, "x-go-type-name")
	p.types = append(p.types, namedType{at, goType, len(p.notes)})
	p.rememberType(goType, ref, name.prefix)
	return goType
}

// planProperties plans the members of an object.
func (p *planner) planProperties(s *openapi3.Schema, at path, goType, prefix string) {
	fields := map[string]string{"Validate": "a method", "ValidateFacts": "a method"}
	var defaults []constant
	if s.AdditionalProperties.Schema != nil {
		for _, name := range []string{"AdditionalProperties", "Get", "Set", "MarshalJSON", "UnmarshalJSON"} {
			fields[name] = "the other members"
		}
		p.planSchema(s.AdditionalProperties.Schema, at.join("additionalProperties"), inlineName(prefix+"Value"))
	}
	_, fact := s.Extensions[factKey]
	if s.AdditionalProperties.Has != nil && *s.AdditionalProperties.Has {
		p.note(at, "additionalProperties", nil) // decoding skips them
	}
	p.members[s] = orderedNames(&p.plan, s.Properties, at.join("properties"))
	if required := p.requiredMembers(s); len(required) < len(s.Required) {
		p.note(at, "required", nil)
		if len(required) > 0 {
			p.note(at, "required", required)
		}
	}
	for i, name := range p.members[s] {
		ref, here := s.Properties[name], at.join("properties", name)
		if p.refuseNull(ref == nil || ref.Value == nil, here) {
			continue
		}
		field := freeName(goName(name), spell(name), func(name string) bool { return fields[name] != "" })
		if given, ok := textExtension(ref, "x-go-name"); ok {
			field = given
		}
		switch other, taken := fields[field]; {
		case !isExported(field):
			p.fault(here, "%q is not an exported Go name; choose one with x-go-name", field)
		case taken:
			p.fault(here, "the Go name %s is taken by %s; choose another with x-go-name", field, other)
		}
		fields[field] = name
		p.note(here, "x-order", i)
		p.note(here, "x-go-name", field) // oapi-codegen would use that of a referenced schema
		if isContainer(ref) && !slices.Contains(p.required[s], name) {
			// with omitzero a nil list is absent, and an empty one is sent
			p.note(here, "x-go-type-skip-optional-pointer", true)
			p.note(here, "x-omitempty", false)
			p.note(here, "x-omitzero", true)
		}
		if fact && unwrap(ref).Type.Is("string") {
			p.note(here, "x-go-type-skip-optional-pointer", true) // an empty text is an unknown value
		}
		p.planSchema(ref, here, inlineName(prefix+goName(name)))
		if c, ok := p.defaultOf(ref, "Default"+prefix+field); ok {
			c.Name = freeName(c.Name, c.Name, func(name string) bool { return p.taken[name] != nil })
			p.reserveName(c.Name, here, "x-go-name")
			c.Type = goType
			defaults = append(defaults, c)
		}
	}
	if len(defaults) > 0 {
		p.note(at, defaultsKey, defaults)
	}
}

// unwrap returns the schema inside an allOf of one.
func unwrap(ref *openapi3.SchemaRef) *openapi3.Schema {
	s := ref.Value
	for len(s.AllOf) == 1 && s.AllOf[0].Value != nil {
		s = s.AllOf[0].Value
	}
	return s
}

// isContainer reports whether a schema is a list or a map.
func isContainer(ref *openapi3.SchemaRef) bool {
	s := unwrap(ref)
	return s.Type.Is("array") || s.Type.Is("object") && len(s.Properties) == 0
}

// constant is a value of an enumeration or a default, as the template of types reads it.
type constant struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Literal string `json:"literal"`
}

// planEnumeration names the values of an enumeration.
func (p *planner) planEnumeration(ref *openapi3.SchemaRef, at path, goType string) {
	names, given := ref.Value.Extensions["x-enum-varnames"].([]any)
	if given && len(names) != len(ref.Value.Enum) {
		p.fault(at.join("x-enum-varnames"), "%d names are given for %d values", len(names), len(ref.Value.Enum))
		return
	}
	var values []any
	var constants []constant
	for i, value := range ref.Value.Enum {
		if value == nil && ref.Value.Nullable {
			continue // nil stands for it
		}
		if !given && slices.Contains(ref.Value.Enum[:i], value) {
			continue // a second constant of one value would be no more than another name
		}
		here := at.join("enum", strconv.Itoa(i))
		if text := p.exactInteger(here); text != "" {
			value = json.Number(text)
		}
		literal, ok := literal(value)
		if !ok {
			p.fault(here, "the value %v is neither a string nor an integer", value)
			continue
		}
		if _, isText := value.(string); isText != ref.Value.Type.Is("string") {
			p.fault(here, "the value %v is not of the type of the enumeration", value)
			continue
		}
		name := freeName(valueName(value), spell(fmt.Sprint(value)), func(name string) bool { return p.taken[goType+name] != nil })
		if given {
			name = fmt.Sprint(names[i])
		}
		p.reserveName(goType+name, here, "x-enum-varnames")
		values = append(values, value)
		constants = append(constants, constant{goType + name, goType, literal})
	}
	if ref.Value.Type.Is("string") {
		p.note(at, "format", nil) // the Go type of a format has no constants
	}
	p.constants[ref.Value] = constants
	p.note(at, "enum", values)
	p.note(at, constantsKey, constants)
}

// literal writes a value of an enumeration as Go.
func literal(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return strconv.Quote(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), v == float64(int64(v))
	case json.Number:
		_, err := v.Int64()
		return v.String(), err == nil
	}
	return "", false
}

// textExtension returns a text extension of a schema; for a reference, the one beside it.
func textExtension(ref *openapi3.SchemaRef, name string) (string, bool) {
	extensions := ref.Extensions
	if ref.Ref == "" {
		extensions = ref.Value.Extensions
	}
	value, ok := extensions[name].(string)
	return value, ok
}
