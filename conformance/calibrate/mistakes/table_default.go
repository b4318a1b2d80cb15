package mistakes

// byDefault returns the mistake of another default for a member.
func byDefault(name, level, source, member string, def func(*Call) any) Mistake {
	return answers("default", name, level, source, member, func(c *Call, v any) any {
		if c.Fields.has(member) {
			return v
		}
		return def(c)
	})
}

// defaultMistakes fill in what the page does not.
func defaultMistakes() []Mistake {
	fixed := func(v any) func(*Call) any { return func(*Call) any { return v } }
	// inside says that the default is wrong only in an object that was sent.
	inside := func(object string, wrong, right any) func(*Call) any {
		return func(c *Call) any {
			if c.Fields.has(object) {
				return wrong
			}
			return right
		}
	}
	const dhSource, pfsSource = "Table 5, dh_group: the default value is group15", "Table 7, pfs: the default value is group15"
	const ike, ipsec = "Table 5, lifetime_seconds: the default value is 86400", "Table 7, lifetime_seconds: the default value is 3600"
	return []Mistake{
		byDefault("dh-group-default-14", must, dhSource, "ikepolicy.dh_group", fixed("group14")),
		byDefault("dh-group-default-14-in-sent-ikepolicy", must, dhSource, "ikepolicy.dh_group", inside("ikepolicy", "group14", "group15")),
		byDefault("pfs-default-14", must, pfsSource, "ipsecpolicy.pfs", fixed("group14")),
		byDefault("pfs-default-14-in-sent-ipsecpolicy", must, pfsSource, "ipsecpolicy.pfs", inside("ipsecpolicy", "group14", "group15")),
		byDefault("pfs-default-is-dh-group", must, pfsSource, "ipsecpolicy.pfs", func(c *Call) any {
			return c.Fields.word("ikepolicy.dh_group", "group15")
		}),
		byDefault("ike-lifetime-default-28800", must, ike, "ikepolicy.lifetime_seconds", fixed(28800)),
		byDefault("ike-lifetime-default-3600-for-v1", must, ike, "ikepolicy.lifetime_seconds", func(c *Call) any {
			if is("ikepolicy.ike_version", "v1")(c) {
				return 3600
			}
			return 86400
		}),
		byDefault("ipsec-lifetime-default-86400-in-sent-ipsecpolicy", must, ipsec, "ipsecpolicy.lifetime_seconds",
			inside("ipsecpolicy", 86400, 3600)),
		byDefault("dpd-timeout-default-30-with-interval", must, "Table 6, timeout: the default value is 15", "ikepolicy.dpd.timeout",
			inside("ikepolicy.dpd.interval", 30, 15)),
		byDefault("dpd-interval-default-10-in-sent-dpd", must, "Table 6, interval: the default value is 30", "ikepolicy.dpd.interval",
			inside("ikepolicy.dpd", 10, 30)),
		byDefault("dpd-msg-default-seq-notify-hash-for-v1", should, "OTC, msg: seq-hash-notify by default", "ikepolicy.dpd.msg",
			func(c *Call) any {
				if is("ikepolicy.ike_version", "v1")(c) {
					return "seq-notify-hash"
				}
				return "seq-hash-notify"
			}),
		byDefault("ike-encryption-default-follows-ipsec", should, "OTC, encryption_algorithm: aes-128 by default",
			"ikepolicy.encryption_algorithm", func(c *Call) any { return c.Fields.word("ipsecpolicy.encryption_algorithm", "aes-128") }),
		byDefault("nqa-default-true-at-active-standby", must, "Table 3, enable_nqa: the default value is false", "enable_nqa",
			func(c *Call) any { return gateway("active-standby")(c) }),
		byDefault("peer-id-type-default-follows-local", must, "Table 5, peer_id_type: the default value is ip", "ikepolicy.peer_id_type",
			func(c *Call) any { return c.Fields.word("ikepolicy.local_id_type", "ip") }),
	}
}
