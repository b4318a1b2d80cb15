package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteComparison renders a comparison for a terminal, as inertly as [WriteText]. Equal
// changes form a group, of which the first is shown whole.
func WriteComparison(w io.Writer, c *Comparison, opts TextOptions) error {
	t := newText(opts)
	for _, s := range []struct {
		label string
		side  Side
	}{{"old  ", c.Old}, {"new  ", c.New}} {
		t.writeLine(s.label, "%s", s.side.Name)
		t.writeWrapped("     ", s.side.Summary)
	}
	if len(c.Unlike) > 0 {
		t.writeBlank()
		t.writeWrapped("", aboutUnlike)
		for _, sentence := range c.Unlike {
			t.writeWrapped("  ", sentence)
		}
	}
	t.writeBlank()
	for _, g := range groupChanges(c.Changes) {
		t.writeChange(g[0])
		if len(g) > 1 {
			t.writeWrapped(indent+"the same: ", listSome(changedCases(g[1:])))
		}
	}
	if !bytes.HasSuffix(t.buf.Bytes(), []byte("\n\n")) {
		t.writeBlank()
	}
	t.writeAnswers(c.Answers)
	t.writeWrapped("", c.Summary())
	_, err := w.Write(t.buf.Bytes())
	return err
}

// aboutUnlike is the heading of the differences between two runs.
const aboutUnlike = "NOT THE SAME IN BOTH, so that a change may come from it:"

// turnLabels are the labels of the turns, as wide as those of the outcomes.
var turnLabels = map[Turn]string{
	Regression:  "REGRESSION     ",
	Improvement: "better         ",
	Otherwise:   "changed        ",
}

// groupChanges puts equal changes together, each group at the place of its first. Their rules
// may differ.
func groupChanges(changes []Change) [][]Change {
	return groupBy(changes, func(ch Change) string {
		key := []string{string(ch.Turn), ch.Old, ch.New, ch.Why, ch.Reason}
		for _, list := range [][]Difference{ch.Appeared, ch.Gone, ch.Kept, ch.Notes} {
			key = append(key, "")
			for _, d := range list {
				key = append(key, strings.Join([]string{d.Pointer, d.Kind, d.Want, d.Level}, "\t"))
			}
		}
		return strings.Join(key, "\n")
	})
}

// changedCases are the ids of the cases of changes.
func changedCases(changes []Change) []string {
	var ids []string
	for _, ch := range changes {
		ids = append(ids, ch.Case)
	}
	return ids
}

// writeChange writes the change of a case.
func (t *text) writeChange(ch Change) {
	t.writeLine(turnLabels[ch.Turn], "%s", ch.Case)
	for _, line := range ch.sentences() {
		t.writeWrapped(indent, line)
	}
	for _, d := range ch.Appeared {
		t.writeDifference(d, false)
	}
	if ch.Curl != "" {
		t.writeCurl(ch.Curl)
	}
	if len(ch.Appeared) > 0 {
		t.writeBlank()
	}
}

// sentences describe a change without its new differences, inert.
func (ch *Change) sentences() []string {
	first := shorten(ch.Old) + " -> " + shorten(ch.New)
	if ch.Why != "" {
		first += ": " + ch.Why
	}
	out := []string{first}
	if ch.Reason != "" {
		out = append(out, shorten(ch.Reason))
	}
	if len(ch.Gone) > 0 {
		out = append(out, "gone: "+placesOf(ch.Gone))
	}
	if len(ch.Kept) > 0 {
		out = append(out, "as before: "+placesOf(ch.Kept))
	}
	for _, d := range ch.Notes[:min(len(ch.Notes), fewCases)] {
		out = append(out, "note: "+shorten(d.Pointer)+" is no member that the page knows")
	}
	if more := len(ch.Notes) - fewCases; more > 0 {
		out = append(out, fmt.Sprintf("and %s more", plural(more, "note")))
	}
	return out
}

// placesOf lists a few kinds and places of differences.
func placesOf(differences []Difference) string {
	var out []string
	for _, d := range differences {
		out = append(out, shorten(d.Kind)+" "+cmp.Or(shorten(d.Pointer), "/"))
	}
	return listSome(out)
}

// mostValues is the number of pairs of values that are shown for one place.
const mostValues = 3

// writeAnswers writes where answers differ, each place once.
func (t *text) writeAnswers(all []AnswerDifference) {
	for _, place := range groupAnswers(all) {
		t.writeWrapped("ANSWERS DIFFER ", place.sentence())
		for _, g := range place.shownPairs() {
			t.writeBlank()
			for _, v := range g[0].valueLines() {
				t.writeLine("    ", "%s", v)
			}
			t.writeWrapped("    cases ", Inert(listSome(answeredCases(g))))
		}
		if more := len(place.pairs) - mostValues; more > 0 {
			t.writeWrapped("    ", "and "+plural(more, "more pair")+" of values")
		}
		t.writeBlank()
	}
}

// answerPlace is a place where answers differ, and the pairs of values there.
type answerPlace struct {
	all   []AnswerDifference
	pairs [][]AnswerDifference
}

// groupAnswers groups differences by their place, and within it by their two values.
func groupAnswers(all []AnswerDifference) []answerPlace {
	var out []answerPlace
	for _, g := range groupBy(all, func(d AnswerDifference) string { return d.Pointer + "\n" + d.Kind }) {
		pairs := groupBy(g, func(d AnswerDifference) string { return d.Old + "\n" + d.New })
		slices.SortStableFunc(pairs, func(a, b []AnswerDifference) int { return len(b) - len(a) })
		out = append(out, answerPlace{g, pairs})
	}
	return out
}

// shownPairs are the pairs of values that are shown.
func (p *answerPlace) shownPairs() [][]AnswerDifference {
	return p.pairs[:min(len(p.pairs), mostValues)]
}

// sentence says where and how answers differ, inertly.
func (p *answerPlace) sentence() string {
	cases, lawful := countCases(p.all)
	how := map[string]string{"missing": "only in the old answer", "unexpected": "only in the new answer"}[p.all[0].Kind]
	return fmt.Sprintf("%s, %s: %s, %d of which pass with both", cmp.Or(shorten(p.all[0].Pointer), "/"), cmp.Or(how, "another value"), plural(cases, "case"), lawful)
}

// countCases counts the cases in which answers differ, and those that passed with both.
func countCases(all []AnswerDifference) (cases, lawful int) {
	seen := map[string]bool{}
	for _, d := range all {
		if d.Lawful && !seen[d.Case] {
			lawful++
		}
		seen[d.Case] = true
	}
	return len(seen), lawful
}

// valueLines are the two values, inert, one line each.
func (d *AnswerDifference) valueLines() []string {
	var out []string
	if d.Old != "" {
		out = append(out, "old   "+clip(d.Old))
	}
	if d.New != "" {
		out = append(out, "new   "+clip(d.New))
	}
	return out
}

// answeredCases are the ids of the cases in which answers differ, each once.
func answeredCases(all []AnswerDifference) []string {
	var ids []string
	for _, g := range groupBy(all, func(d AnswerDifference) string { return d.Case }) {
		ids = append(ids, g[0].Case)
	}
	return ids
}
