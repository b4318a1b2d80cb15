package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
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
	if known > 0 {
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
	t.asks(c)
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
	t.asks(c)
	cases := ""
	if c.Answers == 0 {
		cases = c.number()
	}
	sides := t.sides(c, t.width-margin-columns(cases)-3)
	room := max(t.width-margin-columns(sides)-columns(cases), 1)
	t.line(strings.Repeat(" ", margin), "%s", strings.TrimRight(sides+strings.Repeat(" ", room)+cases, " "))
}

// asks writes the line that says how binding a cause is, and what is asked.
func (t *text) asks(c Cause) {
	label := fmt.Sprintf("%-*s", margin, c.Level)
	extent := ""
	switch {
	case c.Every:
		extent = "  (every answer)"
	case c.Answers > 0:
		extent = "  (" + countOf(c.Answers, "answer") + ")"
	}
	t.line(label, "%s%s", fit(Inert(c.Why), t.width-margin-len(extent)), extent)
}

// sides says where it is, what is wanted there, and what came, in a number of
// columns. A sentence that was just written is not written again.
func (t *text) sides(c Cause, most int) string {
	place, want, got := Inert(c.Place()), Inert(c.Want), Inert(c.Got)
	if c.Want == c.Why {
		want = "the above"
	}
	if got == "" {
		got = "nothing"
	}
	const words = len("want ") + 3 + len("got ")
	if place != "" {
		// The end of a pointer says more than its beginning.
		if over := columns(place) - max(most/2, most-words-3-columns(want)-columns(got)); over > 0 && columns(place) > over+3 {
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

// mostOpen is how many reasons of open cases one screen has room for.
const mostOpen = 2

// openCases shows the requests that had no answer, and the mistakes of the kit:
// one of each reason, and no more than a few.
func (t *text) openCases(r *Report) {
	open := slices.DeleteFunc(slices.Clone(r.Results), func(result Result) bool {
		return result.Outcome != KitError && (result.Outcome != CouldNotRun || result.Because != "")
	})
	byReason := grouped(open, func(r Result) string { return string(r.Outcome) + "\n" + r.Reason })
	for i, g := range byReason {
		if i == mostOpen {
			t.line("", "and %s more of other reasons: --verbose", thousands(len(byReason)-i))
			break
		}
		t.blank()
		who := Inert(g[0].Case)
		if len(g) > 1 {
			who += " and " + thousands(len(g)-1) + " more"
		}
		t.line(labels[g[0].Outcome], "%s", who)
		if e, ok := unanswered(g[0]); ok {
			t.line(indent, "%s", fit(Inert(e.Method+" "+e.URL), t.width-len(indent)))
			if e.Request != "" {
				t.line(indent, "%s", fit(Inert(e.Request), t.width-len(indent)))
			}
			if e.Error != g[0].Reason {
				t.line(indent, "%s", fit(Inert(e.Error), t.width-len(indent)))
			}
		}
		if g[0].Reason != "" {
			t.wrapped(indent, fit(Inert(g[0].Reason), 3*(t.width-len(indent))))
		}
	}
}

// problems lists the cases that are missing, and what is wrong with the list of
// known failures: all of them, or a few.
func (t *text) problems(r *Report, all bool) {
	const most = 3
	t.list("missing: ", r.Missing, all, most)
	t.list("known failures: ", r.Baseline, all, most)
}

func (t *text) list(label string, list []string, all bool, most int) {
	for i, entry := range list {
		if i == most && !all {
			t.line(label, "and %s more: --verbose", thousands(len(list)-i))
			return
		}
		t.wrapped(label, Inert(entry))
	}
}

// counts says how many cases ended how, how long the run took, and what it left
// out.
func (t *text) counts(r *Report) {
	t.blank()
	line := countOf(len(r.Results), "case")
	if spoken := r.spoken(); spoken != "" {
		line += ": " + spoken
	}
	if r.LeftOut > 0 {
		line += ", " + thousands(r.LeftOut) + " left out"
	}
	if r.Took > 0 {
		line += ", " + took(r.Took)
	}
	if r.Seed > 0 {
		line += fmt.Sprintf(", seed %d", r.Seed)
	}
	t.wrapped("", Inert(line))
}

// took is a time as people read it.
func took(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// next says how to see more.
func (t *text) next(r *Report, causes []Cause, listed bool) {
	explain := ""
	for _, c := range causes {
		if i := slices.IndexFunc(c.Examples, func(id string) bool { return !strings.HasPrefix(id, duty) }); i >= 0 {
			explain = "vpnconform explain " + Inert(c.Examples[i])
			break
		}
	}
	if explain != "" && r.Seed > 1 {
		explain += fmt.Sprintf(" --seed %d", r.Seed)
	}
	const all = "all: --verbose, --report html=r.html"
	told := len(causes) > 0 || slices.ContainsFunc(r.Results, func(r Result) bool { return r.Outcome == CouldNotRun || r.Outcome == KitError })
	switch {
	case listed && explain != "":
		t.line("next: ", "%s", explain)
	case listed || !told:
	case explain == "":
		t.line("", all)
	case len("next: ")+columns(explain)+5+len(all) <= t.width:
		t.line("next: ", "%s     %s", explain, all)
	default:
		t.line("next: ", "%s", explain)
		t.line("", all)
	}
}
