package reference

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/openapi"
)

// refused is a request that is refused, and its twin, which is accepted.
type refused struct {
	name    string
	example string
	changes []change
	message string
	twin    []change // nil: the example as it is
}

// everyRefused lists requests that break one rule.
func everyRefused() []refused {
	return slices.Concat(refusedKeys(), refusedStyles(), refusedBlocks(), refusedTunnels(), refusedIke(), refusedGateways(),
		refusedByDocument())
}

func do(changes ...change) []change { return changes }

func refusedKeys() []refused {
	const classes = "psk must have three of upper-case letters, lower-case letters, digits and special characters"
	return []refused{
		{"psk absent", "static", do(drop("/psk")), "psk must be filled", nil},
		{"psk of one class", "static", do(set("/psk", "abcdefgh")), classes, do(set("/psk", "abcdeF1h"))},
		{"psk upper, lower", "bgp", do(set("/psk", "abcdEFGH")), classes, do(set("/psk", "abcdEFG@"))},
		{"psk upper, digit", "static", do(set("/psk", "1234EFGH")), classes, do(set("/psk", "123~EFGH"))},
		{"psk lower, digit", "static", do(set("/psk", "1234abcd")), classes, do(set("/psk", "123/abcd"))},
		{"psk upper, special", "static", do(set("/psk", "EFGH@@@@")), classes, do(set("/psk", "EfGH@@@@"))},
		{"psk digit, special", "static", do(set("/psk", "1234@@@@")), classes, do(set("/psk", "1a34@@@@"))},
		{"psk lower, special", "policy", do(set("/psk", "abcd@@@@")), classes, do(set("/psk", "aBcd@@@1"))},
	}
}

func refusedStyles() []refused {
	const nqa = "enable_nqa must not be filled if style is not static"
	const only, needed = "policy_rules must not be filled if style is not policy", "policy_rules must be filled if style is policy"
	rules := set("/policy_rules", []any{policyRule("10.0.0.0/24", "10.1.0.0/24")})
	return []refused{
		{"enable_nqa true with policy", "policy", do(set("/enable_nqa", true)), nqa, nil},
		{"enable_nqa false with policy", "policy", do(set("/enable_nqa", false)), nqa, nil},
		{"enable_nqa false with bgp", "bgp", do(set("/enable_nqa", false)), nqa, do(set("/style", "static"), set("/enable_nqa", false))},
		{"policy_rules with bgp", "bgp", do(rules), only, do(rules, set("/style", "policy"))},
		{"policy_rules without style", "static", do(rules), only, do(rules, set("/style", "policy"))},
		{"empty policy_rules with static", "static", do(set("/policy_rules", []any{})), only, nil},
		{"policy_rules absent", "policy", do(drop("/policy_rules")), needed, nil},
		{"policy_rules empty", "policy", do(set("/policy_rules", []any{})), needed, nil},
	}
}

func refusedBlocks() []refused {
	const subnets, first, second = "peer_subnets must have IPv4 CIDR blocks only",
		"peer_subnets must not overlap 100.64.0.0/10", "peer_subnets must not overlap 214.0.0.0/8"
	const source, destination = "source must be an IPv4 CIDR block", "destination must have IPv4 CIDR blocks only"
	const sources, indexes = "source must not be the same in two policy rules", "rule_index must not be the same in two policy rules"
	subnet := func(block string) []change { return do(set("/peer_subnets/0", block)) }
	two := func(a, b any) []change { return do(set("/policy_rules", []any{a, b})) }
	index := func(i int) map[string]any { return map[string]any{"rule_index": i} }
	return []refused{
		{"subnet without mask", "static", subnet("192.168.44.0"), subnets, subnet("192.168.44.0/32")},
		{"subnet with a mask of 33", "static", subnet("192.168.44.0/33"), subnets, subnet("192.168.44.1/24")},
		{"subnet with a leading zero", "bgp", subnet("192.168.044.0/24"), subnets, nil},
		{"subnet with a mask of 08", "bgp", subnet("11.0.0.0/08"), subnets, subnet("11.0.0.0/8")},
		{"IPv6 subnet", "policy", subnet("2001:db8::/32"), subnets, nil},
		{"IPv4 subnet in IPv6", "policy", subnet("::ffff:10.0.0.0/120"), subnets, nil},
		{"empty subnet", "static", subnet(""), subnets, nil},
		{"reserved block", "static", subnet("100.64.0.0/10"), first, subnet("100.128.0.0/10")},
		{"inside a reserved block", "bgp", subnet("100.127.255.0/24"), first, subnet("100.128.0.0/24")},
		{"around both reserved blocks", "policy", subnet("0.0.0.0/0"), first, nil},
		{"around a reserved block", "static", subnet("96.0.0.0/4"), first, subnet("80.0.0.0/4")},
		{"other reserved block", "static", subnet("214.0.0.0/8"), second, subnet("215.0.0.0/8")},
		{"inside the other reserved block", "static", subnet("214.255.255.255/32"), second, subnet("213.255.255.255/32")},
		{"around the other reserved block", "static", subnet("208.0.0.0/5"), second, subnet("200.0.0.0/5")},
		{"source without mask", "policy", do(set("/policy_rules/0/source", "10.0.0.0")), source, do(set("/policy_rules/0/source", "0.0.0.0/0"))},
		{"destination without mask", "policy", do(set("/policy_rules/0/destination", []any{"10.0.0.0/8", "11.0.0.0"})), destination,
			do(set("/policy_rules/0/destination", []any{"10.0.0.0/8", "11.0.0.1/8"}))},
		{"same source", "policy", two(policyRule("10.0.0.0/24"), policyRule("10.0.0.0/24")), sources,
			two(policyRule("10.0.0.0/24"), policyRule("10.0.0.0/25"))},
		{"same source in two spellings", "policy", two(policyRule("10.0.0.5/24"), policyRule("10.0.0.0/24")), sources,
			two(policyRule("10.0.0.5/24"), policyRule("10.0.1.5/24"))},
		{"same rule_index", "policy", two(index(0), index(0)), indexes, two(index(0), index(50))},
		{"same rule_index in two spellings", "policy", two(index(0), map[string]any{"rule_index": json.Number("-0")}), indexes, nil},
	}
}

func refusedTunnels() []refused {
	const both = " must be a host address of a /30 block of 169.254.0.0/16"
	const reserved = " must not be in 169.254.195.0/24"
	const pair = "tunnel_peer_address must be the other host of the block of tunnel_local_address"
	var out []refused
	for _, member := range []string{"tunnel_local_address", "tunnel_peer_address"} {
		one := func(address string) []change { return do(set("/"+member, address)) }
		for _, wrong := range []string{
			"169.254.56.224/30", "169.254.56.227/30", "169.254.56.225/29", "169.254.56.225/31", "169.254.56.225/32",
			"169.254.56.225", "169.253.56.225/30", "169.255.56.225/30", "10.0.0.1/30", "169.254.056.225/30",
			"::ffff:169.254.56.225/126", "", "169.254.56.225/30 ",
		} {
			out = append(out, refused{member + " " + wrong, "static", one(wrong), member + both, one("169.254.56.225/30")})
		}
		out = append(out,
			refused{member + " reserved", "static", one("169.254.195.1/30"), member + reserved, one("169.254.196.1/30")},
			refused{member + " last reserved", "policy", one("169.254.195.254/30"), member + reserved, one("169.254.194.254/30")})
	}
	addresses := func(local, peer string) []change {
		return do(set("/tunnel_local_address", local), set("/tunnel_peer_address", peer))
	}
	return append(out,
		refused{"tunnel addresses equal", "bgp", addresses("169.254.0.1/30", "169.254.0.1/30"), pair, addresses("169.254.0.2/30", "169.254.0.1/30")},
		refused{"tunnel addresses of two blocks", "bgp", addresses("169.254.0.2/30", "169.254.0.5/30"), pair, addresses("169.254.0.6/30", "169.254.0.5/30")})
}

func refusedIke() []refused {
	const local, peer = "local_id must be filled if local_id_type is fqdn", "peer_id must be filled if peer_id_type is fqdn"
	const mode, gcm = "phase1_negotiation_mode must not be filled if ike_version is not v1", "encryption_algorithm must not be a GCM one if ike_version is v1"
	v1, v2 := set("/ikepolicy/ike_version", "v1"), set("/ikepolicy/ike_version", "v2")
	aggressive := set("/ikepolicy/phase1_negotiation_mode", "aggressive")
	return []refused{
		{"local_id absent", "bgp", do(drop("/ikepolicy/local_id")), local, do(drop("/ikepolicy/local_id"), drop("/ikepolicy/local_id_type"))},
		{"local_id empty", "bgp", do(set("/ikepolicy/local_id", "")), local, do(set("/ikepolicy/local_id", "x"))},
		{"peer_id absent", "bgp", do(drop("/ikepolicy/peer_id")), peer, do(drop("/ikepolicy/peer_id"), set("/ikepolicy/peer_id_type", "ip"))},
		{"peer_id empty", "bgp", do(set("/ikepolicy/peer_id", "")), peer, do(set("/ikepolicy/peer_id", strings.Repeat("x", 255)))},
		{"mode with the default version", "static", do(aggressive), mode, do(aggressive, v1)},
		{"mode with v2", "bgp", do(aggressive, v2), mode, do(aggressive, v1)},
		{"long GCM with v1", "static", do(set("/ikepolicy/encryption_algorithm", "aes-256-gcm-16"), v1), gcm,
			do(set("/ikepolicy/encryption_algorithm", "aes-256-gcm-16"))},
		{"short GCM with v1", "bgp", do(set("/ikepolicy/encryption_algorithm", "aes-128-gcm-16"), v1), gcm,
			do(set("/ikepolicy/encryption_algorithm", "aes-128-gcm-16"), v2)},
	}
}

func refusedGateways() []refused {
	const needed = "peer_subnets must be filled unless the gateway has an enterprise router and style is policy or bgp"
	const address = "vgw_ip must be an address of the gateway: an EIP's identifier if it is public, an IP if it is private"
	const active = "ha_role must be master if the gateway is in active-active mode"
	const standby = "ha_role must be master with the gateway's active address and slave with its standby address"
	er := gatewayAt(erGateway, erEIP)
	role := func(eip string, role string) []change {
		return do(gatewayAt(standbyGateway, eip), set("/ha_role", role))
	}
	return []refused{
		{"no subnets, bgp, vpc", "bgp", do(drop("/peer_subnets")), needed, do(drop("/peer_subnets"), er)},
		{"no subnets, policy, vpc", "policy", do(drop("/peer_subnets")), needed, do(drop("/peer_subnets"), er)},
		{"no subnets, static, er", "static", do(drop("/peer_subnets"), er), needed, do(er)},
		{"empty subnets", "static", do(set("/peer_subnets", []any{})), needed, nil},
		{"another gateway's EIP", "static", do(set("/vgw_ip", erEIP)), address, do(er)},
		{"a public gateway's IP", "bgp", do(set("/vgw_ip", "10.0.0.134")), address, nil},
		{"a private gateway's EIP", "policy", do(gatewayAt(privateGateway, vpcSecondEIP)), address, do(gatewayAt(privateGateway, privateIP))},
		{"slave, active-active", "static", do(set("/ha_role", "slave")), active, do(set("/ha_role", "master"))},
		{"slave at the active address", "static", role(activeEIP, "slave"), standby, role(activeEIP, "master")},
		{"master at the standby address", "static", role(standbyEIP, "master"), standby, role(standbyEIP, "slave")},
		{"no role at the standby address", "bgp", do(gatewayAt(standbyGateway, standbyEIP)), standby, do(gatewayAt(standbyGateway, activeEIP))},
	}
}

// refusedByDocument lists a request for every kind of rule that the document
// states; package openapi tries them all.
func refusedByDocument() []refused {
	long := strings.Repeat("x", 64)
	return []refused{
		{"vgw_id absent", "static", do(drop("/vgw_id")), "vgw_id is present", nil},
		{"vgw_id null", "static", do(set("/vgw_id", nil)), "vgw_id is a string", nil},
		{"name long", "static", do(set("/name", long+"x")), "name has at most 64 characters", do(set("/name", long))},
		{"name empty", "static", do(set("/name", "")), "name has at least 1 character", do(set("/name", "x"))},
		{"style upper case", "static", do(set("/style", "STATIC")), "style is one of policy, static, bgp", do(set("/style", "static"))},
		{"enable_nqa null", "static", do(set("/enable_nqa", nil)), "enable_nqa is a boolean", do(set("/enable_nqa", false))},
		{"subnet that is a number", "static", do(set("/peer_subnets/0", 1)), "an item of peer_subnets is a string", nil},
		{"subnets too many", "static", do(set("/peer_subnets", blocksOf(51))), "peer_subnets has at most 50 items",
			do(set("/peer_subnets", blocksOf(50)))},
		{"ikepolicy a list", "static", do(set("/ikepolicy", []any{})), "ikepolicy: IkePolicy is an object", do(set("/ikepolicy", map[string]any{}))},
		{"lifetime low", "static", do(set("/ikepolicy/lifetime_seconds", 59)), "lifetime_seconds is at least 60",
			do(set("/ikepolicy/lifetime_seconds", 60))},
		{"lifetime high", "static", do(set("/ipsecpolicy/lifetime_seconds", 604801)), "lifetime_seconds is at most 604800",
			do(set("/ipsecpolicy/lifetime_seconds", 604800))},
		{"lifetime with a fraction", "static", do(set("/ikepolicy/lifetime_seconds", json.Number("60.5"))), "lifetime_seconds is an integer", nil},
		{"lifetime beyond all numbers", "static", do(set("/ikepolicy/lifetime_seconds", json.Number("1e400"))), "lifetime_seconds is an integer", nil},
		{"lifetime 60.0", "static", do(set("/ikepolicy/lifetime_seconds", json.Number("60.0"))),
			"lifetime_seconds must be an integer without fraction and exponent", do(set("/ikepolicy/lifetime_seconds", 60))},
		{"lifetime 6e1", "static", do(set("/ikepolicy/lifetime_seconds", json.Number("6e1"))),
			"lifetime_seconds must be an integer without fraction and exponent", nil},
		{"rule_index 1.0", "policy", do(set("/policy_rules/0/rule_index", json.Number("1.0"))),
			"rule_index must be an integer without fraction and exponent", nil},
		{"interval for timeout", "static", do(set("/ikepolicy/dpd/timeout", 61)), "timeout is at most 60", do(set("/ikepolicy/dpd/interval", 61))},
		{"tag without value", "static", do(set("/tags", []any{map[string]any{"key": "k"}})), "value is present",
			do(set("/tags", []any{map[string]any{"key": "k", "value": ""}}))},
		{"two rules broken, the document's first is named", "bgp", do(set("/style", "x"), set("/vgw_id", "x"), set("/cgw_id", "x")),
			"vgw_id matches ^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$", nil},
	}
}

// TestRefused tries every request that breaks a rule, and its twin.
func TestRefused(t *testing.T) {
	s := newServer(t, Options{})
	for _, test := range everyRefused() {
		t.Run(test.name, func(t *testing.T) {
			request := example(t, test.example, test.changes...)
			a := send(t, s, request)
			a.wantError(t, http.StatusBadRequest, "VPN.0001", "invalid request: "+test.message)
			wantDocumented(t, s, request, a)
			twin := example(t, test.example, test.twin...)
			send(t, s, twin).wantCreated(t, s, twin)
		})
	}
}

// TestRefusals holds the table of refusals to its form, and every row to being
// tried above.
func TestRefusals(t *testing.T) {
	s := newServer(t, Options{})
	for _, r := range s.refusals {
		if !strings.Contains(r.sentence, lastMember(r.field)) {
			t.Errorf("%q does not name %s", r.sentence, r.field)
		}
		schema := s.content
		for _, token := range strings.Split(r.field, "/")[1:] {
			if token == "*" {
				schema = plain(schema.Items.Value)
			} else if property := schema.Properties[token]; property == nil {
				t.Fatalf("there is no member %s", r.field)
			} else {
				schema = plain(property.Value)
			}
		}
		if !slices.ContainsFunc(everyRefused(), func(test refused) bool { return test.message == r.sentence }) {
			t.Errorf("no test for %q", r.sentence)
		}
	}
}

// TestRefusalsAlone holds every row to doing without the others: any of them
// may move into the document.
func TestRefusalsAlone(t *testing.T) {
	s := newServer(t, Options{})
	for _, test := range everyRefused() {
		value, p := decode(encoded(t, example(t, test.example, test.changes...)))
		if p != nil {
			t.Fatal(p)
		}
		sent, _ := at(value, "vpn_connection").(map[string]any)
		c := call{sent: sent, full: filled(s.content, sent), gateway: s.gateway(s.projectID, text(sent, "vgw_id"))}
		for _, r := range s.refusals {
			if breaks := r.breaks(c); !breaks && r.sentence == test.message {
				t.Errorf("%s: %q is not broken", test.name, r.sentence)
			}
		}
	}
}

// TestMissing tries what does not exist.
func TestMissing(t *testing.T) {
	const nowhere = "00000000-0000-4000-8000-000000000000"
	s := newServer(t, Options{})
	for name, test := range map[string]struct {
		changes       []change
		project       string
		code, message string
	}{
		"gateway":          {do(set("/vgw_id", nowhere)), s.projectID, "VPN.0509", "The gateway does not exist."},
		"project":          {nil, "0605767ae480d51b2f0bc00d8e7a9b3e", "VPN.0509", "The gateway does not exist."},
		"project, escaped": {nil, "%2e%2e", "VPN.0509", "The gateway does not exist."},
		"customer gateway": {do(set("/cgw_id", nowhere)), s.projectID, "VPN.0004", "resource not found: cgw_id"},
		// Rules that speak of a gateway cannot be broken at one that is not there.
		"gateway, no subnets": {do(set("/vgw_id", nowhere), drop("/peer_subnets"), set("/ha_role", "slave")), s.projectID, "VPN.0509", "The gateway does not exist."},
	} {
		t.Run(name, func(t *testing.T) {
			a := send(t, s, example(t, "static", test.changes...), toPath("/v5/"+test.project+"/vpn-connection"))
			a.wantError(t, http.StatusNotFound, test.code, test.message)
		})
	}
}

// TestViolated tries violations that package openapi does not report today.
func TestViolated(t *testing.T) {
	rule := &openapi.Rule{Line: 2, Message: "what name says"}
	for _, test := range []struct {
		violations []openapi.Violation
		want       string
	}{
		{[]openapi.Violation{{Pointer: "/a", Message: "secret"}}, "a is not as documented"},
		{[]openapi.Violation{{Pointer: "/a"}, {Pointer: "/b/c/0", Rule: rule, Message: "secret"}}, "c: what name says"},
		{[]openapi.Violation{{Pointer: "/name/1/2", Rule: rule}, {Pointer: "/a"}}, "what name says"},
		{[]openapi.Violation{{Pointer: "/x", Rule: rule}, {Pointer: "/y", Rule: &openapi.Rule{Line: 1, Message: "y"}}}, "y"},
		{[]openapi.Violation{{Pointer: "", Rule: rule}}, "the body must be a JSON object"},
		{[]openapi.Violation{{Pointer: "/0", Rule: rule}}, "the body must be a JSON object"},
	} {
		if got, want := violated(test.violations).Error(), "VPN.0001 invalid request: "+test.want; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
