package report

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// WriteTAP renders a report as TAP 14, the Test Anything Protocol, with a YAML block below
// each test point that is not ok.
//
// A case that is not applicable is skipped. A failure that does not count, known or below
// the level of the run, is a TODO. A test point is not ok, without a TODO, if and only if the
// verdict is not [Conforms].
func WriteTAP(w io.Writer, r *Report) error {
	out := newPage(w)
	findings := r.findings()
	out.put("TAP version 14\n1..%d\n", len(findings))
	out.put("# target %s\n", tapText(shorten(r.Target)))
	for i, f := range findings {
		out.put("%s %d - %s%s\n", tapWords[f.state], i+1, tapText(shorten(f.id)), tapDirective(f))
		if f.state != passed && f.state != skipped {
			tapDiagnostics(out, f)
		}
	}
	out.put("# %s\n", tapText(Inert(r.Summary())))
	return out.Flush()
}

var tapWords = map[state]string{passed: "ok", failed: "not ok", broken: "not ok", skipped: "ok", tolerated: "not ok"}

// tapDirective is the directive of a test point that is skipped or does not count.
func tapDirective(f finding) string {
	switch f.state {
	case skipped:
		return " # SKIP " + tapText(f.message)
	case tolerated:
		return " # TODO " + tapText(f.message)
	}
	return ""
}

// tapText escapes the characters that begin a directive.
func tapText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "#", `\#`).Replace(s)
}

// tapDiagnostics writes a YAML block. Its texts are JSON strings, which YAML reads.
func tapDiagnostics(out page, f finding) {
	field := func(indent, name, value string) {
		if value != "" {
			out.put("  %s%s: %s\n", indent, name, quote(value))
		}
	}
	out.put("  ---\n")
	field("", "message", f.message)
	if r := f.result; r != nil {
		field("", "title", abridge(r.Title))
		field("", "outcome", abridge(string(r.Outcome)))
		field("", "level", abridge(r.Level))
		field("", "rule", abridge(r.Rule))
		field("", "reason", abridge(r.Reason))
		out.put("  duration_ms: %.3f\n", milliseconds(r.duration()))
		if len(r.Differences) > 0 {
			out.put("  differences:\n")
		}
		for _, d := range r.Differences {
			out.put("    - pointer: %s\n", quote(abridge(d.Pointer)))
			field("    ", "kind", abridge(d.Kind))
			field("    ", "want", abridge(d.Want))
			field("    ", "got", abridge(d.Got))
			field("    ", "why", abridge(d.Why))
			field("    ", "rule", abridge(d.Rule))
			field("    ", "also", abridge(strings.Join(d.Also, ", ")))
			field("    ", "source", abridge(d.cite()))
		}
		if r.MoreDifferences > 0 {
			out.put("  more_differences: %d\n", r.MoreDifferences)
		}
		field("", "curl", shownCommand(r.Curl))
	}
	out.put("  ...\n")
}

// quote is an inert text as a JSON string.
func quote(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a text always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
