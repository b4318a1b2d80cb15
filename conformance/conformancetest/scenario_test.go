package conformancetest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// played is what TestConformance is held against.
type played struct {
	url     string // of RunURL; empty for Run
	handler func(*testing.T) http.Handler
	opts    conformance.Options
}

var (
	examples = []string{"example"}
	timeouts = []string{"example", "CreateVpnConnection/Dpd.timeout.maximum/above", "CreateVpnConnection/Dpd.timeout.maximum/below"}
)

// entries are known failures for all examples, which fail in lower case.
func entries(change func([]known.Failure)) []known.Failure {
	list := []known.Failure{
		{Case: "CreateVpnConnection/example/static", Reason: "ticket 7"}, {Case: "CreateVpnConnection/example/policy", Reason: "ticket 7"}, {Case: "CreateVpnConnection/example/bgp", Reason: "ticket 7"},
	}
	change(list)
	return list
}

// scenarios has the healthy reference under no name.
var scenarios = map[string]*played{
	"":         {handler: healthy, opts: conformance.Options{Level: "may"}},
	"narrowed": {handler: healthy, opts: conformance.Options{Run: []string{"CreateVpnConnection/example/policy"}}},

	"not enforced":       {handler: lenient, opts: conformance.Options{Run: []string{"example", "Dpd.*", "duty"}}},
	"one id":             {handler: replacing(`"id":"`, `"id":"00000000-0000-0000-0000-000000000000","was":"`), opts: conformance.Options{Run: timeouts}},
	"refuses everything": {handler: answering(http.StatusBadRequest, `{"error_code":"VPN.0001","error_msg":"timeout is invalid","request_id":"x"}`), opts: conformance.Options{Run: timeouts}},
	"lower case":         {handler: lower, opts: conformance.Options{Run: timeouts}},
	"panics":             {handler: panics, opts: conformance.Options{Run: examples}},
	"hangs":              {handler: hangs, opts: conformance.Options{Run: examples, Timeout: time.Minute}},

	"below the level": {handler: vague, opts: conformance.Options{Run: timeouts}},
	"at the level":    {handler: vague, opts: conformance.Options{Run: timeouts, Level: "should"}},
	"duty skipped":    {handler: vague, opts: conformance.Options{Run: timeouts, Skip: []string{"duty/Refusal.names"}, Level: "should"}},
	"duties":          {handler: healthy, opts: conformance.Options{Run: []string{"example", "duty/Refusal.names", "duty/ResponseVpnConnection.id.x-unique"}}},
	"flaky":           {handler: flaky, opts: conformance.Options{Run: examples, Jobs: 1, Ordered: true}},
	"nothing applies": {handler: healthy, opts: conformance.Options{Run: []string{"transport/credentials-*"}}},
	"unknown member":  {handler: replacing(`"vpn_connection":{`, `"vpn_connection":{"status":"UP",`), opts: conformance.Options{Run: examples}},

	"known":           {handler: lower, opts: conformance.Options{Run: examples, Known: entries(func([]known.Failure) {})}},
	"known, expired":  {handler: lower, opts: conformance.Options{Run: examples, Known: entries(func(k []known.Failure) { k[0].Expires = "2020-01-31" })}},
	"known, changed":  {handler: lower, opts: conformance.Options{Run: examples, Known: entries(func(k []known.Failure) { k[0].Fingerprint = "missing /body" })}},
	"known, no case":  {handler: lower, opts: conformance.Options{Run: examples, Known: append(entries(func([]known.Failure) {}), known.Failure{Case: "no/such", Reason: "ticket 8"})}},
	"known duty":      {handler: vague, opts: conformance.Options{Run: timeouts, Level: "should", Known: []known.Failure{{Case: "duty/Refusal.names", Reason: "ticket 9"}}}},
	"known, all pass": {handler: healthy, opts: conformance.Options{Run: examples, Known: entries(func([]known.Failure) {})}},

	"no handler":      {handler: func(*testing.T) http.Handler { return nil }},
	"a target":        {handler: healthy, opts: conformance.Options{Target: "http://127.0.0.1:1"}},
	"no such pattern": {handler: healthy, opts: conformance.Options{Run: []string{"no/such"}}},
	"no such level":   {handler: healthy, opts: conformance.Options{Level: "maybe"}},
	"no URL":          {url: "vpn.example.com"},
	"nobody":          {url: "http://127.0.0.1:1", opts: conformance.Options{Run: examples}},
}

// TestEndings shows how the subtests of every scenario end.
func TestEndings(t *testing.T) {
	const static, policy, bgp = "CreateVpnConnection/example/static", "CreateVpnConnection/example/policy", "CreateVpnConnection/example/bgp"
	all := []string{bgp, policy, static}
	const names, unique = "duty/Refusal.names", "duty/ResponseVpnConnection.id.x-unique"
	const above, below, kept = "CreateVpnConnection/Dpd.timeout.maximum/above", "CreateVpnConnection/Dpd.timeout.maximum/below", "CreateVpnConnection/Dpd.timeout.maximum/kept"
	limit := []string{above, below, kept}
	number := len(wholeSuite(t))
	for name, row := range map[string]struct {
		args               []string
		ok                 bool
		fail, skip, passed []string
		says               string
	}{
		"below the level": {nil, true, nil, []string{names}, append(limit, all...), "what differs is below the level that counts"},
		"at the level":    {nil, false, []string{names}, nil, append(limit, all...), "(should)"},
		"duty skipped":    {[]string{"-test.run=Conformance/CreateVpnConnection/Dpd"}, true, nil, nil, limit, "CONFORMS: of 3 cases 3 pass; "},
		"duties":          {nil, true, nil, []string{names}, append([]string{unique}, all...), "no answer of the run has this duty"},
		"flaky":           {nil, false, []string{"duty/CreateVpnConnectionResponseBody.request_id.required", static}, nil, []string{bgp, policy}, "it failed, and passed when it was tried again alone"},
		"nothing applies": {[]string{"-test.run=Conformance/CreateVpnConnection/transport"}, false, nil, []string{"CreateVpnConnection/transport/credentials-changed", "CreateVpnConnection/transport/credentials-lengthened", "CreateVpnConnection/transport/credentials-missing", "CreateVpnConnection/transport/credentials-shortened", "CreateVpnConnection/transport/credentials-wrong"}, nil, "no case passes"},
		"unknown member":  {nil, true, nil, nil, all, "note: /body/vpn_connection/status is no member that the page"},

		"known":           {nil, true, nil, all, nil, "known: ticket 7"},
		"known, expired":  {nil, false, []string{static}, []string{bgp, policy}, nil, "known failures: CreateVpnConnection/example/static expired on 2020-01-31"},
		"known, changed":  {nil, false, []string{static}, []string{bgp, policy}, nil, "known failures: CreateVpnConnection/example/static fails in another way: changed /body/vpn_connection/style"},
		"known, no case":  {nil, false, nil, all, nil, "known failures: no/such is no case"},
		"known duty":      {nil, true, nil, []string{names}, append(limit, all...), "known: ticket 9"},
		"known, all pass": {nil, false, all, nil, nil, "known failures: CreateVpnConnection/example/bgp passes"},

		"no handler":      {nil, false, nil, nil, nil, "the handler is nil"},
		"a target":        {nil, false, nil, nil, nil, "Options.Target is set"},
		"no such pattern": {nil, false, nil, nil, nil, `conformancetest: pattern "no/such" matches no case`},
		"no such level":   {nil, false, nil, nil, nil, `conformancetest: level "maybe" is none of must, should, may`},
		"no URL":          {nil, false, nil, nil, nil, `conformancetest: target "vpn.example.com" is no http or https URL`},
		"nobody":          {nil, false, all, nil, nil, "COULD NOT RUN  CreateVpnConnection/example/static"},
		"":                {[]string{"-test.run=TestConformance/no/such"}, false, nil, nil, nil, fmt.Sprintf("-run and -skip leave none of %d cases", number)},
		"narrowed":        {[]string{"-test.run=TestConformance/CreateVpnConnection/example/bgp"}, false, nil, nil, nil, "-run and -skip leave none of 1 cases"},
	} {
		t.Run(name, func(t *testing.T) {
			got := play(t, name, row.args...)
			want := map[bool]string{true: "PASS", false: "FAIL"}[row.ok]
			if got.ok != row.ok || got.ended[""] != want {
				t.Errorf("ok %t, ended with %q, want %s", got.ok, got.ended[""], want)
			}
			for how, want := range map[string][]string{"FAIL": row.fail, "SKIP": row.skip, "PASS": row.passed} {
				if diff := cmp.Diff(want, got.cases(how), cmpopts.SortSlices(strings.Compare)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
			says(t, got, row.says)
		})
	}
}

// TestDutiesThatRunLeavesOut shows what the test says of a broken duty that it was
// not asked for, and of one without any answer.
func TestDutiesThatRunLeavesOut(t *testing.T) {
	got := play(t, "at the level", "-test.run=Conformance/CreateVpnConnection/Dpd.timeout.maximum/^above$")
	want := map[string]string{"": "PASS", "CreateVpnConnection/Dpd.timeout.maximum/above": "PASS"}
	if diff := cmp.Diff(want, got.ended); diff != "" || !got.ok {
		t.Errorf("ok %t (-want +got):\n%s", got.ok, diff)
	}
	says(t, got, "-run and -skip leave out duty/Refusal.names, which answers break")
	alone := play(t, "", "-test.run=Conformance/duty/Refusal.names")
	if alone.ok {
		t.Error("a duty alone shows something")
	}
	says(t, alone, "the patterns select nothing but duties")
}

// wholeSuite returns all cases.
func wholeSuite(t *testing.T) []suite.Case {
	t.Helper()
	s, err := suite.Load(0)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Cases) < len(s.Required()) {
		t.Fatalf("%d cases, of which %d are required", len(s.Cases), len(s.Required()))
	}
	return s.Cases
}

func healthy(t *testing.T) http.Handler { return newReference(t) }

func newReference(t *testing.T) *reference.Server {
	t.Helper()
	s, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// lenient accepts a timeout beyond its maximum, and takes it for the maximum.
func lenient(t *testing.T) http.Handler {
	t.Helper()
	h := newReference(t)
	timeout := regexp.MustCompile(`("timeout":\s*)(\d+)`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the client has left
		}
		body = timeout.ReplaceAllFunc(body, func(member []byte) []byte {
			m := timeout.FindSubmatch(member)
			if n, err := strconv.Atoi(string(m[2])); err == nil && n <= 60 {
				return member
			}
			return append(m[1], "60"...)
		})
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		h.ServeHTTP(w, r)
	})
}

// rewriting is the reference, with a change to every answer.
func rewriting(t *testing.T, change func(status int, body string) string) http.Handler {
	t.Helper()
	h := newReference(t)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := httptest.NewRecorder()
		h.ServeHTTP(a, r)
		for name, values := range a.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(a.Code)
		_, _ = w.Write([]byte(change(a.Code, a.Body.String())))
	})
}

// replacing replaces a text in every answer.
func replacing(text, by string) func(*testing.T) http.Handler {
	return func(t *testing.T) http.Handler {
		t.Helper()
		return rewriting(t, func(_ int, body string) string { return strings.ReplaceAll(body, text, by) })
	}
}

// lower answers the style in lower case.
func lower(t *testing.T) http.Handler {
	t.Helper()
	r := strings.NewReplacer(`"STATIC"`, `"static"`, `"POLICY"`, `"policy"`, `"BGP"`, `"bgp"`)
	return rewriting(t, func(_ int, body string) string { return r.Replace(body) })
}

// vague answers refusals that do not name the member, which only a should asks
// for.
func vague(t *testing.T) http.Handler {
	t.Helper()
	return rewriting(t, func(status int, body string) string {
		if status == http.StatusCreated {
			return body
		}
		return `{"error_code":"VPN.0001","error_msg":"invalid request"}`
	})
}

// flaky is wrong the first time.
func flaky(t *testing.T) http.Handler {
	t.Helper()
	first := true // one request at a time
	return rewriting(t, func(_ int, body string) string {
		if first {
			first = false
			return "{}"
		}
		return body
	})
}

func answering(status int, body string) func(*testing.T) http.Handler {
	return func(*testing.T) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("X-Request-Id", "x")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		})
	}
}

func panics(*testing.T) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler) // the one that the server does not log
	})
}

// hangs never answers, not even when the client has left.
func hangs(*testing.T) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { select {} })
}
