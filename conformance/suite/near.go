package suite

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// enumEdges are the values of an enumeration, and texts that are nearly one of them: an
// implementation may know more values of the field than the document lists, or compare
// only the beginning.
func enumEdges(v *openapi3.Schema, others []any) edges {
	var e edges
	for _, value := range v.Enum {
		e.accepted = append(e.accepted, fixedChoice(fmt.Sprint(value), value))
		if upper := strings.ToUpper(fmt.Sprint(value)); upper != value {
			e.refused = append(e.refused, lowerToShould(fixedChoice("upper-case-"+fmt.Sprint(value), upper)))
		}
	}
	e.refused = append(e.refused, lowerToShould(makeOptional(drawnChoice("capital", func(r *rand.Rand) any { return drawNear(r, v, capitalize) }))))
	first := fmt.Sprint(v.Enum[0])
	if v.Default != nil { // which every request may have
		first = fmt.Sprint(v.Default)
	}
	e.refused = append(e.refused,
		fixedChoice("unknown", "unknown-value"), drawnChoice("drawn", func(r *rand.Rand) any { return drawWord(r, v) }), fixedChoice("empty", ""),
		fixedChoice("blank-before", " "+first), fixedChoice("blank-after", first+" "), fixedChoice("tab-after", first+"\t"), fixedChoice("line-feed-after", first+"\n"),
		fixedChoice("no-break-space-after", first+"\u00a0"), fixedChoice("zero-width-space-after", first+"\u200b"),
		lowerToMay(fixedChoice("null", nil)), fixedChoice("number", 1), fixedChoice("boolean", true), fixedChoice("object", map[string]any{}), fixedChoice("array", []any{first}),
		drawnChoice("longer", func(r *rand.Rand) any { return drawNear(r, v, appendCharacter) }),
		makeOptional(drawnChoice("shorter", func(r *rand.Rand) any { return drawNear(r, v, dropLast) })),
		makeOptional(drawnChoice("beheaded", func(r *rand.Rand) any { return drawNear(r, v, dropFirst) })),
	)
	e.refused = append(e.refused, wideDigitChoices(v)...)
	if len(others) > 0 {
		e.refused = append(e.refused, makeOptional(choice{name: "of-another", values: others}))
	}
	for _, word := range nearWords(v) {
		e.refused = append(e.refused, makeOptional(fixedChoice(nearPrefix+strings.NewReplacer("_", "-low-line-", " ", "-").Replace(word), word)))
	}
	return e
}

// nearPrefix begins the names of choices that are nearly a value of an enumeration.
const nearPrefix = "near-"

// breakNearly breaks the enumerations of an anchor in a kind of request with every text
// that is nearly one of their values: an implementation may know more values for one
// kind alone. A kind that has such a case already gets none.
func (s *part) breakNearly(kind variant, rows []rowCases) {
	broken := map[*openapi.Rule]bool{}
	for i := range rows {
		m := &rows[i]
		if m.row.variant.name != kind.name {
			continue
		}
		for _, b := range m.anchor.rules {
			if b.rule.Keyword != "enum" || broken[b.rule] {
				continue
			}
			at := m.anchor.resolve(m.row.position, b.at)
			for _, c := range b.choices {
				if !strings.HasPrefix(c.name, nearPrefix) || s.isFixed(b.rule.ID+"/"+c.name, kind.example) {
					continue
				}
				body, ok := setMember(m.body, at, c.values[0])
				is := breach{body: body, at: at, facts: m.facts, level: c.level}
				if !ok || !s.breachIs(is, b.rule, []string{at}) {
					continue
				}
				refused := s.brokenCase(m.anchoredRow, b, m.twin, is)
				refused.ID = fmt.Sprintf("%s/in-%s-%s", b.rule.ID, kind.name, c.name)
				m.refused = append(m.refused, rowRefusal{refused, body})
				broken[b.rule] = true
			}
		}
	}
}

// isFixed reports whether a case that no seed draws changes an example.
func (s *part) isFixed(id, example string) bool {
	return slices.ContainsFunc(s.fixed, func(c Case) bool { return c.ID == id && c.Change.Example == example })
}

// otherEnumValues are the values of the request's other enumerations.
func (s *part) otherEnumValues(r *openapi.Rule) []any {
	if r.Keyword != "enum" {
		return nil
	}
	var out []any
	for _, other := range s.doc.Rules {
		if other.Keyword != "enum" || Excluded(s.op, other, true) != "" {
			continue
		}
		for _, value := range other.Schema.Enum {
			if !slices.Contains(r.Schema.Enum, value) && !slices.Contains(out, value) {
				out = append(out, value)
			}
		}
	}
	return out
}

// wideDigitChoices is the last value that has a digit, written with full-width digits.
func wideDigitChoices(v *openapi3.Schema) []choice {
	var out []choice
	for _, value := range v.Enum {
		if wide := wideDigits.Replace(fmt.Sprint(value)); wide != value {
			out = []choice{lowerToShould(fixedChoice("wide-digit", wide))}
		}
	}
	return out
}

// wideDigits replaces digits by their full-width form.
var wideDigits = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")

// appendCharacter returns a value with a drawn character behind it.
func appendCharacter(r *rand.Rand, value string) string {
	return value + string(alphabet[r.IntN(len(alphabet))])
}

// capitalize returns a value with its first letter in upper case.
func capitalize(_ *rand.Rand, value string) string { return strings.ToUpper(value[:1]) + value[1:] }

// dropLast returns a value without its last character.
func dropLast(_ *rand.Rand, value string) string { return value[:len(value)-1] }

// dropFirst returns a value without its first character.
func dropFirst(_ *rand.Rand, value string) string { return value[1:] }

// drawNear changes one of the values until it is not a value of the enumeration.
func drawNear(r *rand.Rand, v *openapi3.Schema, change func(*rand.Rand, string) string) string {
	for range 100 {
		if near := change(r, fmt.Sprint(v.Enum[r.IntN(len(v.Enum))])); !slices.Contains(v.Enum, any(near)) {
			return near
		}
	}
	return drawWord(r, v)
}

// emptyWords are words by which programs say that there is no value, or any.
var emptyWords = []string{"none", "null", "default", "any", "auto", "off"}

var (
	numbers    = regexp.MustCompile(`[0-9]+`)
	digitFirst = regexp.MustCompile(`([a-z])[0-9]-`)
)

// nearWords are texts that a program may take for a value of the enumeration, although
// none is one: other numbers, other ways to join the parts, fewer parts.
func nearWords(v *openapi3.Schema) []string {
	var out []string
	add := func(word string) {
		if word != "" && !slices.Contains(v.Enum, any(word)) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	const few = 4
	for _, value := range v.Enum {
		text := fmt.Sprint(value)
		if len(v.Enum) <= few {
			add(text[:len(text)-1])
		}
		add(numbers.FindString(text))
		for _, near := range otherNumbers(text, len(v.Enum)) {
			add(near)
		}
		parts := strings.Split(text, "-")
		if len(parts) == 1 {
			continue
		}
		add(strings.Join(parts, ""))
		add(strings.Join(parts, "_"))
		add(digitFirst.ReplaceAllString(text, "$1"))
		add(digitFirst.ReplaceAllString(text, "$1-"))
		for i := range parts {
			add(strings.Join(slices.Delete(slices.Clone(parts), i, i+1), "-"))
		}
	}
	for _, word := range emptyWords {
		add(word)
	}
	return out
}

// otherNumbers are the text with the neighbours of its first number, and with the next
// number in the place of each later one. In a large enumeration whose values end with a
// number it has every number up to 32: an implementation may know the whole family.
func otherNumbers(text string, family int) []string {
	at := numbers.FindStringIndex(text)
	if at == nil {
		return nil
	}
	n, err := strconv.Atoi(text[at[0]:at[1]])
	if err != nil {
		return nil
	}
	others := []int{n - 1, n + 1, 2 * n}
	const many, most = 8, 32
	if family >= many && at[1] == len(text) {
		others = nil
		for other := range most + 1 {
			others = append(others, other)
		}
	}
	var out []string
	for _, other := range others {
		if other >= 0 {
			out = append(out, text[:at[0]]+strconv.Itoa(other)+text[at[1]:])
		}
	}
	for _, later := range numbers.FindAllStringIndex(text, -1)[1:] {
		if n, err := strconv.Atoi(text[later[0]:later[1]]); err == nil {
			out = append(out, text[:later[0]]+strconv.Itoa(n+1)+text[later[1]:])
		}
	}
	return out
}
