package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/vpnconform/vpnconform/conformance/report"
)

var tapPoint = regexp.MustCompile(`^(not )?ok (\d+) - ((?:[^#\\]|\\[#\\])*)( # (?:SKIP|TODO) (?:[^#\\]|\\[#\\])*)?$`)

// badTAP lists the test points that are not ok and no TODO.
func badTAP(text string) []string {
	var bad []string
	for line := range strings.Lines(text) {
		if m := tapPoint.FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil && m[1] != "" && !strings.HasPrefix(m[4], " # TODO") {
			bad = append(bad, line)
		}
	}
	return bad
}

// checkTAP reads TAP 14: a version, a plan, test points in their order, and YAML
// blocks, and nothing else.
func checkTAP(t testing.TB, text string) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	var planned, points int
	if _, err := fmt.Sscanf(lines[0]+"\n"+lines[1], "TAP version 14\n1..%d", &planned); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	for i := 2; i < len(lines); i++ {
		m := tapPoint.FindStringSubmatch(lines[i])
		switch {
		case m != nil:
			points++
			if m[2] != fmt.Sprint(points) {
				t.Errorf("test point %s, want %d: %s", m[2], points, lines[i])
			}
		case lines[i] == "  ---":
			var block []string
			for i++; i < len(lines) && lines[i] != "  ..."; i++ {
				block = append(block, strings.TrimPrefix(lines[i], "  "))
			}
			var data map[string]any
			if err := yaml.Unmarshal([]byte(strings.Join(block, "\n")), &data); err != nil || i == len(lines) {
				t.Fatalf("%v in\n%s", err, strings.Join(block, "\n"))
			}
		case !strings.HasPrefix(lines[i], "# "):
			t.Errorf("line %d is none of TAP: %q", i+1, lines[i])
		}
	}
	if points != planned {
		t.Errorf("%d test points, %d planned", points, planned)
	}
}

// TestTAP holds a report to the form.
func TestTAP(t *testing.T) {
	text := render(t, report.WriteTAP, full())
	checkTAP(t, text)
	if bad := badTAP(text); len(bad) != 9 {
		t.Errorf("%d test points are not ok, want 9: %q", len(bad), bad)
	}
}
