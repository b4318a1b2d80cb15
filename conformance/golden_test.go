package conformance_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// recorded makes golden files of a run.
func recorded(t testing.TB, opts conformance.Options) *golden.Answers {
	t.Helper()
	g, err := golden.Record(run(t, opts).Results, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// loaded reads golden files, each changed.
func loaded(t testing.TB, g *golden.Answers, edit func(name string, data []byte) []byte) *golden.Answers {
	t.Helper()
	files := fstest.MapFS{}
	for name, data := range g.Files() {
		if data = edit(name, data); data != nil {
			files[name] = &fstest.MapFile{Data: data}
		}
	}
	again, err := golden.Load(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// recordedCases select some of every kind.
var recordedCases = append([]string{"CreateVpnConnection.name.*", "CreateVpnConnection.[hs]*", "defaults", "largest"}, some...)

// TestRecordHolds records cases twice, at other times and with other random
// numbers and another order: the files are the same, and the implementation
// equals them.
func TestRecordHolds(t *testing.T) {
	target := func(random byte) conformance.Options {
		s, err := reference.New(reference.Options{
			Rand: rand.NewChaCha8([32]byte{random}),
			Now:  func() time.Time { return time.Now().Add(time.Duration(random) * time.Minute) },
		})
		if err != nil {
			t.Fatal(err)
		}
		return conformance.Options{
			Target: serve(t, s), Rand: rand.NewChaCha8([32]byte{random + 100}), Strict: true, Ordered: random == 2, Seed: 7, Run: recordedCases,
		}
	}
	g := recorded(t, target(1))
	if diff := cmp.Diff(g.Files(), recorded(t, target(2)).Files()); diff != "" || len(g.Files()) < 150 {
		t.Errorf("%d files (-first +second):\n%s", len(g.Files()), diff)
	}
	opts := target(3)
	opts.Golden = loaded(t, g, func(_ string, data []byte) []byte { return data })
	if r := run(t, opts); r.Verdict() != report.Conforms || len(r.Golden) != 64 {
		t.Errorf("%s, digest %q", text(t, r), r.Golden)
	}
}

// compared are the cases of which every member is changed.
var compared = []string{"CreateVpnConnection/example/policy", "CreateVpnConnection/example/bgp", "CreateVpnConnection/Dpd.timeout.maximum/above"}

// TestEveryRecordedMember changes each member of recorded answers in every way,
// and wants each difference at that member. What stands for a value of a type
// stands for no other type, and for nothing absent.
func TestEveryRecordedMember(t *testing.T) {
	for _, id := range compared {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			healthy := newReference(t)
			g := recorded(t, conformance.Options{Target: serve(t, healthy), Run: []string{id}})
			file, err := match.Decode(g.Files()[id+".json"])
			if err != nil {
				t.Fatal(err)
			}
			var patch atomic.Value
			status := value(t, file, "/status")
			target := serve(t, mutated(healthy, func(w *httptest.ResponseRecorder) {
				if fmt.Sprint(w.Code) == fmt.Sprint(status) {
					w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), patch.Load().(string)))
				}
			}))
			body, tried, chosen := value(t, file, "/body"), 0, 0
			for _, pointer := range members(body, "") {
				old := value(t, body, pointer)
				for kind, p := range patches(pointer, old) {
					tried++
					patch.Store(p)
					ofGolden := recordedDifferences(run(t, conformance.Options{Target: target, Run: []string{id}, Golden: g, Once: true}), id)
					same := old == "<any string>" && (kind == "other value" || kind == "as text") || old == "<any number>" && kind == "as number"
					if same {
						chosen++
					}
					if named(ofGolden, "/body"+pointer) == same {
						t.Errorf("%s %s: %v", kind, pointer, known.Fingerprint(ofGolden))
					}
				}
			}
			if tried < 15 || chosen == 0 {
				t.Errorf("%d mutants, %d of what the server assigns: the answer is not walked", tried, chosen)
			}
		})
	}
}

// recordedDifferences are those of a case from its golden file.
func recordedDifferences(r *report.Report, id string) []report.Difference {
	var out []report.Difference
	for _, result := range r.Results {
		for _, d := range result.Differences {
			if result.Case == id && d.Why == "the recorded answer" && d.Level == "must" && d.Source == id+".json" {
				out = append(out, d)
			}
		}
	}
	return out
}

// replaced changes the text of answers.
func replaced(old, instead string) mutation {
	return func(w *httptest.ResponseRecorder) {
		w.Body = bytes.NewBufferString(strings.Replace(w.Body.String(), old, instead, 1))
	}
}

// TestRegression records a healthy implementation, then runs against one that
// still keeps the page, or does not: the verdict is red at the right place, at
// every level that counts.
func TestRegression(t *testing.T) {
	healthy := newReference(t)
	for name, row := range map[string]struct {
		target http.Handler
		id     string
		want   string // difference from the golden file
		page   report.Outcome
	}{
		"the words of a refusal":      {mutated(healthy, replaced("invalid request", "bad request")), "CreateVpnConnection/Dpd.timeout.maximum/above", "changed /body/error_msg", report.Pass},
		"the code of a refusal":       {mutated(healthy, replaced("VPN.0001", "VPN.0011")), "CreateVpnConnection/Dpd.timeout.maximum/above", "changed /body/error_code", report.Pass},
		"a member nobody knows":       {mutated(healthy, replaced(`{"vpn_connection":`, `{"extra":1,"vpn_connection":`)), "CreateVpnConnection/example/static", "unexpected /body/extra", report.Pass},
		"a parameter of the type":     {mutated(healthy, func(w *httptest.ResponseRecorder) { w.Header().Set("Content-Type", "application/json;charset=utf-8") }), "CreateVpnConnection/example/static", "changed /headers/Content-Type", report.Pass},
		"nothing":                     {healthy, "CreateVpnConnection/example/static", "", report.Pass},
		"style in lower case":         {faulty(t, "style/static/lower-case"), "CreateVpnConnection/example/static", "changed /body/vpn_connection/style", report.Fail},
		"name dropped":                {faulty(t, "answer/vpn_connection/name/dropped"), "CreateVpnConnection/example/static", "missing /body/vpn_connection/name", report.Fail},
		"another status of a refusal": {mutated(healthy, func(w *httptest.ResponseRecorder) { w.Code = map[int]int{201: 201, 400: 422}[w.Code] }), "CreateVpnConnection/Dpd.timeout.maximum/above", "changed /status", report.Pass},
	} {
		t.Run(name, func(t *testing.T) {
			opts := conformance.Options{Target: serve(t, healthy), Run: []string{row.id}}
			g := recorded(t, opts)
			opts.Target = serve(t, row.target)
			if r := run(t, opts); outcome(r, row.id) != row.page {
				t.Errorf("without golden files: %s: %s", outcome(r, row.id), r.Summary())
			}
			opts.Golden = g
			r := run(t, opts)
			if got := known.Fingerprint(recordedDifferences(r, row.id)); got != row.want || (r.Verdict() == report.Differs) != (row.want != "") {
				t.Errorf("[%s], want [%s]: %s", got, row.want, r.Summary())
			}
			if wrong, err := conformance.Verify(written(t, r), nil, g); err != nil || len(wrong) > 0 {
				t.Errorf("the report is not what its exchanges show: %v, %q", err, wrong)
			}
		})
	}
}

// TestFlakyGolden shows that a difference that goes away is flaky, and no pass.
func TestFlakyGolden(t *testing.T) {
	healthy := newReference(t)
	opts := conformance.Options{Target: serve(t, healthy), Run: []string{"CreateVpnConnection/example/static"}}
	opts.Golden = recorded(t, opts)
	var asked atomic.Int32
	opts.Target = serve(t, mutated(healthy, func(w *httptest.ResponseRecorder) {
		if asked.Add(1) == 1 {
			replaced(`{"vpn_connection":`, `{"extra":1,"vpn_connection":`)(w)
		}
	}))
	r := run(t, opts)
	result := r.Results[0]
	if got := known.Fingerprint(result.Differences); result.Outcome != report.Flaky || got != "unexpected /body/extra" || r.Verdict() != report.Differs {
		t.Errorf("%s, %s: %s", result.Outcome, got, r.Summary())
	}
	if wrong, err := conformance.Verify(written(t, r), nil, opts.Golden); err != nil || len(wrong) > 0 {
		t.Errorf("the report is not what its exchanges show: %v, %q", err, wrong)
	}
	if _, err := golden.Record(r.Results, nil, nil); err == nil || err.Error() != "CreateVpnConnection/example/static: /body/extra varies from answer to answer" {
		t.Errorf("recorded: %v", err)
	}
}

// TestGoldenMissing shows that a run starts with a golden file for every case
// that can be tried, and only then.
func TestGoldenMissing(t *testing.T) {
	var asked atomic.Int32
	healthy := newReference(t)
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		healthy.ServeHTTP(w, r)
	}))
	static := recorded(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/example/static"}})
	asked.Store(0)
	for want, run := range map[string][]string{
		"1 case has no golden file, CreateVpnConnection/example/policy: record it with vpnconform record":                            {"CreateVpnConnection/example/static", "CreateVpnConnection/example/policy"},
		"2 cases have no golden file, the first is CreateVpnConnection/example/policy: record them with vpnconform record":           {"example"},
		"2 cases have no golden file, the first is CreateVpnConnection/Dpd.timeout.maximum/kept: record them with vpnconform record": {"CreateVpnConnection/Dpd.timeout.maximum/above"},
	} {
		_, err := conformance.Run(t.Context(), conformance.Options{Target: target, Run: run, Golden: static})
		var usage *conformance.UsageError
		if !errors.As(err, &usage) || err.Error() != want {
			t.Errorf("%q: error %v, want %s", run, err, want)
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
	r := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/example/static", "transport/credentials-*"}, Golden: static})
	lacking := (&report.Report{Results: sent(r)}).Count()[report.NotApplicable]
	if r.Verdict() != report.Conforms || lacking != 5 {
		t.Errorf("a case that is not applicable needs a golden file: %s", r.Summary())
	}
}

// TestVerifyGolden holds a report against the golden files that are given.
func TestVerifyGolden(t *testing.T) {
	opts := conformance.Options{Target: serve(t, newReference(t)), Run: examples}
	without := run(t, opts)
	g := recorded(t, opts)
	opts.Run, opts.Golden = []string{"CreateVpnConnection/example/static"}, g
	with := run(t, opts)
	other := loaded(t, g, func(_ string, data []byte) []byte { return bytes.Replace(data, []byte(`"STATIC"`), []byte(`"BGP"`), 1) })
	unused := loaded(t, g, func(name string, data []byte) []byte {
		if name == "CreateVpnConnection/example/static.json" {
			return data
		}
		return nil
	})
	for name, row := range map[string]struct {
		report *report.Report
		golden *golden.Answers
		want   string
	}{
		"those of the run":    {with, g, ""},
		"fewer that are used": {with, unused, ""},
		"others":              {with, other, "the golden files are not those of the report"},
		"none":                {with, nil, "the report is of a run with golden files, which are not given"},
		"some for nothing":    {without, g, "the report is of a run without golden files"},
		"none for nothing":    {without, nil, ""},
	} {
		wrong, err := conformance.Verify(written(t, row.report), nil, row.golden)
		var usage *conformance.UsageError
		if len(wrong) > 0 || (err != nil) != (row.want != "") || err != nil && (err.Error() != row.want || !errors.As(err, &usage)) {
			t.Errorf("%s: %v, %q", name, err, wrong)
		}
	}
	edited := with.Results[0].Exchanges
	edited[0].Answer = strings.Replace(edited[0].Answer, `{"vpn_connection":`, `{"extra":1,"vpn_connection":`, 1)
	wrong, err := conformance.Verify(written(t, with), nil, g)
	if want := "CreateVpnConnection/example/static: the report says pass, its exchanges say flaky"; err != nil || len(wrong) == 0 || wrong[0] != want {
		t.Errorf("an edited answer: %v, %q, want %s", err, wrong, want)
	}
}

// TestUpdate updates what differs: what was generalised by hand stays so, and
// what does not differ keeps its form.
func TestUpdate(t *testing.T) {
	healthy := newReference(t)
	opts := conformance.Options{Target: serve(t, healthy), Run: examples}
	g := recorded(t, opts)
	edit := map[string]func([]byte) []byte{
		"CreateVpnConnection/example/static.json": func(data []byte) []byte { return bytes.Replace(data, []byte(`"STATIC"`), []byte(`"<any string>"`), 1) },
		"CreateVpnConnection/example/policy.json": func(data []byte) []byte {
			return bytes.Replace(bytes.Replace(data, []byte(`"POLICY"`), []byte(`"<any string>"`), 1), []byte("86400"), []byte("7"), 1)
		},
		"CreateVpnConnection/example/bgp.json": func([]byte) []byte { return nil },
	}
	old := loaded(t, g, func(name string, data []byte) []byte { return edit[name](data) })
	updated, err := old.Update(run(t, opts).Results)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{
		"CreateVpnConnection/example/policy.json": bytes.Replace(g.Files()["CreateVpnConnection/example/policy.json"], []byte(`"POLICY"`), []byte(`"<any string>"`), 1),
		"CreateVpnConnection/example/bgp.json":    g.Files()["CreateVpnConnection/example/bgp.json"],
	}
	if diff := cmp.Diff(want, updated.Files()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestNoSecretIsRecorded records an implementation that repeats the key and the
// token in every form.
func TestNoSecretIsRecorded(t *testing.T) {
	const token = "token-2718281828"
	env := withHeader(t)
	env.Headers = map[string]string{"X-Own": "header-3141592653"}
	healthy := referenceIn(t, env, token)
	key := ""
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := peek(t, r)
		_, rest, _ := strings.Cut(body, `"psk":"`)
		key, _, _ = strings.Cut(rest, `"`)
		leak := strings.Join([]string{
			key, base64.StdEncoding.EncodeToString([]byte(key)), fmt.Sprintf("%x", key), r.Header.Get("X-Auth-Token"), r.Header.Get("X-Own"),
		}, " ")
		mutated(healthy, replaced(`{"vpn_connection":`, fmt.Sprintf(`{"extra":%q,"vpn_connection":`, leak))).ServeHTTP(w, r)
	}))
	opts := conformance.Options{Target: target, Environment: env, Token: token, Run: []string{"CreateVpnConnection/example/static"}, Jobs: 1}
	first := recorded(t, opts).Files()
	for name, data := range first {
		for _, secret := range []string{key, base64.RawStdEncoding.EncodeToString([]byte(key)), fmt.Sprintf("%x", key), token, env.Headers["X-Own"]} {
			if len(secret) < 8 || bytes.Contains(data, []byte(secret)) {
				t.Errorf("%s has %q", name, secret)
			}
		}
		if !bytes.Contains(data, []byte(`"extra": "`+conformance.MaskedKey+" ")) {
			t.Errorf("%s has no leak to mask:\n%s", name, data)
		}
	}
	if diff := cmp.Diff(first, recorded(t, opts).Files()); diff != "" {
		t.Errorf("another key makes another file (-first +second):\n%s", diff)
	}
}
