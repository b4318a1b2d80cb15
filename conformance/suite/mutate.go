package suite

import (
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
)

// mutator replaces the values of a violation by others. Equal texts stay equal, and
// addresses of one block stay in one block: a violation often consists of that.
type mutator struct {
	*rand.Rand
	xor   uint32
	texts map[string]string // replacements, by the text that was met
}

// mutate returns another value of the same form.
func (m mutator) mutate(value any) any {
	switch v := value.(type) {
	case string:
		if m.texts[v] == "" && v != "" {
			m.texts[v] = m.mutateText(v)
		}
		return m.texts[v]
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = m.mutate(item)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) { // what is drawn depends on the order
			out[name] = m.mutate(v[name])
		}
		return out
	}
	return value
}

// mutateText returns another text: for a block, one that differs in some of its
// leading bits; for any other text, one with other characters of the same classes.
// No number begins with a zero: no source speaks of that notation, so that a text
// might be refused for it alone.
func (m mutator) mutateText(text string) string {
	block, err := netip.ParsePrefix(text)
	if err == nil && block.Addr().Is4() {
		kept := 8 + m.IntN(max(block.Bits()-8, 0)+1) // leading bits
		bits := uint32(0)
		if kept < block.Bits() {
			bits = (1<<(32-kept) - 1) &^ (1<<(32-block.Bits()) - 1)
		}
		a := block.Addr().As4()
		var out [4]byte
		binary.BigEndian.PutUint32(out[:], binary.BigEndian.Uint32(a[:])^m.xor&bits)
		return netip.PrefixFrom(netip.AddrFrom4(out), block.Bits()).String()
	}
	out := []byte(text)
	for i, c := range out {
		switch {
		case 'a' <= c && c <= 'z':
			out[i] = 'a' + byte(m.IntN(26))
		case 'A' <= c && c <= 'Z':
			out[i] = 'A' + byte(m.IntN(26))
		case isDigit(c) && (i == 0 || !isDigit(text[i-1])) && i+1 < len(text) && isDigit(text[i+1]):
			out[i] = '1' + byte(m.IntN(9))
		case isDigit(c):
			out[i] = '0' + byte(m.IntN(10))
		}
	}
	return string(out)
}

// isDigit reports whether a byte is an ASCII digit.
func isDigit(c byte) bool { return '0' <= c && c <= '9' }
