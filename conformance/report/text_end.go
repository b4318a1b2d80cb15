package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// mostOpen is how many reasons of open cases one screen has room for.
const mostOpen = 2

// openCases shows the requests that had no answer, and the mistakes of the kit:
// one of each reason, and no more than a few. Beside causes each has a line.
func (t *text) openCases(r *Report, beside bool) {
	open := slices.DeleteFunc(slices.Clone(r.Results), func(result Result) bool {
		return result.Outcome != KitError && (result.Outcome != CouldNotRun || result.Because != "")
	})
	byReason := grouped(open, func(r Result) string { return string(r.Outcome) + "\n" + r.Reason })
	for i, g := range byReason {
		if i == mostOpen {
			t.line("", "and %s of other reasons: --verbose", thousands(len(byReason)-i))
			break
		}
		more := ""
		if len(g) > 1 {
			more = " and " + thousands(len(g)-1) + " more"
		}
		if i == 0 || !beside {
			t.blank()
		}
		room := t.width - len(indent)
		if beside {
			t.line(labels[g[0].Outcome], "%s", fit(Inert(g[0].Case+more+": "+g[0].Reason), room))
			continue
		}
		t.line(labels[g[0].Outcome], "%s%s", fit(Inert(g[0].Case), room-len(more)), more)
		if e, ok := unanswered(g[0]); ok {
			t.line(indent, "%s", fit(Inert(e.Method+" "+e.URL), room))
			if e.Request != "" {
				t.line(indent, "%s", fit(Inert(e.Request), room))
			}
			if e.Error != g[0].Reason {
				t.line(indent, "%s", fit(Inert(e.Error), room))
			}
		}
		if g[0].Reason != "" {
			t.wrapped(indent, fit(Inert(g[0].Reason), 3*room))
		}
	}
}

// problems lists the cases that are missing, and what is wrong with the list of
// known failures: all of them, or a few.
func (t *text) problems(r *Report, all bool) {
	const most = 3
	if !all && len(r.Missing)+len(r.Baseline) > 0 {
		t.blank()
	}
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
	explain := telling(r, causes)
	if explain == "" {
		return
	}
	explain = "vpnconform explain " + Inert(explain)
	if r.Seed > 1 {
		explain += fmt.Sprintf(" --seed %d", r.Seed)
	}
	const all = "all: --verbose, --report html=r.html"
	width := len("next: ") + columns(explain)
	switch {
	case !listed && width+5+len(all) <= t.width:
		t.line("next: ", "%s     %s", explain, all)
		return
	case width <= t.width:
		t.line("next: ", "%s", explain)
	default: // a shell goes on behind a backslash
		command, id, _ := strings.Cut(explain, " explain ")
		t.line("next: ", "%s explain \\", command)
		t.line("      ", "%s", id)
	}
	if !listed {
		t.line("", all)
	}
}

// telling is the case to look at first: one of the first cause, a duty if there is
// no other, or one that could not run. It is empty if there is none.
func telling(r *Report, causes []Cause) string {
	for _, c := range causes {
		if i := slices.IndexFunc(c.Examples, func(id string) bool { return !strings.HasPrefix(id, duty) }); i >= 0 && c.Answers == 0 {
			return c.Examples[i]
		}
	}
	if len(causes) > 0 && causes[0].Rule != "" {
		return duty + causes[0].Rule
	}
	for _, result := range r.Results {
		if result.Outcome == CouldNotRun || result.Outcome == KitError {
			return result.Case
		}
	}
	return ""
}
