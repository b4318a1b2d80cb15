package mistakes

import (
	"encoding/json"
	"html"
	"regexp"
	"strconv"
	"strings"
)

// Citations of the answer.
const (
	nameAnswer  = "Table 10, name: the name of the connection, which the request specifies"
	tagsAnswer  = "Table 10, tags, and Table 15: the tags of the connection, which the request specifies"
	localAnswer = "Table 12, local_id: the local ID specified during creation is returned"
	peerAnswer  = "Table 12, peer_id: the peer ID specified during creation is returned"
)

// truncate keeps the first n characters.
func truncate(n int) func(string) string {
	return func(s string) string {
		if r := []rune(s); len(r) > n {
			return string(r[:n])
		}
		return s
	}
}

// cut keeps what stands before a separator, if that is not at the beginning.
func cut(separator string) func(string) string {
	return func(s string) string {
		if before, _, ok := strings.Cut(s, separator); ok && before != "" {
			return before
		}
		return s
	}
}

// numeral returns a text that looks like a number as that number.
func numeral(_ *Call, v any) any {
	if s, ok := v.(string); ok {
		if f, err := strconv.ParseFloat(s, 64); err == nil && f == f && f < 1e300 && f > -1e300 {
			return f
		}
	}
	return v
}

// renumbered writes a text that looks like a number as programs write it: 007
// becomes 7 and 1e3 becomes 1000.
func renumbered(s string) string {
	if f, err := strconv.ParseFloat(s, 64); err == nil && f < 1e15 && f > -1e15 {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return s
}

var blanks = regexp.MustCompile(` +`)

// echoMistakes return a text otherwise than it was sent.
func echoMistakes() []Mistake {
	const kind, key, value = "echo", "tags.key", "tags.value"
	const local, peer = "ikepolicy.local_id", "ikepolicy.peer_id"
	name := func(title string, change func(string) string) Mistake {
		return answersText(kind, title, must, nameAnswer, "name", change)
	}
	tag := func(title, member string, change func(string) string) Mistake {
		return answersText(kind, title, must, tagsAnswer, member, change)
	}
	id := func(title, member string, change func(string) string) Mistake {
		source := localAnswer
		if member == peer {
			source = peerAnswer
		}
		return answersText(kind, title, must, source, member, change)
	}
	return []Mistake{
		name("name-answered-in-lower-case", strings.ToLower),
		name("name-answered-with-capital", func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }),
		name("name-cut-to-32", truncate(32)),
		name("name-cut-to-63", truncate(63)),
		name("name-cut-at-first-dot", cut(".")),
		name("name-dots-to-hyphens", func(s string) string { return strings.ReplaceAll(s, ".", "-") }),
		name("name-trailing-dot-lost", func(s string) string {
			if t := strings.TrimRight(s, "."); t != "" {
				return t
			}
			return s
		}),
		name("name-numbers-rewritten", renumbered),
		answers(kind, "name-answered-as-number", must, nameAnswer, "name", numeral),
		name("name-double-hyphens-lost", func(s string) string { return strings.ReplaceAll(s, "--", "-") }),
		atShould(tag("tag-values-trimmed", value, strings.TrimSpace)),
		atShould(tag("tag-values-trimmed-on-the-right", value, func(s string) string { return strings.TrimRight(s, " ") })),
		atShould(tag("tag-keys-trimmed-on-the-left", key, func(s string) string { return strings.TrimLeft(s, " ") })),
		tag("tag-values-double-blanks-lost", value, func(s string) string { return blanks.ReplaceAllString(s, " ") }),
		tag("tag-keys-double-blanks-lost", key, func(s string) string { return blanks.ReplaceAllString(s, " ") }),
		tag("tag-values-in-lower-case", value, strings.ToLower),
		tag("tag-keys-in-lower-case", key, strings.ToLower),
		tag("tag-values-decomposed", value, decompose),
		tag("tag-keys-decomposed", key, decompose),
		tag("tag-values-without-marks", value, func(s string) string {
			return regexp.MustCompile(`\p{Mn}`).ReplaceAllString(decompose(s), "")
		}),
		tag("tag-values-plus-to-blank", value, func(s string) string { return strings.ReplaceAll(s, "+", " ") }),
		tag("tag-values-cut-to-100", value, truncate(100)),
		tag("tag-values-cut-to-128", value, truncate(128)),
		tag("tag-values-cut-to-254", value, truncate(254)),
		tag("tag-keys-cut-to-64", key, truncate(64)),
		tag("tag-values-cut-at-equals", value, cut("=")),
		tag("tag-keys-cut-at-colon", key, cut(":")),
		tag("tag-values-cut-at-at", value, cut("@")),
		tag("tag-values-numbers-rewritten", value, renumbered),
		answers(kind, "tag-values-answered-as-numbers", must, tagsAnswer, value, numeral),
		answers(kind, "tag-values-empty-are-null", must, tagsAnswer, value, func(_ *Call, v any) any {
			if v == "" {
				return nil
			}
			return v
		}),
		tag("tag-values-beyond-latin-lost", value, func(s string) string {
			return regexp.MustCompile(`[Üü]`).ReplaceAllString(s, "?")
		}),
		answers(kind, "tags-beyond-ten-lost", must, tagsAnswer, "tags", func(_ *Call, v any) any {
			if list, ok := v.([]any); ok && len(list) > 10 {
				return list[:10]
			}
			return v
		}),
		id("local-id-in-lower-case", local, strings.ToLower),
		id("peer-id-in-lower-case", peer, strings.ToLower),
		id("local-id-cut-to-64", local, truncate(64)),
		id("local-id-cut-to-128", local, truncate(128)),
		id("peer-id-cut-to-254", peer, truncate(254)),
		id("local-id-cut-at-first-dot", local, func(s string) string {
			if address(s) {
				return s
			}
			return cut(".")(s)
		}),
		id("local-id-cut-at-at", local, cut("@")),
		id("peer-id-trailing-dot-lost", peer, func(s string) string { return strings.TrimSuffix(s, ".") }),
		id("peer-id-escaped-for-html", peer, html.EscapeString),
		id("local-id-quotes-doubled", local, func(s string) string { return strings.ReplaceAll(s, "'", "''") }),
		id("local-id-percent-decoded", local, func(s string) string {
			return regexp.MustCompile(`%[0-9A-Fa-f]{2}`).ReplaceAllString(s, "?")
		}),
		id("peer-id-numbers-rewritten", peer, renumbered),
		answersText(kind, "vgw-ip-in-upper-case", should, "Table 10, vgw_ip: the EIP ID or private address", "vgw_ip", strings.ToUpper),
	}
}

// settingEchoMistakes return another setting than was sent.
func settingEchoMistakes() []Mistake {
	const kind = "echo"
	set := func(name, level, source, member string, change func(c *Call, v any) any) Mistake {
		return answers(kind, name, level, source, member, change)
	}
	integer := func(name, source, member string, change func(int64) int64) Mistake {
		return set(name, must, source, member, func(_ *Call, v any) any {
			n, ok := v.(json.Number)
			if !ok {
				return v
			}
			i, _ := n.Int64()
			return change(i)
		})
	}
	const ikeLifetime, ipsecLifetime = "Table 12, lifetime_seconds: the SA lifetime", "Table 14, lifetime_seconds: the lifetime"
	copied := func(from string) func(*Call, any) any {
		return func(c *Call, v any) any {
			if sent, ok := c.Fields.find(from); ok {
				return sent
			}
			return v
		}
	}
	return []Mistake{
		integer("ike-lifetime-wraps-at-65536", ikeLifetime, "ikepolicy.lifetime_seconds", func(n int64) int64 { return n & 0xffff }),
		integer("ike-lifetime-in-minutes", ikeLifetime, "ikepolicy.lifetime_seconds", func(n int64) int64 { return n / 60 * 60 }),
		integer("ike-lifetime-at-most-a-day", ikeLifetime, "ikepolicy.lifetime_seconds", func(n int64) int64 { return min(n, 86400) }),
		integer("ipsec-lifetime-at-least-60", ipsecLifetime, "ipsecpolicy.lifetime_seconds", func(n int64) int64 { return max(n, 60) }),
		integer("dpd-interval-in-a-byte", "Table 13, interval", "ikepolicy.dpd.interval", func(n int64) int64 { return n & 0xff }),
		set("dpd-timeout-answers-interval", must, "Table 13, timeout", "ikepolicy.dpd.timeout", copied("ikepolicy.dpd.interval")),
		set("dpd-interval-answers-timeout", must, "Table 13, interval", "ikepolicy.dpd.interval", copied("ikepolicy.dpd.timeout")),
		set("pfs-answers-dh-group", must, "Table 14, pfs: the group used by PFS", "ipsecpolicy.pfs", copied("ikepolicy.dh_group")),
		set("ipsec-encryption-answers-ike", must, "Table 14, encryption_algorithm", "ipsecpolicy.encryption_algorithm",
			copied("ikepolicy.encryption_algorithm")),
		set("nqa-always-answered-false", must, "Table 10, enable_nqa: whether NQA is enabled", "enable_nqa",
			func(*Call, any) any { return false }),
		set("ha-role-always-answered-master", should, "Table 10, ha_role: slave indicates the standby connection", "ha_role",
			func(*Call, any) any { return "master" }),
		set("phase1-mode-always-answered-main", should, "OTC, phase1_negotiation_mode", "ikepolicy.phase1_negotiation_mode",
			func(*Call, any) any { return "main" }),
		set("local-id-always-first-address", should, "Table 12, local_id: the VPN gateway IP address corresponding to the connection",
			"ikepolicy.local_id", func(c *Call, v any) any {
				if c.Fields.word("ikepolicy.local_id_type", "ip") == "ip" && c.Gateway != nil {
					return c.Gateway.Addresses[0].IP
				}
				return v
			}),
		set("local-id-answers-vgw-ip", must, "Table 12, local_id: the VPN gateway IP address", "ikepolicy.local_id",
			func(c *Call, v any) any {
				if c.Fields.word("ikepolicy.local_id_type", "ip") == "ip" {
					return c.Fields.word("vgw_ip", "")
				}
				return v
			}),
		set("peer-id-answers-local-id-if-both-fqdn", must, peerAnswer, "ikepolicy.peer_id", func(c *Call, v any) any {
			if is("ikepolicy.local_id_type", "fqdn")(c) && is("ikepolicy.peer_id_type", "fqdn")(c) {
				return c.Fields.word("ikepolicy.local_id", "")
			}
			return v
		}),
		set("enterprise-project-always-zero", must, "Table 10, enterprise_project_id: the same as that of the VPN gateway",
			"enterprise_project_id", func(*Call, any) any { return "0" }),
		set("vgw-ip-answers-address", must, "Table 10, vgw_ip: the EIP ID", "vgw_ip", func(c *Call, v any) any {
			for _, a := range c.Gateway.Addresses {
				if a.VgwIP() == v {
					return a.IP
				}
			}
			return v
		}),
		set("tunnel-addresses-lower-first", must, "Table 10, tunnel_local_address: configured on the VPN gateway",
			"tunnel_local_address", lowerTunnel),
		answersText(kind, "tunnel-peer-answers-block", must, "Table 3, tunnel_peer_address: a host address", "tunnel_peer_address",
			func(s string) string {
				b, _ := parseBlock(s)
				return b.network().String()
			}),
		answersText(kind, "source-any-answered-empty", should, "OTC-UMN, source: 0.0.0.0/0 stands for any", "policy_rules.source",
			func(s string) string { return strings.TrimPrefix(s, "0.0.0.0/0") }),
		answers(kind, "destinations-beyond-first-lost", must, "Table 11, destination: up to 50 blocks for each policy rule",
			"policy_rules.destination", func(_ *Call, v any) any {
				if list, ok := v.([]any); ok && len(list) > 2 {
					return list[:2]
				}
				return v
			}),
	}
}

// lowerTunnel returns the lower of the two tunnel addresses that were sent.
func lowerTunnel(c *Call, v any) any {
	local, ok := parseBlock(c.Fields.word("tunnel_local_address", ""))
	peer, other := parseBlock(c.Fields.word("tunnel_peer_address", ""))
	if ok && other && peer.address < local.address {
		return peer.String()
	}
	return v
}
