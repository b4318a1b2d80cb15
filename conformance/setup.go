package conformance

import (
	"context"
	"fmt"
	"maps"
	"time"

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

// setUp sends the requests that come before a case, and returns the values that
// the case takes of their answers, with those of the environment. False says that
// there are none, and the trial has ended.
func (r *runner) setUp(ctx context.Context, t *trial) (map[string]string, bool) {
	given := r.env.Given()
	for _, step := range t.c.SetUp {
		c, err := r.suite.StepCase(step)
		if err != nil {
			t.end(report.KitError, err.Error())
			return nil, false
		}
		c.Wire = suite.Wire{}
		requests, err := r.requests(c, given)
		if err != nil {
			t.end(report.KitError, err.Error())
			return nil, false
		}
		s := r.send(ctx, requests[0].out)
		t.keepStep(settingUp, r.record(requests[0].out, s))
		op := r.suite.Operation(c)
		switch {
		case s.err != nil:
			t.end(report.CouldNotRun, r.judge.masker.mask(fmt.Sprintf("set-up %s: %s", c.ID, reason(ctx, s.err))))
			return nil, false
		case s.answer.status != op.Success():
			t.end(report.CouldNotRun, fmt.Sprintf("set-up %s: want status %d, got %d", c.ID, op.Success(), s.answer.status))
			return nil, false
		}
		r.remember(t, op, s.answer)
		if missing := take(given, step, s.answer); missing != "" {
			t.end(report.CouldNotRun, fmt.Sprintf("set-up %s: the answer has no %s", c.ID, missing))
			return nil, false
		}
	}
	return given, true
}

// take adds the values that a step takes of its answer. It returns the place of one
// that is not there.
func take(given map[string]string, step suite.Step, a *answer) string {
	values, missing := taken(step.Take, a)
	maps.Copy(given, values)
	return missing
}

// taken are values of an answer by the name of the parameter that they are for,
// and the place of one that is not there.
func taken(places map[string]openapi.Value, a *answer) (values map[string]string, missing string) {
	body, _ := match.Decode(a.body) // of what is no JSON, nothing is found
	values = map[string]string{}
	for name, at := range places {
		text := a.header.Get(at.Header)
		if at.Header == "" {
			if value := lookup(body, at.Pointer); value != nil {
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

// remember notes what an answer created, if the document says how that is undone.
func (r *runner) remember(t *trial, op openapi.Operation, a *answer) {
	undo, link, ok := suite.Undo(r.doc, op)
	if !ok {
		return
	}
	if values, missing := taken(link.Parameters, a); missing == "" {
		t.made = append(t.made, made{undo, values})
	}
}

// cleanUp undoes what the requests of a case created, the last one first. What is
// gone already was undone by the case.
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
		out := r.client.outgoing(m.undo, suite.Case{}.Parameters(m.undo, given), suite.Wire{}, nil)
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
