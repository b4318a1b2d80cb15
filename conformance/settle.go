package conformance

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// settle judges what only all trials together show: values that came twice,
// refusals whose twin was refused as well, and duties.
func (r *runner) settle(trials []*trial) {
	byID := map[string]*trial{}
	for _, t := range trials {
		byID[t.c.ID] = t
	}
	for _, t := range trials {
		if t.c.Open && t.accepted {
			continue // which shows enough
		}
		if twin := byID[t.c.Twin]; t.c.Twin != "" && (t.result.Outcome == report.Pass || t.result.Outcome == report.Flaky) {
			r.twinOf(t, twin)
		}
	}
	r.repeated(trials)
	r.settleDuties(trials)
}

// twinOf holds a refusal against its twin: without an accepted one it shows
// nothing.
func (r *runner) twinOf(t, twin *trial) {
	switch {
	case twin == nil:
		t.end(report.KitError, "its twin "+t.c.Twin+" was not tried")
	case twin.accepted:
	case twin.result.Outcome == report.Fail || twin.result.Outcome == report.Flaky:
		t.end(report.CouldNotRun, fmt.Sprintf("a refusal shows nothing unless %s is accepted, from which it differs in one place", t.c.Twin))
		t.result.Because = t.c.Twin
	case twin.result.Outcome == report.NotApplicable: // what the environment lacks for one, it lacks for both
		t.end(report.NotApplicable, fmt.Sprintf("its twin %s: %s", t.c.Twin, twin.result.Reason))
	default:
		t.end(report.CouldNotRun, fmt.Sprintf("its twin %s: %s", t.c.Twin, twin.result.Outcome))
	}
}

// bodySeed makes sums of bodies that a target cannot foresee.
var bodySeed = maphash.MakeSeed()

// sameAnswer is why a case is left open whose answer another request had as well.
const sameAnswer = "it may be no answer to this request: another one has the same, to the letter"

// repeated finds values that must be new and came more than once, which is a
// duty of all answers: which of them is to blame is left open. No case passes by
// an answer that another request had as well, to the letter: a server that does
// nothing but repeat it would have it.
func (r *runner) repeated(trials []*trial) {
	type value struct{ pointer, value string } // whatever rule asks that it is new
	holders := map[value][]*trial{}
	same := map[judge.Unique]int{}
	for _, t := range trials {
		for _, u := range t.unique {
			at := value{u.Pointer, u.Value}
			holders[at] = append(holders[at], t)
			same[u]++
		}
	}
	for _, t := range trials {
		for _, u := range t.unique {
			with := holders[value{u.Pointer, u.Value}]
			if len(with) > 1 {
				d := report.Difference{
					Pointer: "/body" + u.Pointer, Kind: "rule", Want: "a new value for every answer",
					Got: r.judge.Masker.Mask(fmt.Sprintf("%s, to %s as well", u.Value, others(with, t))),
				}
				judge.Cite(&d, u.Rule)
				t.duties = append(t.duties, d)
				if t.result.Outcome == report.Pass && t.accepted && same[u] > 1 {
					t.end(report.CouldNotRun, sameAnswer)
				}
			}
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
