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
	Width   int  // columns to wrap sentences at; 0 means 80
	Verbose bool // list every case that did not pass, and all causes whole
}

// fewCases is the number of cases up to which those that passed are listed too.
const fewCases = 12

// screen is the number of lines of a terminal that a reader sees at once.
const screen = 24

// WriteText renders a report for a terminal: the verdict, the causes and the counts, in one
// screen. A report of a few cases lists them too, and a verbose one lists every case that
// did not pass.
//
// Texts of a target are quoted and their control characters escaped, so that they cannot
// steer the terminal. Curl commands are never wrapped.
func WriteText(w io.Writer, r *Report, opts TextOptions) error {
	causes := Causes(r)
	t := newText(opts)
	t.writeHeadline(r, causes)
	end := newText(opts)
	listed := opts.Verbose || len(r.Results) <= fewCases
	if !listed {
		end.writeOpenCases(r, len(causes) > 0)
	}
	end.writeProblems(r, listed)
	if opts.Verbose {
		end.writeLevels(r)
		end.writeBlank()
		end.writeWrapped("", r.Summary())
	} else {
		end.writeCounts(r)
		end.writeNext(r, causes, listed)
	}
	if opts.Verbose {
		t.writeAllCauses(causes)
	} else {
		t.writeCauses(causes, screen-t.lines()-end.lines())
	}
	if listed {
		t.writeCases(r)
	}
	t.buf.Write(end.buf.Bytes())
	_, err := w.Write(t.buf.Bytes())
	return err
}

// text collects lines. Every text that is written is made inert.
type text struct {
	buf   bytes.Buffer
	width int
	whole bool // values are shown whole
}

func newText(opts TextOptions) *text {
	if opts.Width <= 0 {
		opts.Width = 80
	}
	return &text{width: opts.Width}
}

// lines is the number of lines so far.
func (t *text) lines() int { return bytes.Count(t.buf.Bytes(), []byte{'\n'}) }

func (t *text) writeBlank() { t.buf.WriteByte('\n') }

// writeLine writes a line behind an indent, which may be a label.
func (t *text) writeLine(indent, format string, args ...any) {
	t.buf.WriteString(indent + Inert(fmt.Sprintf(format, args...)) + "\n")
}

// writeWrapped writes a sentence behind a label, and wraps it below its start.
func (t *text) writeWrapped(label, sentence string) {
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
	t.writeBlank()
}

// clip shortens a text of a target to a line that a person reads.
func clip(s string) string {
	const most = 300
	runes := []rune(Inert(s))
	if len(runes) <= most {
		return string(runes)
	}
	return fmt.Sprintf("%s... (%d characters in all)", string(runes[:most]), len(runes))
}

// Inert escapes characters that could steer a terminal or hide text, as JSON does: control
// characters, marks that change the direction of writing, and invisible characters.
func Inert(s string) string {
	if !strings.ContainsFunc(s, isSteering) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if !isSteering(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, "\\u%04x", unit)
		}
	}
	return b.String()
}

// isSteering reports whether a character has to be escaped.
func isSteering(r rune) bool {
	if ' ' <= r && r <= '~' { // most characters
		return false
	}
	return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point)
}
