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

// Masker replaces what must not be shown. A nil Masker masks nothing.
type Masker struct {
	secrets *secrets.Set
}

// Mask masks the secrets of the run.
func (m *Masker) Mask(text string) string {
	if m == nil {
		return text
	}
	return m.secrets.Mask(text)
}

// secretWords are words in the names of members and header fields whose values must not
// be shown, even if the target chose them: a report may be passed on.
const secretWords = `psk|pre.?shared|private.?key|` + environment.CredentialWords

var (
	secretNames = regexp.MustCompile(`(?i)` + secretWords)

	// secretMembers match members of JSON with such names whose values are texts.
	secretMembers = regexp.MustCompile(`(?i)("(?:[^"\\]|\\.)*(?:` + secretWords + `)(?:[^"\\]|\\.)*"\s*:\s*)"((?:[^"\\]|\\.)*)"`)
)

// secretParts has a part of each of those words.
var secretParts = []string{"psk", "shared", "token", "secret", "passw", "signature", "authorization", "credential", "cookie", "private", "api"}

// mayNameSecret reports whether a text may contain the name of a secret. Almost no text
// does, and the regular expressions take longer.
func mayNameSecret(text string) bool {
	lower := strings.ToLower(text)
	return slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(lower, part) })
}

// withheld is shown instead of such a value.
const withheld = "***"

// MaskNamed masks texts in JSON, or in malformed JSON, whose member has the name of a
// secret. A stand-in for a secret of the request stays.
func (m *Masker) MaskNamed(text string) string {
	if m == nil || !mayNameSecret(text) {
		return text
	}
	return secretMembers.ReplaceAllStringFunc(text, func(member string) string {
		parts := secretMembers.FindStringSubmatch(member)
		return parts[1] + `"` + m.maskValue(parts[2]) + `"`
	})
}

// MaskField masks the value of a header field that has the name of a secret.
func (m *Masker) MaskField(name, value string) string {
	if value = m.Mask(value); m != nil && mayNameSecret(name) && secretNames.MatchString(name) {
		return m.maskValue(value)
	}
	return value
}

// maskGot masks the value of a difference.
func (m *Masker) maskGot(d *report.Difference) string {
	name := d.Pointer[strings.LastIndexByte(d.Pointer, '/')+1:]
	if strings.HasPrefix(d.Pointer, "/headers/") {
		return m.MaskField(name, d.Got)
	}
	got := m.Mask(d.Got)
	if text, isText := strings.CutPrefix(got, `"`); m != nil && isText && secretNames.MatchString(name) {
		return `"` + m.maskValue(strings.TrimSuffix(text, `"`)) + `"`
	}
	return m.MaskNamed(got)
}

// maskValue masks a value that has the name of a secret, unless it holds a stand-in.
func (m *Masker) maskValue(value string) string {
	if value == "" || (client.StandIns{}).Find(value) != 0 {
		return value
	}
	return withheld
}
