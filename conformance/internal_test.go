package conformance

import (
	"errors"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// TestKitError breaks the kit's own cases: the target is never blamed, and is
// not even asked.
func TestKitError(t *testing.T) {
	for want, breakIt := range map[string]func(*suite.Case){
		"CreateVpnConnection/example/bgp: request: invalid state detected":                 func(c *suite.Case) { c.Change.Patch = []byte(`[{"op"`) },
		"CreateVpnConnection/example/bgp: request: there is no example \"ospf\"":           func(c *suite.Case) { c.Change.Example = "ospf" },
		"CreateVpnConnection/example/bgp: golden file: no JSON at byte 10: unexpected EOF": func(c *suite.Case) { c.Golden = c.Golden[:10] },
	} {
		s, cases := selected(t, "CreateVpnConnection/example/bgp")
		breakIt(&cases[0])
		r, err := run(t.Context(), Options{Target: "http://127.0.0.1:1"}, s, cases)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Results[0]; got.Outcome != report.KitError || got.Reason != want || got.Requests != 0 || r.Verdict() != report.Mistaken {
			t.Errorf("%s: %s, want %s", got.Outcome, got.Reason, want)
		}
	}
}

// selected returns the suite, and the cases that a pattern selects.
func selected(t testing.TB, pattern string) (*suite.Suite, []suite.Case) {
	t.Helper()
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := Select(s, []string{pattern}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s, cases
}

// TestPanicIsKitError shows that a panic in one case leaves the others alone.
func TestPanicIsKitError(t *testing.T) {
	s, cases := selected(t, "example/*")
	r, err := newRunner(Options{Target: "http://127.0.0.1:1"}, s)
	if err != nil {
		t.Fatal(err)
	}
	r.suite = nil
	for _, trial := range r.tryAll(t.Context(), cases) {
		if got := trial.result; sends(trial.c) && (got.Outcome != report.KitError || !strings.HasPrefix(got.Reason, "panic: ")) {
			t.Errorf("%s: %s", got.Outcome, got.Reason)
		}
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
		key, err := makeKey(strings.NewReader(strings.Repeat(string([]byte{byte(b)}), 20)))
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
	if _, err := makeKey(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// TestOctal shows that a shell's printf writes the bytes of any body.
func TestOctal(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, body := range []string{string(all), "100%", `a\nb`, "é\x00'\x1f\x8b", ""} {
		out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf "+client.Quote(client.Octal(body))).Output()
		if err != nil || string(out) != body {
			t.Errorf("%q: %q, %v", body, out, err)
		}
	}
}

// TestBudget shows that time in which several requests wait is used up once.
func TestBudget(t *testing.T) {
	const all, each, requests = time.Second, 50 * time.Millisecond, 8
	b := &client.Budget{Left: all}
	var waiting sync.WaitGroup
	for range requests {
		waiting.Go(func() {
			if err := b.Wait(t.Context(), each); err != nil {
				t.Error(err)
			}
		})
	}
	waiting.Wait()
	if used := all - b.Left; used < each || used >= requests*each {
		t.Errorf("%v are used up, want at least %v and less than %v", used, each, requests*each)
	}
	if err := b.Wait(t.Context(), 2*all); !errors.Is(err, client.ErrTooBusy) {
		t.Errorf("more than all: error %v, want %v", err, client.ErrTooBusy)
	}
}
