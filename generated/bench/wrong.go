package bench

import (
	"bytes"
	"strings"
)

// Mistake turns the documented BGP request into one that breaks one obligation.
type Mistake struct {
	Name     string // what is wrong
	Old, New string // a text that the request holds once, and what replaces it; empty Old appends
}

// Wrong returns the mistakes, those that a keyword of the document forbids
// first, then those against the form of JSON, then those across members.
func Wrong() []Mistake {
	return []Mistake{
		{"required member absent", `"vgw_id": "b32d91a4-demo-a8df-va86-e907174eb11d",`, ``},
		{"unknown enum value", `"style": "bgp"`, `"style": "ospf"`},
		{"below minLength", `Abcd1234`, `Abc1`},
		{"beyond pattern", `vpn-1655`, `vpn 1655`},
		{"above maximum", `"timeout": 30`, `"timeout": 61`},
		{"zero below minimum", `"timeout": 30`, `"timeout": 0`},
		{"over 32 bits", `"timeout": 30`, `"timeout": 4294967326`},
		{"60.0 for an integer", `"interval": 60`, `"interval": 60.0`},
		{"string for a number", `"timeout": 30`, `"timeout": "30"`},
		{"null for a string", `"name": "vpn-1655"`, `"name": null`},

		{"duplicate member", `"name": "vpn-1655"`, `"name": "vpn-1655", "name": "vpn-1656"`},
		{"trailing data", ``, `{}`},
		{"invalid UTF-8", `123***`, "123\xff"},
		{"half a surrogate pair", `123***`, `123\ud800`},
		{"unknown member, 100 deep", `"style"`, `"unknown": ` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `, "style"`},

		{"peer_subnets: no CIDR block", `192.168.44.0/24`, `999.168.44.0/99`},
		{"peer_subnets: reserved block", `192.168.44.0/24`, `100.64.0.0/10`},
		{"psk: two character classes", `Abcd1234`, `abcd1234`},
		{"enable_nqa with bgp", `"style": "bgp"`, `"style": "bgp", "enable_nqa": false`},
		{"policy_rules with bgp", `"style": "bgp"`, `"style": "bgp", "policy_rules": [{"source": "10.0.0.0/24", "destination": ["192.168.44.0/24"]}]`},
		{"tunnel addresses in two blocks", `169.254.56.226/30`, `169.254.56.229/30`},
		{"local_id absent with fqdn", `"local_id": "123***",`, ``},
		{"peer_id equals local_id", `456***`, `123***`},
		{"GCM with IKE v1", `"ike_version": "v2",
      "authentication_algorithm": "sha2-512",
      "encryption_algorithm": "aes-256"`, `"ike_version": "v1", "encryption_algorithm": "aes-256-gcm-16"`},
	}
}

// Of returns the request with the mistake; false if it does not hold the text once.
func (m Mistake) Of(request []byte) ([]byte, bool) {
	if m.Old == "" {
		return append(bytes.Clone(request), m.New...), true
	}
	return bytes.Replace(request, []byte(m.Old), []byte(m.New), 1), bytes.Count(request, []byte(m.Old)) == 1
}
