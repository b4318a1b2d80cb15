package conformance

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// leaks finds the request's key and credentials in the answer, in any form that
// a text takes there.
func (j *judge) leaks(f *findings, a *answer, body any, key string) {
	where := places(a, body)
	if key != "" {
		for _, pointer := range where(key) {
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

// places returns a function that finds the places of an answer that hold a
// secret.
func places(a *answer, body any) func(secret string) []string {
	all := string(a.body) + "\n" + strings.Join(texts(body), "\n")
	return func(secret string) []string {
		forms := formsOf(secret)
		holds := func(text string) bool {
			return slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(text, form) })
		}
		var found []string
		if holds(all) {
			found = append(found, "/body")
		}
		for _, fields := range []http.Header{a.header, a.trailer} {
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				if holds(name) || holds(strings.Join(fields[name], "\n")) {
					found = append(found, "/headers/"+match.Escape(name))
				}
			}
		}
		if holds(a.reason) {
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

// formsOf are the forms that a text takes in an answer: as it is, as it reads
// inside JSON, in Base64, in hexadecimal, in a URL.
func formsOf(secret string) []string {
	escaped := encode(secret)
	return []string{
		secret, escaped[1 : len(escaped)-1],
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawStdEncoding.EncodeToString([]byte(secret)),
		base64.URLEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		url.QueryEscape(secret), url.PathEscape(secret),
	}
}

// mask puts something else in the place of secrets.
func mask(text string, secrets *strings.Replacer) string {
	if secrets == nil {
		return text
	}
	return secrets.Replace(text)
}
