package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Summary is the verdict in a sentence.
func (r *Report) Summary() string {
	sentence := fmt.Sprintf("%s: of %s %s", r.conclusion(), plural(len(r.Results), "case"), r.counts())
	if r.LeftOut > 0 {
		sentence += fmt.Sprintf("; %d left out", r.LeftOut)
	}
	return strings.TrimSuffix(sentence, " ")
}

// conclusion is the verdict in a few words.
func (r *Report) conclusion() string {
	words, count := verdictWords[r.Verdict()], r.endings()
	switch {
	case r.Verdict() != Conforms:
	case count.known > 0:
		words = "CONFORMS BUT FOR KNOWN FAILURES"
	case count.below > 0:
		words = fmt.Sprintf("CONFORMS at level %s", r.bindingLevel())
	}
	if r.Shard.Of > 0 {
		words += fmt.Sprintf(" in part %d of %d", r.Shard.Part, r.Shard.Of)
	}
	return words
}

var verdictWords = map[Verdict]string{
	Conforms:   "CONFORMS",
	Differs:    "DOES NOT CONFORM",
	Incomplete: "INCOMPLETE, no verdict",
	Mistaken:   "KIT ERROR, no verdict",
	Stale:      "KNOWN FAILURES ARE WRONG",
}

// bindingLevel is the level that counts.
func (r *Report) bindingLevel() string { return cmp.Or(r.Level, Levels[0]) }

// counts says how many cases ended how, in the words of the outcomes.
func (r *Report) counts() string {
	count := r.endings()
	var parts []string
	for _, o := range Outcomes {
		if count.by[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count.by[o], o))
		}
	}
	return strings.Join(append(parts, r.furtherCounts(count)...), ", ")
}

// furtherCounts says the counts that are not outcomes.
func (r *Report) furtherCounts(count endings) []string {
	var parts []string
	add := func(n int, text string) {
		if n > 0 {
			parts = append(parts, thousands(n)+" "+text)
		}
	}
	add(count.because, "open as their twin is refused")
	add(count.known, map[bool]string{true: "known failure", false: "known failures"}[count.known == 1])
	add(count.below, map[bool]string{true: "differs", false: "differ"}[count.below == 1]+" below "+r.bindingLevel())
	add(len(r.Missing), "required and missing")
	add(len(r.Baseline), "wrong in the list of known failures")
	return parts
}

// endings counts the cases as the verdict takes them: failures at the level that counts,
// and apart from them known failures, differences below the level, and cases that are
// open because their twin is refused.
type endings struct {
	by                    map[Outcome]int
	known, below, because int
}

// endings counts the cases of the report.
func (r *Report) endings() endings {
	t := endings{by: map[Outcome]int{}}
	for _, result := range r.Results {
		switch {
		case result.Outcome == Fail && result.Known != "":
			t.known++
		case (result.Outcome == Fail || result.Outcome == Flaky) && !result.FailsAt(r.Level):
			t.below++
		case result.Outcome == CouldNotRun && result.Because != "":
			t.because++
		default:
			t.by[result.Outcome]++
		}
	}
	return t
}

// outcomeWords are the outcomes in words.
var outcomeWords = map[Outcome]string{
	Pass: "pass", Fail: "fail", Flaky: "flaky", NotApplicable: "not applicable", CouldNotRun: "could not run", KitError: "kit error",
}

// countsInWords says how many cases ended how, and what the environment lacks for those
// that are not applicable.
func (r *Report) countsInWords() string {
	count := r.endings()
	var parts []string
	for _, o := range Outcomes {
		if count.by[o] == 0 {
			continue
		}
		part := thousands(count.by[o]) + " " + outcomeWords[o]
		switch {
		case o == NotApplicable:
			part += " (" + r.missingThings() + ")"
		case o == KitError && count.by[o] > 1:
			part += "s"
		}
		parts = append(parts, part)
	}
	return strings.Join(append(parts, r.furtherCounts(count)...), ", ")
}

// mostReasons is the number of missing things that a line names.
const mostReasons = 2

// missingThings says what the environment lacks for cases that are not applicable, the
// most frequent first.
func (r *Report) missingThings() string {
	var lacking []string
	for _, result := range r.Results {
		if result.Outcome == NotApplicable {
			what, _, _ := strings.Cut(strings.TrimPrefix(result.Reason, "the environment has "), " (")
			lacking = append(lacking, what)
		}
	}
	groups := groupBy(lacking, func(reason string) string { return reason })
	slices.SortStableFunc(groups, func(a, b []string) int { return len(b) - len(a) })
	if len(groups) == 1 {
		return groups[0][0]
	}
	var parts []string
	rest := 0
	for i, g := range groups {
		if i >= mostReasons {
			rest += len(g)
			continue
		}
		parts = append(parts, fmt.Sprintf("%s: %s", thousands(len(g)), g[0]))
	}
	if rest > 0 {
		parts = append(parts, thousands(rest)+": other things")
	}
	return strings.Join(parts, "; ")
}

// thousands writes a number as people read it: 5,212.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// plural writes a number of things.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
