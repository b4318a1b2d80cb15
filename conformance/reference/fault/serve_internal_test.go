package fault

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// corpus are requests of the suite's cases, in the default environment.
func corpus(tb testing.TB, take func(suite.Case) bool) []recorded {
	tb.Helper()
	w, err := newWorld(environment.Environment{})
	if err != nil {
		tb.Fatal(err)
	}
	w.environment.TokenEnv = "VPNCONFORM_TOKEN" // so that the cases of credentials can be bound
	var out []recorded
	for _, c := range w.suite.Cases {
		if c.Duty || !c.Wire.Lawful() || !take(c) {
			continue
		}
		bound, err := w.suite.Bind(c, w.environment, "Spare-Key-1")
		if err != nil {
			tb.Fatal(err)
		}
		out = append(out, recorded{c, bound.Body})
	}
	if len(out) == 0 {
		tb.Fatal("no cases")
	}
	return out
}

// recorded is a case and the body of its request.
type recorded struct {
	c    suite.Case
	body []byte
}

// ask sends a body to an implementation.
func ask(h http.Handler, body []byte) *reply {
	r := httptest.NewRequest(http.MethodPost, harness.Target, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Auth-Token", "My-Token-1")
	a := &reply{header: http.Header{}}
	h.ServeHTTP(a, r)
	return a
}

// TestFaultsChange shows that every fault changes an answer to a case, and
// counts it.
func TestFaultsChange(t *testing.T) {
	cases := corpus(t, func(suite.Case) bool { return true })
	byRule := map[string][]recorded{}
	for _, e := range cases {
		if e.c.Rule != nil {
			byRule[e.c.Rule.ID] = append(byRule[e.c.Rule.ID], e)
		}
	}
	w, err := newWorld(environment.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1e9, 0)
	healthy := newServer(t, reference.Options{Token: "My-Token-1", Now: func() time.Time { now = now.Add(time.Second); return now }})
	var before []recorded // what shows the fault before, which is often alike
	for _, f := range faults(t) {
		if f.ID == "state/swapped" || f.Kind == "mixed-at-once" || f.witness != nil {
			continue // they need two requests at a time, which TestSwapped and TestMixed have, or what TestWitnesses sends
		}
		if strings.HasPrefix(f.ID, "code/401-") {
			continue // they need another token, which TestFaultsOfCodes has
		}
		if f.Kind == "access" {
			continue // it needs other tokens, which TestAccess has
		}
		count := 0
		h := f.make(&wrong{healthy, w, func() { count++ }})
		for _, e := range slices.Concat(byRule[f.Rule], before, cases) {
			if ask(h, e.body); count > 0 {
				before = []recorded{e}
				break
			}
		}
		if count != 1 {
			t.Errorf("%s: %d changed answers, want the first", f.ID, count)
		}
	}
}

// TestAccess shows whom each fault of this kind lets in, once the right token
// was sent.
func TestAccess(t *testing.T) {
	const token = "My-Token-1"
	w, err := newWorld(environment.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	lets := map[string]string{ // tokens, by commas
		"access/missing": "", "access/wrong": "wrong,My-To,My-Token-12,My-Tokin-1", "access/shortened": "My-To",
		"access/lengthened": "My-Token-12", "access/changed": "My-Tokin-1",
	}
	for _, f := range ofAccess() {
		count := 0
		h := f.make(&wrong{newServer(t, reference.Options{Token: token}), w, func() { count++ }})
		status := func(token string) int {
			r := httptest.NewRequest(http.MethodPost, strings.ReplaceAll(w.op.Path, "{project_id}", w.project.ID), bytes.NewReader(w.request))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Auth-Token", token)
			a := httptest.NewRecorder()
			h(a, r)
			return a.Code
		}
		if first, right := status("wrong"), status(token); first != http.StatusUnauthorized || right != http.StatusCreated {
			t.Errorf("%s: at first %d, with the token %d", f.ID, first, right)
		}
		admitted := 0
		for _, token := range []string{"", "wrong", "My-To", "My-Token-12", "My-Tokin-1"} {
			let := slices.Contains(strings.Split(lets[f.ID], ","), token)
			if let {
				admitted++
			}
			if got := status(token); (got == http.StatusCreated) != let {
				t.Errorf("%s: %q gets %d", f.ID, token, got)
			}
		}
		if count != admitted || admitted == 0 {
			t.Errorf("%s: %d changed answers, want %d", f.ID, count, admitted)
		}
	}
}

// speaks are the beginnings of the ids of faults that speak of the answers to
// accepted requests alone, and to refused ones.
var speaks = map[int][]string{
	http.StatusCreated:    {"answer/", "echo/", "style/", "body/", "header/created-", "status/created-", "state/", "time/", "secret/created-", "text/", "block/", "size/", "open/", "mixed/"},
	http.StatusBadRequest: {"refusal/", "header/refused-", "status/refused-", "secret/refused-", "error/", "code/400-", "agent/", "tired/", "memory/"},
}

// TestFaultsLeaveTheRest shows that a fault leaves the answers alone that it
// does not speak of, byte for byte, and counts the others exactly.
func TestFaultsLeaveTheRest(t *testing.T) {
	n := 0
	cases := corpus(t, func(c suite.Case) bool {
		n++
		return c.Golden != nil || n%60 == 0
	})
	w, err := newWorld(environment.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	healthy, forget := forgetful(t, reference.Options{Token: "My-Token-1"})
	right := make([]*reply, len(cases))
	for i, e := range cases {
		forget()
		right[i] = ask(healthy, e.body)
	}
	checked := 0
	const some = 4
	for i, f := range faults(t) {
		if f.witness != nil && i%40 != 0 {
			continue // there are thousands of them, made alike
		}
		of := 0
		for status, prefixes := range speaks {
			if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(f.ID, p) }) {
				of = status
			}
		}
		if of != 0 {
			checked++
		}
		counted, differ := 0, 0
		h := f.make(&wrong{healthy, w, func() { counted++ }})
		for k, e := range cases {
			if testing.Short() && e.c.Golden == nil && (i+k)%some != 0 {
				continue // the next faults are of the same kind, and are asked the others
			}
			forget()
			switch got := ask(h, e.body); {
			case got.same(right[k]):
			case of != 0 && right[k].status != of:
				t.Errorf("%s: the answer to %s is %d %s, want %d %s", f.ID, e.c.ID, got.status, got.body, right[k].status, right[k].body)
			default:
				differ++
			}
		}
		if counted != differ {
			t.Errorf("%s: %d answers differ, and %d were counted", f.ID, differ, counted)
		}
	}
	if checked < 500 {
		t.Errorf("%d faults speak of answers of one kind, want most of %d", checked, len(faults(t)))
	}
}

// TestFaultLeavesTheHealthy shows that an implementation is as it was after it
// served one with a fault.
func TestFaultLeavesTheHealthy(t *testing.T) {
	healthy, forget := forgetful(t, reference.Options{})
	body := corpus(t, func(c suite.Case) bool { return c.Golden != nil })[0].body
	forget()
	before := ask(healthy, body)
	for _, id := range []string{"answer/vpn_connection/style/dropped", "body/null", "state/constant-id", "rule/Dpd.timeout.maximum/not-enforced"} {
		h, err := With(healthy, faultOf(t, id), nil)
		if err != nil {
			t.Fatal(err)
		}
		ask(h, body)
		forget()
		if after := ask(healthy, body); !after.same(before) {
			t.Errorf("after %s: %d %s, want %d %s", id, after.status, after.body, before.status, before.body)
		}
	}
}

// TestFaultsAtOnce asks faults that remember something from many sides. Run
// it with the race detector.
func TestFaultsAtOnce(t *testing.T) {
	body := corpus(t, func(c suite.Case) bool { return c.Golden != nil })[0].body
	for _, f := range faults(t) {
		if f.Kind != "state" && f.Kind != "stale" {
			continue
		}
		var changed atomic.Int64
		h, err := With(newServer(t, reference.Options{}), f, func() { changed.Add(1) })
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 4 {
					if a := ask(h, body); a.status != http.StatusCreated {
						t.Errorf("%s: %d %s", f.ID, a.status, a.body)
					}
				}
			})
		}
		all.Wait()
		if changed.Load() > 32 {
			t.Errorf("%s: %d of 32 answers changed", f.ID, changed.Load())
		}
	}
}

// TestSwapped exchanges the answers of two requests at the same time, and
// leaves one alone.
func TestSwapped(t *testing.T) {
	var changed atomic.Int64
	h, err := With(newServer(t, reference.Options{}), faultOf(t, "state/swapped"), func() { changed.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	body := corpus(t, func(c suite.Case) bool { return c.Golden != nil })[0].body
	identifiers := func(a *reply) (header, inBody string) {
		value, _ := match.Decode(a.body)
		return a.header.Get(problem.RequestIDHeader), harness.Text(value, "request_id")
	}
	if header, inBody := identifiers(ask(h, body)); header != inBody || changed.Load() != 0 {
		t.Errorf("one alone: %s and %s, %d changed", header, inBody, changed.Load())
	}
	for range 200 { // until two meet
		var pair [2]*reply
		var both sync.WaitGroup
		for i := range pair {
			both.Go(func() { pair[i] = ask(h, body) })
		}
		both.Wait()
		if changed.Load() == 0 {
			continue
		}
		a, inA := identifiers(pair[0])
		b, inB := identifiers(pair[1])
		if a != inB || b != inA || changed.Load() != 2 {
			t.Errorf("%s has %s, and %s has %s; %d changed", a, inA, b, inB, changed.Load())
		}
		return
	}
	t.Error("no two requests met")
}

// TestMixed exchanges one member of the answers to two requests at the same
// time, and nothing else.
func TestMixed(t *testing.T) {
	var changed atomic.Int64
	h, err := With(newServer(t, reference.Options{}), faultOf(t, "mixed/vpn_connection/name"), func() { changed.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"one", "two"}
	for range 200 { // until two meet
		var got [2]any
		var both sync.WaitGroup
		for i, name := range names {
			both.Go(func() {
				a := harness.Send(t, h, harness.Example(t, "bgp", harness.Set("/name", name)))
				body, _ := match.Decode(a.Body)
				got[i] = lookup(body, "/vpn_connection/name")
			})
		}
		both.Wait()
		if changed.Load() == 0 {
			continue
		}
		if got[0] != names[1] || got[1] != names[0] || changed.Load() != 2 {
			t.Errorf("got %v, %d changed", got, changed.Load())
		}
		return
	}
	t.Error("no two requests met")
}

// TestFaultReadsLittle shows that an endless body is not read to its end.
func TestFaultReadsLittle(t *testing.T) {
	counted := &counting{reader: rand.NewChaCha8([32]byte{})}
	h, err := With(newServer(t, reference.Options{}), faultOf(t, "body/null"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, harness.Target, counted)
	r.Header.Set("Content-Type", "application/json")
	a := &reply{header: http.Header{}}
	h.ServeHTTP(a, r)
	if a.status == http.StatusCreated || a.status == 0 || counted.n > 2*suite.MaxBody+1<<16 {
		t.Errorf("status %d after %d bytes", a.status, counted.n)
	}
}

// counting counts what is read.
type counting struct {
	reader io.Reader
	n      int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	c.n += n
	return n, err
}

// TestFaultOfCharset holds that a Content-Type with the right parameter is no
// fault, since it is right.
func TestFaultOfCharset(t *testing.T) {
	for _, f := range faults(t) {
		if strings.Contains(strings.ToLower(f.ID), "utf-8") && f.Kind == "header" {
			t.Errorf("%s is right", f.ID)
		}
	}
}

// TestPatched leaves alone what a patch does not fit.
func TestPatched(t *testing.T) {
	for _, test := range []struct{ body, op, at, want string }{
		{`{"a":1}`, "remove", "/a", `{}`},
		{`{"a":1}`, "remove", "/b", `{"a":1}`},
		{`{"a":1}`, "nonsense", "/a", `{"a":1}`},
		{`no JSON`, "remove", "/a", `no JSON`},
		{``, "add", "/a", ``},
	} {
		if got := string(patched([]byte(test.body), test.op, test.at, nil)); got != test.want {
			t.Errorf("%s %s of %q is %q, want %q", test.op, test.at, test.body, got, test.want)
		}
	}
}
