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

// few is the number of cases up to which those that passed are listed too.
const few = 12

// screen is how many lines of a terminal a reader sees at once.
const screen = 24

// WriteText renders a report for a terminal: the verdict, what differs, and the
// counts, in one screen. A report of a few cases lists them as well, and a
// verbose one lists every case that did not pass.
//
// What a target sent is quoted, and its control characters are escaped, so that
// it cannot steer the terminal. Curl lines are never wrapped.
func WriteText(w io.Writer, r *Report, opts TextOptions) error {
	causes := Causes(r)
	t := newText(opts)
	t.headline(r, causes)
	end := newText(opts)
	listed := opts.Verbose || len(r.Results) <= few
	if !listed {
		end.openCases(r, len(causes) > 0)
	}
	end.problems(r, listed)
	if opts.Verbose {
		end.levels(r)
		end.blank()
		end.wrapped("", r.Summary())
	} else {
		end.counts(r)
		end.next(r, causes, listed)
	}
	if opts.Verbose {
		t.allCauses(causes)
	} else {
		t.causes(causes, screen-t.lines()-end.lines())
	}
	if listed {
		t.cases(r)
	}
	t.buf.Write(end.buf.Bytes())
	_, err := w.Write(t.buf.Bytes())
	return err
}

// text gathers lines. Whatever it is given comes out inert.
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

// lines counts the lines that were written.
func (t *text) lines() int { return bytes.Count(t.buf.Bytes(), []byte{'\n'}) }

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
	if ' ' <= r && r <= '~' { // most of them
		return false
	}
	return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point)
}
