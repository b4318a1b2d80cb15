package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// mostSilent is the number of exchanges in a row without an answer after which a run
// gives up.
const mostSilent = 10

// runner runs cases.
type runner struct {
	opts   Options
	suite  *suite.Suite
	doc    *openapi.Document
	env    environment.Environment
	large  chan struct{} // see takeTurn
	psk    string
	client *client.Client
	judge  *judge.Judge            // of the first operation, for uses that do not depend on the operation
	judges map[string]*judge.Judge // by the id of the operation
	rooms  rooms
	silent atomic.Int64 // exchanges in a row without an answer
	start  time.Time

	reader func() (*runner, error) // returns a runner that judges the report of this run, as Verify does; lazy
}

// newRunner returns a runner for a suite. Its client has to be closed.
func newRunner(opts Options, s *suite.Suite) (*runner, error) {
	opts, err := opts.withDefaults(s.Document())
	if err != nil {
		return nil, err
	}
	r := &runner{opts: opts, suite: s, doc: s.Document(), env: opts.Environment, large: make(chan struct{}, 2), start: time.Now()}
	if r.psk, err = makeKey(opts.Rand); err != nil {
		return nil, err
	}
	if r.client, err = client.New(s.Document(), opts.Target, r.env, opts.Token); err != nil {
		return nil, err
	}
	r.client.Key, r.client.Timeout = r.psk, opts.Timeout
	r.client.SecretSet = r.client.Secrets(r.doc, r.env, opts.Secrets)
	r.client.Errors, r.client.Agent = r.doc.Errors, opts.UserAgent
	r.client.Limiter, r.client.Budget = rate.NewLimiter(rate.Inf, 1), &client.Budget{Left: opts.MaxWait}
	if opts.Rate > 0 {
		r.client.Limiter = rate.NewLimiter(rate.Limit(opts.Rate), 1)
	}
	r.judges, r.rooms = map[string]*judge.Judge{}, newRooms()
	for _, op := range r.doc.Operations() {
		j := judge.New(r.doc, op, r.client)
		if r.judges[op.OperationID] = j; r.judge == nil {
			r.judge = j
		}
	}
	r.client.HasSecret = r.judge.HasSecret
	r.reader = sync.OnceValues(func() (*runner, error) { return newReader(r.beginReport(), s, opts.Golden) })
	return r, nil
}

// tryAll tries every case, several at a time, and returns the trials in the order of the
// suite. Late cases come after all others, because they need a target that has seen
// them. Duties are about all answers, so that they get their outcome later.
func (r *runner) tryAll(ctx context.Context, cases []suite.Case) []*trial {
	trials := make([]*trial, len(cases))
	var first, late []int
	for i, c := range cases {
		switch {
		case c.Duty:
			trials[i] = &trial{c: c}
			trials[i].begin()
		case c.Wire.Late:
			late = append(late, i)
		default:
			first = append(first, i)
		}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r.trySome(ctx, stop, cases, first, trials)
	if len(late) > 0 && len(r.opts.Run)+len(r.opts.Skip) == 0 { // a selection need not wait
		r.pause(ctx)
	}
	r.trySome(ctx, stop, cases, late, trials)
	return trials
}

// pause waits until a clock of the target must have moved since the run began.
func (r *runner) pause(ctx context.Context) {
	select {
	case <-time.After(clockStep + 100*time.Millisecond - time.Since(r.start)):
	case <-ctx.Done():
	}
}

// trySome tries the cases with the given indexes.
func (r *runner) trySome(ctx context.Context, stop context.CancelCauseFunc, cases []suite.Case, order []int, trials []*trial) {
	if !r.opts.Ordered {
		rand.New(rand.NewPCG(r.opts.Seed, 0)).Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
	}
	var telling sync.Mutex
	try := func(i int) {
		trials[i] = r.try(ctx, cases[i])
		if r.opts.FailFast && !r.opts.Once && trials[i].result.Outcome == report.Fail { // a flaky case must not stop the run
			r.retryCase(ctx, trials[i])
		}
		telling.Lock()
		defer telling.Unlock()
		if r.opts.Each != nil {
			r.opts.Each(trials[i].result)
		}
		if r.opts.FailFast && trials[i].failsAt(r.opts.Level) {
			stop(errors.New("the run stopped at the first failure"))
		}
		if r.silent.Load() >= mostSilent {
			stop(fmt.Errorf("the target did not answer %d times in a row", mostSilent))
		}
	}
	var next atomic.Int64
	var trying sync.WaitGroup
	for range cmp.Or(r.opts.Jobs, 2*runtime.GOMAXPROCS(0)) {
		trying.Go(func() { // one goroutine for many cases: its stack grows once
			for n := next.Add(1) - 1; n < int64(len(order)); n = next.Add(1) - 1 {
				try(order[n])
			}
		})
	}
	trying.Wait()
}

// retryFailed tries every failed case once more, alone. A case that passes now is flaky:
// it may have failed because of the load, or of a case beside it.
func (r *runner) retryFailed(ctx context.Context, trials []*trial) {
	for _, t := range trials {
		if t.result.Outcome == report.Fail && !t.retried && ctx.Err() == nil {
			r.retryCase(ctx, t)
		}
	}
}

// retryCase tries a failed case once more.
func (r *runner) retryCase(ctx context.Context, t *trial) {
	second := r.try(ctx, t.c)
	t.retried = true
	t.join(second)
	t.result.Exchanges = append(t.result.Exchanges, second.result.Exchanges...)
	t.result.Requests += second.result.Requests
	if second.result.Outcome == report.Pass {
		t.markFlaky()
	}
}

// try runs one case: its set-up, its requests, its clean-up.
func (r *runner) try(ctx context.Context, c suite.Case) (t *trial) {
	t = &trial{c: c}
	t.begin()
	defer func() { // a panic in one case must not lose the results of the others
		if p := recover(); p != nil {
			t.conclude(report.KitError, fmt.Sprintf("panic: %v", p))
		}
	}()
	if ctx.Err() != nil {
		t.conclude(report.CouldNotRun, stopReason(ctx, ctx.Err()))
		return t
	}
	prepared, ok := r.setUp(ctx, t)
	if !ok {
		return t
	}
	requests, err := r.makeRequests(c, prepared)
	var missing *suite.MissingError
	switch {
	case errors.As(err, &missing):
		t.conclude(report.NotApplicable, missing.Error())
		return t
	case err != nil:
		t.conclude(report.KitError, err.Error())
		return t
	}
	r.sendAll(ctx, t, requests)
	r.cleanUp(ctx, t)
	if err := r.keepHonest(t); err != nil {
		t.conclude(report.KitError, err.Error())
	}
	return t
}

// request is one request of a case, bound to the environment.
type request struct {
	bound suite.Bound
	out   client.Request
}

// requestCount is the number of requests of a case, without its set-up.
func requestCount(c suite.Case) int { return cmp.Or(c.Wire.Requests, 1+len(c.Further)) }

// makeRequests makes the requests of a case: the same one as often as the case says, or
// it and the further ones. The error is a mistake of the kit, or a *[suite.MissingError].
func (r *runner) makeRequests(c suite.Case, after preparation) ([]request, error) {
	op := r.suite.Operation(c)
	parameters := c.Parameters(op, after.given)
	all := make([]request, requestCount(c))
	for i := range all {
		if i > 0 && len(c.Further) == 0 {
			all[i] = all[0]
			continue
		}
		bound, err := r.suite.Bind(c.Nth(i), r.env, r.psk)
		if err != nil {
			return nil, err
		}
		bound.Parameters, bound.Before = valuesByName(parameters), after.requests
		all[i] = request{bound, r.client.NewRequest(op, parameters, c.Wire, bound.Body)}
		if c.Wire.Lawful() && c.Wire.Form == "" && string(all[i].out.Body) != string(bound.Body) {
			return nil, errors.New("the request itself is wrong: the body is another one")
		}
	}
	return all, nil
}

// sendAll sends the requests of a case, one after another or all at once, and judges the
// answers until one fails.
func (r *runner) sendAll(ctx context.Context, t *trial, requests []request) {
	answers := make([]exchange, len(requests))
	if t.c.Wire.AtOnce {
		var all sync.WaitGroup
		together := client.NewMeeting(len(requests))
		for i := range answers {
			requests[i].out.Meeting = together
			all.Go(func() { answers[i] = r.send(ctx, requests[i].out) })
		}
		all.Wait()
	}
	t.accepted = true // until an answer says otherwise
	for i := range answers {
		if !t.c.Wire.AtOnce {
			answers[i] = r.send(ctx, requests[i].out)
		}
		if r.judgeExchange(ctx, t, requests[i].bound, requests[i].out, answers[i]); t.result.Outcome != report.Pass {
			break
		}
	}
}

// exchange is a request that was sent, and its answer.
type exchange struct {
	answer *client.Answer
	err    error
	times  int    // how often it was sent
	why    string // why it was sent more than once
	start  time.Time
	took   time.Duration
}

// send sends a request, and counts the exchanges in a row without an answer.
func (r *runner) send(ctx context.Context, out client.Request) exchange {
	s := exchange{start: time.Now()}
	s.answer, s.times, s.why, s.err = r.client.Send(ctx, out)
	if s.took = time.Since(s.start); s.answer != nil {
		s.answer.At = s.start
	}
	switch {
	case s.err == nil || errors.Is(s.err, client.ErrTooBusy): // a busy target answers
		r.silent.Store(0)
	case !errors.Is(s.err, client.ErrNoTurn):
		r.silent.Add(1)
	}
	return s
}

// largeAnswer is the number of bytes from which on searching a body for secrets takes
// long.
const largeAnswer = 64 << 10

// takeTurn waits until a large answer may be judged. Few are judged at a time, however
// many jobs a run has, so that its memory is bounded and a timeout ends it. The returned
// function ends the turn. It returns false if the run has ended.
func (r *runner) takeTurn(ctx context.Context, s exchange) (end func(), ok bool) {
	if s.err != nil || len(s.answer.Body) < largeAnswer {
		return func() {}, true
	}
	if ctx.Err() != nil {
		return nil, false
	}
	select {
	case r.large <- struct{}{}:
		return func() { <-r.large }, ctx.Err() == nil
	case <-ctx.Done():
		return nil, false
	}
}

// judgeExchange records and judges one answer of a case.
func (r *runner) judgeExchange(ctx context.Context, t *trial, bound suite.Bound, out client.Request, s exchange) {
	result := &t.result
	result.Requests++
	end, ok := r.takeTurn(ctx, s)
	if end != nil {
		defer end()
	}
	if !ok {
		s = exchange{start: s.start, took: s.took, times: s.times, err: context.Cause(ctx)}
	}
	result.Exchanges = append(result.Exchanges, r.record(out, s))
	if s.err != nil {
		t.accepted, result.Curl = false, r.client.Curl(out)
		t.conclude(report.CouldNotRun, r.judge.Masker.Mask(stopReason(ctx, s.err)))
		return
	}
	j := r.judges[t.c.Operation]
	t.accepted = t.accepted && s.answer.Status == j.Success
	if s.answer.Status == j.Success {
		r.remember(t, j.Op, bound.Parameters, s.answer)
	}
	t.altered = t.altered || isAltered(result.Exchanges[len(result.Exchanges)-1], s.answer)
	found := j.JudgeAnswer(t.c, bound, s.answer)
	t.unique, t.duties, t.moments = append(t.unique, found.Unique...), append(t.duties, found.Duties...), append(t.moments, found.Moments...)
	if found.Kind != "" {
		t.count(found.Kind, 1)
	}
	result.Members.Add(found.Members)
	if found.Members.NotLookedAt > 0 {
		t.conclude(report.KitError, fmt.Sprintf("%d members of the answer were not looked at", found.Members.NotLookedAt))
		return
	}
	if r.opts.Strict {
		for _, d := range found.Notes {
			if !d.AboutHTTP() { // the page does not speak of violations of HTTP
				d.Level = t.c.Level
				found.Differences = append(found.Differences, d)
			}
		}
		result.MoreDifferences += found.MoreNotes
	}
	found.Differences = append(found.Differences, r.opts.Golden.Differences(t.c.ID, result.Exchanges[len(result.Exchanges)-1])...)
	r.rooms.keep(result, found.Differences, found.Notes, found.MoreNotes)
	if result.Outcome = report.Pass; len(found.Differences) > 0 {
		result.Outcome, result.Curl = report.Fail, r.client.Curl(out)
	}
}

// stopReason says why an exchange could not be completed.
func stopReason(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}
