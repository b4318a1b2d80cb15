package generator

import (
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A pattern becomes Go code that reads a text once. The following forms, which nest, become conditions: alternatives of the whole, a literal, a repetition of one class of characters, a sequence of
// classes of fixed length. Other patterns become the table of a finite automaton. Package regexp matches the rest: \b
// and other positions inside a text.

// patterns writes the functions that match patterns.
type patterns struct {
	functions map[string]string // by pattern
	classes   map[string]string // names of the functions for texts of one class, by class
	text      strings.Builder
}

// codePoint matches an escape of ECMA 262 for which Go has another form.
var codePoint = regexp.MustCompile(`\\u([0-9A-F]{4})`)

// functionFor returns the name of the function that matches a pattern, and writes a new one; its name ends with stem.
func (p *patterns) functionFor(pattern, stem string) string {
	if name, ok := p.functions[pattern]; ok {
		return name
	}
	name := "matches" + stem
	p.functions[pattern] = name
	expression := codePoint.ReplaceAllString(pattern, `\x{$1}`)
	body := ""
	if tree, err := syntax.Parse(expression, syntax.Perl); err == nil {
		if whole := wholeText(tree); whole != nil {
			body = p.directForm(whole, stem)
		}
	}
	if body == "" {
		body = writeAutomaton(expression)
	}
	if body == "" {
		body = "return pattern" + stem + "().MatchString(s)"
		fmt.Fprintf(&p.text, "// pattern%s compiles its pattern when it is first needed.\n", stem)
		fmt.Fprintf(&p.text, "var pattern%s = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(%q) })\n\n", stem, expression)
	} else if !strings.HasPrefix(body, "const ") {
		body = "return " + body
	}
	fmt.Fprintf(&p.text, "// %s reports whether s matches this pattern:\n//\n//\t%s\n", name, strconv.Quote(pattern))
	fmt.Fprintf(&p.text, "func %s(s string) bool {\n%s\n}\n\n", name, body)
	return name
}

// wholeText returns an expression without its anchors, nil if it does not have both.
func wholeText(tree *syntax.Regexp) *syntax.Regexp {
	if tree.Op != syntax.OpConcat || len(tree.Sub) < 2 ||
		tree.Sub[0].Op != syntax.OpBeginText || tree.Sub[len(tree.Sub)-1].Op != syntax.OpEndText {
		return nil
	}
	inner := tree.Sub[1 : len(tree.Sub)-1]
	if len(inner) == 1 {
		return inner[0]
	}
	whole := *tree
	whole.Sub = inner
	return &whole
}

// directForm returns a condition that holds if the text s matches, empty if the pattern has none of the forms.
func (p *patterns) directForm(tree *syntax.Regexp, stem string) string {
	for tree.Op == syntax.OpCapture {
		tree = tree.Sub[0]
	}
	switch tree.Op {
	case syntax.OpEmptyMatch:
		return `s == ""`
	case syntax.OpLiteral:
		if tree.Flags&syntax.FoldCase == 0 {
			return "s == " + strconv.Quote(string(tree.Rune))
		}
	case syntax.OpAlternate:
		return p.alternatives(tree, stem)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest, syntax.OpRepeat:
		return p.repetition(tree, stem)
	}
	return p.sequence(tree, stem)
}

func (p *patterns) alternatives(tree *syntax.Regexp, stem string) string {
	var parts []string
	for i, sub := range tree.Sub {
		part := p.directForm(sub, stem)
		if part == "" {
			part = p.functionFor("^(?:"+sub.String()+")$", stem+strconv.Itoa(i+1)) + "(s)"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " ||\n")
}

// repetition returns the condition for a repetition of one class.
func (p *patterns) repetition(tree *syntax.Regexp, stem string) string {
	least, most := tree.Min, tree.Max
	switch tree.Op {
	case syntax.OpStar:
		least, most = 0, -1
	case syntax.OpPlus:
		least, most = 1, -1
	case syntax.OpQuest:
		least, most = 0, 1
	}
	class := classOf(tree.Sub[0])
	if class == nil {
		return ""
	}
	length := "len(s)"
	if class[len(class)-1] >= utf8.RuneSelf {
		length = "utf8.RuneCountInString(s)"
	}
	var parts []string
	switch {
	case least == most:
		parts = append(parts, fmt.Sprintf("%s == %d", length, least))
	case least == 1:
		parts = append(parts, `s != ""`)
	case least > 0:
		parts = append(parts, fmt.Sprintf("%s >= %d", length, least))
	}
	if most > least {
		parts = append(parts, fmt.Sprintf("%s <= %d", length, most))
	}
	return strings.Join(append(parts, p.classFunction(class, stem)+"(s)"), " && ")
}

// sequence returns the condition for a sequence of ASCII characters and classes, each of fixed length.
func (p *patterns) sequence(tree *syntax.Regexp, stem string) string {
	subs := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		subs = tree.Sub
	}
	var parts []func() string // called only if all parts have the form, since they write functions
	at := 0
	for _, sub := range subs {
		count := 1
		if sub.Op == syntax.OpRepeat && sub.Min == sub.Max {
			count, sub = sub.Min, sub.Sub[0]
		}
		switch class := classOf(sub); {
		case sub.Op == syntax.OpLiteral && sub.Flags&syntax.FoldCase == 0 && count == 1:
			for _, c := range []byte(string(sub.Rune)) {
				if c >= utf8.RuneSelf {
					return ""
				}
				part := fmt.Sprintf("s[%d] == %q", at, rune(c))
				parts = append(parts, func() string { return part })
				at++
			}
		case class != nil && class[len(class)-1] < utf8.RuneSelf && count > 0:
			from, to := at, at+count
			parts = append(parts, func() string { return fmt.Sprintf("%s(s[%d:%d])", p.classFunction(class, stem), from, to) })
			at = to
		default:
			return ""
		}
	}
	texts := []string{fmt.Sprintf("len(s) == %d", at)}
	for _, part := range parts {
		texts = append(texts, part())
	}
	return strings.Join(texts, " &&\n")
}

// classOf returns the ranges of characters of an expression for one character, nil for any other expression.
func classOf(tree *syntax.Regexp) []rune {
	for tree.Op == syntax.OpCapture {
		tree = tree.Sub[0]
	}
	switch {
	case tree.Op == syntax.OpCharClass && len(tree.Rune) > 0:
		return tree.Rune
	case tree.Op == syntax.OpLiteral && len(tree.Rune) == 1 && tree.Flags&syntax.FoldCase == 0:
		return []rune{tree.Rune[0], tree.Rune[0]}
	case tree.Op == syntax.OpAnyChar:
		return []rune{0, unicode.MaxRune}
	case tree.Op == syntax.OpAnyCharNotNL:
		return []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
	}
	return nil
}

// classFunction returns the name of the function that reports whether a text has only characters of a class, and writes
// a new one.
func (p *patterns) classFunction(class []rune, stem string) string {
	key := string(class)
	if name, ok := p.classes[key]; ok {
		return name
	}
	name := "only" + stem
	for n := 2; slices.Contains(slices.Collect(maps.Values(p.classes)), name); n++ {
		name = "only" + stem + strconv.Itoa(n)
	}
	p.classes[key] = name
	low, high, beyond := bitsOf(class)
	line := func(format string, args ...any) { fmt.Fprintf(&p.text, format+"\n", args...) }
	shown := (&syntax.Regexp{Op: syntax.OpCharClass, Rune: class}).String()
	line("// %s reports whether s has no other characters than %s.", name, shown)
	line("func %s(s string) bool {", name)
	line("const low, high uint64 = %#016x, %#016x // a bit for every ASCII character", low, high)
	switch {
	case len(beyond) == 0:
		line("for i := range len(s) {\nif c := s[i]; (low>>c|high>>(c-64))&1 == 0 {\nreturn false\n}\n}")
	case len(beyond) == 2 && beyond[0] == utf8.RuneSelf && beyond[1] == unicode.MaxRune:
		line("for i := range len(s) {\nif c := s[i]; c < utf8.RuneSelf && (low>>c|high>>(c-64))&1 == 0 {\nreturn false\n}\n}")
	default:
		line("for _, c := range s {\nswitch {\ncase c < utf8.RuneSelf:\nif c := byte(c); (low>>c|high>>(c-64))&1 == 0 {\nreturn false\n}")
		line("case %s:\ndefault:\nreturn false\n}\n}", conditions(beyond))
	}
	line("return true\n}\n")
	return name
}

// bitsOf returns the ASCII characters of a class as bits, and the ranges beyond ASCII.
func bitsOf(class []rune) (low, high uint64, beyond []rune) {
	for i := 0; i < len(class); i += 2 {
		for c := class[i]; c <= min(class[i+1], utf8.RuneSelf-1); c++ {
			if c < 64 {
				low |= 1 << c
			} else {
				high |= 1 << (c - 64)
			}
		}
		if class[i+1] >= utf8.RuneSelf {
			beyond = append(beyond, max(class[i], utf8.RuneSelf), class[i+1])
		}
	}
	return low, high, beyond
}

// conditions writes ranges of characters as the cases of a switch.
func conditions(ranges []rune) string {
	var cases []string
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] == ranges[i+1] {
			cases = append(cases, fmt.Sprintf("c == %q", ranges[i]))
		} else {
			cases = append(cases, fmt.Sprintf("%q <= c && c <= %q", ranges[i], ranges[i+1]))
		}
	}
	return strings.Join(cases, ", ")
}
