package secrets

import (
	"cmp"
	"slices"
	"strings"
)

// fold returns a text in which the letters of ASCII are small.
func fold(text string) string {
	out := []byte(text)
	for i, c := range out {
		out[i] = folded(c)
	}
	return string(out)
}

func folded(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// gram is a text of at most eight bytes as a number.
func gram(text string) uint64 {
	var n uint64
	for _, c := range []byte(text) {
		n = n<<8 | uint64(c)
	}
	return n
}

// sixBytes are the last bytes of a number that is read byte by byte: a piece.
const sixBytes = 1<<(8*piece) - 1

// filter tells at once of nearly every number that is not in a set.
type filter struct {
	bits  []uint64
	shift int
}

func newFilter(n int) filter {
	f := filter{shift: 64 - 10}
	for size := 1 << 10; size < 32*n; size *= 2 {
		f.shift--
	}
	f.bits = make([]uint64, 1<<(64-f.shift)/64)
	return f
}

func (f filter) slot(n uint64) uint64 { return n * 0x9e3779b97f4a7c15 >> f.shift }

func (f filter) add(n uint64) { f.bits[f.slot(n)/64] |= 1 << (f.slot(n) % 64) }

func (f filter) may(n uint64) bool { return f.bits[f.slot(n)/64]&(1<<(f.slot(n)%64)) != 0 }

// hit is a place in a text that must not be shown.
type hit struct {
	from, to int
	kind     Kind
	instead  string
}

// run is a row of pieces that overlap, in a view.
type run struct {
	from, to int
	open     bool // public texts have every piece of it
}

// match adds what a view has of the secrets to the hits. It reads each byte once,
// and those of a hit at most as often as the longest pattern that is found as a
// whole is long.
func (s *Set) match(v view, hits []hit) []hit {
	var last uint64
	r := run{to: -1}
	for i, c := range v.data {
		last = last<<8 | uint64(folded(c))
		if four := last & 0xffff_ffff; i >= Shortest-1 && s.wholeFilter.may(four) {
			hits = s.matchWhole(v, i-Shortest+1, s.wholes[uint32(four)], hits)
		}
		six := last & sixBytes
		if i < piece-1 || !s.pieceFilter.may(six) {
			continue
		}
		if !has(s.pieces, six) {
			continue
		}
		from := i - piece + 1
		if from > r.to {
			hits = s.end(v, r, hits)
			r = run{from: from, open: true}
		}
		r.to, r.open = i+1, r.open && has(s.open, gram(string(v.data[from:i+1])))
	}
	return s.end(v, r, hits)
}

// matchWhole adds the patterns that stand at a place as a whole.
func (s *Set) matchWhole(v view, at int, patterns []int, hits []hit) []hit {
	for _, index := range patterns {
		p := s.patterns[index]
		to := at + len(p.text)
		if to > len(v.data) || !equalFolded(v.data[at:to], p.text) || p.delimited && !delimited(v.data, at, to) {
			continue
		}
		hits = append(hits, v.hit(at, to, s.secrets[p.secret].Kind, s.shown(p, v.data[at:to])))
	}
	return hits
}

func equalFolded(data []byte, text string) bool {
	for i, c := range data {
		if folded(c) != text[i] {
			return false
		}
	}
	return true
}

// delimited reports whether what stands in a text from a place to another is no
// part of a longer word.
func delimited[T string | []byte](text T, from, to int) bool {
	return (from == 0 || !inWord(text[from-1]) || !inWord(text[from])) && (to == len(text) || !inWord(text[to]) || !inWord(text[to-1]))
}

// inWord reports whether a byte is of a letter, a digit or an underscore.
func inWord(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= folded(c) && folded(c) <= 'z' || c == '_' || c >= 0x80
}

// end adds a row of pieces: the long ones in it first, and the row itself.
func (s *Set) end(v view, r run, hits []hit) []hit {
	if r.to < 0 {
		return hits
	}
	var begin [long]byte
	for at, done := r.from, r.from; at+long <= r.to; at++ {
		if at+long <= done {
			continue // within the last one
		}
		for i := range begin {
			begin[i] = folded(v.data[at+i])
		}
		p, found := s.longs[begin]
		if !found {
			continue
		}
		pattern := s.patterns[p.pattern]
		done = at + long
		for done < len(v.data) && p.offset+done-at < len(pattern.text) && pattern.text[p.offset+done-at] == folded(v.data[done]) {
			done++
		}
		hits = append(hits, v.hit(at, done, s.secrets[pattern.secret].Kind, s.shown(pattern, v.data[at:done])))
	}
	if !r.open {
		hits = append(hits, v.hit(r.from, r.to, Hidden, neutral(string(v.data[r.from:r.to]))))
	}
	return hits
}

// shown is what is shown in the place of a piece of a pattern.
func (s *Set) shown(p pattern, text []byte) string {
	return cmp.Or(s.secrets[p.secret].StandIn, neutral(string(text)))
}

// neutral is what is shown in the place of a text that is no finding: something
// of the same kind, so that what was judged before is judged alike afterwards. In
// what may be a part of a hexadecimal number, all digits are ones.
func neutral(text string) string {
	hex := strings.Trim(text, "0123456789abcdefABCDEF") == ""
	out := []byte(text)
	for i, c := range out {
		switch {
		case hex || '0' <= c && c <= '9':
			out[i] = '1'
		case 'A' <= c && c <= 'Z':
			out[i] = 'X'
		case 'a' <= c && c <= 'z' || c >= 0x80:
			out[i] = 'x'
		default:
			out[i] = '-'
		}
	}
	if string(out) == text {
		return strings.Repeat("*", len(text))
	}
	return string(out)
}

// replace puts something else in the place of hits. Where they overlap, a finding
// counts more than what is only hidden, and then what begins first and is longer.
func replace(text string, hits []hit) string {
	if len(hits) == 0 {
		return text
	}
	order := func(a, b hit) int {
		return cmp.Or(a.from-b.from, b.to-a.to, int(a.kind)-int(b.kind), strings.Compare(a.instead, b.instead))
	}
	slices.SortFunc(hits, order)
	findings := covered(slices.DeleteFunc(slices.Clone(hits), func(h hit) bool { return h.kind == Hidden }))
	var rest []hit // what the findings leave of the others
	next := 0
	for _, h := range covered(slices.DeleteFunc(hits, func(h hit) bool { return h.kind != Hidden })) {
		for next < len(findings) && findings[next].to <= h.from {
			next++
		}
		begin, k := h.from, next
		for ; k < len(findings) && findings[k].from < h.to; k++ {
			if findings[k].from > begin {
				rest = append(rest, hit{begin, findings[k].from, Hidden, neutral(text[begin:findings[k].from])})
			}
			begin = findings[k].to
		}
		switch {
		case k == next:
			rest = append(rest, h)
		case begin < h.to:
			rest = append(rest, hit{begin, h.to, Hidden, neutral(text[begin:h.to])})
		}
	}
	all := append(findings, rest...)
	slices.SortFunc(all, order)
	var out strings.Builder
	done := 0
	for _, h := range all {
		out.WriteString(text[done:h.from])
		out.WriteString(h.instead)
		done = h.to
	}
	out.WriteString(text[done:])
	return out.String()
}

// covered returns hits in their order that do not overlap: what reaches beyond
// the one before it is joined to that.
func covered(hits []hit) []hit {
	var out []hit
	for _, h := range hits {
		if last := len(out) - 1; last >= 0 && h.from < out[last].to {
			out[last].to = max(out[last].to, h.to)
			continue
		}
		out = append(out, h)
	}
	return out
}
