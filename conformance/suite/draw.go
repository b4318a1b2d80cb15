package suite

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
)

// draw draws the values of the cases that have drawn ones.
func (s *part) draw(seed uint64) {
	s.drawn = s.drawnBlocks(seed)
	for i := range s.Cases {
		if c := &s.Cases[i]; c.draw != nil {
			s.drawCase(c, seededRandom(seed, c.ID))
		}
	}
}

// drawCase draws the value of a case until the request breaks exactly the rules
// that the case says.
func (s *part) drawCase(c *Case, r *rand.Rand) {
	for range tries {
		drawn := c.Change
		drawn.Patch = c.draw(r)
		if s.breaksJust(drawn, c.Breaks()) {
			c.Change = drawn
			return
		}
	}
}

// drawnBlocks are the blocks of a seed, each as long as the documented block that it
// replaces. The requests of two runs differ in them, documented requests apart, so
// that a target cannot pass by repeating answers it has seen. A block that would
// break a rule is not used.
func (s *part) drawnBlocks(seed uint64) map[string]string {
	r := rand.New(rand.NewPCG(seed, 0x626c6f636b73))
	out := map[string]string{}
	for _, name := range s.doc.Examples(s.op) {
		for _, at := range match.Leaves(s.decoded[name]) {
			value, _ := match.Lookup(s.decoded[name], at)
			text, _ := value.(string)
			block, err := netip.ParsePrefix(text)
			if err != nil || block != block.Masked() || out[text] != "" { // a block with host bits is an address
				continue
			}
			n := len(out)*4 + r.IntN(4) // no two of them overlap
			out[text] = netip.PrefixFrom(netip.AddrFrom4([4]byte{172, byte(16 + n%16), byte(r.IntN(256)), 0}), block.Bits()).Masked().String()
		}
	}
	return out
}

// Draws reports whether a seed draws the values of a case.
func (c Case) Draws() bool { return c.draw != nil || c.inSurroundings }

// drawnChoice is a choice whose value is drawn.
func drawnChoice(name string, draw func(*rand.Rand) any) choice {
	return choice{name: name, values: []any{draw(rand.New(rand.NewPCG(0, 0)))}, draw: draw}
}

// lastDrawn returns a function that draws the value of the last step and returns the
// patch of all steps; nil if nothing is drawn.
func lastDrawn(steps []step, draw func(*rand.Rand) any) func(*rand.Rand) []byte {
	if draw == nil {
		return nil
	}
	return func(r *rand.Rand) []byte {
		drawn := slices.Clone(steps)
		last := &drawn[len(drawn)-1]
		last.Value, _ = json.Marshal(draw(r)) // texts and numbers always encode
		patch, _ := json.Marshal(drawn)       // and so do steps
		return patch
	}
}

const (
	letters  = "abcdefghijklmnopqrstuvwxyz"
	alphabet = letters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)

// drawText draws a text of n characters, the first three of different classes.
func drawText(r *rand.Rand, n int) string {
	text := []byte("aB1")
	for len(text) < n {
		text = append(text, alphabet[r.IntN(len(alphabet))])
	}
	return string(text[:n])
}

// drawWord draws a word that is not a value of the enumeration.
func drawWord(r *rand.Rand, v *openapi3.Schema) string {
	for {
		word := make([]byte, 5+r.IntN(8))
		for i := range word {
			word[i] = letters[r.IntN(len(letters))]
		}
		if !slices.Contains(v.Enum, any(string(word))) {
			return string(word)
		}
	}
}

// drawInteger draws an integer between the schema's bounds.
func drawInteger(r *rand.Rand, v *openapi3.Schema) int {
	least, most := bounds(v)
	return least + r.IntN(most-least+1)
}

// drawMatching draws a free text that a pattern allows.
func drawMatching(r *rand.Rand, v *openapi3.Schema) string {
	most := 48
	if v.MaxLength != nil {
		most = min(most, int(*v.MaxLength))
	}
	least := min(max(int(v.MinLength), 6), most) // long enough that two drawn texts differ
	return drawText(r, least+r.IntN(most-least+1))
}

// drawNotMatching draws a text in which one character, at any place, is not allowed
// by the pattern: of a free text, or otherwise of a sample.
func drawNotMatching(r *rand.Rand, v *openapi3.Schema, free bool) string {
	text := fmt.Sprint(sampleOf(&openapi3.SchemaRef{Value: v}, 0))
	if free {
		text = drawMatching(r, v)
	}
	pattern := regexp.MustCompile(v.Pattern) // kin-openapi has compiled it before
	const often = 1000                       // attempts: some patterns allow everything
	for range often {
		at, c := r.IntN(max(len(text), 1)), specialCharacters[r.IntN(len(specialCharacters))]
		if wrong := text[:at] + string(c.char) + text[min(at+1, len(text)):]; c.char >= ' ' && c.char <= '~' && !pattern.MatchString(wrong) {
			return wrong
		}
	}
	return text
}

// shortRepeats is how often drawPattern repeats an unbounded expression.
const shortRepeats = 2

// drawPattern draws a text that a regular expression matches. An expression that may
// repeat without end repeats at most "more" times beyond its minimum.
func drawPattern(r *rand.Rand, pattern string, more int) string {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "" // kin-openapi has compiled it before
	}
	var out strings.Builder
	drawExpression(r, parsed, max(more, 1), &out)
	return out.String()
}

// drawExpression writes a text that an expression matches.
func drawExpression(r *rand.Rand, e *syntax.Regexp, more int, out *strings.Builder) {
	least, most := 1, 1
	switch e.Op {
	case syntax.OpLiteral:
		out.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		i := 2 * r.IntN(len(e.Rune)/2)
		low, high := e.Rune[i], min(e.Rune[i+1], max(e.Rune[i], '~')) // beyond ASCII, only the first of a range
		out.WriteRune(low + rune(r.IntN(int(high-low)+1)))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		out.WriteByte(letters[r.IntN(len(letters))])
	case syntax.OpAlternate:
		drawExpression(r, e.Sub[r.IntN(len(e.Sub))], more, out)
		return
	case syntax.OpStar:
		least, most = 0, more
	case syntax.OpPlus:
		most = 1 + more
	case syntax.OpQuest:
		least = 0
	case syntax.OpRepeat:
		if least, most = e.Min, e.Max; most < 0 {
			most = least + more
		}
	}
	for range least + r.IntN(most-least+1) {
		for _, sub := range e.Sub {
			drawExpression(r, sub, more, out)
		}
	}
}
