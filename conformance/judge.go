package conformance

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// judge holds answers against golden files and rules. It is safe for
// concurrent use.
type judge struct {
	doc     *openapi.Document
	op      openapi.Operation
	success int                               // status of the answer to an accepted request
	schema  *openapi3.SchemaRef               // of that answer; nil if it has no body
	members map[string]bool                   // that a request may have, by name
	secret  *openapi.Rule                     // that no answer repeats what is secret in a request; nil if nothing is
	fields  map[*openapi.Rule]func() []string // see fieldsOf, which walks the schema: few rules are asked for
	objects map[string]*openapi3.Schema       // that the answer to an accepted request shows, by place
	masker  *masker                           // of what it returns; nil masks nothing

	content       *openapi.Rule       // that the answer to an accepted request is JSON
	refusal       *openapi3.SchemaRef // of the answer that refuses; nil if none is documented
	refusalStatus int                 // of that answer

	key   string // the pre-shared key of the run
	known finder // of it and the credentials, which no answer may repeat
}

func newJudge(doc *openapi.Document, op openapi.Operation, c *client) *judge {
	j := &judge{
		doc: doc, op: op, success: op.Success(), schema: op.Answer(op.Success()), members: map[string]bool{}, fields: map[*openapi.Rule]func() []string{}, masker: &masker{c.hidden}, key: c.psk, known: c.hidden,
		content: doc.Rule(fmt.Sprintf("%s.responses.%d.content", op.OperationID, op.Success())),
	}
	_, j.secret = doc.Secret(op)
	namesIn(op.JSON(), j.members)
	for _, r := range doc.Rules {
		j.fields[r] = sync.OnceValue(func() []string { return fieldsOf(op, r) })
	}
	j.objects = objectsOf(j.schema)
	for status := http.StatusBadRequest; status < 500 && j.refusal == nil; status++ {
		j.refusal, j.refusalStatus = op.Answer(status), status
	}
	return j
}

// findings are what is found of one answer.
type findings struct {
	differences []report.Difference
	notes       []report.Difference
	duties      []report.Difference // that it breaks
	moreNotes   int                 // that are not listed
	members     report.Members
	unique      []unique
	moments     []moment
	kind        openapi.Duty // whose duties were judged; empty for an answer of neither kind
}

// judge compares an answer with what the case expects. Secrets are masked in
// everything it returns.
//
// The status decides first. Of a request that is to be refused, no more is asked
// than that it was not carried out: a status of 4xx, nothing created, nothing
// leaked. How an answer refuses is a duty, which fails no case.
func (j *judge) judge(c suite.Case, bound suite.Bound, a *answer) findings {
	var f findings
	body, readable := j.read(a)
	switch accepted, refused := a.status == j.success, a.refuses(); {
	case accepted && (c.Accepted() || c.Open):
		f.kind = openapi.OfSuccess
		if j.schema == nil {
			j.withoutBody(&f, bound, a)
			break
		}
		j.contentType(&f, j.content, a)
		if readable != nil {
			f.add(j.unreadable(a, readable), j.content)
			break
		}
		j.body(&f, c, bound, body, a)
	case refused && (!c.Accepted() || c.Open):
		if !c.Wire.Outside() {
			f.kind = openapi.OfRefusal
		}
		j.createdNothing(&f, c, body)
		j.refusalDuties(&f, c, a, body, readable)
		if c.Wire.Elsewhere() && !slices.Contains(c.Statuses, a.status) {
			j.status(&f, c, a)
		}
	case c.Wire.Elsewhere() && slices.Contains(c.Statuses, a.status): // a router sends it to the path that there is
	default:
		j.status(&f, c, a)
		if refused {
			j.refusalDuties(&f, c, a, body, readable)
		}
	}
	for _, list := range [][]report.Difference{f.differences, f.notes} {
		for i := range list {
			list[i].Level = lower(list[i].Level, c.Level)
		}
	}
	f.notes = append(slices.Clone(a.odd), f.notes...)
	f.duties = fewOfEach(f.duties)
	j.leaks(&f, a, bound.Key) // which bind whatever the case shows
	slices.SortStableFunc(f.differences, func(a, b report.Difference) int { return order(a) - order(b) })
	for _, list := range [][]report.Difference{f.differences, f.notes, f.duties} {
		for i := range list {
			d := &list[i]
			d.Pointer, d.Got, d.Why = j.masker.mask(d.Pointer), j.masker.maskGot(d), j.masker.mask(d.Why)
			shorten(d, mostOfText)
		}
	}
	for i := range f.duties { // every answer has some, and one of each is shown
		shorten(&f.duties[i], mostOfText/4)
	}
	return f
}

// refuses reports whether an answer says that the request is not carried out:
// any status of the client's errors. Which one, the page does not say.
func (a *answer) refuses() bool { return a.status >= 400 && a.status < 500 }

// read decodes the body of an answer, or says why it cannot be judged.
func (j *judge) read(a *answer) (any, error) {
	if a.truncated {
		return nil, errors.New("an answer of this operation has a few kilobytes; the rest was not read")
	}
	if a.coding != "" {
		return nil, fmt.Errorf("the coding %q was not asked for, and is not known here", a.coding)
	}
	body, err := match.Decode(a.body)
	if err == nil {
		err = tooLarge(a.body)
	}
	if err != nil {
		return nil, err
	}
	return body, nil
}

// lower returns the level that binds less.
func lower(a, b string) string {
	if rank(a) > rank(b) && a != "" {
		return a
	}
	return b
}

// status says that the status is not what the case asks.
func (j *judge) status(f *findings, c suite.Case, a *answer) {
	want := "4xx: refused"
	switch {
	case c.Open:
		want = fmt.Sprintf("%d or 4xx", j.success)
	case c.Accepted(), c.Wire.Elsewhere():
		want = statuses(c.Statuses)
	}
	d := report.Difference{
		Pointer: "/status", Kind: "changed", Want: want, Got: strconv.Itoa(a.status) + said(j.doc.Errors, a.body),
		Why: c.Title, Level: c.Level, Source: c.Source, Errata: c.Errata,
	}
	if location := a.header.Get("Location"); location != "" {
		d.Got += " to " + location + ", which was not followed"
	}
	rule := c.Rule
	if c.Accepted() && c.Rule == nil {
		d.Why, rule = "", j.doc.Rule(fmt.Sprintf("%s.responses.%d", j.op.OperationID, j.success))
	}
	f.add(d, rule)
}

// body judges the members of the body.
func (j *judge) body(f *findings, c suite.Case, bound suite.Bound, body any, a *answer) {
	plain, notations := j.normalize(body, bound.Request)
	comparison := j.compare(bound, plain)
	for _, d := range comparison.Differences {
		if d.Kind == match.Unexpected || d.Kind == match.Missing && j.marked(d.Pointer, "x-server-assigned") {
			continue // a schema or a rule says whether it has to be there
		}
		f.add(report.Difference{
			Pointer: "/body" + d.Pointer, Kind: string(d.Kind), Want: encode(d.Want), Got: gotText(d),
			Why: "the documented answer to this request", Level: c.Level, Source: c.Source, Errata: c.Errata,
		}, nil)
	}
	j.rules(f, bound, plain, a)
	f.differences = append(f.differences, notations...)
	leaves := match.Leaves(plain)
	j.clock(f, plain, leaves, a)
	if j.op.Method == http.MethodPost { // others show again what there is
		f.unique = j.mustBeNew(j.schema, plain, leaves, a)
	}
	f.members = j.count(comparison, len(leaves))
	for _, d := range notations {
		if d.Got == "null" { // which is not in the plain body
			f.members.BySchema++
		}
	}
	for _, pointer := range comparison.Beyond {
		switch {
		case openapi.Member(j.schema, pointer) != nil:
		case len(f.notes) == mostNotes:
			f.moreNotes++
		default:
			f.notes = append(f.notes, report.Difference{
				Pointer: "/body" + pointer, Kind: "unexpected", Got: encode(lookup(plain, pointer)),
				Why: "the page knows no such member", Level: string(openapi.May), Source: j.doc.Transport["distinct"],
			})
		}
	}
}

// withoutBody judges an answer that has no body to judge.
func (j *judge) withoutBody(f *findings, bound suite.Bound, a *answer) {
	if len(a.body) > 0 {
		f.add(report.Difference{
			Pointer: "/body", Kind: "unexpected", Got: j.begins(a), Want: "nothing", Why: "the answer is documented without a body",
		}, j.doc.Rule(fmt.Sprintf("%s.responses.%d", j.op.OperationID, j.success)))
	}
	j.rules(f, bound, nil, a)
}

// rules holds an answer against the rules of its schema, its header fields and the
// operation.
func (j *judge) rules(f *findings, bound suite.Bound, body any, a *answer) {
	headers := map[string]string{}
	for name := range a.header {
		headers[strings.ToLower(name)] = a.header.Get(name)
	}
	exchange := openapi.Exchange{Request: bound.Request, Response: body, Headers: headers, Parameters: bound.Parameters, Facts: bound.Facts}
	violations := append(j.doc.CheckResponse(j.op, j.success, exchange), j.shown(bound, body)...)
	slices.SortStableFunc(violations, func(a, b openapi.Violation) int { return rankOf(a) - rankOf(b) })
	for _, v := range violations {
		f.broken(v, bound.Request, body)
	}
}

// shown returns the rules of what was sent before that an answer breaks, which
// shows it: the last request whose own answer has the same schema.
func (j *judge) shown(bound suite.Bound, body any) []openapi.Violation {
	if j.op.Method != http.MethodGet {
		return nil
	}
	for _, before := range slices.Backward(bound.Before) {
		answer := before.Operation.Answer(before.Operation.Success())
		if before.Beside || answer == nil || j.schema == nil || openapi.Member(answer, "").Value != openapi.Member(j.schema, "").Value {
			continue
		}
		own := j.doc.CheckResponse(j.op, j.success, openapi.Exchange{Response: body})
		return slices.DeleteFunc(j.doc.CheckShown(before.Operation, openapi.Exchange{Request: before.Request, Response: body, Facts: bound.Facts}), func(v openapi.Violation) bool {
			return slices.ContainsFunc(own, func(o openapi.Violation) bool { return o.Rule == v.Rule && o.Pointer == v.Pointer }) // which is said already
		})
	}
	return nil
}

// compare holds the body against the golden file. Without one, the members
// that repeat what was sent are compared with that by their rules.
func (j *judge) compare(bound suite.Bound, body any) match.Comparison {
	if bound.Golden != nil {
		return match.Compare(bound.Golden, body, func(pointer string) bool { return j.marked(pointer, "x-server-assigned") })
	}
	var c match.Comparison
	for _, leaf := range match.Leaves(body) {
		if j.echoed(leaf) {
			c.ByValue = append(c.ByValue, leaf)
		} else {
			c.Beyond = append(c.Beyond, leaf)
		}
	}
	return c
}

// echoed tells whether a member, or what holds it, repeats the request.
func (j *judge) echoed(pointer string) bool {
	for ; pointer != ""; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		if s := openapi.Member(j.schema, pointer); s != nil && j.doc.Keyword(s.Value, "x-echo", "") != nil {
			return true
		}
	}
	return false
}

// rankOf puts what binds more before what binds less, so that it is what a
// difference cites.
func rankOf(v openapi.Violation) int {
	if v.Rule == nil {
		return len(levels)
	}
	return rank(string(v.Rule.Level))
}

var levels = []openapi.Level{openapi.Must, openapi.Should, openapi.May}

// rank orders the levels, the most binding first and what is none last.
func rank(level string) int {
	if i := slices.Index(levels, openapi.Level(level)); i >= 0 {
		return i
	}
	return len(levels)
}

// order puts the status line before the headers and those before the body.
func order(d report.Difference) int {
	switch {
	case d.Pointer == "/status":
		return 0
	case strings.HasPrefix(d.Pointer, "/headers/"):
		return 1
	}
	return 2
}

// count counts the leaves of the body by how they were looked at.
func (j *judge) count(comparison match.Comparison, leaves int) report.Members {
	m := report.Members{ByValue: len(comparison.ByValue)}
	for _, pointer := range comparison.Chosen {
		if j.doc.Judged(j.op, pointer) || j.marked(pointer, "x-unique") {
			m.ByRule++
		} else {
			m.BySchema++
		}
	}
	for _, pointer := range comparison.Beyond {
		switch {
		case openapi.Member(j.schema, pointer) == nil:
			m.Noted++
		case j.doc.Judged(j.op, pointer) || j.marked(pointer, "x-unique"):
			m.ByRule++
		default:
			m.BySchema++
		}
	}
	m.NotLookedAt = leaves - m.Total()
	return m
}

// marked tells whether the member that a pointer leads to has an extension.
func (j *judge) marked(pointer, extension string) bool {
	s := openapi.Member(j.schema, pointer)
	if s == nil {
		return false
	}
	is, _ := s.Value.Extensions[extension].(bool)
	return is
}

// add adds a difference, which a rule asks if it is not nil.
func (f *findings) add(d report.Difference, rule *openapi.Rule) {
	if rule != nil {
		cite(&d, rule)
	}
	f.differences = append(f.differences, d)
}

// broken adds a broken rule; where the golden file differs at the same place,
// the difference gets the rule as its reason. A duty stands apart.
func (f *findings) broken(v openapi.Violation, request, body any) {
	pointer := "/body" + v.Pointer
	d := report.Difference{Pointer: pointer, Kind: "rule", Why: v.Message, Want: wanted(v, request)}
	if v.Header != "" {
		pointer = "/headers/" + http.CanonicalHeaderKey(v.Header)
		d.Pointer = pointer
	} else if got := lookup(body, v.Pointer); got != nil {
		d.Got = encode(got)
	}
	if v.Rule != nil && v.Rule.Duty != "" {
		f.duty(v.Rule, d)
		return
	}
	for i := range f.differences {
		if d := &f.differences[i]; d.Pointer == pointer {
			switch {
			case v.Rule != nil && d.Rule == "":
				d.Why = v.Message
				cite(d, v.Rule)
			case v.Rule != nil && d.Rule != v.Rule.ID:
				d.Also = append(d.Also, v.Rule.ID)
			}
			return
		}
	}
	f.add(d, v.Rule)
}
