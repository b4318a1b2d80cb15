package conformance

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// secrets puts something else in the place of what must not be shown.
type secrets struct {
	whole   *strings.Replacer
	escaped []masked
	shown   []*secret // in their places
}

// masked is a secret and what is shown for it.
type masked struct {
	*secret
	instead string
}

// newSecrets masks secrets, each with the other text.
func newSecrets(instead map[string]string) *secrets {
	shown := map[string]string{}
	s := &secrets{}
	for _, text := range slices.Sorted(maps.Keys(instead)) {
		substitutes := formsOf(instead[text])
		hidden := masked{inParts(text), instead[text]}
		if hidden.inPart(instead[text]) { // then there is no end of it
			hidden.parts = ""
		}
		for i, form := range hidden.forms {
			if _, there := shown[form]; !there { // what is lower case has one form less
				shown[form] = substitutes[i]
			}
		}
		s.escaped, s.shown = append(s.escaped, hidden), append(s.shown, inParts(instead[text]))
	}
	longest := slices.SortedFunc(maps.Keys(shown), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	var pairs []string
	for _, form := range longest {
		pairs = append(pairs, form, shown[form])
	}
	s.whole = strings.NewReplacer(pairs...)
	return s
}

// mask puts something else in the place of secrets; nil masks nothing.
func (s *secrets) mask(text string) string {
	if s == nil {
		return text
	}
	text = s.whole.Replace(text)
	for _, hidden := range s.escaped {
		if strings.ContainsAny(text, escapes) {
			text = hidden.escaped().ReplaceAllLiteralString(text, hidden.instead)
		}
		text = hidden.maskParts(text)
	}
	return text
}

// maskParts puts something else in the place of parts of a secret: the same part
// of it, or all of it if it is of another length.
func (m masked) maskParts(text string) string {
	for {
		begin, end, at, found := partOf(text, m.parts)
		if !found {
			return text
		}
		instead := m.instead
		if len(instead) == len(m.parts) {
			instead = instead[at : at+end-begin]
		}
		text = text[:begin] + instead + text[end:]
	}
}

// secretWords are in the names of members and header fields whose values are
// nobody's business: those that a target sends of its own accord too.
const secretWords = `psk|pre.?shared|private.?key|` + suite.CredentialWords

var (
	secretNames = regexp.MustCompile(`(?i)` + secretWords)

	// secretMembers match members of JSON with such names whose values are texts.
	secretMembers = regexp.MustCompile(`(?i)("(?:[^"\\]|\\.)*(?:` + secretWords + `)(?:[^"\\]|\\.)*"\s*:\s*)"((?:[^"\\]|\\.)*)"`)
)

// secretParts are texts of which each name of a secret has one.
var secretParts = []string{"psk", "shared", "token", "secret", "passw", "signature", "authorization", "credential", "cookie", "private", "api"}

// maySay reports whether a text may hold the name of a secret. Nearly none does, and
// the expressions take longer.
func maySay(text string) bool {
	lower := strings.ToLower(text)
	return slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(lower, part) })
}

// withheld is shown for a value that has such a name.
const withheld = "***"

// maskNamed masks the texts in JSON, or in what is meant to be, that have the
// name of a secret. What stands there for a secret of the request stays.
func (s *secrets) maskNamed(text string) string {
	if s == nil || !maySay(text) {
		return text
	}
	return secretMembers.ReplaceAllStringFunc(text, func(member string) string {
		parts := secretMembers.FindStringSubmatch(member)
		return parts[1] + `"` + s.named(parts[2]) + `"`
	})
}

// maskField masks the value of a header field that has the name of a secret.
func (s *secrets) maskField(name, value string) string {
	if value = s.mask(value); s != nil && maySay(name) && secretNames.MatchString(name) {
		return s.named(value)
	}
	return value
}

// maskGot masks what came at a place.
func (s *secrets) maskGot(d *report.Difference) string {
	name := d.Pointer[strings.LastIndexByte(d.Pointer, '/')+1:]
	if strings.HasPrefix(d.Pointer, "/headers/") {
		return s.maskField(name, d.Got)
	}
	got := s.mask(d.Got)
	if text, isText := strings.CutPrefix(got, `"`); s != nil && isText && secretNames.MatchString(name) {
		return `"` + s.named(strings.TrimSuffix(text, `"`)) + `"`
	}
	return s.maskNamed(got)
}

// named is what is shown of a value with the name of a secret, in which those of
// the request are masked.
func (s *secrets) named(value string) string {
	if value == "" || slices.ContainsFunc(s.shown, func(stands *secret) bool { return stands.in(value) }) {
		return value
	}
	return withheld
}
