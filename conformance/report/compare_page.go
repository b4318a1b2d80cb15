package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// comparisonFormat names the form of the JSON of a comparison.
const comparisonFormat = "vpnconform comparison 1"

// WriteComparisonJSON writes a comparison as JSON: a format, the verdict in a
// sentence and as its number, and the members of [Comparison].
// What could steer a terminal is escaped in its texts.
func WriteComparisonJSON(w io.Writer, c *Comparison) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(struct {
		Format  string  `json:"format"`
		Verdict string  `json:"verdict"`
		Exit    Verdict `json:"exit"`
		*Comparison
	}{comparisonFormat, c.Summary(), c.Verdict(), c}); err != nil {
		return err
	}
	out := newPage(w)
	for line := range strings.Lines(b.String()) { // no text of JSON has a newline
		out.put("%s\n", Inert(strings.TrimSuffix(line, "\n")))
	}
	return out.Flush()
}

// WriteComparisonMarkdown renders a comparison as [WriteMarkdown] does a report.
func WriteComparisonMarkdown(w io.Writer, c *Comparison) error {
	m := &markdown{}
	verdict, rest, _ := strings.Cut(c.Summary(), ": ")
	m.put("## vpnconform: %s\n\n%s.\n\n", verdict, rest)
	m.put("| | | |\n| --- | --- | --- |\n")
	m.put("| old | %s | %s |\n| new | %s | %s |\n\n", cell(c.Old.Name), cell(c.Old.Summary), cell(c.New.Name), cell(c.New.Summary))
	if len(c.Unlike) > 0 {
		m.put("**%s**\n\n", aboutUnlike)
		for _, sentence := range c.Unlike {
			m.put("- %s\n", codeSpan(cut(sentence, 4<<10)))
		}
		m.put("\n")
	}
	for _, turn := range Turns {
		m.changes(turn, c.of(turn))
	}
	m.answers(c.Answers)
	if m.left > 0 {
		m.put("**%s left out** to keep this under 1 MiB, which is what GitHub shows. The JSON form has all.\n", plural(m.left, "case"))
	}
	_, err := w.Write(m.buf.Bytes())
	return err
}

// cell is an inert text as code in a table, where a bar ends a cell.
func cell(s string) string { return strings.ReplaceAll(codeSpan(shorten(s)), "|", `\|`) }

var turnHeadings = map[Turn]string{Regression: "Regressions", Improvement: "Better", Otherwise: "Changed otherwise"}

// changes writes the changes of a turn, those that say the same together.
func (m *markdown) changes(turn Turn, changes []Change) {
	heading := fmt.Sprintf("### %s: %s\n\n", turnHeadings[turn], plural(len(changes), "case"))
	for _, g := range alikeChanges(changes) {
		lines := g[0].about()
		for _, d := range g[0].Appeared {
			lines = append(lines, d.lines()...)
		}
		m.element(&heading, changed(g), fenced(strings.Join(append(lines, curlLines(g[0].Curl)...), "\n")))
	}
}

// answers writes where answers differ.
func (m *markdown) answers(all []AnswerDifference) {
	heading := fmt.Sprintf("### Answers that differ: %s\n\n", plural(len(answered(all)), "case"))
	for _, place := range placesOfAnswers(all) {
		lines := []string{place.about()}
		for _, g := range place.shown() {
			lines = append(append(lines, g[0].values()...), "cases "+shorten(someOf(answered(g))))
		}
		if more := len(place.pairs) - mostValues; more > 0 {
			lines = append(lines, "and "+plural(more, "more pair")+" of values")
		}
		m.element(&heading, answered(place.all), fenced(strings.Join(lines, "\n")))
	}
}

// element writes a block below the ids of its cases, if there is room, and
// below a heading, if that is not written yet.
func (m *markdown) element(heading *string, ids []string, block string) {
	text := *heading + codeSpan(cut(someOf(ids), 4<<10)) + "\n\n" + block + "\n"
	if !m.fits(len(text)) {
		m.left += len(ids)
		return
	}
	m.buf.WriteString(text)
	*heading = ""
}
