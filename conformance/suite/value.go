package suite

import (
	"fmt"
	"maps"
	"net/netip"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// vary changes a value so that samples differ: a block becomes another one, a number is
// increased, and the members of an object are varied each.
func vary(value any, number int) any {
	if number == 0 {
		return value
	}
	switch v := value.(type) {
	case string:
		if _, err := netip.ParsePrefix(v); err == nil {
			return fmt.Sprintf("10.%d.%d.0/24", number/256, number%256)
		}
		return v + strconv.Itoa(number)
	case float64:
		return v + float64(number)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = vary(v[i], number)
		}
		return out
	case map[string]any:
		out := maps.Clone(v)
		for name := range out {
			out[name] = vary(out[name], number)
		}
		return out
	}
	return value
}

// sampleOf returns a valid value of a schema. Samples with different numbers differ if
// the schema has more than one value.
func sampleOf(s *openapi3.SchemaRef, number int) any {
	v := s.Value
	switch {
	case v.Example != nil:
		if varied := vary(v.Example, number); number == 0 || v.VisitJSON(varied) == nil {
			return varied
		}
		return sampleText(v, number)
	case len(v.Enum) > 0:
		return v.Enum[0]
	case v.Type.Is("integer") && v.Min != nil:
		return int(*v.Min) + number
	case v.Type.Is("integer"):
		return number
	case v.Type.Is("number"):
		least := 0.0
		if v.Min != nil {
			least = *v.Min + 0.5
		}
		return least + float64(number)
	case v.Type.Is("boolean"):
		return false
	case v.Type.Is("array"):
		return []any{sampleOf(openapi.Member(v.Items, ""), number)}
	case v.Type.Is("object"):
		object := map[string]any{}
		for _, name := range v.Required {
			object[name] = sampleOf(openapi.Member(v.Properties[name], ""), number)
		}
		return object
	}
	return sampleText(v, number)
}

// sampleText returns a text that a schema allows.
func sampleText(v *openapi3.Schema, number int) string {
	switch v.Format {
	case "date-time":
		return fmt.Sprintf("2024-01-31T12:30:%02dZ", number%60)
	case "date":
		return fmt.Sprintf("2024-01-%02d", 1+number%28)
	case "uuid":
		return fmt.Sprintf("6d8f3c1e-2b4a-4c5d-8e9f-%012x", number)
	}
	out := fmt.Sprintf("aB1-%d", number)
	if least := int(v.MinLength); len(out) < least {
		out += freeText(least - len(out))
	}
	if v.MaxLength != nil && len(out) > int(*v.MaxLength) {
		out = out[len(out)-int(*v.MaxLength):]
	}
	if v.Pattern == "" || v.VisitJSON(out) == nil {
		return out
	}
	r := seededRandom(uint64(number), v.Pattern)
	for range tries {
		if drawn := drawPattern(r, v.Pattern, shortRepeats); v.VisitJSON(drawn) == nil {
			return drawn
		}
	}
	return out
}
