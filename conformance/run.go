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
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// mostSilent is the number of exchanges in a row that the target does not
// answer before the rest is given up.
const mostSilent = 10

// runner runs cases.
type runner struct {
	opts   Options
	suite  *suite.Suite
	doc    *openapi.Document
	env    environment.Environment
	large  chan struct{} // places for large answers to be worked on
	psk    string
	client *client.Client
	judge  *judge.Judge            // of the first operation, for what does not depend on it
	judges map[string]*judge.Judge // by the id of their operation
	rooms  rooms
	silent atomic.Int64 // exchanges in a row without an answer
	start  time.Time

	reader func() (*runner, error) // judges what the report of this run has, as Verify does; made when it is first needed
}

func newRunner(opts Options, s *suite.Suite) (*runner, error) {
	opts, err := opts.checked(s.Document())
	if err != nil {
		return nil, err
	}
	r := &runner{opts: opts, suite: s, doc: s.Document(), env: opts.Environment, large: make(chan struct{}, 2), start: time.Now()}
	if r.psk, err = presharedKey(opts.Rand); err != nil {
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
	r.reader = sync.OnceValues(func() (*runner, error) { return newReader(r.report(), s, opts.Golden) })
	return r, nil
}

// trial is a case and what came of it.
type trial struct {
	c        suite.Case
	result   report.Result
	unique   []judge.Unique
	duties   []report.Difference // that its answers break
	moments  []judge.Moment
	answered map[openapi.Duty]int // answers, by whose duties they have
	accepted bool                 // by the target
	twice    bool                 // it was tried once more
	made     []made               // and not yet undone
	altered  bool                 // an answer is not in the report as it came
}

// all tries every case, several at a time, and returns them in the order of
// the suite. Those that are about a target that has seen the others come after
// them; the duties, which are about all answers, get their outcome later.
func (r *runner) all(ctx context.Context, cases []suite.Case) []*trial {
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
	r.some(ctx, stop, cases, first, trials)
	if len(late) > 0 && len(r.opts.Run)+len(r.opts.Skip) == 0 { // a selection is not kept waiting
		r.pause(ctx)
	}
	r.some(ctx, stop, cases, late, trials)
	return trials
}

// pause waits until a clock of the target has moved since the run began.
func (r *runner) pause(ctx context.Context) {
	select {
	case <-time.After(apart + 100*time.Millisecond - time.Since(r.start)):
	case <-ctx.Done():
	}
}

// some tries the cases with the given indexes.
func (r *runner) some(ctx context.Context, stop context.CancelCauseFunc, cases []suite.Case, order []int, trials []*trial) {
	if !r.opts.Ordered {
		rand.New(rand.NewPCG(r.opts.Seed, 0)).Shuffle(len(order), func(i, k int) { order[i], order[k] = order[k], order[i] })
	}
	var telling sync.Mutex
	try := func(i int) {
		trials[i] = r.try(ctx, cases[i])
		if r.opts.FailFast && !r.opts.Once && trials[i].result.Outcome == report.Fail { // or what is flaky would stop the run
			r.second(ctx, trials[i])
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
		trying.Go(func() { // for all its cases one goroutine: a stack grows once
			for n := next.Add(1) - 1; n < int64(len(order)); n = next.Add(1) - 1 {
				try(order[n])
			}
		})
	}
	trying.Wait()
}

// failsAt reports whether a trial failed by a difference that binds at a level, or
// breaks a duty that does.
func (t *trial) failsAt(level string) bool {
	return t.result.FailsAt(level) || report.Result{Outcome: report.Fail, Differences: t.duties}.FailsAt(level) && len(t.duties) > 0
}

// again tries every case that failed once more, alone. One that passes now is
// flaky.
func (r *runner) again(ctx context.Context, trials []*trial) {
	for _, t := range trials {
		if t.result.Outcome == report.Fail && !t.twice && ctx.Err() == nil {
			r.second(ctx, t)
		}
	}
}

// second tries a case that failed once more.
func (r *runner) second(ctx context.Context, t *trial) {
	second := r.try(ctx, t.c)
	t.twice = true
	t.join(second)
	t.result.Exchanges = append(t.result.Exchanges, second.result.Exchanges...)
	t.result.Requests += second.result.Requests
	if second.result.Outcome == report.Pass {
		t.flaky()
	}
}

// try runs one case.
func (r *runner) try(ctx context.Context, c suite.Case) (t *trial) {
	t = &trial{c: c}
	t.begin()
	defer func() { // a panic in one case must not lose the results of the others
		if p := recover(); p != nil {
			t.end(report.KitError, fmt.Sprintf("panic: %v", p))
		}
	}()
	if ctx.Err() != nil {
		t.end(report.CouldNotRun, reason(ctx, ctx.Err()))
		return t
	}
	prepared, ok := r.setUp(ctx, t)
	if !ok {
		return t
	}
	requests, err := r.requests(c, prepared)
	var missing *suite.MissingError
	switch {
	case errors.As(err, &missing):
		t.end(report.NotApplicable, missing.Error())
		return t
	case err != nil:
		t.end(report.KitError, err.Error())
		return t
	}
	r.exchanges(ctx, t, requests)
	r.cleanUp(ctx, t)
	if err := r.keepHonest(t); err != nil {
		t.end(report.KitError, err.Error())
	}
	return t
}

// request is one request of a case, bound to the environment.
type request struct {
	bound suite.Bound
	out   client.Request
}

// number is how many requests a case has.
func number(c suite.Case) int { return cmp.Or(c.Wire.Requests, 1+len(c.Further)) }

// requests are those of a case: as many times the one as it says, or it and the
// further ones, after what came before. An error is a mistake of the kit, or a *[suite.MissingError].
func (r *runner) requests(c suite.Case, after before) ([]request, error) {
	op := r.suite.Operation(c)
	parameters := c.Parameters(op, after.given)
	all := make([]request, number(c))
	for i := range all {
		if i > 0 && len(c.Further) == 0 {
			all[i] = all[0]
			continue
		}
		bound, err := r.suite.Bind(c.Nth(i), r.env, r.psk)
		if err != nil {
			return nil, err
		}
		bound.Parameters, bound.Before = named(parameters), after.requests
		all[i] = request{bound, r.client.NewRequest(op, parameters, c.Wire, bound.Body)}
		if c.Wire.Lawful() && c.Wire.Form == "" && string(all[i].out.Body) != string(bound.Body) {
			return nil, errors.New("the request itself is wrong: the body is another one")
		}
	}
	return all, nil
}

// begin sets what is known of a trial before it is one.
func (t *trial) begin() {
	c := t.c
	t.result = report.Result{Case: c.ID, Title: c.Title, Level: c.Level, Source: c.Source, Errata: c.Errata, Twin: c.Twin, Member: c.Place}
	if c.Rule != nil {
		t.result.Rule = c.Rule.ID
	}
}

// flaky sets the outcome of a trial that failed first.
func (t *trial) flaky() { t.end(report.Flaky, "it failed, and passed when it was tried again alone") }

// end sets the outcome of a trial.
func (t *trial) end(outcome report.Outcome, reason string) {
	t.result.Outcome, t.result.Reason = outcome, excerpt.Shorten(reason, excerpt.Most)
}

// join takes what another try of the case shows together with other cases.
func (t *trial) join(second *trial) {
	t.unique, t.duties, t.moments = append(t.unique, second.unique...), append(t.duties, second.duties...), append(t.moments, second.moments...)
	for kind, n := range second.answered {
		t.count(kind, n)
	}
}

// count counts answers that have the duties of a kind.
func (t *trial) count(kind openapi.Duty, n int) {
	if t.answered == nil {
		t.answered = map[openapi.Duty]int{}
	}
	t.answered[kind] += n
}

// exchanges sends the requests of a case, one after another or all at once,
// and judges the answers.
func (r *runner) exchanges(ctx context.Context, t *trial, requests []request) {
	answers := make([]sent, len(requests))
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
		if r.take(ctx, t, requests[i].bound, requests[i].out, answers[i]); t.result.Outcome != report.Pass {
			break
		}
	}
}

// sent is a request that was sent, and its answer.
type sent struct {
	answer *client.Answer
	err    error
	times  int    // that it was sent
	again  string // why more than once
	begun  time.Time
	took   time.Duration
}

func (r *runner) send(ctx context.Context, out client.Request) sent {
	s := sent{begun: time.Now()}
	s.answer, s.times, s.again, s.err = r.client.Send(ctx, out)
	if s.took = time.Since(s.begun); s.answer != nil {
		s.answer.At = s.begun
	}
	switch {
	case s.err == nil || errors.Is(s.err, client.ErrTooBusy): // which is an answer
		r.silent.Store(0)
	case !errors.Is(s.err, client.ErrNoTurn):
		r.silent.Add(1)
	}
	return s
}

// largeAnswer is the number of bytes of a body from which on it takes long to look for
// secrets in it.
const largeAnswer = 64 << 10

// turn waits until a large answer may be worked on: few are at a time, however many
// jobs a run has, so that memory is bounded and a run ends when it is to end. What it
// returns ends the turn. False if the run has ended.
func (r *runner) turn(ctx context.Context, s sent) (end func(), ok bool) {
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

// take judges one answer of a case.
func (r *runner) take(ctx context.Context, t *trial, bound suite.Bound, out client.Request, s sent) {
	result := &t.result
	result.Requests++
	end, ok := r.turn(ctx, s)
	if end != nil {
		defer end()
	}
	if !ok {
		s = sent{begun: s.begun, took: s.took, times: s.times, err: context.Cause(ctx)}
	}
	result.Exchanges = append(result.Exchanges, r.record(out, s))
	if s.err != nil {
		t.accepted, result.Curl = false, r.client.Curl(out)
		t.end(report.CouldNotRun, r.judge.Masker.Mask(reason(ctx, s.err)))
		return
	}
	j := r.judges[t.c.Operation]
	t.accepted = t.accepted && s.answer.Status == j.Success
	if s.answer.Status == j.Success {
		r.remember(t, j.Op, bound.Parameters, s.answer)
	}
	t.altered = t.altered || altered(result.Exchanges[len(result.Exchanges)-1], s.answer)
	found := j.JudgeAnswer(t.c, bound, s.answer)
	t.unique, t.duties, t.moments = append(t.unique, found.Unique...), append(t.duties, found.Duties...), append(t.moments, found.Moments...)
	if found.Kind != "" {
		t.count(found.Kind, 1)
	}
	result.Members.Add(found.Members)
	if found.Members.NotLookedAt > 0 {
		t.end(report.KitError, fmt.Sprintf("%d members of the answer were not looked at", found.Members.NotLookedAt))
		return
	}
	if r.opts.Strict {
		for _, d := range found.Notes {
			if !d.AboutHTTP() { // what HTTP does not allow is not what the page speaks of
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

// reason says why an exchange could not be completed.
func reason(ctx context.Context, err error) string {
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if errors.Is(err, context.Canceled) {
		return "interrupted"
	}
	return err.Error()
}
