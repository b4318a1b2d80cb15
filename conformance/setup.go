package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// The names of the steps of a case beside the one under test. They are recorded with the
// case and not judged: the cases of their own operations report their faults.
const (
	stepSetUp   = "set-up"
	stepCleanUp = "clean-up"
)

// longestCleanUp bounds the clean-up of a case: a target may not answer.
const longestCleanUp = 5 * time.Second

// creation is an object that a request made, and the operation that removes it.
type creation struct {
	undo       openapi.Operation
	parameters map[string]string
}

// setUp sends the requests that come before a case, and returns their results. It
// returns false if one was not carried out; the trial has then ended.
func (r *runner) setUp(ctx context.Context, t *trial) (preparation, bool) {
	b := preparation{given: r.env.Given()}
	for _, step := range t.c.SetUp {
		c, request, err := r.stepRequest(step, b.given)
		if err != nil {
			t.conclude(report.KitError, err.Error())
			return b, false
		}
		s := r.send(ctx, request.out)
		t.keepStep(stepSetUp, r.record(request.out, s))
		if why := r.takeStepAnswer(ctx, &b, t, step, c, request, s); why != "" {
			t.conclude(report.CouldNotRun, fmt.Sprintf("set-up %s: %s", c.ID, why))
			return b, false
		}
		r.remember(t, r.suite.Operation(c), request.bound.Parameters, s.answer)
	}
	return b, true
}

// preparation is what the set-up of a case yields.
type preparation struct {
	given    map[string]string // values of parameters, with those of the environment
	requests []suite.Before
}

// stepRequest returns the case of a step of the set-up, and its request.
func (r *runner) stepRequest(step suite.Step, given map[string]string) (suite.Case, request, error) {
	c, err := r.suite.StepCase(step)
	if err != nil {
		return c, request{}, err
	}
	c.Wire, c.SetUp = suite.Wire{}, nil
	requests, err := r.makeRequests(c, preparation{given: given})
	if err != nil {
		return c, request{}, err
	}
	return c, requests[0], nil
}

// takeStepAnswer takes from an answer to the set-up the values that the case needs, and
// its duties. It returns why the request was not carried out, empty if it was.
func (r *runner) takeStepAnswer(ctx context.Context, b *preparation, t *trial, step suite.Step, c suite.Case, sent request, s exchange) string {
	op := r.suite.Operation(c)
	switch {
	case s.err != nil:
		return r.judge.Masker.Mask(stopReason(ctx, s.err))
	case s.answer.Status != op.Success():
		return fmt.Sprintf("want status %d, got %d", op.Success(), s.answer.Status)
	}
	found := r.judges[c.Operation].JudgeAnswer(c, sent.bound, s.answer)
	t.unique, t.duties, t.moments = append(t.unique, found.Unique...), append(t.duties, found.Duties...), append(t.moments, found.Moments...)
	values, missing := takeValues(step.Take, s.answer)
	if missing != "" {
		return "the answer has no " + missing
	}
	maps.Copy(b.given, values)
	b.requests = append(b.requests, suite.Before{
		Operation: op, Request: sent.bound.Request, Beside: op.Method == http.MethodPost && len(step.Take) == 0,
	})
	return ""
}

// takeValues returns values of an answer by the name of the parameter that they are for,
// and the place of a missing one.
func takeValues(places map[string]openapi.Value, a *client.Answer) (values map[string]string, missing string) {
	body, _ := match.Decode(a.Body) // a body that is not JSON has no values
	values = map[string]string{}
	for name, at := range places {
		text := a.Header.Get(at.Header)
		if at.Header == "" {
			if value := match.At(body, at.Pointer); value != nil {
				text = fmt.Sprint(value)
			}
		}
		if values[name] = text; text == "" {
			missing = at.Pointer + at.Header
		}
	}
	return values, missing
}

// keepStep records an exchange of a step beside the one under test.
func (t *trial) keepStep(name string, e report.Exchange) {
	e.Step = name
	t.result.Exchanges = append(t.result.Exchanges, e)
	t.result.Requests++
}

// remember notes the object that an answer made, if the document says how to remove it.
// It forgets objects that this request removed.
func (r *runner) remember(t *trial, op openapi.Operation, parameters map[string]string, a *client.Answer) {
	t.creations = slices.DeleteFunc(t.creations, func(m creation) bool {
		for name, value := range m.parameters {
			if parameters[name] != value {
				return false
			}
		}
		return m.undo.OperationID == op.OperationID
	})
	undo, link, ok := suite.Undo(r.doc, op)
	if !ok {
		return
	}
	if values, missing := takeValues(link.Parameters, a); missing == "" {
		t.creations = append(t.creations, creation{undo, values})
	}
}

// cleanUp removes the objects that the requests of a case made, the last one first.
func (r *runner) cleanUp(ctx context.Context, t *trial) {
	if len(t.creations) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestCleanUp) // after an interrupt too
	defer cancel()
	for i := len(t.creations) - 1; i >= 0; i-- {
		m := t.creations[i]
		given := r.env.Given()
		maps.Copy(given, m.parameters)
		out := r.client.NewRequest(m.undo, suite.Case{}.Parameters(m.undo, given), suite.Wire{}, nil)
		t.keepStep(stepCleanUp, r.record(out, r.send(ctx, out)))
	}
	t.creations = nil
}

// valuesByName are the values of parameters by their names.
func valuesByName(parameters []suite.Parameter) map[string]string {
	out := map[string]string{}
	for _, p := range parameters {
		out[p.Name] = p.Value
	}
	return out
}
