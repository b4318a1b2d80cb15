package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"
)

// mostAnnotations is the number of annotations of one kind that GitHub shows for a step.
const mostAnnotations = 10

// WriteGitHub renders a report as workflow commands, which GitHub shows as annotations:
// errors for everything that decides the verdict, the causes first; warnings for things
// that do not count; and a notice with the verdict.
//
// GitHub drops everything after the tenth of a kind. If there are more, the tenth says how
// many were left out.
func WriteGitHub(w io.Writer, r *Report) error {
	out := newPage(w)
	var errors, warnings []annotation
	for _, c := range Causes(r) {
		switch {
		case c.Known != "":
		case rank(c.Level) <= rank(r.Level):
			errors = append(errors, c.annotation())
		default:
			warnings = append(warnings, c.annotation())
		}
	}
	differs := len(errors) > 0
	var open, below []finding
	for _, f := range r.findings() {
		switch {
		case f.state == broken, f.state == failed && (f.result == nil || !differs): // the causes cover the other failures
			open = append(open, f)
		case f.state == tolerated && f.result.Outcome == CouldNotRun:
			below = append(below, f)
		}
	}
	writeAnnotations(out, "error", append(errors, annotationsOf(open)...))
	writeAnnotations(out, "warning", append(warnings, annotationsOf(below)...))
	writeCommand(out, "notice", "vpnconform", Inert(r.Summary()))
	return out.Flush()
}

// annotation is the title and the text of a command, inert.
type annotation struct{ title, text string }

// annotation says what differs, in how many cases, and the source of the demand.
func (c *Cause) annotation() annotation {
	text := shorten(c.Why)
	if place := c.Place(); place != "" {
		text += "\n" + shorten(place)
	}
	if c.Want != c.Why {
		text += "\nwant " + shorten(c.Want)
	}
	if c.Got != "" {
		text += "\ngot " + shorten(c.Got)
	}
	d := Difference{Source: c.Source, Level: c.Level, Errata: c.Errata}
	extent := c.caseNames(examples)
	switch {
	case c.Every:
		extent = "every answer"
	case c.Answers > 0:
		extent = countOf(c.Answers, "answer")
	}
	return annotation{cmp.Or(shorten(c.Rule), noRule), text + "\n" + extent + "\n" + shorten(d.cite())}
}

// annotationsOf makes one annotation of equal findings.
func annotationsOf(findings []finding) []annotation {
	var out []annotation
	for _, g := range groupFindings(findings) {
		text := g[0].message
		if len(g) > 1 {
			text += "\nthe same: " + namesOf(g[1:])
		}
		out = append(out, annotation{shorten(g[0].id), text})
	}
	return out
}

// writeAnnotations writes as many annotations of a kind as GitHub shows.
func writeAnnotations(out page, kind string, all []annotation) {
	shown := all
	if len(all) > mostAnnotations {
		shown = all[:mostAnnotations-1]
	}
	for _, a := range shown {
		writeCommand(out, kind, a.title, a.text)
	}
	if left := len(all) - len(shown); left > 0 {
		writeCommand(out, kind, "vpnconform", fmt.Sprintf("and %d more: GitHub shows %d annotations of a kind", left, mostAnnotations))
	}
}

// groupFindings puts equal findings together, each group at the place of its first.
func groupFindings(findings []finding) [][]finding {
	return groupBy(findings, func(f finding) string {
		if f.result != nil {
			return f.message + "\n" + f.result.brokenRule()
		}
		return f.message + "\n" + f.id
	})
}

// namesOf lists a few ids of findings.
func namesOf(findings []finding) string {
	var ids []string
	for _, f := range findings {
		ids = append(ids, shorten(f.id))
	}
	return listSome(ids)
}

// writeCommand writes a workflow command. Line feeds in its inert text are escaped, so that
// it stays one line.
func writeCommand(out page, kind, title, text string) {
	out.put("::%s title=%s::%s\n", kind, commandProperty.Replace(title), commandData.Replace(cmp.Or(text, title)))
}

// The escapes of a workflow command. Runners once took ##[ within a line for a command
// too.
var (
	commandData     = strings.NewReplacer("##[", "## [", "%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("##[", "## [", "%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
