package report_test

import (
	"html"
	"io"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestCommands wants the command that repeats a request in every format as the
// shell needs it: a here-document on lines of its own, nothing escaped, and a
// command that is too long left out, not cut.
func TestCommands(t *testing.T) {
	long := "printf '" + strings.Repeat(`\377`, 5000) + "' | curl --data-binary @- 'http://127.0.0.1'"
	document := "curl 'http://127.0.0.1' --data @- <<'EOF'\n{\"a\":\"it's $HOME\"}\nEOF"
	const forged = "curl 'http://127.0.0.1'\nCONFORMS: everything"
	for name, write := range map[string]format{
		"md": report.WriteMarkdown, "junit": report.WriteJUnit, "tap": report.WriteTAP, "html": report.WriteHTML,
		"text": func(w io.Writer, r *report.Report) error { return report.WriteText(w, r, report.TextOptions{}) },
	} {
		shown := func(curl string) string {
			d := report.Difference{Pointer: "/status", Kind: "changed", Level: "must"}
			text := render(t, write, &report.Report{Level: "must", Results: []report.Result{
				{Case: "a/b", Level: "must", Outcome: report.Fail, Differences: []report.Difference{d}, Curl: curl},
			}})
			if name == "tap" {
				return strings.NewReplacer(`\n`, "\n", `\"`, `"`).Replace(text)
			}
			return html.UnescapeString(text)
		}
		if text := shown(document); !strings.Contains(text, document) {
			t.Errorf("%s has no whole command:\n%s", name, text)
		}
		if text := shown(long); strings.Contains(text, long) != (name == "text") || strings.Contains(text, `printf '`) != (name == "text") {
			t.Errorf("%s shows a part of the command, or too much:\n%.3000s", name, text)
		} else if name != "text" && !strings.Contains(text, "in the JSON report") {
			t.Errorf("%s does not say where the command is", name)
		}
		if text := shown(forged); strings.Contains(text, "\nCONFORMS") {
			t.Errorf("%s has a line of the command's own:\n%s", name, text)
		}
	}
}
