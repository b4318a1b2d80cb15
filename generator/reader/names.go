package reader

import (
	"hash/maphash"
	"strings"
)

// names is a set of the names of members that were read. It keeps their places instead of their texts: a million
// members would otherwise need many times their own size.
type names struct {
	places []uint32 // see place; a list while there are few, then a hash table in which 0 is a gap
	count  int
	seed   maphash.Seed
}

// few is the number of names that are compared one by one.
const few = 8

// place returns the place of the last name: twice the offset of its first byte, plus 1 if it is written with escapes.
func (r *reader) place() uint32 {
	place := uint32(r.nameStart) << 1
	if r.text[r.nameStart+len(r.name)] != '"' {
		place |= 1
	}
	return place
}

// nameAt returns the name at a place. The bytes are valid until the next call.
func (r *reader) nameAt(place uint32) []byte {
	s := r.text[place>>1:]
	if place&1 == 0 {
		r.scratch = append(r.scratch[:0], s[:strings.IndexByte(s, '"')]...)
		return r.scratch
	}
	end := 0
	for s[end] != '"' {
		if s[end] == '\\' {
			end++
		}
		end++
	}
	r.scratch = unescape(r.scratch[:0], s[:end])
	return r.scratch
}

// isName reports whether the name at a place is this one.
func (r *reader) isName(place uint32, name string) bool {
	if place&1 != 0 {
		return string(r.nameAt(place)) == name
	}
	s := r.text[place>>1:]
	return strings.HasPrefix(s, name) && s[len(name)] == '"'
}

// add adds the name that r has just read, and reports whether it is new.
func (n *names) add(r *reader) bool {
	if n.count < few {
		for _, place := range n.places {
			if r.isName(place, r.name) {
				return false
			}
		}
		n.places = append(n.places, r.place())
		n.count++
		return true
	}
	if 4*(n.count+1) > 3*len(n.places) {
		n.grow(r)
	}
	i := n.slot(maphash.String(n.seed, r.name))
	for ; n.places[i] != 0; i = (i + 1) % len(n.places) {
		if r.isName(n.places[i], r.name) {
			return false
		}
	}
	n.places[i] = r.place()
	n.count++
	return true
}

// slot returns the index where the search for a hash begins.
func (n *names) slot(hash uint64) int { return int(hash & uint64(len(n.places)-1)) }

// grow makes the table twice as large.
func (n *names) grow(r *reader) {
	if n.count == few {
		n.seed = maphash.MakeSeed()
	}
	old := n.places
	n.places = make([]uint32, max(4*few, 2*len(old)))
	for _, place := range old {
		if place == 0 {
			continue
		}
		i := n.slot(maphash.Bytes(n.seed, r.nameAt(place)))
		for n.places[i] != 0 {
			i = (i + 1) % len(n.places)
		}
		n.places[i] = place
	}
}
