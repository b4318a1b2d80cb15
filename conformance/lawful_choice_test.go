package conformance_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/environment"
)

// texts returns the elements of a list that are texts.
func texts(value any) []string {
	list, _ := value.([]any)
	var out []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

// blocks returns the blocks among some texts.
func blocks(list []string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range list {
		if block, err := netip.ParsePrefix(text); err == nil {
			out = append(out, block)
		}
	}
	return out
}

// overlapping reports whether two of some blocks overlap.
func overlapping(list []netip.Prefix) bool {
	for i, a := range list {
		for _, b := range list[:i] {
			if a.Overlaps(b) {
				return true
			}
		}
	}
	return false
}

// allBlocks returns every block that a request sends.
func allBlocks(sent object) []netip.Prefix {
	all := texts(sent["peer_subnets"])
	for _, rule := range rulesOf(sent) {
		all = append(all, fmt.Sprint(rule["source"]))
		all = append(all, texts(rule["destination"])...)
	}
	return blocks(all)
}

// repeated reports whether one of some texts is there twice.
func repeated(list []string) bool {
	seen := map[string]bool{}
	for _, text := range list {
		if seen[text] {
			return true
		}
		seen[text] = true
	}
	return false
}

// inner returns an object in an object; nil if there is none, which reads as
// empty.
func inner(o object, name string) object {
	i, _ := o[name].(object)
	return i
}

// routerGateways returns the ids of the default environment's gateways that are
// associated with an enterprise router.
func routerGateways(t testing.TB) []string {
	t.Helper()
	var ids []string
	for _, g := range environmentWith(t, func(*environment.Environment) {}).Objects["gateway"] {
		if g["attachment_type"] == "er" {
			ids = append(ids, fmt.Sprint(g["id"]))
		}
	}
	return ids
}

// blame returns the name of a member if a condition holds.
func blame(member string, when bool) string {
	if when {
		return member
	}
	return ""
}

// hostBits reports whether a block has bits beyond its mask.
func hostBits(block netip.Prefix) bool { return block.Masked() != block }

// lawfulChoices are what the sources leave to an implementation: it accepts what
// another refuses. The reference does one of the two.
func lawfulChoices(t testing.TB) []lawfulRow {
	t.Helper()
	const unsaid = "no source says whether it is accepted"
	routers := routerGateways(t)
	return []lawfulRow{
		{name: "router-subnets-refused", what: "peer_subnets are refused at a gateway with an enterprise router, for policy and bgp", alarm: "*/open-*", level: "should",
			source: "TF-DOC: they must be empty; errata.yaml, peer-subnets-mandatory: not judged",
			wrap: refusingIf(func(sent object) string {
				style := sent["style"]
				return blame("peer_subnets", slices.Contains(routers, fmt.Sprint(sent["vgw_id"])) && (style == "policy" || style == "bgp") && len(texts(sent["peer_subnets"])) > 0)
			})},
		{name: "duplicate-subnets-refused", what: "A customer subnet that is there twice is refused", alarm: "*/open-*", level: "should", source: unsaid,
			wrap: refusingIf(func(sent object) string { return blame("peer_subnets", repeated(texts(sent["peer_subnets"]))) })},
		{name: "duplicate-subnets-dropped", what: "A customer subnet that is there twice comes back once", alarm: "*/open-*", level: "must", source: unsaid,
			wrap: created(func(got, _ object) {
				if list, ok := got["peer_subnets"].([]any); ok {
					got["peer_subnets"] = unrepeated(list)
				}
			})},
		{name: "overlapping-subnets-refused", what: "Customer subnets that overlap are refused", alarm: "*/open-*", level: "should", source: unsaid,
			wrap: refusingIf(func(sent object) string {
				return blame("peer_subnets", overlapping(blocks(texts(sent["peer_subnets"]))))
			})},
		{name: "overlapping-sources-refused", what: "Sources of two rules that overlap are refused", level: "must",
			source: "OTC-QUOTA: the blocks of different rules should not overlap",
			wrap: refusingIf(func(sent object) string {
				var sources []string
				for _, rule := range rulesOf(sent) {
					sources = append(sources, fmt.Sprint(rule["source"]))
				}
				return blame("source", overlapping(blocks(sources)))
			})},
		{name: "duplicate-destinations-refused", what: "A destination that is there twice in a rule is refused", alarm: "*/open-*", level: "should", source: unsaid,
			wrap: refusingIf(func(sent object) string {
				return blame("destination", slices.ContainsFunc(rulesOf(sent), func(rule object) bool { return repeated(texts(rule["destination"])) }))
			})},
		{name: "host-bits-refused", what: "A block with bits beyond its mask is refused", alarm: "*/open-*", level: "should", source: "errata.yaml, ipv4-unstated: not claimed",
			wrap: refusingIf(func(sent object) string { return blame("peer_subnets", slices.ContainsFunc(allBlocks(sent), hostBits)) })},
		{name: "host-bits-dropped", what: "Bits of a block beyond its mask do not come back", alarm: "*/open-*", level: "must", source: "errata.yaml, ipv4-unstated: not claimed",
			wrap: coercing([]string{"peer_subnets", "source", "destination"}, func(value any) any {
				text, _ := value.(string)
				if block, err := netip.ParsePrefix(text); err == nil && hostBits(block) {
					return block.Masked().String()
				}
				return value
			})},
		{name: "single-tunnel-address-refused", what: "One tunnel address without the other is refused", alarm: "*/open-*", level: "should",
			source: "errata.yaml, tunnel-addresses-assigned: not claimed",
			wrap: refusingIf(func(sent object) string {
				local, peer := sent["tunnel_local_address"], sent["tunnel_peer_address"]
				if local != nil && peer == nil {
					return "tunnel_local_address"
				}
				return blame("tunnel_peer_address", local == nil && peer != nil)
			})},
		{name: "policy-tunnel-addresses-refused", what: "Tunnel addresses are refused for style policy", alarm: "*/open-*", level: "should",
			source: "errata.yaml, route-based-styles: not claimed",
			wrap: refusingIf(func(sent object) string {
				return blame("tunnel_local_address", sent["style"] == "policy" && (sent["tunnel_local_address"] != nil || sent["tunnel_peer_address"] != nil))
			})},
		{name: "empty-rules-refused", what: "An empty list of policy rules is refused but for style policy", alarm: "*/open-*", level: "should", source: unsaid,
			wrap: refusingIf(func(sent object) string {
				return blame("policy_rules", sent["policy_rules"] != nil && len(rulesOf(sent)) == 0 && sent["style"] != "policy")
			})},
		{name: "empty-rules-accepted", what: "An empty list of policy rules is accepted for every style", level: "should", source: unsaid,
			wrap: reading(func(body object) bool {
				sent := connection(body)
				if list, ok := sent["policy_rules"].([]any); ok && len(list) == 0 && sent["style"] != "policy" {
					delete(sent, "policy_rules")
					return true
				}
				return false
			})},
		{name: "empty-destinations-refused", what: "A rule without a destination is refused", alarm: "*/open-*", level: "should", source: "errata.yaml, policy-rule-members: not claimed",
			wrap: refusingIf(func(sent object) string {
				return blame("destination", slices.ContainsFunc(rulesOf(sent), func(rule object) bool { return len(texts(rule["destination"])) == 0 }))
			})},
		{name: "empty-sources-refused", what: "A rule without a source is refused", alarm: "*/open-*", level: "should", source: "errata.yaml, policy-rule-members: not claimed",
			wrap: refusingIf(func(sent object) string {
				return blame("source", slices.ContainsFunc(rulesOf(sent), func(rule object) bool { return rule["source"] == nil }))
			})},
		{name: "one-tag-key-twice-refused", what: "Two tags with one key are refused", alarm: "*/open-*", level: "should", source: unsaid,
			wrap: refusingIf(func(sent object) string {
				var keys []string
				list, _ := sent["tags"].([]any)
				for _, tag := range list {
					keys = append(keys, fmt.Sprint(inner(object{"tag": tag}, "tag")["key"]))
				}
				return blame("tags", repeated(keys))
			})},
		{name: "phase1-mode-with-v2-refused", what: "phase1_negotiation_mode is refused with IKE v2", level: "should",
			source: "CN: to be left unset with v2; errata.yaml, phase1-mode-absent: not judged",
			wrap: refusingIf(func(sent object) string {
				ike := inner(sent, "ikepolicy")
				return blame("phase1_negotiation_mode", ike["phase1_negotiation_mode"] != nil && ike["ike_version"] != "v1")
			})},
		{name: "gcm-with-v1-refused", what: "A GCM algorithm of the IKE policy is refused with IKE v1", level: "should", source: "OTC-UMN: it needs v2",
			wrap: refusingIf(func(sent object) string {
				ike := inner(sent, "ikepolicy")
				return blame("encryption_algorithm", strings.Contains(fmt.Sprint(ike["encryption_algorithm"]), "gcm") && ike["ike_version"] == "v1")
			})},
		{name: "equal-ids-refused", what: "A local_id that equals peer_id is refused", level: "should", source: "OTC-UMN: they differ",
			wrap: refusingIf(func(sent object) string {
				ike := inner(sent, "ikepolicy")
				return blame("local_id", ike["local_id"] != nil && ike["local_id"] == ike["peer_id"])
			})},
		{name: "ids-of-type-ip-refused", what: "An id that is sent with type ip is refused", alarm: "*/open-*", level: "should", source: "TF: it must be empty; errata.yaml, local-id-ip-form: not claimed",
			wrap: refusingIf(func(sent object) string {
				ike := inner(sent, "ikepolicy")
				return blame("local_id", ike["local_id"] != nil && ike["local_id_type"] != "fqdn" || ike["peer_id"] != nil && ike["peer_id_type"] != "fqdn")
			})},
		{name: "ids-of-type-ip-returned", what: "An id that is sent with type ip comes back", level: "should", source: "OTC of 2025-08; errata.yaml, local-id-ip-form: not claimed",
			wrap: created(func(got, sent object) {
				for _, name := range []string{"local_id", "peer_id"} {
					if id := inner(sent, "ikepolicy")[name]; id != nil {
						inner(got, "ikepolicy")[name] = id
					}
				}
			})},
	}
}

// unrepeated returns a list without the elements that were there before.
func unrepeated(list []any) []any {
	once := []any{}
	for _, item := range list {
		if !slices.Contains(once, item) {
			once = append(once, item)
		}
	}
	return once
}
