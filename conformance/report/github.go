package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// mostAnnotations is the number of annotations of one kind that GitHub shows of
// a step.
const mostAnnotations = 10

// WriteGitHub renders a report as workflow commands, which GitHub shows as
// annotations: errors for what decides the verdict, warnings for failures below
// the level of the run, and a notice that is the verdict.
//
// Cases that fail alike share an annotation. GitHub drops what comes after the
// tenth of a kind: if there are more, the tenth says how many were left out.
func WriteGitHub(w io.Writer, r *Report) error {
	out := newPage(w)
	var errors, warnings []finding
	for _, f := range r.findings() {
		switch {
		case f.state == failed || f.state == broken:
			errors = append(errors, f)
		case f.state == tolerated && f.result.Known == "":
			warnings = append(warnings, f)
		}
	}
	annotations(out, "error", errors)
	annotations(out, "warning", warnings)
	command(out, "notice", "vpnconform", Inert(r.Summary()))
	return out.Flush()
}

// annotations writes not more of a kind than are shown.
func annotations(out page, kind string, findings []finding) {
	groups := alike(findings)
	shown := groups
	if len(groups) > mostAnnotations {
		shown = groups[:mostAnnotations-1]
	}
	for _, g := range shown {
		text := g[0].message
		if result := g[0].result; result != nil && len(result.Differences) > 0 {
			text += "\n" + shorten(result.Differences[0].cite())
		}
		if len(g) > 1 {
			text += "\nthe same: " + namesOf(g[1:])
		}
		command(out, kind, title(g[0]), text)
	}
	left := 0
	for _, g := range groups[len(shown):] {
		left += len(g)
	}
	if left > 0 {
		command(out, kind, "vpnconform", fmt.Sprintf("and %d more: GitHub shows %d annotations of a kind", left, mostAnnotations))
	}
}

// title says which case it is, and which rule is broken.
func title(f finding) string {
	t := shorten(f.id)
	if f.result != nil && len(f.result.Differences) > 0 {
		t += " breaks " + shorten(f.result.brokenRule())
	}
	return t
}

// alike puts findings together that say the same, each group where its first
// stands.
func alike(findings []finding) [][]finding {
	return grouped(findings, func(f finding) string {
		if f.result != nil {
			return f.message + "\n" + f.result.brokenRule()
		}
		return f.message + "\n" + f.id
	})
}

// namesOf lists the ids of findings, not more than a few.
func namesOf(findings []finding) string {
	var ids []string
	for _, f := range findings {
		ids = append(ids, shorten(f.id))
	}
	return someOf(ids)
}

// command writes a workflow command. The lines of its text, which is inert, are
// escaped, so that it stays one line.
func command(out page, kind, title, text string) {
	out.put("::%s title=%s::%s\n", kind, commandProperty.Replace(title), commandData.Replace(cmp.Or(text, title)))
}

// The escapes of a workflow command.
var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
