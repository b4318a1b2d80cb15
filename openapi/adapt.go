package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// adapter rewrites a document into the forms that the rest of the package reads. The
// pointers of what it does not rewrite stay the same, so that faults keep their places.
type adapter struct {
	file     *source.File
	opts     ReadOptions
	root     map[string]any
	warnings Faults
	faults   Faults

	expansions int
}

func (a *adapter) fault(at, format string, args ...any) {
	a.faults = append(a.faults, a.file.Fault(at, format, args...))
}

func (a *adapter) warn(at, format string, args ...any) {
	a.warnings = append(a.warnings, a.file.Fault(at, format, args...))
}

// adapt returns the rewritten document.
func (a *adapter) adapt() ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(a.file.JSON()))
	decoder.UseNumber()
	if err := decoder.Decode(&a.root); err != nil {
		return nil, Faults{a.file.Fault("", "want an object: %v", err)}
	}
	a.expandReferences(a.root, "", nil)
	if len(a.faults) > 0 {
		return nil, a.faults.Sorted()
	}
	a.nameOperations()
	a.walk(a.root, "", a.adaptSchema)
	a.walk(a.root, "", a.mergeSchema) // a part of an allOf may be anywhere, so all are adapted before
	if len(a.faults) > 0 {
		return nil, a.faults.Sorted()
	}
	return json.Marshal(a.root)
}

// componentReference matches a reference to a component.
var componentReference = regexp.MustCompile(`^#/components/\w+/[^/]+$`)

// mostExpansions is how many references a document may have expanded: nested ones multiply.
const mostExpansions = 10_000

// expandReferences replaces references into the middle of the document, as to
// #/components/schemas/Pet/properties/name, by what they refer to. One that leads
// back to itself is refused. Above are the references that led here.
func (a *adapter) expandReferences(value any, at string, above []string) {
	expand := func(member any, at string) any {
		object, _ := member.(map[string]any)
		ref, _ := object["$ref"].(string)
		if strings.HasPrefix(ref, "#/") && !componentReference.MatchString(ref) {
			target, ok := source.Lookup(a.root, ref[1:])
			switch {
			case slices.Contains(above, ref) || a.expansions == mostExpansions:
				a.fault(at, "the reference %s leads back to itself; only one to #/components/schemas/NAME may", ref)
			case ok:
				a.expansions++
				target = clone(target)
				a.expandReferences(target, at, append(slices.Clip(above), ref))
				return target
			}
			return member
		}
		a.expandReferences(member, at, above)
		return member
	}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = expand(v[name], at+"/"+source.Escape(name))
		}
	case []any:
		for i, item := range v {
			v[i] = expand(item, fmt.Sprint(at, "/", i))
		}
	}
}

// findDeepCircles returns the faults of references into the middle of a schema that lead
// back to themselves. Following them would never end, as a component's would.
func findDeepCircles(file *source.File) error {
	a := adapter{file: file}
	for _, ref := range file.Texts("$ref") {
		if strings.HasPrefix(ref, "#/") && !componentReference.MatchString(ref) {
			if err := json.Unmarshal(file.JSON(), &a.root); err != nil {
				return nil // the model will say so
			}
			break
		}
	}
	if a.expandReferences(a.root, "", nil); len(a.faults) > 0 {
		return a.faults.Sorted()
	}
	return nil
}

// nameOperations gives an operation without operationId one: its method and the words
// of its path, getThingsId for get /things/{id}.
func (a *adapter) nameOperations() {
	paths, _ := a.root["paths"].(map[string]any)
	for path, item := range paths {
		methods, _ := item.(map[string]any)
		for _, method := range []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"} {
			operation, ok := methods[method].(map[string]any)
			if !ok {
				continue
			}
			if id, _ := operation["operationId"].(string); id != "" {
				continue
			}
			id := method
			for _, word := range strings.FieldsFunc(path, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
				first := []rune(word)
				id += string(unicode.ToUpper(first[0])) + string(first[1:])
			}
			operation["operationId"] = id
		}
	}
}

// walk replaces the schemas inside a value that is no schema by what visit returns of
// them, and rewrites the media types.
func (a *adapter) walk(value any, at string, visit func(value any, at string) any) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			here := at + "/" + source.Escape(name)
			object, isObject := v[name].(map[string]any)
			switch {
			case name == "example" || name == "examples" || strings.HasPrefix(name, "x-"):
			case here == componentsAt && isObject:
				for _, component := range slices.Sorted(maps.Keys(object)) {
					object[component] = visit(object[component], here+"/"+source.Escape(component))
				}
			case name == "schema" && isObject:
				v[name] = visit(object, here)
			default:
				if name == "content" && isObject {
					a.adaptContent(object, here)
				}
				a.walk(v[name], here, visit)
			}
		}
	case []any:
		for i, item := range v {
			a.walk(item, fmt.Sprint(at, "/", i), visit)
		}
	}
}

// adaptContent reduces the media types of a body to application/json, if it is among them. Otherwise the body is bytes that
// nobody checks, and its schema is replaced by one that says so; in a request the first media type stands for all.
func (a *adapter) adaptContent(content map[string]any, at string) {
	names := slices.Sorted(maps.Keys(content))
	for _, name := range names {
		media, parameters, err := mime.ParseMediaType(name)
		charset := parameters["charset"]
		if err != nil || len(parameters) > 1 || len(parameters) == 1 && !strings.EqualFold(charset, "utf-8") {
			continue
		}
		if _, taken := content[media]; media != name && !taken {
			content[media] = content[name]
			delete(content, name)
		}
	}
	_, hasJSON := content[jsonType]
	for _, name := range names {
		media, ok := content[name].(map[string]any)
		here := at + "/" + source.Escape(name)
		switch {
		case !ok || name == jsonType:
		case hasJSON:
			a.warn(here, "%s is left out, because the body may also be application/json", name)
			delete(content, name)
		case media["schema"] != nil && !isBytes(media["schema"]):
			a.warn(here+"/schema", "a body of type %s is bytes, so its schema is ignored", name)
			delete(media, "encoding")
			media["schema"] = map[string]any{"type": "string", "format": "binary"}
		}
	}
}

// isBytes reports whether a schema allows any bytes.
func isBytes(value any) bool {
	s, _ := value.(map[string]any)
	for name := range s {
		if name != "type" && name != "format" && !slices.Contains(annotations(), name) && !strings.HasPrefix(name, "x-") {
			return false
		}
	}
	return s["type"] == "string"
}

// ecmaEscape matches an escape of ECMA 262 that Go writes in another way.
var ecmaEscape = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)

// adaptSchema rewrites a schema and those inside it.
func (a *adapter) adaptSchema(value any, at string) any {
	s, ok := value.(map[string]any)
	if !ok {
		return value
	}
	if _, isReference := s["$ref"].(string); isReference {
		for _, name := range slices.Sorted(maps.Keys(s)) {
			if name != "$ref" && !strings.HasPrefix(name, "x-") {
				a.warn(at+"/"+source.Escape(name), "%s beside $ref is ignored", name)
				delete(s, name)
			}
		}
		return s
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if slices.Contains(foreignKeys(), name) {
			a.fault(at+"/"+source.Escape(name), "%s limits values in JSON Schema, but is not a keyword of OpenAPI 3.0", name)
		} else if !strings.HasPrefix(name, "x-") && !slices.Contains(schemaKeys(), name) {
			a.warn(at+"/"+source.Escape(name), "%s is not a keyword of OpenAPI 3.0, so it is ignored", name)
			delete(s, name)
		}
	}
	a.adaptPattern(s, at)
	a.adaptEnumeration(s, at)
	visitInside(s, at, a.adaptSchema)
	return s
}

// visitInside replaces the schemas inside a schema by what visit returns of them.
func visitInside(s map[string]any, at string, visit func(value any, at string) any) {
	for _, name := range []string{"items", "additionalProperties", "not"} {
		if inside, ok := s[name].(map[string]any); ok {
			s[name] = visit(inside, at+"/"+name)
		}
	}
	for _, name := range []string{"allOf", "anyOf", "oneOf"} {
		list, _ := s[name].([]any)
		for i, inside := range list {
			list[i] = visit(inside, fmt.Sprint(at, "/", name, "/", i))
		}
	}
	properties := propertiesOf(s)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		properties[name] = visit(properties[name], at+"/properties/"+source.Escape(name))
	}
}

// commonType returns the type of values that are all texts or all integers, empty for any others.
func commonType(values []any) string {
	kinds := map[string]bool{}
	for _, value := range values {
		switch v := value.(type) {
		case string:
			kinds["string"] = true
		case json.Number:
			if _, err := v.Int64(); err != nil {
				return ""
			}
			kinds["integer"] = true
		default:
			return ""
		}
	}
	if len(kinds) != 1 {
		return ""
	}
	return slices.Collect(maps.Keys(kinds))[0]
}

// schemaKeys are the keywords of a schema in OpenAPI 3.0.
func schemaKeys() []string {
	return []string{
		"title", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern",
		"maxItems", "minItems", "uniqueItems", "maxProperties", "minProperties", "required", "enum", "type", "allOf", "oneOf", "anyOf",
		"not", "items", "properties", "additionalProperties", "description", "format", "default", "nullable", "discriminator",
		"readOnly", "writeOnly", "xml", "externalDocs", "example", "deprecated",
	}
}

// foreignKeys are keywords of JSON Schema that limit values and that OpenAPI 3.0 lacks.
// To ignore one of them would allow what the document does not.
func foreignKeys() []string {
	return []string{
		"patternProperties", "additionalItems", "dependencies", "dependentRequired", "dependentSchemas", "const", "contains",
		"minContains", "maxContains", "propertyNames", "if", "then", "else", "prefixItems", "unevaluatedProperties", "unevaluatedItems",
	}
}

// adaptPattern writes the code points of a pattern as kin-openapi reads them, and judges
// whether Go can match it.
func (a *adapter) adaptPattern(s map[string]any, at string) {
	pattern, ok := s["pattern"].(string)
	if !ok {
		return
	}
	pattern = ecmaEscape.ReplaceAllStringFunc(pattern, func(escape string) string { return `\u` + strings.ToUpper(escape[2:]) })
	s["pattern"] = pattern
	_, err := regexp.Compile(ecmaEscape.ReplaceAllString(pattern, `\x{$1}`))
	switch {
	case err == nil:
	case a.opts.SkipPatterns:
		a.warn(at+"/pattern", "the pattern is left out: %v", err)
		delete(s, "pattern")
	default:
		a.fault(at+"/pattern", "Go cannot match the pattern: %v", err)
	}
}

// adaptEnumeration leaves out the values that the type of an enumeration excludes, so that
// no value of the type can be them.
func (a *adapter) adaptEnumeration(s map[string]any, at string) {
	values, _ := s["enum"].([]any)
	var kept []any
	for i, value := range values {
		excluded := false
		switch value.(type) {
		case string:
			excluded = s["type"] == "integer" || s["type"] == "number" || s["type"] == "boolean"
		case json.Number:
			excluded = s["type"] == "string" || s["type"] == "boolean"
		case bool:
			excluded = s["type"] == "string" || s["type"] == "integer" || s["type"] == "number"
		}
		if excluded {
			a.warn(fmt.Sprint(at, "/enum/", i), "the type %s excludes the value %v, so it is left out", s["type"], value)
		} else {
			kept = append(kept, value)
		}
	}
	if len(kept) < len(values) {
		s["enum"] = kept
		if len(kept) == 0 {
			a.fault(at+"/enum", "the type %s excludes every value", s["type"])
		}
	}
	if s["type"] == nil && s["allOf"] == nil && len(kept) > 0 {
		if kind := commonType(kept); kind != "" {
			s["type"] = kind // the values say it
		}
	}
	if s["type"] == "boolean" && slices.Contains(kept, any(true)) && slices.Contains(kept, any(false)) {
		delete(s, "enum") // both values limit nothing
	}
}
