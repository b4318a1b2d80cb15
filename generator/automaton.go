package generator

import (
	"encoding/binary"
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// automaton is a finite automaton that reads a text character by character. It does not tell characters beyond ASCII
// apart, which keeps its table small; an expression that does is left to package regexp.
type automaton struct {
	classes [utf8.RuneSelf + 1]byte // by character; the last one is for all beyond ASCII
	next    [][]byte                // the next state, by state and class; from state 0 no match is possible
	start   byte                    // the state of the empty text
	final   int                     // the first of the states of texts that match, which come last
}

// match reports whether a text matches.
func (a *automaton) match(s string) bool {
	state := a.start
	for _, c := range s {
		state = a.next[state][a.classes[min(c, utf8.RuneSelf)]]
	}
	return int(state) >= a.final
}

// builder makes an automaton from a program of package syntax.
type builder struct {
	prog   *syntax.Prog
	chars  [][]bool // the characters that an instruction takes, by instruction
	states [][]uint32
	number map[string]int // of the states
	next   [][]byte
	finals []bool
}

// build returns the automaton of an expression, nil if there is none with at most 256 states, whose numbers fit a byte.
func build(expression string) *automaton {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil
	}
	prog, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return nil
	}
	b := &builder{prog: prog, chars: make([][]bool, len(prog.Inst)), number: map[string]int{}}
	for i := range prog.Inst {
		if !b.findChars(i) {
			return nil
		}
	}
	classes, samples := b.classes()
	b.state(nil, false)
	b.state(b.follow([]uint32{uint32(prog.Start)}, true, false), true)
	for i := 0; i < len(b.states); i++ {
		row := make([]byte, len(samples))
		for class, c := range samples {
			to := b.state(b.step(b.states[i], c), false)
			if to > 255 {
				return nil
			}
			row[class] = byte(to)
		}
		b.next = append(b.next, row)
	}
	return b.numberStates(classes)
}

// findChars finds the characters that an instruction takes. It is false if an automaton cannot tell them apart.
func (b *builder) findChars(i int) bool {
	inst := &b.prog.Inst[i]
	switch inst.Op {
	case syntax.InstEmptyWidth:
		return syntax.EmptyOp(inst.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) == 0
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
	default:
		return true
	}
	chars := make([]bool, utf8.RuneSelf+1)
	for c := range rune(utf8.RuneSelf) {
		chars[c] = inst.MatchRune(c)
	}
	all, none := takesBeyondASCII(inst)
	chars[utf8.RuneSelf] = !none
	b.chars[i] = chars
	return all || none
}

// takesBeyondASCII reports whether an instruction takes all characters beyond ASCII, and whether it takes none.
func takesBeyondASCII(inst *syntax.Inst) (all, none bool) {
	switch {
	case inst.Op == syntax.InstRuneAny, inst.Op == syntax.InstRuneAnyNotNL:
		return true, false
	case len(inst.Rune) == 1: // and its other cases
		beyond := inst.Rune[0] >= utf8.RuneSelf
		if syntax.Flags(inst.Arg)&syntax.FoldCase != 0 {
			for c := unicode.SimpleFold(inst.Rune[0]); c != inst.Rune[0]; c = unicode.SimpleFold(c) {
				beyond = beyond || c >= utf8.RuneSelf
			}
		}
		return false, !beyond
	}
	count := rune(0)
	for i := 0; i < len(inst.Rune); i += 2 {
		if high := inst.Rune[i+1]; high >= utf8.RuneSelf {
			count += high - max(inst.Rune[i], utf8.RuneSelf) + 1
		}
	}
	return count == unicode.MaxRune-utf8.RuneSelf+1, count == 0
}

// classes groups the characters that no instruction tells apart, and returns one character of each class.
func (b *builder) classes() (classes [utf8.RuneSelf + 1]byte, samples []int) {
	known := map[string]byte{}
	for c := range classes {
		var key strings.Builder
		for _, chars := range b.chars {
			if chars != nil && chars[c] {
				key.WriteByte('1')
			} else {
				key.WriteByte('0')
			}
		}
		class, ok := known[key.String()]
		if !ok {
			class = byte(len(samples))
			known[key.String()] = class
			samples = append(samples, c)
		}
		classes[c] = class
	}
	return classes, samples
}

// follow returns the instructions that are reached from the given ones without reading a character. It empties from;
// begin and end say whether the text begins or ends here.
func (b *builder) follow(from []uint32, begin, end bool) []uint32 {
	var out []uint32
	seen := make([]bool, len(b.prog.Inst))
	for len(from) > 0 {
		pc := from[len(from)-1]
		from = from[:len(from)-1]
		if seen[pc] {
			continue
		}
		seen[pc] = true
		inst := &b.prog.Inst[pc]
		switch inst.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			from = append(from, inst.Out, inst.Arg)
		case syntax.InstCapture, syntax.InstNop:
			from = append(from, inst.Out)
		case syntax.InstEmptyWidth:
			switch op := syntax.EmptyOp(inst.Arg); {
			case op&syntax.EmptyBeginText != 0 && !begin:
			case op&syntax.EmptyEndText != 0 && !end:
				out = append(out, pc)
			default:
				from = append(from, inst.Out)
			}
		case syntax.InstFail:
		default:
			out = append(out, pc)
		}
	}
	slices.Sort(out)
	return out
}

// step returns the instructions after a character. A match that does not need the end of the text stays a match.
// Otherwise another attempt begins after the character, since an expression without ^ may match anywhere.
func (b *builder) step(state []uint32, c int) []uint32 {
	if state == nil {
		return nil
	}
	from := []uint32{uint32(b.prog.Start)}
	for _, pc := range state {
		switch inst := &b.prog.Inst[pc]; {
		case inst.Op == syntax.InstMatch:
			return state
		case b.chars[pc] != nil && b.chars[pc][c]:
			from = append(from, inst.Out)
		}
	}
	return b.follow(from, false, false)
}

// state returns the number of a state, a new one if necessary; begin says that it is the state of the empty text.
func (b *builder) state(instructions []uint32, begin bool) int {
	var key []byte
	if begin {
		key = append(key, '^')
	}
	for _, pc := range instructions {
		key = binary.LittleEndian.AppendUint32(key, pc)
	}
	if i, ok := b.number[string(key)]; ok {
		return i
	}
	b.number[string(key)] = len(b.states)
	b.states = append(b.states, instructions)
	b.finals = append(b.finals, b.matches(instructions, begin))
	return len(b.states) - 1
}

// matches reports whether a text that ends in a state matches; begin says that the text is empty.
func (b *builder) matches(state []uint32, begin bool) bool {
	return slices.ContainsFunc(b.follow(slices.Clone(state), begin, true), func(pc uint32) bool {
		return b.prog.Inst[pc].Op == syntax.InstMatch
	})
}

// numberStates returns the automaton with its states in a new order: those of texts that match come last, so that one
// comparison finds a match.
func (b *builder) numberStates(classes [utf8.RuneSelf + 1]byte) *automaton {
	order := []int{0}
	for _, final := range []bool{false, true} {
		for i, is := range b.finals {
			if i > 0 && is == final {
				order = append(order, i)
			}
		}
	}
	place := make([]byte, len(order))
	for i, state := range order {
		place[state] = byte(i)
	}
	a := &automaton{classes: classes, final: len(order)}
	for i, state := range order {
		row := make([]byte, len(b.next[state]))
		for class, to := range b.next[state] {
			row[class] = place[to]
		}
		a.next = append(a.next, row)
		if b.finals[state] && i < a.final {
			a.final = i
		}
	}
	if len(order) > 1 {
		a.start = place[1]
	}
	return a
}

// writeAutomaton returns the automaton of an expression as the body of a function, empty if there is none.
func writeAutomaton(expression string) string {
	a := build(expression)
	if a == nil {
		return ""
	}
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	width := len(a.next[0])
	line("const classes = `` +")
	for i := 0; i < utf8.RuneSelf; i += 32 {
		end := " +"
		if i+32 == utf8.RuneSelf {
			end = " // of the ASCII characters"
		}
		line("%s%s", quoteBytes(a.classes[i:i+32]), end)
	}
	line("const next = `` +")
	for state, row := range a.next {
		end := " +"
		if state == len(a.next)-1 {
			end = " // the state after each of the states, by class"
		}
		line("%s%s", quoteBytes(row), end)
	}
	line("state := byte(%d) // 0 is the one that leads to no match, and from %d on are those of a match", a.start, a.final)
	line("for _, c := range s {\nclass := byte(%d)\nif c < utf8.RuneSelf {\nclass = classes[c]\n}", a.classes[utf8.RuneSelf])
	line("state = next[%d*int(state)+int(class)]\n}", width)
	line("return state >= %d", a.final)
	return b.String()
}

// quoteBytes writes small numbers as a string.
func quoteBytes(numbers []byte) string {
	var b strings.Builder
	for _, n := range numbers {
		fmt.Fprintf(&b, `\x%02x`, n)
	}
	return `"` + b.String() + `"`
}
