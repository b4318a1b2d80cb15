package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// headline says the verdict, the target, and how many causes there are.
func (t *text) headline(r *Report, causes []Cause) {
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
		t.line("", "%s", line)
	case columns(line)+3+len(counts) <= t.width:
		t.line("", "%s   %s", line, counts)
	default:
		t.line("", "%s", line)
		t.wrapped("", counts)
	}
}

// columns is how many columns an inert text takes, as near as counting
// characters comes.
func columns(s string) int { return utf8.RuneCountInString(s) }

// fit shortens an inert text to a number of columns.
func fit(s string, most int) string {
	runes := []rune(s)
	if len(runes) <= most {
		return s
	}
	return string(runes[:max(most-3, 0)]) + "..."[:min(3, max(most, 0))]
}

// margin is the width of a level before a cause.
const margin = 8

// causes writes as many causes as there are lines for, each in three lines if
// all fit so, or in two.
func (t *text) causes(causes []Cause, room int) {
	if len(causes) == 0 {
		return
	}
	t.blank()
	room -= 2 // the blank, and the line that says how many are left out
	if 3*len(causes) <= room+1 {
		for _, c := range causes {
			t.cause(c)
		}
		return
	}
	shown := min(len(causes), max(room/2, 1))
	if 2*len(causes) <= room+1 {
		shown = len(causes)
	}
	for _, c := range causes[:shown] {
		t.shortCause(c)
	}
	if more := len(causes) - shown; more > 0 {
		t.line("", "and %s more %s: --verbose", thousands(more), map[bool]string{true: "cause", false: "causes"}[more == 1])
	}
}

// cause writes a cause in three lines at most.
func (t *text) cause(c Cause) {
	t.heading(c, "")
	t.line(strings.Repeat(" ", margin), "%s", t.sides(c, t.width-margin))
	if c.Answers > 0 {
		return
	}
	cases := c.shows(1)
	if room := t.width - margin - columns(cases); room >= columns(Inert(c.Source))+2 {
		cases += strings.Repeat(" ", room-columns(Inert(c.Source))) + Inert(c.Source)
	}
	t.line(strings.Repeat(" ", margin), "%s", fit(cases, t.width-margin))
}

// shortCause writes a cause in two lines.
func (t *text) shortCause(c Cause) {
	extent := ""
	if c.Answers == 0 {
		extent = c.number()
	}
	t.heading(c, extent)
	t.line(strings.Repeat(" ", margin), "%s", t.sides(c, t.width-margin))
}

// heading writes the line that says how binding a cause is, and what is asked. In
// how many answers a duty is broken stands at its end, or another extent.
func (t *text) heading(c Cause, extent string) {
	switch {
	case c.Every:
		extent = "(every answer)"
	case c.Answers > 0:
		extent = "(" + countOf(c.Answers, "answer") + ")"
	}
	line := Inert(c.Why)
	if extent = Inert(extent); extent != "" {
		extent = fit(extent, (t.width-margin)/2)
		line = fit(line, t.width-margin-columns(extent)-2)
		line += strings.Repeat(" ", max(t.width-margin-columns(line)-columns(extent), 1)) + extent
	}
	t.line(fmt.Sprintf("%-*s", margin, c.Level), "%s", fit(line, t.width-margin))
}

// narrow is the number of columns below which a place is left out.
const narrow = 50

// sides says where it is, what is wanted there, and what came, in a number of
// columns. A sentence that was just written is not written again.
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
	want = fit(want, wide)
	got = fit(got, room-columns(want))
	return fit(place+"want "+want+"   got "+got, most)
}

// number says in how many cases a cause shows.
func (c *Cause) number() string {
	n := countOf(c.Cases, "case")
	if c.Flaky {
		n += ", flaky"
	}
	if c.Known != "" {
		n += ", known"
	}
	return n
}

// shows says in how many cases a cause shows, and names some.
func (c *Cause) shows(most int) string {
	ids := c.Examples[:min(most, len(c.Examples))]
	if len(ids) == 0 {
		return c.number()
	}
	names := Inert(strings.Join(ids, ", "))
	if c.Cases <= len(ids) {
		return c.number() + ": " + names
	}
	return c.number() + ", such as " + names
}

// countOf is a number of things, as people read it.
func countOf(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// allCauses writes every cause, whole.
func (t *text) allCauses(causes []Cause) {
	deep := strings.Repeat(" ", margin)
	for _, c := range causes {
		t.blank()
		t.wrapped(fmt.Sprintf("%-*s", margin, c.Level), Inert(c.Why))
		if place := c.Place(); place != "" {
			t.line(deep, "%s", place)
		}
		if c.Sent != "" {
			t.line(deep, "sent  %s", c.Sent)
		}
		if c.Want != c.Why {
			t.line(deep, "want  %s", c.Want)
		}
		if c.Got != "" {
			t.line(deep, "got   %s", c.Got)
		}
		cases := c.shows(examples)
		if c.Answers > 0 {
			cases = fmt.Sprintf("%s, first in %s", countOf(c.Answers, "answer"), strings.Join(c.Examples, ", "))
		}
		if c.Known != "" {
			cases += " (" + c.Known + ")"
		}
		t.wrapped(deep, Inert(cases))
		d := Difference{Rule: c.Rule, Source: c.Source, Level: c.Level, Errata: c.Errata}
		t.wrapped(deep, d.cites())
	}
}
