package conformance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// CompareAnswers compares what two targets answered to the same requests, as
// two reports of this suite recorded it: the status, and the members of the
// body. It returns every place where they differ, in the order of the cases,
// and none is nil. Cases that one of the two did not answer are left out.
//
// Of a member that the server chooses, x-server-assigned or x-unique in the
// document, the presence is compared and not the value, unless the member
// repeats what was sent. Bodies are compared if both answers are of one
// documented shape. One that is no JSON, or larger than an answer of this
// operation is, is taken as just that.
func CompareAnswers(before, after *report.Report, of *suite.Derived) ([]report.AnswerDifference, error) {
	s, err := suiteOf(before, of)
	if err == nil {
		err = isOf(after, s)
	}
	if err != nil {
		return nil, err
	}
	results := map[string]report.Result{}
	for _, r := range before.Results {
		results[r.Case] = r
	}
	out := []report.AnswerDifference{}
	broken := brokenPlaces(before.Results, after.Results)
	for _, now := range after.Results {
		old, both := results[now.Case]
		if c, known := s.Case(now.Case); known && both && judged(old) && judged(now) {
			op := s.Operation(c)
			a := &answers{&judge.Judge{Doc: s.Document(), Op: op, Success: op.Success(), Schema: op.Answer(op.Success())}}
			out = append(out, a.ofCase(old, now, broken)...)
		}
	}
	return out, nil
}

// judged tells whether a case was tried to its end.
func judged(r report.Result) bool {
	return r.Outcome == report.Pass || r.Outcome == report.Fail || r.Outcome == report.Flaky
}

// answers compares answers.
type answers struct{ *judge.Judge }

// brokenPlaces are those where an answer breaks a duty, which fails no other case.
func brokenPlaces(runs ...[]report.Result) map[string]bool {
	out := map[string]bool{}
	for _, results := range runs {
		for _, r := range results {
			for _, d := range r.Differences {
				if d.Answers > 0 {
					out[d.Pointer] = true
				}
			}
		}
	}
	return out
}

// ofCase compares the answers to the requests of a case, which are all alike.
// What differs is lawful if the case passes with both, and it is at no place where
// a duty is broken.
func (a *answers) ofCase(old, now report.Result, broken map[string]bool) []report.AnswerDifference {
	var out []report.AnswerDifference
	first, second := old.Tested(), now.Tested()
	for i := range min(len(first), len(second)) {
		before, after := first[i], second[i]
		if before.Error != "" || after.Error != "" {
			continue
		}
		for _, d := range a.compare(before, after) {
			d.Case, d.Lawful = now.Case, old.Outcome == report.Pass && now.Outcome == report.Pass && !broken[d.Pointer]
			if !slices.Contains(out, d) {
				out = append(out, d)
			}
		}
	}
	return out
}

// compare compares the answers of two exchanges.
func (a *answers) compare(before, after report.Exchange) []report.AnswerDifference {
	old, now := map[string]any{"status": before.Status}, map[string]any{"status": after.Status}
	if a.shape(before.Status) == a.shape(after.Status) {
		old["body"], now["body"] = readable(before), readable(after)
	}
	request, _ := match.Decode([]byte(after.Request)) // nothing was sent that could be repeated if it is no JSON
	chosen := func(pointer string) bool {             // the members of a refusal are marked where they stand in the other answer
		member, ok := strings.CutPrefix(pointer, "/body")
		return ok && golden.Assigned(a.Doc, a.Schema, request, member)
	}
	var out []report.AnswerDifference
	differences := match.Compare(old, now, chosen).Differences
	for i, d := range differences {
		if more := len(differences) - i; i == mostDifferences-1 && more > 1 {
			return append(out, report.AnswerDifference{Pointer: "/body", Kind: string(match.Changed), Old: fmt.Sprintf("and %d more places", more)})
		}
		difference := report.AnswerDifference{Pointer: d.Pointer, Kind: string(d.Kind)}
		if d.Kind != match.Unexpected {
			difference.Old = excerpt.Shorten(excerpt.JSON(hidden(d.Want, d.Pointer, chosen)), excerpt.Most)
		}
		if d.Kind != match.Missing {
			difference.New = excerpt.Shorten(excerpt.JSON(hidden(d.Got, d.Pointer, chosen)), excerpt.Most)
		}
		out = append(out, difference)
	}
	return out
}

// shape is the schema of the answers with a status; nil if it is not documented.
func (a *answers) shape(status int) *openapi3.Schema {
	if s := a.Op.Answer(status); s != nil {
		return s.Value
	}
	return nil
}

// unread stands for a body that is not compared. No value of JSON equals it.
type unread string

// readable is the body of an answer as a value.
func readable(e report.Exchange) any {
	if e.Answer == "" {
		return unread("no body")
	}
	body, err := match.Decode([]byte(e.Answer))
	switch {
	case err != nil || e.Encoding != "":
		return unread("no JSON")
	case judge.TooLarge([]byte(e.Answer)) != nil:
		return unread("larger than an answer of this operation")
	}
	return body
}

// hidden is a value without those in it that the server chose.
func hidden(value any, pointer string, chosen func(pointer string) bool) any {
	if chosen(pointer) {
		return "chosen by the server"
	}
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			out[name] = hidden(member, pointer+"/"+match.Escape(name), chosen)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = hidden(item, pointer+"/"+strconv.Itoa(i), chosen)
		}
		return out
	}
	return value
}
