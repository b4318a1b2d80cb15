package conformance

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// TestKitError breaks the kit's own cases: the target is never blamed, and is
// not even asked.
func TestKitError(t *testing.T) {
	for want, breakIt := range map[string]func(*suite.Case){
		"the request itself is wrong: /vpn_connection/style: style is one of policy, static, bgp": func(c *suite.Case) {
			c.Request = []byte(strings.Replace(string(c.Request), `"bgp"`, `"BGP"`, 1))
		},
		"example/bgp: golden file: unexpected end of JSON input": func(c *suite.Case) { c.Golden = c.Golden[:10] },
	} {
		cases, err := Cases([]string{"example/bgp"})
		if err != nil {
			t.Fatal(err)
		}
		breakIt(&cases[0])
		r, err := run(t.Context(), Options{Target: "http://127.0.0.1:1"}, cases)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Results[0]; got.Outcome != report.KitError || got.Reason != want || r.Verdict() != report.Mistaken {
			t.Errorf("%s: %s, want %s", got.Outcome, got.Reason, want)
		}
	}
}

// TestPanicIsKitError shows that a panic in one case leaves the others alone.
func TestPanicIsKitError(t *testing.T) {
	r, err := newRunner(Options{Target: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	r.doc = nil
	cases, err := Cases(nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := r.run(t.Context(), cases[0]); got.Outcome != report.KitError || !strings.HasPrefix(got.Reason, "panic: ") {
		t.Errorf("%s: %s", got.Outcome, got.Reason)
	}
}

// TestPresharedKey shows that every key that is made keeps the rules of psk.
func TestPresharedKey(t *testing.T) {
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	op, _ := doc.Operation("CreateVpnConnection")
	for b := range 256 {
		key, err := presharedKey(strings.NewReader(strings.Repeat(string([]byte{byte(b)}), 16)))
		if err != nil {
			t.Fatal(err)
		}
		body := map[string]any{"vpn_connection": map[string]any{"psk": key}}
		for _, v := range doc.CheckRequest(op, body, nil) {
			if v.Pointer == "/vpn_connection/psk" {
				t.Errorf("%q: %s", key, v.Message)
			}
		}
	}
	broken := errors.New("no entropy")
	if _, err := presharedKey(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}
