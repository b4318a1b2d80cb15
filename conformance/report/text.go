package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
)

// TextOptions says how to render text.
type TextOptions struct {
	Width int // columns to wrap sentences at; 0 means 80
}

// WriteText renders a report for a terminal. What a target sent is quoted, and
// its control characters are escaped, so that it cannot steer the terminal.
// Curl lines are never wrapped.
func WriteText(w io.Writer, r *Report, opts TextOptions) error {
	t := &text{width: opts.Width}
	if t.width <= 0 {
		t.width = 80
	}
	t.line("", "target %s", r.Target)
	t.blank()
	for _, result := range r.Results {
		t.result(result)
	}
	for _, problem := range r.Baseline {
		t.wrapped("known failures: ", Inert(problem))
	}
	t.blank()
	t.wrapped("", r.Summary())
	_, err := w.Write(t.buf.Bytes())
	return err
}

// Summary is the verdict in a sentence.
func (r *Report) Summary() string {
	count := r.Count()
	var parts []string
	for _, o := range Outcomes {
		if count[o] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[o], o))
		}
	}
	if n := r.known(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d of the failures known", n))
	}
	if n := len(r.Baseline); n > 0 {
		parts = append(parts, fmt.Sprintf("%d wrong in the list of known failures", n))
	}
	words := verdictWords[r.Verdict()]
	if r.Verdict() == Conforms && r.known() > 0 {
		words = "CONFORMS BUT FOR KNOWN FAILURES"
	}
	sentence := fmt.Sprintf("%s: of %s", words, plural(len(r.Results), "case"))
	return strings.TrimSuffix(sentence+" "+strings.Join(parts, ", "), " ")
}

var verdictWords = map[Verdict]string{
	Conforms:   "CONFORMS",
	Differs:    "DOES NOT CONFORM",
	Incomplete: "INCOMPLETE, no verdict",
	Mistaken:   "KIT ERROR, no verdict",
	Stale:      "KNOWN FAILURES ARE WRONG",
}

// text gathers lines. Whatever it is given comes out inert.
type text struct {
	buf   bytes.Buffer
	width int
}

func (t *text) blank() { t.buf.WriteByte('\n') }

func (t *text) line(indent, format string, args ...any) {
	t.buf.WriteString(indent + Inert(fmt.Sprintf(format, args...)) + "\n")
}

// wrapped writes a sentence after a label, and continues it below its start.
func (t *text) wrapped(label, sentence string) {
	column, start := len(label), len(label)
	t.buf.WriteString(label)
	for i, word := range strings.Fields(sentence) {
		word = Inert(word)
		n := len([]rune(word))
		if i > 0 && column+1+n > t.width {
			t.buf.WriteString("\n" + strings.Repeat(" ", start))
			column = start
		} else if i > 0 {
			t.buf.WriteByte(' ')
			column++
		}
		t.buf.WriteString(word)
		column += n
	}
	t.blank()
}

// labels of the outcomes, padded to one width.
var labels = map[Outcome]string{
	Pass:          "pass           ",
	Fail:          "FAIL           ",
	NotApplicable: "not applicable ",
	CouldNotRun:   "COULD NOT RUN  ",
	KitError:      "KIT ERROR      ",
}

func (t *text) result(r Result) {
	t.line(labels[r.Outcome], "%s", r.Case)
	const indent = "               "
	if r.Reason != "" {
		t.wrapped(indent, Inert(r.Reason))
	}
	if m := r.Members; m.Total() > 0 {
		t.wrapped(indent, fmt.Sprintf("%s; %s of the answers: %d by value, %d by schema, %d by rule, %d noted, %d not looked at",
			plural(r.Requests, "request"), plural(m.Total(), "member"), m.ByValue, m.BySchema, m.ByRule, m.Noted, m.NotLookedAt))
	}
	if r.Known != "" {
		t.wrapped(indent+"known: ", r.Known)
	}
	for _, n := range r.Notes {
		t.wrapped(indent+"note: ", fmt.Sprintf("%s is no member that the page knows", Inert(n.Pointer)))
	}
	for _, d := range r.Differences {
		t.difference(d)
	}
	if r.Curl != "" {
		t.blank()
		t.line("  ", "repeat it with (secrets masked)")
		t.line("  ", "%s", r.Curl)
		t.blank()
	}
}

func (t *text) difference(d Difference) {
	t.blank()
	t.line("  ", "%s  %s", d.Pointer, d.Kind)
	if d.Want != "" {
		t.line("    ", "want  %s", clip(d.Want))
	}
	if d.Got != "" {
		t.line("    ", "got   %s", clip(d.Got))
	}
	t.wrapped("    why   ", Inert(d.Why))
	cite := fmt.Sprintf("%s (%s)", d.Source, d.Level)
	if d.Rule != "" {
		cite = d.Rule + ", " + cite
	}
	if len(d.Errata) > 0 {
		cite += ", erratum " + strings.Join(d.Errata, ", ")
	}
	t.wrapped("          ", cite)
	if len(d.Also) > 0 {
		t.wrapped("    also  ", strings.Join(d.Also, ", "))
	}
}

// clip shortens what a target sent to a line that a person reads.
func clip(s string) string {
	const most = 300
	runes := []rune(Inert(s))
	if len(runes) <= most {
		return string(runes)
	}
	return fmt.Sprintf("%s... (%d characters in all)", string(runes[:most]), len(runes))
}

// Inert escapes what could steer a terminal or hide text, as JSON does: control
// characters, the marks that change the direction of writing, and those that
// are not seen.
func Inert(s string) string {
	if !strings.ContainsFunc(s, steers) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if !steers(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, "\\u%04x", unit)
		}
	}
	return b.String()
}

func steers(r rune) bool {
	return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
