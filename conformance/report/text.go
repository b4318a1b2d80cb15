package report

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
)

// TextOptions says how to render text.
type TextOptions struct {
	Width int // columns to wrap sentences at; 0 means 80
}

// few is the number of cases up to which those that passed are listed too.
const few = 12

// WriteText renders a report for a terminal. What a target sent is quoted, and
// its control characters are escaped, so that it cannot steer the terminal.
// Curl lines are never wrapped.
func WriteText(w io.Writer, r *Report, opts TextOptions) error {
	t := newText(opts)
	t.line("", "target %s", r.Target)
	t.blank()
	for _, g := range groups(r.Results) {
		t.result(g[0])
		if len(g) > 1 {
			t.wrapped(indent+"the same: ", Inert(names(g[1:])))
		}
	}
	for _, id := range r.Missing {
		t.wrapped("missing: ", Inert(id))
	}
	for _, problem := range r.Baseline {
		t.wrapped("known failures: ", Inert(problem))
	}
	t.levels(r)
	t.blank()
	t.wrapped("", r.Summary())
	_, err := w.Write(t.buf.Bytes())
	return err
}

// groups puts results together that say the same, each group where its first
// stands. Those that passed and say nothing are left out unless there are few.
func groups(results []Result) [][]Result {
	if len(results) <= few {
		return slices.Collect(slices.Chunk(results, 1))
	}
	telling := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.Outcome == Pass && len(r.Notes) == 0 })
	return grouped(telling, func(r Result) string {
		key := string(r.Outcome) + "\n" + r.Reason + "\n" + r.Known
		for _, d := range append(slices.Clone(r.Differences), r.Notes...) {
			key += "\n" + strings.Join([]string{d.Pointer, d.Kind, d.Rule, d.Want, d.Level}, "\t")
		}
		return key
	})
}

// grouped puts items of one key together, each group where its first stands.
func grouped[Item any](items []Item, key func(Item) string) [][]Item {
	var out [][]Item
	at := map[string]int{}
	for _, item := range items {
		i, ok := at[key(item)]
		if !ok {
			i = len(out)
			at[key(item)], out = i, append(out, nil)
		}
		out[i] = append(out[i], item)
	}
	return out
}

// names lists the ids of results, not more than a few.
func names(results []Result) string {
	var ids []string
	for _, r := range results {
		ids = append(ids, r.Case)
	}
	return someOf(ids)
}

// someOf lists not more than a few ids.
func someOf(ids []string) string {
	list := strings.Join(ids[:min(len(ids), few)], ", ")
	if more := len(ids) - few; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// levels writes how many cases of each level ended how, and how the members of
// the answers were looked at.
func (t *text) levels(r *Report) {
	if len(r.Results) <= few {
		return
	}
	t.blank()
	var members Members
	requests, again := 0, 0
	for _, level := range Levels {
		part := &Report{}
		for _, result := range r.Results {
			if result.Level == level {
				part.Results = append(part.Results, result)
				members.Add(result.Members)
				requests += result.Requests
				for _, e := range result.Exchanges {
					again += max(e.Sent-1, 0)
				}
			}
		}
		if len(part.Results) > 0 {
			t.wrapped(fmt.Sprintf("%-7s", level), plural(len(part.Results), "case")+": "+part.counts())
		}
	}
	sent := plural(requests, "request")
	if again > 0 {
		sent += fmt.Sprintf(" and %d sent again", again)
	}
	t.wrapped("       ", sent+"; "+members.String())
}

// String says how the members were looked at.
func (m Members) String() string {
	return fmt.Sprintf("%s of the answers: %d by value, %d by schema, %d by rule, %d noted, %d not looked at",
		plural(m.Total(), "member"), m.ByValue, m.BySchema, m.ByRule, m.Noted, m.NotLookedAt)
}

// Summary is the verdict in a sentence.
func (r *Report) Summary() string {
	words := verdictWords[r.Verdict()]
	below := 0
	for _, result := range r.Results {
		if result.Known == "" && !result.FailsAt(r.Level) && (result.Outcome == Fail || result.Outcome == Flaky) {
			below++
		}
	}
	switch {
	case r.Verdict() != Conforms:
	case r.known() > 0:
		words = "CONFORMS BUT FOR KNOWN FAILURES"
	case below > 0:
		words = fmt.Sprintf("CONFORMS at level %s", cmp.Or(r.Level, Levels[0]))
	}
	if r.Shard.Of > 0 {
		words += fmt.Sprintf(" in part %d of %d", r.Shard.Part, r.Shard.Of)
	}
	sentence := fmt.Sprintf("%s: of %s %s", words, plural(len(r.Results), "case"), r.counts())
	if below > 0 {
		sentence += fmt.Sprintf("; %d fail below level %s", below, cmp.Or(r.Level, Levels[0]))
	}
	return strings.TrimSuffix(sentence, " ")
}

// counts says how many cases ended how.
func (r *Report) counts() string {
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
	if n := len(r.Missing); n > 0 {
		parts = append(parts, fmt.Sprintf("%d required and missing", n))
	}
	if n := len(r.Baseline); n > 0 {
		parts = append(parts, fmt.Sprintf("%d wrong in the list of known failures", n))
	}
	return strings.Join(parts, ", ")
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

func newText(opts TextOptions) *text {
	if opts.Width <= 0 {
		opts.Width = 80
	}
	return &text{width: opts.Width}
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
	Flaky:         "FLAKY          ",
	NotApplicable: "not applicable ",
	CouldNotRun:   "COULD NOT RUN  ",
	KitError:      "KIT ERROR      ",
}

// indent is the width of a label.
const indent = "               "

func (t *text) result(r Result) {
	t.line(labels[r.Outcome], "%s", r.Case)
	if r.Reason != "" {
		t.wrapped(indent, Inert(r.Reason))
	}
	if m := r.Members; m.Total() > 0 {
		t.wrapped(indent, fmt.Sprintf("%s; %s", plural(r.Requests, "request"), m))
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
		t.curl(r.Curl)
		t.blank()
	}
}

// curl writes the command that repeats a request.
func (t *text) curl(line string) {
	t.blank()
	t.line("  ", "repeat it with (secrets masked)")
	t.buf.WriteString("  " + strings.Join(commandLines(line), "\n") + "\n")
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
	if ' ' <= r && r <= '~' { // most of them
		return false
	}
	return r == unicode.ReplacementChar || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp,
		unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, unicode.Noncharacter_Code_Point)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
