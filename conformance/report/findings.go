package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// state is what a finding means to a format that knows of tests only.
type state int

const (
	passed    state = iota
	failed          // it decides the verdict
	broken          // it could not be told: the verdict is open, or void
	skipped         // the environment lacks something
	tolerated       // it failed, and does not count: it is known, or below the level
)

// finding is one of the things that a verdict is drawn from: a case, a case that
// is required and missing, or something wrong in the list of known failures.
type finding struct {
	id      string
	state   state
	message string  // in a sentence, inert; empty for one that passed
	result  *Result // nil for what is no case
}

// findings lists everything that the verdict is drawn from. One of them failed or
// is broken if, and only if, the verdict is not [Conforms]: a format that knows
// of tests only then says what the exit status says.
func (r *Report) findings() []finding {
	var out []finding
	open, opens := r.Verdict() != Conforms, r.opens()
	for i := range r.Results {
		f := r.finding(&r.Results[i], opens(r.Results[i]))
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
	if open { // nothing passed, and nothing else is wrong
		out = append(out, finding{id: "verdict", state: broken, message: Inert(r.Summary())})
	}
	return out
}

// finding is what a case means. Whether it leaves the verdict open is for the
// report to say.
func (r *Report) finding(result *Result, opens bool) finding {
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
		f.state, f.message = tolerated, fmt.Sprintf("below level %s: %s", shorten(r.binding()), result.sentence())
	case result.Outcome == CouldNotRun && !opens && result.Because != "":
		f.state, f.message = skipped, "its twin is refused: "+shorten(result.Because)
	case result.Outcome == CouldNotRun && !opens:
		f.state, f.message = tolerated, fmt.Sprintf("below level %s: %s", shorten(r.binding()), cmp.Or(shorten(result.Reason), "it could not run"))
	default: // one without an outcome too, as in the verdict
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

// brokenRule is the rule that a failed case broke first.
func (r *Result) brokenRule() string {
	for _, d := range r.Differences {
		if d.Rule != "" {
			return d.Rule
		}
	}
	return cmp.Or(r.Rule, noRule)
}

// noRule stands for the rule of what the golden file alone asks.
const noRule = "golden-file"

// took is how long the exchanges of a case took.
func (r *Result) took() time.Duration {
	var sum time.Duration
	for _, e := range r.Exchanges {
		sum += e.Took
	}
	return sum
}

// lines says everything about a case that failed, inertly: each difference, and
// the command that repeats the request.
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

// lines says everything about a difference, inertly.
func (d *Difference) lines() []string {
	out := []string{cmp.Or(abridge(d.Pointer), "/") + "  " + abridge(d.Kind)}
	for _, l := range [][2]string{
		{"want   ", d.Want},
		{"got    ", d.Got},
		{"why    ", d.Why},
		{"rule   ", strings.Join(append(nonEmpty(d.Rule), d.Also...), ", ")},
		{"source ", d.cite()},
	} {
		if l[1] != "" {
			out = append(out, "  "+l[0]+abridge(l[1]))
		}
	}
	return out
}

// cite is the source of what is asked, and how binding it is.
func (d *Difference) cite() string {
	parts := nonEmpty(d.Source)
	if d.Level != "" {
		parts = append(parts, d.Level)
	}
	if len(d.Errata) > 0 {
		parts = append(parts, "erratum "+strings.Join(d.Errata, ", "))
	}
	return strings.Join(parts, "; ")
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// shorten makes a text inert and short enough for a sentence.
func shorten(s string) string { return cut(s, 300) }

// abridge makes a text inert and short enough for a page. The JSON report keeps
// the whole of it.
func abridge(s string) string { return cut(s, 16<<10) }

// cut makes a text inert, and says so when it keeps only a number of its bytes.
func cut(s string, most int) string {
	if len(s) <= most {
		return Inert(s)
	}
	kept := strings.ToValidUTF8(s[:most], "") // the last character may be cut
	return fmt.Sprintf("%s... (%d bytes in all)", Inert(kept), len(s))
}
