package suite

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// class is a range of characters.
type class struct {
	name        string
	first, last rune
}

// ranges are the classes with more than one character.
var ranges = []class{{"lower-case", 'a', 'z'}, {"upper-case", 'A', 'Z'}, {"digit", '0', '9'}}

// lookalikes are texts that a program may take for something else.
var lookalikes = []struct{ name, text string }{
	{"number", "1234567890"}, {"leading-zeros", "0012345678"}, {"decimal", "12345.6789"}, {"exponent", "1e10000000"}, {"hexadecimal", "0x12345678"},
	{"boolean", "true"}, {"null", "null"}, {"none", "None"}, {"not-a-number", "NaN"}, {"address", "10.0.0.1"}, {"block", "10.0.0.0/24"},
	{"e-mail", "A1.b@example.com"}, {"uuid", "6d8f3c1e-2b4a-4c5d-8e9f-0a1b2c3d4e5f"}, {"date", "2024-01-31"}, {"time", "12:30:45"}, {"url", "http://example.com/"},
	{"two-hyphens", "--aB1"}, {"assignment", "a=b"}, {"percent", "%41aB1-xyz"}, {"plus", "+1aB1-xyz"}, {"template", "{aB1-xyz}"}, {"low-line", "_aB1xyz-"},
}

// textChoices are texts that a pattern allows and that a strict implementation may
// refuse, or not return as they came: each kind of character at the first and at
// the last place, texts that look like something else, blanks.
func textChoices(v *openapi3.Schema) []choice {
	pattern, err := regexp.Compile(v.Pattern)
	if err != nil {
		return nil // kin-openapi has compiled it before
	}
	n := max(int(v.MinLength)+1, 9)
	if v.MaxLength != nil {
		n = min(n, int(*v.MaxLength))
	}
	var out []choice
	for _, c := range classesOf(pattern) {
		filler := freeText(n - 1)
		draw := func(write func(c string) string) func(*rand.Rand) any {
			return func(r *rand.Rand) any { return write(string(c.drawCharacter(r))) }
		}
		out = append(out, makeOptional(drawnChoice("first-"+c.name, draw(func(c string) string { return c + filler }))))
		out = append(out, makeOptional(drawnChoice("last-"+c.name, draw(func(c string) string { return filler + c }))))
		if c.first == c.last {
			continue
		}
		for _, end := range []string{string(c.first), string(c.last)} {
			out = append(out, makeOptional(fixedChoice("first-"+c.name+"-"+strings.ToLower(end), end+filler)), makeOptional(fixedChoice("last-"+c.name+"-"+strings.ToLower(end), filler+end)))
		}
	}
	for _, l := range lookalikes {
		if pattern.MatchString(l.text) {
			out = append(out, makeOptional(fixedChoice("looks-like-"+l.name, l.text)))
		}
	}
	if pattern.MatchString(" ") {
		out = append(out, lowerToShould(makeOptional(fixedChoice("blank-before", " "+freeText(n-1)))), lowerToShould(makeOptional(fixedChoice("blank-after", freeText(n-1)+" "))),
			makeOptional(fixedChoice("two-blanks", freeText(n/2)+"  "+freeText(n/2))))
	}
	return append(out, multiByteChoices(pattern, v)...)
}

// multiByteChoices are the longest texts of letters that have several bytes each: an
// implementation may count bytes. Their level is should, because no source says in
// so many words that a length counts characters.
func multiByteChoices(pattern *regexp.Regexp, v *openapi3.Schema) []choice {
	var letters []rune
	for r := rune(0xa1); r < 0x250; r++ {
		if unicode.IsLetter(r) && pattern.MatchString(string(r)) {
			letters = append(letters, r)
		}
	}
	if len(letters) == 0 {
		return nil
	}
	backwards := slices.Clone(letters)
	slices.Reverse(backwards)
	out := []choice{makeOptional(fixedChoice("every-accent", string(letters))), makeOptional(fixedChoice("every-accent-backwards", string(backwards)))}
	if v.MaxLength != nil {
		long := strings.Repeat(string(letters), int(*v.MaxLength)/len(letters)+1)
		out = append(out, lowerToShould(makeOptional(fixedChoice("longest-multi-byte", string([]rune(long)[:*v.MaxLength])))))
	}
	return out
}

// classesOf are the classes that a pattern allows: the ranges, and each special
// character by itself.
func classesOf(pattern *regexp.Regexp) []class {
	var out []class
	for _, c := range ranges {
		if pattern.MatchString(string(c.first)) && pattern.MatchString(string(c.last)) {
			out = append(out, c)
		}
	}
	for _, c := range specialCharacters {
		if pattern.MatchString(string(c.char)) && c.char != ' ' {
			out = append(out, class{c.name, c.char, c.char})
		}
	}
	return out
}

// drawCharacter draws the first or the last character of the class, or another one.
func (c class) drawCharacter(r *rand.Rand) rune {
	switch r.IntN(3) {
	case 0:
		return c.first
	case 1:
		return c.last
	}
	return c.first + rune(r.IntN(int(c.last-c.first)+1))
}

// everyCharacterChoices are texts that have every printable ASCII character between
// others, as many texts as the greatest length demands. Characters that the pattern
// refuses, and those of which no source speaks, are left out.
func everyCharacterChoices(v *openapi3.Schema, settled func(text string) bool) []choice {
	pattern, err := regexp.Compile(v.Pattern)
	if err != nil {
		return nil // kin-openapi has compiled it before
	}
	const begin, end = "aB1-", "aB1"
	most := 1 << 7
	if v.MaxLength != nil {
		most = min(most, int(*v.MaxLength))
	}
	if most -= len(begin) + len(end); most < 1 {
		return nil
	}
	var all []byte
	for c := byte('!'); c <= '~'; c++ {
		if text := begin + string(c) + end; pattern.MatchString(text) && settled(text) {
			all = append(all, c)
		}
	}
	var out []choice
	for part := range slices.Chunk(all, most) {
		out = append(out, makeOptional(fixedChoice(fmt.Sprintf("every-character-%d", len(out)+1), begin+string(part)+end)))
	}
	return out
}
