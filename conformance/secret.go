package conformance

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// leaks finds the request's key and credentials in the answer, in any form that
// a text takes there.
func (j *judge) leaks(f *findings, a *answer, body any, key string) {
	where := places(a, body)
	if key != "" {
		s := j.key
		if key != j.key.parts {
			s = newSecret(key) // one of the suite's, which is no secret but in its own request
		}
		for _, pointer := range where(s) {
			f.add(report.Difference{Pointer: pointer, Kind: "rule", Got: "the key that was sent"}, j.doc.Rule("CreateVpnConnection.psk.format"))
		}
	}
	for _, credential := range j.credentials {
		for _, pointer := range where(credential) {
			f.add(report.Difference{
				Pointer: pointer, Kind: "rule", Got: "credentials that were sent", Why: "no answer repeats the credentials of a request",
				Level: string(openapi.Should), Source: "OTC-AUTH, Token-based Authentication",
			}, nil)
		}
	}
}

// leak tells whether an answer has the key of the run or a credential.
func (j *judge) leak(a *answer) bool {
	body, _ := match.Decode(a.body) // one that is no JSON has no texts
	where := places(a, body)
	return len(where(j.key)) > 0 || slices.ContainsFunc(j.credentials, func(credential *secret) bool { return len(where(credential)) > 0 })
}

// places returns a function that finds the places of an answer that hold a
// secret.
func places(a *answer, body any) func(*secret) []string {
	all := string(a.body)
	if strings.Contains(all, `\`) { // without an escape, every text stands there as it is
		all += "\n" + strings.Join(texts(body), "\n")
	}
	return func(s *secret) []string {
		var found []string
		if s.in(all) {
			found = append(found, "/body")
		}
		for _, fields := range []http.Header{a.header, a.trailer, a.early} {
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				if s.in(name) || s.in(strings.Join(fields[name], "\n")) {
					found = append(found, "/headers/"+match.Escape(name))
				}
			}
		}
		if s.in(a.reason) {
			found = append(found, "/status")
		}
		return found
	}
}

// texts are all names and texts of a decoded value.
func texts(value any) []string {
	var out []string
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, item := range v {
			out = append(out, texts(item)...)
		}
	case map[string]any:
		for name, member := range v {
			out = append(append(out, name), texts(member)...)
		}
	}
	return out
}

// quoted shows the beginning of a body that is no JSON.
func quoted(body string) string {
	const most = 200
	if len(body) > most {
		return fmt.Sprintf("%q... (%d bytes)", body[:most], len(body))
	}
	return fmt.Sprintf("%q", body)
}

// secret is a text that must not be shown, in every form that it takes in an
// answer.
type secret struct {
	forms   []string              // whole ones
	parts   string                // that must not be shown in parts either; empty if it may
	escaped func() *regexp.Regexp // one in which characters are escaped, each in its own way
}

func newSecret(text string) *secret {
	return &secret{forms: formsOf(text), escaped: sync.OnceValue(func() *regexp.Regexp { return escapedForm(text) })}
}

// inParts is a secret that is found by a part of it, too.
func inParts(text string) *secret {
	s := newSecret(text)
	s.parts = text
	return s
}

// longPart is the number of characters of a secret in a row that nobody else
// has, and seed one of which any such part holds a whole one.
const (
	longPart = 10
	seed     = longPart / 2
)

// partOf finds the first part of a secret in a text that is long enough, from
// its begin to its end, and where it begins in the secret.
func partOf(text, secret string) (begin, end, at int, found bool) {
	begin = len(text)
	for i := 0; i+seed <= len(secret); i += seed {
		for from := 0; from < begin; {
			k := strings.Index(text[from:], secret[i:i+seed])
			if k < 0 {
				break
			}
			k += from
			left, right := 0, seed
			for left < min(i, k) && secret[i-left-1] == text[k-left-1] {
				left++
			}
			for i+right < len(secret) && k+right < len(text) && secret[i+right] == text[k+right] {
				right++
			}
			if left+right >= longPart && k-left < begin {
				begin, end, at, found = k-left, k+right, i-left, true
			}
			from = k + 1
		}
	}
	return begin, end, at, found
}

// in tells whether a text holds the secret.
func (s *secret) in(text string) bool {
	return slices.ContainsFunc(s.forms, func(form string) bool { return strings.Contains(text, form) }) ||
		strings.ContainsAny(text, escapes) && s.escaped().MatchString(text) || s.inPart(text)
}

func (s *secret) inPart(text string) bool {
	_, _, _, found := partOf(text, s.parts)
	return found
}

// formsOf are the forms that a text takes in an answer as a whole: as it is, as
// it reads inside JSON, in a URL, in hexadecimal, in Base64, in what Base64 makes
// of a longer text, backwards, and in letters of another case.
func formsOf(secret string) []string {
	bytes, quoted := []byte(secret), encode(secret)
	out := []string{
		secret, quoted[1 : len(quoted)-1], url.QueryEscape(secret), url.PathEscape(secret),
		hex.EncodeToString(bytes), strings.ToUpper(hex.EncodeToString(bytes)),
		backwards(secret), strings.ToUpper(secret), strings.ToLower(secret), strings.Map(otherCase, secret),
	}
	for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		out = append(out, coding.EncodeToString(bytes), coding.WithPadding(base64.NoPadding).EncodeToString(bytes))
		out = append(out, coding.EncodeToString([]byte(coding.EncodeToString(bytes)))) // twice
		for before := range 3 {                                                        // bytes, whatever they are
			inner := coding.EncodeToString(append(make([]byte, before), bytes...))
			out = append(out, inner[(before*8+5)/6:(before+len(bytes))*8/6])
		}
	}
	return out
}

func backwards(text string) string {
	runes := []rune(text)
	slices.Reverse(runes)
	return string(runes)
}

func otherCase(r rune) rune {
	if unicode.IsUpper(r) {
		return unicode.ToLower(r)
	}
	return unicode.ToUpper(r)
}

// escapes are the characters that escapes begin with.
const escapes = `\%&`

// entities are the names that HTML has for characters with a meaning there.
var entities = map[byte]string{'"': "quot", '&': "amp", '\'': "apos", '<': "lt", '>': "gt"}

// escapedForm matches a text whose characters are escaped, or not, each in any
// way of JSON, of URLs or of HTML, also one inside another.
func escapedForm(text string) *regexp.Regexp {
	const percent, ampersand = `(?:%|\\+u0025)(?:25)*`, `(?:&|\\+u0026)(?:amp;)*`
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, `(?:\\*%s|%s(?i:%02x)|\\+(?:u00|x)(?i:%02x)|%s(?:#0*%d|#[xX]0*(?i:%02x)`, regexp.QuoteMeta(string(rune(c))), percent, c, c, ampersand, c, c)
		if name, ok := entities[c]; ok {
			b.WriteString("|" + name)
		}
		b.WriteString(`);)`)
	}
	return regexp.MustCompile(b.String()) // every character is quoted
}
