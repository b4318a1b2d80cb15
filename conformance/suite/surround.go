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
// examples alone: for one kind of request, at one object of the environment, beside certain
// members, at the first place of a list, for a body that is written in the usual
// way. So every rule is broken in surroundings that are drawn, one request for
// each of them: the kind of the request, the object, how much is beside the
// member and the place in a list are combined so that each pair of them comes;
// every value of every enumeration beside the member comes, and every way to send
// the request. How many there are depends on the rules alone, not on their
// products, and is known before the run.

// mode is how much stands beside the member that a case is about.
type mode int

const (
	alone    mode = iota // nothing that may be left out
	amid                 // every other member of its object
	complete             // every other member of the request
	modes
)

func (m mode) String() string { return [...]string{"alone", "amid", "complete"}[m] }

// place is where in a list the item of a case stands.
type place struct {
	name   string
	length func(most int) int
	index  func(length int) int
}

// onlyItem is the place of an item that its list has alone.
var onlyItem = place{"the only item", func(int) int { return 1 }, func(int) int { return 0 }}

// placesFor are the places that are tried of every list, the last of them drawn.
func placesFor(r *rand.Rand) []place {
	amid := r.Float64() // of the way between the first item and the last
	return []place{
		onlyItem,
		{"first of two", func(most int) int { return min(2, most) }, func(int) int { return 0 }},
		{"second of two", func(most int) int { return min(2, most) }, func(n int) int { return n - 1 }},
		{"first of all", func(most int) int { return most }, func(int) int { return 0 }},
		{"last of all", func(most int) int { return most }, func(n int) int { return n - 1 }},
		{"amid all", func(most int) int { return most }, func(n int) int { return min(1+int(amid*float64(n-2)), n-1) }},
	}
}

// sendings are the ways to send a request, one of which every refused one of
// these is sent in.
var sendings = []manner{
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

type manner struct {
	name string
	wire Wire
}

// slug is the way in an id.
func (m manner) slug() string { return strings.ReplaceAll(m.name, " ", "-") }

// variant is a kind of request: a value of the member that the document marks
// with x-variants, and the example that has it.
type variant struct {
	name, example string
	bare          any // the example without what may be left out
}

// turns is the number of objects of the environment that surroundings are spread over.
const turns = 4

// surroundings is one row: what is around the member of a case.
type surroundings struct {
	variant variant
	slot    int // which time the variant comes
	turn    int // of the rows with other members: which value every enumeration there has
	turns   int // how many such rows there are
	mode    mode
	place   place // of a list; the zero place otherwise
	lists   bool
	pin     pin
}

// object is the number of objects of the environment to pass over.
func (r surroundings) object() int {
	if r.pin.object > 0 {
		return r.pin.object - 1
	}
	return r.slot % turns
}

// rows are the surroundings of a place, in which each pair of kind, object, mode
// and place in a list comes, given the kinds that can have it.
func rows(variants []variant, places []place, lists bool) []surroundings {
	least := 15 // the longest enumeration has ten values, and a third of the rows has none
	if lists {
		least = turns * len(places)
	}
	var out []surroundings
	turn := 0
	slots := (least + len(variants) - 1) / len(variants)
	for slot := range slots {
		for i, v := range variants {
			row := surroundings{variant: v, slot: slot, mode: mode((i + 2*slot) % int(modes)), lists: lists}
			p := (slot/turns*len(variants) + (i+slot)%len(variants)) % len(places)
			if len(variants) == 1 {
				row.mode, p = mode((slot+slot/turns)%int(modes)), slot/turns%len(places)
			}
			if lists {
				row.place = places[p]
			}
			if row.turn = turn; row.mode != alone {
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
		name += "-" + strings.ReplaceAll(r.place.name, " ", "-")
	}
	return name
}

// beside says in words what stands beside the member of a case.
func (r surroundings) beside() string {
	text := map[mode]string{alone: "alone", amid: "with the other members of its object", complete: "with every other member"}[r.mode]
	if r.lists {
		text += ", " + r.place.name
	}
	if r.pin != (pin{}) {
		text += ", " + words(r.pin.name())
	}
	return text
}

// variants are the kinds of requests, and where the member stands that makes
// them; the examples, and nowhere, if the document marks no member.
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
		out[i].bare = s.bare(s.decoded[out[i].example], at)
	}
	return out, at
}

// bare is a request without the members that may be left out, but for the one
// that makes it of its kind.
func (s *part) bare(body any, kind string) any {
	return s.strip(body, body, "", kind)
}

// strip leaves out what may be left out below a place of a body.
func (s *part) strip(body, value any, at, kind string) any {
	object, ok := value.(map[string]any)
	if !ok {
		return body
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		pointer := at + "/" + match.Escape(name)
		if pointer != kind {
			if less, ok := without(body, pointer); ok && s.clean(less, s.doc.Facts) {
				body = less
				continue
			}
		}
		body = s.strip(body, object[name], pointer, kind)
	}
	return body
}

// clean reports whether a request has to be accepted.
func (s *part) clean(body any, facts openapi.Facts) bool {
	return len(s.doc.Broken(s.op, body, facts)) == 0 && len(s.doc.LeavesOpen(s.op, body, facts)) == 0
}
