package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// of makes a report out of words: outcomes, known for a failure that is
// expected, and stale for something wrong in the list of known failures.
func of(t testing.TB, words string) *report.Report {
	t.Helper()
	var r report.Report
	for _, word := range strings.Fields(words) {
		switch outcome := report.Outcome(word); {
		case word == "known":
			r.Results = append(r.Results, report.Result{Outcome: report.Fail, Known: "reason"})
		case word == "stale":
			r.Baseline = append(r.Baseline, "example/static passes")
		case slices.Contains(report.Outcomes, outcome):
			r.Results = append(r.Results, report.Result{Outcome: outcome})
		default:
			t.Fatalf("%q is no outcome", word)
		}
	}
	return &r
}

// TestVerdict holds conclusion and summary of what a run may find.
func TestVerdict(t *testing.T) {
	for _, row := range []struct {
		found string
		want  report.Verdict
		says  string
	}{
		{"pass", report.Conforms, "CONFORMS: of 1 case 1 pass"},
		{"pass pass pass", report.Conforms, "CONFORMS: of 3 cases 3 pass"},
		{"pass not-applicable", report.Conforms, "CONFORMS: of 2 cases 1 pass, 1 not-applicable"},
		{"pass known", report.Conforms, "CONFORMS BUT FOR KNOWN FAILURES: of 2 cases 1 pass, 1 known failure"},

		{"fail", report.Differs, "DOES NOT CONFORM: of 1 case 1 fail"},
		{"pass fail pass", report.Differs, "DOES NOT CONFORM: of 3 cases 2 pass, 1 fail"},
		{"known fail", report.Differs, "DOES NOT CONFORM: of 2 cases 1 fail, 1 known failure"},
		{"fail could-not-run", report.Differs, "DOES NOT CONFORM: of 2 cases 1 fail, 1 could-not-run"},
		{"fail not-applicable", report.Differs, "DOES NOT CONFORM: of 2 cases 1 fail, 1 not-applicable"},
		{"fail pass stale", report.Differs, "DOES NOT CONFORM: of 2 cases 1 pass, 1 fail, 1 wrong in the list of known failures"},

		// Nothing selected, and nothing that could be tried, never conforms.
		{"", report.Incomplete, "INCOMPLETE, no verdict: of 0 cases"},
		{"not-applicable", report.Incomplete, "INCOMPLETE, no verdict: of 1 case 1 not-applicable"},
		{"not-applicable not-applicable", report.Incomplete, "INCOMPLETE, no verdict: of 2 cases 2 not-applicable"},
		{"could-not-run", report.Incomplete, "INCOMPLETE, no verdict: of 1 case 1 could-not-run"},
		{"pass could-not-run", report.Incomplete, "INCOMPLETE, no verdict: of 2 cases 1 pass, 1 could-not-run"},
		{"pass known could-not-run", report.Incomplete, "INCOMPLETE, no verdict: of 3 cases 1 pass, 1 could-not-run, 1 known failure"},
		{"known", report.Incomplete, "INCOMPLETE, no verdict: of 1 case 1 known failure"},
		{"known not-applicable", report.Incomplete, "INCOMPLETE, no verdict: of 2 cases 1 not-applicable, 1 known failure"},
		{"known stale stale", report.Incomplete, "INCOMPLETE, no verdict: of 1 case 1 known failure, 2 wrong in the list of known failures"},
		{"stale", report.Incomplete, "INCOMPLETE, no verdict: of 0 cases 1 wrong in the list of known failures"},
		{"not-applicable stale", report.Incomplete, "INCOMPLETE, no verdict: of 1 case 1 not-applicable, 1 wrong in the list of known failures"},
		{"pass could-not-run stale", report.Incomplete, "INCOMPLETE, no verdict: of 2 cases 1 pass, 1 could-not-run, 1 wrong in the list of known failures"},

		{"flaky", report.Differs, "DOES NOT CONFORM: of 1 case 1 flaky"},
		{"pass flaky could-not-run", report.Differs, "DOES NOT CONFORM: of 3 cases 1 pass, 1 flaky, 1 could-not-run"},

		{"kit-error", report.Mistaken, "KIT ERROR, no verdict: of 1 case 1 kit-error"},
		{"pass kit-error", report.Mistaken, "KIT ERROR, no verdict: of 2 cases 1 pass, 1 kit-error"},
		{"pass fail not-applicable could-not-run kit-error known stale", report.Mistaken,
			"KIT ERROR, no verdict: of 6 cases 1 pass, 1 fail, 1 not-applicable, 1 could-not-run, 1 kit-error, 1 known failure, 1 wrong in the list of known failures"},

		{"pass stale", report.Stale, "KNOWN FAILURES ARE WRONG: of 1 case 1 pass, 1 wrong in the list of known failures"},
		{"pass known stale stale", report.Stale, "KNOWN FAILURES ARE WRONG: of 2 cases 1 pass, 1 known failure, 2 wrong in the list of known failures"},
		{"pass not-applicable stale", report.Stale, "KNOWN FAILURES ARE WRONG: of 2 cases 1 pass, 1 not-applicable, 1 wrong in the list of known failures"},
	} {
		r := of(t, row.found)
		if got := r.Verdict(); got != row.want {
			t.Errorf("%q: verdict %d, want %d", row.found, got, row.want)
		}
		if diff := cmp.Diff(row.says, r.Summary()); diff != "" {
			t.Errorf("%q: summary (-want +got):\n%s", row.found, diff)
		}
	}
}

// TestShard shows that a report says which part it is of, and that a part never
// wants what only a whole run has to have.
func TestShard(t *testing.T) {
	part := report.Shard{Part: 2, Of: 4, Whole: true}
	r := report.Report{Shard: part, Results: []report.Result{{Case: "a/b", Outcome: report.Pass}, {Case: "example/bgp", Outcome: report.NotApplicable}}}
	if got, want := r.Summary(), "CONFORMS in part 2 of 4: of 2 cases 1 pass, 1 not-applicable"; got != want || r.Verdict() != report.Conforms {
		t.Errorf("%d, %s, want %s", r.Verdict(), got, want)
	}
	for want, shard := range map[string]report.Shard{"part 2 of 4 of all of the suite": part, "part 1 of 1 of a part of the suite": {Part: 1, Of: 1}, "a part of the suite": {}} {
		r.Shard = shard
		if page := render(t, report.WriteHTML, &r); !strings.Contains(page, ">"+want+"<") {
			t.Errorf("the page does not say: %s", want)
		}
		text := render(t, report.WriteJSON, &r)
		again, err := report.ReadJSON([]byte(text))
		if err != nil || again.Shard != shard {
			t.Errorf("read %+v, %v, want %+v", again, err, shard)
		}
		if strings.Contains(text, `"shard"`) != (shard != report.Shard{}) {
			t.Errorf("%+v: %.400s", shard, text)
		}
	}
}

// TestVerdictCombinations holds every combination of findings, in both orders
// and once or twice each, against the order of precedence.
func TestVerdictCombinations(t *testing.T) {
	words := []string{"pass", "fail", "flaky", "known", "not-applicable", "could-not-run", "kit-error", "stale"}
	for set := range 1 << len(words) {
		var found []string
		for i, word := range words {
			if set>>i&1 == 1 {
				found = append(found, word)
			}
		}
		has := func(word string) bool { return slices.Contains(found, word) }
		want := report.Conforms
		switch {
		case has("kit-error"):
			want = report.Mistaken
		case has("fail"), has("flaky"):
			want = report.Differs
		case has("could-not-run"), !has("pass"):
			want = report.Incomplete
		case has("stale"):
			want = report.Stale
		}
		back := slices.Clone(found)
		slices.Reverse(back)
		for _, order := range [][]string{found, back, slices.Concat(found, back)} {
			if got := of(t, strings.Join(order, " ")).Verdict(); got != want {
				t.Errorf("%q: verdict %d, want %d", order, got, want)
			}
		}
	}
}

// TestVerdictValues holds the exit statuses, which scripts know.
func TestVerdictValues(t *testing.T) {
	got := fmt.Sprint(int(report.Conforms), int(report.Differs), int(report.Incomplete), int(report.Mistaken), int(report.Stale))
	if want := "0 1 3 4 5"; got != want {
		t.Errorf("exit statuses %s, want %s", got, want)
	}
}

// TestVerdictWithoutOutcome shows that a result that says nothing voids the run.
func TestVerdictWithoutOutcome(t *testing.T) {
	for _, outcome := range []report.Outcome{"", "PASS", "passed"} {
		r := of(t, "pass fail")
		r.Results = append(r.Results, report.Result{Outcome: outcome})
		if got := r.Verdict(); got != report.Mistaken {
			t.Errorf("outcome %q: verdict %d, want %d", outcome, got, report.Mistaken)
		}
	}
}

// TestVerdictKnown shows that only a failure can be expected, beside a case that
// passes.
func TestVerdictKnown(t *testing.T) {
	for outcome, want := range map[report.Outcome]report.Verdict{
		report.Pass: report.Conforms, report.Fail: report.Conforms, report.Flaky: report.Differs, report.NotApplicable: report.Conforms, report.CouldNotRun: report.Incomplete, report.KitError: report.Mistaken,
	} {
		r := &report.Report{Results: []report.Result{{Outcome: outcome, Known: "reason"}, {Outcome: report.Pass}}}
		if got := r.Verdict(); got != want {
			t.Errorf("%s with a reason: verdict %d, want %d", outcome, got, want)
		}
	}
}

// TestVerdictExamples shows that a whole run shows nothing without the
// documented examples, and that a list of known failures that covers them does
// not change that.
func TestVerdictExamples(t *testing.T) {
	passed := report.Result{Case: "IkePolicy.dh_group.enum/group1", Outcome: report.Pass}
	for name, row := range map[string]struct {
		example report.Result
		whole   bool
		want    report.Verdict
	}{
		"passes":                           {report.Result{Outcome: report.Pass}, true, report.Conforms},
		"not applicable":                   {report.Result{Outcome: report.NotApplicable}, true, report.Incomplete},
		"fails below the level":            {report.Result{Outcome: report.Fail, Differences: []report.Difference{{Level: "should"}}}, true, report.Conforms},
		"fails below the level, and known": {report.Result{Outcome: report.Fail, Known: "reason", Differences: []report.Difference{{Level: "should"}}}, true, report.Incomplete},
		"flaky below the level":            {report.Result{Outcome: report.Flaky, Differences: []report.Difference{{Level: "should"}}}, true, report.Incomplete},
		"known":                            {report.Result{Outcome: report.Fail, Known: "reason"}, true, report.Incomplete},
		"known, and others were selected":  {report.Result{Outcome: report.Fail, Known: "reason"}, false, report.Conforms},
	} {
		for _, id := range []string{"example/static", "createBook/example/plain"} {
			row.example.Case = id
			r := &report.Report{Complete: row.whole, Results: []report.Result{row.example, passed}}
			if got := r.Verdict(); got != row.want {
				t.Errorf("%s of %s: verdict %d, want %d", name, id, got, row.want)
			}
		}
	}
}

func TestCount(t *testing.T) {
	got := of(t, "pass fail known pass could-not-run stale").Count()
	want := map[report.Outcome]int{report.Pass: 2, report.Fail: 2, report.CouldNotRun: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("count (-want +got):\n%s", diff)
	}
}

func TestMembers(t *testing.T) {
	m := report.Members{ByValue: 1, BySchema: 2, ByRule: 4, Noted: 8, NotLookedAt: 16}
	if got := m.Total(); got != 31 {
		t.Errorf("total %d, want 31", got)
	}
	m.Add(report.Members{ByValue: 100, BySchema: 200, ByRule: 400, Noted: 800, NotLookedAt: 1600})
	if diff := cmp.Diff(report.Members{ByValue: 101, BySchema: 202, ByRule: 404, Noted: 808, NotLookedAt: 1616}, m); diff != "" {
		t.Errorf("sum (-want +got):\n%s", diff)
	}
}

// TestOpenBelow holds which cases that could not run leave the verdict open:
// those of a level that counts, unless they only follow from a twin that failed.
func TestOpenBelow(t *testing.T) {
	passed := report.Result{Case: "example/a", Level: "must", Outcome: report.Pass}
	below := func(level string) report.Result {
		return report.Result{Case: "example/b", Level: "must", Outcome: report.Fail, Differences: []report.Difference{{Pointer: "/status", Level: level}}}
	}
	open := func(level, because string) report.Result {
		return report.Result{Case: "x/open", Level: level, Outcome: report.CouldNotRun, Because: because, Reason: "reset"}
	}
	for name, row := range map[string]struct {
		level   string
		results []report.Result
		want    report.Verdict
	}{
		"at the level":                         {"must", []report.Result{passed, open("must", "")}, report.Incomplete},
		"below the level":                      {"must", []report.Result{passed, open("may", "")}, report.Conforms},
		"below no longer":                      {"may", []report.Result{passed, open("may", "")}, report.Incomplete},
		"nothing but what is below":            {"must", []report.Result{open("may", "")}, report.Incomplete},
		"its twin fails":                       {"must", []report.Result{passed, below("must"), open("must", "example/b")}, report.Differs},
		"its twin fails below the level":       {"must", []report.Result{passed, below("should"), open("must", "example/b")}, report.Conforms},
		"its twin could not run, and is below": {"must", []report.Result{passed, open("may", ""), {Case: "x/c", Level: "must", Outcome: report.CouldNotRun, Because: "x/open"}}, report.Conforms},
		"its twin passes":                      {"must", []report.Result{passed, open("must", "example/a")}, report.Incomplete},
		"its twin is not there":                {"must", []report.Result{passed, open("must", "example/none")}, report.Incomplete},
	} {
		r := &report.Report{Level: row.level, Results: row.results}
		if got := r.Verdict(); got != row.want {
			t.Errorf("%s: verdict %d, want %d", name, got, row.want)
		}
		junit := render(t, report.WriteJUnit, r)
		if red := strings.Contains(junit, "<failure") || strings.Contains(junit, "<error"); red != (row.want != report.Conforms) {
			t.Errorf("%s: JUnit has a failure or an error: %v\n%s", name, red, junit)
		}
		github := render(t, report.WriteGitHub, r)
		if red := strings.Contains(github, "::error "); red != (row.want != report.Conforms) {
			t.Errorf("%s: GitHub has an error: %v\n%s", name, red, github)
		}
	}
}

// TestSummary holds what a summary says beside the outcomes.
func TestSummary(t *testing.T) {
	r := &report.Report{Level: "should", LeftOut: 7, Results: []report.Result{
		{Case: "a/pass", Outcome: report.Pass},
		{Case: "a/may", Outcome: report.Fail, Differences: []report.Difference{{Level: "may"}}},
		{Case: "a/known", Outcome: report.Fail, Known: "later", Differences: []report.Difference{{Level: "must"}}},
		{Case: "a/open", Outcome: report.CouldNotRun, Because: "a/known"},
	}}
	const want = "CONFORMS BUT FOR KNOWN FAILURES: of 4 cases 1 pass, 1 open as their twin is refused, 1 known failure, 1 differs below should; 7 left out"
	if got := r.Summary(); got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
}
