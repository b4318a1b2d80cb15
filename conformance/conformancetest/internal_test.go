package conformancetest

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestOf holds how a subtest ends for every outcome, also those that no
// handler can bring about.
func TestOf(t *testing.T) {
	below := []report.Difference{{Pointer: "/body", Kind: "rule", Level: "should"}}
	for name, row := range map[string]struct {
		level  string
		result report.Result
		wrong  string
		want   ending
		says   string
	}{
		"pass":                {"", report.Result{Outcome: report.Pass}, "", passed, ""},
		"pass with a note":    {"", report.Result{Outcome: report.Pass, Notes: below}, "", passed, "note: /body"},
		"pass, stale":         {"", report.Result{Outcome: report.Pass}, "a passes", failed, "known failures: a passes"},
		"fail":                {"", report.Result{Outcome: report.Fail}, "", failed, "FAIL"},
		"fail below":          {"", report.Result{Outcome: report.Fail, Differences: below}, "", skipped, "below the level that counts"},
		"fail at the level":   {"should", report.Result{Outcome: report.Fail, Differences: below}, "", failed, "FAIL"},
		"known":               {"", report.Result{Outcome: report.Fail, Known: "later"}, "", skipped, "known: later"},
		"known, stale":        {"", report.Result{Outcome: report.Fail, Known: "later"}, "a expired\u202e", failed, `a expired\u202e`},
		"flaky":               {"", report.Result{Outcome: report.Flaky, Reason: "once"}, "", failed, "once"},
		"flaky, though known": {"", report.Result{Outcome: report.Flaky, Known: "later"}, "", failed, "FLAKY"},
		"not applicable":      {"", report.Result{Outcome: report.NotApplicable, Reason: "no gateway"}, "", skipped, "no gateway"},
		"could not run":       {"", report.Result{Outcome: report.CouldNotRun, Reason: "refused"}, "", failed, "refused"},
		"could not run, may":  {"", report.Result{Outcome: report.CouldNotRun, Differences: below}, "", failed, "COULD NOT RUN"},
		"kit error":           {"may", report.Result{Outcome: report.KitError, Reason: "panic"}, "", failed, "panic"},
		"no outcome":          {"", report.Result{}, "", failed, ""},
		"another":             {"", report.Result{Outcome: "well"}, "", failed, ""},
	} {
		row.result.Case = "a"
		v := &verdicts{level: row.level, results: map[string]report.Result{"a": row.result}, wrong: map[string][]string{}}
		if row.wrong != "" {
			v.wrong["a"] = []string{row.wrong}
		}
		if got, text := v.of("a"); got != row.want || !strings.Contains(text, row.says) || (text == "") != (name == "pass") {
			t.Errorf("%s: %d, want %d: %q", name, got, row.want, text)
		}
	}
	if got, _ := (&verdicts{results: map[string]report.Result{}}).of("a"); got != failed {
		t.Error("a case without a result does not fail")
	}
}

// TestTake holds what the test itself says.
func TestTake(t *testing.T) {
	found := &report.Report{
		Results:  []report.Result{{Case: "a", Outcome: report.Fail}, {Case: "twin", Outcome: report.Pass}},
		Baseline: []string{"a fails in another way: x", "twin passes", "b is no case"}, Missing: []string{"c"},
	}
	v := &verdicts{}
	want := []string{"known failures: b is no case", "missing: c", "no case passes"}
	if diff := cmp.Diff(want, v.take(found, []string{"a"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string][]string{"a": {"a fails in another way: x"}}, v.wrong); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := v.take(&report.Report{Results: []report.Result{{Case: "a", Outcome: report.Fail, Known: "later"}}}, []string{"a"}); len(got) != 0 {
		t.Errorf("a known failure, which shows something: %q", got)
	}
}
