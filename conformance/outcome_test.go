package conformance_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestNotApplicable takes away what the examples need.
func TestNotApplicable(t *testing.T) {
	for want, change := range map[string]func(*environment.Environment){
		"the environment has no gateway":          func(e *environment.Environment) { e.Objects["gateway"] = nil },
		"the environment has no customer gateway": func(e *environment.Environment) { e.Objects["customer_gateway"] = nil },
	} {
		env := environmentWith(t, change)
		r := run(t, conformance.Options{Target: "http://127.0.0.1:1", Environment: env, Run: examples})
		for _, result := range sent(r) {
			if result.Outcome != report.NotApplicable || result.Reason != want || result.Requests != 0 {
				t.Errorf("%s is %s after %d requests: %s", result.Case, result.Outcome, result.Requests, result.Reason)
			}
		}
		if r.Verdict() != report.Incomplete {
			t.Errorf("verdict %d: nothing was tried, so nothing conforms", r.Verdict())
		}
	}
}

// TestOwnEnvironment runs against an implementation with other gateways than
// the documented ones.
func TestOwnEnvironment(t *testing.T) {
	data, err := os.ReadFile("testdata/own.yaml")
	if err != nil {
		t.Fatal(err)
	}
	env, err := environment.Parse(embedded(t), "own.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, conformance.Options{Target: serve(t, referenceIn(t, env, "token")), Environment: env, Token: "token"})
	if r.Verdict() != report.Conforms {
		t.Errorf("%s", text(t, r))
	}
	r = run(t, conformance.Options{Target: serve(t, referenceIn(t, env, "token")), Environment: env, Token: "other", Run: examples})
	for _, result := range sent(r) {
		if result.Outcome != report.Fail || result.Differences[0].Pointer != "/status" || !strings.HasPrefix(result.Differences[0].Got, "401, APIG.0301: ") {
			t.Errorf("with another token %s: %s %s", result.Case, result.Outcome, known.Fingerprint(result.Differences))
		}
	}
}

// TestKnownFailures lists what may be wrong with a list of known failures.
// The target breaks the style of every answer.
func TestKnownFailures(t *testing.T) {
	target := serve(t, mutated(newReference(t), func(w *httptest.ResponseRecorder) {
		body := w.Body.String()
		w.Body.Reset()
		w.Body.WriteString(strings.Replace(body, `"style":"BGP"`, `"style":"bgp"`, 1))
	}))
	bgp := known.Failure{Case: "CreateVpnConnection/example/bgp", Reason: "lower case", Fingerprint: "changed /body/vpn_connection/style"}
	with := func(change func(*known.Failure)) known.Failure {
		k := bgp
		change(&k)
		return k
	}
	for name, row := range map[string]struct {
		known    []known.Failure
		run      []string
		verdict  report.Verdict
		problems []string
	}{
		"none":            {nil, nil, report.Differs, nil},
		"right":           {[]known.Failure{bgp}, nil, report.Conforms, nil},
		"alone":           {[]known.Failure{bgp}, []string{"CreateVpnConnection/example/bgp"}, report.Incomplete, nil},
		"not selected":    {[]known.Failure{bgp}, []string{"CreateVpnConnection/example/static"}, report.Conforms, nil},
		"any way":         {[]known.Failure{with(func(k *known.Failure) { k.Fingerprint = "" })}, nil, report.Conforms, nil},
		"last day":        {[]known.Failure{with(func(k *known.Failure) { k.Expires = "2026-03-01" })}, nil, report.Conforms, nil},
		"expired":         {[]known.Failure{with(func(k *known.Failure) { k.Expires = "2026-02-28" })}, nil, report.Stale, []string{"CreateVpnConnection/example/bgp expired on 2026-02-28"}},
		"unknown":         {[]known.Failure{bgp, {Case: "example/x", Reason: "r"}}, nil, report.Stale, []string{"example/x is no case"}},
		"unknown, others": {[]known.Failure{bgp, {Case: "example/x", Reason: "r"}}, []string{"CreateVpnConnection/example/bgp", "CreateVpnConnection/example/static"}, report.Stale, []string{"example/x is no case"}},
		"passes":          {[]known.Failure{bgp, {Case: "CreateVpnConnection/example/static", Reason: "r"}}, nil, report.Stale, []string{"CreateVpnConnection/example/static passes"}},
		"other way": {[]known.Failure{with(func(k *known.Failure) { k.Fingerprint = "missing /body" })}, nil, report.Stale,
			[]string{"CreateVpnConnection/example/bgp fails in another way: changed /body/vpn_connection/style"}},
	} {
		if row.run == nil {
			row.run = examples
		}
		r := run(t, conformance.Options{Target: target, Known: row.known, Run: row.run, Today: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)})
		if r.Verdict() != row.verdict {
			t.Errorf("%s: verdict %d, want %d: %s", name, r.Verdict(), row.verdict, r.Summary())
		}
		if diff := cmp.Diff(row.problems, r.Baseline); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", name, diff)
		}
	}
}

// TestParseKnown holds what is said of wrong lists: testdata/known/*.yaml and
// the golden file beside each.
func TestParseKnown(t *testing.T) {
	files, err := filepath.Glob("testdata/known/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no lists: %v", err)
	}
	g := goldie.New(t, goldie.WithFixtureDir("testdata/known"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		list, err := known.Parse(name+".yaml", data)
		said := "accepted\n"
		if err != nil {
			said = err.Error() + "\n"
		}
		t.Run(name, func(t *testing.T) { g.Assert(t, name, []byte(said)) })
		if name == "right" && len(list) != 2 {
			t.Errorf("%d entries, want 2", len(list))
		}
	}
}

func FuzzParseKnown(f *testing.F) {
	f.Add([]byte("- {case: a, reason: b, expires: 2026-01-01}"))
	f.Add([]byte("! Q")) // a parser of YAML has panicked on this
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := known.Parse("fuzz.yaml", data)
		for _, k := range list {
			if err == nil && (k.Case == "" || k.Reason == "") {
				t.Errorf("accepted %+v", k)
			}
		}
	})
}

// TestFailureText is the golden transcript of a failing run.
func TestFailureText(t *testing.T) {
	target := serve(t, mutated(newReference(t), func(w *httptest.ResponseRecorder) {
		body := w.Body.String()
		w.Body.Reset()
		w.Body.WriteString(strings.NewReplacer(
			`"style":"BGP"`, `"style":"bgp"`, `"pfs":"group16",`, ``, `"lifetime_seconds":172800`, `"lifetime_seconds":172800.0`,
			`"ha_role":"master"`, `"ha_role":"master","status":"ACTIVE"`,
		).Replace(body))
	}))
	r := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/example/bgp"}})
	r.Took = 0
	out := strings.ReplaceAll(text(t, r), target, "http://127.0.0.1:8080")
	goldie.New(t).Assert(t, "failure", []byte(out))
}

func text(t *testing.T, r *report.Report) string {
	t.Helper()
	var b strings.Builder
	if err := report.WriteText(&b, r, report.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
