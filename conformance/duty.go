package conformance

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// A duty is what every answer owes, whatever was asked: see [openapi.Duty]. It
// has a case of its own, which sends nothing: what any answer does otherwise is
// reported there, once, and fails no other case.

// duty adds what an answer does otherwise than a duty asks. A document that has
// no such rule asks for nothing.
func (f *findings) duty(rule *openapi.Rule, d report.Difference) {
	if rule == nil {
		return
	}
	cite(&d, rule)
	f.duties = append(f.duties, d)
}

// contentType judges the header fields that say how to read the body.
func (j *judge) contentType(f *findings, rule *openapi.Rule, a *answer) {
	contentType := a.header.Get("Content-Type")
	media, parameters, err := mime.ParseMediaType(contentType)
	charset := parameters["charset"]
	if err != nil || media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		d := report.Difference{Pointer: "/headers/Content-Type", Kind: "changed", Want: "application/json", Got: contentType}
		if contentType == "" {
			d.Kind = "missing"
		}
		f.duty(rule, d)
	}
	names := []string{"Content-Type"}
	if e := j.doc.Errors; e != nil && e.Header != "" {
		names = append(names, http.CanonicalHeaderKey(e.Header))
	}
	for _, name := range names {
		if values := a.header.Values(name); len(values) > 1 {
			f.duty(rule, report.Difference{
				Pointer: "/headers/" + name, Kind: "changed", Want: "one field", Got: encode(values),
				Why: "which of several fields counts is left to chance",
			})
		}
	}
}

// skew is how far the clock of a target may be from the one here.
// source: SDK, core/auth/signer; the gateway takes signatures that are this old
const skew = 15 * time.Minute

// moment is the time that an answer says it is, and when it came.
type moment struct {
	rule    *openapi.Rule
	pointer string
	text    string
	at      time.Time
}

// clock holds the members of an answer that are the time of the request against
// the exchange.
func (j *judge) clock(f *findings, body any, leaves []string, a *answer) {
	for _, pointer := range leaves {
		member := openapi.Member(j.schema, pointer)
		if member == nil {
			continue
		}
		rule := j.doc.Keyword(member.Value, "x-clock", "")
		if rule == nil {
			continue
		}
		text, _ := lookup(body, pointer).(string)
		said, err := time.Parse(time.RFC3339, text)
		if err != nil || a.at.IsZero() {
			continue // a rule says what is wrong with a text that is no time, and an exchange may be without its time
		}
		f.moments = append(f.moments, moment{rule, pointer, standFor(text), a.at})
		if said.Before(a.at.Add(-skew)) || said.After(a.at.Add(skew)) {
			f.duty(rule, report.Difference{
				Pointer: "/body" + pointer, Kind: "rule", Got: encode(text), Want: encode(a.at.UTC().Format(time.RFC3339)),
			})
		}
	}
}

// shows reports whether a case that passed shows that answers keep a duty.
func (t *trial) shows(duty openapi.Duty) bool {
	if t.result.Outcome != report.Pass {
		return false
	}
	return t.answered[duty] > 0
}

// settleDuties gives the cases of duties their outcome, from all answers.
func (r *runner) settleDuties(trials []*trial) {
	for _, t := range trials {
		if !t.c.Duty {
			continue
		}
		t.begin()
		t.result.Differences = r.dutyDifferences(t.c, trials)
		answers := 0
		for _, other := range trials {
			answers += other.answered[t.c.Rule.Duty]
		}
		shows := func(other *trial) bool { return other.shows(t.c.Rule.Duty) }
		switch {
		case len(t.result.Differences) > 0:
			t.end(report.Fail, "")
		case slices.ContainsFunc(trials, shows):
			t.end(report.Pass, "")
		case answers == 0:
			t.end(report.NotApplicable, "no answer of the run has this duty")
		default:
			t.end(report.NotApplicable, "no case with such an answer passed") // which says enough of its own
		}
	}
}

// askedFor are the duties that the patterns of a selection name; all, if there is
// no selection.
func askedFor(s *suite.Suite, run []string) ([]string, error) {
	named, err := matched(s, run)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, c := range s.Cases {
		if c.Duty && (named[c.ID] || len(run) == 0) {
			out = append(out, c.ID)
		}
	}
	return out, nil
}

// counts reports whether a case counts: a duty does if somebody asked for it, or
// if an answer breaks it. Which duties the few answers of a small run show depends
// on which of its cases pass: counted, they would come and go from run to run.
func counts(t *trial, asked []string) bool {
	return !t.c.Duty || slices.Contains(asked, t.c.ID) || t.result.Outcome == report.Fail
}

// mostDifferent is the number of differences that one duty reports: an answer
// may break it in as many ways as there are answers.
const mostDifferent = 8

// dutyDifferences gathers how the answers of all cases break a duty, each way
// once: how many answers, and the first case with one.
func (r *runner) dutyDifferences(c suite.Case, trials []*trial) []report.Difference {
	var out []report.Difference
	at := map[string]int{} // in out, by what differs
	for _, t := range trials {
		for _, d := range t.duties {
			if d.Rule != c.Rule.ID {
				continue
			}
			way := d.Pointer + "\n" + d.Kind + "\n" + d.Why
			i, seen := at[way]
			if !seen {
				if len(out) == mostDifferent {
					continue
				}
				i, d.Case = len(out), t.c.ID
				at[way], out = i, append(out, d)
			}
			out[i].Answers++
		}
	}
	return append(out, r.standingClock(c, trials)...)
}

// apart is the time between two answers after which a clock has moved.
const apart = time.Second

// standingClock finds a time that is the same in all answers, though they came
// more than a second apart.
func (r *runner) standingClock(c suite.Case, trials []*trial) []report.Difference {
	var first, last *moment
	var of string
	count := 0
	for _, t := range trials {
		for i := range t.moments {
			m := &t.moments[i]
			if m.rule != c.Rule {
				continue
			}
			if first != nil && m.text != first.text {
				return nil
			}
			if count++; first == nil || m.at.Before(first.at) {
				first, of = m, t.c.ID
			}
			if last == nil || m.at.After(last.at) {
				last = m
			}
		}
	}
	if first == nil || last.at.Sub(first.at) <= apart {
		return nil
	}
	d := report.Difference{
		Pointer: "/body" + first.pointer, Kind: "rule", Want: "another time a second later", Got: encode(first.text),
		Why: "the time of an answer is that of its request, and no other's", Answers: count, Case: of,
	}
	cite(&d, c.Rule)
	return []report.Difference{d}
}

// refusalDuties judges how an answer refuses: its status, its header fields, the
// shape of its body, and whether it says what is wrong. The page has no error
// side, so that nothing of it decides whether the request was refused.
func (j *judge) refusalDuties(f *findings, c suite.Case, a *answer, body any, readable error) {
	e := j.doc.Errors
	if e == nil || c.Wire.Outside() {
		return
	}
	if !c.Accepted() && !slices.Contains(c.Statuses, a.status) {
		f.duty(e.Status, report.Difference{Pointer: "/status", Kind: "changed", Want: statuses(c.Statuses), Got: strconv.Itoa(a.status)})
	}
	j.contentType(f, e.Content, a)
	j.identified(f, a, body)
	if readable != nil {
		f.duty(e.Content, report.Difference{
			Pointer: "/body", Kind: "changed", Want: "JSON", Got: j.begins(a), Why: "a refusal is JSON: " + readable.Error(),
		})
		return
	}
	f.unique = append(f.unique, j.mustBeNew(j.refusal, body, match.Leaves(body), a)...)
	for _, v := range j.doc.CheckResponse(j.op, j.refusalStatus, openapi.Exchange{Response: body}) {
		d := report.Difference{Pointer: "/body" + v.Pointer, Kind: "rule", Why: v.Message}
		if got := lookup(body, v.Pointer); got != nil {
			d.Got = encode(got)
		}
		f.duty(v.Rule, d)
	}
	code, sentence, at := e.Said(body)
	status := strconv.Itoa(a.status)
	f.inClass(e.InClass, status, encode(sentence), e.StatusOfWords(sentence))
	if e.Codes[status] != nil {
		f.inClass(e.InClass, status, code, e.StatusOf(code))
	}
	if fields := j.fields[c.Rule]; fields != nil && !c.Accepted() {
		j.named(f, sentence, at, fields())
	}
}

// inClass holds a status against those that go with what an answer says; with what
// is not documented any goes.
func (f *findings) inClass(rule *openapi.Rule, status, says string, known []string) {
	if len(known) > 0 && !slices.Contains(known, status) {
		f.duty(rule, report.Difference{
			Pointer: "/status", Kind: "changed", Want: strings.Join(known, " or ") + " with " + says, Got: status,
		})
	}
}

// statuses lists statuses as a person says them.
func statuses(list []int) string {
	words := make([]string, len(list))
	for i, status := range list {
		words[i] = strconv.Itoa(status)
	}
	return strings.Join(words, " or ")
}

// identified holds the identifier of a refusal in its header against the one in
// its body: clients show the header.
func (j *judge) identified(f *findings, a *answer, body any) {
	e := j.doc.Errors
	if e.Header == "" {
		return
	}
	header := a.header.Get(e.Header)
	inBody, _ := lookup(body, e.ID).(string)
	d := report.Difference{Pointer: "/headers/" + http.CanonicalHeaderKey(e.Header), Kind: "changed", Got: header, Want: "an identifier"}
	switch {
	case header == "":
		d.Kind = "missing"
	case inBody == "" || inBody == header:
		return
	default:
		d.Want = inBody
	}
	f.duty(e.Identified, d)
}

// named holds the sentence of a refusal against the members that it is about, one
// of which it names.
func (j *judge) named(f *findings, sentence, at string, fields []string) {
	if sentence == "" || len(fields) == 0 || j.doc.Errors.Names == nil {
		return
	}
	d := report.Difference{Pointer: "/body" + at, Kind: "rule", Want: encode(fields[0]), Got: encode(sentence)}
	named := map[string]bool{}
	for _, word := range strings.FieldsFunc(sentence, notOfName) {
		if j.members[word] {
			named[word] = true
		}
	}
	switch {
	case len(named) > mostNamed:
		d.Why = fmt.Sprintf("%s, and not %d of them", j.doc.Errors.Names.Message, len(named))
	case slices.ContainsFunc(fields, func(field string) bool { return strings.Contains(sentence, field) }):
		return
	}
	f.duty(j.doc.Errors.Names, d)
}
