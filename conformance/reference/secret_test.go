package reference

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
)

// The planted secrets. The key keeps every rule of a key; neither has a
// character that JSON would write in another way.
const (
	secretKey   = "Planted-Key-8c1f"
	secretToken = "planted-token-8c1f"
)

// dumpedWithout writes an answer out with every byte of it, and fails when a
// secret is in it, in any case or half of it.
func dumpedWithout(t *testing.T, a harness.Answer, secrets ...string) {
	t.Helper()
	var b bytes.Buffer
	if err := a.Header.Write(&b); err != nil {
		t.Fatal(err)
	}
	b.Write(a.Body)
	all := strings.ToLower(b.String())
	for _, secret := range secrets {
		for _, half := range []string{secret[:len(secret)/2+1], secret[len(secret)/2-1:]} {
			if strings.Contains(all, strings.ToLower(half)) {
				t.Errorf("%q is in the answer\n%s", half, all)
			}
		}
	}
}

// TestSecretsInAnswers plants the secrets into every request that the other
// tests refuse.
func TestSecretsInAnswers(t *testing.T) {
	s := newServer(t, Options{Token: secretToken})
	token := harness.WithHeader("X-Auth-Token", secretToken)
	tried := 0
	for _, body := range everyRefused(t, s) {
		planted := bytes.ReplaceAll(body, []byte(`"Abcd-1234"`), encoded(t, secretKey))
		if bytes.Contains(planted, encoded(t, secretKey)) {
			tried++
		}
		dumpedWithout(t, harness.Send(t, s, string(planted), token), secretKey, secretToken)
	}
	if tried < 100 {
		t.Errorf("the key was in %d requests only", tried)
	}
}

// TestSecretsThatAreWrong makes the key itself what is wrong, in every way.
func TestSecretsThatAreWrong(t *testing.T) {
	s := newServer(t, Options{})
	keyed := func(value any) []byte { return encoded(t, harness.Example(t, "static", harness.Set("/psk", value))) }
	valid := string(keyed(secretKey))
	quoted := `"` + secretKey + `"`
	for name, body := range map[string]string{
		"of one class":     strings.Replace(valid, secretKey, "plantedkeyplantedkey", 1),
		"too long":         string(keyed(strings.Repeat(secretKey, 9))),
		"bad character":    string(keyed(secretKey + "\u00e9")),
		"list":             string(keyed([]any{secretKey})),
		"object":           string(keyed(map[string]any{secretKey: secretKey})),
		"as a number":      string(keyed(json.Number("8172635481726354"))),
		"twice":            strings.Replace(valid, `"psk":`+quoted, `"psk":`+quoted+`,"psk":`+quoted, 1),
		"as a member":      strings.Replace(valid, `"psk"`, quoted+`:1,`+quoted, 1),
		"unquoted":         strings.Replace(valid, quoted, secretKey, 1),
		"cut off":          valid[:strings.Index(valid, secretKey)+10],
		"bad escape":       strings.Replace(valid, secretKey, secretKey+`\x`, 1),
		"invalid UTF-8":    strings.Replace(valid, secretKey, secretKey+"\xff", 1),
		"after the end":    valid + secretKey,
		"for everything":   quoted,
		"for the object":   `{"vpn_connection":` + quoted + `}`,
		"for all members":  everyMember(t, s, secretKey),
		"for all, wrapped": everyMember(t, s, []any{secretKey}),
	} {
		t.Run(name, func(t *testing.T) {
			a := harness.Send(t, s, body)
			if a.Check(t); a.Status != http.StatusBadRequest {
				t.Errorf("status %d", a.Status)
			}
			dumpedWithout(t, a, secretKey, "plantedkeyplantedkey", "8172635481726354")
		})
	}
}

// everyMember is a request that says the same in every member.
func everyMember(t *testing.T, s *Server, value any) string {
	t.Helper()
	all := make(map[string]any)
	for name := range content(s).Properties {
		all[name] = value
	}
	return string(encoded(t, map[string]any{"vpn_connection": all}))
}

// TestSecretToken tries tokens like the right one.
func TestSecretToken(t *testing.T) {
	s := newServer(t, Options{Token: secretToken})
	for _, token := range []string{secretToken[:len(secretToken)-1], secretToken + "x", strings.ToUpper(secretToken), "wrong" + secretToken} {
		a := harness.Send(t, s, harness.Example(t, "static"), harness.WithHeader("X-Auth-Token", token))
		if a.Check(t); a.Status != http.StatusUnauthorized {
			t.Errorf("status %d", a.Status)
		}
		dumpedWithout(t, a, secretToken)
	}
	a := harness.Send(t, s, harness.Example(t, "static"), harness.WithHeader("X-Auth-Token", secretToken), harness.ToPath("/elsewhere"))
	dumpedWithout(t, a, secretToken)
}
