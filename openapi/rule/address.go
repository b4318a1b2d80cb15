package rule

import (
	"math/bits"
	"net/netip"
	"slices"
	"strings"
	"time"
	"unicode"
)

// A block is an IP address and a mask length, such as 169.254.76.1/30. Its
// host bits may be set. The functions below have a result for any text, so that a
// rule over addresses can always be decided: text that is not a block is contained
// in nothing, overlaps nothing, and has the mask length -1.

// IsIPv4 reports whether text is an IPv4 address in dotted decimal notation,
// without leading zeros.
func IsIPv4(text string) bool {
	a, err := netip.ParseAddr(text)
	return err == nil && a.Is4()
}

// IsBlock reports whether text is an IPv4 or IPv6 block.
func IsBlock(text string) bool {
	_, err := netip.ParsePrefix(text)
	return err == nil
}

// IsIPv4Block reports whether text is an IPv4 block.
func IsIPv4Block(text string) bool {
	p, err := netip.ParsePrefix(text)
	return err == nil && p.Addr().Is4()
}

// MaskLength returns the number behind the slash of a block, -1 for text that
// is not a block.
func MaskLength(block string) int {
	p, err := netip.ParsePrefix(block)
	if err != nil {
		return -1
	}
	return p.Bits()
}

// BlockContains reports whether every address of inner is one of outer.
func BlockContains(outer, inner string) bool {
	o, err := netip.ParsePrefix(outer)
	if err != nil {
		return false
	}
	i, err := netip.ParsePrefix(inner)
	return err == nil && o.Bits() <= i.Bits() && o.Contains(i.Addr())
}

// BlocksOverlap reports whether two blocks have an address in common, which for
// blocks means that one contains the other.
func BlocksOverlap(a, b string) bool { return BlockContains(a, b) || BlockContains(b, a) }

// AreDisjoint reports whether no two blocks of a list overlap. Text that is not a
// block is ignored. Sorting takes less time than comparing each block with each:
// a block inside another one comes right behind it.
func AreDisjoint(texts []string) bool {
	blocks := make([]netip.Prefix, 0, len(texts))
	for _, text := range texts {
		if p, err := netip.ParsePrefix(text); err == nil {
			blocks = append(blocks, p.Masked())
		}
	}
	slices.SortFunc(blocks, netip.Prefix.Compare)
	for i := 1; i < len(blocks); i++ {
		if blocks[i-1].Overlaps(blocks[i]) {
			return false
		}
	}
	return true
}

// SameBlock reports whether two addresses with their masks lie in one block:
// their masks and their network bits are equal.
func SameBlock(a, b string) bool { return BlockContains(a, b) && BlockContains(b, a) }

// IsHostAddress reports whether block, an IPv4 block, names a host: neither the
// network address, whose host bits are all zero, nor the broadcast address,
// whose host bits are all one. A block of one or two addresses (/32, /31) has
// no host in this sense.
func IsHostAddress(block string) bool {
	p, err := netip.ParsePrefix(block)
	if err != nil || !p.Addr().Is4() || p.Bits() > 30 {
		return false
	}
	a := p.Addr().As4()
	address := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	hostBits := uint32(1)<<(32-p.Bits()) - 1
	host := address & hostBits
	return host != 0 && host != hostBits
}

// IsNetworkAddress reports whether block names a network: all its host bits are
// zero.
func IsNetworkAddress(block string) bool {
	p, err := netip.ParsePrefix(block)
	return err == nil && p == p.Masked()
}

// CharacterClasses counts the classes that occur in text: upper-case ASCII
// letters, lower-case ASCII letters, ASCII digits, and the characters of
// specials.
func CharacterClasses(text, specials string) int {
	const upper, lower, digit, special = 1, 2, 4, 8
	var classes uint
	for _, r := range text {
		switch {
		case r > unicode.MaxASCII:
		case 'A' <= r && r <= 'Z':
			classes |= upper
		case 'a' <= r && r <= 'z':
			classes |= lower
		case '0' <= r && r <= '9':
			classes |= digit
		}
		if strings.ContainsRune(specials, r) {
			classes |= special
		}
	}
	return bits.OnesCount(classes)
}

// IsTimestamp reports whether text is a time that exists, in UTC, as RFC 3339
// writes it: 2022-11-26T13:41:34.626Z, with any number of digits of a second's
// fraction.
func IsTimestamp(text string) bool {
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil && strings.HasSuffix(text, "Z")
}
