package rule

import (
	"net/netip"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// componentPrefix begins a reference to a named schema.
const componentPrefix = "#/components/schemas/"

func componentName(ref string) (string, bool) {
	return strings.CutPrefix(ref, componentPrefix)
}

// isHostAddress gives expressions isHostAddress(string) bool.
func isHostAddress() cel.EnvOption {
	return cel.Function("isHostAddress",
		cel.Overload("is_host_address_string", []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(v ref.Val) ref.Val {
				text, ok := v.Value().(string)
				return types.Bool(ok && IsHostAddress(text))
			})))
}

// IsHostAddress tells whether block, an IPv4 address and a mask length such as
// 169.254.76.1/30, names a host of its block: neither the network address,
// whose host bits are all zero, nor the broadcast address, whose host bits are
// all one. A block of one or two addresses (/32, /31) has no host in this
// sense; text that is no IPv4 block has none either.
func IsHostAddress(block string) bool {
	prefix, err := netip.ParsePrefix(block)
	if err != nil || !prefix.Addr().Is4() || prefix.Bits() > 30 {
		return false
	}
	a := prefix.Addr().As4()
	addr := uint32(a[0])<<24 | uint32(a[1])<<16 | uint32(a[2])<<8 | uint32(a[3])
	hostBits := uint32(1)<<(32-prefix.Bits()) - 1
	host := addr & hostBits
	return host != 0 && host != hostBits
}
