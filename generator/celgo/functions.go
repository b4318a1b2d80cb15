package celgo

import (
	"math/bits"
	"net/netip"
	"strings"
)

// This file is used twice: it is compiled into this package, and generated packages get copies of its functions.

// parseIPv4 reads an IPv4 address as net/netip does, without an allocation for other texts.
func parseIPv4(text string) (netip.Addr, bool) {
	var address [4]byte
	field, digits, value := 0, 0, 0
	for i := range len(text) {
		c := text[i]
		switch {
		case '0' <= c && c <= '9':
			if digits > 0 && value == 0 {
				return netip.Addr{}, false // a leading zero
			}
			digits++
			if value = value*10 + int(c-'0'); value > 255 {
				return netip.Addr{}, false
			}
		case c != '.' || digits == 0 || field == 3:
			return netip.Addr{}, false
		default:
			address[field] = byte(value)
			field++
			digits, value = 0, 0
		}
	}
	if field != 3 || digits == 0 {
		return netip.Addr{}, false
	}
	address[3] = byte(value)
	return netip.AddrFrom4(address), true
}

// isIPv4 reports whether text is an IPv4 address.
func isIPv4(text string) bool {
	_, ok := parseIPv4(text)
	return ok
}

// parseBlock reads an IPv4 or IPv6 block. For any other text it returns the zero Prefix, which overlaps and contains
// nothing and whose length is -1.
func parseBlock(text string) netip.Prefix {
	if strings.IndexByte(text, ':') >= 0 {
		block, err := netip.ParsePrefix(text)
		if err != nil {
			return netip.Prefix{}
		}
		return block
	}
	slash := strings.IndexByte(text, '/')
	if slash < 0 {
		return netip.Prefix{}
	}
	mask := text[slash+1:]
	if len(mask) == 0 || len(mask) > 2 || len(mask) == 2 && mask[0] == '0' {
		return netip.Prefix{}
	}
	length := 0
	for i := range len(mask) {
		if mask[i] < '0' || mask[i] > '9' {
			return netip.Prefix{}
		}
		length = length*10 + int(mask[i]-'0')
	}
	address, ok := parseIPv4(text[:slash])
	if !ok || length > 32 {
		return netip.Prefix{}
	}
	return netip.PrefixFrom(address, length)
}

// containsBlock reports whether every address of inner is one of outer.
func containsBlock(outer, inner netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// sameBlock reports whether two blocks have the same mask and the same network bits.
func sameBlock(a, b netip.Prefix) bool {
	return a.Bits() == b.Bits() && a.Contains(b.Addr())
}

// isHostAddress reports whether block is an IPv4 block that names a host: neither its network address nor its broadcast
// address.
func isHostAddress(block netip.Prefix) bool {
	if !block.Addr().Is4() || block.Bits() > 30 {
		return false
	}
	a := block.Addr().As4()
	address := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	hostBits := ^uint32(0) >> block.Bits()
	host := address & hostBits
	return host != 0 && host != hostBits
}

// isNetworkAddress reports whether block names a network: all its host bits are zero.
func isNetworkAddress(block netip.Prefix) bool { return block.IsValid() && block == block.Masked() }

// characterClasses counts the classes that occur in text: upper-case ASCII letters, lower-case ASCII letters, ASCII
// digits, and the characters of specials.
func characterClasses(text, specials string) int {
	const upper, lower, digit, special = 1, 2, 4, 8
	var classes uint
	for _, r := range text {
		switch {
		case 'A' <= r && r <= 'Z':
			classes |= upper
		case 'a' <= r && r <= 'z':
			classes |= lower
		case '0' <= r && r <= '9':
			classes |= digit
		}
		if classes&special == 0 && strings.ContainsRune(specials, r) {
			classes |= special
		}
	}
	return bits.OnesCount(classes)
}

// upperASCII returns text with its ASCII letters in upper case.
func upperASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}, text)
}

// lowerASCII returns text with its ASCII letters in lower case.
func lowerASCII(text string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, text)
}

// isUpperASCII reports whether text is source with its ASCII letters in upper case.
func isUpperASCII(text, source string) bool {
	if len(text) != len(source) {
		return false
	}
	for i := range len(source) {
		c := source[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if text[i] != c {
			return false
		}
	}
	return true
}

// isLowerASCII reports whether text is source with its ASCII letters in lower case.
func isLowerASCII(text, source string) bool {
	if len(text) != len(source) {
		return false
	}
	for i := range len(source) {
		c := source[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if text[i] != c {
			return false
		}
	}
	return true
}

// equalFoldASCII reports whether two texts are the same but for the case of ASCII letters.
func equalFoldASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		c, d := a[i], b[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if 'A' <= d && d <= 'Z' {
			d += 'a' - 'A'
		}
		if c != d {
			return false
		}
	}
	return true
}
