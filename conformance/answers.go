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

// CompareAnswers compares the answers of two targets to the same requests, as two reports
// of this suite recorded them: the status, and the members of the body. It returns every
// difference in the order of the cases, and never nil. It leaves out cases that one of
// the two did not answer.
//
// For a member that the server chooses, x-server-assigned or x-unique in the document,
// it compares the presence and not the value, unless the member repeats the request.
// Bodies are compared if both answers have the same documented schema. A body that is
// not JSON, or larger than an answer of this operation, is only compared as such.
func CompareAnswers(before, after *report.Report, of *suite.Derived) ([]report.AnswerDifference, error) {
	s, err := suiteOf(before, of)
	if err == nil {
		err = checkSameSuite(after, s)
	}
	if err != nil {
		return nil, err
	}
	results := map[string]report.Result{}
	for _, r := range before.Results {
		results[r.Case] = r
	}
	out := []report.AnswerDifference{}
	broken := dutyPlaces(before.Results, after.Results)
	for _, now := range after.Results {
		old, both := results[now.Case]
		if c, known := s.Case(now.Case); known && both && wasJudged(old) && wasJudged(now) {
			op := s.Operation(c)
			a := &answerComparer{&judge.Judge{Doc: s.Document(), Op: op, Success: op.Success(), Schema: op.Answer(op.Success())}}
			out = append(out, a.compareCase(old, now, broken)...)
		}
	}
	return out, nil
}

// wasJudged reports whether a case was tried to its end.
func wasJudged(r report.Result) bool {
	return r.Outcome == report.Pass || r.Outcome == report.Fail || r.Outcome == report.Flaky
}

// answerComparer compares answers of one operation.
type answerComparer struct{ *judge.Judge }

// dutyPlaces are the places where an answer breaks a duty, which fails no other case.
func dutyPlaces(runs ...[]report.Result) map[string]bool {
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

// compareCase compares the answers to the requests of a case, which are all alike. A
// difference is lawful if the case passes with both answers and no duty is broken at its
// place.
func (a *answerComparer) compareCase(old, now report.Result, broken map[string]bool) []report.AnswerDifference {
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
func (a *answerComparer) compare(before, after report.Exchange) []report.AnswerDifference {
	old, now := map[string]any{"status": before.Status}, map[string]any{"status": after.Status}
	if a.schemaOf(before.Status) == a.schemaOf(after.Status) {
		old["body"], now["body"] = decodeBody(before), decodeBody(after)
	}
	request, _ := match.Decode([]byte(after.Request)) // a request that is not JSON has no members to repeat
	chosen := func(pointer string) bool {             // a refusal is judged by the schema of its status
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
			difference.Old = excerpt.Shorten(excerpt.JSON(hideChosen(d.Want, d.Pointer, chosen)), excerpt.Most)
		}
		if d.Kind != match.Missing {
			difference.New = excerpt.Shorten(excerpt.JSON(hideChosen(d.Got, d.Pointer, chosen)), excerpt.Most)
		}
		out = append(out, difference)
	}
	return out
}

// schemaOf is the schema of the answers with a status; nil if it is not documented.
func (a *answerComparer) schemaOf(status int) *openapi3.Schema {
	if s := a.Op.Answer(status); s != nil {
		return s.Value
	}
	return nil
}

// unread stands for a body that is not compared. No JSON value equals it.
type unread string

// decodeBody is the body of an answer as a value.
func decodeBody(e report.Exchange) any {
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

// hideChosen replaces the values that the server chose.
func hideChosen(value any, pointer string, chosen func(pointer string) bool) any {
	if chosen(pointer) {
		return "chosen by the server"
	}
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			out[name] = hideChosen(member, pointer+"/"+match.Escape(name), chosen)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = hideChosen(item, pointer+"/"+strconv.Itoa(i), chosen)
		}
		return out
	}
	return value
}
