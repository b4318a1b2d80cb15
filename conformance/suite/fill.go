package suite

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// usualItems is the greatest length of a drawn list, unless it is to be the longest.
const usualItems = 5

// filler draws values for the members around the one that a case is about.
type filler struct {
	*rand.Rand
	turn    int  // number of the value to take of every enumeration
	turns   int  // number of turns until the values begin again; 0 for the number of values
	blocks  int  // number of the next drawn block
	shift   int  // of addresses with host bits, the same for all: those of one block stay in one
	item    int  // index in the list that is drawn
	base    int  // of the integers in a list, so that no two of its items have the same
	largest bool // everything has its largest size

	doubtful  map[*openapi3.Schema]bool // members to leave out
	unsettled func(*openapi3.Schema, any) bool
}

// newFiller returns a filler whose addresses break no rule.
func (s *part) newFiller(r *rand.Rand, turn int) *filler {
	f := &filler{Rand: r, turn: turn, doubtful: s.doubtful, unsettled: s.doc.Unsettled, blocks: r.IntN(1 << 15), base: r.IntN(1 << 10)}
	for range tries {
		if f.shift = r.IntN(1 << 14); s.addressesFit(f) {
			break
		}
	}
	return f
}

// addressesFit reports whether the addresses that a filler draws break no rule in a
// documented request: some are reserved.
func (s *part) addressesFit(f *filler) bool {
	for _, name := range s.doc.Examples(s.op) {
		body := s.decoded[name]
		var changed []string
		for _, at := range match.Leaves(body) {
			text, _ := match.Lookup(body, at)
			block, err := netip.ParsePrefix(fmt.Sprint(text))
			if err == nil && block != block.Masked() {
				body, _ = setMember(body, at, f.drawAddress(block))
				changed = append(changed, at)
			}
		}
		if len(changed) > 0 {
			return s.doc.BreaksJust(s.op, body, s.doc.Facts, nil, changed)
		}
	}
	return true
}

// drawMembers draws the members that an object lacks, by name. It leaves out members
// that the environment decides, secrets, and the member that says the kind of request.
func (f *filler) drawMembers(s *openapi3.SchemaRef, at string, has map[string]any) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Value.Properties)) {
		member := openapi.Member(s.Value.Properties[name], "")
		if _, there := has[name]; !there && !member.Value.ReadOnly && isFree(member.Value) && !f.doubtful[member.Value] {
			out[name] = f.drawValue(member, at+"/"+match.Escape(name))
		}
	}
	return out
}

// isFree reports whether a member may have any value of its schema.
func isFree(s *openapi3.Schema) bool {
	return s.Extensions["x-names"] == nil && s.Extensions["x-variants"] == nil && s.Format != "password"
}

// drawValue draws a value of a schema.
func (f *filler) drawValue(s *openapi3.SchemaRef, at string) any {
	v := s.Value
	example, _ := v.Example.(string)
	block, err := netip.ParsePrefix(example)
	switch {
	case err == nil && block != block.Masked():
		return f.drawAddress(block)
	case err == nil:
		return f.drawBlock()
	case len(v.Enum) > 0 && f.largest:
		return slices.MaxFunc(v.Enum, func(a, b any) int { return len(fmt.Sprint(a)) - len(fmt.Sprint(b)) })
	case len(v.Enum) > 0:
		return f.enumValue(v, f.turn+placeNumber(at))
	case v.Type.Is("integer"):
		least, most := bounds(v)
		return numeral(least + (f.base+f.item)%(most-least+1))
	case v.Type.Is("number"):
		return sampleOf(s, f.item)
	case v.Type.Is("boolean"):
		return (f.turn+placeNumber(at))%2 == 0
	case v.Type.Is("array"):
		n := 1 + f.IntN(usualItems)
		if v.MaxItems != nil {
			if n = min(n, int(*v.MaxItems)); f.largest {
				n = int(*v.MaxItems)
			}
		}
		return f.drawList(s, at, n)
	case v.Type.Is("object"):
		return f.drawMembers(s, at, nil)
	}
	return f.drawTextOf(v)
}

// enumValue is the value of an enumeration in a turn. Each value has one turn, or two if
// that leaves more than half of the turns; the default has the remaining turns, because
// a target is most likely to support it.
func (f *filler) enumValue(v *openapi3.Schema, turn int) any {
	n, often := turn%max(f.turns, len(v.Enum)), 1
	if 4*len(v.Enum) <= f.turns {
		often = 2
	}
	switch {
	case n < often*len(v.Enum):
		return v.Enum[n%len(v.Enum)]
	case v.Default != nil:
		return v.Default
	}
	return v.Enum[0]
}

// drawList draws n items of a list.
func (f *filler) drawList(s *openapi3.SchemaRef, at string, n int) []any {
	items, outer := make([]any, n), f.item
	for i := range items {
		f.item = i
		items[i] = f.drawValue(openapi.Member(s.Value.Items, ""), at+"/0")
	}
	f.item = outer
	return items
}

// numeral is a number in the form that decoding gives it.
func numeral(n int) any { return json.Number(strconv.Itoa(n)) }

// placeNumber is a number that a place always has. It lets the enumerations of a request
// take different values in the same turn.
func placeNumber(at string) int {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(at)) // a hash takes everything
	return int(hash.Sum32() % 1024)
}

// drawBlock draws a block of 256 addresses that overlaps no other.
func (f *filler) drawBlock() string {
	f.blocks++
	n := f.blocks % (192 << 8)
	return fmt.Sprintf("10.%d.%d.0/24", n>>8, n&255)
}

// drawAddress draws an address of another block, with the same host bits.
func (f *filler) drawAddress(like netip.Prefix) string {
	a := like.Addr().As4()
	host := 1<<(32-like.Bits()) - 1
	low := f.shift<<(32-like.Bits()) | int(a[3])&host
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{a[0], a[1], byte(low >> 8), byte(low)}), like.Bits()).String()
}

// wideLetter is a letter of two bytes.
const wideLetter = "é"

// drawTextOf draws a text that the schema allows.
func (f *filler) drawTextOf(v *openapi3.Schema) string {
	pattern, err := regexp.Compile(v.Pattern)
	if f.largest && v.MaxLength != nil {
		n, begin := int(*v.MaxLength), min(int(*v.MaxLength), 8) // the beginning makes it unique
		for _, text := range []string{drawText(f.Rand, begin) + strings.Repeat(wideLetter, n-begin), drawText(f.Rand, n)} {
			if err == nil && pattern.MatchString(text) && !f.unsettled(v, text) {
				return text
			}
		}
	}
	if text := drawMatching(f.Rand, v); err == nil && pattern.MatchString(text) {
		return text
	}
	if v.Pattern != "" && v.Example == nil {
		for range tries {
			if text := drawPattern(f.Rand, v.Pattern, shortRepeats); v.VisitJSON(text) == nil {
				return text
			}
		}
	}
	return fmt.Sprint(sampleOf(&openapi3.SchemaRef{Value: v}, 0))
}

// bounds are the bounds of an integer, with defaults.
func bounds(v *openapi3.Schema) (least, most int) {
	least, most = 0, 1000
	if v.Min != nil {
		least = int(*v.Min)
	}
	if v.Max != nil {
		most = int(*v.Max)
	}
	return least, most
}
