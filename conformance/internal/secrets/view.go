package secrets

import (
	"bytes"
	"io"
	"slices"
	"unicode/utf8"
)

// view is a reading of a text: bytes, and for each where it comes from.
type view struct {
	data []byte
	at   []span // in the text; nil for the text itself
	size int    // of both, while a reading adds to them

	rows   bool // it was read from numbers: most of it is chance
	begins bool // with what was written, or each of its rows does
}

// span is a part of a text.
type span struct{ from, to int32 }

// add adds a byte that comes from a part of what is read.
func (v *view) add(c byte, from, to int) {
	v.data[v.size], v.at[v.size] = c, span{int32(from), int32(to)}
	v.size++
}

// begin empties a view and makes room for a number of bytes. No reading but
// inflate makes more of a text than it has, and one that ends the last row.
func (v *view) begin(room int) {
	*v = view{data: v.data[:0], at: v.at[:0]}
	v.grow(room)
}

// grow makes room for a number of bytes beside those that are there.
func (v *view) grow(room int) {
	v.data = slices.Grow(v.data[:v.size], room)[:v.size+room]
	v.at = slices.Grow(v.at[:v.size], room)[:v.size+room]
}

// end leaves what was added.
func (v *view) end() { v.data, v.at = v.data[:v.size], v.at[:v.size] }

// gap is between two readings that do not stand side by side. It is in no word, no
// number and no secret.
const gap = 0x1f

// endRow ends a row that began at a length of the view; one that is too short for
// a secret is dropped.
func (v *view) endRow(begin, at int) {
	v.rows = true
	if v.size-begin < Shortest {
		v.size = begin
		return
	}
	v.add(gap, at, at)
}

// prune leaves of a view, and of its rows, those that may hold something that is
// written in another way again: it has a number of characters of a text, or zeros,
// side by side. Few rows that are none by more than chance do.
func (v *view) prune() {
	if !v.rows {
		return
	}
	const fewest = 6 // of a secret of four in Base64
	begin, size, count, text := 0, 0, 0, false
	for i, c := range v.data {
		if count++; !inText[c] {
			count = 0
		}
		text = text || count == fewest
		if c != gap && i < len(v.data)-1 {
			continue
		}
		if text {
			copy(v.data[size:], v.data[begin:i+1])
			copy(v.at[size:], v.at[begin:i+1])
			size += i + 1 - begin
		}
		begin, count, text = i+1, 0, false
	}
	v.data, v.at = v.data[:size], v.at[:size]
}

// inText are the bytes that a text is written with, in any way: those of ASCII but
// for most control characters, and zero.
var inText = func() (is [256]bool) {
	for c := byte(' '); c <= '~'; c++ {
		is[c] = true
	}
	for _, c := range []byte("\t\n\r\x00") {
		is[c] = true
	}
	return is
}()

// IsText reports whether data is a text: UTF-8, or another encoding without control
// characters, UTF-16 included. What is none may be compressed in a way that Set
// does not know.
func IsText(data []byte) bool {
	if utf8.Valid(data) {
		return true
	}
	wide := bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff"))
	for _, c := range data {
		if c < ' ' && !inText[c] && c != '\f' || c == 0 && !wide {
			return false
		}
	}
	return true
}

// within makes the places of a reading of another view those in the text.
func (v *view) within(outer view) {
	if outer.at == nil {
		return
	}
	for i, s := range v.at {
		if s.to == s.from { // what is between rows comes from nowhere
			continue
		}
		last := s.to - 1
		for last > s.from && outer.data[last] == gap {
			last--
		}
		v.at[i] = span{outer.at[s.from].from, outer.at[last].to}
	}
}

// hit is a hit in a part of the view.
func (v view) hit(from, to int, kind Kind, instead string) hit {
	if v.at == nil {
		return hit{from, to, kind, instead}
	}
	return hit{int(v.at[from].from), int(v.at[to-1].to), kind, instead}
}

// The bounds of a search: how deep one encoding is looked for inside another, and
// how many bytes may be read in all, for each of the text and beside.
const (
	deepest = 4
	perByte = 32
	beside  = 1 << 20
)

// search is one search in a text.
type search struct {
	set     *Set
	shallow bool // only escapes are read
	finding bool // the kinds of the hits are looked for, not their places
	hits    []hit
	found   Kind
	left    int           // bytes that may still be read
	text    []byte        // what is searched
	buffers [deepest]view // one for each depth: a reading is done with before the next begins

	flate io.ReadCloser // what it needs is large, and made once
	plain bytes.Buffer
}

// search finds all that must not be shown, and reports whether all of the text
// was searched. What it needs is used again.
func (s *Set) search(text string, shallow bool) (hits []hit, whole bool) {
	if hits, whole, ok := s.recent.get(text); ok {
		return hits, whole
	}
	f, _ := s.searches.Get().(*search)
	if f == nil {
		f = &search{set: s}
	}
	f.shallow = shallow
	f.text = append(f.text[:0], text...)
	f.hits, f.left = nil, perByte*len(text)+beside
	f.look(view{data: f.text, begins: true}, 0)
	if hits, whole = f.hits, f.left >= 0; len(text) <= most {
		s.searches.Put(f)
		if !shallow {
			s.recent.put(text, hits, whole)
		}
	}
	return hits, whole
}

// most is the number of bytes of a text that a search is kept after.
const most = 16 << 10

// inTurn is the number of bytes from which on texts are searched one at a time.
const inTurn = 128 << 10

// findInLarge finds the kinds of secrets in a text that may have a megabyte. A
// search takes forty times as much memory as its text, and a target may answer with
// nothing but secrets: it keeps no hits, ends when there is no other kind to find,
// and takes its turn if the text is very large.
func (s *Set) findInLarge(text string) Kind {
	if len(text) >= inTurn {
		s.large.Lock()
		defer s.large.Unlock()
	}
	f := &search{set: s, finding: true, text: []byte(text), left: perByte*len(text) + beside}
	f.look(view{data: f.text, begins: true}, 0)
	return f.found
}

// look searches a view, and the readings of it.
func (f *search) look(v view, depth int) {
	if f.left -= len(v.data); f.left < 0 || len(v.data) < Shortest {
		return
	}
	f.hits = f.set.match(v, f.hits)
	if f.finding {
		if f.found |= kinds(f.hits); f.found == f.set.findings {
			f.left = -1
			return
		}
		f.hits = f.hits[:0]
	}
	if f.shallow && depth == 0 {
		f.read(always(unescape), v, depth)
	}
	if f.shallow || depth == deepest {
		return
	}
	if !f.read(func(f *search, data []byte, inner *view) bool { return f.inflate(data, v.begins, inner) }, v, depth) {
		return
	}
	v.prune()
	for _, read := range readings {
		if !f.read(read, v, depth) {
			return
		}
	}
}

// read searches what a reading makes of a view, and reports whether there is more
// to be read.
func (f *search) read(read reading, v view, depth int) bool {
	inner := &f.buffers[depth]
	inner.begin(len(v.data) + 1)
	if !read(f, v.data, inner) {
		f.left = -1
	}
	inner.end()
	if f.left >= 0 && len(inner.data) >= Shortest {
		inner.within(v)
		f.look(*inner, depth+1)
	}
	return f.left >= 0
}

// reading is a way to read a text. It adds to a view what it reads, and nothing if
// the text has nothing to read in this way. It reports whether it read all of it.
type reading func(f *search, data []byte, v *view) bool

// readings are all but inflate, for which what is compressed is no text.
var readings = []reading{
	always(unescape), always(unquote), always(withoutZeros), always(latin), always(numbers),
	inPhase(hexadecimal, 0), inPhase(hexadecimal, 1),
	inPhase(sixtyFour, 0), inPhase(sixtyFour, 1), inPhase(sixtyFour, 2), inPhase(sixtyFour, 3),
}

// always is a reading to the end.
func always(read func([]byte, *view)) reading {
	return func(_ *search, data []byte, v *view) bool { read(data, v); return true }
}

// inPhase is a reading of digits of which several are a byte, from one of the
// first of them on.
func inPhase(read func([]byte, *view, int), phase int) reading {
	return func(_ *search, data []byte, v *view) bool {
		v.begins = phase == 0
		read(data, v, phase)
		return true
	}
}
