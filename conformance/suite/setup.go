package suite

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// setUpSteps are the requests whose answers have the values of an operation's path: of
// operations with a link to it, each after those that it needs itself. There are none
// for an operation whose path names nothing that another operation makes.
func setUpSteps(doc *openapi.Document, op openapi.Operation) []Step {
	return collectSetUp(doc, op, map[string]bool{})
}

// collectSetUp collects the steps. Asked are the operations on the way here, so that
// links in a circle end.
func collectSetUp(doc *openapi.Document, op openapi.Operation, asked map[string]bool) []Step {
	asked[op.OperationID] = true
	var out []Step
	for _, ref := range op.Parameters {
		if ref.Value.In != openapi3.ParameterInPath {
			continue
		}
		from, link, ok := findLink(doc, op, ref.Value.Name, asked)
		if !ok {
			continue
		}
		step := Step{Operation: from.OperationID, Take: link.Parameters}
		if names := doc.Examples(from); len(names) > 0 {
			step.Example = names[0]
		}
		out = append(append(out, collectSetUp(doc, from, asked)...), step)
	}
	return out
}

// Ungiven are the names of the path parameters of an operation that no other operation's
// answer gives. The environment has to give them.
func Ungiven(doc *openapi.Document, op openapi.Operation) []string {
	var out []string
	for _, ref := range op.Parameters {
		if ref.Value.In != openapi3.ParameterInPath {
			continue
		}
		if _, _, ok := findLink(doc, op, ref.Value.Name, map[string]bool{op.OperationID: true}); !ok {
			out = append(out, ref.Value.Name)
		}
	}
	return out
}

// findLink is the first operation, apart from those already asked, with a link that
// gives a parameter to an operation.
func findLink(doc *openapi.Document, op openapi.Operation, name string, asked map[string]bool) (openapi.Operation, openapi.Link, bool) {
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

// addEffects adds, to an operation that shows what another one made, cases of what it
// shows after a change or a deletion.
func (s *part) addEffects() {
	steps := setUpSteps(s.doc, s.op)
	if s.op.Method != http.MethodGet || len(steps) != 1 {
		return
	}
	maker, _ := s.doc.Operation(steps[0].Operation)
	other := Step{Operation: maker.OperationID, Example: steps[0].Example}
	if names := s.doc.Examples(maker); len(names) > 1 {
		other.Example = names[1]
	}
	s.addEffect(maker, "What was made before something else is shown", append(slices.Clone(steps), other))
	for _, link := range s.doc.Links(maker) {
		op, _ := s.doc.Operation(link.Operation)
		names := s.doc.Examples(op)
		if op.Method == http.MethodGet || op.Method == http.MethodPost || op.JSON() != nil && len(names) == 0 {
			continue
		}
		step := Step{Operation: op.OperationID}
		if len(names) > 0 {
			step.Example = names[0]
		}
		c := s.addEffect(op, "What "+op.OperationID+" changed is shown", append(slices.Clone(steps), step))
		if op.Method == http.MethodDelete {
			c.Title, c.Statuses, c.Twin = "What "+op.OperationID+" took away is not found", []int{http.StatusNotFound, http.StatusGone}, s.usualID()
		}
	}
}

// addEffect adds a case of what is shown after an operation. Its level is should: what a
// source says of one operation has only consequences for another. A document without
// sources is its own word, so that the level is must.
func (s *part) addEffect(op openapi.Operation, title string, steps []Step) *Case {
	c := s.usualCase()
	c.ID, c.Title, c.Level, c.Statuses, c.SetUp = "after/"+op.OperationID, title, string(openapi.Should), s.successStatuses(), steps
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
	c, ok := s.Case(id) // an id needs its operation: a step belongs to another one than the case
	if !ok {
		return Case{}, fmt.Errorf("there is no case %s to set up another", id)
	}
	return c, nil
}

// Undo is the operation that undoes another: it deletes, and a link fills in its path
// from the answer. It returns false if the document has none.
func Undo(doc *openapi.Document, op openapi.Operation) (openapi.Operation, openapi.Link, bool) {
	for _, link := range doc.Links(op) {
		if to, ok := doc.Operation(link.Operation); ok && to.Method == http.MethodDelete {
			return to, link, true
		}
	}
	return openapi.Operation{}, openapi.Link{}, false
}
