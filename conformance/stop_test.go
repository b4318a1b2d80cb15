package conformance_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// stopsAfter answers a number of requests, and no further one.
func stopsAfter(t testing.TB, n int32) string {
	t.Helper()
	healthy := newReference(t)
	var asked atomic.Int32
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) <= n {
			healthy.ServeHTTP(w, r)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the client leaves
		<-r.Context().Done()
	}))
}

// TestStopped stops runs of the whole suite in every way. The report has every
// case; what passed before is in it, and the rest says why it did not run.
func TestStopped(t *testing.T) {
	everything := len(ids(t, nil, []string{"duty"}))
	for name, row := range map[string]struct {
		target  string
		opts    conformance.Options
		verdict report.Verdict
		passed  int // at least
		because string
	}{
		"deadline":               {stopsAfter(t, 0), conformance.Options{RunTimeout: 100 * time.Millisecond}, report.Incomplete, 0, "the run took longer than 100ms"},
		"deadline in the middle": {stopsAfter(t, 60), conformance.Options{RunTimeout: time.Second}, report.Incomplete, 1, "the run took longer than 1s"},
		"no answer any more":     {stopsAfter(t, 60), conformance.Options{Timeout: 500 * time.Millisecond}, report.Incomplete, 1, "the target did not answer 10 times in a row"},
		"fail fast":              {serve(t, null(http.StatusTeapot, nil)), conformance.Options{FailFast: true, Jobs: 1}, report.Differs, 0, "the run stopped at the first failure"},
		"too slow for the rate":  {serve(t, newReference(t)), conformance.Options{Rate: 0.001, RunTimeout: time.Minute}, report.Incomplete, 0, "the run ends before its turn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row.opts.Target = row.target
			handed := 0
			row.opts.Each = func(report.Result) { handed++ }
			r := run(t, row.opts)
			count, results := r.Count(), sent(r)
			if len(results) != everything || handed != everything || r.Verdict() != row.verdict || count[report.Pass] < row.passed {
				t.Errorf("%d of %d results, %d handed out: %s", len(results), everything, handed, r.Summary())
			}
			if last := results[everything-1]; last.Outcome != report.CouldNotRun || last.Reason != row.because {
				t.Errorf("the last is %s: %s, want %s", last.Outcome, last.Reason, row.because)
			}
			if name == "fail fast" {
				fails := 0
				for _, result := range results {
					if result.Outcome == report.Fail {
						fails++
					}
				}
				if fails != 1 || count[report.CouldNotRun] < everything-3 {
					t.Errorf("%s", r.Summary())
				}
			}
		})
	}
}

// TestDead counts the connections to a target that hangs up on each.
func TestDead(t *testing.T) {
	var asked atomic.Int32
	target := listening(t, func(c net.Conn) {
		asked.Add(1)
		_ = c.Close()
	})
	const again = 4 // broken connections, until they are taken for the target's own
	r := run(t, conformance.Options{Target: target, Jobs: 4})
	if n := asked.Load(); n < 10 || n > 10+4+again || r.Verdict() != report.Incomplete {
		t.Errorf("%d connections, want 10, those of the jobs in flight and those tried again: %s", n, r.Summary())
	}
}

// TestInterruptedInTheMiddle cancels a run of several jobs. What passed before is
// kept; of the refusals, those whose twin was tried.
func TestInterruptedInTheMiddle(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	handed := 0
	r, err := conformance.Run(ctx, conformance.Options{Target: serve(t, newReference(t)), Each: func(report.Result) {
		if handed++; handed == 100 {
			cancel()
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if count := r.Count(); count[report.Pass] < 20 || count[report.CouldNotRun] < 500 || handed != len(sent(r)) || r.Verdict() != report.Incomplete {
		t.Errorf("%s", r.Summary())
	}
	for _, result := range sent(r) {
		if result.Outcome == report.CouldNotRun && result.Reason != "interrupted" && !strings.HasPrefix(result.Reason, "its twin ") {
			t.Errorf("%s: %s", result.Case, result.Reason)
		}
	}
}

// TestFailFastLevel shows that what does not count for the verdict does not
// stop the run.
func TestFailFastLevel(t *testing.T) {
	target := refusing(t, says(`{"error_code":"VPN.0001","error_msg":"invalid request"}`)) // breaks a should
	for level, want := range map[string]report.Verdict{"must": report.Conforms, "should": report.Differs} {
		r := run(t, conformance.Options{Target: target, Run: []string{"Dpd.timeout.maximum"}, FailFast: true, Level: level, Jobs: 1})
		if r.Verdict() != want || (r.Count()[report.CouldNotRun] == 0) != (level == "must") {
			t.Errorf("%s: %s", level, r.Summary())
		}
	}
}

// TestInterrupt shows that a run that is stopped reports every case.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	healthy := newReference(t)
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { healthy.ServeHTTP(w, r) }))
	var seen []string
	r, err := conformance.Run(ctx, conformance.Options{Target: target, Run: examples, Jobs: 1, Ordered: true, Each: func(result report.Result) {
		seen = append(seen, result.Case)
		cancel()
	}})
	if err != nil {
		t.Fatal(err)
	}
	count := (&report.Report{Results: sent(r)}).Count()
	if count[report.Pass] != 1 || count[report.CouldNotRun] != 2 || r.Verdict() != report.Incomplete || len(seen) != 3 {
		t.Errorf("%s, %d results were handed out", r.Summary(), len(seen))
	}
	if reason := r.Results[2].Reason; reason != "interrupted" {
		t.Errorf("reason %q", reason)
	}
}
