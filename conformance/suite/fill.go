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

// usual is how many items a list that is drawn has at most, but for those that are
// to be the longest.
const usual = 5

// filler draws values for the members around the one that a case is about.
type filler struct {
	*rand.Rand
	turn   int  // which value of every enumeration is taken
	turns  int  // after how many turns they begin again; 0 for as many as there are values
	blocks int  // of those that are drawn, the next
	shift  int  // of addresses with host bits: they stay in one block if they were
	item   int  // of the list that is drawn
	base   int  // of the integers in the items of a list, no two of which are the same
	most   bool // everything has its largest size

	doubtful  map[*openapi3.Schema]bool // members that are left out
	unsettled func(*openapi3.Schema, any) bool
}

func (s *part) newFiller(r *rand.Rand, turn int) *filler {
	f := &filler{Rand: r, turn: turn, doubtful: s.doubtful, unsettled: s.doc.Unsettled, blocks: r.IntN(1 << 15), base: r.IntN(1 << 10)}
	for range tries {
		if f.shift = r.IntN(1 << 14); s.addressed(f) {
			break
		}
	}
	return f
}

// addressed reports whether the addresses that a filler draws break no rule in a
// documented request: some are reserved.
func (s *part) addressed(f *filler) bool {
	for _, name := range s.doc.Examples(s.op) {
		body := s.decoded[name]
		var changed []string
		for _, at := range match.Leaves(body) {
			text, _ := match.Lookup(body, at)
			block, err := netip.ParsePrefix(fmt.Sprint(text))
			if err == nil && block != block.Masked() {
				body, _ = with(body, at, f.address(block))
				changed = append(changed, at)
			}
		}
		if len(changed) > 0 {
			return s.doc.BreaksJust(s.op, body, s.doc.Facts, nil, changed)
		}
	}
	return true
}

// members are the values of the members that an object lacks, by name. Those
// that the environment decides, secrets and what makes a request of another kind
// are none of them.
func (f *filler) members(s *openapi3.SchemaRef, at string, has map[string]any) map[string]any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Value.Properties)) {
		member := openapi.Member(s.Value.Properties[name], "")
		if _, there := has[name]; !there && !member.Value.ReadOnly && free(member.Value) && !f.doubtful[member.Value] {
			out[name] = f.value(member, at+"/"+match.Escape(name))
		}
	}
	return out
}

// free reports whether any value of a member's schema will do.
func free(s *openapi3.Schema) bool {
	return s.Extensions["x-names"] == nil && s.Extensions["x-variants"] == nil && s.Format != "password"
}

// value draws a value of a schema.
func (f *filler) value(s *openapi3.SchemaRef, at string) any {
	v := s.Value
	example, _ := v.Example.(string)
	block, err := netip.ParsePrefix(example)
	switch {
	case err == nil && block != block.Masked():
		return f.address(block)
	case err == nil:
		return f.block()
	case len(v.Enum) > 0 && f.most:
		return slices.MaxFunc(v.Enum, func(a, b any) int { return len(fmt.Sprint(a)) - len(fmt.Sprint(b)) })
	case len(v.Enum) > 0:
		return f.oneOf(v, f.turn+position(at))
	case v.Type.Is("integer"):
		least, most := bounds(v)
		return numeral(least + (f.base+f.item)%(most-least+1))
	case v.Type.Is("number"):
		return sampleOf(s, f.item)
	case v.Type.Is("boolean"):
		return (f.turn+position(at))%2 == 0
	case v.Type.Is("array"):
		n := 1 + f.IntN(usual)
		if v.MaxItems != nil {
			if n = min(n, int(*v.MaxItems)); f.most {
				n = int(*v.MaxItems)
			}
		}
		return f.list(s, at, n)
	case v.Type.Is("object"):
		return f.members(s, at, nil)
	}
	return f.text(v)
}

// oneOf is the value of an enumeration in a turn. Each value has one turn, or two if
// that leaves more than half; in those that are left the default comes, which a
// target is most likely to support.
func (f *filler) oneOf(v *openapi3.Schema, turn int) any {
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

// list draws n items of a list.
func (f *filler) list(s *openapi3.SchemaRef, at string, n int) []any {
	items, outer := make([]any, n), f.item
	for i := range items {
		f.item = i
		items[i] = f.value(openapi.Member(s.Value.Items, ""), at+"/0")
	}
	f.item = outer
	return items
}

// numeral is a number as it is decoded.
func numeral(n int) any { return json.Number(strconv.Itoa(n)) }

// position is a number that a place always has.
func position(at string) int {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(at)) // a hash takes everything
	return int(hash.Sum32() % 1024)
}

// block draws a block of 256 addresses, which overlaps no other.
func (f *filler) block() string {
	f.blocks++
	n := f.blocks % (192 << 8)
	return fmt.Sprintf("10.%d.%d.0/24", n>>8, n&255)
}

// address draws an address of another block, of which it is the same host.
func (f *filler) address(like netip.Prefix) string {
	a := like.Addr().As4()
	host := 1<<(32-like.Bits()) - 1
	low := f.shift<<(32-like.Bits()) | int(a[3])&host
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{a[0], a[1], byte(low >> 8), byte(low)}), like.Bits()).String()
}

// wide is a letter of two bytes.
const wide = "é"

// text draws a text that the schema allows.
func (f *filler) text(v *openapi3.Schema) string {
	pattern, err := regexp.Compile(v.Pattern)
	if f.most && v.MaxLength != nil {
		n, begin := int(*v.MaxLength), min(int(*v.MaxLength), 8) // by which it is no other
		for _, text := range []string{drawText(f.Rand, begin) + strings.Repeat(wide, n-begin), drawText(f.Rand, n)} {
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
			if text := drawPattern(f.Rand, v.Pattern, short); v.VisitJSON(text) == nil {
				return text
			}
		}
	}
	return fmt.Sprint(sampleOf(&openapi3.SchemaRef{Value: v}, 0))
}

// bounds are those of an integer.
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
