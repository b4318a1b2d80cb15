package conformance_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// lowerStyle is a server that breaks some cases, always in the same way.
func lowerStyle(t testing.TB) http.Handler {
	t.Helper()
	return mutated(newReference(t), func(w *httptest.ResponseRecorder) {
		w.Body = bytes.NewBufferString(strings.Replace(w.Body.String(), `"style":"POLICY"`, `"style":"policy"`, 1))
	})
}

// broken selects cases that it breaks, and others.
var broken = []string{"example", "PolicyRule.rule_index.*", "CreateVpnConnection.policy_rules.*", "CreateVpnConnection.style.*", "concurrency"}

// TestDeterministic holds two runs with one seed against each other: the JSON
// is the same, byte by byte, but for what is volatile, which comes last.
func TestDeterministic(t *testing.T) {
	for name, row := range map[string]struct {
		target   http.Handler
		patterns []string
	}{"reference": {newReference(t), append([]string{"around", "largest", "defaults", "Dpd.*"}, some...)}, "broken": {lowerStyle(t), broken}} {
		target := serve(t, row.target)
		stable := func(jobs int) string {
			r := run(t, conformance.Options{Target: target, Run: row.patterns, Ordered: false, Seed: 7, Jobs: jobs})
			var b bytes.Buffer
			if err := report.WriteJSON(&b, r); err != nil {
				t.Fatal(err)
			}
			before, volatile, found := strings.Cut(b.String(), "\n  \"volatile\": {")
			if !found || !strings.Contains(volatile, `"answer"`) || strings.Contains(before, "Date: ") {
				t.Fatalf("%s: volatile is %.100q", name, volatile)
			}
			return before
		}
		first := stable(1)
		if again := stable(16); again != first {
			t.Errorf("%s (-first +again):\n%s", name, cmp.Diff(first, again))
		}
	}
}

// TestOrder shows that neither the order nor the number of jobs changes a
// result.
func TestOrder(t *testing.T) {
	target := serve(t, lowerStyle(t))
	results := func(opts conformance.Options) []report.Result {
		opts.Target, opts.Run = target, broken
		return run(t, opts).Results
	}
	want := results(conformance.Options{Jobs: 1, Ordered: true})
	if failed := (&report.Report{Results: want}).Count()[report.Fail]; failed < 5 || failed > len(want)-5 {
		t.Fatalf("%d of %d cases fail: there is nothing to compare", failed, len(want))
	}
	for name, opts := range map[string]conformance.Options{
		"jobs 16": {Jobs: 16, Ordered: true}, "shuffled": {}, "shuffled, jobs 16": {Jobs: 16},
	} {
		if diff := cmp.Diff(want, results(opts), cmpopts.IgnoreFields(report.Result{}, "Exchanges", "Curl")); diff != "" {
			t.Errorf("%s (-fixed order, one job +got):\n%s", name, diff)
		}
	}
}

// TestShuffle shows that a seed determines the order, and that there is one.
func TestShuffle(t *testing.T) {
	target := serve(t, newReference(t))
	order := func(opts conformance.Options) string {
		var ids []string
		opts.Target, opts.Run, opts.Jobs = target, []string{"Dpd.*"}, 1
		opts.Each = func(r report.Result) { ids = append(ids, r.Case) }
		run(t, opts)
		return strings.Join(ids, "\n")
	}
	fixed, one := order(conformance.Options{Ordered: true}), order(conformance.Options{Ordered: false, Seed: 1})
	if seeded := order(conformance.Options{Ordered: true, Seed: 1}); seeded != fixed {
		t.Error("a seed changes the suite's order")
	}
	if again := order(conformance.Options{Ordered: false, Seed: 1}); again != one {
		t.Error("one seed gives two orders")
	}
	if two := order(conformance.Options{Ordered: false, Seed: 2}); one == fixed || two == one {
		t.Error("the order is not shuffled")
	}
}

// TestKeptConnections has targets that close connections in every way that
// loses no answer: the run loses no case.
func TestKeptConnections(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	sometimes := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return random.IntN(4) == 0
	}
	for name, row := range map[string]struct {
		announced bool
		when      func() bool
	}{
		"after every answer, announced": {true, func() bool { return true }},
		"after every answer":            {false, func() bool { return true }},
		"now and then, announced":       {true, sometimes},
		"now and then":                  {false, sometimes},
	} {
		t.Run(name, func(t *testing.T) {
			closing := mutated(newReference(t), func(w *httptest.ResponseRecorder) {
				if row.announced && row.when() {
					w.Header().Set("Connection", "close")
				}
			})
			target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if row.announced || !row.when() {
					closing.ServeHTTP(w, r)
					return
				}
				closeSilently(t, closing, w, r)
			}))
			r := run(t, conformance.Options{Target: target, Run: []string{"example", "Dpd.*", "CreateVpnConnection.name.*"}})
			if r.Verdict() != report.Conforms || r.Count()[report.Fail]+r.Count()[report.CouldNotRun]+r.Count()[report.Flaky] > 0 {
				t.Errorf("%s", text(t, r))
			}
		})
	}
}

// closeSilently answers and hangs up without saying so.
func closeSilently(t testing.TB, h http.Handler, w http.ResponseWriter, r *http.Request) {
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer func() { _ = conn.Close() }()
	recorder.Header().Set("Content-Length", strconv.Itoa(recorder.Body.Len()))
	if err := recorder.Result().Write(conn); err != nil {
		t.Error(err)
	}
}

// TestClosedAtTheNextRequest has a target that reads a second request on a
// connection, and hangs up instead of answering: the worst that a client sees
// of one that closed the connection meanwhile.
func TestClosedAtTheNextRequest(t *testing.T) {
	type count struct{}
	healthy := newReference(t)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Context().Value(count{}).(*atomic.Int32).Add(1) == 1 {
			healthy.ServeHTTP(w, r)
			return
		}
		peek(t, r)
		if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = c.Close()
		}
	}))
	s.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		return context.WithValue(ctx, count{}, new(atomic.Int32))
	}
	s.Start()
	t.Cleanup(s.Close)
	r := run(t, conformance.Options{Target: s.URL, Run: []string{"example", "Dpd.*"}})
	if r.Verdict() != report.Conforms || r.Count()[report.Fail]+r.Count()[report.CouldNotRun]+r.Count()[report.Flaky] > 0 {
		t.Errorf("%s", text(t, r))
	}
}
