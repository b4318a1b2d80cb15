package conformance_test

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/fault"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// faults are derived once: that takes longer than most runs.
var faults = sync.OnceValues(fault.All)

// faulty is the reference implementation with a fault.
func faulty(t testing.TB, id string) http.Handler {
	t.Helper()
	healthy, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, err := faults()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.ID == id {
			handler, err := fault.With(healthy, f, nil)
			if err != nil {
				t.Fatal(err)
			}
			return handler
		}
	}
	t.Fatalf("there is no fault %s", id)
	return nil
}

// written is a report after it was written and read.
func written(t testing.TB, r *report.Report) *report.Report {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	again, err := report.ReadJSON(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// TestVerify judges reports of every kind of failure again: the exchanges say
// what the report says.
func TestVerify(t *testing.T) {
	for _, id := range []string{
		"", "answer/vpn_connection/style/wrong-case", "body/not-UTF-8", "body/truncated", "secret/created-in-text", "secret/refused-in-hex",
		"state/id-every-tenth", "status/refused-500", "refusal/empty", "header/created-content-type-twice", "rule/CreateVpnConnection.style.enum/not-enforced",
	} {
		target := newReference(t)
		if id != "" {
			target = faulty(t, id)
		}
		r := run(t, conformance.Options{Target: serve(t, target), Run: []string{"example", "CreateVpnConnection.s*", "IkePolicy.lifetime*", "transport", "concurrency"}})
		wrong, err := conformance.Verify(written(t, r), nil, nil)
		if err != nil || len(wrong) > 0 {
			t.Errorf("%s: %v, %q", id, err, wrong)
		}
		if failed := r.Count()[report.Fail]; (failed > 0) != (id != "") {
			t.Errorf("%s: %d cases failed: there is nothing to verify", id, failed)
		}
	}
}

// TestVerifyNotices edits reports, whose digests are made anew.
func TestVerifyNotices(t *testing.T) {
	patterns := []string{"CreateVpnConnection/example/static", "CreateVpnConnection/CreateVpnConnection.style.enum/unknown"}
	for name, row := range map[string]struct {
		edit func(*report.Result)
		want string
	}{
		"an outcome":   {func(r *report.Result) { r.Outcome, r.Differences = report.Pass, nil }, "CreateVpnConnection/example/static: the report says pass, its exchanges say fail"},
		"a difference": {func(r *report.Result) { r.Differences[0].Pointer = "/status" }, "CreateVpnConnection/example/static: the report says [changed /status], its exchanges say [changed /body/vpn_connection/style]"},
		"a count":      {func(r *report.Result) { r.Members.ByValue++ }, "CreateVpnConnection/example/static: the report counts "},
		"an answer": {func(r *report.Result) {
			r.Exchanges[0].Answer = strings.Replace(r.Exchanges[0].Answer, `"static"`, `"STATIC"`, 1)
		}, "CreateVpnConnection/example/static: the report "},
		"a request":      {func(r *report.Result) { r.Exchanges[0].Request = "{}" }, "CreateVpnConnection/example/static: exchange 1 is not what the case sends"},
		"another case":   {func(r *report.Result) { r.Case = "example/ospf" }, "example/ospf: there is no such case"},
		"nothing at all": {func(*report.Result) {}, ""},
	} {
		r := run(t, conformance.Options{Target: serve(t, faulty(t, "style/static/lower-case")), Run: patterns})
		row.edit(&r.Results[0])
		wrong, err := conformance.Verify(written(t, r), nil, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := strings.Join(wrong, "\n"); !strings.HasPrefix(got, row.want) || row.want == "" && got != "" {
			t.Errorf("%s:\n got %s\nwant %s", name, got, row.want)
		}
	}
	if _, err := conformance.Verify(&report.Report{Suite: "another"}, nil, nil); err == nil || !strings.Contains(err.Error(), "another suite") {
		t.Errorf("of another suite: %v", err)
	}
	if diff := cmp.Diff(len(conformance.MaskedKey), 20); diff != "" { // that of the keys that are made: a body that is cut off has the same length
		t.Error(diff)
	}
}

// TestVerifyDutyBesideCut shows that an exchange of which a part is kept vouches for no
// duty that the others break.
func TestVerifyDutyBesideCut(t *testing.T) {
	nameless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		newReference(t).ServeHTTP(recorder, r)
		recorder.Header().Del("X-Request-Id")
		maps.Copy(w.Header(), recorder.Header())
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})
	patterns := []string{"example/*", "Dpd.timeout.maximum"}
	for _, edited := range []bool{false, true} {
		r := run(t, conformance.Options{Target: serve(t, nameless), Run: patterns, Level: "should"})
		r.Results[0].Exchanges[0].Cut = true
		duties := 0
		for i := range r.Results {
			result := &r.Results[i]
			if strings.HasPrefix(result.Case, "duty/") && result.Outcome == report.Fail && edited {
				result.Outcome, result.Differences = report.Pass, nil
				duties++
			}
		}
		wrong, err := conformance.Verify(written(t, r), nil, nil)
		if err != nil || (len(wrong) > 0) != edited || edited && duties == 0 {
			t.Errorf("edited %v, %d duties: %v, %q", edited, duties, err, wrong)
		}
	}
}
