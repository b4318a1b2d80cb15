package conformance_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// some selects cases of every kind.
var some = []string{
	"example", "concurrency", "Dpd.timeout.maximum", "CreateVpnConnection.additionalProperties",
	"transport/path-*", "transport/method-put", "transport/credentials-*", "transport/body-empty", "transport/content-type-*", "transport/chunked",
}

// withHeader is the default environment with credentials, so that the cases of
// a stranger apply.
func withHeader(t testing.TB) suite.Environment {
	t.Helper()
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	env.Headers = map[string]string{"X-Mine-Token": "mine"}
	return env
}

// null is a server that does nothing: one answer to everything. A body that is
// nil repeats the request.
func null(status int, body []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := body
		if answer == nil {
			answer, _ = io.ReadAll(io.LimitReader(r.Body, 1<<16))
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Request-Id", "f91082d4-6d49-479c-ad1d-4e552a9f5cae")
		w.WriteHeader(status)
		_, _ = w.Write(answer)
	})
}

// nullBodies are what null servers answer: nothing, the documented answers, and
// a refusal that is right in all but that it comes always.
func nullBodies(t testing.TB) map[string][]byte {
	t.Helper()
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string][]byte{
		"empty": {}, "{}": []byte("{}"), "null": []byte("null"), "echo": nil,
		"refusal": []byte(`{"error_code":"VPN.0001","error_msg":"timeout style vpn_connection are invalid","request_id":"x"}`),
	}
	for _, c := range exampleCases(t) {
		bound, err := s.Bind(c, env, "Masked-Key-1")
		if err != nil {
			t.Fatal(err)
		}
		if bodies[c.ID], err = json.Marshal(bound.Golden); err != nil {
			t.Fatal(err)
		}
	}
	return bodies
}

// TestNullServers runs against servers that give the same answer to
// everything: whatever it is, no case passes.
func TestNullServers(t *testing.T) {
	for _, status := range []int{200, 201, 202, 204, 301, 400, 401, 404, 405, 409, 429, 500, 503} {
		for name, body := range nullBodies(t) {
			if strings.HasPrefix(name, "example/") && status != http.StatusCreated {
				continue // one documented answer with a status that is not its own is like another body
			}
			t.Run(fmt.Sprintf("%d %s", status, name), func(t *testing.T) {
				want := report.Differs
				if status == http.StatusTooManyRequests && body != nil { // what is repeated has the key in it
					want = report.Incomplete
				}
				nothingPasses(t, serve(t, null(status, body)), some, want)
			})
		}
	}
}

// TestNullServersWhole runs the whole suite against those that come nearest.
func TestNullServersWhole(t *testing.T) {
	bodies := nullBodies(t)
	for name, target := range map[string]http.Handler{
		"201 golden": null(201, bodies["example/static"]), "400 {}": null(400, bodies["{}"]),
	} {
		t.Run(name, func(t *testing.T) { nothingPasses(t, serve(t, target), nil, report.Differs) })
	}
}

// aroundOthers selects the cases in drawn surroundings, half of all, each of which
// expects what an undrawn one of its rule does.
var aroundOthers = []string{"*/in-*", "*/sent-*"}

// TestNullConnections runs against servers that hang up.
func TestNullConnections(t *testing.T) {
	for name, hangUp := range map[string]func(*net.TCPConn){
		"closing":   func(*net.TCPConn) {},
		"resetting": func(c *net.TCPConn) { _ = c.SetLinger(0) },
	} {
		t.Run(name, func(t *testing.T) {
			nothingPasses(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
					hangUp(c.(*net.TCPConn))
					_ = c.Close()
				}
			})), nil, report.Incomplete)
		})
	}
}

func nothingPasses(t *testing.T, target string, patterns []string, want report.Verdict) {
	t.Helper()
	opts := conformance.Options{Target: target, Environment: withHeader(t), Run: patterns, MaxWait: -1, Once: true}
	if testing.Short() {
		opts.Skip = aroundOthers
	}
	r := run(t, opts)
	if r.Verdict() != want {
		t.Errorf("verdict %d, want %d: %s", r.Verdict(), want, r.Summary())
	}
	for _, result := range r.Results {
		open := result.Outcome == report.NotApplicable && strings.HasPrefix(result.Case, "duty/") // of answers that never came
		if result.Outcome != report.Fail && result.Outcome != report.CouldNotRun && !open {
			t.Errorf("%s: %s %s", result.Case, result.Outcome, result.Reason)
		}
	}
}

// TestNullServerFailsForTheRepetition shows that it is nothing else that the
// documented answer fails for, but its age.
func TestNullServerFailsForTheRepetition(t *testing.T) {
	body := nullBodies(t)["example/static"]
	want := strings.Join([]string{
		"CreateVpnConnectionResponseBody.request_id.x-unique: rule /body/request_id",
		"ResponseVpnConnection.id.x-unique: rule /body/vpn_connection/id",
		"ResponseVpnConnection.created_at.x-clock: rule /body/vpn_connection/created_at",
	}, "\n")
	if got := duties(run(t, conformance.Options{Target: serve(t, null(201, body)), Run: []string{"example/static"}})); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
