package mistakes

import (
	"regexp"
	"slices"
	"strings"
)

// oneOf lets some values of an enumeration through.
func oneOf(values ...string) func(Violation) bool {
	return func(v Violation) bool { return slices.Contains(values, v.text()) }
}

// like lets values of a form through.
func like(form string) func(Violation) bool {
	r := regexp.MustCompile(form)
	return func(v Violation) bool { s, ok := v.Value.(string); return ok && r.MatchString(s) }
}

// nearly lets a value through if something makes a listed one of it.
func nearly(listed []string, mend func(string) string) func(Violation) bool {
	return func(v Violation) bool {
		s, ok := v.Value.(string)
		return ok && slices.ContainsFunc(listed, func(l string) bool { return mend(l) == mend(s) })
	}
}

// prefixOf lets a value through if it begins a listed one; extends if it
// begins with one.
func prefixOf(listed []string) func(Violation) bool {
	return func(v Violation) bool {
		return v.text() != "" && slices.ContainsFunc(listed, func(l string) bool { return strings.HasPrefix(l, v.text()) })
	}
}

func extends(listed []string) func(Violation) bool {
	return func(v Violation) bool {
		return slices.ContainsFunc(listed, func(l string) bool { return strings.HasPrefix(v.text(), l) })
	}
}

// letters keeps letters and digits: aes-128, aes128 and AES_128 are one.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_ .", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

// ended takes a line feed from the end, as $ does in many languages.
func ended(s string) string { return strings.TrimSuffix(s, "\n") }

// enumerationMistakes let values into an enumeration that it does not list.
func enumerationMistakes() []Mistake {
	const kind = "open-enumeration"
	const version, ikeAuth, ipsecAuth = "ikepolicy.ike_version.enum", "ikepolicy.authentication_algorithm.enum", "ipsecpolicy.authentication_algorithm.enum"
	const transform, mode, method = "ipsecpolicy.transform_protocol.enum", "ipsecpolicy.encapsulation_mode.enum", "ikepolicy.authentication_method.enum"
	const phase1, localType, peerType = "ikepolicy.phase1_negotiation_mode.enum", "ikepolicy.local_id_type.enum", "ikepolicy.peer_id_type.enum"
	keys := append(slices.Clone(groups), "disable")
	return []Mistake{
		admit(kind, "dh-group-24", dhGroup, oneOf("group24")),
		admit(kind, "dh-group-neighbours", dhGroup, oneOf("group3", "group4", "group6", "group13", "group17", "group18", "group22", "group0")),
		admit(kind, "dh-group-any-number", dhGroup, like(`^group[0-9]+$`)),
		admit(kind, "dh-group-disable", dhGroup, oneOf("disable")),
		admit(kind, "dh-group-none", dhGroup, oneOf("none", "null", "no", "off", "disabled")),
		admit(kind, "dh-group-number-alone", dhGroup, like(`^(1|2|5|14|15|16|19|20|21)$`)),
		admit(kind, "dh-group-line-feed", dhGroup, nearly(groups, ended)),
		admit(kind, "dh-group-blanks-around", dhGroup, nearly(groups, strings.TrimSpace)),
		admit(kind, "dh-group-prefix", dhGroup, prefixOf(groups)),
		admit(kind, "dh-group-suffix", dhGroup, extends(groups)),
		atShould(admit(kind, "dh-group-any-case", dhGroup, nearly(groups, strings.ToLower))),
		admit(kind, "pfs-24", pfs, oneOf("group24")),
		admit(kind, "pfs-none", pfs, oneOf("none", "null", "no", "off")),
		admit(kind, "pfs-disabled", pfs, extends(keys)),
		admit(kind, "pfs-empty", pfs, oneOf("")),
		admit(kind, "pfs-punctuation", pfs, func(v Violation) bool {
			return nearly(keys, letters)(v) && !slices.Contains(keys, strings.ToLower(v.text()))
		}),
		admit(kind, "ike-encryption-aes128", ikeEncryption, nearly(encryptions, letters)),
		admit(kind, "ike-encryption-any-aes-length", ikeEncryption, like(`^aes-[0-9]+$`)),
		admit(kind, "ike-encryption-any-gcm", ikeEncryption, like(`^aes-(128|192|256)-gcm(-(8|12|16|24|32))?$`)),
		admit(kind, "ike-encryption-prefix", ikeEncryption, prefixOf(encryptions)),
		admit(kind, "ike-encryption-suffix", ikeEncryption, extends(encryptions)),
		admit(kind, "ipsec-encryption-aes128", ipsecEncryption, nearly(encryptions, letters)),
		admit(kind, "ipsec-encryption-aes-512", ipsecEncryption, oneOf("aes-512")),
		admit(kind, "ipsec-encryption-none", ipsecEncryption, oneOf("none", "null", "disable")),
		admit(kind, "ipsec-encryption-any-des", ipsecEncryption, like(`^[0-9]*des$`)),
		admit(kind, "ipsec-encryption-line-feed", ipsecEncryption, nearly(encryptions, ended)),
		admit(kind, "ike-authentication-sha256", ikeAuth, like(`^sha-?(256|384|512)$`)),
		admit(kind, "ike-authentication-prefix", ikeAuth, prefixOf(authentications)),
		admit(kind, "ike-authentication-any-sha2", ikeAuth, like(`^sha2-[0-9]+$`)),
		admit(kind, "ipsec-authentication-sha512", ipsecAuth, nearly(authentications, letters)),
		admit(kind, "ipsec-authentication-suffix", ipsecAuth, extends(authentications)),
		atShould(admit(kind, "ipsec-authentication-any-case", ipsecAuth, nearly(authentications, strings.ToLower))),
		admit(kind, "ike-version-v3", version, oneOf("v3")),
		admit(kind, "ike-version-any-number", version, like(`^v?[0-9]+$`)),
		admit(kind, "ike-version-suffix", version, extends([]string{"v1", "v2"})),
		admit(kind, "style-prefix", "style.enum", prefixOf([]string{"policy", "static", "bgp"})),
		admit(kind, "style-suffix", "style.enum", func(v Violation) bool {
			return extends([]string{"policy", "static", "bgp"})(v) && v.text() != "policy-template"
		}),
		admit(kind, "style-blanks-around", "style.enum", nearly([]string{"policy", "static", "bgp"}, strings.TrimSpace)),
		admit(kind, "phase1-mode-prefix", phase1, prefixOf([]string{"main", "aggressive"})),
		admit(kind, "phase1-mode-suffix", phase1, extends([]string{"main", "aggressive"})),
		admit(kind, "dpd-msg-prefix", dpdMsg, prefixOf([]string{"seq-hash-notify", "seq-notify-hash"})),
		admit(kind, "dpd-msg-punctuation", dpdMsg, nearly([]string{"seq-hash-notify", "seq-notify-hash"}, letters)),
		admit(kind, "transform-ah", transform, oneOf("ah", "ah-esp")),
		admit(kind, "transform-suffix", transform, extends([]string{"esp"})),
		admit(kind, "transform-any-case", transform, nearly([]string{"esp"}, strings.ToLower)),
		admit(kind, "encapsulation-transport", mode, oneOf("transport")),
		admit(kind, "encapsulation-prefix", mode, prefixOf([]string{"tunnel"})),
		admit(kind, "authentication-method-psk", method, oneOf("psk", "pre-shared", "pre-shared-key", "preshare", "pre_share")),
		admit(kind, "authentication-method-line-feed", method, nearly([]string{"pre-share"}, ended)),
		admit(kind, "ha-role-standby", "ha_role.enum", oneOf("active", "standby")),
		admit(kind, "ha-role-suffix", "ha_role.enum", extends([]string{"master", "slave"})),
		admit(kind, "local-id-type-suffix", localType, extends([]string{"ip", "fqdn"})),
		admit(kind, "local-id-type-prefix", localType, prefixOf([]string{"fqdn"})),
		admit(kind, "peer-id-type-line-feed", peerType, nearly([]string{"ip", "fqdn"}, ended)),
		where(style("policy"), admit(kind, "dh-group-24-with-policy", dhGroup, oneOf("group24"))),
		where(style("bgp"), admit(kind, "dh-group-none-with-bgp", dhGroup, oneOf("none"))),
		where(style("bgp"), admit(kind, "pfs-22-with-bgp", pfs, oneOf("group22"))),
		where(style("bgp"), admit(kind, "ike-authentication-sha256-with-bgp", ikeAuth, oneOf("sha256"))),
		where(style("policy"), admit(kind, "ipsec-encryption-null-with-policy", ipsecEncryption, oneOf("null"))),
		where(style("policy"), admit(kind, "ipsec-encryption-aes256-with-policy", ipsecEncryption, oneOf("aes256"))),
		where(style("bgp"), admit(kind, "ike-version-v3-with-bgp", version, oneOf("v3"))),
	}
}
