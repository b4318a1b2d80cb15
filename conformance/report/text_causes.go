package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// writeHeadline writes the verdict, the target, and the number of causes.
func (t *text) writeHeadline(r *Report, causes []Cause) {
	var parts []string
	known := 0
	for _, level := range Levels {
		n := 0
		for _, c := range causes {
			switch {
			case c.Level == level && c.Known == "":
				n++
			case c.Level == level:
				known++
			}
		}
		switch {
		case n > 0 && len(parts) == 0:
			parts = append(parts, plural(n, "cause")+" at "+level)
		case n > 0:
			parts = append(parts, fmt.Sprintf("%d at %s", n, level))
		}
	}
	switch {
	case known > 0 && len(parts) == 0:
		parts = append(parts, plural(known, "known cause"))
	case known > 0:
		parts = append(parts, fmt.Sprintf("%d known", known))
	}
	line := Inert(r.conclusion() + "  " + r.Target)
	counts := strings.Join(parts, ", ")
	switch {
	case counts == "":
		t.writeLine("", "%s", line)
	case columns(line)+3+len(counts) <= t.width:
		t.writeLine("", "%s   %s", line, counts)
	default:
		t.writeLine("", "%s", line)
		t.writeWrapped("", counts)
	}
}

// columns is roughly the number of columns of an inert text: its characters.
func columns(s string) int { return utf8.RuneCountInString(s) }

// shortenTo shortens an inert text to a number of columns.
func shortenTo(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:max(most-3, 0)]) + "..."[:min(3, max(most, 0))]
}

// margin is the width of the level before a cause.
const margin = 8

// writeCauses writes as many causes as there are lines for: in three lines each if all fit
// so, otherwise in two.
func (t *text) writeCauses(causes []Cause, room int) {
	if len(causes) == 0 {
		return
	}
	t.writeBlank()
	room -= 2 // the empty line, and the line about causes left out
	if 3*len(causes) <= room+1 {
		for _, c := range causes {
			t.writeCause(c)
		}
		return
	}
	shown := min(len(causes), max(room/2, 1))
	if 2*len(causes) <= room+1 {
		shown = len(causes)
	}
	for _, c := range causes[:shown] {
		t.writeShortCause(c)
	}
	if more := len(causes) - shown; more > 0 {
		t.writeLine("", "and %s more %s: --verbose", thousands(more), map[bool]string{true: "cause", false: "causes"}[more == 1])
	}
}

// writeCause writes a cause in at most three lines.
func (t *text) writeCause(c Cause) {
	t.writeHeading(c, "")
	t.writeLine(strings.Repeat(" ", margin), "%s", t.sides(c, t.width-margin))
	if c.Answers > 0 {
		return
	}
	cases := c.caseNames(1)
	if room := t.width - margin - columns(cases); room >= columns(Inert(c.Source))+2 {
		cases += strings.Repeat(" ", room-columns(Inert(c.Source))) + Inert(c.Source)
	}
	t.writeLine(strings.Repeat(" ", margin), "%s", shortenTo(cases, t.width-margin))
}

// writeShortCause writes a cause in two lines.
func (t *text) writeShortCause(c Cause) {
	extent := ""
	if c.Answers == 0 {
		extent = c.caseCount()
	}
	t.writeHeading(c, extent)
	t.writeLine(strings.Repeat(" ", margin), "%s", t.sides(c, t.width-margin))
}

// writeHeading writes the line with the level of a cause and its demand. At its end is the
// number of answers that break a duty, or another extent.
func (t *text) writeHeading(c Cause, extent string) {
	switch {
	case c.Every:
		extent = "(every answer)"
	case c.Answers > 0:
		extent = "(" + countOf(c.Answers, "answer") + ")"
	}
	line := Inert(c.Why)
	if extent = Inert(extent); extent != "" {
		extent = shortenTo(extent, (t.width-margin)/2)
		line = shortenTo(line, t.width-margin-columns(extent)-2)
		line += strings.Repeat(" ", max(t.width-margin-columns(line)-columns(extent), 1)) + extent
	}
	t.writeLine(fmt.Sprintf("%-*s", margin, c.Level), "%s", shortenTo(line, t.width-margin))
}

// narrow is the number of columns below which the place is left out.
const narrow = 50

// sides says in a number of columns what is wanted at a place, and what came. It does not
// repeat a sentence of the line before.
func (t *text) sides(c Cause, most int) string {
	place, want, got := Inert(c.Place()), Inert(c.Want), Inert(c.Got)
	if c.Sent != "" {
		got += " for " + Inert(c.Sent)
	}
	if c.Want == c.Why {
		want = "the above"
	}
	if got == "" {
		got = "nothing"
	}
	const words = len("want ") + 3 + len("got ")
	if most < narrow {
		place = ""
	}
	if place != "" {
		// The end of a pointer says more than its beginning.
		if over := columns(place) - max(most/4, most-words-3-columns(want)-columns(got)); over > 0 && columns(place) > over+3 {
			place = "..." + string([]rune(place)[over+3:])
		}
		place += "   "
	}
	room := most - columns(place) - words
	wide := max(room/2, room-columns(got))
	want = shortenTo(want, wide)
	got = shortenTo(got, room-columns(want))
	return shortenTo(place+"want "+want+"   got "+got, most)
}

// caseCount says in how many cases a cause shows.
func (c *Cause) caseCount() string {
	n := countOf(c.Cases, "case")
	if c.Flaky {
		n += ", flaky"
	}
	if c.Known != "" {
		n += ", known"
	}
	return n
}

// caseNames says in how many cases a cause shows, and names some.
func (c *Cause) caseNames(most int) string {
	ids := c.Examples[:min(most, len(c.Examples))]
	if len(ids) == 0 {
		return c.caseCount()
	}
	names := Inert(strings.Join(ids, ", "))
	if c.Cases <= len(ids) {
		return c.caseCount() + ": " + names
	}
	return c.caseCount() + ", such as " + names
}

// countOf writes a number of things as people read it.
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// writeAllCauses writes every cause, whole.
func (t *text) writeAllCauses(causes []Cause) {
	deep := strings.Repeat(" ", margin)
	for _, c := range causes {
		t.writeBlank()
		t.writeWrapped(fmt.Sprintf("%-*s", margin, c.Level), Inert(c.Why))
		if place := c.Place(); place != "" {
			t.writeLine(deep, "%s", place)
		}
		if c.Sent != "" {
			t.writeLine(deep, "sent  %s", c.Sent)
		}
		if c.Want != c.Why {
			t.writeLine(deep, "want  %s", c.Want)
		}
		if c.Got != "" {
			t.writeLine(deep, "got   %s", c.Got)
		}
		cases := c.caseNames(examples)
		if c.Answers > 0 {
			cases = fmt.Sprintf("%s, first in %s", countOf(c.Answers, "answer"), strings.Join(c.Examples, ", "))
		}
		if c.Known != "" {
			cases += " (" + c.Known + ")"
		}
		t.writeWrapped(deep, Inert(cases))
		d := Difference{Rule: c.Rule, Source: c.Source, Level: c.Level, Errata: c.Errata}
		t.writeWrapped(deep, d.cites())
	}
}
