package suite

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// insert puts cases behind those that were derived from the same rule.
func (s *part) insert(of map[*openapi.Rule][]Case) {
	derived := func(c Case) bool { return c.Rule != nil && strings.HasPrefix(c.ID, c.Rule.ID+"/") }
	size := len(s.Cases)
	for _, cases := range of {
		size += len(cases)
	}
	out := make([]Case, 0, size) // exact: a suite is most of the memory of a run
	for i, c := range s.Cases {
		out = append(out, c)
		if derived(c) && (i+1 == len(s.Cases) || s.Cases[i+1].Rule != c.Rule || !derived(s.Cases[i+1])) {
			out = append(out, of[c.Rule]...)
		}
	}
	s.Cases = out
}

// notations are other ways to write a block, none of which is CIDR notation.
var notations = []struct {
	name  string
	level openapi.Level // if it is not the rule's
	write func(netip.Prefix) string
}{
	{"dotted-mask", "", func(p netip.Prefix) string {
		return p.Addr().String() + "/" + map[int]string{24: "255.255.255.0", 30: "255.255.255.252"}[p.Bits()]
	}},
	{"octet-256", "", func(p netip.Prefix) string { return "256" + strings.TrimLeft(p.String(), "0123456789") }},
	{"three-octets", "", func(p netip.Prefix) string {
		return strings.Join(strings.Split(p.Addr().String(), ".")[:3], ".") + fmt.Sprintf("/%d", p.Bits())
	}},
	{"hexadecimal", "", func(p netip.Prefix) string {
		a := p.Addr().As4()
		return fmt.Sprintf("0x%x.0x%x.0x%x.0x%x/%d", a[0], a[1], a[2], a[3], p.Bits())
	}},
	{"mask-with-plus", "", func(p netip.Prefix) string { return fmt.Sprintf("%s/+%d", p.Addr(), p.Bits()) }},
	{"mapped-ipv6", "", func(p netip.Prefix) string { return fmt.Sprintf("::ffff:%s/%d", p.Addr(), 96+p.Bits()) }},
	{"wide-digits", openapi.May, func(p netip.Prefix) string { return wideDigits.Replace(p.String()) }},
	{"tab-before", openapi.May, func(p netip.Prefix) string { return "\t" + p.String() }},
	{"no-break-space-after", openapi.May, func(p netip.Prefix) string { return p.String() + "\u00a0" }},
	{"zero-width-space-after", openapi.May, func(p netip.Prefix) string { return p.String() + "\u200b" }},
}

// unassignedBlocks are blocks that no customer has: this network, loopback, link-local.
var unassignedBlocks = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16")}

// maskCases are accepted blocks of every length, of private and of other addresses,
// where the member takes them.
func (s *part) maskCases(r *openapi.Rule, example, at string) []Case {
	var out []Case
	add := func(name, text string, level openapi.Level) {
		change, err := stepOf("replace", at, text)
		if err != nil {
			return
		}
		request, err := requestOf(example, []step{change}, s.doc.Facts)
		if err != nil || !s.breaksJust(request, nil) {
			return
		}
		out = append(out, Case{
			ID: r.ID + "/" + name, Title: r.Message + ": " + words(name) + " is accepted", Level: string(level), Source: r.Source,
			Errata: r.Errata, Rule: r, Place: at, Change: request, Statuses: s.successStatuses(),
		})
	}
	for bits := 1; bits <= 32; bits++ {
		level := r.Level
		if bits < 8 { // no customer has so many addresses
			level = openapi.Should
		}
		random := seededRandom(uint64(bits), r.ID)
		for range tries {
			a := [4]byte{byte(1 + random.IntN(220)), byte(random.IntN(256)), byte(random.IntN(256)), byte(random.IntN(256))}
			before, block := len(out), netip.PrefixFrom(netip.AddrFrom4(a), bits).Masked()
			if slices.ContainsFunc(unassignedBlocks, block.Overlaps) {
				continue
			}
			if add(fmt.Sprintf("mask-%d", bits), block.String(), level); len(out) > before {
				break
			}
		}
	}
	for _, private := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"} {
		add("private-"+strings.NewReplacer(".", "-", "/", "-").Replace(private), private, r.Level)
	}
	return out
}

// addBlockNotations adds blocks in another notation, for every member of the documented
// examples that is a block.
func (s *part) addBlockNotations() error {
	seen := map[string]bool{} // members
	of := map[*openapi.Rule][]Case{}
	for _, example := range s.doc.Examples(s.op) {
		for _, at := range match.Leaves(s.decoded[example]) {
			value, _ := match.Lookup(s.decoded[example], at)
			text, _ := value.(string)
			block, err := netip.ParsePrefix(text)
			member := strings.TrimSuffix(at, "/0")
			if err != nil || seen[member] {
				continue
			}
			seen[member] = true
			for _, n := range notations {
				change, err := stepOf("replace", at, n.write(block))
				if err != nil {
					return err
				}
				request, err := requestOf(example, []step{change}, s.doc.Facts)
				if err != nil {
					return err
				}
				broken := s.brokenRules(request)
				if len(broken) != 1 {
					continue // the document does not demand a block here
				}
				r := s.doc.Rule(broken[0])
				name := member[strings.LastIndexByte(member, '/')+1:]
				if len(of[r]) == 0 {
					of[r] = s.maskCases(r, example, at)
				}
				of[r] = append(of[r], Case{
					ID: r.ID + "/notation-" + n.name, Title: name + " is in CIDR notation: " + words(n.name) + " is refused",
					Level: string(cmp.Or(n.level, r.Level)), Source: r.Source, Errata: r.Errata, Rule: r, Place: at,
					Change: request, Twin: "example/" + example, Statuses: refusals(r),
				})
			}
		}
	}
	s.insert(of)
	return nil
}

// neighbourBlocks are the blocks of the same size before and after a block; nothing for
// a text that is no block, or has no block on one side.
func neighbourBlocks(text string) []string {
	block, err := netip.ParsePrefix(text)
	if err != nil || !block.Addr().Is4() || block != block.Masked() || block.Bits() == 0 {
		return nil
	}
	first, size := block.Addr().As4(), uint32(1)<<(32-block.Bits())
	at := binary.BigEndian.Uint32(first[:])
	if at < size || at > math.MaxUint32-2*size+1 {
		return nil
	}
	var out []string
	for _, other := range []uint32{at - size, at + size} {
		var address [4]byte
		binary.BigEndian.PutUint32(address[:], other)
		out = append(out, netip.PrefixFrom(netip.AddrFrom4(address), block.Bits()).String())
	}
	return out
}
