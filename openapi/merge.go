package openapi

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// mergeSchema replaces every allOf in a schema that can be one schema.
func (a *adapter) mergeSchema(value any, at string) any {
	s, ok := value.(map[string]any)
	if !ok {
		return value
	}
	if merged, ok := a.merge(s); ok {
		s = merged
	}
	visitInside(s, at, a.mergeSchema)
	return s
}

// merge returns the one schema that an allOf of several, or an allOf with keywords beside
// it, means. It reports whether there is one: a part may have a keyword that does not
// allow it, and then the allOf stays and the generator refuses it.
func (a *adapter) merge(s map[string]any) (map[string]any, bool) {
	parts, _ := s["allOf"].([]any)
	if len(parts) == 0 || len(parts) == 1 && !hasLimitsBeside(s) {
		return nil, false // the rest of the package follows an allOf of one
	}
	return a.flatten(s, nil)
}

// annotations are the keywords of a schema that do not limit its values. Those of the
// schema around an allOf win over those inside it.
func annotations() []string {
	return []string{"title", "description", "default", "example", "externalDocs", "deprecated", "xml", "readOnly", "writeOnly", "nullable"}
}

// hasLimitsBeside reports whether keywords beside an allOf limit the value.
func hasLimitsBeside(s map[string]any) bool {
	for name := range s {
		if name != "allOf" && name != "type" && !slices.Contains(annotations(), name) && !strings.HasPrefix(name, "x-") {
			return true
		}
	}
	return false
}

// flatten merges the parts of an allOf, and the keywords beside it, into one schema. Above
// are the references that led here.
func (a *adapter) flatten(s map[string]any, above []string) (map[string]any, bool) {
	if ref, ok := s["$ref"].(string); ok {
		target, found := source.Lookup(a.root, strings.TrimPrefix(ref, "#"))
		object, isObject := target.(map[string]any)
		if !found || !isObject || slices.Contains(above, ref) {
			return nil, false
		}
		return a.flatten(object, append(slices.Clip(above), ref))
	}
	merged := map[string]any{}
	parts, _ := s["allOf"].([]any)
	nullable := len(parts) > 0
	for _, part := range parts {
		object, ok := part.(map[string]any)
		if !ok {
			return nil, false
		}
		if object, ok = a.flatten(object, above); !ok {
			return nil, false
		}
		allowsNull, _ := object["nullable"].(bool)
		nullable = nullable && allowsNull
		if !a.intersect(merged, object, above) {
			return nil, false
		}
	}
	own := maps.Clone(s)
	delete(own, "allOf")
	if len(parts) == 0 {
		return clone(own).(map[string]any), true
	}
	delete(merged, "nullable")
	if nullable {
		merged["nullable"] = true
	}
	if !a.intersect(merged, clone(own).(map[string]any), above) {
		return nil, false
	}
	return merged, true
}

// intersect adds the keywords of a schema to those of another, so that only the values are
// allowed that both allow.
func (a *adapter) intersect(merged, other map[string]any, above []string) bool {
	if isClosedSchema(merged) != isClosedSchema(other) && len(merged) > 0 && (len(propertiesOf(merged)) > 0 || len(propertiesOf(other)) > 0) {
		return false // additionalProperties sees only the properties beside it
	}
	for _, name := range slices.Sorted(maps.Keys(other)) {
		here, taken := merged[name]
		switch {
		case name == "x-validations" || name == "x-unclaimed" || name == "oneOf" || name == "anyOf" || name == "not" || name == "discriminator":
			return false
		case name == "additionalProperties" && other[name] == true:
		case !taken, slices.Contains(annotations(), name), strings.HasPrefix(name, "x-"), reflect.DeepEqual(here, other[name]):
			merged[name] = other[name]
		case name == "required":
			merged[name] = union(here, other[name])
		case name == "properties":
			if !a.intersectProperties(merged, other, above) {
				return false
			}
		case strings.HasPrefix(name, "min") || strings.HasPrefix(name, "max"):
			x, isNumber := decodedNumber(here)
			y, isAlso := decodedNumber(other[name])
			if !isNumber || !isAlso || name == "minimum" || name == "maximum" {
				return false // an exclusive limit belongs to one of the two
			}
			if strings.HasPrefix(name, "min") == (y > x) {
				merged[name] = other[name]
			}
		default:
			return false
		}
	}
	return true
}

func (a *adapter) intersectProperties(merged, other map[string]any, above []string) bool {
	both := maps.Clone(propertiesOf(merged))
	for _, name := range slices.Sorted(maps.Keys(propertiesOf(other))) {
		added := propertiesOf(other)[name]
		here, taken := both[name]
		if !taken || reflect.DeepEqual(here, added) {
			both[name] = added
			continue
		}
		one, ok := a.flatten(map[string]any{"allOf": []any{here, added}}, above)
		if !ok {
			return false
		}
		both[name] = one
	}
	merged["properties"] = both
	return true
}

func propertiesOf(s map[string]any) map[string]any {
	properties, _ := s["properties"].(map[string]any)
	return properties
}

// isClosedSchema reports whether a schema limits the members that it does not name.
func isClosedSchema(s map[string]any) bool {
	more, ok := s["additionalProperties"]
	return ok && more != true
}

// union returns the texts of two lists, each once.
func union(a, b any) []any {
	var all []any
	for _, list := range []any{a, b} {
		items, _ := list.([]any)
		for _, item := range items {
			if !slices.Contains(all, item) {
				all = append(all, item)
			}
		}
	}
	return all
}
