package conformance_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestReplay runs one case of a report again, against the target of the report
// or another one.
func TestReplay(t *testing.T) {
	const refused, kept = "CreateVpnConnection/Dpd.timeout.maximum/above", "CreateVpnConnection/Dpd.timeout.maximum/kept"
	patterns := []string{"example", "Dpd.timeout.maximum"}
	healthy, lower := newReference(t), faulty(t, "style/static/lower-case")
	lenient := faulty(t, "status/refused-500")
	for name, row := range map[string]struct {
		recorded, now http.Handler // now is the recorded one if it is nil
		id            string
		want          report.Verdict
		cases         []string
		said          []string
	}{
		"passes":        {healthy, nil, "CreateVpnConnection/example/static", report.Conforms, []string{"CreateVpnConnection/example/static"}, []string{"CreateVpnConnection/example/static: as recorded: pass"}},
		"fails":         {lower, nil, "CreateVpnConnection/example/static", report.Differs, []string{"CreateVpnConnection/example/static"}, []string{"CreateVpnConnection/example/static: as recorded: fail, changed /body/vpn_connection/style"}},
		"mended":        {lower, healthy, "CreateVpnConnection/example/static", report.Conforms, []string{"CreateVpnConnection/example/static"}, []string{"CreateVpnConnection/example/static: not as recorded: fail, changed /body/vpn_connection/style; now pass"}},
		"broken":        {healthy, lower, "CreateVpnConnection/example/static", report.Differs, []string{"CreateVpnConnection/example/static"}, []string{"CreateVpnConnection/example/static: not as recorded: pass; now fail, changed /body/vpn_connection/style"}},
		"refused":       {healthy, nil, refused, report.Conforms, []string{kept, refused}, []string{kept + ": as recorded: pass", refused + ": as recorded: pass"}},
		"refused oddly": {healthy, lenient, refused, report.Differs, []string{kept, refused}, []string{kept + ": as recorded: pass", refused + ": not as recorded: pass; now fail, changed /status"}},
		"another way":   {lower, faulty(t, "answer/vpn_connection/style/dropped"), "CreateVpnConnection/example/static", report.Differs, []string{"CreateVpnConnection/example/static"}, []string{"CreateVpnConnection/example/static: not as recorded: fail, changed /body/vpn_connection/style; now fail, missing /body/vpn_connection/style"}},
		"does not come": {healthy, http.HandlerFunc(hangUp), "CreateVpnConnection/example/bgp", report.Incomplete, []string{"CreateVpnConnection/example/bgp"}, []string{"CreateVpnConnection/example/bgp: not as recorded: pass; now could-not-run"}},
	} {
		target := serve(t, row.recorded)
		recorded := written(t, run(t, conformance.Options{Target: target, Run: patterns, Level: "may", Strict: true}))
		opts := conformance.Options{Run: []string{"no/such"}, Shard: report.Shard{Part: 9}}
		if row.now != nil {
			target = serve(t, row.now)
			opts.Target = target
		}
		r, said, err := conformance.Replay(t.Context(), recorded, row.id, opts)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var cases []string
		for _, result := range r.Results {
			cases = append(cases, result.Case)
		}
		if r.Verdict() != row.want || r.Target != target || r.Level != "may" || !r.Strict || r.Complete {
			t.Errorf("%s: verdict %d, want %d; target %s, want %s; level %s, strict %t, complete %t", name, r.Verdict(), row.want, r.Target, target, r.Level, r.Strict, r.Complete)
		}
		if diff := cmp.Diff(row.cases, cases) + cmp.Diff(row.said, said); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// hangUp answers nothing.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// TestReplayEnvironment replays in the report's environment, and in another one,
// which is said.
func TestReplayEnvironment(t *testing.T) {
	env := environmentWith(t, func(*environment.Environment) {})
	env.Parameters["project_id"], env.TokenEnv, env.Headers = "another", "TOKEN", map[string]string{"X-Api-Key": "a long secret", "X-Empty": ""}
	target := serve(t, referenceIn(t, env, "open sesame"))
	recorded := written(t, run(t, conformance.Options{Target: target, Environment: env, Token: "open sesame", Run: examples}))
	if _, err := conformance.EnvironmentOf(recorded); err == nil || err.Error() != "the report masks the value of the header field X-Api-Key" {
		t.Errorf("error %v", err)
	}
	_, _, err := conformance.Replay(t.Context(), recorded, "CreateVpnConnection/example/bgp", conformance.Options{Token: "open sesame"})
	var wrong *conformance.UsageError
	if !errors.As(err, &wrong) || err.Error() != "the report masks the value of the header field X-Api-Key" {
		t.Errorf("error %v", err)
	}
	for name, row := range map[string]struct {
		edit func(*environment.Environment)
		said []string
	}{
		"the same": {func(*environment.Environment) {}, []string{"CreateVpnConnection/example/bgp: as recorded: pass"}},
		"another secret": {func(e *environment.Environment) {
			e.Headers = map[string]string{"X-Api-Key": "another one", "X-Empty": ""}
		}, []string{"CreateVpnConnection/example/bgp: as recorded: pass"}},
		"another": {func(e *environment.Environment) { e.Headers = nil }, []string{"the environment is not that of the report", "CreateVpnConnection/example/bgp: as recorded: pass"}},
	} {
		own := env
		row.edit(&own)
		_, said, err := conformance.Replay(t.Context(), recorded, "CreateVpnConnection/example/bgp", conformance.Options{Target: target, Environment: own, Token: "open sesame"})
		if diff := cmp.Diff(row.said, said); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	env.Headers = nil
	recorded = written(t, run(t, conformance.Options{Target: target, Environment: env, Token: "open sesame", Run: examples}))
	const alone = "the report says where the credentials go, and anybody may have written it: want a target"
	bare := env
	bare.TokenEnv, bare.Headers = "", map[string]string{"X-Api-Key": "a long secret"}
	for _, opts := range []conformance.Options{{}, {Token: "open sesame"}, {Environment: env}, {Environment: bare}} {
		if _, _, err := conformance.Replay(t.Context(), recorded, "CreateVpnConnection/example/bgp", opts); !errors.As(err, &wrong) || err.Error() != alone {
			t.Errorf("error %v, want %s", err, alone)
		}
	}
	if _, said, err := conformance.Replay(t.Context(), recorded, "CreateVpnConnection/example/bgp", conformance.Options{Token: "open sesame", Target: target}); err != nil || len(said) != 1 {
		t.Errorf("%q, error %v", said, err)
	}
	got, err := conformance.EnvironmentOf(recorded)
	if diff := cmp.Diff(env, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// TestReplayRefuses lists what cannot be replayed.
func TestReplayRefuses(t *testing.T) {
	recorded := run(t, conformance.Options{Target: serve(t, newReference(t)), Run: examples})
	foreign := *recorded
	foreign.Suite = "another"
	for want, row := range map[string]struct {
		recorded *report.Report
		id       string
		target   string
	}{
		`there is no case "example/ospf"`: {recorded, "example/ospf", ""},
		`there is no case "example/*"`:    {recorded, "example/*", ""},
		`there is no case ""`:             {recorded, "", ""},
		"the report has no case CreateVpnConnection/Dpd.timeout.maximum/above": {recorded, "CreateVpnConnection/Dpd.timeout.maximum/above", ""},
		"the report is of another suite than that of this vpnconform ()":       {&foreign, "CreateVpnConnection/example/bgp", ""},
		`target "ftp://x" is no http or https URL`:                             {recorded, "CreateVpnConnection/example/bgp", "ftp://x"},
	} {
		_, _, err := conformance.Replay(t.Context(), row.recorded, row.id, conformance.Options{Target: row.target})
		var wrong *conformance.UsageError
		if !errors.As(err, &wrong) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
