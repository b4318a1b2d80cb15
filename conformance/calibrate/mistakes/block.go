package mistakes

import (
	"strconv"
	"strings"
)

// block is an IPv4 address with a mask length.
type block struct {
	address uint32
	bits    int
}

var (
	reserved100 = mustBlock("100.64.0.0/10")
	reserved214 = mustBlock("214.0.0.0/8")
	linkLocal   = mustBlock("169.254.0.0/16")
	reserved195 = mustBlock("169.254.195.0/24")
)

// parseAddress reads an IPv4 address in dotted decimal notation.
func parseAddress(text string) (uint32, bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 4 {
		return 0, false
	}
	var address uint32
	for _, part := range parts {
		n, ok := parseDecimal(part, 255)
		if !ok {
			return 0, false
		}
		address = address<<8 | uint32(n)
	}
	return address, true
}

// parseDecimal reads digits without a leading zero.
func parseDecimal(text string, most int) (int, bool) {
	if len(text) == 0 || len(text) > 3 || len(text) > 1 && text[0] == '0' {
		return 0, false
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n <= most
}

// parseBlock reads an address, a slash and a mask length.
func parseBlock(text string) (block, bool) {
	before, after, _ := strings.Cut(text, "/")
	address, ok := parseAddress(before)
	bits, alsoOK := parseDecimal(after, 32)
	return block{address, bits}, ok && alsoOK
}

// mustBlock reads a constant.
func mustBlock(text string) block {
	b, ok := parseBlock(text)
	if !ok {
		panic("mistakes: " + text + " is a constant of this package and no block") // cannot happen
	}
	return b
}

// isAddress reports whether a text is an IPv4 address.
func isAddress(text string) bool {
	_, ok := parseAddress(text)
	return ok
}

// mask returns the bits of an address that its first n bits keep.
func mask(n int) uint32 {
	return uint32(uint64(0xffffffff) << (32 - n))
}

// contains reports whether an address lies in the block.
func (b block) contains(address uint32) bool {
	return b.address&mask(b.bits) == address&mask(b.bits)
}

// overlaps reports whether two blocks have an address in common.
func (b block) overlaps(o block) bool {
	m := mask(min(b.bits, o.bits))
	return b.address&m == o.address&m
}

// network returns the block with its host bits cleared.
func (b block) network() block {
	return block{b.address & mask(b.bits), b.bits}
}

// String returns the block as it is written.
func (b block) String() string {
	return formatAddress(b.address) + "/" + strconv.Itoa(b.bits)
}

// formatAddress returns an address in dotted decimal notation.
func formatAddress(a uint32) string {
	parts := []string{}
	for shift := 24; shift >= 0; shift -= 8 {
		parts = append(parts, strconv.Itoa(int(a>>shift&255)))
	}
	return strings.Join(parts, ".")
}
