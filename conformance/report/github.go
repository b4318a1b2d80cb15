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
// annotations: errors for what decides the verdict, the causes first, warnings
// for what does not count, and a notice that is the verdict.
//
// GitHub drops what comes after the tenth of a kind: if there are more, the tenth
// says how many were left out.
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
		case f.state == broken, f.state == failed && (f.result == nil || !differs): // of the other failures the causes speak
			open = append(open, f)
		case f.state == tolerated && f.result.Outcome == CouldNotRun:
			below = append(below, f)
		}
	}
	annotations(out, "error", append(errors, annotationsOf(open)...))
	annotations(out, "warning", append(warnings, annotationsOf(below)...))
	command(out, "notice", "vpnconform", Inert(r.Summary()))
	return out.Flush()
}

// annotation is a command's title and text, inert.
type annotation struct{ title, text string }

// annotation says what differs, in how many cases, and where that is asked for.
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
	extent := c.shows(examples)
	switch {
	case c.Every:
		extent = "every answer"
	case c.Answers > 0:
		extent = countOf(c.Answers, "answer")
	}
	return annotation{cmp.Or(shorten(c.Rule), noRule), text + "\n" + extent + "\n" + shorten(d.cite())}
}

// annotationsOf says once what findings have in common.
func annotationsOf(findings []finding) []annotation {
	var out []annotation
	for _, g := range alike(findings) {
		text := g[0].message
		if len(g) > 1 {
			text += "\nthe same: " + namesOf(g[1:])
		}
		out = append(out, annotation{shorten(g[0].id), text})
	}
	return out
}

// annotations writes not more of a kind than are shown.
func annotations(out page, kind string, all []annotation) {
	shown := all
	if len(all) > mostAnnotations {
		shown = all[:mostAnnotations-1]
	}
	for _, a := range shown {
		command(out, kind, a.title, a.text)
	}
	if left := len(all) - len(shown); left > 0 {
		command(out, kind, "vpnconform", fmt.Sprintf("and %d more: GitHub shows %d annotations of a kind", left, mostAnnotations))
	}
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

// The escapes of a workflow command. A runner once found ##[ in the midst of a line
// to be a command too.
var (
	commandData     = strings.NewReplacer("##[", "## [", "%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("##[", "## [", "%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)
