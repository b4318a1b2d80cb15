package suite

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"strconv"
	"strings"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// choice is a value with a name, or several of which the first that serves is
// taken.
type choice struct {
	name   string
	values []any
}

func one(name string, value any) choice { return choice{name, []any{value}} }

// edges returns the values at the edge of a keyword, and the first beyond it.
func edges(r *openapi.Rule, s *openapi3.SchemaRef) (accepted, refused []choice) {
	v := s.Value
	switch r.Keyword {
	case "type":
		return []choice{one("valid", sampleOf(s, 0))}, otherTypes(v)
	case "enum":
		for _, value := range v.Enum {
			accepted = append(accepted, one(fmt.Sprint(value), value))
			if upper := strings.ToUpper(fmt.Sprint(value)); upper != value {
				refused = append(refused, one("upper-case-"+fmt.Sprint(value), upper))
			}
		}
		return accepted, append(refused, one("unknown", "unknown-value"), one("empty", ""), one("null", nil), one("number", 1))
	case "minimum":
		return []choice{one("minimum", int(*v.Min)), one("above", int(*v.Min)+1)}, []choice{one("below", int(*v.Min)-1)}
	case "maximum":
		return []choice{one("maximum", int(*v.Max)), one("below", int(*v.Max)-1)},
			[]choice{one("above", int(*v.Max)+1), one("beyond-int32", 1<<31)}
	case "minLength":
		return []choice{one("shortest", text(int(v.MinLength)))}, []choice{one("shorter", text(int(v.MinLength)-1))}
	case "maxLength":
		return []choice{one("longest", text(int(*v.MaxLength)))}, []choice{one("longer", text(int(*v.MaxLength)+1))}
	case "maxItems":
		return []choice{one("most", items(v, int(*v.MaxItems)))}, []choice{one("more", items(v, int(*v.MaxItems)+1))}
	case "pattern":
		return []choice{{"matching", matching(v)}}, []choice{{"not-matching", notMatching(v)}}
	}
	return nil, nil
}

// otherTypes is a value of every JSON type that a schema does not have.
func otherTypes(v *openapi3.Schema) []choice {
	fraction := 60.5
	if v.Min != nil {
		fraction = *v.Min + 0.5 // wrong for this reason alone
	}
	var out []choice
	for _, c := range []struct {
		name, kind string
		value      any
	}{
		{"null", "", nil}, {"text", "string", "60"}, {"number", "integer", 60}, {"fraction", "", fraction},
		{"boolean", "boolean", true}, {"object", "object", map[string]any{}}, {"array", "array", []any{}},
	} {
		if c.kind == "" || !v.Type.Is(c.kind) {
			out = append(out, one(c.name, c.value))
		}
	}
	return out
}

// text has n characters of three classes, which every free text here allows.
func text(n int) string { return strings.Repeat("aB1-", n/4+1)[:n] }

// items are n different items.
func items(v *openapi3.Schema, n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = sampleOf(openapi.Member(v.Items, ""), i)
	}
	return out
}

// matching are texts, some of which match the patterns of this document.
func matching(v *openapi3.Schema) []any {
	return []any{sampleOf(&openapi3.SchemaRef{Value: v}, 0), text(int(v.MinLength) + 1), "00000000-0000-4000-8000-000000000000"}
}

// notMatching are such texts with one character replaced.
func notMatching(v *openapi3.Schema) []any {
	var out []any
	for _, valid := range matching(v) {
		s := fmt.Sprint(valid)
		for _, wrong := range []string{"*", " ", "\\", "é", "\u0000"} {
			out = append(out, s[:len(s)-1]+wrong)
		}
	}
	return out
}

// vary changes a value so that samples differ: a block becomes another one, a
// number is counted up, the members of an object are varied each.
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

// apply applies steps to a body; nil when they do not fit.
func apply(body any, steps []step) any {
	document, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	data, err := json.Marshal(steps)
	if err != nil {
		return nil
	}
	patch, err := jsonpatch.DecodePatch(data)
	if err != nil {
		return nil
	}
	if document, err = patch.Apply(document); err != nil {
		return nil
	}
	out, err := match.Decode(document)
	if err != nil {
		return nil
	}
	return out
}
