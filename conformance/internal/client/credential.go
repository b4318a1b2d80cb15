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

// MaskedKey stands for the pre-shared key in what is shown. It is a valid one of the same length,
// so that a request that holds it is still accepted.
const MaskedKey = "Masked-Key-123456789"

// maskedCredential stands for a credential in what is shown of an answer.
const maskedCredential = "Masked-Credential"

// shortestCredential is the number of characters of a credential that no answer
// may repeat. A shorter one is masked, but a text may have it by chance.
const shortestCredential = 8

// ShortestSecret is the number of characters from which on a text is masked. One
// of up to seven is masked where it stands between delimiters, and not if it is a
// word of the document or of the environment, which every report has.
const ShortestSecret = secrets.Shortest

// StandIns finds what is shown in the place of secrets, as it is: the mask writes it
// in no other way.
type StandIns struct{}

// Find reports the kinds of secrets that stand-ins in a text are of.
func (StandIns) Find(text string) (found secrets.Kind) {
	if strings.Contains(text, MaskedKey) {
		found |= secrets.Key
	}
	if strings.Contains(text, maskedCredential) {
		found |= secrets.Credential
	}
	return found
}

// Secrets are what must not be shown: the key, the token, the values of the
// configured header fields, what these are made of, what cases make of them, and
// what is declared. What the document and the environment say is public.
func (c *Client) Secrets(doc *openapi.Document, env environment.Environment, declared []string) *secrets.Set {
	list := []secrets.Secret{{Text: c.Psk, Kind: secrets.Key, StandIn: MaskedKey}}
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
	fields := maps.Clone(c.Own)
	if c.token != "" {
		fields[c.Field] = c.token
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		send(fields[name])
		if name != c.Field && !environment.IsCredential(name) {
			continue
		}
		alone, beside := parts(fields[name])
		send(alone...)
		hide(beside...)
		for _, how := range []string{"shortened", "lengthened", "changed"} {
			copied := spoiled(fields[name], how)
			alone, beside := parts(copied)
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

// parts are what the value of a credential's header field is made of. Alone, a
// word after a scheme, a password of Basic or the value of a cookie says as much as
// the field does; what stands beside them, a name of a user or a parameter, is not
// shown either, but a target may say it.
func parts(value string) (alone, beside []string) {
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

// spoiled is what becomes of a credential in a case of [suite.Wire.Credentials].
// What is left of it, or added, is as long as nobody guesses it.
func spoiled(secret, how string) string {
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

// shownTarget is a target that is refused, as an error may show it: without a
// user, a password, a query and a fragment, and without what should be a port and
// is no number. It may be no URL at all.
func shownTarget(target string) string {
	end := ""
	if at := strings.IndexAny(target, "?#"); at >= 0 && strings.Contains(target[at:], "@") { // which a password may have
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

// ShownField is the value of a header field as it may be shown.
func (c *Client) ShownField(name, value string) string {
	if _, configured := c.Own[http.CanonicalHeaderKey(name)]; configured || name == c.Field {
		return "***"
	}
	return value
}
