package calibrate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/reference/fault"
)

// newTestLab is a lab of one test, which tries a few cases of every kind.
func newTestLab(t *testing.T, opts Options) *lab {
	t.Helper()
	l, err := newLab(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	l.cases = []string{"example", "Dpd.timeout.maximum", "transport/credentials-*", "CreateVpnConnection/transport/body-empty"}
	return l
}

// trial is an experiment, and the implementation that passes as the healthy one.
type trial struct {
	experiment
	healthy http.Handler
}

// on measures a trial.
func (l *lab) on(ctx context.Context, e trial) (*Measurement, error) {
	return l.measure(ctx, e.healthy, func() (experiment, error) { return e.experiment, nil })
}

// small is a trial that is over soon: the healthy implementation, the canary, a
// fault of a member, a null server, and nothing equivalent.
func small(t *testing.T, l *lab) trial {
	t.Helper()
	healthy, err := l.reference()
	if err != nil {
		t.Fatal(err)
	}
	return trial{experiment{faults: faultsOf(t, l, canary, "answer/vpn_connection/style/dropped"), nulls: []null{nullOf(t, l, "200 {}")}}, healthy}
}

// faultsOf are the faults with these ids.
func faultsOf(t *testing.T, l *lab, ids ...string) []subject {
	t.Helper()
	var out []fault.Fault
	for _, id := range ids {
		f, ok, err := fault.Find(id)
		if err != nil || !ok {
			t.Fatalf("no fault %s: %v", id, err)
		}
		out = append(out, f)
	}
	return l.faultsOf(out)
}

// nullOf is the null server with that name.
func nullOf(t *testing.T, l *lab, name string) null {
	t.Helper()
	all, err := l.nulls()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(n null) bool { return n.name == name })
	if i < 0 {
		t.Fatalf("no null server %s", name)
	}
	return all[i]
}

// served is a fault that an implementation stands for.
func served(id string, h http.Handler) subject {
	return subject{fault.Fault{ID: id, Kind: "test", Breaks: "a test"}, func(changed func()) (http.Handler, error) {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			changed()
			h.ServeHTTP(w, r)
		}), nil
	}}
}

// unchanged is the healthy implementation under the name of a fault.
func unchanged(id string, healthy http.Handler) subject {
	return subject{fault.Fault{ID: id, Kind: "test", Breaks: "nothing"}, func(func()) (http.Handler, error) { return healthy, nil }}
}

// without is an implementation without a header field.
func without(h http.Handler, name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(&cutting{w, name}, r)
	})
}

type cutting struct {
	http.ResponseWriter
	name string
}

func (c *cutting) WriteHeader(status int) {
	c.Header().Del(c.name)
	c.ResponseWriter.WriteHeader(status)
}

// TestMeasureAccounts holds the measurement to account: what makes it void or
// wrong, and what it does not let pass.
func TestMeasureAccounts(t *testing.T) {
	const style = "answer/vpn_connection/style/dropped"
	notYet := []byte(`{"vpn_connection":{}}`)
	for _, test := range []struct {
		name        string
		change      func(l *lab, e *trial)
		void, wrong string // lines, by ";"
		survivors   string
		score       int
	}{
		{name: "nothing"},
		{name: "the healthy implementation fails", change: func(_ *lab, e *trial) { e.healthy = without(e.healthy, "Content-Type") },
			void: "the healthy implementation does not pass: *"},
		{name: "the healthy implementation is silent", change: func(l *lab, e *trial) { e.healthy = nullOf(t, l, "resets").handler },
			void: "the healthy implementation does not pass: INCOMPLETE*"},
		{name: "the canary survives", change: func(_ *lab, e *trial) { e.faults[0] = served(canary, e.healthy) },
			void: "the canary " + canary + " survived", survivors: canary},
		{name: "there is no canary", change: func(_ *lab, e *trial) { e.faults = e.faults[1:] },
			void: "the canary " + canary + " is no fault"},
		{name: "a fault changes nothing", change: func(_ *lab, e *trial) { e.faults[1] = unchanged(style, e.healthy) },
			void: "fault " + style + " changed no answer", survivors: style},
		{name: "a fault is killed and changed nothing", change: func(_ *lab, e *trial) {
			e.faults[1] = unchanged(style, always(http.StatusOK, nil, func(*http.Request) string { return string(notYet) }))
		}, void: "fault " + style + " changed no answer"},
		{name: "a fault survives", change: func(_ *lab, e *trial) { e.faults[1] = served(style, e.healthy) }, survivors: style},
		{name: "an equivalent fault survives", change: func(_ *lab, e *trial) {
			e.faults[1], e.known = served(style, e.healthy), []equivalent{{style, "a test"}}
		}},
		{name: "an equivalent fault changes nothing", change: func(_ *lab, e *trial) {
			e.faults[1], e.known = unchanged(style, e.healthy), []equivalent{{style, "a test"}}
		}},
		{name: "an equivalent fault is killed", change: func(_ *lab, e *trial) { e.known = []equivalent{{style, "a test"}} },
			wrong: style + " is killed by *"},
		{name: "an equivalent is no fault", change: func(_ *lab, e *trial) { e.known = []equivalent{{"no/fault", "a test"}} },
			wrong: "no/fault is no fault"},
		{name: "a null server passes", change: func(_ *lab, e *trial) {
			e.nulls = append(e.nulls, null{"the reference", "test", e.healthy, time.Second, 1})
		}, score: -1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			l := newTestLab(t, Options{})
			e := small(t, l)
			if test.change != nil {
				test.change(l, &e)
			}
			m, err := l.on(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			wantLines(t, "void", test.void, m.Void)
			wantLines(t, "wrong", test.wrong, m.Wrong)
			var survivors []string
			for _, k := range m.Survivors() {
				survivors = append(survivors, k.Fault)
			}
			wantLines(t, "survivors", test.survivors, survivors)
			score := test.score
			if score < 0 {
				score = m.Cases
			}
			if got := m.NullScore(); got != score {
				t.Errorf("null score %d, want %d", got, score)
			}
			holds := test.void+test.wrong+test.survivors == "" && test.score == 0
			if m.Holds() != holds {
				t.Errorf("holds is %v, want %v: %s", m.Holds(), holds, m.Summary())
			}
			if verdict := strings.HasPrefix(m.Summary(), "CALIBRATED: "); verdict != holds {
				t.Errorf("the summary says: %s", m.Summary())
			}
		})
	}
}

// wantLines compares texts; one that ends with a star is a beginning.
func wantLines(t *testing.T, what, want string, got []string) {
	t.Helper()
	if begin, ok := strings.CutSuffix(want, "*"); ok && len(got) == 1 && strings.HasPrefix(got[0], begin) {
		return
	}
	if joined := strings.Join(got, ";"); joined != want {
		t.Errorf("%s is %q, want %q", what, joined, want)
	}
}

// TestKillsAreNamedCases shows that what is no failing case kills nothing,
// whatever goes wrong.
func TestKillsAreNamedCases(t *testing.T) {
	for name, h := range map[string]func(l *lab) http.Handler{
		"resets":  func(l *lab) http.Handler { return nullOf(t, l, "resets").handler },
		"closes":  func(l *lab) http.Handler { return nullOf(t, l, "closes").handler },
		"hangs":   func(l *lab) http.Handler { return nullOf(t, l, "hangs").handler },
		"is busy": func(l *lab) http.Handler { return nullOf(t, l, "429 empty").handler },
		"panics": func(*lab) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		},
		"breaks off": func(*lab) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "1000")
				w.WriteHeader(http.StatusCreated)
				panic(http.ErrAbortHandler)
			})
		},
		"speaks something else": func(*lab) http.Handler {
			return hijacking(func(c net.Conn) {
				_, _ = fmt.Fprint(c, "220 ready\r\n")
				_ = c.Close()
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newTestLab(t, Options{})
			l.timeout = 50 * time.Millisecond
			k, err := l.fault(t.Context(), served("test/fault", h(l)))
			if err != nil {
				t.Fatal(err)
			}
			if k.Case != "" || k.Changed == 0 {
				t.Errorf("got %+v, want no case and some changed answers", k)
			}
		})
	}
}

// TestKill shows what is said of a killed fault.
func TestKill(t *testing.T) {
	l := newTestLab(t, Options{})
	for _, test := range []struct{ id, at string }{
		{"answer/vpn_connection/style/dropped", "/body/vpn_connection/style"},
		{"rule/Dpd.timeout.maximum/not-enforced", "/status"},
	} {
		k, err := l.fault(t.Context(), faultsOf(t, l, test.id)[0])
		if err != nil {
			t.Fatal(err)
		}
		if k.Case == "" || k.Pointer != test.at || k.Level == "" || k.Changed == 0 || k.Fault != test.id {
			t.Errorf("got %+v, want a case, %s and a level", k, test.at)
		}
		if _, name, _ := strings.Cut(k.Case, "/"); k.Kind == "not-enforced" && !strings.HasPrefix(name, k.Rule+"/") {
			t.Errorf("%s is killed by %s, want a case of its rule", k.Fault, k.Case)
		}
	}
}

// TestInterrupted shows that a measurement that was interrupted says so, and
// nothing else, wherever it was.
func TestInterrupted(t *testing.T) {
	for name, opts := range map[string]func(stop func()) Options{
		"at once":       func(stop func()) Options { stop(); return Options{} },
		"on the faults": func(stop func()) Options { return Options{Jobs: 1, Each: func(int, int) { stop() }} },
		"on a foreign tester": func(stop func()) Options {
			return Options{Tester: func(context.Context, string) (bool, string, error) { stop(); return false, "", errors.New("killed") }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			l := newTestLab(t, opts(stop))
			m, err := l.on(ctx, small(t, l))
			if err != nil {
				t.Fatal(err)
			}
			if m.Holds() {
				t.Error("it holds")
			}
			wantLines(t, "void", "interrupted", m.Void)
		})
	}
}

// TestEquivalents reads the list, right and wrong ones.
func TestEquivalents(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"none", "", ""},
		{"only a comment", "# nothing\n", ""},
		{"no reason", "- fault: a\n", "equivalent.yaml:1:3: /0: an entry has a fault and a reason"},
		{"a blank reason", "- fault: a\n  reason: ' '\n", "equivalent.yaml:1:3: /0: an entry has a fault and a reason"},
		{"no fault", "- fault: a\n  reason: b\n- reason: c\n", "equivalent.yaml:3:3: /1: an entry has a fault and a reason"},
		{"twice", "- fault: a\n  reason: b\n- fault: a\n  reason: c\n", "equivalent.yaml:3:3: /1: a is there already"},
		{"unknown key", "- fault: a\n  reason: b\n  since: c\n", "*"},
		{"no list", "fault: a\n", "*"},
		{"broken", "- fault: [a\n", "*"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readEquivalents([]byte(test.text))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if test.want == "*" && strings.HasPrefix(got, "equivalent.yaml:") {
				return
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
	list, err := readEquivalents(equivalents)
	if err != nil {
		t.Fatal(err)
	}
	all, err := fault.All()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if !slices.ContainsFunc(all, func(f fault.Fault) bool { return e.names(f.ID) }) {
			t.Errorf("%s is no fault", e.Fault)
		}
	}
	if len(list)*50 >= len(all) {
		t.Errorf("%d of %d faults are equivalent, want fewer than 2 %%", len(list), len(all))
	}
}

// TestSample takes the first of every kind, and others at even distances.
func TestSample(t *testing.T) {
	items := []string{"a1", "a2", "b1", "a3", "b2", "c1", "a4", "a5", "a6"}
	kind := func(s string) string { return s[:1] }
	none := func(string) bool { return false }
	for _, test := range []struct {
		most   int
		needed func(string) bool
		want   []string
	}{
		{1, func(s string) bool { return s == "a3" }, []string{"a1", "b1", "a3", "c1"}},
		{2, none, []string{"a1", "b1", "b2", "c1", "a4"}},
		{3, none, []string{"a1", "b1", "a3", "b2", "c1", "a5"}},
		{5, none, []string{"a1", "a2", "b1", "a3", "b2", "c1", "a4", "a5"}},
		{9, none, items},
	} {
		if diff := cmp.Diff(test.want, sample(items, test.most, kind, test.needed)); diff != "" {
			t.Errorf("%d: %s", test.most, diff)
		}
	}
}

// TestNamed reads patterns of faults.
func TestNamed(t *testing.T) {
	for _, test := range []struct {
		pattern, fault string
		want           bool
	}{
		{"a/b", "a/b", true}, {"a/*", "a/b", true}, {"a/*", "a/b/c", false}, {"*/b", "a/b", true}, {"a/[", "a/[", true}, {"a/[", "a/b", false}, {"a/b", "a/c", false},
	} {
		if got := (equivalent{Fault: test.pattern}).names(test.fault); got != test.want {
			t.Errorf("%s names %s: %v, want %v", test.pattern, test.fault, got, test.want)
		}
	}
}

// TestNulls holds the null servers to those that the kit promises.
func TestNulls(t *testing.T) {
	l := newTestLab(t, Options{})
	all, err := l.nulls()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, n := range all {
		names[n.name] = true
	}
	for _, status := range []int{200, 201, 202, 204, 301, 400, 401, 404, 409, 429, 500, 503} {
		for _, body := range []string{"empty", "{}", "echo", "error", "CreateVpnConnection/example/static", "CreateVpnConnection/example/policy", "CreateVpnConnection/example/bgp"} {
			if name := fmt.Sprintf("%d %s", status, body); !names[name] {
				t.Errorf("no null server %s", name)
			}
		}
	}
	for _, name := range []string{"closes", "resets", "hangs"} {
		if !names[name] {
			t.Errorf("no null server %s", name)
		}
	}
	if len(names) != len(all) {
		t.Errorf("%d names for %d null servers", len(names), len(all))
	}
}
