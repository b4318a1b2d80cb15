package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// settle judges what only all trials together show: values that came twice,
// and refusals whose twin was refused as well.
func (r *runner) settle(trials []*trial) {
	byID := map[string]*trial{}
	for _, t := range trials {
		byID[t.c.ID] = t
	}
	for _, t := range trials {
		if twin := byID[t.c.Twin]; t.c.Twin != "" && (t.result.Outcome == report.Pass || t.result.Outcome == report.Flaky) {
			r.twinOf(t, twin)
		}
	}
	r.repeated(trials)
}

// twinOf holds a refusal against its twin: without an accepted one it shows
// nothing.
func (r *runner) twinOf(t, twin *trial) {
	switch {
	case twin == nil:
		t.end(report.KitError, "its twin "+t.c.Twin+" was not tried")
	case twin.accepted:
	case twin.result.Outcome == report.Fail || twin.result.Outcome == report.Flaky:
		t.end(report.Fail, "")
		t.result.Differences = append(t.result.Differences, report.Difference{
			Pointer: "/twin", Kind: "twin", Want: "accepted", Got: "not accepted", Level: t.c.Level, Source: t.c.Source, Rule: t.result.Rule,
			Why: fmt.Sprintf("a refusal shows nothing unless %s is accepted, from which it differs in one place", t.c.Twin),
		})
	default:
		t.end(report.CouldNotRun, fmt.Sprintf("its twin %s: %s", t.c.Twin, twin.result.Outcome))
	}
}

// repeated finds values that must be new and came twice. Which of the answers
// is to blame is left open: all are.
func (r *runner) repeated(trials []*trial) {
	type value struct{ pointer, value string } // whatever rule asks that it is new
	holders := map[value][]*trial{}
	for _, t := range trials {
		for _, u := range t.unique {
			at := value{u.pointer, u.value}
			holders[at] = append(holders[at], t)
		}
	}
	for _, t := range trials {
		if o := t.result.Outcome; o != report.Pass && o != report.Flaky && o != report.Fail {
			continue // what is open stays so
		}
		for _, u := range slices.Compact(slices.Clone(t.unique)) {
			with := holders[value{u.pointer, u.value}]
			if len(with) < 2 {
				continue
			}
			t.end(report.Fail, "")
			t.result.Differences = append(t.result.Differences, r.judge.repeated(u, others(with, t)))
		}
	}
}

// others names the cases that a value was answered to beside one, not more
// than a few.
func others(holders []*trial, than *trial) string {
	const few = 3
	var names []string
	for _, t := range holders {
		if t != than && !slices.Contains(names, t.c.ID) {
			names = append(names, t.c.ID)
		}
	}
	switch {
	case len(names) == 0:
		return "another request of this case"
	case len(names) > few:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
	}
	return strings.Join(names, ", ")
}
