package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// state is what a finding means to a format that knows only tests.
type state int

const (
	passed    state = iota
	failed          // it decides the verdict
	broken          // nothing is known: the verdict is open, or void
	skipped         // the environment lacks something
	tolerated       // it failed, and does not count: it is known, or below the level
)

// finding is one thing that the verdict depends on: a case, a required case that is
// missing, or a fault of the list of known failures.
type finding struct {
	id      string
	state   state
	message string  // a sentence, inert; empty if it passed
	result  *Result // nil unless it is a case
}

// findings lists everything that the verdict depends on. One of them failed or is broken
// if, and only if, the verdict is not [Conforms], so that a format that knows only tests
// agrees with the exit status.
func (r *Report) findings() []finding {
	var out []finding
	open, opens := r.Verdict() != Conforms, r.openCheck()
	for i := range r.Results {
		f := r.findingOf(&r.Results[i], opens(r.Results[i]))
		open = open && f.state != failed && f.state != broken
		out = append(out, f)
	}
	for _, id := range r.Missing {
		open = false
		out = append(out, finding{id: id, state: broken, message: "the suite has to have this case and has not"})
	}
	for i, problem := range r.Baseline {
		open = false
		out = append(out, finding{id: fmt.Sprintf("known failures, %d", i+1), state: failed, message: shorten(problem)})
	}
	if open { // the only fault is that nothing passed
		out = append(out, finding{id: "verdict", state: broken, message: Inert(r.Summary())})
	}
	return out
}

// findingOf is the finding of a case. Opens says whether the case leaves the verdict open.
func (r *Report) findingOf(result *Result, opens bool) finding {
	f := finding{id: result.Case, result: result}
	switch {
	case result.Outcome == Pass:
		return f
	case result.Outcome == NotApplicable:
		f.state, f.message = skipped, shorten(result.Reason)
	case result.Outcome == Fail && result.Known != "":
		f.state, f.message = tolerated, "known: "+shorten(result.Known)
	case result.FailsAt(r.Level):
		f.state, f.message = failed, result.sentence()
	case result.Outcome == Fail || result.Outcome == Flaky:
		f.state, f.message = tolerated, fmt.Sprintf("below level %s: %s", shorten(r.bindingLevel()), result.sentence())
	case result.Outcome == CouldNotRun && !opens && result.Because != "":
		f.state, f.message = skipped, "its twin is refused: "+shorten(result.Because)
	case result.Outcome == CouldNotRun && !opens:
		f.state, f.message = tolerated, fmt.Sprintf("below level %s: %s", shorten(r.bindingLevel()), cmp.Or(shorten(result.Reason), "it could not run"))
	default: // also a case without an outcome, as in the verdict
		f.state, f.message = broken, cmp.Or(shorten(result.Reason), "there is no outcome")
	}
	return f
}

// sentence says why a case failed.
func (r *Result) sentence() string {
	var parts []string
	if r.Outcome == Flaky {
		parts = append(parts, "flaky: "+shorten(r.Reason))
	}
	if len(r.Differences) > 0 {
		parts = append(parts, r.Differences[0].sentence())
	}
	if more := len(r.Differences) - 1 + r.MoreDifferences; more > 0 {
		parts = append(parts, "and "+plural(more, "more difference"))
	}
	return cmp.Or(strings.Join(parts, "; "), "it failed")
}

// sentence describes a difference in one line, inert.
func (d *Difference) sentence() string {
	s := fmt.Sprintf("%s %s", cmp.Or(shorten(d.Pointer), "/"), shorten(d.Kind))
	if d.Want != "" {
		s += ", want " + shorten(d.Want)
	}
	if d.Got != "" {
		s += ", got " + shorten(d.Got)
	}
	if d.Why != "" {
		s += ": " + shorten(d.Why)
	}
	return s
}

// brokenRule is the first rule that a failed case broke.
func (r *Result) brokenRule() string {
	for _, d := range r.Differences {
		if d.Rule != "" {
			return d.Rule
		}
	}
	return cmp.Or(r.Rule, noRule)
}

// noRule is shown instead of a rule if only the golden file demands something.
const noRule = "golden-file"

// duration is how long the exchanges of a case took.
func (r *Result) duration() time.Duration {
	var sum time.Duration
	for _, e := range r.Exchanges {
		sum += e.Took
	}
	return sum
}

// lines describes a failed case completely, inertly: each difference, and the command that
// repeats the request.
func (r *Result) lines() []string {
	var out []string
	add := func(label, text string) {
		if text != "" {
			out = append(out, label+abridge(text))
		}
	}
	add("", r.Title)
	add("reason: ", r.Reason)
	add("known: ", r.Known)
	for _, d := range r.Differences {
		out = append(out, d.lines()...)
	}
	if r.MoreDifferences > 0 {
		out = append(out, "and "+plural(r.MoreDifferences, "more difference"))
	}
	return append(out, curlLines(r.Curl)...)
}

// lines describes a difference completely, inertly.
func (d *Difference) lines() []string {
	out := []string{cmp.Or(abridge(d.Pointer), "/") + "  " + abridge(d.Kind)}
	for _, l := range [][2]string{
		{"want   ", d.Want},
		{"got    ", d.Got},
		{"why    ", d.Why},
		{"rule   ", strings.Join(append(listOf(d.Rule), d.Also...), ", ")},
		{"source ", d.cite()},
	} {
		if l[1] != "" {
			out = append(out, "  "+l[0]+abridge(l[1]))
		}
	}
	return out
}

// cite is the source of the demand, and how binding it is.
func (d *Difference) cite() string {
	parts := listOf(d.Source)
	if d.Level != "" {
		parts = append(parts, d.Level)
	}
	if len(d.Errata) > 0 {
		parts = append(parts, "erratum "+strings.Join(d.Errata, ", "))
	}
	return strings.Join(parts, "; ")
}

// listOf is a list of a text; none if it is empty.
func listOf(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// shorten makes a text inert and short enough for a sentence.
func shorten(s string) string { return cut(s, 300) }

// abridge makes a text inert and short enough for a page. The JSON report keeps all of it.
func abridge(s string) string { return cut(s, 16<<10) }

// cut makes a text inert, and shortens it to a number of bytes with a note.
func cut(s string, most int) string {
	if len(s) <= most {
		return Inert(s)
	}
	kept := strings.ToValidUTF8(s[:most], "") // the last character may be cut
	return fmt.Sprintf("%s... (%d bytes in all)", Inert(kept), len(s))
}
