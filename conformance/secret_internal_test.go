package conformance

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strings"
	"testing"
)

// TestSecretForms hides a key in every form, finds it, and masks it so that it
// can be found neither as it is nor by who undoes the form.
func TestSecretForms(t *testing.T) {
	const key = `Vc1-x"y+z~:'.A9&<k>Q`
	quote := func(text string) string { data, _ := json.Marshal(text); return string(data) }
	each := func(format string) string {
		var b strings.Builder
		for _, c := range []byte(key) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
	forms := map[string]string{
		"plain":                      "key " + key + ".",
		"backwards":                  backwards(key),
		"upper case":                 strings.ToUpper(key),
		"lower case":                 strings.ToLower(key),
		"other case":                 strings.Map(otherCase, key),
		"Base64 twice":               base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(key)))),
		"in JSON":                    quote(`a"` + key),
		"in JSON in JSON":            quote(quote(quote(`"` + key))),
		"query":                      url.QueryEscape(key),
		"path":                       url.PathEscape(key),
		"every byte percent":         each("%%%02X"),
		"every byte percent, lower":  each("%%%02x"),
		"percent twice":              url.QueryEscape(url.QueryEscape(key)),
		"some bytes percent":         strings.Replace(key, "1", "%31", 1),
		"every character an escape":  each(`\u%04x`),
		"escapes in upper case":      each(`\u%04X`),
		"escapes of escapes":         quote(each(`\u%04x`)),
		"HTML, decimal":              each("&#%d;"),
		"HTML, hexadecimal":          each("&#x%x;"),
		"HTML, as a library has it":  html.EscapeString(key),
		"HTML in JSON":               quote(html.EscapeString(key)),
		"HTML of HTML":               html.EscapeString(html.EscapeString(key)),
		"percent in JSON":            strings.ReplaceAll(each("%%%02x"), "%", `\u0025`),
		"backslashes before signs":   strings.NewReplacer("-", `\-`, "+", `\+`).Replace(key),
		"hexadecimal":                hex.EncodeToString([]byte(key)),
		"hexadecimal in upper case":  strings.ToUpper(hex.EncodeToString([]byte(key))),
		"shell of another language":  each(`\x%02x`),
		"Base64 of something longer": base64.StdEncoding.EncodeToString([]byte(`{"psk":"` + key + `","x":1}`)),
	}
	for before := range 4 {
		text := "abcd"[:before] + key + "xyz"
		forms[fmt.Sprintf("Base64 after %d", before)] = base64.StdEncoding.EncodeToString([]byte(text))
		forms[fmt.Sprintf("Base64 of URLs after %d", before)] = base64.RawURLEncoding.EncodeToString([]byte(text))
		forms[fmt.Sprintf("Base64 at the end after %d", before)] = base64.StdEncoding.EncodeToString([]byte(text[:before+len(key)]))
	}
	s, mask := newSecret(key), newSecrets(map[string]string{key: MaskedKey})
	for name, text := range forms {
		if !s.in(text) {
			t.Errorf("%s: not found in %s", name, text)
		}
		shown := mask.mask(text)
		if s.in(shown) || strings.Contains(shown, key) {
			t.Errorf("%s: shown as %s", name, shown)
		}
		if !newSecret(MaskedKey).in(shown) {
			t.Errorf("%s: %s does not say what is masked", name, shown)
		}
		if again := mask.mask(shown); again != shown {
			t.Errorf("%s: masked twice it is %s", name, again)
		}
	}
	for _, other := range []string{"", key[:9], key[11:], "a" + key[5:14] + "b", `\u0056`, "%56%63", MaskedKey, "Vc1-Vc1-Vc1-Vc1-"} {
		if s.in(other) || inParts(key).in(other) || mask.mask(other) != other {
			t.Errorf("found in %q", other)
		}
	}
}

// TestSecretParts hides parts of a key, and of a token that is masked by a text
// of another length.
func TestSecretParts(t *testing.T) {
	const key, token = `Vc1-x"y+z~:'.A9&<k>Q`, "Token-of-the-Run-9876543210"
	mask := newSecrets(map[string]string{key: MaskedKey, token: maskedCredential})
	for secret, instead := range map[string]string{key: MaskedKey, token: maskedCredential} {
		whole := newSecret(secret)
		for from := range len(secret) {
			for to := from + longPart; to <= len(secret); to++ {
				part := secret[from:to]
				for _, text := range []string{part, "a" + part, part + "b", "x " + part + " y " + part, secret[:4] + part} {
					if !inParts(secret).in(text) || whole.in(text) && !strings.Contains(text, secret) {
						t.Fatalf("%q: found %t", text, inParts(secret).in(text))
					}
					shown := mask.mask(text)
					if inParts(secret).in(shown) || !inParts(instead).in(shown) || mask.mask(shown) != shown {
						t.Fatalf("%q is shown as %q", text, shown)
					}
				}
			}
		}
	}
}
