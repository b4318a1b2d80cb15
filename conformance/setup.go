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

// The steps of a case that are not the one under test. They are recorded with
// it, and are not judged: what is wrong with them, the cases of their own
// operations say.
const (
	settingUp  = "set-up"
	cleaningUp = "clean-up"
)

// longestCleanUp bounds the clean-up of a case: a target may not answer.
const longestCleanUp = 5 * time.Second

// made is what a request created, as far as it can be undone.
type made struct {
	undo       openapi.Operation
	parameters map[string]string
}

// setUp sends the requests that come before a case, and returns what the case has
// of them. False says that they were not carried out, and the trial has ended.
func (r *runner) setUp(ctx context.Context, t *trial) (before, bool) {
	b := before{given: r.env.Given()}
	for _, step := range t.c.SetUp {
		c, request, err := r.step(step, b.given)
		if err != nil {
			t.end(report.KitError, err.Error())
			return b, false
		}
		s := r.send(ctx, request.out)
		t.keepStep(settingUp, r.record(request.out, s))
		if why := r.carriedOut(ctx, &b, t, step, c, request, s); why != "" {
			t.end(report.CouldNotRun, fmt.Sprintf("set-up %s: %s", c.ID, why))
			return b, false
		}
		r.remember(t, r.suite.Operation(c), request.bound.Parameters, s.answer)
	}
	return b, true
}

// before is what a case has of the requests that set it up.
type before struct {
	given    map[string]string // values of parameters, with those of the environment
	requests []suite.Before
}

// step is the case of a step of the set-up, and its request.
func (r *runner) step(step suite.Step, given map[string]string) (suite.Case, request, error) {
	c, err := r.suite.StepCase(step)
	if err != nil {
		return c, request{}, err
	}
	c.Wire, c.SetUp = suite.Wire{}, nil
	requests, err := r.requests(c, before{given: given})
	if err != nil {
		return c, request{}, err
	}
	return c, requests[0], nil
}

// carriedOut takes what the case has of an answer to its set-up, and the duties of
// that answer. It says why the request was not carried out, if it was not.
func (r *runner) carriedOut(ctx context.Context, b *before, t *trial, step suite.Step, c suite.Case, sent request, s sent) string {
	op := r.suite.Operation(c)
	switch {
	case s.err != nil:
		return r.judge.Masker.Mask(reason(ctx, s.err))
	case s.answer.Status != op.Success():
		return fmt.Sprintf("want status %d, got %d", op.Success(), s.answer.Status)
	}
	found := r.judges[c.Operation].JudgeAnswer(c, sent.bound, s.answer)
	t.unique, t.duties, t.moments = append(t.unique, found.Unique...), append(t.duties, found.Duties...), append(t.moments, found.Moments...)
	values, missing := taken(step.Take, s.answer)
	if missing != "" {
		return "the answer has no " + missing
	}
	maps.Copy(b.given, values)
	b.requests = append(b.requests, suite.Before{
		Operation: op, Request: sent.bound.Request, Beside: op.Method == http.MethodPost && len(step.Take) == 0,
	})
	return ""
}

// taken are values of an answer by the name of the parameter that they are for,
// and the place of one that is not there.
func taken(places map[string]openapi.Value, a *client.Answer) (values map[string]string, missing string) {
	body, _ := match.Decode(a.Body) // of what is no JSON, nothing is found
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

// keepStep keeps an exchange of a step that is not the one under test.
func (t *trial) keepStep(name string, e report.Exchange) {
	e.Step = name
	t.result.Exchanges = append(t.result.Exchanges, e)
	t.result.Requests++
}

// remember notes what an answer created, if the document says how that is undone,
// and that a request with these parameters undid what was created before.
func (r *runner) remember(t *trial, op openapi.Operation, parameters map[string]string, a *client.Answer) {
	t.made = slices.DeleteFunc(t.made, func(m made) bool {
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
	if values, missing := taken(link.Parameters, a); missing == "" {
		t.made = append(t.made, made{undo, values})
	}
}

// cleanUp undoes what the requests of a case created and none of them undid, the last
// one first.
func (r *runner) cleanUp(ctx context.Context, t *trial) {
	if len(t.made) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestCleanUp) // after an interrupt too
	defer cancel()
	for i := len(t.made) - 1; i >= 0; i-- {
		m := t.made[i]
		given := r.env.Given()
		maps.Copy(given, m.parameters)
		out := r.client.NewRequest(m.undo, suite.Case{}.Parameters(m.undo, given), suite.Wire{}, nil)
		t.keepStep(cleaningUp, r.record(out, r.send(ctx, out)))
	}
	t.made = nil
}

// named are the values of parameters by their names.
func named(parameters []suite.Parameter) map[string]string {
	out := map[string]string{}
	for _, p := range parameters {
		out[p.Name] = p.Value
	}
	return out
}
