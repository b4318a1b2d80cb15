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

// A duty is an obligation of every answer, whatever the request: see [openapi.Duty].
// It has a case of its own, which sends nothing. An answer that breaks a duty is
// reported there, once, and fails no other case: a wrong content type would fail all
// of them otherwise.

// addDuty adds a broken duty. A rule that the document lacks demands nothing.
func (f *Findings) addDuty(rule *openapi.Rule, d report.Difference) {
	if rule == nil {
		return
	}
	Cite(&d, rule)
	f.Duties = append(f.Duties, d)
}

// judgeContentType judges the header fields that say how to read the body.
func (j *Judge) judgeContentType(f *Findings, rule *openapi.Rule, a *client.Answer) {
	contentType := a.Header.Get("Content-Type")
	media, parameters, err := mime.ParseMediaType(contentType)
	charset := parameters["charset"]
	if err != nil || media != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") {
		d := report.Difference{Pointer: "/headers/Content-Type", Kind: "changed", Want: "application/json", Got: contentType}
		if contentType == "" {
			d.Kind = "missing"
		}
		f.addDuty(rule, d)
	}
	names := []string{"Content-Type"}
	if e := j.Doc.Errors; e != nil && e.Header != "" {
		names = append(names, http.CanonicalHeaderKey(e.Header))
	}
	for _, name := range names {
		if values := a.Header.Values(name); len(values) > 1 {
			f.addDuty(rule, report.Difference{
				Pointer: "/headers/" + name, Kind: "changed", Want: "one field", Got: excerpt.JSON(values),
				Why: "which of several fields counts is left to chance",
			})
		}
	}
}

// skew is how far the clock of a target may be from the one here.
// source: SDK, core/auth/signer; the gateway takes signatures that are this old
const skew = 15 * time.Minute

// Moment is the time that an answer states, and when the answer came.
type Moment struct {
	Rule    *openapi.Rule
	Pointer string
	Text    string
	At      time.Time
}

// judgeClock compares the members that state the time of the request with the time of
// the exchange.
func (j *Judge) judgeClock(f *Findings, body any, leaves []string, a *client.Answer) {
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
			continue // another rule judges a malformed time, and a recorded exchange may lack its own
		}
		f.Moments = append(f.Moments, Moment{rule, pointer, abbreviate(text), a.At})
		if said.Before(a.At.Add(-skew)) || said.After(a.At.Add(skew)) {
			f.addDuty(rule, report.Difference{
				Pointer: "/body" + pointer, Kind: "rule", Got: excerpt.JSON(text), Want: excerpt.JSON(a.At.UTC().Format(time.RFC3339)),
			})
		}
	}
}

// judgeRefusal judges how an answer refuses: its status, its header fields, the shape
// of its body, and whether it says what is wrong. All of this is a duty: see
// [Judge.JudgeAnswer].
func (j *Judge) judgeRefusal(f *Findings, c suite.Case, a *client.Answer, body any, readable error) {
	e := j.Doc.Errors
	if e == nil || c.Wire.Outside() {
		return
	}
	if !c.Accepted() && !slices.Contains(c.Statuses, a.Status) {
		f.addDuty(e.Status, report.Difference{Pointer: "/status", Kind: "changed", Want: joinStatuses(c.Statuses), Got: strconv.Itoa(a.Status)})
	}
	j.judgeContentType(f, e.Content, a)
	j.judgeIdentifier(f, a, body)
	if readable != nil {
		f.addDuty(e.Content, report.Difference{
			Pointer: "/body", Kind: "changed", Want: "JSON", Got: j.excerptBody(a), Why: "a refusal is JSON: " + readable.Error(),
		})
		return
	}
	f.Unique = append(f.Unique, j.uniqueValues(j.refusal, body, match.Leaves(body), a)...)
	for _, v := range j.Doc.CheckResponse(j.Op, j.refusalStatus, openapi.Exchange{Response: body}) {
		d := report.Difference{Pointer: "/body" + v.Pointer, Kind: "rule", Why: v.Message}
		if got := match.At(body, v.Pointer); got != nil {
			d.Got = excerpt.JSON(got)
		}
		f.addDuty(v.Rule, d)
	}
	code, sentence, at := e.Said(body)
	status := strconv.Itoa(a.Status)
	f.checkClass(e.InClass, status, excerpt.JSON(sentence), e.StatusOfWords(sentence))
	if e.Codes[status] != nil {
		f.checkClass(e.InClass, status, code, e.StatusOf(code))
	}
	if fields := j.fields[c.Rule]; fields != nil && !c.Accepted() {
		j.judgeNaming(f, sentence, at, fields())
	}
}

// checkClass compares a status with the statuses that the document lists for what the
// answer says. If it lists none, any status is right.
func (f *Findings) checkClass(rule *openapi.Rule, status, says string, documented []string) {
	if len(documented) > 0 && !slices.Contains(documented, status) {
		f.addDuty(rule, report.Difference{
			Pointer: "/status", Kind: "changed", Want: strings.Join(documented, " or ") + " with " + says, Got: status,
		})
	}
}

// joinStatuses lists statuses in words.
func joinStatuses(list []int) string {
	words := make([]string, len(list))
	for i, status := range list {
		words[i] = strconv.Itoa(status)
	}
	return strings.Join(words, " or ")
}

// judgeIdentifier compares the identifier of a refusal in its header with the one in its
// body: clients show the header.
func (j *Judge) judgeIdentifier(f *Findings, a *client.Answer, body any) {
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
	f.addDuty(e.Identified, d)
}

// judgeNaming checks that the sentence of a refusal names one of the members that the
// case is about.
func (j *Judge) judgeNaming(f *Findings, sentence, at string, fields []string) {
	if sentence == "" || len(fields) == 0 || j.Doc.Errors.Names == nil {
		return
	}
	d := report.Difference{Pointer: "/body" + at, Kind: "rule", Want: excerpt.JSON(fields[0]), Got: excerpt.JSON(sentence)}
	named := map[string]bool{}
	for _, word := range strings.FieldsFunc(sentence, isNotInName) {
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
	f.addDuty(j.Doc.Errors.Names, d)
}

// mostBrokenDuties is the number of differences that one answer reports for one duty.
const mostBrokenDuties = 2

// limitEach keeps the first few differences of each rule.
func limitEach(duties []report.Difference) []report.Difference {
	seen := map[string]int{}
	return slices.DeleteFunc(duties, func(d report.Difference) bool {
		seen[d.Rule]++
		return seen[d.Rule] > mostBrokenDuties
	})
}
