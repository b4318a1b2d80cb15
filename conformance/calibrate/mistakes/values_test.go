package mistakes

import (
	"encoding/json"
	"fmt"
	"strings"
)

// repeated returns n items, the i-th of which is another.
func repeated(n, i int, item func(int) any, other any) []any {
	var list []any
	for j := range n {
		list = append(list, item(j))
	}
	if i >= 0 {
		list[i] = other
	}
	return list
}

// changes returns what is tried in every context: values at the edges of the
// rules and beyond them, in one member each.
func changes() []func(body) {
	var all []func(body)
	one := func(path string, values ...any) {
		for _, value := range values {
			all = append(all, func(b body) { set(b, path, value) })
		}
	}
	all = append(all, func(body) {})
	one("name", "", "a", "9abc", "-a", ".a", "_a", "a.", "a-", "123", "007", "1e3", "true", "10.0.0.1", "a..b", "a--b", "z9", "ZA0", "A_b", "---",
		"name\n", "name ", "na me", "na/me", "na:me", "na+me", "na[me", "!name", "name!", strings.Repeat("a", 64), strings.Repeat("b", 65), []any{"a"})
	one("psk", strings.Repeat("Ab1-", 32), strings.Repeat("Ab1-", 32)+"c", "Ab1-567", "abcdefgh", "abcdefgh1234", "abcd~!@#", "ABCDefgh", "9Bcdef-1", "-Bcdef-1",
		"Abc{}123", "Abc;d123", "Abc,d123", "Abc%d123", "Abcz9-12", "Abcdefg1", "Abc-defg", "Abc-1234\n", "Abc*1234")
	one("cgw_id", "short")
	one("vgw_ip", "10.0.0.134", "00000000-0000-4000-8000-000000000000", "192.168.45.9")
	one("style", "stat", "statics", " bgp", "BGPx")
	one("ha_role", "slave", "master", "standby", "masters", nil)
	one("enable_nqa", true, false, "true", "x", nil)
	for _, path := range []string{"ikepolicy.dh_group", "ipsecpolicy.pfs"} {
		one(path, "group1", "group3", "group22", "group24", "disable", "none", "14", "group14\n", " group14", "grou", "group14x", "GROUP14", "", "disabled", "group-14")
	}
	for _, path := range []string{"ikepolicy.encryption_algorithm", "ipsecpolicy.encryption_algorithm"} {
		one(path, "3des", "aes-256-gcm-16", "aes-128-gcm-16", "aes128", "aes256", "null", "aes-512", "aes-128-gcm-12", "aes-12", "aes-128x", "none", "des", "aes-128\n")
	}
	for _, path := range []string{"ikepolicy.authentication_algorithm", "ipsecpolicy.authentication_algorithm"} {
		one(path, "sha1", "sha256", "sha512", "sha2-224", "sha2", "sha1x", "SHA1", "sha2512")
	}
	one("ikepolicy.ike_version", "v1", "v3", "1", "v1x")
	one("ikepolicy.phase1_negotiation_mode", "main", "aggressive", "aggr", "mainx")
	one("ikepolicy.authentication_method", "psk", "pre-share\n")
	one("ikepolicy.dpd.msg", "seq-hash", "seqhashnotify", "seq-hash-notify", "x", nil)
	one("ipsecpolicy.transform_protocol", "ah", "espx", "ESP")
	one("ipsecpolicy.encapsulation_mode", "transport", "tun")
	one("ikepolicy.local_id_type", "ip", "ipx", "fq", nil)
	one("ikepolicy.peer_id_type", "ip", "ip\n", nil)
	one("ikepolicy.lifetime_seconds", -1, 0, 30, 59, 60, 61, 65537, 604800, 604801, json.Number("60.5"), nil)
	one("ipsecpolicy.lifetime_seconds", 0, 29, 30, 59, 61, 86401, 604800, 604801, nil)
	one("ikepolicy.dpd.timeout", 1, 2, 10, 60, 61, nil)
	one("ikepolicy.dpd.interval", 2, 9, 10, 60, 61, 3600, 3601, json.Number("60.5"), "60", nil)
	for _, path := range []string{"ikepolicy.local_id", "ikepolicy.peer_id"} {
		one(path, nil, "", "123", "007", "10.0.0.1", "a@b.example", "-a", "a_b", `'a"`, "a%41", "{a}", "ABC", "true", "a~", "a.b.", "a&b", "a]b", "a ", `a\b`, " a",
			strings.Repeat("a", 64), strings.Repeat("a", 129), strings.Repeat("ab.", 85), strings.Repeat("a", 256))
	}
	for _, mode := range []string{"main", "aggressive", "aggr", "mainx"} {
		all = append(all, func(b body) { set(b, "ikepolicy.ike_version", "v1"); set(b, "ikepolicy.phase1_negotiation_mode", mode) })
	}
	for _, algorithm := range []string{"aes-128-gcm-16", "aes-256-gcm-16"} {
		all = append(all, func(b body) {
			set(b, "ikepolicy.ike_version", "v1")
			set(b, "ikepolicy.encryption_algorithm", algorithm)
		})
	}
	all = append(all, func(b body) {
		set(b, "ikepolicy.ike_version", nil)
		set(b, "ikepolicy.phase1_negotiation_mode", "main")
	}, func(b body) {
		for _, member := range []string{"local_id", "peer_id", "peer_id_type"} {
			set(b, "ikepolicy."+member, nil)
		}
	})
	lists(&all, one)
	tunnels(&all)
	return all
}

// lists adds lists of several lengths, with what is wrong at several places.
func lists(all *[]func(body), one func(string, ...any)) {
	subnet := func(i int) any { return fmt.Sprintf("10.%d.0.0/16", i) }
	one("peer_subnets", nil, []any{}, []any{"8.8.8.0/24"}, []any{"10.0.0.0/8"}, []any{"10.0.0.1/32"}, []any{"10.0.0.0/31"}, []any{"1.0.0.0/8", "2.0.0.0/7"},
		[]any{"128.0.0.0/2"}, []any{"100.128.0.0/24"}, []any{"100.100.0.0/16"}, []any{"100.64.0.0/10"}, []any{"100.127.1.0/25"}, []any{"214.9.0.0/24"},
		[]any{"10.0.0.0/24", "10.0.0.0/24"}, []any{"10.0.0.0/24", "10.0.1.0/24"}, []any{"10.0.0.5/24"}, []any{map[string]any{}},
		repeated(50, -1, subnet, nil), repeated(51, -1, subnet, nil))
	for _, n := range []int{1, 2, 3, 30, 50} {
		for _, i := range []int{0, 1, n / 2, n - 1} {
			if i < n {
				one("peer_subnets", repeated(n, i, subnet, "100.64.1.0/24"), repeated(n, i, subnet, "x"))
			}
		}
	}
	tag := func(i int) any { return map[string]any{"key": fmt.Sprintf("k%d", i), "value": "v"} }
	ofKey := func(s any) any { return map[string]any{"key": s, "value": "v"} }
	ofValue := func(s any) any { return map[string]any{"key": "key", "value": s} }
	for _, s := range []string{"", "k", "9a", "12", "a:b", "a b", "a  b", " a", "+a", "Ñü", "ã", "é", "KEY", "a*b", "a;b", strings.Repeat("ñ", 128), strings.Repeat("a", 129), strings.Repeat("a", 128)} {
		one("tags", []any{ofKey(s)})
	}
	for _, s := range []string{"", "12", "007", "true", "10.0.0.1", "a@b.example", "a  b", "+a", "=a", "@a", "ü", "Ñ", "VALUE", " a ", "a=b", "a*", "a\n", strings.Repeat("ñ", 255), strings.Repeat("a", 255), strings.Repeat("a", 256)} {
		one("tags", []any{ofValue(s)})
	}
	one("tags", []any{ofValue(5)}, []any{ofValue(map[string]any{})}, []any{ofKey("a"), ofKey("a")}, repeated(20, -1, tag, nil), repeated(21, -1, tag, nil))
	long := func(i int) any {
		return map[string]any{"key": strings.Repeat("k", 125) + fmt.Sprint(i), "value": strings.Repeat("ü", 255)}
	}
	one("tags", repeated(20, -1, long, nil))
	for _, n := range []int{1, 2, 3, 20} {
		for _, i := range []int{0, 1, n / 2, n - 1} {
			if i < n {
				one("tags", repeated(n, i, tag, ofKey("*")), repeated(n, i, tag, ofKey("")), repeated(n, i, tag, ofValue("*")),
					repeated(n, i, tag, ofValue(strings.Repeat("v", 256))), repeated(n, i, tag, map[string]any{"value": "v"}), repeated(n, i, tag, map[string]any{"key": "k"}))
			}
		}
	}
	rules(all)
}

// rules adds lists of policy rules.
func rules(all *[]func(body)) {
	rule := func(i int) any { return map[string]any{"source": fmt.Sprintf("10.0.%d.0/24", i)} }
	with := func(i int, members ...any) any {
		m := map[string]any{"source": fmt.Sprintf("10.9.%d.0/24", i), "destination": []any{"192.168.0.0/24"}}
		for j := 0; j < len(members); j += 2 {
			m[members[j].(string)] = members[j+1]
		}
		return m
	}
	one := func(list ...any) {
		*all = append(*all, func(b body) { set(b, "policy_rules", list) })
	}
	block := func(i int) any { return fmt.Sprintf("172.16.%d.0/24", i) }
	for _, v := range []any{-1, 0, 1, 50, 51} {
		one(with(1, "rule_index", v))
		one(with(1), with(2, "rule_index", v))
	}
	for _, s := range []string{"0.0.0.0/0", "8.8.8.0/24", "10.0.0.1/32", "10.0.0.0/30", "10.0.0.5/24", "128.0.0.0/1", "x", "2001:db8::/32"} {
		one(with(1, "source", s))
		one(with(1), with(2, "source", s))
		one(with(1, "destination", []any{s}))
		one(with(1), with(2, "destination", []any{s}))
	}
	for _, n := range []int{2, 3, 30, 50} {
		for _, i := range []int{0, 1, n / 2, n - 1} {
			one(with(1, "destination", repeated(n, i, block, "x")))
		}
	}
	one(with(1, "destination", repeated(50, -1, block, nil)), with(2, "destination", repeated(50, -1, block, nil)))
	one(with(1), with(2, "destination", repeated(51, -1, block, nil)))
	one(with(1, "destination", repeated(50, 1, block, "172.16.0.0/24")))
	for _, pair := range [][3]int{{2, 0, 1}, {3, 0, 2}, {3, 1, 2}, {4, 1, 3}, {5, 0, 4}, {5, 1, 2}} {
		list, other := repeated(pair[0], -1, rule, nil), repeated(pair[0], -1, rule, nil)
		list[pair[1]], list[pair[2]] = with(1, "rule_index", 0), with(2, "rule_index", 0)
		other[pair[1]], other[pair[2]] = with(1), with(1)
		one(list...)
		one(other...)
	}
	one(repeated(6, -1, rule, nil)...)
	full := func(i int) any { return with(i, "destination", repeated(50, -1, block, nil)) }
	one(repeated(5, -1, full, nil)...)
	*all = append(*all, func(b body) { // as large as it can be
		long := func(i int) any {
			return map[string]any{"key": strings.Repeat("ñ", 126) + fmt.Sprintf("%02d", i), "value": strings.Repeat("ü", 255)}
		}
		wide := func(i int) any { return fmt.Sprintf("192.168.%d.128/25", 100+i) }
		wider := func(i int) any { return with(i, "destination", repeated(50, -1, wide, nil)) }
		b["style"], b["policy_rules"], b["tags"], b["peer_subnets"] = "policy", repeated(5, -1, wider, nil), repeated(20, -1, long, nil), repeated(50, -1, wide, nil)
	})
}

// tunnels adds pairs of tunnel addresses.
func tunnels(all *[]func(body)) {
	for _, pair := range [][2]string{
		{"169.254.56.226/30", "169.254.56.225/30"}, {"169.254.0.1/30", "169.254.0.2/30"}, {"169.254.255.253/30", "169.254.255.254/30"},
		{"169.254.194.1/30", "169.254.194.2/30"}, {"169.254.195.1/30", "169.254.195.2/30"}, {"169.254.195.5/30", "169.254.195.6/30"},
		{"169.253.1.1/30", "169.253.1.2/30"}, {"169.255.1.1/30", "169.255.1.2/30"}, {"10.0.0.1/30", "10.0.0.2/30"},
		{"169.254.56.225/29", "169.254.56.226/29"}, {"169.254.56.225/31", "169.254.56.226/31"}, {"169.254.56.224/30", "169.254.56.225/30"},
		{"169.254.56.225/30", "169.254.56.227/30"}, {"169.254.56.225/30", "169.254.56.230/30"}, {"169.254.56.225/30", "169.254.56.225/30"},
	} {
		*all = append(*all, func(b body) { b["tunnel_local_address"], b["tunnel_peer_address"] = pair[0], pair[1] })
	}
}
