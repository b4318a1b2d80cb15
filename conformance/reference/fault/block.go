package fault

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// blockMembers are the members of a request that are blocks of any length.
func (w *world) blockMembers() []member {
	var out []member
	for _, m := range members(w.op.JSON(), "") {
		example, _ := m.schema.Example.(string)
		if block, err := netip.ParsePrefix(example); err == nil && block.Bits() < 30 {
			out = append(out, m)
		}
	}
	return out
}

// blocksIn are the blocks that a request has at a member, of all items.
func blocksIn(body any, at string) []netip.Prefix {
	var out []netip.Prefix
	for _, place := range concretes(body, at) {
		if block, err := netip.ParsePrefix(fmt.Sprint(lookup(body, place))); err == nil {
			out = append(out, block)
		}
	}
	return out
}

// reservedAnywhere are blocks that an edition of the page or a manual reserves:
// no fault is shown with one of them.
var reservedAnywhere = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("214.0.0.0/8"), netip.MustParsePrefix("224.0.0.0/3"),
}

// ofBlocks are the faults of blocks that are accepted and refused all the same.
func (w *world) ofBlocks(m *materials) []Fault {
	var out []Fault
	for _, member := range w.blockMembers() {
		likely := w.likely(member.at)
		add := func(name, says string, block string, refuses func(netip.Prefix) bool) {
			body := w.withBlock(m, member.at, block)
			if body == nil {
				return
			}
			out = append(out, Fault{
				ID: "block" + member.at + "/refuses-" + name, Kind: "narrow-block", Breaks: member.at + " is refused if it is " + says,
				make: refusing(member.at, func(_ *wrong, _ []byte, body any) bool {
					return slices.ContainsFunc(blocksIn(body, member.at), refuses)
				}),
				witness: sent(body), Try: likely,
			})
		}
		add("public", "a public block", "198.18.7.0/24", func(b netip.Prefix) bool { return !b.Addr().IsPrivate() })
		add("private", "a private block", "172.16.7.0/24", func(b netip.Prefix) bool { return b.Addr().IsPrivate() })
		for _, private := range []string{"10.1.2.0/24", "172.31.2.0/24", "192.168.2.0/24"} {
			block := netip.MustParsePrefix(private)
			name := strings.SplitN(private, ".", 2)[0]
			add("private-"+name, "a private block that begins with "+name, private, func(b netip.Prefix) bool {
				return b.Addr().IsPrivate() && b.Addr().As4()[0] == block.Addr().As4()[0]
			})
		}
		for _, most := range [][2]int{{8, 28}, {16, 24}, {8, 31}, {9, 32}} {
			for _, beyond := range []int{most[0] - 1, most[1] + 1} {
				if beyond > 32 {
					continue
				}
				name := fmt.Sprintf("all-but-%d-to-%d-as-%d", most[0], most[1], beyond)
				add(name, fmt.Sprintf("a block with a mask outside of %d to %d, on the side of %d", most[0], most[1], beyond), fmt.Sprintf("32.0.0.0/%d", beyond), func(b netip.Prefix) bool {
					return beyond < most[0] && b.Bits() < most[0] || beyond > most[1] && b.Bits() > most[1]
				})
			}
		}
		for bits := 3; bits <= 32; bits++ {
			add(fmt.Sprintf("mask-%d", bits), fmt.Sprintf("a block with the mask length %d", bits), fmt.Sprintf("32.0.0.0/%d", bits), func(b netip.Prefix) bool { return b.Bits() == bits })
		}
	}
	return out
}

// withBlock is an accepted request with a block; nil if there is none.
func (w *world) withBlock(m *materials, at, block string) any {
	if slices.ContainsFunc(reservedAnywhere, netip.MustParsePrefix(block).Overlaps) {
		return nil
	}
	for _, base := range m.accepted {
		if body := put(base, at, block); body != nil && len(w.asked(body).broken) == 0 {
			return body
		}
	}
	return nil
}

// likely are patterns of the cases of a member's rules.
func (w *world) likely(at string) []string {
	s := openapi.Member(w.op.JSON(), at)
	name := at
	for strings.HasSuffix(name, "/0") {
		name = strings.TrimSuffix(name, "/0")
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	var out []string
	for _, r := range w.doc.Rules {
		at, _ := openapi.Find(w.op.JSON(), r.Schema)
		if s != nil && r.Schema == s.Value || r.Kind == openapi.Validation && at != "" && slices.Contains(r.Names(), name) {
			out = append(out, r.ID)
		}
	}
	return out
}

// ofSizes are the faults of requests that are large and lawful: a limit of the
// body, and limits that hold for lists in sum instead of each.
func (w *world) ofSizes(m *materials) []Fault {
	var out []Fault
	largest := w.largest(m)
	for _, limit := range []int{4, 8, 16, 32, 48} {
		p := probe{body: largest}
		if text, err := match.Encode(largest); err != nil || len(text) <= limit<<10 {
			p.write = asASCII
		}
		if text, err := match.Encode(largest); err != nil || len(asASCII(text)) <= limit<<10 {
			continue
		}
		out = append(out, Fault{
			ID: fmt.Sprintf("size/refuses-%d-KiB", limit), Kind: "large-request", Breaks: fmt.Sprintf("a request of more than %d KiB is refused", limit),
			make:    refusing("body", func(_ *wrong, raw []byte, _ any) bool { return len(raw) > limit<<10 }),
			witness: func() []probe { return []probe{p} },
		})
	}
	for _, list := range members(w.op.JSON(), "") {
		outer := strings.LastIndex(list.at, "/0/")
		if outer < 0 || list.schema.MaxItems == nil {
			continue
		}
		most := int(*list.schema.MaxItems)
		sum := func(body any) int {
			n := 0
			for _, at := range concretes(body, list.at) {
				items, _ := lookup(body, at).([]any)
				n += len(items)
			}
			return n
		}
		if sum(largest) <= most {
			continue
		}
		out = append(out, Fault{
			ID: "size" + list.at + "/in-sum", Kind: "large-request", Breaks: fmt.Sprintf("%s may have %d items in sum, instead of each", list.at, most),
			make:    refusing(list.at, func(_ *wrong, _ []byte, body any) bool { return sum(body) > most }),
			witness: sent(largest), Try: w.likely(list.at),
		})
	}
	return out
}

// largest is an accepted request with everything at its greatest: every list,
// and every text.
func (w *world) largest(m *materials) any {
	var best any
	size, texts := 0, w.freeTexts(m)
	for _, body := range m.accepted {
		keep := func(changed any) {
			if changed != nil && len(w.asked(changed).broken) == 0 {
				body = changed
			}
		}
		for _, list := range members(w.op.JSON(), "") { // the outer ones first
			full := m.full[list.at]
			for _, at := range concretes(body, list.at) {
				if len(full) > 0 {
					keep(put(body, at, full))
				}
			}
		}
		for _, t := range texts {
			if t.schema.MaxLength == nil {
				continue
			}
			for i, at := range concretes(body, t.at) {
				for _, letter := range []string{"m", "ü"} { // the longer one last, if it is accepted
					text := fmt.Sprintf("aB1-%d%d", len(t.at), i)
					if text += strings.Repeat(letter, int(*t.schema.MaxLength)-len(text)); !unclaimed(t.schema, text) {
						keep(put(body, at, text))
					}
				}
			}
		}
		if text, err := match.Encode(body); err == nil && len(text) > size {
			best, size = body, len(text)
		}
	}
	return best
}

// asASCII writes the characters of a body that are beyond ASCII as escapes.
func asASCII(body []byte) []byte {
	var out []byte
	for _, r := range string(body) {
		if r < 0x80 {
			out = append(out, byte(r))
		} else {
			out = fmt.Appendf(out, `\u%04x`, r) // none here is beyond the first plane
		}
	}
	return out
}
