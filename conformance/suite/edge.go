package suite

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// choice is a named value, or several values of which the first suitable one is taken.
type choice struct {
	name     string
	values   []any
	level    openapi.Level        // if it is not the rule's
	optional bool                 // it is no fault if no request can show it
	draw     func(*rand.Rand) any // draws another value of the kind; nil for a fixed one
}

// fixedChoice is a choice of one value.
func fixedChoice(name string, value any) choice { return choice{name: name, values: []any{value}} }

// lowerToMay gives a choice the level may.
func lowerToMay(c choice) choice { c.level = openapi.May; return c }

// lowerToShould gives a choice the level should.
func lowerToShould(c choice) choice { c.level = openapi.Should; return c }

// makeOptional makes a choice that is skipped if no request can show it.
func makeOptional(c choice) choice { c.optional = true; return c }

// edges are the values at the edge of a keyword that are accepted, and the first beyond
// it, which are refused.
type edges struct{ accepted, refused []choice }

// edgesOf are the edges of a member's rule. Others are the values of other enumerations.
func edgesOf(r *openapi.Rule, s *openapi3.SchemaRef, others []any) edges {
	v := s.Value
	if v.Type.Is("number") && (r.Keyword == "minimum" || r.Keyword == "maximum") {
		return boundEdges(r.Keyword, v)
	}
	switch r.Keyword {
	case "type":
		return edges{validChoices(s), otherTypeChoices(s)}
	case "enum":
		return enumEdges(v, others)
	case "minimum":
		least := int(*v.Min)
		e := edges{
			[]choice{fixedChoice("minimum", least), fixedChoice("above", least+1)},
			[]choice{fixedChoice("below", least-1), drawnChoice("drawn", func(r *rand.Rand) any { return least - 2 - r.IntN(1_000_000) })},
		}
		if least > 1 {
			e.refused = append(e.refused, fixedChoice("zero", 0), fixedChoice("negative", -least))
		}
		return e
	case "maximum":
		most := int(*v.Max)
		return edges{
			[]choice{fixedChoice("maximum", most), fixedChoice("below", most-1), drawnChoice("drawn", func(r *rand.Rand) any { return drawInteger(r, v) })},
			[]choice{
				fixedChoice("above", most+1), fixedChoice("beyond-int32", 1<<31), fixedChoice("beyond-32-bits", 1<<32+most),
				drawnChoice("drawn-above", func(r *rand.Rand) any { return most + 2 + r.IntN(1_000_000) }),
			},
		}
	case "exclusiveMinimum":
		return edges{[]choice{fixedChoice("above", int(*v.Min)+1)}, []choice{fixedChoice("bound", int(*v.Min))}}
	case "exclusiveMaximum":
		return edges{[]choice{fixedChoice("below", int(*v.Max)-1)}, []choice{fixedChoice("bound", int(*v.Max))}}
	case "multipleOf":
		n := *v.MultipleOf
		return edges{
			[]choice{{name: "multiple", values: []any{n, 2 * n, 10 * n}}},
			[]choice{{name: "between", values: []any{n + n/2, n + 1, 2*n - 1}}},
		}
	case "minItems":
		n := int(v.MinItems)
		return edges{[]choice{fixedChoice("fewest", sampleItems(v, n)), makeOptional(fixedChoice("more", sampleItems(v, n+1)))}, []choice{fixedChoice("fewer", sampleItems(v, n-1))}}
	case "uniqueItems":
		list := sampleItems(v, 1)
		return edges{
			[]choice{{name: "different", values: []any{sampleItems(v, 2), sampleItems(v, max(int(v.MinItems), 1))}}},
			[]choice{fixedChoice("same-twice", append(list, list...))},
		}
	case "minProperties", "maxProperties":
		return propertyEdges(r.Keyword, v)
	case "format":
		if v.Type.Is("integer") {
			return edges{validChoices(s), []choice{fixedChoice("beyond-int32", 1<<31), fixedChoice("below-int32", -1<<31-1)}}
		}
		return edges{validChoices(s), []choice{{name: "not-of-the-format", values: []any{"x", ""}}}}
	case "nullable":
		return edges{accepted: []choice{fixedChoice("null", nil)}}
	case "additionalProperties":
		return edges{nil, []choice{{name: "unknown-member"}}}
	case "minLength":
		n := int(v.MinLength)
		return edges{[]choice{fixedChoice("shortest", textOfLength(v, n)), makeOptional(fixedChoice("longer", textOfLength(v, n+1)))}, []choice{fixedChoice("shorter", textOfLength(v, n-1))}}
	case "maxLength":
		n := int(*v.MaxLength)
		return edges{
			[]choice{fixedChoice("longest", textOfLength(v, n)), makeOptional(fixedChoice("shorter", textOfLength(v, n-1)))},
			[]choice{fixedChoice("longer", textOfLength(v, n+1)), drawnChoice("drawn", func(r *rand.Rand) any { return drawText(r, n+2+r.IntN(n)) })},
		}
	case "maxItems":
		n := int(*v.MaxItems)
		return edges{
			[]choice{fixedChoice("most", sampleItems(v, n)), makeOptional(fixedChoice("fewer", sampleItems(v, n-1))), makeOptional(fixedChoice("none", []any{}))},
			[]choice{fixedChoice("more", sampleItems(v, n+1))},
		}
	case "pattern":
		characters := characterEdges(v)
		free := len(characters.accepted) > 0
		if free {
			characters.accepted = append(characters.accepted, drawnChoice("drawn", func(r *rand.Rand) any { return drawMatching(r, v) }))
			characters.accepted = append(characters.accepted, textChoices(v)...)
		}
		return edges{
			append([]choice{{name: "matching", values: matchingTexts(v)}}, characters.accepted...),
			append([]choice{{name: "not-matching", values: nonMatchingTexts(v)}, {name: "second-line", values: multilineTexts(v)}, drawnChoice("drawn-not-matching", func(r *rand.Rand) any { return drawNotMatching(r, v, free) })}, characters.refused...),
		}
	}
	return edges{}
}

// boundEdges are the edges of a number's bound.
func boundEdges(keyword string, v *openapi3.Schema) edges {
	at, beyond, name := v.Min, -1.0, "below"
	if keyword == "maximum" {
		at, beyond, name = v.Max, 1, "above"
	}
	return edges{[]choice{{name: keyword, values: []any{*at, *at - beyond/2}}}, []choice{fixedChoice(name, *at+beyond), fixedChoice("far-"+name, *at+1000*beyond)}}
}

// propertyEdges are objects with the least or greatest number of members, and beyond.
func propertyEdges(keyword string, v *openapi3.Schema) edges {
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
		return edges{[]choice{fixedChoice("fewest", of(int(v.MinProps)))}, []choice{fixedChoice("fewer", of(int(v.MinProps)-1))}}
	}
	return edges{[]choice{fixedChoice("most", of(int(*v.MaxProps)))}, []choice{fixedChoice("more", of(int(*v.MaxProps)+1))}}
}

// validChoices are values of a schema's type.
func validChoices(s *openapi3.SchemaRef) []choice {
	if s.Value.Type.Is("boolean") {
		return []choice{fixedChoice("valid", false), makeOptional(fixedChoice("true", true))}
	}
	return []choice{fixedChoice("valid", sampleOf(s, 0))}
}

// otherTypeChoices are a value of every JSON type that a schema does not have, and its own
// values in the notation of another type. Their levels are lower where no source says
// that a reader has to be strict: null, and coercion without loss.
func otherTypeChoices(s *openapi3.SchemaRef) []choice {
	v, sample := s.Value, sampleOf(s, 0)
	fraction, whole := 60.5, "60.0"
	if v.Min != nil { // within the bounds, so that only the type is wrong
		fraction, whole = *v.Min+0.5, fmt.Sprintf("%d.0", int(*v.Min))
	}
	var out []choice
	if !v.Nullable {
		out = append(out, lowerToMay(fixedChoice("null", nil)))
	}
	for _, c := range []struct {
		name, kind string
		value      any
	}{
		{"text", "string", "60"}, {"number", "integer", 60}, {"fraction", "", fraction},
		{"boolean", "boolean", true}, {"object", "object", map[string]any{}}, {"array", "array", []any{}},
	} {
		if c.kind == "" || !v.Type.Is(c.kind) {
			out = append(out, lowerIfCoerced(fixedChoice(c.name, c.value), v))
		}
	}
	switch {
	case v.Type.Is("integer"): // JSON allows these numbers, but no client of the API writes them
		exponent := strings.TrimSuffix(whole, ".0") + "e0"
		out = append(out, lowerToMay(fixedChoice("point-zero", json.RawMessage(whole))), lowerToMay(fixedChoice("exponent", json.RawMessage(exponent))), lowerToMay(fixedChoice("too-large", json.RawMessage("1e400"))))
		out = append(out, lowerToShould(drawnChoice("drawn-text", func(r *rand.Rand) any { return strconv.Itoa(drawInteger(r, v)) })), fixedChoice("word", "x"), fixedChoice("empty-text", ""))
	case v.Type.Is("boolean"):
		out = append(out, lowerToShould(fixedChoice("true-as-text", "true")), lowerToShould(fixedChoice("zero", 0)), lowerToShould(fixedChoice("one", 1)), fixedChoice("two", 2), fixedChoice("empty-text", ""))
	case v.Type.Is("array"):
		out = append(out, makeOptional(fixedChoice("one-item", sampleOf(openapi.Member(v.Items, ""), 0))))
		if openapi.Member(v.Items, "").Value.Type.Is("string") {
			out = append(out, fixedChoice("items-in-a-text", fmt.Sprint(sampleOf(openapi.Member(v.Items, ""), 0), ",", sampleOf(openapi.Member(v.Items, ""), 1))))
		}
	case v.Type.Is("string"):
		out = append(out, lowerToShould(drawnChoice("drawn-number", func(r *rand.Rand) any { return r.IntN(1_000_000) })))
	}
	if !v.Type.Is("array") {
		out = append(out, fixedChoice("in-a-list", []any{sample}))
	}
	return out
}

// lowerIfCoerced lowers the level of a value that a lax reader converts without loss: a
// number in quotes, a text for a number or a boolean. No source says that it does not.
func lowerIfCoerced(c choice, v *openapi3.Schema) choice {
	scalar := v.Type.Is("string") && (c.name == "number" || c.name == "fraction" || c.name == "boolean")
	if scalar || v.Type.Is("integer") && c.name == "text" {
		return lowerToShould(c)
	}
	return c
}

// freeText has n characters of three classes, which every free text here allows.
func freeText(n int) string { return strings.Repeat("aB1-", n/4+1)[:max(n, 0)] }

// textOfLength is a text of n characters that the pattern of a schema matches, if one is
// found.
func textOfLength(v *openapi3.Schema, n int) string {
	usual := freeText(n)
	pattern, err := regexp.Compile(v.Pattern)
	if err != nil || pattern.MatchString(usual) {
		return usual
	}
	r := seededRandom(uint64(max(n, 0)), v.Pattern)
	const often = 2000 // attempts
	for range often {
		if drawn := drawPattern(r, v.Pattern, n); utf8.RuneCountInString(drawn) == n && pattern.MatchString(drawn) {
			return drawn
		}
	}
	return usual
}

// specialCharacters are characters that a pattern may or may not allow.
var specialCharacters = []struct {
	name string
	char rune
}{
	{"space", ' '}, {"exclamation", '!'}, {"quote", '"'}, {"hash", '#'}, {"dollar", '$'}, {"percent", '%'}, {"ampersand", '&'},
	{"apostrophe", '\''}, {"parenthesis", '('}, {"closing-parenthesis", ')'}, {"asterisk", '*'}, {"plus", '+'}, {"comma", ','},
	{"hyphen", '-'}, {"period", '.'}, {"slash", '/'}, {"colon", ':'}, {"semicolon", ';'}, {"less", '<'}, {"equals", '='},
	{"greater", '>'}, {"question", '?'}, {"at", '@'}, {"bracket", '['}, {"backslash", '\\'}, {"closing-bracket", ']'},
	{"caret", '^'}, {"underscore", '_'}, {"backtick", '`'}, {"brace", '{'}, {"bar", '|'}, {"closing-brace", '}'}, {"tilde", '~'},
	{"nul", 0}, {"tab", '\t'}, {"line-feed", '\n'}, {"carriage-return", '\r'}, {"escape", 0x1b}, {"delete", 0x7f},
	{"no-break-space", '\u00a0'}, {"zero-width-space", '\u200b'}, {"wide-digit", '１'}, {"e-acute", 'é'}, {"chinese", '中'}, {"emoji", '😀'},
}

// characterEdges are texts with a special character in the middle, for a pattern that
// allows several of them.
func characterEdges(v *openapi3.Schema) edges {
	pattern, err := regexp.Compile(v.Pattern)
	if err != nil {
		return edges{} // kin-openapi has compiled it before
	}
	n := max(int(v.MinLength)+1, 9)
	if v.MaxLength != nil {
		n = min(n, int(*v.MaxLength))
	}
	var e edges
	for _, c := range specialCharacters {
		s := freeText(n/2) + string(c.char) + freeText(n-n/2-1)
		choice := makeOptional(fixedChoice("character-"+c.name, s))
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

// sampleItems are n different items.
func sampleItems(v *openapi3.Schema, n int) []any {
	out := make([]any, n)
	for i := range out {
		out[i] = sampleOf(openapi.Member(v.Items, ""), i)
	}
	return out
}

// matchingTexts are texts some of which match the patterns of the document.
func matchingTexts(v *openapi3.Schema) []any {
	return []any{sampleOf(&openapi3.SchemaRef{Value: v}, 0), freeText(int(v.MinLength) + 1), "00000000-0000-4000-8000-000000000000"}
}

// nonMatchingTexts are such texts with the last character replaced.
func nonMatchingTexts(v *openapi3.Schema) []any {
	var out []any
	for _, valid := range matchingTexts(v) {
		s := fmt.Sprint(valid)
		for _, wrong := range []string{"*", " ", "\\", "é", "\u0000"} {
			out = append(out, s[:len(s)-1]+wrong)
		}
	}
	return out
}

// multilineTexts are such texts with a second line that does not match. A pattern that
// is not anchored at the end of the text would take them.
func multilineTexts(v *openapi3.Schema) []any {
	var out []any
	for _, valid := range matchingTexts(v) {
		out = append(out, fmt.Sprint(valid)+"\n*\\")
	}
	return out
}
