package mistakes

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// lets returns the mistake of a limit that is one too far: it lets the numbers
// or lengths through that hold a condition.
func lets(name, rule string, holds func(n int64) bool) Mistake {
	return admit("limit", name, rule, func(v Violation) bool {
		n, ok := measure(v.Value)
		return ok && holds(n)
	})
}

// narrows returns the mistake of a limit that is one too near.
func narrows(name, rule, member string, holds func(n int64) bool) Mistake {
	o := obligations[rule]
	return turnsDown("limit", name, o.level, o.source, member, func(c *Call) bool {
		return slices.ContainsFunc(values(c, member), func(v any) bool {
			n, ok := measure(v)
			return ok && holds(n)
		})
	})
}

// measure is a number, the length of a text in characters, or that of a list.
func measure(v any) (int64, bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	case string:
		return int64(utf8.RuneCountInString(v)), true
	case []any:
		return int64(len(v)), true
	}
	return 0, false
}

// values returns what stands at a path of the request: the members of all
// objects in a list, but a list of texts as one value.
func values(c *Call, path string) []any {
	var found []any
	var walk func(v any, path []string)
	walk = func(v any, path []string) {
		if len(path) == 0 {
			found = append(found, v)
			return
		}
		switch v := v.(type) {
		case map[string]any:
			if next, ok := v[path[0]]; ok {
				walk(next, path[1:])
			}
		case []any:
			for _, item := range v {
				walk(item, path)
			}
		}
	}
	walk(c.Fields.members, strings.Split(path, "."))
	return found
}

// limitMistakes are single slips in a limit, at one end and in one place.
func limitMistakes() []Mistake {
	is := func(n int64) func(int64) bool { return func(m int64) bool { return m == n } }
	upTo := func(n int64) func(int64) bool { return func(m int64) bool { return m <= n } }
	from := func(n int64) func(int64) bool { return func(m int64) bool { return m >= n } }
	const rule = "policy_rules.rule_index"
	return []Mistake{
		lets("ike-lifetime-from-30", ikeMin, from(30)),
		lets("ike-lifetime-from-59", ikeMin, is(59)),
		lets("ike-lifetime-up-to-604801", ikeMax, is(604801)),
		lets("ike-lifetime-negative", ikeMin, upTo(-1)),
		narrows("ike-lifetime-above-60", ikeMin, "ikepolicy.lifetime_seconds", is(60)),
		narrows("ike-lifetime-below-604800", ikeMax, "ikepolicy.lifetime_seconds", is(604800)),
		narrows("ipsec-lifetime-from-60", ipsecMin, "ipsecpolicy.lifetime_seconds", upTo(59)),
		narrows("ipsec-lifetime-up-to-a-day", ipsecMax, "ipsecpolicy.lifetime_seconds", from(86401)),
		lets("ipsec-lifetime-zero", ipsecMin, is(0)),
		narrows("ipsec-lifetime-in-whole-minutes", ipsecMin, "ipsecpolicy.lifetime_seconds", func(n int64) bool { return n%60 != 0 }),
		lets("dpd-timeout-as-interval", timeoutMax, upTo(3600)),
		narrows("dpd-timeout-from-10", timeoutMin, "ikepolicy.dpd.timeout", upTo(9)),
		narrows("dpd-interval-up-to-60", intervalMax, "ikepolicy.dpd.interval", from(61)),
		lets("dpd-interval-from-2", intervalMin, from(2)),
		narrows("dpd-timeout-below-60", timeoutMax, "ikepolicy.dpd.timeout", is(60)),
		narrows("index-from-1", "policy_rules.rule_index.min", rule, is(0)),
		narrows("index-up-to-49", indexMax, rule, is(50)),
		lets("index-51", indexMax, is(51)),
		lets("index-from-minus-1", "policy_rules.rule_index.min", is(-1)),
		narrows("subnets-up-to-49", subnetsCount, "peer_subnets", is(50)),
		lets("subnets-up-to-64", subnetsCount, upTo(64)),
		narrows("destinations-up-to-49", destinationCount, "policy_rules.destination", is(50)),
		lets("tags-up-to-21", tagsCount, is(21)),
		narrows("rules-up-to-4", "policy_rules.count", "policy_rules", is(5)),
		lets("rules-up-to-6", "policy_rules.count", is(6)),
		narrows("local-id-up-to-128", "ikepolicy.local_id.length", "ikepolicy.local_id", from(129)),
		lets("peer-id-256", "ikepolicy.peer_id.length", is(256)),
		lets("tag-key-empty", keyLength, is(0)),
		narrows("tag-key-at-least-2", keyLength, "tags.key", is(1)),
		lets("tag-value-256", valueLength, is(256)),
		lets("psk-129", pskLength, is(129)),
		narrows("name-at-least-2", nameLength, "name", is(1)),
		admit("limit", "two-classes-are-enough-if-long", pskClasses, func(v Violation) bool { return len(v.text()) >= 12 }),
		admit("limit", "two-classes-are-enough-if-special", pskClasses, func(v Violation) bool {
			return classes(v.text()) == 2 && strings.ContainsAny(v.text(), specials)
		}),
		admit("limit", "psk-classes-counted-by-case", pskClasses, func(v Violation) bool {
			return classes(v.text()) == 2 && strings.ToLower(v.text()) != v.text()
		}),
		switched("limit", "pfs-without-disable", must, obligations[pfs].source, Hooks{Extra: refusesValue("ipsecpolicy.pfs", "disable")}),
		switched("limit", "pfs-disable-only-alone", must, obligations[pfs].source, Hooks{Extra: func(c *Call) []Violation {
			if alone("ipsecpolicy.pfs")(c) {
				return nil
			}
			return refusesValue("ipsecpolicy.pfs", "disable")(c)
		}}),
		switched("limit", "3des-refused-with-v2", must, "Table 12, encryption_algorithm: the value can be 3des", Hooks{Extra: func(c *Call) []Violation {
			if is3des := c.Fields.word("ikepolicy.encryption_algorithm", "") == "3des"; is3des && c.Fields.word("ikepolicy.ike_version", "v2") == "v2" {
				return []Violation{{Rule: "mistake", Member: "ikepolicy.encryption_algorithm", Text: "is not valid"}}
			}
			return nil
		}}),
		switched("limit", "gcm-refused-with-authentication", must, "Table 14: any encryption and any authentication algorithm", Hooks{Extra: func(c *Call) []Violation {
			if strings.Contains(c.Fields.word("ipsecpolicy.encryption_algorithm", ""), "gcm") && sent("ipsecpolicy.authentication_algorithm")(c) {
				return []Violation{{Rule: "mistake", Member: "ipsecpolicy.authentication_algorithm", Text: "must not be filled"}}
			}
			return nil
		}}),
		turnsDown("limit", "indexes-absent-count-as-zero", must, obligations[indexUnique].source, rule, func(c *Call) bool {
			all, indexes := values(c, "policy_rules.source"), values(c, rule)
			absent := len(all) - len(indexes)
			return absent > 1 || absent == 1 && slices.ContainsFunc(indexes, func(v any) bool { return v == json.Number("0") })
		}),
		turnsDown("limit", "index-for-all-or-none", must, "Table 4, rule_index: optional", rule, func(c *Call) bool {
			n := len(values(c, rule))
			return n > 0 && n < len(values(c, "policy_rules.source"))
		}),
		turnsDown("limit", "indexes-without-gaps", must, obligations[indexUnique].source, rule, func(c *Call) bool {
			return slices.ContainsFunc(values(c, rule), func(v any) bool {
				n, ok := measure(v)
				return ok && n > int64(len(values(c, "policy_rules.source")))
			})
		}),
		admit("limit", "indexes-zero-may-repeat", indexUnique, func(v Violation) bool { return v.Value == json.Number("0") }),
		turnsDown("limit", "fqdn-at-both-ends-or-none", must, "Table 5, local_id_type and peer_id_type: each ip or fqdn", "ikepolicy.peer_id_type",
			func(c *Call) bool {
				return c.Fields.word("ikepolicy.local_id_type", "ip") != c.Fields.word("ikepolicy.peer_id_type", "ip")
			}),
	}
}

// refusesValue refuses one value of a member.
func refusesValue(member, value string) func(*Call) []Violation {
	return func(c *Call) []Violation {
		if c.Fields.word(member, "") != value {
			return nil
		}
		return []Violation{{Rule: member + ".mistake", Member: member, Text: "must not be " + value}}
	}
}

// typeMistakes take values of a type that the page does not give.
func typeMistakes() []Mistake {
	const kind = "type"
	o := func(m Mistake, level string) Mistake { m.Level = level; return m }
	fraction := func(v Violation) bool {
		n, ok := v.Value.(json.Number)
		f, err := n.Float64()
		return ok && err == nil && f != float64(int64(f))
	}
	quoted := func(v Violation) bool {
		_, err := strconv.Atoi(v.text())
		return err == nil
	}
	return []Mistake{
		admit(kind, "ike-lifetime-with-fraction", "ikepolicy.lifetime_seconds.type", fraction),
		admit(kind, "dpd-interval-with-fraction", "ikepolicy.dpd.interval.type", fraction),
		o(admit(kind, "dpd-interval-as-text", "ikepolicy.dpd.interval.type", quoted), should),
		o(admit(kind, "nqa-as-text", "enable_nqa.type", oneOf("true", "false")), should),
		admit(kind, "nqa-as-any-text", "enable_nqa.type", func(v Violation) bool { return v.text() != "" }),
		o(admit(kind, "tag-value-as-number", "tags.value.type", func(v Violation) bool { _, ok := v.Value.(json.Number); return ok }), should),
		admit(kind, "tag-value-as-object", "tags.value.type", func(v Violation) bool { _, ok := v.Value.(map[string]any); return ok }),
		admit(kind, "name-as-list", "name.type", func(v Violation) bool { _, ok := v.Value.([]any); return ok }),
		admit(kind, "subnet-as-object", "peer_subnets.type", func(v Violation) bool { _, ok := v.Value.(map[string]any); return ok }),
	}
}
