package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// The members of a request, by what is in them. Lists are named by their
// elements.
var (
	integerMembers = []string{"lifetime_seconds", "timeout", "interval", "rule_index"}
	booleanMembers = []string{"enable_nqa"}
	listMembers    = []string{"peer_subnets", "destination"}
	addressMembers = []string{"vgw_ip", "peer_subnets", "tunnel_local_address", "tunnel_peer_address", "source", "destination"}
	choiceMembers  = []string{
		"ike_version", "phase1_negotiation_mode", "authentication_algorithm", "encryption_algorithm", "dh_group",
		"authentication_method", "local_id_type", "peer_id_type", "msg", "pfs", "transform_protocol", "encapsulation_mode", "ha_role",
	}
	textMembers = slices.Concat(choiceMembers, addressMembers, []string{
		"name", "vgw_id", "cgw_id", "style", "psk", "local_id", "peer_id", "key", "value",
	})
	objectMembers = []string{"vpn_connection", "policy_rules", "ikepolicy", "dpd", "ipsecpolicy", "tags"}
	allMembers    = slices.Concat(textMembers, integerMembers, booleanMembers, objectMembers)
)

var (
	wholeNumber  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	shortNumber  = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?$`)
	dottedNumber = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+(/[0-9]+)?$`)
	leadingZeros = regexp.MustCompile(`\b0+([0-9])`)
	lastComma    = regexp.MustCompile(`,(\s*[}\]])`)
)

// coercing reads the values of some members otherwise than they were sent.
func coercing(members []string, change func(value any) any) wrapper {
	return reading(func(body object) bool {
		return walk(body, func(member string, listed bool, value any) any {
			if !slices.Contains(members, member) || listed != slices.Contains(listMembers, member) {
				return value
			}
			return change(value)
		})
	})
}

// wholly returns the integer that a number is, if it is one.
func wholly(value any) any {
	number, ok := value.(json.Number)
	if !ok || !shortNumber.MatchString(number.String()) {
		return value
	}
	if r, ok := new(big.Rat).SetString(number.String()); ok && r.IsInt() {
		return json.Number(r.Num().String())
	}
	return value
}

// lowerCase is strings.ToLower for the letters of ASCII alone.
func lowerCase(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}

func lowered(value any) any {
	if text, ok := value.(string); ok {
		return lowerCase(text)
	}
	return value
}

// lawfulScalars are values in another type or notation that lose nothing.
func lawfulScalars() []lawfulRow {
	const typed = "Tables 3 to 8 name a type; no source says that a value of another type that loses nothing is refused"
	return []lawfulRow{
		{
			name: "integer-as-text", what: `"60" is taken for 60`, source: typed, level: "must",
			wrap: coercing(integerMembers, func(value any) any {
				if text, ok := value.(string); ok && wholeNumber.MatchString(text) {
					return json.Number(text)
				}
				return value
			}),
		},
		{
			name: "integer-as-float", what: "60.0 and 6e1 are taken for 60", source: typed + "; RFC 8259, 6: they are one number",
			level: "must", wrap: coercing(integerMembers, wholly),
		},
		{
			name: "integer-as-float-refused", what: "60.0 and 6e1 are refused where an integer is wanted", source: typed, level: "must",
			wrap: func(h http.Handler) http.Handler {
				marked := coercing(integerMembers, func(value any) any {
					if number, ok := value.(json.Number); ok && strings.ContainsAny(number.String(), ".eE") {
						return "not an integer"
					}
					return value
				})
				return marked(h)
			},
		},
		{
			name: "text-as-number", what: `5 is taken for "5", and true for "true"`, source: typed, level: "must",
			wrap: coercing(textMembers, func(value any) any {
				switch value := value.(type) {
				case json.Number:
					return value.String()
				case bool:
					return string(encode(value))
				}
				return value
			}),
		},
		{
			name: "boolean-as-text", what: `"true" is taken for true`, source: typed, level: "must",
			wrap: coercing(booleanMembers, func(value any) any {
				switch value {
				case "true":
					return true
				case "false":
					return false
				}
				return value
			}),
		},
		{
			name: "boolean-as-number", what: "1 is taken for true, and 0 for false", source: typed, level: "must",
			wrap: coercing(booleanMembers, func(value any) any {
				switch value {
				case json.Number("1"):
					return true
				case json.Number("0"):
					return false
				}
				return value
			}),
		},
		{
			name: "leading-zeros", what: "Leading zeros in addresses and mask lengths are passed over, and not repeated", alarm: "PolicyRule.source-block/*", level: "must",
			source: "no source speaks of this notation",
			wrap: coercing(addressMembers, func(value any) any {
				if text, ok := value.(string); ok && dottedNumber.MatchString(text) {
					return leadingZeros.ReplaceAllString(text, "$1")
				}
				return value
			}),
		},
		{
			name: "leading-zeros-repeated", what: "Leading zeros in addresses and mask lengths are passed over, and repeated", alarm: "PolicyRule.source-block/*", level: "must",
			source: "no source speaks of this notation",
			wrap: accepting(func(member, text string, _ int) (string, bool) {
				without := leadingZeros.ReplaceAllString(text, "$1")
				return without, slices.Contains(addressMembers, member) && dottedNumber.MatchString(text) && without != text
			}),
		},
		{
			name: "choices-in-upper-case", what: "A value of an enumeration may come in upper case, and comes back in lower case", level: "must",
			source: "Tables 5 to 7 list values; none says that letters of another case are refused", wrap: coercing(choiceMembers, lowered),
		},
		{
			name: "style-in-upper-case", what: "style may come in upper case", level: "should",
			source: "errata.yaml, style-case: whether a service also takes upper case is not claimed",
			wrap: coercing([]string{"style"}, func(value any) any {
				if value == "STATIC" || value == "POLICY" || value == "BGP" {
					return lowered(value)
				}
				return value
			}),
		},
	}
}

// unknownMember returns a member of an object, or of one in it, that the page
// does not have; empty if there is none.
func unknownMember(value any) string {
	switch value := value.(type) {
	case object:
		for name, inner := range value {
			if !slices.Contains(allMembers, name) {
				return name
			}
			if found := unknownMember(inner); found != "" {
				return found
			}
		}
	case []any:
		for _, inner := range value {
			if found := unknownMember(inner); found != "" {
				return found
			}
		}
	}
	return ""
}

// withoutNull removes the members that are null, and reports whether there were.
func withoutNull(value any) bool {
	removed := false
	switch value := value.(type) {
	case object:
		for name, inner := range value {
			if inner == nil {
				delete(value, name)
				removed = true
				continue
			}
			removed = withoutNull(inner) || removed
		}
	case []any:
		for _, inner := range value {
			removed = withoutNull(inner) || removed
		}
	}
	return removed
}

// inLowerCase gives members the names of the page if they differ from them in
// case alone, and reports whether there were any.
func inLowerCase(value any) bool {
	renamed := false
	switch value := value.(type) {
	case object:
		for name, inner := range value {
			renamed = inLowerCase(inner) || renamed
			if lower := lowerCase(name); lower != name && value[lower] == nil && slices.Contains(allMembers, lower) {
				delete(value, name)
				value[lower] = inner
				renamed = true
			}
		}
	case []any:
		for _, inner := range value {
			renamed = inLowerCase(inner) || renamed
		}
	}
	return renamed
}

// lawfulReaders are ways to read a body.
func lawfulReaders() []lawfulRow {
	const extensions = "RFC 8259, 9: a parser may accept forms that are not JSON"
	return []lawfulRow{
		{
			name: "unknown-members-refused", what: "A member that the page does not have is refused", level: "should",
			source: "OTC-ERR, VPN.0013: unsupported attribute; no source says that others are passed over", wrap: refusingIf(func(sent object) string { return unknownMember(sent) }),
		},
		{
			name: "null-as-absent", what: "A member that is null counts as absent", level: "should",
			source: "no source says whether null is a value of a member",
			wrap:   reading(func(body object) bool { return withoutNull(body) }),
		},
		{
			name: "names-in-any-case", what: "Names of members are read in any case of letters", level: "should",
			source: "no source says that they are not; SDK and encoding/json read them so", wrap: reading(func(body object) bool { return inLowerCase(body) }),
		},
		{
			name: "last-duplicate-counts", what: "Of two members with one name the last one counts", level: "should",
			source: "RFC 8259, 4: many implementations do that, others refuse",
			wrap: readingBytes(func(data []byte) []byte {
				text := jsontext.Value(data)
				if body, ok := decodeObject(data); ok && !text.IsValid() && text.IsValid(jsontext.AllowDuplicateNames(true)) {
					return encode(body)
				}
				return data
			}),
		},
		{
			name: "rest-unread", what: "What stands behind the first JSON value is not read", source: extensions, level: "must",
			wrap: readingBytes(func(data []byte) []byte {
				dec := json.NewDecoder(bytes.NewReader(data))
				var first json.RawMessage
				if dec.Decode(&first) != nil {
					return data
				}
				if _, err := dec.Token(); errors.Is(err, io.EOF) {
					return data
				}
				return first
			}),
		},
		{
			name: "trailing-commas", what: "A comma behind the last element is passed over", alarm: "transport/body-*", source: extensions, level: "should",
			wrap: readingBytes(func(data []byte) []byte {
				if without := lastComma.ReplaceAll(data, []byte("$1")); !json.Valid(data) && json.Valid(without) {
					return without
				}
				return data
			}),
		},
		{
			name: "byte-order-mark", what: "A byte order mark before the body is passed over", level: "should",
			source: "RFC 8259, 8.1: a parser may ignore it",
			wrap:   readingBytes(func(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }),
		},
		{
			name: "any-content-type", what: "The Content-Type of a request is not looked at", level: "should",
			source: "the page says nothing of it; OTC-REQ recommends application/json",
			wrap: func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					r.Header.Set("Content-Type", "application/json")
					h.ServeHTTP(w, r)
				})
			},
		},
	}
}
