package judge

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// Judge holds answers against golden files and rules. It is safe for
// concurrent use.
type Judge struct {
	Doc     *openapi.Document
	Op      openapi.Operation
	Success int                               // status of the answer to an accepted request
	Schema  *openapi3.SchemaRef               // of that answer; nil if it has no body
	members map[string]bool                   // that a request may have, by name
	secret  *openapi.Rule                     // that no answer repeats what is secret in a request; nil if nothing is
	fields  map[*openapi.Rule]func() []string // see fieldsOf, which walks the schema: few rules are asked for
	objects map[string]*openapi3.Schema       // that the answer to an accepted request shows, by place
	Masker  *masker                           // of what it returns; nil masks nothing

	content       *openapi.Rule       // that the answer to an accepted request is JSON
	refusal       *openapi3.SchemaRef // of the answer that refuses; nil if none is documented
	refusalStatus int                 // of that answer

	Key   string        // the pre-shared key of the run
	Known client.Finder // of it and the credentials, which no answer may repeat
}

func New(doc *openapi.Document, op openapi.Operation, c *client.Client) *Judge {
	j := &Judge{
		Doc: doc, Op: op, Success: op.Success(), Schema: op.Answer(op.Success()), members: map[string]bool{}, fields: map[*openapi.Rule]func() []string{}, Masker: &masker{c.Hidden}, Key: c.Psk, Known: c.Hidden,
		content: doc.Rule(fmt.Sprintf("%s.responses.%d.content", op.OperationID, op.Success())),
	}
	_, j.secret = doc.Secret(op)
	namesIn(op.JSON(), j.members)
	for _, r := range doc.Rules {
		j.fields[r] = sync.OnceValue(func() []string { return fieldsOf(op, r) })
	}
	j.objects = objectsOf(j.Schema)
	for status := http.StatusBadRequest; status < 500 && j.refusal == nil; status++ {
		j.refusal, j.refusalStatus = op.Answer(status), status
	}
	return j
}

// findings are what is found of one answer.
type findings struct {
	Differences []report.Difference
	Notes       []report.Difference
	Duties      []report.Difference // that it breaks
	MoreNotes   int                 // that are not listed
	Members     report.Members
	Unique      []Unique
	Moments     []Moment
	Kind        openapi.Duty // whose duties were judged; empty for an answer of neither kind
}

// JudgeAnswer compares an answer with what the case expects. Secrets are masked in
// everything it returns.
//
// The status decides first. Of a request that is to be refused, no more is asked
// than that it was not carried out: a status of 4xx, nothing created, nothing
// leaked. How an answer refuses is a duty, which fails no case.
func (j *Judge) JudgeAnswer(c suite.Case, bound suite.Bound, a *client.Answer) findings {
	var f findings
	body, readable := j.read(a)
	switch accepted, refused := a.Status == j.Success, a.Refuses(); {
	case accepted && (c.Accepted() || c.Open):
		f.Kind = openapi.OfSuccess
		if j.Schema == nil {
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
			f.Kind = openapi.OfRefusal
		}
		j.createdNothing(&f, c, body)
		j.refusalDuties(&f, c, a, body, readable)
		if c.Wire.Elsewhere() && !slices.Contains(c.Statuses, a.Status) {
			j.status(&f, c, a)
		}
	case c.Wire.Elsewhere() && slices.Contains(c.Statuses, a.Status): // a router sends it to the path that there is
	default:
		j.status(&f, c, a)
		if refused {
			j.refusalDuties(&f, c, a, body, readable)
		}
	}
	for _, list := range [][]report.Difference{f.Differences, f.Notes} {
		for i := range list {
			list[i].Level = lower(list[i].Level, c.Level)
		}
	}
	f.Notes = append(slices.Clone(a.Odd), f.Notes...)
	f.Duties = fewOfEach(f.Duties)
	j.leaks(&f, a, bound.Key) // which bind whatever the case shows
	slices.SortStableFunc(f.Differences, func(a, b report.Difference) int { return order(a) - order(b) })
	for _, list := range [][]report.Difference{f.Differences, f.Notes, f.Duties} {
		for i := range list {
			d := &list[i]
			d.Pointer, d.Got, d.Why = j.Masker.Mask(d.Pointer), j.Masker.maskGot(d), j.Masker.Mask(d.Why)
			excerpt.Difference(d, excerpt.Most)
		}
	}
	for i := range f.Duties { // every answer has some, and one of each is shown
		excerpt.Difference(&f.Duties[i], excerpt.Most/4)
	}
	return f
}

// read decodes the body of an answer, or says why it cannot be judged.
func (j *Judge) read(a *client.Answer) (any, error) {
	if a.Truncated {
		return nil, errors.New("an answer of this operation has a few kilobytes; the rest was not read")
	}
	if a.Coding != "" {
		return nil, fmt.Errorf("the coding %q was not asked for, and is not known here", a.Coding)
	}
	body, err := match.Decode(a.Body)
	if err == nil {
		err = TooLarge(a.Body)
	}
	if err != nil {
		return nil, err
	}
	return body, nil
}

// lower returns the level that binds less.
func lower(a, b string) string {
	if Rank(a) > Rank(b) && a != "" {
		return a
	}
	return b
}

// status says that the status is not what the case asks.
func (j *Judge) status(f *findings, c suite.Case, a *client.Answer) {
	want := "4xx: refused"
	switch {
	case c.Open:
		want = fmt.Sprintf("%d or 4xx", j.Success)
	case c.Accepted(), c.Wire.Elsewhere():
		want = statuses(c.Statuses)
	}
	d := report.Difference{
		Pointer: "/status", Kind: "changed", Want: want, Got: strconv.Itoa(a.Status) + client.Said(j.Doc.Errors, a.Body),
		Why: c.Title, Level: c.Level, Source: c.Source, Errata: c.Errata,
	}
	if location := a.Header.Get("Location"); location != "" {
		d.Got += " to " + location + ", which was not followed"
	}
	rule := c.Rule
	if c.Accepted() && c.Rule == nil {
		d.Why, rule = "", j.Doc.Rule(fmt.Sprintf("%s.responses.%d", j.Op.OperationID, j.Success))
	}
	f.add(d, rule)
}

// body judges the members of the body.
func (j *Judge) body(f *findings, c suite.Case, bound suite.Bound, body any, a *client.Answer) {
	plain, notations := j.normalize(body, bound.Request)
	comparison := j.compare(bound, plain)
	for _, d := range comparison.Differences {
		if d.Kind == match.Unexpected || d.Kind == match.Missing && j.marked(d.Pointer, "x-server-assigned") {
			continue // a schema or a rule says whether it has to be there
		}
		f.add(report.Difference{
			Pointer: "/body" + d.Pointer, Kind: string(d.Kind), Want: excerpt.JSON(d.Want), Got: GotText(d),
			Why: "the documented answer to this request", Level: c.Level, Source: c.Source, Errata: c.Errata,
		}, nil)
	}
	j.rules(f, bound, plain, a)
	f.Differences = append(f.Differences, notations...)
	leaves := match.Leaves(plain)
	j.clock(f, plain, leaves, a)
	if j.Op.Method == http.MethodPost { // others show again what there is
		f.Unique = j.mustBeNew(j.Schema, plain, leaves, a)
	}
	f.Members = j.count(comparison, len(leaves))
	for _, d := range notations {
		if d.Got == "null" { // which is not in the plain body
			f.Members.BySchema++
		}
	}
	for _, pointer := range comparison.Beyond {
		switch {
		case openapi.Member(j.Schema, pointer) != nil:
		case len(f.Notes) == MostNotes:
			f.MoreNotes++
		default:
			f.Notes = append(f.Notes, report.Difference{
				Pointer: "/body" + pointer, Kind: "unexpected", Got: excerpt.JSON(match.At(plain, pointer)),
				Why: "the page knows no such member", Level: string(openapi.May), Source: j.Doc.Transport["distinct"],
			})
		}
	}
}

// withoutBody judges an answer that has no body to judge.
func (j *Judge) withoutBody(f *findings, bound suite.Bound, a *client.Answer) {
	if len(a.Body) > 0 {
		f.add(report.Difference{
			Pointer: "/body", Kind: "unexpected", Got: j.begins(a), Want: "nothing", Why: "the answer is documented without a body",
		}, j.Doc.Rule(fmt.Sprintf("%s.responses.%d", j.Op.OperationID, j.Success)))
	}
	j.rules(f, bound, nil, a)
}

// rules holds an answer against the rules of its schema, its header fields and the
// operation.
func (j *Judge) rules(f *findings, bound suite.Bound, body any, a *client.Answer) {
	headers := map[string]string{}
	for name := range a.Header {
		headers[strings.ToLower(name)] = a.Header.Get(name)
	}
	exchange := openapi.Exchange{Request: bound.Request, Response: body, Headers: headers, Parameters: bound.Parameters, Facts: bound.Facts}
	violations := append(j.Doc.CheckResponse(j.Op, j.Success, exchange), j.shown(bound, body)...)
	slices.SortStableFunc(violations, func(a, b openapi.Violation) int { return rankOf(a) - rankOf(b) })
	for _, v := range violations {
		f.broken(v, bound.Request, body)
	}
}

// shown returns the rules of what was sent before that an answer breaks, which
// shows it: the last request whose own answer has the same schema.
func (j *Judge) shown(bound suite.Bound, body any) []openapi.Violation {
	if j.Op.Method != http.MethodGet {
		return nil
	}
	for _, before := range slices.Backward(bound.Before) {
		answer := before.Operation.Answer(before.Operation.Success())
		if before.Beside || answer == nil || j.Schema == nil || openapi.Member(answer, "").Value != openapi.Member(j.Schema, "").Value {
			continue
		}
		own := j.Doc.CheckResponse(j.Op, j.Success, openapi.Exchange{Response: body})
		return slices.DeleteFunc(j.Doc.CheckShown(before.Operation, openapi.Exchange{Request: before.Request, Response: body, Facts: bound.Facts}), func(v openapi.Violation) bool {
			return slices.ContainsFunc(own, func(o openapi.Violation) bool { return o.Rule == v.Rule && o.Pointer == v.Pointer }) // which is said already
		})
	}
	return nil
}

// compare holds the body against the golden file. Without one, the members
// that repeat what was sent are compared with that by their rules.
func (j *Judge) compare(bound suite.Bound, body any) match.Comparison {
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
func (j *Judge) echoed(pointer string) bool {
	for ; pointer != ""; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		if s := openapi.Member(j.Schema, pointer); s != nil && j.Doc.Keyword(s.Value, "x-echo", "") != nil {
			return true
		}
	}
	return false
}

// rankOf puts what binds more before what binds less, so that it is what a
// difference cites.
func rankOf(v openapi.Violation) int {
	if v.Rule == nil {
		return len(Levels)
	}
	return Rank(string(v.Rule.Level))
}

var Levels = []openapi.Level{openapi.Must, openapi.Should, openapi.May}

// Rank orders the levels, the most binding first and what is none last.
func Rank(level string) int {
	if i := slices.Index(Levels, openapi.Level(level)); i >= 0 {
		return i
	}
	return len(Levels)
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
func (j *Judge) count(comparison match.Comparison, leaves int) report.Members {
	m := report.Members{ByValue: len(comparison.ByValue)}
	for _, pointer := range comparison.Chosen {
		if j.Doc.Judged(j.Op, pointer) || j.marked(pointer, "x-unique") {
			m.ByRule++
		} else {
			m.BySchema++
		}
	}
	for _, pointer := range comparison.Beyond {
		switch {
		case openapi.Member(j.Schema, pointer) == nil:
			m.Noted++
		case j.Doc.Judged(j.Op, pointer) || j.marked(pointer, "x-unique"):
			m.ByRule++
		default:
			m.BySchema++
		}
	}
	m.NotLookedAt = leaves - m.Total()
	return m
}

// marked tells whether the member that a pointer leads to has an extension.
func (j *Judge) marked(pointer, extension string) bool {
	s := openapi.Member(j.Schema, pointer)
	if s == nil {
		return false
	}
	is, _ := s.Value.Extensions[extension].(bool)
	return is
}

// add adds a difference, which a rule asks if it is not nil.
func (f *findings) add(d report.Difference, rule *openapi.Rule) {
	if rule != nil {
		Cite(&d, rule)
	}
	f.Differences = append(f.Differences, d)
}

// broken adds a broken rule; where the golden file differs at the same place,
// the difference gets the rule as its reason. A duty stands apart.
func (f *findings) broken(v openapi.Violation, request, body any) {
	pointer := "/body" + v.Pointer
	d := report.Difference{Pointer: pointer, Kind: "rule", Why: v.Message, Want: wanted(v, request)}
	if v.Header != "" {
		pointer = "/headers/" + http.CanonicalHeaderKey(v.Header)
		d.Pointer = pointer
	} else if got := match.At(body, v.Pointer); got != nil {
		d.Got = excerpt.JSON(got)
	}
	if v.Rule != nil && v.Rule.Duty != "" {
		f.duty(v.Rule, d)
		return
	}
	for i := range f.Differences {
		if d := &f.Differences[i]; d.Pointer == pointer {
			switch {
			case v.Rule != nil && d.Rule == "":
				d.Why = v.Message
				Cite(d, v.Rule)
			case v.Rule != nil && d.Rule != v.Rule.ID:
				d.Also = append(d.Also, v.Rule.ID)
			}
			return
		}
	}
	f.add(d, v.Rule)
}

// MostNotes is the number of notes of a case.
const MostNotes = 8
