package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/report"
)

var workflowCommand = regexp.MustCompile(`^::(error|warning|notice) title=([^:,\r\n]*)::([^\r\n]*)$`)

// checkGitHub wants lines that are commands, and not more of a kind than are
// shown.
func checkGitHub(t testing.TB, text string) {
	t.Helper()
	count := map[string]int{}
	for line := range strings.Lines(text) {
		m := workflowCommand.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			t.Fatalf("%q is no command", line)
		}
		count[m[1]]++
		for _, escaped := range []string{"%25", "%0D", "%0A", "%3A", "%2C"} {
			line = strings.ReplaceAll(line, escaped, "")
		}
		if strings.Contains(line, "%") {
			t.Errorf("a %% is not escaped in %q", line)
		}
	}
	if count["notice"] != 1 || count["error"] > 10 || count["warning"] > 10 {
		t.Errorf("annotations: %v", count)
	}
}

// TestGitHubMost shows ten of a kind, or nine and how many more there are.
func TestGitHubMost(t *testing.T) {
	for _, row := range []struct{ failures, lines, left int }{{1, 1, 0}, {9, 9, 0}, {10, 10, 0}, {11, 10, 2}, {500, 10, 491}} {
		r := &report.Report{}
		for i := range row.failures {
			r.Results = append(r.Results, report.Result{Case: fmt.Sprintf("a/%d", i), Outcome: report.Fail, Differences: []report.Difference{{Pointer: "/body/x", Rule: fmt.Sprint("Rule.", i)}}})
		}
		text := render(t, report.WriteGitHub, r)
		checkGitHub(t, text)
		if got := strings.Count(text, "::error "); got != row.lines {
			t.Errorf("%d failures: %d errors, want %d", row.failures, got, row.lines)
		}
		if more := fmt.Sprintf("and %d more: ", row.left); strings.Contains(text, "more: GitHub") != (row.left > 0) || row.left > 0 && !strings.Contains(text, more) {
			t.Errorf("%d failures, want %q in\n%s", row.failures, more, text)
		}
	}
}

// TestGitHubAlike shows cases that fail alike as one annotation.
func TestGitHubAlike(t *testing.T) {
	r := &report.Report{}
	for i := range 30 {
		r.Results = append(r.Results, report.Result{Case: fmt.Sprintf("a/%d", i), Outcome: report.Fail, Differences: []report.Difference{{Pointer: "/status"}}})
	}
	text := render(t, report.WriteGitHub, r)
	if got := strings.Count(text, "::error "); got != 1 || !strings.Contains(text, "30 cases, such as a/0, a/1, a/2") {
		t.Errorf("%d errors, want 1:\n%s", got, text)
	}
}
