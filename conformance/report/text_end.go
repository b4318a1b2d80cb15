package report

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// mostOpen is the number of reasons of open cases that one screen has room for.
const mostOpen = 2

// writeOpenCases writes requests that had no answer, and mistakes of the kit: one for each
// reason, up to a few. If the report has causes, each takes one line.
func (t *text) writeOpenCases(r *Report, beside bool) {
	open := slices.DeleteFunc(slices.Clone(r.Results), func(result Result) bool {
		return result.Outcome != KitError && (result.Outcome != CouldNotRun || result.Because != "")
	})
	byReason := groupBy(open, func(r Result) string { return string(r.Outcome) + "\n" + r.Reason })
	for i, g := range byReason {
		if i == mostOpen {
			t.writeLine("", "and %s of other reasons: --verbose", thousands(len(byReason)-i))
			break
		}
		more := ""
		if len(g) > 1 {
			more = " and " + thousands(len(g)-1) + " more"
		}
		if i == 0 || !beside {
			t.writeBlank()
		}
		room := t.width - len(indent)
		if beside {
			t.writeLine(labels[g[0].Outcome], "%s", shortenTo(Inert(g[0].Case+more+": "+g[0].Reason), room))
			continue
		}
		t.writeLine(labels[g[0].Outcome], "%s%s", shortenTo(Inert(g[0].Case), room-len(more)), more)
		if e, ok := lastUnanswered(g[0]); ok {
			t.writeLine(indent, "%s", shortenTo(Inert(e.Method+" "+e.URL), room))
			if e.Request != "" {
				t.writeLine(indent, "%s", shortenTo(Inert(e.Request), room))
			}
			if e.Error != g[0].Reason {
				t.writeLine(indent, "%s", shortenTo(Inert(e.Error), room))
			}
		}
		if g[0].Reason != "" {
			t.writeWrapped(indent, shortenTo(Inert(g[0].Reason), 3*room))
		}
	}
}

// writeProblems lists missing cases and the faults of the list of known failures: all of
// them, or a few.
func (t *text) writeProblems(r *Report, all bool) {
	const most = 3
	if !all && len(r.Missing)+len(r.Baseline) > 0 {
		t.writeBlank()
	}
	t.writeList("missing: ", r.Missing, all, most)
	t.writeList("known failures: ", r.Baseline, all, most)
}

// writeList lists all entries, or a few.
func (t *text) writeList(label string, list []string, all bool, most int) {
	for i, entry := range list {
		if i == most && !all {
			t.writeLine(label, "and %s more: --verbose", thousands(len(list)-i))
			return
		}
		t.writeWrapped(label, Inert(entry))
	}
}

// writeCounts says how many cases ended how, how long the run took, and how many were left
// out.
func (t *text) writeCounts(r *Report) {
	t.writeBlank()
	line := countOf(len(r.Results), "case")
	if spoken := r.countsInWords(); spoken != "" {
		line += ": " + spoken
	}
	if r.LeftOut > 0 {
		line += ", " + thousands(r.LeftOut) + " left out"
	}
	if r.Took > 0 {
		line += ", " + durationText(r.Took)
	}
	if r.Seed > 0 {
		line += fmt.Sprintf(", seed %d", r.Seed)
	}
	t.writeWrapped("", Inert(line))
}

// durationText writes a duration as people read it.
func durationText(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
}

// writeNext says how to see more.
func (t *text) writeNext(r *Report, causes []Cause, listed bool) {
	explain := firstCase(r, causes)
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
		t.writeLine("next: ", "%s     %s", explain, all)
		return
	case width <= t.width:
		t.writeLine("next: ", "%s", explain)
	default: // a backslash continues a shell command
		command, id, _ := strings.Cut(explain, " explain ")
		t.writeLine("next: ", "%s explain \\", command)
		t.writeLine("      ", "%s", id)
	}
	if !listed {
		t.writeLine("", all)
	}
}

// firstCase is the case to look at first: one of the first cause, a duty if there is no
// other, or one that could not run. It is empty if there is none.
func firstCase(r *Report, causes []Cause) string {
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
