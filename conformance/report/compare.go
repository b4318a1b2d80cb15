package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
)

// Turn is the direction in which a case changed from one report to another.
type Turn string

// The turns.
const (
	Regression  Turn = "regression"
	Improvement Turn = "improvement"
	Otherwise   Turn = "change" // neither: below the level, new, or known
)

// Turns lists all turns, the worst first.
var Turns = []Turn{Regression, Otherwise, Improvement}

// Comparison lists what changed from one report to another: of an older and a newer
// version, or of two implementations.
type Comparison struct {
	Old   Side   `json:"old"`
	New   Side   `json:"new"`
	Level string `json:"level"` // the least binding level whose failures count

	// Unlike lists, each in a sentence, the other differences between the two runs: a
	// change may come from them.
	Unlike []string `json:"unlike"`

	Cases   int      `json:"cases"`   // in either report
	Changes []Change `json:"changes"` // the regressions first, each turn in the order of the cases

	// Answers are the places where the answers differ, whatever the judgement; nil if
	// they were not compared.
	Answers []AnswerDifference `json:"answers"`

	tried int // number of cases of the old report that were tried
}

// Side is one of the two reports.
type Side struct {
	Name    string `json:"name"`    // its target, unless the caller gives another name
	Summary string `json:"summary"` // its verdict, in a sentence
}

// Change is the change of one case.
type Change struct {
	Case  string `json:"id"`
	Level string `json:"level"`
	Turn  Turn   `json:"turn"`
	Old   string `json:"old"` // outcome: "fail, known" for a failure that is expected, "no such case" where there is none
	New   string `json:"new"`
	Why   string `json:"why,omitempty"` // why it is a regression, or is none although it fails

	Reason string `json:"reason,omitempty"` // reason of the new outcome, or of its known failure

	Appeared []Difference `json:"appeared,omitempty"`
	Gone     []Difference `json:"gone,omitempty"` // only if the new report tried the case
	Kept     []Difference `json:"kept,omitempty"` // as before

	// Notes are undocumented members of the answers that did not come before.
	Notes []Difference `json:"notes,omitempty"`

	Curl string `json:"curl,omitempty"` // as in [Result], from the new report
}

// AnswerDifference is one place where the answers to one request differ.
type AnswerDifference struct {
	Case    string `json:"id"`
	Pointer string `json:"pointer"`       // as in [Difference]
	Kind    string `json:"kind"`          // missing from the new answer, unexpected there, or changed
	Old     string `json:"old,omitempty"` // JSON texts, empty where the member is absent
	New     string `json:"new,omitempty"`
	Lawful  bool   `json:"lawful"` // the case passed with both answers, and no duty is broken at the place
}

// Compare compares two reports. Level is the least binding level whose failures count:
// must, should or may; empty means must.
//
// A case is a regression, and a list of known failures does not excuse it unless this says
// so, if it
//
//   - shows less than before: it was tried (passed, failed or was flaky) and now is
//     not applicable, could not run, met a mistake of the kit, or is not in the new
//     report; or it was not applicable and now could not run, met a mistake or is not in
//     the new report;
//   - fails at the level, or is flaky, and passed or was not applicable;
//   - fails at the level, and could not run before or is new, unless it is known;
//   - fails at the level, and was a known failure that is not known any more, or was
//     flaky;
//   - has a difference of the level that it did not have. Differences are the same if kind
//     and pointer are; one that is more binding than before is new.
//
// The error says that the reports cannot be compared: the level does not exist, or a case
// comes twice in a report.
func Compare(before, after *Report, level string) (*Comparison, error) {
	if level != "" && !slices.Contains(Levels, level) {
		return nil, fmt.Errorf("level %q is none of %s", level, strings.Join(Levels, ", "))
	}
	c := &Comparison{
		Old: Side{before.Target, before.Summary()}, New: Side{after.Target, after.Summary()},
		Level: cmp.Or(level, Levels[0]), Unlike: runDifferences(before, after), Changes: []Change{},
	}
	old, err := before.byCase()
	if err != nil {
		return nil, fmt.Errorf("the old report: %w", err)
	}
	now, err := after.byCase()
	if err != nil {
		return nil, fmt.Errorf("the new report: %w", err)
	}
	for i := range after.Results {
		id := after.Results[i].Case
		c.add(old[id], now[id])
	}
	for i := range before.Results {
		r := &before.Results[i]
		if r.shown() == everythingShown {
			c.tried++
		}
		if now[r.Case] == nil {
			c.add(r, nil)
		}
	}
	slices.SortStableFunc(c.Changes, func(a, b Change) int { return slices.Index(Turns, a.Turn) - slices.Index(Turns, b.Turn) })
	return c, nil
}

// byCase are the results by the ids of their cases.
func (r *Report) byCase() (map[string]*Result, error) {
	out := map[string]*Result{}
	for i := range r.Results {
		id := r.Results[i].Case
		if out[id] != nil {
			return nil, fmt.Errorf("the case %s stands twice", Inert(id))
		}
		out[id] = &r.Results[i]
	}
	return out, nil
}

// runDifferences lists the differences between two runs apart from their targets.
func runDifferences(before, after *Report) []string {
	out := []string{}
	differ := func(noun, old, now string) {
		if old != now {
			out = append(out, fmt.Sprintf("%s: %s and %s", noun, shorten(cmp.Or(old, "unknown")), shorten(cmp.Or(now, "unknown"))))
		}
	}
	word := func(is bool, yes, no string) string {
		if is {
			return yes
		}
		return no
	}
	differ("suites", before.Suite, after.Suite)
	differ("documents", before.Document, after.Document)
	if places := environmentDifferences(before.Environment, after.Environment); len(places) > 0 {
		out = append(out, "environments: "+listSome(places))
	}
	differ("seeds", fmt.Sprint(before.Seed), fmt.Sprint(after.Seed))
	differ("strictness", word(before.Strict, "strict", "not strict"), word(after.Strict, "strict", "not strict"))
	differ("selections", word(before.Complete, "all cases", "some cases"), word(after.Complete, "all cases", "some cases"))
	differ("versions of vpnconform", before.Kit, after.Kit)
	return out
}

// environmentDifferences lists the places where two environments differ.
func environmentDifferences(before, after any) []string {
	var out []string
	decoded := func(value any) any { // as it reads in a file
		data, err := match.Encode(value)
		if err != nil {
			return err.Error()
		}
		value, err = match.Decode(data)
		if err != nil {
			return err.Error()
		}
		return value
	}
	for _, d := range match.Compare(decoded(before), decoded(after), func(string) bool { return false }).Differences {
		out = append(out, cmp.Or(shorten(d.Pointer), "/"))
	}
	return out
}

// Regressions are the changes that are regressions.
func (c *Comparison) Regressions() []Change { return c.changesOf(Regression) }

// Regressed reports whether there is a regression.
func (c *Comparison) Regressed() bool { return len(c.Regressions()) > 0 }

// changesOf are the changes of a turn.
func (c *Comparison) changesOf(turn Turn) []Change {
	var out []Change
	for _, change := range c.Changes {
		if change.Turn == turn {
			out = append(out, change)
		}
	}
	return out
}

// Verdict draws the conclusion: [Incomplete] if no case of the old report was tried, so that
// there is nothing to compare with, [Differs] if there is a regression, and [Conforms]
// otherwise.
func (c *Comparison) Verdict() Verdict {
	switch {
	case c.tried == 0:
		return Incomplete
	case c.Regressed():
		return Differs
	}
	return Conforms
}

// Summary is the verdict in a sentence.
func (c *Comparison) Summary() string {
	words := map[Verdict]string{Conforms: "NO REGRESSION", Differs: "REGRESSION", Incomplete: "NOTHING TO COMPARE WITH"}[c.Verdict()]
	sentence := fmt.Sprintf("%s at level %s: of %s %d worse, %d better, %d otherwise changed, %d as before", words, c.Level, plural(c.Cases, "case"),
		len(c.changesOf(Regression)), len(c.changesOf(Improvement)), len(c.changesOf(Otherwise)), c.Cases-len(c.Changes))
	if c.Answers == nil || c.Verdict() == Incomplete {
		return sentence
	}
	cases, lawful := countCases(c.Answers)
	if cases == 0 {
		return sentence + "; no answers differ"
	}
	return sentence + fmt.Sprintf("; the answers differ in %s, %d of which pass with both", plural(cases, "case"), lawful)
}

// add compares the results of a case in two reports; nil for the report that lacks it.
func (c *Comparison) add(old, now *Result) {
	c.Cases++
	ch := Change{Old: old.word(), New: now.word(), Turn: Otherwise}
	ch.Appeared, ch.Kept = splitNew(now.failings(), old.failings())
	if now.shown() == everythingShown {
		ch.Gone, _ = splitNew(old.failings(), now.failings())
	}
	if now != nil {
		ch.Case, ch.Level, ch.Reason = now.Case, now.Level, cmp.Or(now.Reason, now.Known)
		if old != nil {
			ch.Notes, _ = splitNew(now.Notes, old.Notes)
		}
	} else {
		ch.Case, ch.Level = old.Case, old.Level
	}
	switch ch.Why = regressionReason(old, now, ch.Appeared, c.Level); {
	case ch.Why != "":
		ch.Turn = Regression
	case isImprovement(old, now, ch):
		ch.Turn = Improvement
	case old == nil:
		ch.Why = "a new case"
	case now.failed() && !now.FailsAt(c.Level):
		ch.Why = "below level " + c.Level
	}
	if len(ch.Appeared) > 0 {
		ch.Curl = now.Curl
	}
	if ch.Old != ch.New || len(ch.Appeared)+len(ch.Gone)+len(ch.Notes) > 0 {
		c.Changes = append(c.Changes, ch)
	}
}

// isDuty reports whether a result is that of a duty, whose case sends nothing.
func (r *Result) isDuty() bool { return r != nil && strings.HasPrefix(r.Case, "duty/") }

// regressionReason says why a case is worse than before; empty if it is not.
func regressionReason(old, now *Result, appeared []Difference, level string) string {
	fails := now != nil && now.FailsAt(level)
	switch {
	case now == nil && old.isDuty(): // a selection has only the broken duties
		return ""
	case now == nil && old.shown() > nothingShown:
		return "it is not in the new report"
	case now.shown() < old.shown():
		return "it shows less than before"
	case !fails:
		return ""
	case old == nil && now.Known == "":
		return "a new case, and it fails"
	case old.shown() == nothingShown && now.Known == "":
		return "it fails, and nothing shows that it did before"
	case old.shown() == nothingShown:
		return ""
	case !old.failed():
		return "it fails, and did not before"
	case old.Known != "" && now.Known == "":
		return "its failure is not known any more"
	case old.Outcome == Flaky && now.Outcome == Fail:
		return "it fails whenever it is tried"
	case slices.ContainsFunc(appeared, func(d Difference) bool { return rank(d.Level) <= rank(level) }):
		return "it fails in another way"
	}
	return ""
}

// isImprovement reports whether a case that did not get worse got better.
func isImprovement(old, now *Result, ch Change) bool {
	switch {
	case old == nil || now == nil || len(ch.Appeared) > 0:
		return false
	case now.failed():
		return len(ch.Gone) > 0 || old.Outcome == Fail && now.Outcome == Flaky
	}
	return old.failed() || now.shown() > old.shown()
}

// How much a result shows about the target.
const (
	nothingShown    = iota // the case is missing, could not run, or met a mistake of the kit
	noneApplicable         // it was not applicable
	everythingShown        // it was tried
)

// shown is how much a result shows about the target.
func (r *Result) shown() int {
	switch {
	case r == nil:
		return nothingShown
	case r.Outcome == Pass, r.failed():
		return everythingShown
	case r.Outcome == NotApplicable:
		return noneApplicable
	}
	return nothingShown
}

// failed reports whether a case failed, at any level.
func (r *Result) failed() bool { return r != nil && (r.Outcome == Fail || r.Outcome == Flaky) }

// word is the outcome in a word or two.
func (r *Result) word() string {
	switch {
	case r == nil:
		return "no such case"
	case r.Outcome == Fail && r.Known != "":
		return "fail, known"
	}
	return cmp.Or(string(r.Outcome), "no outcome")
}

// failings are the differences by which a case failed. A failure without a difference gets
// one.
func (r *Result) failings() []Difference {
	switch {
	case !r.failed():
		return nil
	case len(r.Differences) == 0:
		return []Difference{{Kind: "rule", Why: "it failed, and the report does not say by what", Level: Levels[0]}}
	}
	return r.Differences
}

// splitNew splits differences into those that others lack, each once, and the rest. A
// difference that is less binding among the others counts as new.
func splitNew(differences, others []Difference) (out, rest []Difference) {
	type place struct{ kind, pointer string }
	covered := map[place]int{} // the most binding rank at the place
	cover := func(d Difference) {
		at := place{d.Kind, d.Pointer}
		if most, ok := covered[at]; !ok || rank(d.Level) < most {
			covered[at] = rank(d.Level)
		}
	}
	for _, d := range others {
		cover(d)
	}
	for _, d := range differences {
		if most, ok := covered[place{d.Kind, d.Pointer}]; ok && most <= rank(d.Level) {
			rest = append(rest, d)
			continue
		}
		out = append(out, d)
		cover(d)
	}
	return out, rest
}
