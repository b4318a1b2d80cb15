package judge

import (
	"regexp"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/secrets"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// masker puts something else in the place of what must not be shown; nil masks
// nothing.
type masker struct {
	secrets *secrets.Set
}

// Mask masks the secrets of the run.
func (m *masker) Mask(text string) string {
	if m == nil {
		return text
	}
	return m.secrets.Mask(text)
}

// secretWords are in the names of members and header fields whose values are
// nobody's business: those that a target sends of its own accord too.
const secretWords = `psk|pre.?shared|private.?key|` + environment.CredentialWords

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

// MaskNamed masks the texts in JSON, or in what is meant to be, that have the
// name of a secret. What stands there for a secret of the request stays.
func (m *masker) MaskNamed(text string) string {
	if m == nil || !maySay(text) {
		return text
	}
	return secretMembers.ReplaceAllStringFunc(text, func(member string) string {
		parts := secretMembers.FindStringSubmatch(member)
		return parts[1] + `"` + m.named(parts[2]) + `"`
	})
}

// MaskField masks the value of a header field that has the name of a secret.
func (m *masker) MaskField(name, value string) string {
	if value = m.Mask(value); m != nil && maySay(name) && secretNames.MatchString(name) {
		return m.named(value)
	}
	return value
}

// maskGot masks what came at a place.
func (m *masker) maskGot(d *report.Difference) string {
	name := d.Pointer[strings.LastIndexByte(d.Pointer, '/')+1:]
	if strings.HasPrefix(d.Pointer, "/headers/") {
		return m.MaskField(name, d.Got)
	}
	got := m.Mask(d.Got)
	if text, isText := strings.CutPrefix(got, `"`); m != nil && isText && secretNames.MatchString(name) {
		return `"` + m.named(strings.TrimSuffix(text, `"`)) + `"`
	}
	return m.MaskNamed(got)
}

// named is what is shown of a value with the name of a secret, in which those of
// the request are masked.
func (m *masker) named(value string) string {
	if value == "" || (client.StandIns{}).Find(value) != 0 {
		return value
	}
	return withheld
}
