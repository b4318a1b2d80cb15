package report

import (
	"bytes"
	"cmp"
	"fmt"
	"html"
	"io"
	"slices"
	"strings"
)

// mostMarkdown is the greatest size of a step's summary that GitHub accepts, in bytes.
const mostMarkdown = 1 << 20

// closing is kept free for the note about things left out.
const closing = 1 << 10

// mostOfRule is the number of cases of one rule that are shown whole, so that a rule with
// hundreds of them leaves room for others.
const mostOfRule = 20

// mostListed is the number of lines of any other list.
const mostListed = 50

// WriteMarkdown renders a report as GitHub Flavored Markdown for a pull request or the
// summary of a step: the verdict, the causes, a table by level, the failures by rule, and
// cases without a verdict. It is always smaller than 1 MiB; if something is left out, a note
// at the end says how much. Texts of a target are shown as code.
func WriteMarkdown(w io.Writer, r *Report) error {
	m := &markdown{}
	m.put("## vpnconform: %s\n\n", verdictWords[r.Verdict()])
	summary := Inert(r.Summary())
	if levelName(r.Level) == "other" { // the sentence contains it
		summary = codeSpan(summary)
	}
	m.put("%s\n\n", summary)
	m.put("Target %s, level %s, seed %d.\n\n", codeSpan(shorten(r.Target)), cmp.Or(levelName(r.Level), Levels[0]), r.Seed)
	m.writeCauses(Causes(r))
	m.writeLevels(r)
	findings := r.findings()
	m.writeFailures("Failures", filter(findings, func(f finding) bool { return f.state == failed && f.result != nil }))
	m.writeList("Not told", "the verdict is open, or void", filter(findings, func(f finding) bool { return f.state == broken }))
	m.writeList("Wrong in the list of known failures", "", filter(findings, func(f finding) bool { return f.state == failed && f.result == nil }))
	m.writeFailures("Failures that do not count", filter(findings, func(f finding) bool { return f.state == tolerated }))
	m.writeList("Not applicable", "the environment lacks something", filter(findings, func(f finding) bool { return f.state == skipped }))
	if m.left > 0 {
		m.put("**%s left out** to keep this under 1 MiB, which is what GitHub shows. The JSON report has all.\n", plural(m.left, "case"))
	}
	_, err := w.Write(m.buf.Bytes())
	return err
}

// filter returns the wanted findings.
func filter(findings []finding, wanted func(finding) bool) []finding {
	var out []finding
	for _, f := range findings {
		if wanted(f) {
			out = append(out, f)
		}
	}
	return out
}

// markdown collects elements, each whole or not at all.
type markdown struct {
	buf  bytes.Buffer
	left int // cases that did not fit
}

func (m *markdown) put(format string, args ...any) { fmt.Fprintf(&m.buf, format, args...) }

// fits reports whether there is room for an element.
func (m *markdown) fits(size int) bool { return m.buf.Len()+size <= mostMarkdown-closing }

// levelName is a level, or "other" for a text that is none.
func levelName(level string) string {
	if level == "" || slices.Contains(Levels, level) {
		return level
	}
	return "other"
}

// writeCauses lists the causes.
func (m *markdown) writeCauses(causes []Cause) {
	if len(causes) == 0 {
		return
	}
	m.put("### What differs\n\n")
	for i, c := range causes {
		line := mdCause(c)
		if i == mostListed || !m.fits(len(line)) {
			m.put("- and %s more\n", plural(len(causes)-i, "cause"))
			break
		}
		m.buf.WriteString(line)
	}
	m.put("\n")
}

// mdCause is a cause in one line.
func mdCause(c Cause) string {
	line := fmt.Sprintf("- **%s** %s", c.Level, codeSpan(shorten(c.Why)))
	if place := c.Place(); place != "" {
		line += " at " + codeSpan(shorten(place))
	}
	if c.Sent != "" {
		line += ", sent " + codeSpan(shorten(c.Sent))
	}
	if c.Want != c.Why {
		line += ", want " + codeSpan(shorten(c.Want))
	}
	if c.Got != "" {
		line += ", got " + codeSpan(shorten(c.Got))
	}
	return line + ": " + c.extent() + "; " + codeSpan(shorten(cmp.Or(c.Rule, c.Source, noRule))) + "\n"
}

// extent says in how many cases or answers a cause shows, and names one, as Markdown.
func (c *Cause) extent() string {
	text := c.caseCount()
	switch {
	case c.Every:
		return "every answer"
	case c.Answers > 0:
		text = countOf(c.Answers, "answer")
	}
	if len(c.Examples) > 0 {
		text += ", such as " + codeSpan(shorten(c.Examples[0]))
	}
	return text
}

// writeLevels writes the table of how many cases of each level ended how.
func (m *markdown) writeLevels(r *Report) {
	m.put("| level | cases | pass | fail | known | below | flaky | not applicable | could not run | twin refused | kit error |\n")
	m.put("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n")
	for _, level := range append(slices.Clone(Levels), "other") {
		part := &Report{Level: r.Level}
		for _, result := range r.Results {
			if cmp.Or(levelName(result.Level), "other") == level {
				part.Results = append(part.Results, result)
			}
		}
		if n := len(part.Results); n > 0 {
			count := part.endings()
			m.put("| %s | %d | %d | %d | %d | %d | %d | %d | %d | %d | %d |\n", level, n, count.by[Pass], count.by[Fail], count.known, count.below,
				count.by[Flaky], count.by[NotApplicable], count.by[CouldNotRun], count.because, count.by[KitError])
		}
	}
	m.put("\n")
}

// writeFailures writes failures grouped by the broken rule, collapsed.
func (m *markdown) writeFailures(heading string, findings []finding) {
	if len(findings) == 0 {
		return
	}
	var rules []string
	byRule := map[string][]finding{}
	for _, f := range findings {
		rule := f.result.brokenRule()
		if byRule[rule] == nil {
			rules = append(rules, rule)
		}
		byRule[rule] = append(byRule[rule], f)
	}
	title := fmt.Sprintf("### %s: %s of %s\n\n", heading, plural(len(findings), "case"), plural(len(rules), "rule"))
	if !m.fits(len(title)) {
		m.left += len(findings)
		return
	}
	m.buf.WriteString(title)
	for _, rule := range rules {
		m.writeRule(rule, byRule[rule])
	}
}

// writeRule writes the failures of a rule, as many as fit.
func (m *markdown) writeRule(rule string, findings []finding) {
	const end = "</details>\n\n"
	const most = 4 << 10 // bytes of the text around the cases
	head := fmt.Sprintf("<details>\n<summary>%s: %s</summary>\n\n", codeElement(shorten(rule)), plural(len(findings), "case"))
	first := mdCase(findings[0])
	if !m.fits(len(head) + len(first) + most + len(end)) {
		m.left += len(findings)
		return
	}
	m.buf.WriteString(head)
	var rest []finding
	for i, f := range findings {
		if i == mostOfRule {
			rest = append(rest, findings[i:]...)
			break
		}
		if text := mdCase(f); m.fits(len(text) + most + len(end)) {
			m.buf.WriteString(text)
		} else {
			rest = append(rest, f)
		}
	}
	if len(rest) > 0 {
		m.left += len(rest)
		m.put("and %s: %s\n\n", plural(len(rest), "case"), codeSpan(cut(namesOf(rest), 2<<10)))
	}
	m.buf.WriteString(end)
}

// mdCase is a failed case with all its details.
func mdCase(f finding) string {
	text := codeSpan(shorten(f.id)) + " " + codeSpan(f.message) + "\n\n"
	return text + fence(strings.Join(f.result.lines(), "\n")) + "\n"
}

// writeList writes a line for each group of equal findings.
func (m *markdown) writeList(heading, about string, findings []finding) {
	if len(findings) == 0 {
		return
	}
	title := "### " + heading
	if about != "" {
		title += ": " + about
	}
	title += "\n\n"
	groups := groupFindings(findings)
	for i, g := range groups {
		line := fmt.Sprintf("- %s: %s\n", codeSpan(g[0].message), codeSpan(namesOf(g)))
		if i == mostListed || !m.fits(len(title)+len(line)) {
			for _, g := range groups[i:] {
				m.left += len(g)
			}
			break
		}
		m.buf.WriteString(title)
		m.buf.WriteString(line)
		title = ""
	}
	m.put("\n")
}

// codeSpan is an inert text as code, between more backticks than it has in a row.
func codeSpan(s string) string {
	fence := strings.Repeat("`", longestRun(s)+1)
	if strings.TrimSpace(s) == "" || strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || s[0] == ' ' && s[len(s)-1] == ' ' {
		s = " " + s + " " // Markdown removes these blanks
	}
	return fence + s + fence
}

// codeElement is an inert text as code in HTML, where Markdown does not apply.
func codeElement(s string) string { return "<code>" + html.EscapeString(s) + "</code>" }

// fence is a block of lines, between more backticks than they have in a row.
func fence(lines string) string {
	fence := strings.Repeat("`", max(longestRun(lines)+1, 3))
	return fence + "text\n" + lines + "\n" + fence + "\n"
}

// longestRun is the greatest number of backticks in a row.
func longestRun(s string) int {
	longest, run := 0, 0
	for _, c := range []byte(s) {
		if run++; c != '`' {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}
