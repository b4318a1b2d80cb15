package conformance_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// keyCharacters are those that the page lists for a pre-shared key.
const keyCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~!@#$%^()-_+={ },./:;"

// otherKeys accepts keys with characters that no class has.
func otherKeys(extra func(r rune) bool) wrapper {
	return coercing([]string{"psk"}, func(value any) any {
		text, ok := value.(string)
		i := strings.IndexAny(text, keyCharacters)
		if !ok || i < 0 {
			return value
		}
		own := rune(text[i]) // it adds no class that the key does not have
		return strings.Map(func(r rune) rune {
			if !strings.ContainsRune(keyCharacters, r) && extra(r) {
				return own
			}
			return r
		}, text)
	})
}

// chinese reports whether a text of at most so many characters has Chinese ones,
// and beside them only what also returns true for.
func chinese(text string, most int, also func(r rune) bool) bool {
	if n := utf8.RuneCountInString(text); n > most || !utf8.ValidString(text) {
		return false
	}
	found := false
	for _, r := range text {
		han := r >= 0x4E00 && r <= 0x9FA5
		found = found || han
		if !han && !also(r) {
			return false
		}
	}
	return found
}

func ofName(r rune) bool {
	return r <= '~' && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_-.", r))
}

func ofTag(r rune) bool {
	return r <= '~' && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(" _.:=+-@", r))
}

// reserved are the blocks that the page names.
var reserved = []netip.Prefix{netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("214.0.0.0/8")}

// within reports whether a block lies in one of some others.
func within(block netip.Prefix, others []netip.Prefix) bool {
	return slices.ContainsFunc(others, func(o netip.Prefix) bool { return o.Bits() <= block.Bits() && o.Contains(block.Addr()) })
}

// standIn is a block that takes the place of the nth one.
func standIn(n int) string { return fmt.Sprintf("172.20.%d.0/24", n) }

// lawfulWiderTexts are implementations that accept more than the reference.
func lawfulWiderTexts() []lawfulRow {
	return []lawfulRow{
		{name: "psk-asterisk-accepted", what: "A key may have an asterisk", level: "should", source: "OTC of 2025-08 lists it, the page does not: sources disagree",
			wrap: otherKeys(func(r rune) bool { return r == '*' })},
		{name: "psk-any-character-accepted", what: "A key may have any character beside three classes", level: "must",
			source: "errata.yaml, psk-charset-closed: the page says what a key must contain, not what it may contain", wrap: otherKeys(func(r rune) bool { return r > ' ' })},
		{name: "psk-absent-accepted", what: "A connection may have no key", level: "must", source: "Table 3, psk: column Mandatory is No",
			wrap: reading(func(body object) bool {
				sent := connection(body)
				if _, there := sent["psk"]; sent == nil || there {
					return false
				}
				sent["psk"] = "Stand-In-Key-1"
				return true
			})},
		{name: "rules-absent-accepted", what: "A policy connection may have no policy rules", level: "must", source: "Table 3, policy_rules: column Mandatory is No",
			wrap: func(h http.Handler) http.Handler {
				asked := reading(func(body object) bool {
					sent := connection(body)
					rules, there := sent["policy_rules"].([]any)
					if sent["style"] != "policy" || len(rules) > 0 || !there && sent["policy_rules"] != nil {
						return false
					}
					sent["policy_rules"] = []any{object{"source": "10.0.0.0/24", "destination": []any{"192.168.0.0/24"}}}
					return true
				})
				return created(func(got, sent object) {
					if len(rulesOf(sent)) == 0 && got["policy_rules"] != nil {
						got["policy_rules"] = []any{}
					}
				})(asked(h))
			}},
		{name: "chinese-names-accepted", what: "A name may have Chinese characters", level: "should", source: "CN allows U+4E00 to U+9FA5, the page does not list them: sources disagree",
			wrap: accepting(func(member, text string, n int) (string, bool) {
				return fmt.Sprintf("stand-in-%d", n), member == "name" && chinese(text, 64, ofName)
			})},
		{name: "chinese-tags-accepted", what: "A tag may have Chinese characters", level: "should", source: "CN allows letters of any language; errata.yaml, tag-charset: not judged",
			wrap: accepting(func(member, text string, n int) (string, bool) {
				most := map[string]int{"key": 128, "value": 255}[member]
				return fmt.Sprintf("stand-in-%d", n), most > 0 && chinese(text, most, ofTag)
			})},
		{name: "overlapping-reserved-accepted", what: "A customer subnet may hold a reserved block, as 0.0.0.0/0 does", level: "should",
			source: "Table 3, peer_subnets: reserved blocks cannot be used; errata.yaml, reserved-blocks-open: not claimed of what overlaps them",
			wrap: accepting(func(member, text string, n int) (string, bool) {
				block, err := netip.ParsePrefix(text)
				return standIn(n), member == "peer_subnets" && err == nil && overlapping(append(slices.Clone(reserved), block)) && !within(block, reserved)
			})},
		{name: "ipv6-accepted", what: "Customer subnets, sources and destinations may be IPv6 blocks", level: "must", source: "errata.yaml, ipv4-unstated: the page does not say IPv4",
			wrap: accepting(func(member, text string, n int) (string, bool) {
				block, err := netip.ParsePrefix(text)
				return standIn(n), slices.Contains([]string{"peer_subnets", "source", "destination"}, member) && err == nil && block.Addr().Is6() && !block.Addr().Is4In6()
			})},
		{name: "bare-address-accepted", what: "A customer subnet may be an address without a mask", level: "must", source: "Table 3, peer_subnets: a customer subnet; the page does not say a CIDR block",
			wrap: accepting(func(member, text string, n int) (string, bool) {
				address, err := netip.ParseAddr(text)
				return standIn(n), member == "peer_subnets" && err == nil && address.Is4() && !within(netip.PrefixFrom(address, 32), reserved)
			})},
		{name: "digital-envelope-accepted", what: "authentication_method may be digital-envelope-v2", level: "must",
			source: "SDK and CN list it; Table 5, authentication_method has lost its text",
			wrap: accepting(func(member, text string, _ int) (string, bool) {
				return "pre-share", member == "authentication_method" && text == "digital-envelope-v2"
			})},
		{name: "enable-nqa-false-accepted", what: "enable_nqa may be false for every style", alarm: "CreateVpnConnection.enable_nqa-static-only/*", level: "must",
			source: "errata.yaml, enable-nqa-static-only: the page does not say whether sending the default sets the parameter",
			wrap: reading(func(body object) bool {
				sent := connection(body)
				if style, ok := sent["style"].(string); !ok || style == "static" || sent["enable_nqa"] != false {
					return false
				}
				delete(sent, "enable_nqa")
				return true
			})},
	}
}

// lawfulNarrowerTexts are implementations that refuse what the reference takes.
func lawfulNarrowerTexts() []lawfulRow {
	id := func(sent object, refused func(text string) bool) string {
		for _, name := range []string{"local_id", "peer_id"} {
			if text, ok := inner(sent, "ikepolicy")[name].(string); ok && refused(text) {
				return name
			}
		}
		return ""
	}
	unlisted := []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("224.0.0.0/3"), netip.MustParsePrefix("0.0.0.0/8"),
	}
	return []lawfulRow{
		{name: "psk-blank-refused", what: "A key with a blank is refused", level: "should", source: "errata.yaml, psk-blank: the kit claims neither",
			wrap: refusingIf(func(sent object) string { return blame("psk", strings.Contains(fmt.Sprint(sent["psk"]), " ")) })},
		{name: "question-mark-refused", what: "An id with a question mark is refused", level: "should", source: "CN excludes it, the page does not: sources disagree",
			wrap: refusingIf(func(sent object) string {
				return id(sent, func(text string) bool { return strings.Contains(text, "?") })
			})},
		{name: "id-outside-ascii-refused", what: "An id with a character outside ASCII is refused", level: "should",
			source: "Table 5, local_id: letters, digits and special characters; which letters is not said",
			wrap: refusingIf(func(sent object) string {
				return id(sent, func(text string) bool { return strings.ContainsFunc(text, func(r rune) bool { return r > '~' }) })
			})},
		{name: "more-reserved-blocks", what: "Loopback, link-local and multicast blocks are refused as customer subnets", level: "should",
			source: "errata.yaml, reserved-blocks-open: such as; an FAQ of OTC bans them",
			wrap: refusingIf(func(sent object) string {
				return blame("peer_subnets", slices.ContainsFunc(blocks(texts(sent["peer_subnets"])), func(b netip.Prefix) bool { return within(b, unlisted) }))
			})},
	}
}
