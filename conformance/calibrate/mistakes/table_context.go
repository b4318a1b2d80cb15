package mistakes

// Names of rules that come more than once in the tables.
const (
	subnetsReserved  = "peer_subnets.reserved"
	subnetsCount     = "peer_subnets.count"
	subnetsBlock     = "peer_subnets.block"
	subnetsRequired  = "peer_subnets.required"
	nqaStatic        = "enable_nqa.static"
	rulesPolicy      = "policy_rules.policy"
	pskClasses       = "psk.classes"
	pskLength        = "psk.length"
	nameChars        = "name.chars"
	nameLength       = "name.length"
	gcm              = "ikepolicy.encryption_algorithm.gcm"
	dhGroup          = "ikepolicy.dh_group.enum"
	ikeEncryption    = "ikepolicy.encryption_algorithm.enum"
	ikeMin           = "ikepolicy.lifetime_seconds.min"
	ikeMax           = "ikepolicy.lifetime_seconds.max"
	localRequired    = "ikepolicy.local_id.required"
	localChars       = "ikepolicy.local_id.chars"
	peerChars        = "ikepolicy.peer_id.chars"
	timeoutMin       = "ikepolicy.dpd.timeout.min"
	timeoutMax       = "ikepolicy.dpd.timeout.max"
	intervalMin      = "ikepolicy.dpd.interval.min"
	intervalMax      = "ikepolicy.dpd.interval.max"
	dpdMsg           = "ikepolicy.dpd.msg.enum"
	pfs              = "ipsecpolicy.pfs.enum"
	ipsecEncryption  = "ipsecpolicy.encryption_algorithm.enum"
	ipsecMin         = "ipsecpolicy.lifetime_seconds.min"
	ipsecMax         = "ipsecpolicy.lifetime_seconds.max"
	sourceUnique     = "policy_rules.source.unique"
	sourceBlock      = "policy_rules.source.block"
	indexUnique      = "policy_rules.rule_index.unique"
	indexMax         = "policy_rules.rule_index.max"
	destinationBlock = "policy_rules.destination.block"
	destinationCount = "policy_rules.destination.count"
	keyChars         = "tags.key.chars"
	keyLength        = "tags.key.length"
	keyRequired      = "tags.key.required"
	valueChars       = "tags.value.chars"
	valueLength      = "tags.value.length"
	valueRequired    = "tags.value.required"
	tagsCount        = "tags.count"
)

// tunnelRules are the rules of one aspect at both ends, so that neither refuses
// what the other overlooks.
func tunnelRules(aspect string) []string {
	return []string{"tunnel_local_address." + aspect, "tunnel_peer_address." + aspect}
}

// gatewayMistakes enforce a rule at some gateways alone.
func gatewayMistakes() []Mistake {
	const kind = "gateway"
	static, er, standby, private := style("static"), gateway("er"), gateway("active-standby"), gateway("private")
	return []Mistake{
		skip(kind, "reserved-subnets-accepted-at-er", er, subnetsReserved),
		skip(kind, "reserved-subnets-only-first-gateway", unless(firstGateway), subnetsReserved),
		skip(kind, "too-many-subnets-accepted-at-er", er, subnetsCount),
		skip(kind, "no-subnets-accepted-at-er-for-static", all(er, static), subnetsRequired),
		skip(kind, "no-subnets-accepted-for-policy-at-vpc", all(gateway("vpc"), style("policy")), subnetsRequired),
		skip(kind, "no-subnets-accepted-at-private", private, subnetsRequired),
		skip(kind, "psk-classes-only-public", private, pskClasses),
		skip(kind, "psk-length-not-at-active-standby", standby, pskLength),
		skip(kind, "nqa-any-style-but-at-first-gateway", unless(firstGateway), nqaStatic),
		skip(kind, "rules-any-style-at-active-standby", standby, rulesPolicy),
		skip(kind, "tunnel-host-not-at-private", private, tunnelRules("host")...),
		skip(kind, "tunnel-pair-not-at-er", er, "tunnel_peer_address.pair"),
		skip(kind, "tunnel-range-only-first-gateway", unless(firstGateway), tunnelRules("range")...),
		skip(kind, "gcm-v1-only-refused-at-first-gateway", unless(firstGateway), gcm),
		skip(kind, "name-chars-not-at-active-standby", standby, nameChars),
		skip(kind, "local-id-required-not-at-er", er, localRequired),
		skip(kind, "vgw-ip-owner-only-first-gateway", unless(firstGateway), "vgw_ip.owner"),
		skip(kind, "vgw-ip-owner-not-at-private", private, "vgw_ip.owner"),
		skip(kind, "vgw-ip-kind-not-at-er", er, "vgw_ip.kind"),
		skip(kind, "ha-role-not-checked-at-standby-address", secondAddress, "ha_role.standby"),
		skip(kind, "ha-role-checked-only-if-sent", unless(sent("ha_role")), "ha_role.standby"),
		skip(kind, "ha-role-slave-accepted-at-er", er, "ha_role.active"),
		skip(kind, "source-unique-not-at-er", er, sourceUnique),
		skip(kind, "dpd-timeout-not-at-active-standby", standby, timeoutMin, timeoutMax),
		skip(kind, "pfs-list-only-at-vpc", er, pfs),
		skip(kind, "tags-count-not-at-private", private, tagsCount),
		skip(kind, "rules-count-not-at-second-address", secondAddress, "policy_rules.count"),
	}
}

// styleMistakes enforce a rule for some styles alone.
func styleMistakes() []Mistake {
	const kind = "style"
	static, policy, bgp := style("static"), style("policy"), style("bgp")
	return []Mistake{
		skip(kind, "name-length-only-static", unless(static), nameLength),
		skip(kind, "psk-length-only-if-style-sent", unless(sent("style")), pskLength),
		skip(kind, "tunnel-pair-only-bgp", static, "tunnel_peer_address.pair"),
		skip(kind, "tunnel-mask-only-bgp", static, tunnelRules("mask")...),
		skip(kind, "tunnel-reserved-only-bgp", static, tunnelRules("reserved")...),
		skip(kind, "dpd-only-bgp", unless(bgp), timeoutMin, timeoutMax, intervalMin, intervalMax, dpdMsg),
		skip(kind, "tag-keys-only-static", unless(static), keyChars),
		skip(kind, "ike-lifetime-not-policy", policy, ikeMax, ikeMin),
		skip(kind, "ipsec-lifetime-not-static", static, ipsecMin, ipsecMax),
		skip(kind, "reserved-subnets-not-policy", policy, subnetsReserved),
		skip(kind, "subnet-blocks-not-bgp", bgp, subnetsBlock),
		skip(kind, "local-id-chars-only-bgp", unless(bgp), localChars),
		skip(kind, "dh-group-not-if-style-left-out", unless(sent("style")), dhGroup),
		skip(kind, "nqa-accepted-with-policy", policy, nqaStatic),
		skip(kind, "rules-accepted-if-style-left-out", unless(sent("style")), rulesPolicy),
		skip(kind, "rules-accepted-if-style-said-static", all(static, sent("style")), rulesPolicy),
		skip(kind, "vgw-ip-kind-not-bgp", bgp, "vgw_ip.kind"),
		skip(kind, "cgw-id-form-not-policy", policy, "cgw_id.form", "cgw_id.known"),
		skip(kind, "tags-count-not-policy", policy, tagsCount),
		skip(kind, "ha-role-values-not-policy", policy, "ha_role.enum"),
	}
}

// presenceMistakes enforce a rule if another member is there, or is not.
func presenceMistakes() []Mistake {
	const kind = "presence"
	no := func(path string) Context { return unless(sent(path)) }
	return []Mistake{
		skip(kind, "ike-lifetime-only-with-dpd", no("ikepolicy.dpd"), ikeMin, ikeMax),
		skip(kind, "psk-classes-only-without-ikepolicy", sent("ikepolicy"), pskClasses),
		skip(kind, "psk-classes-only-with-ikepolicy", no("ikepolicy"), pskClasses),
		skip(kind, "local-id-required-only-with-peer-id", no("ikepolicy.peer_id"), localRequired),
		skip(kind, "local-id-required-only-with-peer-type", no("ikepolicy.peer_id_type"), localRequired),
		skip(kind, "phase1-mode-without-version-accepted", no("ikepolicy.ike_version"), "ikepolicy.phase1_negotiation_mode.v1"),
		skip(kind, "dh-group-only-with-ike-version", no("ikepolicy.ike_version"), dhGroup),
		skip(kind, "ike-encryption-only-with-authentication", no("ikepolicy.authentication_algorithm"), ikeEncryption),
		skip(kind, "ipsec-lifetime-only-with-pfs", no("ipsecpolicy.pfs"), ipsecMin, ipsecMax),
		skip(kind, "pfs-only-with-encryption", no("ipsecpolicy.encryption_algorithm"), pfs),
		skip(kind, "pfs-only-without-transform-protocol", sent("ipsecpolicy.transform_protocol"), pfs),
		skip(kind, "dpd-interval-only-with-timeout", no("ikepolicy.dpd.timeout"), intervalMin, intervalMax),
		skip(kind, "dpd-timeout-only-without-interval", sent("ikepolicy.dpd.interval"), timeoutMin, timeoutMax),
		skip(kind, "name-chars-only-without-tags", sent("tags"), nameChars),
		skip(kind, "subnets-count-not-with-rules", sent("policy_rules"), subnetsCount),
		skip(kind, "psk-length-only-with-name", no("name"), pskLength),
		skip(kind, "ipsecpolicy-only-with-ikepolicy", no("ikepolicy"), ipsecMin, ipsecMax, pfs, ipsecEncryption,
			"ipsecpolicy.authentication_algorithm.enum", "ipsecpolicy.transform_protocol.enum", "ipsecpolicy.encapsulation_mode.enum"),
		skip(kind, "ikepolicy-only-without-ipsecpolicy", sent("ipsecpolicy"), ikeMin, ikeMax, dhGroup, ikeEncryption),
		skip(kind, "reserved-subnets-not-with-tunnel-addresses", sent("tunnel_local_address"), subnetsReserved),
		skip(kind, "tag-values-only-without-ha-role", sent("ha_role"), valueChars),
		skip(kind, "nqa-style-only-without-ikepolicy", sent("ikepolicy"), nqaStatic),
		skip(kind, "indexes-unique-only-without-name", sent("name"), indexUnique),
	}
}

// valueMistakes enforce a rule for some values of another member.
func valueMistakes() []Mistake {
	const kind = "value"
	not := func(path string, values ...string) Context { return unless(is(path, values...)) }
	return []Mistake{
		skip(kind, "ike-lifetime-only-v2", is("ikepolicy.ike_version", "v1"), ikeMin, ikeMax),
		skip(kind, "ike-lifetime-not-explicit-v2", is("ikepolicy.ike_version", "v2"), ikeMin, ikeMax),
		skip(kind, "ike-lifetime-not-3des", is("ikepolicy.encryption_algorithm", "3des"), ikeMin, ikeMax),
		skip(kind, "dh-group-only-sha2-256", not("ikepolicy.authentication_algorithm", "sha2-256"), dhGroup),
		skip(kind, "dh-group-not-v1", is("ikepolicy.ike_version", "v1"), dhGroup),
		skip(kind, "ike-encryption-only-v2", is("ikepolicy.ike_version", "v1"), ikeEncryption),
		skip(kind, "ike-authentication-not-gcm", is("ikepolicy.encryption_algorithm", "aes-256-gcm-16", "aes-128-gcm-16"),
			"ikepolicy.authentication_algorithm.enum"),
		skip(kind, "gcm-128-accepted-with-v1", is("ikepolicy.encryption_algorithm", "aes-128-gcm-16"), gcm),
		skip(kind, "gcm-256-accepted-with-v1", is("ikepolicy.encryption_algorithm", "aes-256-gcm-16"), gcm),
		skip(kind, "gcm-v1-refused-only-aggressive", not("ikepolicy.phase1_negotiation_mode", "aggressive"), gcm),
		skip(kind, "phase1-main-accepted-with-v2", is("ikepolicy.phase1_negotiation_mode", "main"), "ikepolicy.phase1_negotiation_mode.v1"),
		skip(kind, "dpd-timeout-only-seq-hash", is("ikepolicy.dpd.msg", "seq-notify-hash"), timeoutMin, timeoutMax),
		skip(kind, "dpd-interval-not-seq-hash", is("ikepolicy.dpd.msg", "seq-hash-notify"), intervalMin, intervalMax),
		skip(kind, "dpd-not-v1", is("ikepolicy.ike_version", "v1"), timeoutMin, timeoutMax, intervalMin, intervalMax, dpdMsg),
		skip(kind, "pfs-only-sha2", is("ipsecpolicy.authentication_algorithm", "sha1", "md5"), pfs),
		skip(kind, "ipsec-lifetime-not-pfs-disabled", is("ipsecpolicy.pfs", "disable"), ipsecMin, ipsecMax),
		skip(kind, "ipsec-encryption-not-md5", is("ipsecpolicy.authentication_algorithm", "md5"), ipsecEncryption),
		skip(kind, "ipsec-authentication-not-gcm", is("ipsecpolicy.encryption_algorithm", "aes-256-gcm-16", "aes-128-gcm-16"),
			"ipsecpolicy.authentication_algorithm.enum"),
		skip(kind, "local-id-required-not-if-peer-fqdn", is("ikepolicy.peer_id_type", "fqdn"), localRequired),
		skip(kind, "peer-id-required-only-if-local-fqdn", not("ikepolicy.local_id_type", "fqdn"), "ikepolicy.peer_id.required"),
		skip(kind, "peer-id-chars-not-if-local-ip", is("ikepolicy.local_id_type", "", "ip"), peerChars),
		skip(kind, "psk-classes-not-v1", is("ikepolicy.ike_version", "v1"), pskClasses),
		skip(kind, "id-lengths-not-v1", is("ikepolicy.ike_version", "v1"), "ikepolicy.local_id.length", "ikepolicy.peer_id.length"),
		skip(kind, "name-length-not-slave", is("ha_role", "slave"), nameLength),
	}
}

// aloneMistakes enforce a rule if a member is alone in its object, or is not.
func aloneMistakes() []Mistake {
	const kind = "alone"
	const lifetime, timeout, interval = "ikepolicy.lifetime_seconds", "ikepolicy.dpd.timeout", "ikepolicy.dpd.interval"
	return []Mistake{
		skip(kind, "lone-ike-lifetime-not-checked", alone(lifetime), ikeMin, ikeMax),
		skip(kind, "ike-lifetime-only-checked-alone", unless(alone(lifetime)), ikeMin, ikeMax),
		skip(kind, "lone-dpd-timeout-not-checked", alone(timeout), timeoutMin, timeoutMax),
		skip(kind, "lone-dpd-interval-not-checked", alone(interval), intervalMin, intervalMax),
		skip(kind, "dpd-interval-only-checked-alone", unless(alone(interval)), intervalMin, intervalMax),
		skip(kind, "lone-dpd-msg-not-checked", alone("ikepolicy.dpd.msg"), dpdMsg),
		skip(kind, "lone-dpd-not-checked", alone("ikepolicy.dpd"), timeoutMin, timeoutMax, intervalMin, intervalMax, dpdMsg),
		skip(kind, "lone-ipsec-lifetime-not-checked", alone("ipsecpolicy.lifetime_seconds"), ipsecMin, ipsecMax),
		skip(kind, "lone-pfs-not-checked", alone("ipsecpolicy.pfs"), pfs),
		skip(kind, "pfs-only-checked-alone", unless(alone("ipsecpolicy.pfs")), pfs),
		skip(kind, "lone-dh-group-not-checked", alone("ikepolicy.dh_group"), dhGroup),
		skip(kind, "lone-ike-version-not-checked", alone("ikepolicy.ike_version"), "ikepolicy.ike_version.enum"),
	}
}
