package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// comparisonFormat is the version of the JSON of a comparison.
const comparisonFormat = "vpnconform comparison 1"

// WriteComparisonJSON writes a comparison as JSON: a format, the verdict as a sentence and as
// a number, and the members of [Comparison]. Characters that could steer a terminal are
// escaped.
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
	for line := range strings.Lines(b.String()) { // JSON strings contain no line feed
		out.put("%s\n", Inert(strings.TrimSuffix(line, "\n")))
	}
	return out.Flush()
}

// WriteComparisonMarkdown renders a comparison as [WriteMarkdown] renders a report.
func WriteComparisonMarkdown(w io.Writer, c *Comparison) error {
	m := &markdown{}
	verdict, rest, _ := strings.Cut(c.Summary(), ": ")
	m.put("## vpnconform: %s\n\n%s.\n\n", verdict, rest)
	m.put("| | | |\n| --- | --- | --- |\n")
	m.put("| old | %s | %s |\n| new | %s | %s |\n\n", tableCell(c.Old.Name), tableCell(c.Old.Summary), tableCell(c.New.Name), tableCell(c.New.Summary))
	if len(c.Unlike) > 0 {
		m.put("**%s**\n\n", aboutUnlike)
		for _, sentence := range c.Unlike {
			m.put("- %s\n", codeSpan(cut(sentence, 4<<10)))
		}
		m.put("\n")
	}
	for _, turn := range Turns {
		m.writeChanges(turn, c.changesOf(turn))
	}
	m.writeAnswers(c.Answers)
	if m.left > 0 {
		m.put("**%s left out** to keep this under 1 MiB, which is what GitHub shows. The JSON form has all.\n", plural(m.left, "case"))
	}
	_, err := w.Write(m.buf.Bytes())
	return err
}

// tableCell is an inert text as code in a table, where a bar would end the cell.
func tableCell(s string) string { return strings.ReplaceAll(codeSpan(shorten(s)), "|", `\|`) }

var turnHeadings = map[Turn]string{Regression: "Regressions", Improvement: "Better", Otherwise: "Changed otherwise"}

// writeChanges writes the changes of a turn, equal changes together.
func (m *markdown) writeChanges(turn Turn, changes []Change) {
	heading := fmt.Sprintf("### %s: %s\n\n", turnHeadings[turn], plural(len(changes), "case"))
	for _, g := range groupChanges(changes) {
		lines := g[0].sentences()
		for _, d := range g[0].Appeared {
			lines = append(lines, d.lines()...)
		}
		m.writeElement(&heading, changedCases(g), fence(strings.Join(append(lines, curlLines(g[0].Curl)...), "\n")))
	}
}

// writeAnswers writes where answers differ.
func (m *markdown) writeAnswers(all []AnswerDifference) {
	heading := fmt.Sprintf("### Answers that differ: %s\n\n", plural(len(answeredCases(all)), "case"))
	for _, place := range groupAnswers(all) {
		lines := []string{place.sentence()}
		for _, g := range place.shownPairs() {
			lines = append(append(lines, g[0].valueLines()...), "cases "+shorten(listSome(answeredCases(g))))
		}
		if more := len(place.pairs) - mostValues; more > 0 {
			lines = append(lines, "and "+plural(more, "more pair")+" of values")
		}
		m.writeElement(&heading, answeredCases(place.all), fence(strings.Join(lines, "\n")))
	}
}

// writeElement writes a block below the ids of its cases if there is room, and the heading
// above it if it is not written yet.
func (m *markdown) writeElement(heading *string, ids []string, block string) {
	text := *heading + codeSpan(cut(listSome(ids), 4<<10)) + "\n\n" + block + "\n"
	if !m.fits(len(text)) {
		m.left += len(ids)
		return
	}
	m.buf.WriteString(text)
	*heading = ""
}
