package golden

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// UnrecordableError lists the answers that cannot become a golden file, each as the id of
// a case and a sentence.
type UnrecordableError struct{ Answers []string }

func (e *UnrecordableError) Error() string { return strings.Join(e.Answers, "\n") }

// Record makes golden files of the answers to the cases of a run that passed or failed,
// except cases with drawn values. Of has the cases of the run's document; nil means the
// embedded one. Secrets are masked as in a report.
//
// A member that the server assigns is replaced by a text that says its type, <any string>
// for instance: members that the document marks so, unless the request sent them, and the
// id of an error everywhere. So are members whose pointer into the answer matches a
// pattern of varies, in the syntax of path.Match: /body/vpn_connection/revision.
//
// All answers to one case have to become the same file. The error is an
// *[UnrecordableError] that names the members that vary, or a *[usage.Error] for a pattern
// that is malformed, or that matches no member although there are results.
func Record(results []report.Result, of *suite.Derived, varies []string) (*Answers, error) {
	s, err := of.Draw(1)
	if err != nil {
		return nil, err
	}
	r, err := newRecorder(s, varies)
	if err != nil {
		return nil, err
	}
	for _, result := range results {
		if err := r.record(result, nil); err != nil {
			return nil, err
		}
	}
	for _, pattern := range varies {
		if len(results) > 0 && !r.used[pattern] {
			return nil, usage.Errorf("pattern %q matches no member of the answers", pattern)
		}
	}
	return r.golden, r.unrecordable()
}

// Update makes golden files, as [Record] does, of the answers that differ from the
// recorded ones or have none. Members that were generalised stay so.
func (g *Answers) Update(results []report.Result) (*Answers, error) {
	r, err := newRecorder(g.suite, nil)
	if err != nil {
		return nil, err
	}
	for _, result := range results {
		old, there := g.answers[result.Case]
		differs := func(e report.Exchange) bool { return len(g.Differences(result.Case, e)) > 0 }
		if there && !slices.ContainsFunc(result.Tested(), differs) {
			continue
		}
		var kept func(pointer string) bool
		if there {
			kept = func(pointer string) bool {
				value, _ := match.Lookup(old.content(), pointer)
				_, is := value.(standIn)
				return is
			}
		}
		if err := r.record(result, kept); err != nil {
			return nil, err
		}
	}
	return r.golden, r.unrecordable()
}

// recorder makes golden files.
type recorder struct {
	golden *Answers
	suite  *suite.Suite
	varies []string
	used   map[string]bool // patterns of varies that matched
	faults []string
}

// newRecorder checks the patterns and returns a recorder.
func newRecorder(s *suite.Suite, varies []string) (*recorder, error) {
	for _, pattern := range varies {
		if _, err := path.Match(pattern, ""); err != nil || !strings.HasPrefix(pattern, "/body") {
			return nil, usage.Errorf("pattern %q: want the pointer of a member, as /body/name", pattern)
		}
	}
	return &recorder{golden: newAnswers(s), suite: s, varies: varies, used: map[string]bool{}}, nil
}

// unrecordable returns the error that lists the answers that could not be recorded.
func (r *recorder) unrecordable() error {
	if len(r.faults) > 0 {
		return &UnrecordableError{slices.Compact(r.faults)} // a member may vary more than once
	}
	return nil
}

// addFault adds an answer that cannot be recorded.
func (r *recorder) addFault(id, format string, args ...any) {
	r.faults = append(r.faults, id+": "+fmt.Sprintf(format, args...))
}

// record makes the golden file of a judged case. Kept, if not nil, reports whether a member
// of the body is generalised in any case.
func (r *recorder) record(result report.Result, kept func(pointer string) bool) error {
	switch result.Outcome {
	case report.Pass, report.Fail, report.Flaky:
	default:
		return nil
	}
	if c, _ := r.suite.Case(result.Case); c.Draws() || c.Duty { // these have no answer that comes again
		return nil
	}
	var first answer
	for i, e := range result.Tested() {
		a := answerOf(result.Case, e)
		switch {
		case e.Error != "":
			r.addFault(result.Case, "%s", e.Error)
			return nil
		case a.large:
			r.addFault(result.Case, "/body has more than %d KiB", mostOfAnswer>>10)
			return nil
		}
		if i == 0 {
			first = r.generalise(a, e, kept)
			continue
		}
		if different := first.differences(a); len(different) > 0 {
			for _, d := range different {
				r.addFault(result.Case, "%s varies from answer to answer", d.Pointer)
			}
			return nil
		}
	}
	if len(result.Tested()) == 0 {
		return nil
	}
	return r.golden.add(result.Case, first)
}

// generalise returns an answer with stand-ins.
func (r *recorder) generalise(a answer, e report.Exchange, kept func(pointer string) bool) answer {
	c, _ := r.suite.Case(a.Case)
	schema := r.suite.Operation(c).Answer(e.Status)
	request, _ := match.Decode([]byte(e.Request)) // a request that is not JSON has no members to repeat
	in := func(pointer string) bool {
		return kept != nil && kept(pointer) || r.matches("/body"+pointer) || a.Body != nil && Assigned(r.suite.Document(), schema, request, pointer)
	}
	if a.Body != nil {
		value := r.replaceAssigned(a.Case, *a.Body, "", in)
		a.Body = &value
	} else {
		text := fmt.Sprint(r.replaceAssigned(a.Case, *a.Text, "", in)) // the text or its stand-in
		a.Text = &text
	}
	return a
}

// matches reports whether a pattern matches a pointer.
func (r *recorder) matches(pointer string) bool {
	found := false
	for _, pattern := range r.varies {
		if ok, _ := path.Match(pattern, pointer); ok { // they are well formed
			r.used[pattern], found = true, true
		}
	}
	return found
}

// Assigned reports whether the server assigns a member of the answer to a request. Schema
// is that of the answer; nil if the document has none.
func Assigned(doc *openapi.Document, schema *openapi3.SchemaRef, request any, pointer string) bool {
	if doc.Errors != nil && pointer == doc.Errors.ID { // the schema of an error need not mark its id
		return true
	}
	if schema == nil {
		return false
	}
	member := openapi.Member(schema, pointer)
	if member == nil {
		return false
	}
	has := func(extension string) bool {
		is, _ := member.Value.Extensions[extension].(bool)
		return is
	}
	if _, sent := match.Lookup(request, pointer); sent && has("x-echo") {
		return false
	}
	return has("x-server-assigned") || has("x-unique")
}

// replaceAssigned returns a value with stand-ins for the assigned members.
func (r *recorder) replaceAssigned(id string, value any, at string, assigned func(pointer string) bool) any {
	if assigned(at) {
		if instead := standInFor(value); instead != "" {
			return instead
		}
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = r.replaceAssigned(id, member, at+"/"+match.Escape(name), assigned)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = r.replaceAssigned(id, item, fmt.Sprintf("%s/%d", at, i), assigned)
		}
		return out
	}
	if text, ok := value.(string); ok && isStandIn(text) {
		r.addFault(id, "/body%s is %s, which stands for another value in a golden file", at, excerpt.JSON(value))
	}
	return value
}
