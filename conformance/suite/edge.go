package suite

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// choice is a value with a name, or several of which the first that serves is
// taken.
type choice struct {
	name     string
	values   []any
	level    openapi.Level        // unlike the rule's
	optional bool                 // no request may show it
	draw     func(*rand.Rand) any // another value of the kind; nil for one that is fixed
}

func one(name string, value any) choice { return choice{name: name, values: []any{value}} }

func may(c choice) choice { c.level = openapi.May; return c }

func should(c choice) choice { c.level = openapi.Should; return c }

func optional(c choice) choice { c.optional = true; return c }

// edges are the values at the edge of a keyword, and the first beyond it.
type edges struct{ accepted, refused []choice }

// edgesOf are those of a rule of a member, given the values of other enumerations.
func edgesOf(r *openapi.Rule, s *openapi3.SchemaRef, others []any) edges {
	v := s.Value
	if v.Type.Is("number") && (r.Keyword == "minimum" || r.Keyword == "maximum") {
		return bound(r.Keyword, v)
	}
	switch r.Keyword {
	case "type":
		return edges{valid(s), otherTypes(s)}
	case "enum":
		return enumeration(v, others)
	case "minimum":
		least := int(*v.Min)
		e := edges{
			[]choice{one("minimum", least), one("above", least+1)},
			[]choice{one("below", least-1), drawing("drawn", func(r *rand.Rand) any { return least - 2 - r.IntN(1_000_000) })},
		}
		if least > 1 {
			e.refused = append(e.refused, one("zero", 0), one("negative", -least))
		}
		return e
	case "maximum":
		most := int(*v.Max)
		return edges{
			[]choice{one("maximum", most), one("below", most-1), drawing("drawn", func(r *rand.Rand) any { return drawInteger(r, v) })},
			[]choice{
				one("above", most+1), one("beyond-int32", 1<<31), one("beyond-32-bits", 1<<32+most),
				drawing("drawn-above", func(r *rand.Rand) any { return most + 2 + r.IntN(1_000_000) }),
			},
		}
	case "exclusiveMinimum":
		return edges{[]choice{one("above", int(*v.Min)+1)}, []choice{one("bound", int(*v.Min))}}
	case "exclusiveMaximum":
		return edges{[]choice{one("below", int(*v.Max)-1)}, []choice{one("bound", int(*v.Max))}}
	case "multipleOf":
		n := *v.MultipleOf
		return edges{
			[]choice{{name: "multiple", values: []any{n, 2 * n, 10 * n}}},
			[]choice{{name: "between", values: []any{n + n/2, n + 1, 2*n - 1}}},
		}
	case "minItems":
		n := int(v.MinItems)
		return edges{[]choice{one("fewest", items(v, n)), optional(one("more", items(v, n+1)))}, []choice{one("fewer", items(v, n-1))}}
	case "uniqueItems":
		list := items(v, 1)
		return edges{
			[]choice{{name: "different", values: []any{items(v, 2), items(v, max(int(v.MinItems), 1))}}},
			[]choice{one("same-twice", append(list, list...))},
		}
	case "minProperties", "maxProperties":
		return properties(r.Keyword, v)
	case "format":
		if v.Type.Is("integer") {
			return edges{valid(s), []choice{one("beyond-int32", 1<<31), one("below-int32", -1<<31-1)}}
		}
		return edges{valid(s), []choice{{name: "not-of-the-format", values: []any{"x", ""}}}}
	case "nullable":
		return edges{accepted: []choice{one("null", nil)}}
	case "additionalProperties":
		return edges{nil, []choice{{name: "unknown-member"}}}
	case "minLength":
		n := int(v.MinLength)
		return edges{[]choice{one("shortest", textOfLength(v, n)), optional(one("longer", textOfLength(v, n+1)))}, []choice{one("shorter", textOfLength(v, n-1))}}
	case "maxLength":
		n := int(*v.MaxLength)
		return edges{
			[]choice{one("longest", textOfLength(v, n)), optional(one("shorter", textOfLength(v, n-1)))},
			[]choice{one("longer", textOfLength(v, n+1)), drawing("drawn", func(r *rand.Rand) any { return drawText(r, n+2+r.IntN(n)) })},
		}
	case "maxItems":
		n := int(*v.MaxItems)
		return edges{
			[]choice{one("most", items(v, n)), optional(one("fewer", items(v, n-1))), optional(one("none", []any{}))},
			[]choice{one("more", items(v, n+1))},
		}
	case "pattern":
		characters := characters(v)
		free := len(characters.accepted) > 0
		if free {
			characters.accepted = append(characters.accepted, drawing("drawn", func(r *rand.Rand) any { return drawMatching(r, v) }))
			characters.accepted = append(characters.accepted, widths(v)...)
		}
		return edges{
			append([]choice{{name: "matching", values: matching(v)}}, characters.accepted...),
			append([]choice{{name: "not-matching", values: notMatching(v)}, {name: "second-line", values: secondLine(v)}, drawing("drawn-not-matching", func(r *rand.Rand) any { return drawNotMatching(r, v, free) })}, characters.refused...),
		}
	}
	return edges{}
}

// bound is the bound of a number, and what is beyond it.
func bound(keyword string, v *openapi3.Schema) edges {
	at, beyond, name := v.Min, -1.0, "below"
	if keyword == "maximum" {
		at, beyond, name = v.Max, 1, "above"
	}
	return edges{[]choice{{name: keyword, values: []any{*at, *at - beyond/2}}}, []choice{one(name, *at+beyond), one("far-"+name, *at+1000*beyond)}}
}

// properties are objects of which the numbers of members are at the edge.
func properties(keyword string, v *openapi3.Schema) edges {
	of := func(n int) any {
		object := map[string]any{}
		for _, name := range slices.Concat(v.Required, slices.Sorted(maps.Keys(v.Properties))) {
			if len(object) < n {
				object[name] = sampleOf(openapi.Member(v.Properties[name], ""), 0)
			}
		}
		for i := 0; len(object) < n && v.AdditionalProperties.Schema != nil; i++ {
			object[fmt.Sprintf("x%d", i)] = sampleOf(openapi.Member(v.AdditionalProperties.Schema, ""), i)
		}
		return object
	}
	if keyword == "minProperties" {
		return edges{[]choice{one("fewest", of(int(v.MinProps)))}, []choice{one("fewer", of(int(v.MinProps)-1))}}
	}
	return edges{[]choice{one("most", of(int(*v.MaxProps)))}, []choice{one("more", of(int(*v.MaxProps)+1))}}
}

// valid are values of a schema's type.
func valid(s *openapi3.SchemaRef) []choice {
	if s.Value.Type.Is("boolean") {
		return []choice{one("valid", false), optional(one("true", true))}
	}
	return []choice{one("valid", sampleOf(s, 0))}
}

// otherTypes is a value of every JSON type that a schema does not have, and its
// own values in the notation of another. That null is a type, the page does not
// say.
func otherTypes(s *openapi3.SchemaRef) []choice {
	v, sample := s.Value, sampleOf(s, 0)
	fraction, whole := 60.5, "60.0"
	if v.Min != nil { // wrong for this reason alone
		fraction, whole = *v.Min+0.5, fmt.Sprintf("%d.0", int(*v.Min))
	}
	var out []choice
	if !v.Nullable {
		out = append(out, may(one("null", nil)))
	}
	for _, c := range []struct {
		name, kind string
		value      any
	}{
		{"text", "string", "60"}, {"number", "integer", 60}, {"fraction", "", fraction},
		{"boolean", "boolean", true}, {"object", "object", map[string]any{}}, {"array", "array", []any{}},
	} {
		if c.kind == "" || !v.Type.Is(c.kind) {
			out = append(out, coerced(one(c.name, c.value), v))
		}
	}
	switch {
	case v.Type.Is("integer"): // numbers as JSON may write them, and no client of the API does
		exponent := strings.TrimSuffix(whole, ".0") + "e0"
		out = append(out, may(one("point-zero", json.RawMessage(whole))), may(one("exponent", json.RawMessage(exponent))), may(one("too-large", json.RawMessage("1e400"))))
		out = append(out, should(drawing("drawn-text", func(r *rand.Rand) any { return strconv.Itoa(drawInteger(r, v)) })), one("word", "x"), one("empty-text", ""))
	case v.Type.Is("boolean"):
		out = append(out, should(one("true-as-text", "true")), should(one("zero", 0)), should(one("one", 1)), one("two", 2), one("empty-text", ""))
	case v.Type.Is("array"):
		out = append(out, optional(one("one-item", sampleOf(openapi.Member(v.Items, ""), 0))))
		if openapi.Member(v.Items, "").Value.Type.Is("string") {
			out = append(out, one("items-in-a-text", fmt.Sprint(sampleOf(openapi.Member(v.Items, ""), 0), ",", sampleOf(openapi.Member(v.Items, ""), 1))))
		}
	case v.Type.Is("string"):
		out = append(out, should(drawing("drawn-number", func(r *rand.Rand) any { return r.IntN(1_000_000) })))
	}
	if !v.Type.Is("array") {
		out = append(out, one("in-a-list", []any{sample}))
	}
	return out
}

// coerced lowers the level of a value that a lax reader turns into one of the
// type without loss: a number in quotes, a text for a number or a boolean. No
// source says that it does not.
func coerced(c choice, v *openapi3.Schema) choice {
	scalar := v.Type.Is("string") && (c.name == "number" || c.name == "fraction" || c.name == "boolean")
	if scalar || v.Type.Is("integer") && c.name == "text" {
		return should(c)
	}
	return c
}

// text has n characters of three classes, which every free text here allows.
func text(n int) string { return strings.Repeat("aB1-", n/4+1)[:max(n, 0)] }

// textOfLength is a text of n characters that the pattern of a schema matches, if
// one is found.
func textOfLength(v *openapi3.Schema, n int) string {
	plain := text(n)
	pattern, err := regexp.Compile(v.Pattern)
	if err != nil || pattern.MatchString(plain) {
		return plain
	}
	r := random(uint64(max(n, 0)), v.Pattern)
	const often = 2000
	for range often {
		if drawn := drawPattern(r, v.Pattern, n); utf8.RuneCountInString(drawn) == n && pattern.MatchString(drawn) {
			return drawn
		}
	}
	return plain
}

// special are the characters that a text may or may not have.
var special = []struct {
	name string
	is   rune
}{
	{"space", ' '}, {"exclamation", '!'}, {"quote", '"'}, {"hash", '#'}, {"dollar", '$'}, {"percent", '%'}, {"ampersand", '&'},
	{"apostrophe", '\''}, {"parenthesis", '('}, {"closing-parenthesis", ')'}, {"asterisk", '*'}, {"plus", '+'}, {"comma", ','},
	{"hyphen", '-'}, {"period", '.'}, {"slash", '/'}, {"colon", ':'}, {"semicolon", ';'}, {"less", '<'}, {"equals", '='},
	{"greater", '>'}, {"question", '?'}, {"at", '@'}, {"bracket", '['}, {"backslash", '\\'}, {"closing-bracket", ']'},
	{"caret", '^'}, {"underscore", '_'}, {"backtick", '`'}, {"brace", '{'}, {"bar", '|'}, {"closing-brace", '}'}, {"tilde", '~'},
	{"nul", 0}, {"tab", '\t'}, {"line-feed", '\n'}, {"carriage-return", '\r'}, {"escape", 0x1b}, {"delete", 0x7f},
	{"no-break-space", '\u00a0'}, {"zero-width-space", '\u200b'}, {"wide-digit", '１'}, {"e-acute", 'é'}, {"chinese", '中'}, {"emoji", '😀'},
}

// characters are texts with each special character in the middle, for a
// pattern that allows several of them.
func characters(v *openapi3.Schema) edges {
	pattern, err := regexp.Compile(v.Pattern)
	if err != nil {
		return edges{} // kin-openapi has compiled it before
	}
	n := max(int(v.MinLength)+1, 9)
	if v.MaxLength != nil {
		n = min(n, int(*v.MaxLength))
	}
	var e edges
	for _, c := range special {
		s := text(n/2) + string(c.is) + text(n-n/2-1)
		choice := optional(one("character-"+c.name, s))
		if pattern.MatchString(s) {
			e.accepted = append(e.accepted, choice)
		} else {
			e.refused = append(e.refused, choice)
		}
	}
	if len(e.accepted) < 2 {
		return edges{}
	}
	return e
}

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

// secondLine are such texts with another line, which does not match.
func secondLine(v *openapi3.Schema) []any {
	var out []any
	for _, valid := range matching(v) {
		out = append(out, fmt.Sprint(valid)+"\n*\\")
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

// sampleOf returns a valid value of a schema; samples of different numbers are
// different where the schema has more than one value.
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

// sampleText returns a text that a schema takes.
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
		out += text(least - len(out))
	}
	if v.MaxLength != nil && len(out) > int(*v.MaxLength) {
		out = out[len(out)-int(*v.MaxLength):]
	}
	if v.Pattern == "" || v.VisitJSON(out) == nil {
		return out
	}
	r := random(uint64(number), v.Pattern)
	for range tries {
		if drawn := drawPattern(r, v.Pattern, short); v.VisitJSON(drawn) == nil {
			return drawn
		}
	}
	return out
}
