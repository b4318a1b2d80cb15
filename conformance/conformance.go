package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// Options says what to run. Only Target is required.
type Options struct {
	// Target is the base URL of the implementation, http or https.
	Target string

	// Environment is what the target has; one that is
	// empty means [suite.Default].
	Environment suite.Environment

	// Token is sent as X-Auth-Token; empty means that none is sent.
	Token string

	Run     []string      // path.Match patterns on case ids; empty runs all
	Timeout time.Duration // of one case; 0 means 10 s
	Strict  bool          // a member that the page does not know is a difference

	// Known are the failures that are expected.
	Known []KnownFailure

	// Today is the day on which Known is judged; zero means time.Now.
	Today time.Time

	// Rand is the source of the pre-shared key that takes the place of the
	// masked one; nil means crypto/rand.
	Rand io.Reader

	// Each, if not nil, is called with every result as soon as it is known.
	Each func(report.Result)
}

// UsageError is something wrong in the options.
type UsageError struct{ message string }

func (e *UsageError) Error() string { return e.message }

func usage(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}

// Cases returns the cases that the patterns select, in the suite's order; no
// pattern selects all. A malformed pattern, or one that matches no case, is an
// error.
func Cases(patterns []string) ([]suite.Case, error) {
	all, err := suite.Cases()
	if err != nil || len(patterns) == 0 {
		return all, err
	}
	selected := map[string]bool{}
	for _, pattern := range patterns {
		matched := false
		for _, c := range all {
			ok, err := path.Match(pattern, c.ID)
			if err != nil {
				return nil, usage("pattern %q is malformed", pattern)
			}
			if ok {
				matched, selected[c.ID] = true, true
			}
		}
		if !matched {
			return nil, usage("pattern %q matches no case", pattern)
		}
	}
	return slices.DeleteFunc(all, func(c suite.Case) bool { return !selected[c.ID] }), nil
}

// Run runs the cases against the target. When ctx ends, the cases that have not
// run are reported as could-not-run. An error is a *[UsageError], or a mistake of
// the kit itself.
func Run(ctx context.Context, opts Options) (*report.Report, error) {
	cases, err := Cases(opts.Run)
	if err != nil {
		return nil, err
	}
	return run(ctx, opts, cases)
}

func run(ctx context.Context, opts Options, cases []suite.Case) (*report.Report, error) {
	r, err := newRunner(opts)
	if err != nil {
		return nil, err
	}
	defer r.client.close()
	if err := r.checkEnvironment(cases); err != nil {
		return nil, err
	}
	results := &report.Report{Target: r.client.base.String()}
	for _, c := range cases {
		result := r.run(ctx, c)
		markKnown(&result, opts.Known)
		if opts.Each != nil {
			opts.Each(result)
		}
		results.Results = append(results.Results, result)
	}
	results.Baseline = audit(opts.Known, results.Results, len(opts.Run) > 0, opts.Today)
	return results, nil
}

// runner runs cases one after another.
type runner struct {
	doc     *openapi.Document
	op      openapi.Operation
	env     suite.Environment
	psk     string
	strict  bool
	timeout time.Duration
	client  *client
	judge   *judge
}

func newRunner(opts Options) (*runner, error) {
	doc, err := openapi.Load()
	if err != nil {
		return nil, err
	}
	op, ok := doc.Operation("CreateVpnConnection")
	if !ok {
		return nil, errors.New("vpn.yaml: no operation CreateVpnConnection")
	}
	r := &runner{doc: doc, op: op, env: opts.Environment, strict: opts.Strict, timeout: opts.Timeout}
	if r.env.ProjectID == "" && len(r.env.Gateways)+len(r.env.CustomerGateways) == 0 {
		if r.env, err = suite.Default(); err != nil {
			return nil, err
		}
	}
	if err := r.env.Validate("environment"); err != nil {
		return nil, &UsageError{err.Error()}
	}
	switch {
	case r.timeout < 0:
		return nil, usage("timeout %v is negative", r.timeout)
	case r.timeout == 0:
		r.timeout = 10 * time.Second
	}
	random := opts.Rand
	if random == nil {
		random = rand.Reader
	}
	if r.psk, err = presharedKey(random); err != nil {
		return nil, err
	}
	if r.client, err = newClient(opts.Target, r.env, opts.Token); err != nil {
		return nil, err
	}
	r.client.psk = r.psk
	r.judge = newJudge(doc, op)
	return r, nil
}

// checkEnvironment returns an error if a request breaks a rule because of the
// environment's values, and not in the default environment.
func (r *runner) checkEnvironment(cases []suite.Case) error {
	standard, err := suite.Default()
	if err != nil {
		return err
	}
	for _, c := range cases {
		own, err := c.Bind(r.env, r.psk)
		if err != nil {
			continue // the case itself says so
		}
		usual, err := c.Bind(standard, r.psk)
		if err != nil || len(r.doc.CheckRequest(r.op, usual.Request, usual.Facts)) > 0 {
			continue
		}
		exchange := openapi.Exchange{Request: own.Request, Response: own.Golden, Facts: own.Facts, Headers: requestID(own.Golden)}
		wrong := append(r.doc.CheckRequest(r.op, own.Request, own.Facts), r.doc.CheckResponse(r.op, success, exchange)...)
		if len(wrong) > 0 {
			return usage("the environment's value for %s is wrong: %s", wrong[0].Pointer, wrong[0].Message)
		}
	}
	return nil
}

// requestID is the header that goes with a documented answer.
func requestID(golden any) map[string]string {
	id, _ := lookup(golden, "/request_id").(string)
	return map[string]string{"x-request-id": id}
}

// presharedKey makes a key of 20 characters, with all the classes that the
// page asks for.
func presharedKey(random io.Reader) (string, error) {
	const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_=+~:;."
	key := make([]byte, 16)
	if _, err := io.ReadFull(random, key); err != nil {
		return "", fmt.Errorf("pre-shared key: %w", err)
	}
	for i, b := range key {
		key[i] = alphabet[int(b)%len(alphabet)]
	}
	return "Vc1-" + string(key), nil
}

// run runs one case, which is to create the same connection twice.
func (r *runner) run(ctx context.Context, c suite.Case) (result report.Result) {
	result = report.Result{Case: c.ID, Title: c.Title, Level: c.Level, Source: c.Source, Errata: c.Errata}
	defer func() { // a panic in one case must not lose the results of the others
		if p := recover(); p != nil {
			result.Outcome, result.Reason = report.KitError, fmt.Sprintf("panic: %v", p)
		}
	}()
	bound, err := c.Bind(r.env, r.psk)
	var missing *suite.MissingError
	switch {
	case errors.As(err, &missing):
		result.Outcome, result.Reason = report.NotApplicable, missing.Error()
		return result
	case err != nil:
		result.Outcome, result.Reason = report.KitError, err.Error()
		return result
	}
	for _, v := range r.doc.CheckRequest(r.op, bound.Request, bound.Facts) {
		result.Outcome = report.KitError
		result.Reason = fmt.Sprintf("the request itself is wrong: %s: %s", v.Pointer, v.Message)
		return result
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	for range 2 {
		if result.Requests++; !r.exchange(ctx, c, bound, &result) {
			break
		}
	}
	return result
}

// exchange sends the case's request once and judges the answer. It tells
// whether the next one is worth sending.
func (r *runner) exchange(ctx context.Context, c suite.Case, bound suite.Bound, result *report.Result) bool {
	url := r.client.url(r.op, r.env.ProjectID)
	answer, err := r.client.send(ctx, r.op.Method, url, bound.Body)
	if err != nil {
		result.Outcome, result.Reason = report.CouldNotRun, r.reason(ctx, err)
		return false
	}
	found := r.judge.judge(c, bound, answer, r.client.secrets())
	result.Members.Add(found.members)
	if found.members.NotLookedAt > 0 {
		result.Outcome, result.Reason = report.KitError, fmt.Sprintf("%d members of the answer were not looked at", found.members.NotLookedAt)
		return false
	}
	result.Notes = append(result.Notes, found.notes...)
	if r.strict {
		found.differences = append(found.differences, found.notes...)
	}
	result.Differences = append(result.Differences, found.differences...)
	if len(found.differences) > 0 {
		result.Outcome, result.Curl = report.Fail, r.client.curl(r.op.Method, url, bound.Body)
		return false
	}
	result.Outcome = report.Pass
	return true
}

// reason says why an exchange could not be completed.
func (r *runner) reason(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("no complete answer within %v", r.timeout)
	case ctx.Err() != nil:
		return "interrupted"
	}
	return err.Error()
}
