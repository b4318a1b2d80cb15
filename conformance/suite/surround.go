package suite

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// An implementation may enforce a rule in the surroundings of the documented
// examples alone: for one kind of request, at one object of the environment, beside
// certain members, for the first item of a list, for a body in the usual notation.
// So every rule is broken in drawn surroundings, one request for each row of them. A
// row has a kind of request, an object, a number of other members and a position in a
// list; the rows combine them so that each pair of values comes. Every value of every
// enumeration beside the member comes, and so does every way to send the request. The
// number of rows depends on the rules alone, not on the product of all values, and is
// known before the run.

// mode is how many other members stand beside the one that a case is about.
type mode int

const (
	modeAlone    mode = iota // no optional member
	modeAmid                 // every member of its object
	modeComplete             // every member of the request
	modeCount
)

// String names the mode in an id.
func (m mode) String() string { return [...]string{"alone", "amid", "complete"}[m] }

// itemPosition is where the item of a case stands in its list.
type itemPosition struct {
	name   string
	length func(most int) int
	index  func(length int) int
}

// onlyItem is the position in a list of one item.
var onlyItem = itemPosition{"the only item", func(int) int { return 1 }, func(int) int { return 0 }}

// itemPositions are the positions that are tried in every list. The last is drawn.
func itemPositions(r *rand.Rand) []itemPosition {
	amid := r.Float64() // 0 is the second item, 1 the last
	return []itemPosition{
		onlyItem,
		{"first of two", func(most int) int { return min(2, most) }, func(int) int { return 0 }},
		{"second of two", func(most int) int { return min(2, most) }, func(n int) int { return n - 1 }},
		{"first of all", func(most int) int { return most }, func(int) int { return 0 }},
		{"last of all", func(most int) int { return most }, func(n int) int { return n - 1 }},
		{"amid all", func(most int) int { return most }, func(n int) int { return min(1+int(amid*float64(n-2)), n-1) }},
	}
}

// waysToSend are the ways to send a request. The refused requests of a rule are spread
// over them.
var waysToSend = []wayToSend{
	{"", Wire{}},
	{"with a charset", Wire{Header: map[string]string{"Content-Type": "application/json; charset=utf-8"}}},
	{"in chunks", Wire{Chunked: true}},
	{"pretty printed", Wire{Form: "pretty"}},
	{"with its members reversed", Wire{Form: "reversed"}},
	{"with escaped letters", Wire{Form: "escaped"}},
	{"on a connection of its own", Wire{Fresh: true}},
	{"after all others", Wire{Late: true}},
	{"to a client that takes anything", Wire{Header: map[string]string{"Accept": "*/*"}}},
	{"with its media type in upper case", Wire{Header: map[string]string{"Content-Type": "Application/JSON"}}},
}

// wayToSend is a way to send a request, and its name in a title.
type wayToSend struct {
	name string
	wire Wire
}

// slug is the name of the way in an id.
func (m wayToSend) slug() string { return strings.ReplaceAll(m.name, " ", "-") }

// variant is a kind of request: a value of the member that the document marks with
// x-variants, and an example that has it.
type variant struct {
	name, example string
	bare          any // the example without optional members
}

// turns is the number of objects of the environment that the rows are spread over.
const turns = 4

// surroundings is one row: the context of the member that a case is about.
type surroundings struct {
	variant  variant
	slot     int // how many rows the variant has before
	turn     int // number among the rows with other members: the value of every enumeration there
	turns    int // number of such rows
	mode     mode
	position itemPosition // of a list; the zero place otherwise
	lists    bool
	pin      pin
}

// objectsToSkip is the number of objects of the environment to skip.
func (r surroundings) objectsToSkip() int {
	if r.pin.object > 0 {
		return r.pin.object - 1
	}
	return r.slot % turns
}

// surroundingRows are the rows of an anchor, given the kinds of requests that can have
// it. Each pair of kind, object, mode and position comes.
func surroundingRows(variants []variant, places []itemPosition, lists bool) []surroundings {
	least := 15 // the longest enumeration has ten values, and a third of the rows has none
	if lists {
		least = turns * len(places)
	}
	var out []surroundings
	turn := 0
	slots := (least + len(variants) - 1) / len(variants)
	for slot := range slots {
		for i, v := range variants {
			row := surroundings{variant: v, slot: slot, mode: mode((i + 2*slot) % int(modeCount)), lists: lists}
			p := (slot/turns*len(variants) + (i+slot)%len(variants)) % len(places)
			if len(variants) == 1 {
				row.mode, p = mode((slot+slot/turns)%int(modeCount)), slot/turns%len(places)
			}
			if lists {
				row.position = places[p]
			}
			if row.turn = turn; row.mode != modeAlone {
				turn++
			}
			out = append(out, row)
		}
	}
	for i := range out {
		out[i].turns = turn
	}
	return out
}

// String names the surroundings in an id.
func (r surroundings) String() string {
	if r.pin != (pin{}) {
		return fmt.Sprintf("in-%s-%v-%s", r.variant.name, r.mode, r.pin.name())
	}
	name := fmt.Sprintf("in-%s-%v-%d", r.variant.name, r.mode, r.slot+1)
	if r.lists {
		name += "-" + strings.ReplaceAll(r.position.name, " ", "-")
	}
	return name
}

// describe says in words what stands beside the member of a case.
func (r surroundings) describe() string {
	text := map[mode]string{modeAlone: "alone", modeAmid: "with the other members of its object", modeComplete: "with every other member"}[r.mode]
	if r.lists {
		text += ", " + r.position.name
	}
	if r.pin != (pin{}) {
		text += ", " + words(r.pin.name())
	}
	return text
}

// variants are the kinds of requests, and the place of the member that says the kind.
// If the document marks no member, the first example is the only kind.
func (s *part) variants() ([]variant, string) {
	at := s.doc.Variants(s.op)
	var out []variant
	if at == "" {
		for _, name := range s.doc.Examples(s.op)[:1] {
			out = append(out, variant{name: name, example: name})
		}
	} else {
		member := openapi.Member(s.op.JSON(), at).Value
		for _, value := range member.Enum {
			name := fmt.Sprint(value)
			i := slices.IndexFunc(s.doc.Examples(s.op), func(example string) bool {
				has, ok := match.Lookup(s.decoded[example], at)
				return ok && fmt.Sprint(has) == name || !ok && fmt.Sprint(member.Default) == name
			})
			if i >= 0 {
				out = append(out, variant{name: name, example: s.doc.Examples(s.op)[i]})
			}
		}
	}
	for i := range out {
		out[i].bare = s.stripRequest(s.decoded[out[i].example], at)
	}
	return out, at
}

// stripRequest returns a request without its optional members, apart from the one that
// says its kind.
func (s *part) stripRequest(body any, kind string) any {
	return s.stripBelow(body, body, "", kind)
}

// stripBelow removes the optional members below a place of a body.
func (s *part) stripBelow(body, value any, at, kind string) any {
	object, ok := value.(map[string]any)
	if !ok {
		return body
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		pointer := at + "/" + match.Escape(name)
		if pointer != kind {
			if less, ok := removeMember(body, pointer); ok && s.isAccepted(less, s.doc.Facts) {
				body = less
				continue
			}
		}
		body = s.stripBelow(body, object[name], pointer, kind)
	}
	return body
}

// isAccepted reports whether a request has to be accepted.
func (s *part) isAccepted(body any, facts openapi.Facts) bool {
	return len(s.doc.Broken(s.op, body, facts)) == 0 && len(s.doc.LeavesOpen(s.op, body, facts)) == 0
}
