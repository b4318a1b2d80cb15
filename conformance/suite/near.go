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

// enumeration are the values of an enumeration, and texts that are nearly one of
// them: an implementation may know more of the field than the document lists, or
// compare the beginning alone.
func enumeration(v *openapi3.Schema, others []any) edges {
	var e edges
	for _, value := range v.Enum {
		e.accepted = append(e.accepted, one(fmt.Sprint(value), value))
		if upper := strings.ToUpper(fmt.Sprint(value)); upper != value {
			e.refused = append(e.refused, should(one("upper-case-"+fmt.Sprint(value), upper)))
		}
	}
	e.refused = append(e.refused, should(optional(drawing("capital", func(r *rand.Rand) any { return drawNear(r, v, capital) }))))
	first := fmt.Sprint(v.Enum[0])
	if v.Default != nil { // which is accepted beside anything
		first = fmt.Sprint(v.Default)
	}
	e.refused = append(e.refused,
		one("unknown", "unknown-value"), drawing("drawn", func(r *rand.Rand) any { return drawWord(r, v) }), one("empty", ""),
		one("blank-before", " "+first), one("blank-after", first+" "), one("tab-after", first+"\t"), one("line-feed-after", first+"\n"),
		one("no-break-space-after", first+"\u00a0"), one("zero-width-space-after", first+"\u200b"),
		may(one("null", nil)), one("number", 1), one("boolean", true), one("object", map[string]any{}), one("array", []any{first}),
		drawing("longer", func(r *rand.Rand) any { return drawNear(r, v, longer) }),
		optional(drawing("shorter", func(r *rand.Rand) any { return drawNear(r, v, shorter) })),
		optional(drawing("beheaded", func(r *rand.Rand) any { return drawNear(r, v, beheaded) })),
	)
	e.refused = append(e.refused, wideDigit(v)...)
	if len(others) > 0 {
		e.refused = append(e.refused, optional(choice{name: "of-another", values: others}))
	}
	for _, word := range nearWords(v) {
		e.refused = append(e.refused, optional(one(nearly+strings.NewReplacer("_", "-low-line-", " ", "-").Replace(word), word)))
	}
	return e
}

// nearly begins the names of choices that are nearly a value of an enumeration.
const nearly = "near-"

// nearIn breaks the enumerations of an anchor in a kind of request with every text
// that is nearly one of their values: an implementation may know more of the field
// for one kind alone. The kind that has such a case already gets none.
func (s *part) nearIn(kind variant, rings []made) {
	broken := map[*openapi.Rule]bool{}
	for i := range rings {
		m := &rings[i]
		if m.row.variant.name != kind.name {
			continue
		}
		for _, b := range m.anchor.rules {
			if b.rule.Keyword != "enum" || broken[b.rule] {
				continue
			}
			at := m.anchor.concrete(m.row.place, b.at)
			for _, c := range b.choices {
				if !strings.HasPrefix(c.name, nearly) || s.isFixed(b.rule.ID+"/"+c.name, kind.example) {
					continue
				}
				body, ok := with(m.body, at, c.values[0])
				is := breach{body: body, at: at, facts: m.facts, level: c.level}
				if !ok || !s.breachIs(is, b.rule, []string{at}) {
					continue
				}
				refused := s.brokenCase(m.ring, b, m.twin, is)
				refused.ID = fmt.Sprintf("%s/in-%s-%s", b.rule.ID, kind.name, c.name)
				m.refused = append(m.refused, brokenIn{refused, body})
				broken[b.rule] = true
			}
		}
	}
}

// isFixed reports whether a case that no seed draws is made of an example.
func (s *part) isFixed(id, example string) bool {
	return slices.ContainsFunc(s.fixed, func(c Case) bool { return c.ID == id && c.Change.Example == example })
}

// ofOthers are the values of other enumerations of the request than a rule's.
func (s *part) ofOthers(r *openapi.Rule) []any {
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

// wideDigit is the last value with a digit, in the digits of East Asian type.
func wideDigit(v *openapi3.Schema) []choice {
	var out []choice
	for _, value := range v.Enum {
		if wide := wideDigits.Replace(fmt.Sprint(value)); wide != value {
			out = []choice{should(one("wide-digit", wide))}
		}
	}
	return out
}

// wideDigits puts the digits of East Asian type in the place of others.
var wideDigits = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "4", "４", "5", "５", "6", "６", "7", "７", "8", "８", "9", "９")

func longer(r *rand.Rand, value string) string {
	return value + string(alphabet[r.IntN(len(alphabet))])
}
func capital(_ *rand.Rand, value string) string  { return strings.ToUpper(value[:1]) + value[1:] }
func shorter(_ *rand.Rand, value string) string  { return value[:len(value)-1] }
func beheaded(_ *rand.Rand, value string) string { return value[1:] }

// drawNear changes one of the values until it is none of them.
func drawNear(r *rand.Rand, v *openapi3.Schema, change func(*rand.Rand, string) string) string {
	for range 100 {
		if near := change(r, fmt.Sprint(v.Enum[r.IntN(len(v.Enum))])); !slices.Contains(v.Enum, any(near)) {
			return near
		}
	}
	return drawWord(r, v)
}

// nothings are what programs write for no value, or for any.
var nothings = []string{"none", "null", "default", "any", "auto", "off"}

var (
	numbers    = regexp.MustCompile(`[0-9]+`)
	digitFirst = regexp.MustCompile(`([a-z])[0-9]-`)
)

// nearWords are texts that others may take for a value of the enumeration, none
// of which is one: other numbers, other ways to join the parts, fewer parts.
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
	for _, word := range nothings {
		add(word)
	}
	return out
}

// otherNumbers are the neighbours of the first number in a text, and the next one
// of each that follows; for one of a family, of which there are many, every number
// up to 32.
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
