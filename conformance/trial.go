package conformance

import (
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// trial is a case and its result so far.
type trial struct {
	c         suite.Case
	result    report.Result
	unique    []judge.Unique
	duties    []report.Difference // broken duties
	moments   []judge.Moment
	answered  map[openapi.Duty]int // number of answers, by the kind of their duties
	accepted  bool                 // the target accepted every request of it
	retried   bool                 // it was tried a second time
	creations []creation           // objects that were made and not yet removed
	altered   bool                 // the report has an answer in another form than it came
}

// failsAt reports whether a trial failed by a difference, or breaks a duty, that binds at
// a level.
func (t *trial) failsAt(level string) bool {
	return t.result.FailsAt(level) || report.Result{Outcome: report.Fail, Differences: t.duties}.FailsAt(level) && len(t.duties) > 0
}

// begin sets the fields of a result that do not depend on the run.
func (t *trial) begin() {
	c := t.c
	t.result = report.Result{Case: c.ID, Title: c.Title, Level: c.Level, Source: c.Source, Errata: c.Errata, Twin: c.Twin, Member: c.Place}
	if c.Rule != nil {
		t.result.Rule = c.Rule.ID
	}
}

// markFlaky sets the outcome of a trial that failed first and passed then.
func (t *trial) markFlaky() {
	t.conclude(report.Flaky, "it failed, and passed when it was tried again alone")
}

// conclude sets the outcome of a trial.
func (t *trial) conclude(outcome report.Outcome, reason string) {
	t.result.Outcome, t.result.Reason = outcome, excerpt.Shorten(reason, excerpt.Most)
}

// join adds the values and duties of a second try, which are settled together with those
// of other cases.
func (t *trial) join(second *trial) {
	t.unique, t.duties, t.moments = append(t.unique, second.unique...), append(t.duties, second.duties...), append(t.moments, second.moments...)
	for kind, n := range second.answered {
		t.count(kind, n)
	}
}

// count counts answers that have the duties of a kind.
func (t *trial) count(kind openapi.Duty, n int) {
	if t.answered == nil {
		t.answered = map[openapi.Duty]int{}
	}
	t.answered[kind] += n
}
