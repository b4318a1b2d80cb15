package secrets

import "io"

// view is a reading of a text: bytes, and for each where it comes from.
type view struct {
	data     []byte
	from, to []int32 // in the text; nil for the text itself
}

// add adds a byte that comes from a part of what is read.
func (v *view) add(c byte, from, to int) {
	v.data, v.from, v.to = append(v.data, c), append(v.from, int32(from)), append(v.to, int32(to))
}

// gap is between two readings that do not stand side by side. It is in no word, no
// number and no secret.
const gap = 0x1f

// gapAfter ends a reading that began at a length of the view; one that is too
// short for a secret is dropped.
func (v *view) gapAfter(begin, at int) {
	if len(v.data)-begin < Shortest {
		v.data, v.from, v.to = v.data[:begin], v.from[:begin], v.to[:begin]
		return
	}
	v.add(gap, at, at)
}

// clear empties a view, to be used again.
func (v *view) clear() { v.data, v.from, v.to = v.data[:0], v.from[:0], v.to[:0] }

// within makes the places of a reading of another view those in the text.
func (v *view) within(outer view) {
	if outer.from == nil {
		return
	}
	for i := range v.from {
		from, to := v.from[i], v.to[i]
		if to > from { // what is between readings comes from nowhere
			v.from[i], v.to[i] = outer.from[from], outer.to[to-1]
		} else {
			v.from[i], v.to[i] = 0, 0
		}
	}
}

// hit is a hit in a part of the view.
func (v view) hit(from, to int, kind Kind, instead string) hit {
	if v.from == nil {
		return hit{from, to, kind, instead}
	}
	return hit{int(v.from[from]), int(v.to[to-1]), kind, instead}
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
	hits    []hit
	left    int           // bytes that may still be read
	buffers [deepest]view // one for each depth: a reading is done with before the next begins

	flate io.ReadCloser // what it needs is large, and made once
}

// search finds all that must not be shown, and reports whether all of the text
// was searched.
func (s *Set) search(text string) (hits []hit, whole bool) {
	f := search{set: s, left: perByte*len(text) + beside}
	f.look(view{data: []byte(text)}, 0)
	return f.hits, f.left >= 0
}

// look searches a view, and the readings of it.
func (f *search) look(v view, depth int) {
	if f.left -= len(v.data); f.left < 0 || len(v.data) < Shortest {
		return
	}
	f.hits = f.set.match(v, f.hits)
	if depth == deepest {
		return
	}
	inner := &f.buffers[depth]
	for _, read := range readings {
		inner.clear()
		if !read(f, v.data, inner) {
			f.left = -1
		}
		if f.left < 0 {
			return
		}
		if len(inner.data) >= Shortest {
			inner.within(v)
			f.look(*inner, depth+1)
		}
	}
}

// reading is a way to read a text. It adds to a view what it reads, and nothing if
// the text has nothing to read in this way. It reports whether it read all of it.
type reading func(f *search, data []byte, v *view) bool

// readings are all of them.
var readings = []reading{
	always(unescape), always(unquote), always(withoutZeros), always(latin), always(numbers),
	inPhase(hexadecimal, 0), inPhase(hexadecimal, 1),
	inPhase(sixtyFour, 0), inPhase(sixtyFour, 1), inPhase(sixtyFour, 2), inPhase(sixtyFour, 3),
	(*search).inflate,
}

// always is a reading to the end.
func always(read func([]byte, *view)) reading {
	return func(_ *search, data []byte, v *view) bool { read(data, v); return true }
}

// inPhase is a reading of digits of which several are a byte, from one of the
// first of them on.
func inPhase(read func([]byte, *view, int), phase int) reading {
	return func(_ *search, data []byte, v *view) bool { read(data, v, phase); return true }
}
