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

// Judge compares answers of one operation with golden files and rules. It is safe for
// concurrent use.
type Judge struct {
	Doc     *openapi.Document
	Op      openapi.Operation
	Success int                               // status of the answer to an accepted request
	Schema  *openapi3.SchemaRef               // schema of that answer; nil if it has no body
	members map[string]bool                   // names of the members that a request may have
	secret  *openapi.Rule                     // no answer repeats the secret of a request; nil if the document has no secret
	fields  map[*openapi.Rule]func() []string // see fieldsOf; lazy, because it walks the schema and few rules need it
	objects map[string]*openapi3.Schema       // objects in the answer to an accepted request, by place
	Masker  *Masker                           // masks everything that is returned; nil masks nothing

	content       *openapi.Rule       // the answer to an accepted request is JSON
	refusal       *openapi3.SchemaRef // schema of an answer that refuses; nil if none is documented
	refusalStatus int                 // status of that answer

	Key    string        // the pre-shared key of the run
	Finder client.Finder // finds the key and the credentials, which no answer may repeat
}

// New returns the judge of an operation. The client's secrets are masked.
func New(doc *openapi.Document, op openapi.Operation, c *client.Client) *Judge {
	j := &Judge{
		Doc: doc, Op: op, Success: op.Success(), Schema: op.Answer(op.Success()),
		members: map[string]bool{}, fields: map[*openapi.Rule]func() []string{},
		content: doc.Rule(fmt.Sprintf("%s.responses.%d.content", op.OperationID, op.Success())),
		Masker:  &Masker{c.SecretSet}, Key: c.Key, Finder: c.SecretSet,
	}
	_, j.secret = doc.Secret(op)
	collectNames(op.JSON(), j.members)
	for _, r := range doc.Rules {
		j.fields[r] = sync.OnceValue(func() []string { return fieldsOf(op, r) })
	}
	j.objects = objectsOf(j.Schema)
	for status := http.StatusBadRequest; status < 500 && j.refusal == nil; status++ {
		j.refusal, j.refusalStatus = op.Answer(status), status
	}
	return j
}

// Findings are the results of judging one answer.
type Findings struct {
	Differences []report.Difference
	Notes       []report.Difference
	Duties      []report.Difference // broken duties
	MoreNotes   int                 // number of notes that are not listed
	Members     report.Members
	Unique      []Unique
	Moments     []Moment
	Kind        openapi.Duty // kind of the duties that were judged; empty for an answer of neither kind
}

// JudgeAnswer compares an answer with the expectation of a case. Everything it returns
// is masked.
//
// The status decides first. A request that has to be refused must only not be carried
// out: status 4xx, nothing created, nothing leaked. The manner of the refusal is a
// duty, which fails no case, because the page has no error side: a faithful
// implementation that refuses in another way would fail otherwise.
func (j *Judge) JudgeAnswer(c suite.Case, bound suite.Bound, a *client.Answer) Findings {
	var f Findings
	body, readable := j.decode(a)
	switch accepted, refused := a.Status == j.Success, a.Refuses(); {
	case accepted && (c.Accepted() || c.Open):
		f.Kind = openapi.OfSuccess
		if j.Schema == nil {
			j.judgeAbsentBody(&f, bound, a)
			break
		}
		j.judgeContentType(&f, j.content, a)
		if readable != nil {
			f.add(j.unreadableBody(a, readable), j.content)
			break
		}
		j.judgeBody(&f, c, bound, body, a)
	case refused && (!c.Accepted() || c.Open):
		if !c.Wire.Outside() {
			f.Kind = openapi.OfRefusal
		}
		j.judgeNothingCreated(&f, c, body)
		j.judgeRefusal(&f, c, a, body, readable)
		if c.Wire.Elsewhere() && !slices.Contains(c.Statuses, a.Status) {
			j.addStatus(&f, c, a)
		}
	case c.Wire.Elsewhere() && slices.Contains(c.Statuses, a.Status): // a router redirects to the documented path
	default:
		j.addStatus(&f, c, a)
		if refused {
			j.judgeRefusal(&f, c, a, body, readable)
		}
	}
	for _, list := range [][]report.Difference{f.Differences, f.Notes} {
		for i := range list {
			list[i].Level = lessBinding(list[i].Level, c.Level)
		}
	}
	f.Notes = append(slices.Clone(a.Oddities), f.Notes...)
	f.Duties = limitEach(f.Duties)
	j.judgeLeaks(&f, a, bound.Key) // at their own level, whatever the case's level is
	slices.SortStableFunc(f.Differences, func(a, b report.Difference) int { return placeOrder(a) - placeOrder(b) })
	for _, list := range [][]report.Difference{f.Differences, f.Notes, f.Duties} {
		for i := range list {
			d := &list[i]
			d.Pointer, d.Got, d.Why = j.Masker.Mask(d.Pointer), j.Masker.maskGot(d), j.Masker.Mask(d.Why)
			excerpt.Difference(d, excerpt.Most)
		}
	}
	for i := range f.Duties { // a run reports one of many, so that few bytes are enough
		excerpt.Difference(&f.Duties[i], excerpt.Most/4)
	}
	return f
}

// decode decodes the body of an answer, or says why it cannot be judged.
func (j *Judge) decode(a *client.Answer) (any, error) {
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

// lessBinding returns the less binding of two levels.
func lessBinding(a, b string) string {
	if Rank(a) > Rank(b) && a != "" {
		return a
	}
	return b
}

// addStatus adds the difference of a status that the case does not expect.
func (j *Judge) addStatus(f *Findings, c suite.Case, a *client.Answer) {
	want := "4xx: refused"
	switch {
	case c.Open:
		want = fmt.Sprintf("%d or 4xx", j.Success)
	case c.Accepted(), c.Wire.Elsewhere():
		want = joinStatuses(c.Statuses)
	}
	d := report.Difference{
		Pointer: "/status", Kind: "changed", Want: want, Got: strconv.Itoa(a.Status) + client.DescribeError(j.Doc.Errors, a.Body),
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

// judgeBody judges the members of the body.
func (j *Judge) judgeBody(f *Findings, c suite.Case, bound suite.Bound, body any, a *client.Answer) {
	normal, notations := j.normalize(body, bound.Request)
	comparison := j.compare(bound, normal)
	for _, d := range comparison.Differences {
		if d.Kind == match.Unexpected || d.Kind == match.Missing && j.isMarked(d.Pointer, "x-server-assigned") {
			continue // a schema or a rule says whether it has to be there
		}
		f.add(report.Difference{
			Pointer: "/body" + d.Pointer, Kind: string(d.Kind), Want: excerpt.JSON(d.Want), Got: TextOfGot(d),
			Why: "the documented answer to this request", Level: c.Level, Source: c.Source, Errata: c.Errata,
		}, nil)
	}
	j.judgeRules(f, bound, normal, a)
	f.Differences = append(f.Differences, notations...)
	leaves := match.Leaves(normal)
	j.judgeClock(f, normal, leaves, a)
	if j.Op.Method == http.MethodPost { // other methods show existing objects again
		f.Unique = j.uniqueValues(j.Schema, normal, leaves, a)
	}
	f.Members = j.count(comparison, len(leaves))
	for _, d := range notations {
		if d.Got == "null" { // the normalized body lacks it
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
				Pointer: "/body" + pointer, Kind: "unexpected", Got: excerpt.JSON(match.At(normal, pointer)),
				Why: "the page knows no such member", Level: string(openapi.May), Source: j.Doc.Transport["distinct"],
			})
		}
	}
}

// judgeAbsentBody judges an answer that is documented without a body.
func (j *Judge) judgeAbsentBody(f *Findings, bound suite.Bound, a *client.Answer) {
	if len(a.Body) > 0 {
		f.add(report.Difference{
			Pointer: "/body", Kind: "unexpected", Got: j.excerptBody(a), Want: "nothing", Why: "the answer is documented without a body",
		}, j.Doc.Rule(fmt.Sprintf("%s.responses.%d", j.Op.OperationID, j.Success)))
	}
	j.judgeRules(f, bound, nil, a)
}

// judgeRules judges an answer by the rules of its schema, its header fields and its
// operation.
func (j *Judge) judgeRules(f *Findings, bound suite.Bound, body any, a *client.Answer) {
	headers := map[string]string{}
	for name := range a.Header {
		headers[strings.ToLower(name)] = a.Header.Get(name)
	}
	exchange := openapi.Exchange{Request: bound.Request, Response: body, Headers: headers, Parameters: bound.Parameters, Facts: bound.Facts}
	violations := append(j.Doc.CheckResponse(j.Op, j.Success, exchange), j.checkShown(bound, body)...)
	slices.SortStableFunc(violations, func(a, b openapi.Violation) int { return rankOf(a) - rankOf(b) })
	for _, v := range violations {
		f.addViolation(v, bound.Request, body)
	}
}

// checkShown returns the rules of an earlier request that this answer breaks by showing
// its object in another way: of the last request whose own answer has the same schema.
// A target could otherwise answer a creation correctly and store something else.
func (j *Judge) checkShown(bound suite.Bound, body any) []openapi.Violation {
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
			return slices.ContainsFunc(own, func(o openapi.Violation) bool { return o.Rule == v.Rule && o.Pointer == v.Pointer }) // already reported
		})
	}
	return nil
}

// compare compares the body with the golden file. Without one it only sorts the members
// into those that repeat the request, which rules compare with it, and others.
func (j *Judge) compare(bound suite.Bound, body any) match.Comparison {
	if bound.Golden != nil {
		return match.Compare(bound.Golden, body, func(pointer string) bool { return j.isMarked(pointer, "x-server-assigned") })
	}
	var c match.Comparison
	for _, leaf := range match.Leaves(body) {
		if j.isEcho(leaf) {
			c.ByValue = append(c.ByValue, leaf)
		} else {
			c.Beyond = append(c.Beyond, leaf)
		}
	}
	return c
}

// isEcho reports whether a member, or an object or list around it, repeats the request.
func (j *Judge) isEcho(pointer string) bool {
	for ; pointer != ""; pointer = pointer[:strings.LastIndexByte(pointer, '/')] {
		if s := openapi.Member(j.Schema, pointer); s != nil && j.Doc.Keyword(s.Value, "x-echo", "") != nil {
			return true
		}
	}
	return false
}

// rankOf orders violations by level, so that a difference cites the most binding rule.
func rankOf(v openapi.Violation) int {
	if v.Rule == nil {
		return len(Levels)
	}
	return Rank(string(v.Rule.Level))
}

// Levels are the levels, the most binding first.
var Levels = []openapi.Level{openapi.Must, openapi.Should, openapi.May}

// Rank orders the levels, the most binding first. A text that is no level comes last.
func Rank(level string) int {
	if i := slices.Index(Levels, openapi.Level(level)); i >= 0 {
		return i
	}
	return len(Levels)
}

// placeOrder puts the status first, then header fields, then the body.
func placeOrder(d report.Difference) int {
	switch {
	case d.Pointer == "/status":
		return 0
	case strings.HasPrefix(d.Pointer, "/headers/"):
		return 1
	}
	return 2
}

// count counts the leaves of the body by the way they were judged. A leaf that nothing
// judged is a mistake of the kit, which must not pass unnoticed.
func (j *Judge) count(comparison match.Comparison, leaves int) report.Members {
	m := report.Members{ByValue: len(comparison.ByValue)}
	for _, pointer := range comparison.Chosen {
		if j.Doc.Judged(j.Op, pointer) || j.isMarked(pointer, "x-unique") {
			m.ByRule++
		} else {
			m.BySchema++
		}
	}
	for _, pointer := range comparison.Beyond {
		switch {
		case openapi.Member(j.Schema, pointer) == nil:
			m.Noted++
		case j.Doc.Judged(j.Op, pointer) || j.isMarked(pointer, "x-unique"):
			m.ByRule++
		default:
			m.BySchema++
		}
	}
	m.NotLookedAt = leaves - m.Total()
	return m
}

// isMarked reports whether the member at a pointer has an extension.
func (j *Judge) isMarked(pointer, extension string) bool {
	s := openapi.Member(j.Schema, pointer)
	if s == nil {
		return false
	}
	is, _ := s.Value.Extensions[extension].(bool)
	return is
}

// add adds a difference, and cites its rule unless that is nil.
func (f *Findings) add(d report.Difference, rule *openapi.Rule) {
	if rule != nil {
		Cite(&d, rule)
	}
	f.Differences = append(f.Differences, d)
}

// addViolation adds a broken rule. If the golden file differs at the same place, that
// difference cites the rule instead. A broken duty is kept apart.
func (f *Findings) addViolation(v openapi.Violation, request, body any) {
	pointer := "/body" + v.Pointer
	d := report.Difference{Pointer: pointer, Kind: "rule", Why: v.Message, Want: wantedValue(v, request)}
	if v.Header != "" {
		pointer = "/headers/" + http.CanonicalHeaderKey(v.Header)
		d.Pointer = pointer
	} else if got := match.At(body, v.Pointer); got != nil {
		d.Got = excerpt.JSON(got)
	}
	if v.Rule != nil && v.Rule.Duty != "" {
		f.addDuty(v.Rule, d)
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
