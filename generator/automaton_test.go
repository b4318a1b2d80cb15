package generator

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// expressions that are known to be hard, or easy.
var expressions = []string{
	``, `^`, `$`, `^$`, `a`, `^a$`, `^a`, `a$`, `^a*$`, `^(ab)*$`, `^(a|ab)(c|bcd)$`, `a|b`, `^a|b$`, `^(a|)$`, `[^a]`, `^[^a]$`, `.`, `^.$`, `(?s)^.$`,
	`^\d{2,3}$`, `^[A-Za-z0-9_.-]*$`, `^(0|[1-9][0-9]*)$`, `(?i)^ab$`, `(?i)k`, `^\x{e9}$`, `^[\x{80}-\x{10ffff}]$`, `^[a-\x{10ffff}]+$`, `^a{3}$`,
	`(a+b)+c`, `^(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])$`, `a\b`, `(?m)^a$`, `\Aa\z`, `^a+?$`, `x*`, `^[^\x00-\x{10FFFF}]$`, `^(^a)$`, `^(a$)`, `a^`, `$a`,
	`(^|a)b`, `b($|a)`, `^[0-9]{4}-[0-9]{2}(\.[0-9]+)?Z$`,
}

var subjects = []string{
	"", "a", "b", "ab", "abab", "ba", "aa", "aaa", "aaab", "abc", "abcd", "acd", "abbcd", "é", "aé", "éa", "\n", "a\n", "\na", "12", "123", "1234", "0", "07",
	"255", "256", "249", "99", "K", "k", "\u212a", "ſ", "AB", "Ab", "𝔸", "\x00", "\x7f", "\u0080", "\U0010ffff", "xaabaabcx", "2022-11Z", "2022-11.5Z", "2022-11.Z", "Z",
}

// An automaton matches what package regexp matches.
func TestAutomaton(t *testing.T) {
	built := 0
	for _, expression := range expressions {
		want := regexp.MustCompile(expression)
		a := build(expression)
		if a == nil {
			continue
		}
		built++
		for _, s := range subjects {
			if got := a.match(s); got != want.MatchString(s) {
				t.Errorf("%s: %q: %t", expression, s, got)
			}
		}
	}
	if want := len(expressions) - 4; built != want { // \b, (?m), and what tells some characters beyond ASCII from others
		t.Errorf("%d of %d became automata, want %d", built, len(expressions), want)
	}
}

// An expression that needs too many states becomes none.
func TestTooManyStates(t *testing.T) {
	if build(`^(a|b)*a(a|b){9}$`) != nil {
		t.Error("more than 255 states")
	}
	if build(`^(a|b)*a(a|b){4}$`) == nil {
		t.Error("64 states are too many")
	}
}

// FuzzAutomaton holds automata against package regexp.
func FuzzAutomaton(f *testing.F) {
	for i, expression := range expressions {
		f.Add(expression, subjects[i%len(subjects)])
	}
	f.Fuzz(func(t *testing.T, expression, s string) {
		want, err := regexp.Compile(expression)
		if err != nil || len(expression) > 60 || !utf8.ValidString(s) {
			return
		}
		a := build(expression)
		for _, s := range append(subjects, s) {
			if a != nil && a.match(s) != want.MatchString(s) {
				t.Errorf("%s: %q: %t", expression, s, a.match(s))
			}
		}
	})
}

// Every form of a pattern becomes its own kind of code.
func TestForms(t *testing.T) {
	for pattern, want := range map[string]string{
		`^$`:               `return len(s) == 0`,
		`^abc$`:            `return s == "abc"`,
		`^[a-c]*$`:         `return onlyX(s)`,
		`^[a-c]+$`:         `return s != "" && onlyX(s)`,
		`^[a-c]?$`:         `return len(s) <= 1 && onlyX(s)`,
		`^[a-c]{2,4}$`:     `return len(s) >= 2 && len(s) <= 4 && onlyX(s)`,
		`^[à-ü]{2}$`:       `return utf8.RuneCountInString(s) == 2 && onlyX(s)`,
		`^\u0041[a-c]{2}$`: "return len(s) == 3 &&\ns[0] == 'A' &&\nonlyX(s[1:3])",
		`^(abc|[x-z]{2})$`: "return s == \"abc\" ||\nlen(s) == 2 && onlyX(s)",
		`^(ab|(cd)+)$`:     "return s == \"ab\" ||\nmatchesX2(s)",
		`^[a-c]*[x-z]$`:    `const classes = `,
		`[a-c]`:            `const classes = `,
		`\b`:               `return patternX().MatchString(s)`,
		`^é$`:              `return s == "é"`,
		`(?i)^é$`:          `return patternX().MatchString(s)`,
	} {
		p := patterns{functions: map[string]string{}, classes: map[string]string{}}
		name := p.functionFor(pattern, "X")
		_, body, ok := strings.Cut(p.text.String(), fmt.Sprintf("func %s(s string) bool {\n", name))
		if !ok || !strings.HasPrefix(body, want) {
			t.Errorf("%s: %s", pattern, p.text.String())
		}
		if again := p.functionFor(pattern, "Y"); again != name {
			t.Errorf("%s: %s, then %s", pattern, name, again)
		}
	}
}
