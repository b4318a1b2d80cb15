package suite

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// setUp are the requests whose answers have the values of an operation's path: of
// operations that have a link to it, each after what it needs itself. It is
// empty for an operation whose path names nothing that another one makes.
func setUp(doc *openapi.Document, op openapi.Operation) []Step {
	return setUpOf(doc, op, map[string]bool{})
}

func setUpOf(doc *openapi.Document, op openapi.Operation, asked map[string]bool) []Step {
	asked[op.OperationID] = true
	var out []Step
	for _, ref := range op.Parameters {
		if ref.Value.In != openapi3.ParameterInPath {
			continue
		}
		from, link, ok := linked(doc, op, ref.Value.Name, asked)
		if !ok {
			continue
		}
		step := Step{Operation: from.OperationID, Take: link.Parameters}
		if names := doc.Examples(from); len(names) > 0 {
			step.Example = names[0]
		}
		out = append(append(out, setUpOf(doc, from, asked)...), step)
	}
	return out
}

// Ungiven are the names of the parameters of an operation's path that the answer of
// no other operation gives: the environment has to.
func Ungiven(doc *openapi.Document, op openapi.Operation) []string {
	var out []string
	for _, ref := range op.Parameters {
		if ref.Value.In != openapi3.ParameterInPath {
			continue
		}
		if _, _, ok := linked(doc, op, ref.Value.Name, map[string]bool{op.OperationID: true}); !ok {
			out = append(out, ref.Value.Name)
		}
	}
	return out
}

// linked is the first operation, of those that were not asked, with a link that
// gives a parameter to an operation.
func linked(doc *openapi.Document, op openapi.Operation, name string, asked map[string]bool) (openapi.Operation, openapi.Link, bool) {
	for _, from := range doc.Operations() {
		if asked[from.OperationID] || from.JSON() != nil && len(doc.Examples(from)) == 0 {
			continue
		}
		for _, link := range doc.Links(from) {
			if _, gives := link.Parameters[name]; gives && link.Operation == op.OperationID {
				return from, link, true
			}
		}
	}
	return openapi.Operation{}, openapi.Link{}, false
}

// afterwards adds, to an operation that shows what another one made, cases of what
// it shows when that was changed, or is gone.
func (s *part) afterwards() {
	steps := setUp(s.doc, s.op)
	if s.op.Method != http.MethodGet || len(steps) != 1 {
		return
	}
	made, _ := s.doc.Operation(steps[0].Operation)
	other := Step{Operation: made.OperationID, Example: steps[0].Example}
	if names := s.doc.Examples(made); len(names) > 1 {
		other.Example = names[1]
	}
	s.after(made, "What was made before something else is shown", append(slices.Clone(steps), other))
	for _, link := range s.doc.Links(made) {
		op, _ := s.doc.Operation(link.Operation)
		names := s.doc.Examples(op)
		if op.Method == http.MethodGet || op.Method == http.MethodPost || op.JSON() != nil && len(names) == 0 {
			continue
		}
		step := Step{Operation: op.OperationID}
		if len(names) > 0 {
			step.Example = names[0]
		}
		c := s.after(op, "What "+op.OperationID+" changed is shown", append(slices.Clone(steps), step))
		if op.Method == http.MethodDelete {
			c.Title, c.Statuses, c.Twin = "What "+op.OperationID+" took away is not found", []int{http.StatusNotFound, http.StatusGone}, s.usualID()
		}
	}
}

// after adds a case of what is shown when an operation was the last one. A source
// that speaks of one operation says of another what follows from that, and no more.
func (s *part) after(op openapi.Operation, title string, steps []Step) *Case {
	c := s.usual()
	c.ID, c.Title, c.Level, c.Statuses, c.SetUp = "after/"+op.OperationID, title, string(openapi.Should), s.statuses(), steps
	if len(s.doc.Sources) == 0 {
		c.Level = string(openapi.Must)
	}
	c.Source = cmp.Or(s.doc.Source(op), "the document")
	s.Cases = append(s.Cases, c)
	return &s.Cases[len(s.Cases)-1]
}

// StepCase is the case of a step: the documented request of its operation.
func (s *Suite) StepCase(step Step) (Case, error) {
	id := step.Operation + "/example/" + cmp.Or(step.Example, "usual")
	c, ok := s.Case(id) // a step is of another operation, so that ids begin with theirs
	if !ok {
		return Case{}, fmt.Errorf("there is no case %s to set up another", id)
	}
	return c, nil
}

// Undo is what takes back that an operation was carried out: an operation whose
// path the answer fills in by a link, and which deletes. False if the document has
// none.
func Undo(doc *openapi.Document, op openapi.Operation) (openapi.Operation, openapi.Link, bool) {
	for _, link := range doc.Links(op) {
		if to, ok := doc.Operation(link.Operation); ok && to.Method == http.MethodDelete {
			return to, link, true
		}
	}
	return openapi.Operation{}, openapi.Link{}, false
}
