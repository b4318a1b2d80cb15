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
)

// leaks finds the request's key in the answer, in any form that a text takes
// there.
func (j *judge) leaks(f *findings, a *answer, body any, key string) {
	if key == "" {
		return
	}
	found := func(pointer string) {
		f.add(report.Difference{Pointer: pointer, Kind: "rule", Got: "the key that was sent"}, j.doc.Rule("CreateVpnConnection.psk.format"))
	}
	forms := []string{
		key, base64.StdEncoding.EncodeToString([]byte(key)), base64.RawStdEncoding.EncodeToString([]byte(key)),
		base64.URLEncoding.EncodeToString([]byte(key)), hex.EncodeToString([]byte(key)), url.QueryEscape(key), url.PathEscape(key),
	}
	holds := func(text string) bool {
		return slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(text, form) })
	}
	if holds(string(a.body)) || holds(strings.Join(texts(body), "\n")) {
		found("/body")
	}
	for _, fields := range []http.Header{a.header, a.trailer} {
		for _, name := range slices.Sorted(maps.Keys(fields)) {
			if holds(name) || holds(strings.Join(fields[name], "\n")) {
				found("/headers/" + match.Escape(name))
			}
		}
	}
	if holds(a.reason) {
		found("/status")
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

// mask puts something else in the place of secrets.
func mask(text string, secrets map[string]string) string {
	for secret, shown := range secrets {
		text = strings.ReplaceAll(text, secret, shown)
	}
	return text
}
