package reference

import (
	"encoding/json"
	"net/netip"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// call is a request that keeps every rule of the document.
type call struct {
	sent    any            // vpn_connection
	full    any            // the same with every default
	gateway *suite.Gateway // nil when there is none of that id
}

// has tells whether a member was sent.
func (c call) has(names ...string) bool { return at(c.sent, names...) != nil }

// setting is a member that is a string, or its default.
func (c call) setting(names ...string) string { return text(c.full, names...) }

// address is the gateway's that the request names; nil when there is none.
func (c call) address() *suite.Address {
	if c.gateway == nil {
		return nil
	}
	return addressOf(c.gateway, text(c.sent, "vgw_ip"))
}

// addressOf returns the address that a request means by vgw_ip; nil when the
// gateway has none of that name.
func addressOf(gateway *suite.Gateway, vgwIP string) *suite.Address {
	for i, a := range gateway.Addresses {
		if a.VgwIP() == vgwIP {
			return &gateway.Addresses[i]
		}
	}
	return nil
}

// learnsSubnets tells whether a gateway needs no peer subnets for a connection
// of that style, and answers without any.
// source: Table 3, peer_subnets; Table 10, peer_subnets
func learnsSubnets(gateway *suite.Gateway, style string) bool {
	return gateway.AttachmentType == "er" && style != "static"
}

// refusal is a rule that the document does not state.
type refusal struct {
	field    string // JSON Pointer of the member to blame in vpn_connection, * for any item
	sentence string // names the member, quotes no value
	breaks   func(call) bool
}

// refuse returns the problem of the first rule that the request breaks.
func refuse(refusals []refusal, c call) *problem {
	for _, r := range refusals {
		if r.breaks(c) {
			return invalid(r.sentence)
		}
	}
	return nil
}

// refusals lists the rules that the document does not state, because no
// keyword can or because they speak of the gateway. The first one that a
// request breaks is reported; an unknown gateway breaks none.
func refusals() []refusal {
	return []refusal{
		// source: Table 3, psk; erratum psk-mandatory
		{"/psk", "psk must be filled",
			func(c call) bool { return !c.has("psk") }},
		// source: Table 3, psk
		{"/psk", "psk must have three of upper-case letters, lower-case letters, digits and special characters",
			func(c call) bool { return classes(text(c.sent, "psk")) < 3 }},
		// Its presence counts, whatever its value. source: Table 3, enable_nqa
		{"/enable_nqa", "enable_nqa must not be filled if style is not static",
			func(c call) bool { return c.has("enable_nqa") && c.setting("style") != "static" }},
		// source: Table 3, policy_rules
		{"/policy_rules", "policy_rules must not be filled if style is not policy",
			func(c call) bool { return c.has("policy_rules") && c.setting("style") != "policy" }},
		// source: OTC, policy_rules
		{"/policy_rules", "policy_rules must be filled if style is policy",
			func(c call) bool { return len(list(c.sent, "policy_rules")) == 0 && c.setting("style") == "policy" }},
		// source: Table 4, source
		{"/policy_rules/*/source", "source must be an IPv4 CIDR block",
			func(c call) bool { return !allCIDR(sources(c)) }},
		// Two spellings of a block count as one. source: Table 4, source
		{"/policy_rules/*/source", "source must not be the same in two policy rules",
			func(c call) bool { return repeats(sources(c), network) }},
		// source: Table 4, destination
		{"/policy_rules/*/destination", "destination must have IPv4 CIDR blocks only",
			func(c call) bool { return !allCIDR(destinations(c)) }},
		// source: Table 4, rule_index
		{"/policy_rules/*/rule_index", "rule_index must not be the same in two policy rules",
			func(c call) bool { return repeats(members(c, "rule_index"), number) }},
		// An empty list counts as none. source: Table 3, peer_subnets
		{"/peer_subnets", "peer_subnets must be filled unless the gateway has an enterprise router and style is policy or bgp",
			func(c call) bool {
				return len(list(c.sent, "peer_subnets")) == 0 && c.gateway != nil && !learnsSubnets(c.gateway, c.setting("style"))
			}},
		// source: Table 3, peer_subnets
		{"/peer_subnets", "peer_subnets must have IPv4 CIDR blocks only",
			func(c call) bool { return !allCIDR(list(c.sent, "peer_subnets")) }},
		// source: Table 3, peer_subnets
		{"/peer_subnets", "peer_subnets must not overlap 100.64.0.0/10",
			func(c call) bool { return overlaps(list(c.sent, "peer_subnets"), 10, 100, 64) }},
		// source: Table 3, peer_subnets
		{"/peer_subnets", "peer_subnets must not overlap 214.0.0.0/8",
			func(c call) bool { return overlaps(list(c.sent, "peer_subnets"), 8, 214, 0) }},
		// source: Table 3, tunnel_local_address
		{"/tunnel_local_address", "tunnel_local_address must be a host address of a /30 block of 169.254.0.0/16",
			func(c call) bool { return c.has("tunnel_local_address") && !isTunnel(c, "tunnel_local_address") }},
		// source: Table 3, tunnel_local_address
		{"/tunnel_local_address", "tunnel_local_address must not be in 169.254.195.0/24",
			func(c call) bool {
				return overlaps([]any{at(c.sent, "tunnel_local_address")}, 24, 169, 254, reservedThird)
			}},
		// source: Table 3, tunnel_peer_address
		{"/tunnel_peer_address", "tunnel_peer_address must be a host address of a /30 block of 169.254.0.0/16",
			func(c call) bool { return c.has("tunnel_peer_address") && !isTunnel(c, "tunnel_peer_address") }},
		// source: Table 3, tunnel_peer_address
		{"/tunnel_peer_address", "tunnel_peer_address must not be in 169.254.195.0/24",
			func(c call) bool {
				return overlaps([]any{at(c.sent, "tunnel_peer_address")}, 24, 169, 254, reservedThird)
			}},
		// source: Table 3, tunnel_peer_address
		{"/tunnel_peer_address", "tunnel_peer_address must be the other host of the block of tunnel_local_address",
			func(c call) bool { return c.has("tunnel_local_address") && c.has("tunnel_peer_address") && !isPair(c) }},
		// source: Table 5, local_id
		{"/ikepolicy/local_id", "local_id must be filled if local_id_type is fqdn",
			func(c call) bool {
				return c.setting("ikepolicy", "local_id_type") == "fqdn" && text(c.sent, "ikepolicy", "local_id") == ""
			}},
		// source: Table 5, peer_id
		{"/ikepolicy/peer_id", "peer_id must be filled if peer_id_type is fqdn",
			func(c call) bool {
				return c.setting("ikepolicy", "peer_id_type") == "fqdn" && text(c.sent, "ikepolicy", "peer_id") == ""
			}},
		// source: OTC, phase1_negotiation_mode
		{"/ikepolicy/phase1_negotiation_mode", "phase1_negotiation_mode must not be filled if ike_version is not v1",
			func(c call) bool {
				return c.has("ikepolicy", "phase1_negotiation_mode") && c.setting("ikepolicy", "ike_version") != "v1"
			}},
		// source: the console's manual of OTC, encryption algorithm
		{"/ikepolicy/encryption_algorithm", "encryption_algorithm must not be a GCM one if ike_version is v1",
			func(c call) bool {
				return strings.Contains(c.setting("ikepolicy", "encryption_algorithm"), "-gcm-") &&
					c.setting("ikepolicy", "ike_version") == "v1"
			}},
		// source: Table 3, vgw_ip
		{"/vgw_ip", "vgw_ip must be an address of the gateway: an EIP's identifier if it is public, an IP if it is private",
			func(c call) bool { return c.gateway != nil && c.address() == nil }},
		// source: Table 10, ha_role; erratum ha-role-active-active
		{"/ha_role", "ha_role must be master if the gateway is in active-active mode",
			func(c call) bool {
				return c.gateway != nil && c.gateway.HAMode == "active-active" && c.setting("ha_role") != "master"
			}},
		// source: OTC, ha_role; erratum ha-role-active-active
		{"/ha_role", "ha_role must be master with the gateway's active address and slave with its standby address",
			func(c call) bool { return c.gateway != nil && c.gateway.HAMode == "active-standby" && !fitsRole(c) }},
	}
}

// classes counts the classes of characters in a key, of four; what is neither
// a letter nor a digit is a special character.
func classes(psk string) int {
	var upper, lower, digit, special int
	for _, r := range psk {
		switch {
		case 'A' <= r && r <= 'Z':
			upper = 1
		case 'a' <= r && r <= 'z':
			lower = 1
		case '0' <= r && r <= '9':
			digit = 1
		default:
			special = 1
		}
	}
	return upper + lower + digit + special
}

// members are the values that a member has in the policy rules.
func members(c call, name string) []any {
	var values []any
	for _, rule := range list(c.sent, "policy_rules") {
		if value := at(rule, name); value != nil {
			values = append(values, value)
		}
	}
	return values
}

func sources(c call) []any { return members(c, "source") }

// destinations are the destination blocks of all policy rules.
func destinations(c call) []any {
	var blocks []any
	for _, rule := range list(c.sent, "policy_rules") {
		blocks = append(blocks, list(rule, "destination")...)
	}
	return blocks
}

// repeats tells whether two values are the same by what key says of them.
func repeats(values []any, key func(any) any) bool {
	seen := make(map[any]bool)
	for _, v := range values {
		if k := key(v); seen[k] {
			return true
		} else if k != nil {
			seen[k] = true
		}
	}
	return false
}

// cidr reads an IPv4 block, in which host bits may be set.
func cidr(value any) (netip.Prefix, bool) {
	s, _ := value.(string)
	block, err := netip.ParsePrefix(s)
	return block, err == nil && block.Addr().Is4()
}

// network is a block without its host bits; nil for what is no block.
func network(value any) any {
	block, ok := cidr(value)
	if !ok {
		return nil
	}
	return block.Masked()
}

// number is an integer; nil for what is none.
func number(value any) any {
	n, _ := value.(json.Number)
	i, err := n.Int64()
	if err != nil {
		return nil
	}
	return i
}

func allCIDR(values []any) bool {
	for _, v := range values {
		if _, ok := cidr(v); !ok {
			return false
		}
	}
	return true
}

// overlaps tells whether one of the blocks has an address in common with a
// block of that many bits, whose first bytes are given.
func overlaps(values []any, bits int, bytes ...byte) bool {
	var address [4]byte
	copy(address[:], bytes)
	reserved := netip.PrefixFrom(netip.AddrFrom4(address), bits)
	for _, v := range values {
		if block, ok := cidr(v); ok && block.Overlaps(reserved) {
			return true
		}
	}
	return false
}

// isTunnel tells whether a member is a host address of a /30 block of
// 169.254.0.0/16, with its mask.
func isTunnel(c call, name string) bool {
	address, ok := cidr(at(c.sent, name))
	if !ok {
		return false
	}
	block, _ := blockOf(address)
	lower, upper := hosts(block)
	return address == lower || address == upper
}

// isPair tells whether the two tunnel addresses are the hosts of one block.
func isPair(c call) bool {
	local, ok := cidr(at(c.sent, "tunnel_local_address"))
	if !ok {
		return false
	}
	peer, _ := cidr(at(c.sent, "tunnel_peer_address"))
	_, other := blockOf(local)
	return peer == other
}

// fitsRole tells whether ha_role is that of the address. An address that is
// none of the gateway's is for another rule to refuse.
func fitsRole(c call) bool {
	address := c.address()
	return address == nil || (c.setting("ha_role") == "master") == (address.Role == "active")
}
