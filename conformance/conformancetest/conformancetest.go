package conformancetest

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/internal/listen"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// Run serves the handler on a loopback port and runs the cases against it, each
// a subtest of t. Options.Target is to be empty.
//
// The report that is returned has what the subtests are going to say, to be
// written with package report if that is wanted.
func Run(t *testing.T, handler http.Handler, opts conformance.Options) *report.Report {
	t.Helper()
	if handler == nil {
		t.Fatal("conformancetest: the handler is nil")
	}
	server, err := listen.Serve(t.Context(), "127.0.0.1:0", handler, limits(opts))
	if err != nil {
		t.Fatalf("conformancetest: %v", err)
	}
	defer server.Stop(patience)
	return RunURL(t, server.URL(), opts)
}

// limits are those of a server that outlasts the kit: a handler that takes too
// long is for the kit to report.
func limits(opts conformance.Options) listen.Limits {
	return listen.Limits{Write: opts.Timeout + 2*time.Minute, Connections: 512 + opts.Jobs}
}

// patience is how long a handler may take to end when all is over. One that
// never does must not take the results with it.
const patience = 500 * time.Millisecond

// RunURL runs the cases against the implementation at a base URL, each a
// subtest of t, and returns the report as [Run] does. Options.Target is to be
// empty.
func RunURL(t *testing.T, url string, opts conformance.Options) *report.Report {
	t.Helper()
	if opts.Target != "" {
		t.Fatal("conformancetest: Options.Target is set; the target is the argument before the options")
	}
	opts.Target = url
	if testing.Short() && len(opts.Run)+len(opts.Skip) == 0 {
		s, err := suite.Load(opts.Seed)
		if err != nil {
			t.Fatal("conformancetest: ", err)
		}
		opts.Run = short(s)
	}
	of, err := selected(opts)
	if err == nil {
		err = conformance.DryRun(io.Discard, of.few(opts))
	}
	if err != nil {
		t.Fatalf("conformancetest: %v", err)
	}
	v := &verdicts{level: opts.Level}
	chosen := v.start(t, of.named)
	if len(chosen) == 0 {
		t.Fatalf("conformancetest: -run and -skip leave none of %d cases (-short: %t)", len(of.named), testing.Short())
	}
	if len(chosen) < len(of.named) {
		opts.Run, opts.Skip = chosen, of.skipped // an id is a pattern that matches itself
		opts.Shard = report.Shard{}              // it is not the whole part
	}
	opts.RunTimeout = inTime(t, opts.RunTimeout)
	found, err := conformance.Run(t.Context(), opts)
	if err != nil {
		t.Fatalf("conformancetest: %v", err)
	}
	broken := of.broken(found)
	for _, problem := range v.take(found, append(chosen, broken...)) {
		t.Error(problem)
	}
	for _, id := range broken { // nobody knew before which these are
		said := false
		t.Run(id, func(t *testing.T) {
			said = true
			v.tell(t, id)
		})
		if !said {
			t.Logf("-run and -skip leave out %s, which answers break", id)
		}
	}
	t.Log(found.Summary())
	return found
}

// short are the ids of the cases that -short leaves: the examples, the cases of one
// keyword and of one cross-field rule on both sides, and two of what is around a
// request.
func short(s *suite.Suite) []string {
	var out []string
	shown := map[openapi.Kind]*openapi.Rule{} // the first rule of a kind with a bound
	drawn := map[*openapi.Rule]bool{}
	for _, c := range s.Cases {
		bounded := c.Rule != nil && !c.Duty && (c.Rule.Kind == openapi.Validation || c.Rule.Keyword == "maximum")
		if bounded && shown[c.Rule.Kind] == nil {
			shown[c.Rule.Kind] = c.Rule
		}
		of := bounded && shown[c.Rule.Kind] == c.Rule && (!c.Draws() || !drawn[c.Rule])
		if of && c.Draws() {
			drawn[c.Rule] = true
		}
		if of || c.Golden != nil || strings.HasSuffix(c.ID, "transport/body-malformed") || strings.HasSuffix(c.ID, "transport/method-put") {
			out = append(out, c.ID)
		}
	}
	return out
}

// selection is what the options select. A run judges all duties but those that
// are skipped, and its report has those that a pattern names or answers break.
type selection struct {
	named   []string // cases that a pattern names, and their twins
	unnamed []string // the other duties of the run
	skipped []string // duties that are not of the run
	sample  []string // a case that sends something, and all into which the environment's values have to fit
}

func selected(opts conformance.Options) (selection, error) {
	s, err := suite.Load(opts.Seed)
	if err != nil {
		return selection{}, err
	}
	cases, err := opts.Cases(s)
	if err != nil {
		return selection{}, err
	}
	matched, err := conformance.Select(s, opts.Run, opts.Skip)
	if err != nil {
		return selection{}, err
	}
	named, tried := idsOf(matched), idsOf(cases)
	var of selection
	for _, c := range s.Cases {
		if tried[c.ID] && !c.Duty && (len(of.sample) == 0 || c.Golden != nil) {
			of.sample = append(of.sample, c.ID)
		}
		switch {
		case c.Duty && !tried[c.ID]:
			of.skipped = append(of.skipped, c.ID)
		case !tried[c.ID]:
		case c.Duty && !named[c.ID] && opts.Shard.Of == 0: // a part of a run has all duties
			of.unnamed = append(of.unnamed, c.ID)
		default:
			of.named = append(of.named, c.ID)
		}
	}
	return of, nil
}

// few returns the options with few of the cases: enough to find out before any
// subtest starts what is wrong in the options.
func (s selection) few(opts conformance.Options) conformance.Options {
	opts.Run, opts.Skip, opts.Shard = s.sample, nil, report.Shard{}
	opts.Rand = nil // what it has is for the run
	return opts
}

func idsOf(cases []suite.Case) map[string]bool {
	ids := map[string]bool{}
	for _, c := range cases {
		ids[c.ID] = true
	}
	return ids
}

// broken returns the duties that no pattern names and that the report has all
// the same: answers break them.
func (s selection) broken(found *report.Report) []string {
	var ids []string
	for _, r := range found.Results {
		if slices.Contains(s.unnamed, r.Case) {
			ids = append(ids, r.Case)
		}
	}
	return ids
}

// inTime returns the time that a run has: what the options say, but less than
// is left to the test.
func inTime(t *testing.T, limit time.Duration) time.Duration {
	deadline, ok := t.Deadline()
	if !ok {
		return limit
	}
	left := time.Until(deadline)
	left = max(left-max(left/10, min(left/2, 4*patience)), 1) // the rest is for the handler, and to report
	if limit > 0 {
		return min(limit, left)
	}
	return left
}

// verdicts is what the subtests report, which wait until it is there.
type verdicts struct {
	level   string
	results map[string]report.Result // by case; nil if there was no run
	wrong   map[string][]string      // what is wrong with the known failures, by case
}

// start starts a subtest for every case and returns the ids of those that go
// test lets through.
func (v *verdicts) start(t *testing.T, ids []string) []string {
	t.Helper()
	var chosen []string
	for _, id := range ids {
		t.Run(id, func(t *testing.T) {
			chosen = append(chosen, id)
			t.Parallel() // waits for the test function to return
			v.tell(t, id)
		})
	}
	return chosen
}

// take takes what a run found of the chosen cases, and returns what is wrong
// and is of none of them.
func (v *verdicts) take(found *report.Report, chosen []string) []string {
	v.results, v.wrong = map[string]report.Result{}, map[string][]string{}
	for _, r := range found.Results {
		v.results[r.Case] = r
	}
	var problems []string
	shown := false
	has := map[string]bool{}
	for _, id := range chosen {
		has[id] = true
		r := v.results[id]
		shown = shown || r.Outcome == report.Pass || r.Outcome == report.Fail && r.Known != ""
	}
	for _, problem := range found.Baseline {
		id, _, _ := strings.Cut(problem, " ")
		if has[id] {
			v.wrong[id] = append(v.wrong[id], problem)
		} else if _, tried := v.results[id]; !tried { // that of a twin without a subtest is left alone
			problems = append(problems, "known failures: "+report.Inert(problem))
		}
	}
	for _, id := range found.Missing {
		problems = append(problems, "missing: "+id)
	}
	if !shown {
		problems = append(problems, "no case passes")
	}
	return problems
}

// tell ends a subtest with what was found of its case.
func (v *verdicts) tell(t *testing.T, id string) {
	t.Helper()
	if v.results == nil {
		t.Skip("not run: see the test itself")
	}
	how, text := v.of(id)
	switch how {
	case passed:
		if text != "" {
			t.Log(text)
		}
	case skipped:
		t.Skip(text)
	case failed:
		t.Error(text)
	}
}

// ending is how a subtest ends.
type ending int

const (
	failed ending = iota // also what nobody thought of
	skipped
	passed
)

// of says how the subtest of a case ends, and with which text.
func (v *verdicts) of(id string) (ending, string) {
	r, ok := v.results[id]
	if !ok {
		return failed, "the run has no result of this case"
	}
	var b strings.Builder
	if err := report.WriteResult(&b, r, report.TextOptions{}); err != nil {
		return failed, err.Error()
	}
	// The lines are to stand below each other, and t writes a place before them.
	text := "\n" + strings.TrimRight(b.String(), "\n")
	if wrong := v.wrong[id]; len(wrong) > 0 {
		return failed, text + "\nknown failures: " + report.Inert(strings.Join(wrong, "; "))
	}
	switch {
	case r.Outcome == report.Pass && len(r.Notes) == 0:
		return passed, ""
	case r.Outcome == report.Pass:
		return passed, text
	case r.Outcome == report.NotApplicable, r.Outcome == report.Fail && r.Known != "":
		return skipped, text
	case (r.Outcome == report.Fail || r.Outcome == report.Flaky) && !r.FailsAt(v.level):
		return skipped, text + "\nwhat differs is below the level that counts"
	}
	return failed, text
}
