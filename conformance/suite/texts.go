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

// class is a class of characters, by its first and last one.
type class struct {
	name        string
	first, last rune
}

// ranges are the classes of more than one character.
var ranges = []class{{"lower-case", 'a', 'z'}, {"upper-case", 'A', 'Z'}, {"digit", '0', '9'}}

// lookalikes are texts that a program may take for something else.
var lookalikes = []struct{ name, text string }{
	{"number", "1234567890"}, {"leading-zeros", "0012345678"}, {"decimal", "12345.6789"}, {"exponent", "1e10000000"}, {"hexadecimal", "0x12345678"},
	{"boolean", "true"}, {"null", "null"}, {"none", "None"}, {"not-a-number", "NaN"}, {"address", "10.0.0.1"}, {"block", "10.0.0.0/24"},
	{"e-mail", "A1.b@example.com"}, {"uuid", "6d8f3c1e-2b4a-4c5d-8e9f-0a1b2c3d4e5f"}, {"date", "2024-01-31"}, {"time", "12:30:45"}, {"url", "http://example.com/"},
	{"two-hyphens", "--aB1"}, {"assignment", "a=b"}, {"percent", "%41aB1-xyz"}, {"plus", "+1aB1-xyz"}, {"template", "{aB1-xyz}"}, {"low-line", "_aB1xyz-"},
}

// widths are the texts that a pattern allows and a strict implementation may not
// take, or not give back as they are: every kind of character at the first and at
// the last place, texts that look like something else, blanks.
func widths(v *openapi3.Schema) []choice {
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
		filler := text(n - 1)
		draw := func(write func(c string) string) func(*rand.Rand) any {
			return func(r *rand.Rand) any { return write(string(c.drawn(r))) }
		}
		out = append(out, optional(drawing("first-"+c.name, draw(func(c string) string { return c + filler }))))
		out = append(out, optional(drawing("last-"+c.name, draw(func(c string) string { return filler + c }))))
		if c.first == c.last {
			continue
		}
		for _, end := range []string{string(c.first), string(c.last)} {
			out = append(out, optional(one("first-"+c.name+"-"+strings.ToLower(end), end+filler)), optional(one("last-"+c.name+"-"+strings.ToLower(end), filler+end)))
		}
	}
	for _, l := range lookalikes {
		if pattern.MatchString(l.text) {
			out = append(out, optional(one("looks-like-"+l.name, l.text)))
		}
	}
	if pattern.MatchString(" ") {
		out = append(out, should(optional(one("blank-before", " "+text(n-1)))), should(optional(one("blank-after", text(n-1)+" "))),
			optional(one("two-blanks", text(n/2)+"  "+text(n/2))))
	}
	return append(out, multiByte(pattern, v)...)
}

// multiByte is the longest text of letters that have several bytes each: a length
// is one of characters. Whether it is, no source says in so many words.
func multiByte(pattern *regexp.Regexp, v *openapi3.Schema) []choice {
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
	out := []choice{optional(one("every-accent", string(letters))), optional(one("every-accent-backwards", string(backwards)))}
	if v.MaxLength != nil {
		long := strings.Repeat(string(letters), int(*v.MaxLength)/len(letters)+1)
		out = append(out, should(optional(one("longest-multi-byte", string([]rune(long)[:*v.MaxLength])))))
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
	for _, c := range special {
		if pattern.MatchString(string(c.is)) && c.is != ' ' {
			out = append(out, class{c.name, c.is, c.is})
		}
	}
	return out
}

// drawn is the first or the last character of the class, or another one.
func (c class) drawn(r *rand.Rand) rune {
	switch r.IntN(3) {
	case 0:
		return c.first
	case 1:
		return c.last
	}
	return c.first + rune(r.IntN(int(c.last-c.first)+1))
}

// everyCharacter are texts with every printable character of ASCII between others
// that a pattern allows and of which a source says so, as many as a text may have.
func everyCharacter(v *openapi3.Schema, settled func(text string) bool) []choice {
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
		out = append(out, optional(one(fmt.Sprintf("every-character-%d", len(out)+1), begin+string(part)+end)))
	}
	return out
}
