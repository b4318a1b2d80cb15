package conformance

import (
	"slices"
	"time"

	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// showsDuty reports whether a case that passed shows that its answers keep a duty.
func (t *trial) showsDuty(duty openapi.Duty) bool {
	if t.result.Outcome != report.Pass {
		return false
	}
	return t.answered[duty] > 0
}

// settleDuties gives the cases of duties their outcome, from all answers.
func (r *runner) settleDuties(trials []*trial) {
	for _, t := range trials {
		if !t.c.Duty {
			continue
		}
		t.begin()
		t.result.Differences = r.dutyDifferences(t.c, trials)
		answers := 0
		for _, other := range trials {
			answers += other.answered[t.c.Rule.Duty]
		}
		shows := func(other *trial) bool { return other.showsDuty(t.c.Rule.Duty) }
		switch {
		case len(t.result.Differences) > 0:
			t.conclude(report.Fail, "")
		case slices.ContainsFunc(trials, shows):
			t.conclude(report.Pass, "")
		case answers == 0:
			t.conclude(report.NotApplicable, "no answer of the run has this duty")
		default:
			t.conclude(report.NotApplicable, "no case with such an answer passed") // the failed cases say why
		}
	}
}

// namedDuties are the duties that the patterns of a selection name; all, if there is no
// selection.
func namedDuties(s *suite.Suite, run []string) ([]string, error) {
	named, err := matchPatterns(s, run)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range s.Cases {
		if c.Duty && (named[c.ID] || len(run) == 0) {
			out = append(out, c.ID)
		}
	}
	return out, nil
}

// counts reports whether a case counts. A duty counts if the selection names it, or if an
// answer breaks it. The duties that the few answers of a small run show depend on which
// of its cases pass: counted, they would come and go from run to run.
func counts(t *trial, asked []string) bool {
	return !t.c.Duty || slices.Contains(asked, t.c.ID) || t.result.Outcome == report.Fail
}

// mostDifferent is the number of differences that one duty reports: its answers may break
// it in as many ways as there are answers.
const mostDifferent = 8

// dutyDifferences collects how the answers of all cases break a duty, each way once, with
// the number of answers and the first case.
func (r *runner) dutyDifferences(c suite.Case, trials []*trial) []report.Difference {
	var out []report.Difference
	at := map[string]int{} // in out, by what differs
	for _, t := range trials {
		for _, d := range t.duties {
			if d.Rule != c.Rule.ID {
				continue
			}
			way := d.Pointer + "\n" + d.Kind + "\n" + d.Why
			i, seen := at[way]
			if !seen {
				if len(out) == mostDifferent {
					continue
				}
				i, d.Case = len(out), t.c.ID
				at[way], out = i, append(out, d)
			}
			out[i].Answers++
		}
	}
	return append(out, r.findStandingClock(c, trials)...)
}

// clockStep is the time after which a clock must have moved.
const clockStep = time.Second

// findStandingClock finds a time that is the same in all answers, although they came
// more than a second apart.
func (r *runner) findStandingClock(c suite.Case, trials []*trial) []report.Difference {
	var first, last *judge.Moment
	var of string
	count := 0
	for _, t := range trials {
		for i := range t.moments {
			m := &t.moments[i]
			if m.Rule != c.Rule {
				continue
			}
			if first != nil && m.Text != first.Text {
				return nil
			}
			if count++; first == nil || m.At.Before(first.At) {
				first, of = m, t.c.ID
			}
			if last == nil || m.At.After(last.At) {
				last = m
			}
		}
	}
	if first == nil || last.At.Sub(first.At) <= clockStep {
		return nil
	}
	d := report.Difference{
		Pointer: "/body" + first.Pointer, Kind: "rule", Want: "another time a second later", Got: excerpt.JSON(first.Text),
		Why: "the time of an answer is that of its request, and no other's", Answers: count, Case: of,
	}
	judge.Cite(&d, c.Rule)
	return []report.Difference{d}
}
