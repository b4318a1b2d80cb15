package client

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/secrets"
	"github.com/vpnconform/vpnconform/openapi"
)

// MaskedKey is shown instead of the pre-shared key. It is a valid key of the same length,
// so that a request with it is still accepted.
const MaskedKey = "Masked-Key-123456789"

// maskedCredential is shown instead of a credential that an answer repeats.
const maskedCredential = "Masked-Credential"

// shortestCredential is the length from which on an answer may not repeat a credential. A
// shorter one is masked, but an answer may contain it by chance.
const shortestCredential = 8

// ShortestSecret is the length from which on a text is masked. A text of up to seven
// characters is masked only between delimiters, and not if it is a word of the document
// or of the environment, which every report contains.
const ShortestSecret = secrets.Shortest

// StandIns finds the texts that are shown instead of secrets.
type StandIns struct{}

// Find returns the kinds of secrets whose stand-ins a text has.
func (StandIns) Find(text string) (found secrets.Kind) {
	if strings.Contains(text, MaskedKey) {
		found |= secrets.Key
	}
	if strings.Contains(text, maskedCredential) {
		found |= secrets.Credential
	}
	return found
}

// Secrets collects what must not be shown: the key, the token, the values of the
// configured header fields, the parts of these, the changed credentials that cases send,
// and the declared secrets. Texts of the document and of the environment are public.
func (c *Client) Secrets(doc *openapi.Document, env environment.Environment, declared []string) *secrets.Set {
	list := []secrets.Secret{{Text: c.Key, Kind: secrets.Key, StandIn: MaskedKey}}
	hide := func(texts ...string) {
		for _, text := range texts {
			list = append(list, secrets.Secret{Text: text, Kind: secrets.Hidden})
		}
	}
	send := func(texts ...string) {
		for _, text := range texts {
			if len(text) < shortestCredential {
				hide(text)
			} else {
				list = append(list, secrets.Secret{Text: text, Kind: secrets.Credential, StandIn: maskedCredential})
			}
		}
	}
	fields := maps.Clone(c.Configured)
	if c.token != "" {
		fields[c.Field] = c.token
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		send(fields[name])
		if name != c.Field && !environment.IsCredential(name) {
			continue
		}
		alone, beside := credentialParts(fields[name])
		send(alone...)
		hide(beside...)
		for _, how := range []string{"shortened", "lengthened", "changed"} {
			copied := spoil(fields[name], how)
			alone, beside := credentialParts(copied)
			hide(copied)
			hide(alone...)
			hide(beside...)
		}
	}
	hide(declared...)
	env.Headers = nil
	said, _ := json.Marshal(env) // texts always encode
	public := []string{string(openapi.Source()), string(said), c.Base.String(), "application/json", DefaultUserAgent}
	for _, rule := range doc.Rules {
		public = append(public, rule.Message)
	}
	return secrets.New(list, public...)
}

// credentialParts are the parts of a credential's header field. Alone are the parts that
// are as secret as the field: the word after a scheme, the password of Basic, the value
// of a cookie. Beside are parts that are masked too but that a target may repeat: the
// name of a user, a parameter.
func credentialParts(value string) (alone, beside []string) {
	scheme, rest, isScheme := strings.Cut(value, " ")
	if isScheme && !strings.ContainsAny(scheme, "=,;") {
		value = strings.TrimSpace(rest)
		if !strings.Contains(strings.TrimRight(value, "="), "=") {
			alone = append(alone, value)
		}
		if plain, err := base64.StdEncoding.DecodeString(value); err == nil && strings.EqualFold(scheme, "Basic") {
			user, password, _ := strings.Cut(string(plain), ":")
			return append(alone, string(plain), password), append(beside, user)
		}
	}
	for _, pair := range strings.FieldsFunc(value, func(r rune) bool { return r == ';' || r == ',' || r == ' ' }) {
		_, part, named := strings.Cut(pair, "=")
		part = strings.Trim(part, `"`)
		switch {
		case !named || strings.Trim(part, "=") == "":
		case isScheme && !strings.Contains(scheme, "="): // a parameter of the scheme, which may say what is signed
			beside = append(beside, part)
		default: // a cookie
			alone = append(alone, part)
		}
	}
	return alone, beside
}

// spoil changes a credential as [suite.Wire.Credentials] says. The result stays long
// enough that nobody guesses it.
func spoil(secret, how string) string {
	half := len(secret) / 2
	switch how {
	case "":
		return secret
	case "shortened":
		return secret[:max(half, 1)]
	case "lengthened":
		return secret + "0"
	case "changed": // in the middle
		other := byte('0')
		if secret[half] == other {
			other = '1'
		}
		return secret[:half] + string(other) + secret[half+1:]
	}
	return "wrong"
}

// maskTarget returns a refused target as an error may show it: without user, password,
// query and fragment, and without a port that is not a number. The target need not be a
// URL.
func maskTarget(target string) string {
	end := ""
	if at := strings.IndexAny(target, "?#"); at >= 0 && strings.Contains(target[at:], "@") { // a password may contain these characters
		scheme, _, hasScheme := strings.Cut(target[:at], "://")
		if !hasScheme {
			return "***"
		}
		return scheme + "://***"
	} else if at >= 0 {
		target, end = target[:at], target[at:at+1]+"***"
	}
	scheme, rest, hasScheme := strings.Cut(target, "://")
	if !hasScheme {
		scheme, rest = "", target
	} else {
		scheme += "://"
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		scheme, rest = scheme+"***@", rest[at+1:]
	}
	host, path, hasPath := strings.Cut(rest, "/")
	if hasPath {
		path = "/" + path
	}
	if at := strings.LastIndexByte(host, ':'); at >= 0 && strings.Trim(host[at+1:], "0123456789") != "" && !strings.HasSuffix(host, "]") {
		host = host[:at] + ":***"
	}
	return scheme + host + path + end
}

// MaskField masks the value of a header field that the environment gave.
func (c *Client) MaskField(name, value string) string {
	if _, configured := c.Configured[http.CanonicalHeaderKey(name)]; configured || name == c.Field {
		return "***"
	}
	return value
}
