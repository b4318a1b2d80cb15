package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// allowance is the number of bytes of the page that are left for long contents.
type allowance struct{ differences, curl, exchanges int }

// caseView is a case as the page shows it.
type caseView struct {
	Result
	ID        string // anchor
	Open      bool
	TwinID    string // anchor of the twin; empty if it is not in the report
	Binding   string // level
	Different []differenceView
	Brief     []Difference // shown without values, because they did not fit
	More      int          // number of differences that are only counted
	NoCurl    string       // why the curl line is left out
	Talk      []exchangeView
	NoTalk    string // why exchanges are left out
}

// differenceView is a difference whose values have their differing parts marked.
type differenceView struct {
	Difference
	Says string // the predicate behind the place
	Want []part // empty if the rule's sentence says what was wanted
	Got  []part // empty if nothing came
}

// exchangeView is a request and its answer as texts.
type exchangeView struct {
	Number          int
	Exchange        Exchange
	Asked, Answered string
}

// maxExchanges is the number of exchanges of a case that are shown.
const maxExchanges = 8

// viewOf is the view of a case.
func (p *htmlPage) viewOf(c Result, id string, room *allowance) caseView {
	v := caseView{Result: c, ID: id, TwinID: p.anchor[c.Twin], Binding: Levels[rank(c.Level)]}
	v.Open = p.Opened && c.Outcome != Pass && c.Outcome != NotApplicable
	for i, d := range c.Differences {
		if room.differences < 0 {
			rest := c.Differences[i:]
			v.Brief = rest[:min(len(rest), 3)]
			v.More = len(rest) - len(v.Brief)
			break
		}
		shown, size := newDifference(d)
		room.differences -= size
		v.Different = append(v.Different, shown)
	}
	v.limitCurl(room)
	if c.Outcome != Pass {
		v.addExchanges(room)
	}
	return v
}

// limitCurl leaves out a curl command that does not fit: a part of a command is useless.
func (v *caseView) limitCurl(room *allowance) {
	size := htmlSize(v.Curl)
	switch {
	case v.Curl == "":
	case size > 16_000:
		v.NoCurl = fmt.Sprintf("It has %d bytes and is left out; it is in the JSON report.", len(v.Curl))
	case size > room.curl:
		v.NoCurl = "It is left out to keep this page small; it is in the JSON report."
	default:
		room.curl -= size
		return
	}
	v.Curl = ""
}

// addExchanges adds as many exchanges as fit.
func (v *caseView) addExchanges(room *allowance) {
	for i, e := range v.Exchanges {
		if i == maxExchanges || room.exchanges < 0 {
			v.NoTalk = fmt.Sprintf("%s left out to keep this page small; the JSON report has all.", plural(len(v.Exchanges)-i, "exchange"))
			return
		}
		shown := exchangeView{Number: i + 1, Exchange: e, Asked: message(e.RequestHeader, e.Request)}
		if e.Status != 0 {
			shown.Answered = message(slices.Concat(markFields(e.AnswerEarly, "before the answer"), e.AnswerHeader, markFields(e.AnswerTrailer, "after the body")), e.Answer)
		}
		room.exchanges -= htmlSize(shown.Asked) + htmlSize(shown.Answered) + 600
		v.Talk = append(v.Talk, shown)
	}
}

// markFields adds to header fields where they came, if not in the header.
func markFields(fields []string, where string) []string {
	out := make([]string, len(fields))
	for i, field := range fields {
		out[i] = "(" + where + ") " + field
	}
	return out
}

// message writes the header and the body of a request or an answer.
func message(header []string, body string) string {
	var b strings.Builder
	for i, line := range header {
		if i == 40 {
			fmt.Fprintf(&b, "… cut: %d lines in all\n", len(header))
			break
		}
		b.WriteString(cutText(line, sentence) + "\n")
	}
	if body != "" {
		b.WriteString("\n" + layOut(body))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// htmlSize is the number of bytes of a text in HTML.
func htmlSize(s string) int {
	n := len(s)
	for i := range len(s) {
		if strings.IndexByte(`"'&<>+`, s[i]) >= 0 {
			n += 4
		}
	}
	return n
}

// newDifference is the view of a difference, and its size in bytes.
func newDifference(d Difference) (differenceView, int) {
	v := differenceView{Difference: d, Says: map[string]string{
		"missing": "is missing", "unexpected": "should not be there", "changed": "is not what was wanted", "rule": "breaks a rule",
		"twin": "was not accepted, so that the refusal shows nothing",
	}[d.Kind]}
	if v.Says == "" {
		v.Says = d.Kind
	}
	v.Pointer = strings.TrimPrefix(d.Pointer, "/body")
	if v.Pointer == "" {
		v.Pointer = "the answer"
		if d.Pointer == "/body" {
			v.Pointer = "the body"
		}
	}
	want, got := layOut(d.Want), layOut(d.Got)
	if want != "" && got != "" {
		v.Want, v.Got = markDifferences(want, got)
	} else {
		v.Want, v.Got = wholeText(want, d.Kind == "missing"), wholeText(got, d.Kind == "unexpected")
	}
	return v, 900 + htmlSize(want) + htmlSize(got) + 13*(len(v.Want)+len(v.Got)) + htmlSize(d.Why) + len(d.Source)
}

// wholeText is a text that is marked from end to end, or not at all.
func wholeText(text string, marked bool) []part {
	if text == "" {
		return nil
	}
	return []part{{text, marked}}
}

// Cites names the source of the demand.
func (d differenceView) Cites() string {
	cite := d.Source + " (" + Levels[rank(d.Level)] + ")"
	if d.Rule != "" {
		cite = d.Rule + ", " + cite
	}
	return cutText(cite, sentence)
}

// Missing explains why no value is shown as got.
func (d differenceView) Missing() string {
	if d.Kind == "missing" {
		return "nothing: it is not in the answer"
	}
	return "see the answer below"
}

// Unwanted explains why no value is shown as wanted.
func (d differenceView) Unwanted() string {
	if d.Kind == "unexpected" {
		return "nothing: the page knows no such member"
	}
	return cutText(d.Why, sentence)
}

// Answer says how an exchange ended.
func (e exchangeView) Answer() string {
	if e.Exchange.Error != "" {
		return cutText(e.Exchange.Error, sentence)
	}
	text := "status " + strconv.Itoa(e.Exchange.Status)
	if e.Exchange.Encoding != "" {
		text += ", no text and shown in " + cutText(e.Exchange.Encoding, sentence)
	}
	return text
}

// Halves are the id of a case up to its first slash, and the rest, between which a narrow
// page breaks the line. They are always two, so that no text makes an element.
func (v caseView) Halves() [2]string {
	id := cutText(v.Case, sentence)
	i := strings.IndexByte(id, '/') + 1
	return [2]string{id[:i], id[i:]}
}

// OwnRule reports whether the rule has to be shown: most ids begin with it.
func (v caseView) OwnRule() bool { return v.Rule != "" && !strings.HasPrefix(v.Case, v.Rule+"/") }

// Command is the curl command, inert and whole.
func (v caseView) Command() string { return strings.Join(commandLines(v.Curl), "\n") }
