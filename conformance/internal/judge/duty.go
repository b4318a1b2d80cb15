package judge

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
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
	Cite(&d, rule)
	f.Duties = append(f.Duties, d)
}

// contentType judges the header fields that say how to read the body.
func (j *Judge) contentType(f *findings, rule *openapi.Rule, a *client.Answer) {
	contentType := a.Header.Get("Content-Type")
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
	if e := j.Doc.Errors; e != nil && e.Header != "" {
		names = append(names, http.CanonicalHeaderKey(e.Header))
	}
	for _, name := range names {
		if values := a.Header.Values(name); len(values) > 1 {
			f.duty(rule, report.Difference{
				Pointer: "/headers/" + name, Kind: "changed", Want: "one field", Got: excerpt.JSON(values),
				Why: "which of several fields counts is left to chance",
			})
		}
	}
}

// skew is how far the clock of a target may be from the one here.
// source: SDK, core/auth/signer; the gateway takes signatures that are this old
const skew = 15 * time.Minute

// Moment is the time that an answer says it is, and when it came.
type Moment struct {
	Rule    *openapi.Rule
	Pointer string
	Text    string
	At      time.Time
}

// clock holds the members of an answer that are the time of the request against
// the exchange.
func (j *Judge) clock(f *findings, body any, leaves []string, a *client.Answer) {
	for _, pointer := range leaves {
		member := openapi.Member(j.Schema, pointer)
		if member == nil {
			continue
		}
		rule := j.Doc.Keyword(member.Value, "x-clock", "")
		if rule == nil {
			continue
		}
		text, _ := match.At(body, pointer).(string)
		said, err := time.Parse(time.RFC3339, text)
		if err != nil || a.At.IsZero() {
			continue // a rule says what is wrong with a text that is no time, and an exchange may be without its time
		}
		f.Moments = append(f.Moments, Moment{rule, pointer, standFor(text), a.At})
		if said.Before(a.At.Add(-skew)) || said.After(a.At.Add(skew)) {
			f.duty(rule, report.Difference{
				Pointer: "/body" + pointer, Kind: "rule", Got: excerpt.JSON(text), Want: excerpt.JSON(a.At.UTC().Format(time.RFC3339)),
			})
		}
	}
}

// refusalDuties judges how an answer refuses: its status, its header fields, the
// shape of its body, and whether it says what is wrong. The page has no error
// side, so that nothing of it decides whether the request was refused.
func (j *Judge) refusalDuties(f *findings, c suite.Case, a *client.Answer, body any, readable error) {
	e := j.Doc.Errors
	if e == nil || c.Wire.Outside() {
		return
	}
	if !c.Accepted() && !slices.Contains(c.Statuses, a.Status) {
		f.duty(e.Status, report.Difference{Pointer: "/status", Kind: "changed", Want: statuses(c.Statuses), Got: strconv.Itoa(a.Status)})
	}
	j.contentType(f, e.Content, a)
	j.identified(f, a, body)
	if readable != nil {
		f.duty(e.Content, report.Difference{
			Pointer: "/body", Kind: "changed", Want: "JSON", Got: j.begins(a), Why: "a refusal is JSON: " + readable.Error(),
		})
		return
	}
	f.Unique = append(f.Unique, j.mustBeNew(j.refusal, body, match.Leaves(body), a)...)
	for _, v := range j.Doc.CheckResponse(j.Op, j.refusalStatus, openapi.Exchange{Response: body}) {
		d := report.Difference{Pointer: "/body" + v.Pointer, Kind: "rule", Why: v.Message}
		if got := match.At(body, v.Pointer); got != nil {
			d.Got = excerpt.JSON(got)
		}
		f.duty(v.Rule, d)
	}
	code, sentence, at := e.Said(body)
	status := strconv.Itoa(a.Status)
	f.inClass(e.InClass, status, excerpt.JSON(sentence), e.StatusOfWords(sentence))
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
func (j *Judge) identified(f *findings, a *client.Answer, body any) {
	e := j.Doc.Errors
	if e.Header == "" {
		return
	}
	header := a.Header.Get(e.Header)
	inBody, _ := match.At(body, e.ID).(string)
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
func (j *Judge) named(f *findings, sentence, at string, fields []string) {
	if sentence == "" || len(fields) == 0 || j.Doc.Errors.Names == nil {
		return
	}
	d := report.Difference{Pointer: "/body" + at, Kind: "rule", Want: excerpt.JSON(fields[0]), Got: excerpt.JSON(sentence)}
	named := map[string]bool{}
	for _, word := range strings.FieldsFunc(sentence, notOfName) {
		if j.members[word] {
			named[word] = true
		}
	}
	switch {
	case len(named) > mostNamed:
		d.Why = fmt.Sprintf("%s, and not %d of them", j.Doc.Errors.Names.Message, len(named))
	case slices.ContainsFunc(fields, func(field string) bool { return strings.Contains(sentence, field) }):
		return
	}
	f.duty(j.Doc.Errors.Names, d)
}

// mostBrokenDuties is the number of ways in which one answer is said to break a
// rule.
const mostBrokenDuties = 2

// fewOfEach returns the first few differences of each rule.
func fewOfEach(duties []report.Difference) []report.Difference {
	seen := map[string]int{}
	return slices.DeleteFunc(duties, func(d report.Difference) bool {
		seen[d.Rule]++
		return seen[d.Rule] > mostBrokenDuties
	})
}
