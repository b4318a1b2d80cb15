package mistakes

import (
	"encoding/json"
	"slices"
	"strings"
)

var (
	authentications = []string{"sha2-512", "sha2-384", "sha2-256", "sha1", "md5"}
	encryptions     = []string{"aes-256-gcm-16", "aes-128-gcm-16", "aes-256", "aes-192", "aes-128", "3des"}
	groups          = []string{"group1", "group2", "group5", "group14", "group15", "group16", "group19", "group20", "group21"}
)

// policyRules checks Table 4.
func (k *checker) policyRules(c object) {
	rules := k.objects(c, "policy_rules", 5)
	if c.style() == "policy" && len(rules) == 0 {
		k.fail(c, "policy_rules", "present", "must be filled if style is policy")
	}
	if c.style() != "policy" && len(rules) > 0 {
		k.fail(c, "policy_rules", "policy", "must not be filled if style is not policy")
	}
	for i, rule := range rules {
		k.number(rule, "rule_index", 0, 50)
		for _, earlier := range rules[:i] {
			k.unlike(earlier, rule)
		}
		if source, ok := k.string(rule, "source"); ok {
			if strings.Contains(source, ":") {
				k.fail(rule, "source", "ipv4", "must be an IPv4 block")
			} else if _, ok := parseBlock(source); !ok {
				k.fail(rule, "source", "block", "must be a CIDR block")
			}
		}
		k.strings(rule, "destination", 50, func(j int, text string) {
			if _, ok := parseBlock(text); !ok {
				k.failItem(rule, "destination", j, "block", "must be an IPv4 CIDR block")
			}
		})
	}
}

// unlike checks that two rules differ in what must be unique.
func (k *checker) unlike(a, b object) {
	i, ok := a.members["rule_index"].(json.Number)
	j, other := b.members["rule_index"].(json.Number)
	if ok && other && i == j {
		k.report(Violation{
			Rule: "policy_rules.rule_index.unique", Member: b.place + ".rule_index", Text: "must be unique",
			Value: j, Index: b.index, Of: b.of, Outer: a.index,
		})
	}
	s, ok := a.text("source")
	t, other := b.text("source")
	if ok && other && s == t {
		k.report(Violation{
			Rule: "policy_rules.source.unique", Member: b.place + ".source", Text: "must be unique",
			Value: t, Index: b.index, Of: b.of, Outer: a.index,
		})
	}
}

// ike checks Tables 5 and 6.
func (k *checker) ike(o object) {
	k.choice(o, "ike_version", "v1", "v2")
	k.choice(o, "phase1_negotiation_mode", "main", "aggressive")
	if o.has("phase1_negotiation_mode") && o.word("ike_version", "v2") != "v1" {
		k.fail(o, "phase1_negotiation_mode", "v1", "must not be filled if ike_version is not v1")
	}
	k.choice(o, "authentication_algorithm", authentications...)
	k.choice(o, "encryption_algorithm", encryptions...)
	if strings.Contains(o.word("encryption_algorithm", ""), "gcm") && o.word("ike_version", "v2") == "v1" {
		k.fail(o, "encryption_algorithm", "gcm", "must not be a GCM one if ike_version is v1")
	}
	k.choice(o, "dh_group", groups...)
	k.choice(o, "authentication_method", "pre-share")
	k.number(o, "lifetime_seconds", 60, 604800)
	for _, end := range []string{"local_id", "peer_id"} {
		k.choice(o, end+"_type", "ip", "fqdn")
		id, _ := k.string(o, end)
		k.length(o, end, 0, 255)
		k.form(o, end, "chars", idForm, `must not have & < > [ ] \ or blanks`)
		if o.word(end+"_type", "ip") == "fqdn" && id == "" {
			k.fail(o, end, "required", "must be filled if "+end+"_type is fqdn")
		}
	}
	if local, ok := o.text("local_id"); ok && local != "" && local == o.word("peer_id", "") {
		k.fail(o, "peer_id", "differ", "must differ from local_id")
	}
	dpd := k.nested(o, "dpd")
	k.number(dpd, "timeout", 2, 60)
	k.number(dpd, "interval", 10, 3600)
	k.choice(dpd, "msg", "seq-hash-notify", "seq-notify-hash")
}

// ipsec checks Table 7.
func (k *checker) ipsec(o object) {
	k.choice(o, "authentication_algorithm", authentications...)
	k.choice(o, "encryption_algorithm", encryptions...)
	k.choice(o, "pfs", append(slices.Clone(groups), "disable")...)
	k.choice(o, "transform_protocol", "esp")
	k.number(o, "lifetime_seconds", 30, 604800)
	k.choice(o, "encapsulation_mode", "tunnel")
}

// haRole checks that the role fits the gateway's address.
func (k *checker) haRole(c object) {
	k.choice(c, "ha_role", "master", "slave")
	g, role := k.call.Gateway, c.word("ha_role", "master")
	if g == nil {
		return
	}
	if g.HAMode != "active-standby" {
		if role == "slave" {
			k.fail(c, "ha_role", "active", "must be master if the gateway is in active-active mode")
		}
		return
	}
	for _, a := range g.Addresses {
		if a.VgwIP() == c.word("vgw_ip", "") && (a.Role == "standby") != (role == "slave") {
			k.fail(c, "ha_role", "standby", "must be master with the active address, slave with the standby one")
		}
	}
}
