package client

import (
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/secrets"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestParts takes credentials apart.
func TestParts(t *testing.T) {
	basic := base64.StdEncoding.EncodeToString([]byte("user:pass:word"))
	for value, want := range map[string][2][]string{
		"plain-token-1":                    {nil, nil},
		"Bearer abc.def-ghi==":             {{"abc.def-ghi=="}, nil},
		"Basic " + basic:                   {{basic, "user:pass:word", "pass:word"}, {"user"}},
		"sid=12345678; theme=\"dark-1\"":   {{"12345678", "dark-1"}, nil},
		`Digest username="u1", nonce="n2"`: {nil, {"u1", "n2"}},
		"QUJDREVGRw==":                     {nil, nil},
	} {
		alone, beside := credentialParts(value)
		if diff := cmp.Diff(want, [2][]string{alone, beside}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", value, diff)
		}
	}
}

// TestCredentialsAreMasked masks what a target may say of credentials, and finds
// them where it repeats them.
func TestCredentialsAreMasked(t *testing.T) {
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	env, err := environment.Default(s.Document())
	if err != nil {
		t.Fatal(err)
	}
	c := &Client{
		Base: &url.URL{Scheme: "http", Host: "h"}, Key: "Xk4-bQ7=mT:zr9PwL2;c", token: "AbCdEfGh12345678",
		Configured: map[string]string{
			"Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte("zuser:Planted-Passw0rd")), "Cookie": "sid=Planted-Sid-99; k=Qz4p", "X-Trace": "conformance",
		},
	}
	set := c.Secrets(s.Document(), env, []string{"d3cl"})
	for text, want := range map[string]struct {
		masked string
		kind   secrets.Kind
	}{
		"token AbCdEfGh12345678 is invalid":                       {"token Masked-Credential is invalid", secrets.Credential},
		"token AbCdEfGh02345678 is invalid":                       {"token XxXxXxXx11111111 is invalid", 0},
		"token AbCdEfGh is invalid":                               {"token XxXxXxXx is invalid", 0},
		"token AbCdEfGh123456780 is invalid":                      {"token Masked-Credential1 is invalid", secrets.Credential},
		"user zuser: Planted-Passw0rd":                            {"user xxxxx- Masked-Credential", secrets.Credential},
		"no session Planted-Sid-99, no Qz4p":                      {"no session Masked-Credential, no Xx1x", secrets.Credential},
		"d3cl":                                                    {"x1xx", 0},
		"key " + c.Key:                                            {"key " + MaskedKey, secrets.Key},
		`{"vpn_connection":{"style":"STATIC","name":"vpn-13be"}}`: {`{"vpn_connection":{"style":"STATIC","name":"vpn-13be"}}`, 0},
	} {
		if got := set.Mask(text); got != want.masked || set.Find(text) != want.kind {
			t.Errorf("%q is shown as %q and found as %d, want %q and %d", text, got, set.Find(text), want.masked, want.kind)
		}
	}
	if text := strings.Repeat(" ", 10); set.Mask(text) != text {
		t.Error("blanks are masked")
	}
}
