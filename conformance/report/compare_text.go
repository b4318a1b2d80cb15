package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteComparison renders a comparison for a terminal, as inertly as
// [WriteText]. Cases that changed alike share a group, of which the first is
// shown whole.
func WriteComparison(w io.Writer, c *Comparison, opts TextOptions) error {
	t := newText(opts)
	for _, s := range []struct {
		label string
		side  Side
	}{{"old  ", c.Old}, {"new  ", c.New}} {
		t.line(s.label, "%s", s.side.Name)
		t.wrapped("     ", s.side.Summary)
	}
	if len(c.Unlike) > 0 {
		t.blank()
		t.wrapped("", aboutUnlike)
		for _, sentence := range c.Unlike {
			t.wrapped("  ", sentence)
		}
	}
	t.blank()
	for _, g := range alikeChanges(c.Changes) {
		t.change(g[0])
		if len(g) > 1 {
			t.wrapped(indent+"the same: ", someOf(changed(g[1:])))
		}
	}
	if !bytes.HasSuffix(t.buf.Bytes(), []byte("\n\n")) {
		t.blank()
	}
	t.answers(c.Answers)
	t.wrapped("", c.Summary())
	_, err := w.Write(t.buf.Bytes())
	return err
}

// aboutUnlike stands before the list of what two runs have not in common.
const aboutUnlike = "NOT THE SAME IN BOTH, so that a change may come from it:"

// turnLabels are those of the turns, padded to the width of those of the outcomes.
var turnLabels = map[Turn]string{
	Regression:  "REGRESSION     ",
	Improvement: "better         ",
	Otherwise:   "changed        ",
}

// alikeChanges puts changes together that say the same, each group where its
// first stands. Each may break a rule of its own.
func alikeChanges(changes []Change) [][]Change {
	return grouped(changes, func(ch Change) string {
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

// changed are the ids of the cases that changed.
func changed(changes []Change) []string {
	var ids []string
	for _, ch := range changes {
		ids = append(ids, ch.Case)
	}
	return ids
}

// change writes what changed of a case.
func (t *text) change(ch Change) {
	t.line(turnLabels[ch.Turn], "%s", ch.Case)
	for _, line := range ch.about() {
		t.wrapped(indent, line)
	}
	for _, d := range ch.Appeared {
		t.difference(d, false)
	}
	if ch.Curl != "" {
		t.curl(ch.Curl)
	}
	if len(ch.Appeared) > 0 {
		t.blank()
	}
}

// about says what changed in sentences, inert, the new differences apart.
func (ch *Change) about() []string {
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
	for _, d := range ch.Notes[:min(len(ch.Notes), few)] {
		out = append(out, "note: "+shorten(d.Pointer)+" is no member that the page knows")
	}
	if more := len(ch.Notes) - few; more > 0 {
		out = append(out, fmt.Sprintf("and %s more", plural(more, "note")))
	}
	return out
}

// placesOf lists how and where something differs, not more than a few.
func placesOf(differences []Difference) string {
	var out []string
	for _, d := range differences {
		out = append(out, shorten(d.Kind)+" "+cmp.Or(shorten(d.Pointer), "/"))
	}
	return someOf(out)
}

// mostValues is the number of pairs of values that are shown of one place.
const mostValues = 3

// answers writes where answers differ, each place once.
func (t *text) answers(all []AnswerDifference) {
	for _, place := range placesOfAnswers(all) {
		t.wrapped("ANSWERS DIFFER ", place.about())
		for _, g := range place.shown() {
			t.blank()
			for _, v := range g[0].values() {
				t.line("    ", "%s", v)
			}
			t.wrapped("    cases ", Inert(someOf(answered(g))))
		}
		if more := len(place.pairs) - mostValues; more > 0 {
			t.wrapped("    ", "and "+plural(more, "more pair")+" of values")
		}
		t.blank()
	}
}

// placeOfAnswers is a place in which answers differ, and the pairs of values there.
type placeOfAnswers struct {
	all   []AnswerDifference
	pairs [][]AnswerDifference
}

// placesOfAnswers puts together what differs in one place, and there what has
// the same two values.
func placesOfAnswers(all []AnswerDifference) []placeOfAnswers {
	var out []placeOfAnswers
	for _, g := range grouped(all, func(d AnswerDifference) string { return d.Pointer + "\n" + d.Kind }) {
		pairs := grouped(g, func(d AnswerDifference) string { return d.Old + "\n" + d.New })
		slices.SortStableFunc(pairs, func(a, b []AnswerDifference) int { return len(b) - len(a) })
		out = append(out, placeOfAnswers{g, pairs})
	}
	return out
}

// shown are the pairs of values that are.
func (p *placeOfAnswers) shown() [][]AnswerDifference { return p.pairs[:min(len(p.pairs), mostValues)] }

// about says where and how answers differ, inertly.
func (p *placeOfAnswers) about() string {
	cases, lawful := casesOf(p.all)
	how := map[string]string{"missing": "only in the old answer", "unexpected": "only in the new answer"}[p.all[0].Kind]
	return fmt.Sprintf("%s, %s: %s, %d of which pass with both", cmp.Or(shorten(p.all[0].Pointer), "/"), cmp.Or(how, "another value"), plural(cases, "case"), lawful)
}

// casesOf counts the cases in which answers differ, and those of them that
// passed with both.
func casesOf(all []AnswerDifference) (cases, lawful int) {
	seen := map[string]bool{}
	for _, d := range all {
		if d.Lawful && !seen[d.Case] {
			lawful++
		}
		seen[d.Case] = true
	}
	return len(seen), lawful
}

// values are the two values, inert, each on a line.
func (d *AnswerDifference) values() []string {
	var out []string
	if d.Old != "" {
		out = append(out, "old   "+clip(d.Old))
	}
	if d.New != "" {
		out = append(out, "new   "+clip(d.New))
	}
	return out
}

// answered are the ids of the cases in which answers differ, each once.
func answered(all []AnswerDifference) []string {
	var ids []string
	for _, g := range grouped(all, func(d AnswerDifference) string { return d.Case }) {
		ids = append(ids, g[0].Case)
	}
	return ids
}
