package conformance

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// settle judges the facts that only all trials show together: values that came twice,
// refusals whose twin was refused as well, and duties.
func (r *runner) settle(trials []*trial) {
	byID := map[string]*trial{}
	for _, t := range trials {
		byID[t.c.ID] = t
	}
	for _, t := range trials {
		if t.c.Open && t.accepted {
			continue // acceptance needs no twin
		}
		if twin := byID[t.c.Twin]; t.c.Twin != "" && (t.result.Outcome == report.Pass || t.result.Outcome == report.Flaky) {
			r.settleTwin(t, twin)
		}
	}
	r.settleRepeated(trials)
	r.settleDuties(trials)
}

// settleTwin compares a refusal with its twin. Unless the twin is accepted, the refusal
// shows nothing: the target may refuse every such request.
func (r *runner) settleTwin(t, twin *trial) {
	switch {
	case twin == nil:
		t.conclude(report.KitError, "its twin "+t.c.Twin+" was not tried")
	case twin.accepted:
	case twin.result.Outcome == report.Fail || twin.result.Outcome == report.Flaky:
		t.conclude(report.CouldNotRun, fmt.Sprintf("a refusal shows nothing unless %s is accepted, from which it differs in one place", t.c.Twin))
		t.result.Because = t.c.Twin
	case twin.result.Outcome == report.NotApplicable: // the environment lacks the same for both
		t.conclude(report.NotApplicable, fmt.Sprintf("its twin %s: %s", t.c.Twin, twin.result.Reason))
	default:
		t.conclude(report.CouldNotRun, fmt.Sprintf("its twin %s: %s", t.c.Twin, twin.result.Outcome))
	}
}

// bodySeed seeds checksums of bodies, so that a target cannot foresee them.
var bodySeed = maphash.MakeSeed()

// sameAnswer is the reason of a case whose answer another request had as well.
const sameAnswer = "it may be no answer to this request: another one has the same, to the letter"

// settleRepeated finds values that must be new and came more than once. That breaks a
// duty of all answers, because nobody can tell which of them is to blame. A case whose
// whole answer another request had as well does not pass: a server that only repeats an
// answer would pass it.
func (r *runner) settleRepeated(trials []*trial) {
	type value struct{ pointer, value string } // without the rule that wants it to be new
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
					Got: r.judge.Masker.Mask(fmt.Sprintf("%s, to %s as well", u.Value, nameOthers(with, t))),
				}
				judge.Cite(&d, u.Rule)
				t.duties = append(t.duties, d)
				if t.result.Outcome == report.Pass && t.accepted && same[u] > 1 {
					t.conclude(report.CouldNotRun, sameAnswer)
				}
			}
		}
	}
}

// nameOthers names a few of the cases that a value was sent to, apart from one.
func nameOthers(holders []*trial, than *trial) string {
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
