package conformance_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// wholeInParts is the whole suite run against the reference implementation in
// three parts, which takes seconds: for more than one test. No test changes it.
var wholeInParts []conformance.Part

// divided runs parts, each written and read again, the last one first.
func divided(t testing.TB, opts conformance.Options, of int) []conformance.Part {
	t.Helper()
	var parts []conformance.Part
	for part := of; part > 0; part-- {
		opts.Shard = report.Shard{Part: part, Of: of}
		r := written(t, run(t, opts))
		if r.Complete || len(r.Missing) > 0 || r.Shard != (report.Shard{Part: part, Of: of, Whole: len(opts.Run)+len(opts.Skip) == 0}) {
			t.Errorf("part %d is complete (%t), lacks %d cases, or is part %+v", part, r.Complete, len(r.Missing), r.Shard)
		}
		parts = append(parts, conformance.Part{Name: fmt.Sprintf("p%d.json", part), Report: r})
	}
	return parts
}

func merge(t testing.TB, parts []conformance.Part) *report.Report {
	t.Helper()
	r, err := conformance.Merge(parts, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// stable is a report as JSON without what is volatile.
func stable(t testing.TB, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteJSON(&b, r); err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(b.String(), "\n  \"volatile\": {")
	if !found {
		t.Fatal("nothing is volatile")
	}
	return before
}

// agrees wants Verify to find nothing wrong.
func agrees(t testing.TB, r *report.Report) {
	t.Helper()
	if wrong, err := conformance.Verify(written(t, r), nil, nil); err != nil || len(wrong) > 0 {
		t.Errorf("verify: %v, %q", err, wrong)
	}
}

// TestMerge holds parts that are joined against the run without parts: the JSON
// is the same, byte by byte, but for what is volatile.
func TestMerge(t *testing.T) {
	entries := []known.Failure{
		{Case: "CreateVpnConnection/example/policy", Reason: "lower case"}, {Case: "example/ospf", Reason: "a typing error"}, {Case: "CreateVpnConnection/example/static", Reason: "it passes"},
		{Case: "CreateVpnConnection/PolicyRule.rule_index.maximum/maximum", Reason: "another way", Fingerprint: "missing /body", Expires: "2026-01-01"},
	}
	some := append([]string{"transport", "IkePolicy.lifetime*"}, broken...)
	for name, row := range map[string]struct {
		fault string
		opts  conformance.Options
		of    int
		want  report.Verdict
		own   bool // what is wrong shows identifiers and times, which are new in every run
	}{
		"healthy":          {of: 3},
		"shuffled, strict": {opts: conformance.Options{Seed: 7, Strict: true, Level: "may", Run: some}, of: 3},
		"one part":         {opts: conformance.Options{Run: some}, of: 1},
		"some":             {opts: conformance.Options{Run: some, Skip: []string{"transport/body-*"}}, of: 5},
		"broken":           {fault: "lower", opts: conformance.Options{Run: some}, of: 4, want: report.Differs},
		"known":            {fault: "lower", opts: conformance.Options{Run: some, Known: entries, Today: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, of: 4, want: report.Differs},
		"stale":            {opts: conformance.Options{Run: some, Known: entries, Today: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}, of: 4, want: report.Stale},
		"duties named":     {opts: conformance.Options{Run: append([]string{"duty/*"}, some...)}, of: 4},
		"duties broken":    {fault: "state/constant-id", opts: conformance.Options{Run: append([]string{"duty/*"}, some...)}, of: 4, want: report.Differs},
		"one id":           {fault: "state/constant-id", opts: conformance.Options{Run: some}, of: 4, want: report.Differs},
		"one request_id":   {fault: "state/constant-request-id", opts: conformance.Options{Run: some}, of: 4, want: report.Differs},
		"nothing accepted": {fault: "status/created-500", opts: conformance.Options{Run: some}, of: 4, want: report.Differs},
		"nothing refused":  {fault: "rule/IkePolicy.lifetime_seconds.maximum/not-enforced", opts: conformance.Options{Run: some}, of: 4, want: report.Differs, own: true},
		"no bodies":        {fault: "body/not-UTF-8", opts: conformance.Options{Run: some}, of: 4, want: report.Differs, own: true},
		"keys leak":        {fault: "secret/created-in-text", opts: conformance.Options{Run: some}, of: 4, want: report.Differs},
	} {
		t.Run(name, func(t *testing.T) {
			handler := newReference(t)
			switch row.fault {
			case "":
			case "lower":
				handler = lowerStyle(t)
			default:
				handler = faulty(t, row.fault)
			}
			row.opts.Target = serve(t, handler)
			if len(row.opts.Run) > 0 { // the drawn ones are like the others, and many
				row.opts.Skip = append(row.opts.Skip, aroundOthers...)
			}
			parts := divided(t, row.opts, row.of)
			if name == "healthy" {
				wholeInParts = parts
			}
			whole, joined := run(t, row.opts), merge(t, parts)
			if row.own {
				forget(whole.Results)
				forget(joined.Results)
			}
			if diff := cmp.Diff(stable(t, whole), stable(t, joined)); diff != "" {
				t.Errorf("(-without parts +merged):\n%s", diff)
			}
			if joined.Verdict() != row.want {
				t.Errorf("verdict %d, want %d: %s", joined.Verdict(), row.want, joined.Summary())
			}
			agrees(t, joined)
		})
	}
}

// forget leaves out what came where it was wrong.
func forget(results []report.Result) {
	for _, r := range results {
		for i := range r.Differences {
			r.Differences[i].Got = ""
		}
	}
}

// TestMergeTimes holds the times of a run in parts: from the first to the last.
func TestMergeTimes(t *testing.T) {
	parts := divided(t, conformance.Options{Target: serve(t, newReference(t)), Run: examples}, 3)
	first := parts[len(parts)-1].Report.Started
	for i, p := range parts { // part 3 is the last by an hour, part 1 the first
		p.Report.Started = first.Add(time.Duration(2-i) * time.Hour)
		p.Report.Took = time.Second
		for k := range p.Report.Results {
			for n := range p.Report.Results[k].Exchanges {
				p.Report.Results[k].Exchanges[n].After = time.Millisecond
			}
		}
	}
	r := merge(t, parts)
	var after []time.Duration
	for _, result := range sent(r) {
		after = append(after, result.Exchanges[0].After)
	}
	want := []time.Duration{time.Millisecond, time.Hour + time.Millisecond, 2*time.Hour + time.Millisecond}
	if diff := cmp.Diff(want, after); diff != "" || !r.Started.Equal(first) || r.Took != 2*time.Hour+time.Second {
		t.Errorf("started %v, want %v, took %v (-want +got):\n%s", r.Started, first, r.Took, diff)
	}
	if after := parts[0].Report.Results[0].Exchanges[0].After; after != time.Millisecond {
		t.Errorf("the part was changed: %v", after)
	}
}

// restarting is a reference implementation that begins its identifiers anew.
type restarting struct{ http.Handler }

func (r *restarting) again(t testing.TB) {
	s, err := reference.New(reference.Options{Rand: rand.NewChaCha8([32]byte{})})
	if err != nil {
		t.Fatal(err)
	}
	r.Handler = s
}

// TestMergeRepeated has a target that gives no identifier twice in a part, and
// the same ones in each: every part keeps the duty, and all together do not.
func TestMergeRepeated(t *testing.T) {
	server := &restarting{}
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { server.ServeHTTP(w, r) }))
	const unique = "duty/ResponseVpnConnection.id.x-unique"
	entries := []known.Failure{{Case: unique, Reason: "it passes in every part"}}
	var parts []conformance.Part
	for part := range 3 {
		server.again(t)
		r := run(t, conformance.Options{Target: target, Run: examples, Jobs: 1, Known: entries, Shard: report.Shard{Part: part + 1, Of: 3}})
		if n := len(sent(r)); n != 1 || r.Verdict() != report.Stale || outcome(r, unique) != report.Pass {
			t.Fatalf("%s", text(t, r))
		}
		parts = append(parts, conformance.Part{Name: "p.json", Report: written(t, r)})
	}
	if diff := cmp.Diff([]string{unique + " passes"}, parts[0].Report.Baseline); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	joined := merge(t, parts)
	for _, result := range sent(joined) {
		if result.Outcome != report.Pass { // the answers differ in all else
			t.Errorf("%s: %s, %s", result.Case, result.Outcome, known.Fingerprint(result.Differences))
		}
	}
	for _, result := range joined.Results {
		if result.Case != unique {
			continue
		}
		if result.Outcome != report.Fail || result.Known != "" || len(result.Differences) != 1 {
			t.Fatalf("%s: %s, %s", result.Case, result.Outcome, known.Fingerprint(result.Differences))
		}
		d := result.Differences[0]
		if d.Pointer != "/body/vpn_connection/id" || d.Answers != 6 || d.Case != "CreateVpnConnection/example/static" || !strings.HasSuffix(d.Got, ", to CreateVpnConnection/example/policy, CreateVpnConnection/example/bgp as well") {
			t.Errorf("%+v", d)
		}
	}
	if joined.Verdict() != report.Differs || len(joined.Baseline) > 0 {
		t.Errorf("%s, %q", joined.Summary(), joined.Baseline)
	}
	agrees(t, joined)
}

// TestMergeHides has a target that breaks the answer to a twin while another part
// than its own runs: without it everything passes, and nobody would know. Then
// the part that the twin belongs to has it not.
func TestMergeHides(t *testing.T) {
	var breaks bool
	healthy := newReference(t)
	wrong := mutated(healthy, func(w *httptest.ResponseRecorder) {
		w.Body = bytes.NewBufferString(strings.NewReplacer(`"STATIC"`, `"static"`, `"POLICY"`, `"policy"`, `"BGP"`, `"bgp"`).Replace(w.Body.String()))
	})
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if breaks {
			wrong.ServeHTTP(w, r)
		} else {
			healthy.ServeHTTP(w, r)
		}
	}))
	const refused, twin = "CreateVpnConnection/Dpd.timeout.maximum/above", "CreateVpnConnection/Dpd.timeout.maximum/kept"
	opts := conformance.Options{Target: target, Run: []string{refused}, Level: "should"} // which is that of the twin
	at, other := position(t, refused), position(t, twin)
	for of := 3; ; of++ {
		if (at-other)%of == 0 {
			continue
		}
		var parts []conformance.Part
		for i, owned := range []int{other, at} {
			breaks = i == 1
			opts.Shard = report.Shard{Part: owned%of + 1, Of: of}
			parts = append(parts, conformance.Part{Name: fmt.Sprintf("p%d.json", i), Report: written(t, run(t, opts))})
		}
		for part := 1; part <= of; part++ { // that have no case
			if part != parts[0].Report.Shard.Part && part != parts[1].Report.Shard.Part {
				empty := *parts[0].Report
				empty.Results, empty.Shard.Part = nil, part
				parts = append(parts, conformance.Part{Name: "empty.json", Report: &empty})
			}
		}
		_, err := conformance.Merge(parts, nil, nil)
		const want = "p1.json: " + twin + " ends there as fail, and not when the twins that belong to other parts are left out: run the cases undivided"
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		empty := *parts[0].Report
		empty.Results, parts[0].Report = nil, &empty
		_, err = conformance.Merge(parts, nil, nil)
		const lacks = "p0.json: " + twin + " is missing, the twin of " + refused + " in p1.json"
		if err == nil || err.Error() != lacks {
			t.Errorf("error %v, want %s", err, lacks)
		}
		return
	}
}

// position is that of a case in the suite.
func position(t testing.TB, id string) int {
	t.Helper()
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	return slices.IndexFunc(s.Cases, func(c suite.Case) bool { return c.ID == id })
}

// TestMergeRefuses lists what cannot be joined, by the name of the part. Part 3
// is the first, and its first case is example/static.
func TestMergeRefuses(t *testing.T) {
	opts := conformance.Options{Target: serve(t, newReference(t))}
	if wholeInParts == nil {
		wholeInParts = divided(t, opts, 3)
	}
	whole := wholeInParts
	opts.Run = []string{"example", "Dpd.timeout.maximum"}
	some := divided(t, opts, 3)
	undivided := run(t, opts)
	drop := func(id string) func(r *report.Report) {
		return func(r *report.Report) {
			r.Results = slices.DeleteFunc(slices.Clone(r.Results), func(c report.Result) bool { return c.Case == id })
		}
	}
	foreign := "" // a case of another part, which the second does not need
	for _, p := range some {
		for _, result := range p.Report.Results {
			there := func(r report.Result) bool { return r.Case == result.Case }
			if !slices.ContainsFunc(some[1].Report.Results, there) {
				foreign = result.Case
			}
		}
	}
	twin := "" // of a case of the second part, and not its own
	for _, result := range whole[1].Report.Results {
		if result.Twin != "" && position(t, result.Twin)%3 != 1 {
			twin = result.Twin
		}
	}
	add := func(id string) func(r *report.Report) {
		return func(r *report.Report) { r.Results = append(slices.Clone(r.Results), report.Result{Case: id}) }
	}
	for name, row := range map[string]struct {
		edit  func(second *report.Report)
		of    []conformance.Part
		want  string
		parts func(parts []conformance.Part) []conformance.Part
	}{
		"nothing":     {parts: func([]conformance.Part) []conformance.Part { return nil }, want: "there are no parts"},
		"a whole run": {edit: func(r *report.Report) { *r = *undivided }, want: "p2.json: the report is no part of a run"},
		"another suite": {edit: func(r *report.Report) { r.Suite = "another" },
			want: "p2.json: the report is of another suite than that of this vpnconform ()"},
		"another document":    {edit: func(r *report.Report) { r.Document = "" }, want: "p2.json: it has another document than p3.json"},
		"another kit":         {edit: func(r *report.Report) { r.Kit = "v2" }, want: "p2.json: it has another kit than p3.json"},
		"another calibration": {edit: func(r *report.Report) { r.Calibration = &report.Calibration{} }, want: "p2.json: it has another calibration than p3.json"},
		"another seed":        {edit: func(r *report.Report) { r.Seed++ }, want: "p2.json: it has another seed than p3.json"},
		"another level":       {edit: func(r *report.Report) { r.Level = "may" }, want: "p2.json: it has another level than p3.json"},
		"another strictness":  {edit: func(r *report.Report) { r.Strict = true }, want: "p2.json: it has another strictness than p3.json"},
		"another order":       {edit: func(r *report.Report) { r.Shuffled = false }, want: "p2.json: it has another order than p3.json"},
		"another target":      {edit: func(r *report.Report) { r.Target += "/" }, want: "p2.json: it has another target than p3.json"},
		"another environment": {edit: func(r *report.Report) { r.Environment = map[string]any{} }, want: "p2.json: it has another environment than p3.json"},
		"another number":      {edit: func(r *report.Report) { r.Shard.Of = 4 }, want: "p2.json: it has another number of parts than p3.json"},
		"another selection":   {edit: func(r *report.Report) { r.Shard.Whole = false }, want: "p2.json: it has another selection of cases than p3.json"},
		"no such part":        {edit: func(r *report.Report) { r.Shard.Part = 4 }, want: "p2.json: the suite has no part 4/3"},
		"too many parts":      {edit: func(r *report.Report) { r.Shard.Of = 1e9 }, want: "p2.json: the suite has no part 2/1000000000"},
		"part given twice":    {edit: func(r *report.Report) { r.Shard.Part = 3 }, want: "p2.json: it is part 3/3, and so is p3.json"},
		"part missing": {parts: func(parts []conformance.Part) []conformance.Part { return slices.Delete(parts, 1, 2) },
			want: "p3.json: it is part 3/3, and part 2 is missing"},
		"part alone":            {parts: func(parts []conformance.Part) []conformance.Part { return parts[:1] }, want: "p3.json: it is part 3/3, and part 1 is missing"},
		"case missing":          {edit: drop("CreateVpnConnection/example/policy"), want: "p2.json: CreateVpnConnection/example/policy is missing"},
		"twin missing":          {edit: drop(twin), want: "p2.json: " + twin + " is missing"},
		"duty missing":          {edit: drop("duty/Refusal.status"), want: "p2.json: duty/Refusal.status is missing"},
		"case twice":            {edit: add("CreateVpnConnection/example/policy"), want: "p2.json: CreateVpnConnection/example/policy is there twice"},
		"case of another part":  {edit: add(foreign), of: some, want: "p2.json: " + foreign + " belongs to another part"},
		"no case":               {edit: add("example/ospf"), want: "p2.json: example/ospf is no case"},
		"environment is no one": {parts: func(parts []conformance.Part) []conformance.Part { return odd(parts) }, want: "p3.json: environment: json: cannot unmarshal string into Go value of type environment.Environment"},
	} {
		t.Run(name, func(t *testing.T) {
			if row.of == nil {
				row.of = whole
			}
			var parts []conformance.Part
			for _, p := range row.of {
				r := *p.Report
				parts = append(parts, conformance.Part{Name: p.Name, Report: &r})
			}
			if row.edit != nil {
				row.edit(parts[1].Report)
			}
			if row.parts != nil {
				parts = row.parts(parts)
			}
			_, err := conformance.Merge(parts, nil, nil)
			var wrong *conformance.UsageError
			if !errors.As(err, &wrong) || err.Error() != row.want {
				t.Errorf("error %v, want %s", err, row.want)
			}
		})
	}
}

// odd are parts of an environment that is none.
func odd(parts []conformance.Part) []conformance.Part {
	for _, p := range parts {
		p.Report.Environment = "project"
	}
	return parts
}
