package fault

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// nearness is a way to take a text for a value of an enumeration that is none.
type nearness struct {
	name, says string
	takes      func(text, value string) bool
	near       func(value string) []string // texts that are taken
}

// digits are those at one place of a value.
var digits = regexp.MustCompile(`[0-9]+`)

// nearnesses are how an implementation may look at a value and not see that it
// is none.
func nearnesses() []nearness {
	fold := func(s string) string { return strings.NewReplacer("-", "", "_", "", " ", "").Replace(s) }
	return []nearness{
		{"beginnings", "the beginning of a value", func(t, v string) bool { return t != "" && t != v && strings.HasPrefix(v, t) },
			func(v string) []string { return []string{v[:len(v)-1], v[:1]} }},
		{"endings", "the end of a value", func(t, v string) bool { return t != "" && t != v && strings.HasSuffix(v, t) },
			func(v string) []string { return []string{v[1:], v[len(v)-1:]} }},
		{"longer", "a value and more behind it", func(t, v string) bool { return len(t) > len(v) && strings.HasPrefix(t, v) },
			func(v string) []string { return []string{v + "x", v + "0"} }},
		{"longer-before", "a value and more before it", func(t, v string) bool { return len(t) > len(v) && strings.HasSuffix(t, v) },
			func(v string) []string { return []string{"x" + v, "0" + v} }},
		{"other-case", "a value in the other case", func(t, v string) bool { return t != v && strings.EqualFold(t, v) },
			func(v string) []string {
				return []string{strings.ToUpper(v), strings.ToUpper(v[:1]) + v[1:], v[:len(v)-1] + strings.ToUpper(v[len(v)-1:])}
			}},
		{"other-number", "a value with another number in it", func(t, v string) bool {
			return t != v && digits.MatchString(t) && digits.ReplaceAllString(t, "0") == digits.ReplaceAllString(v, "0")
		}, neighbours},
		{"without-hyphens", "a value written without its hyphens, or with others", func(t, v string) bool { return t != v && strings.Contains(v, "-") && fold(t) == fold(v) },
			func(v string) []string {
				return []string{strings.ReplaceAll(v, "-", ""), strings.ReplaceAll(v, "-", "_")}
			}},
		{"line-feed", "a value with a line feed behind it", func(t, v string) bool { return t == v+"\n" },
			func(v string) []string { return []string{v + "\n"} }},
		{"blanks", "a value with blanks around it", func(t, v string) bool { return t != v && strings.TrimSpace(t) == v && !strings.HasSuffix(t, "\n") },
			func(v string) []string { return []string{" " + v, v + " "} }},
		{"numbers", "the number of a value", func(t, v string) bool { return t != v && t != "" && t == digits.FindString(v) },
			func(v string) []string { return []string{digits.FindString(v)} }},
	}
}

// neighbours are a value with the next numbers in it.
func neighbours(value string) []string {
	var out []string
	for _, by := range []int{1, -1, 2, 10} {
		out = append(out, digits.ReplaceAllStringFunc(value, func(n string) string {
			number, _ := strconv.Atoi(n) // it has digits alone
			return strconv.Itoa(max(number+by, 0))
		}))
	}
	return out
}

// aliases are names that the field knows, beside those of the document.
var aliases = []string{
	"aes128", "aes192", "aes256", "aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm", "aes-128-gcm-128", "aes-256-gcm-128", "des", "camellia-256", "chacha20poly1305", "null",
	"sha", "sha-1", "sha256", "sha384", "sha512", "sha-256", "sha2", "sha3-256", "aes-xcbc", "sm3", "sm4",
	"group3", "group4", "group17", "group18", "group22", "group24", "group31", "modp2048", "ecp256", "none", "off", "default", "auto", "any",
	"ikev1", "ikev2", "v3", "1", "2", "psk", "pre-shared-key", "rsa", "certificate", "digital-envelope-v2", "quick", "base", "ah", "ah-esp", "transport",
	"dns", "ipv4", "address", "email", "user-fqdn", "key-id", "active", "standby", "primary", "backup", "route", "dynamic", "ospf", "policy-template",
}

// nearValues are the faults of an enumeration that is not closed.
func (w *world) nearValues(d *breaches) []Fault {
	r := d.rule
	at, _ := openapi.Find(w.op.JSON(), r.Schema)
	var values []string
	for _, value := range r.Schema.Enum {
		text, isText := value.(string)
		if !isText {
			return nil
		}
		values = append(values, text)
	}
	var out []Fault
	addIn := func(kind surrounding, name, says string, candidates []string, takes func(text string) bool) {
		taken := func(q *asked) bool {
			text, ok := lookup(q.body, q.concrete(at)).(string)
			return ok && takes(text) && !unclaimed(r.Schema, text) && (kind.passes == nil || kind.passes(q))
		}
		for _, text := range candidates {
			if slices.Contains(values, text) || unclaimed(r.Schema, text) || !takes(text) {
				continue
			}
			for _, q := range d.cloud {
				body := put(q.body, at, text)
				if body == nil || !w.asked(body).breaksAlone(r) || !taken(w.asked(body)) {
					continue
				}
				out = append(out, Fault{
					ID: "rule/" + r.ID + "/takes-" + name, Kind: "near-value", Rule: r.ID, Within: true,
					Breaks: fmt.Sprintf("a request is accepted with %s, such as %q, although not: %s", says, text, r.Message),
					make:   notEnforced(r, taken), witness: sent(body),
				})
				return
			}
		}
	}
	var kinds []surrounding
	if variant := w.variant(); variant != "" && variant != at {
		kinds = slices.DeleteFunc(d.ofValues(w, variant), func(s surrounding) bool { return s.kind != "not-for-one-value" })
	}
	add := func(name, says string, candidates []string, takes func(text string) bool) {
		addIn(surrounding{}, name, says, candidates, takes)
		for _, kind := range kinds {
			if slices.Contains([]string{"other-number", "without-hyphens", "aliases"}, name) {
				addIn(kind, name+"-"+kind.name, says+" "+kind.says, candidates, takes)
			}
		}
	}
	for _, n := range nearnesses() {
		var candidates []string
		for _, value := range values {
			candidates = append(candidates, n.near(value)...)
		}
		add(n.name, n.says, candidates, func(text string) bool {
			return slices.ContainsFunc(values, func(value string) bool { return n.takes(text, value) })
		})
	}
	others := w.otherValues(r.Schema)
	add("values-of-others", "a value of another enumeration", others, func(text string) bool { return slices.Contains(others, text) })
	add("aliases", "a name that the field knows", aliases, func(text string) bool { return slices.Contains(aliases, text) })
	return out
}

// otherValues are those of the other enumerations of a request.
func (w *world) otherValues(s *openapi3.Schema) []string {
	var out []string
	for _, m := range members(w.op.JSON(), "") {
		for _, value := range m.schema.Enum {
			text, isText := value.(string)
			if isText && !slices.Contains(s.Enum, value) && !slices.Contains(out, text) {
				out = append(out, text)
			}
		}
	}
	return out
}

// unclaimed tells whether no source says if a text is accepted.
func unclaimed(s *openapi3.Schema, text string) bool {
	pattern, _ := s.Extensions["x-unclaimed"].(string)
	if pattern == "" {
		return false
	}
	open, err := regexp.Compile(pattern)
	return err == nil && open.MatchString(text)
}
