package calibrate

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/fault"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// seed is that of the runs: the faults are derived from its suite, of which one
// at a time is kept.
const seed = 1

// token is what every implementation here asks for.
const token = "Calibration-Token-1"

// options are those of every run. Strict finds members that do not belong.
func (l *lab) options(url string) conformance.Options {
	o := conformance.Options{
		Target: url, Derived: l.opts.Derived, Environment: l.environment, Token: token, Run: l.cases, Seed: seed,
		Jobs: 1, Timeout: l.timeout, MaxWait: -1, Level: "may", Strict: true, Once: true,
	}
	if l.field == "" { // the document knows no token
		o.Token = ""
	}
	return o
}

// reference is the healthy implementation. Another tester need not know the
// token.
func (l *lab) reference() (*reference.Server, error) {
	if l.opts.Tester != nil {
		return reference.New(reference.Options{})
	}
	return reference.New(reference.Options{Token: token})
}

// healthy measures the healthy implementation, which has to pass everything.
func (l *lab) healthy(ctx context.Context, implementation http.Handler, m *Measurement) error {
	return l.with(implementation, func(url string) error {
		if l.opts.Tester != nil {
			m.Cases = 1
			noticed, how, err := l.opts.Tester(ctx, url)
			if errors.Is(err, ErrEndless) {
				noticed, how, err = true, err.Error(), nil
			}
			if noticed {
				m.Void = append(m.Void, "the tester fails on the healthy implementation: "+how)
			}
			return err
		}
		o := l.options(url)
		o.Jobs = 0
		found, err := conformance.Run(ctx, o)
		if err != nil {
			return err
		}
		if m.Cases = len(found.Results); found.Count()[report.Pass] != m.Cases {
			m.Void = append(m.Void, "the healthy implementation does not pass: "+found.Summary())
		}
		return nil
	})
}

// subject is an implementation with a fault that should be noticed.
type subject struct {
	fault.Fault
	serve func(changed func()) (http.Handler, error)
}

// faultsOf are the reference implementation's faults, to be served here.
func (l *lab) faultsOf(all []fault.Fault) []subject {
	out := make([]subject, len(all))
	for i, f := range all {
		out[i] = subject{f, func(changed func()) (http.Handler, error) {
			healthy, err := l.reference()
			if err != nil {
				return nil, err
			}
			return fault.With(healthy, f, changed)
		}}
	}
	return out
}

// fault measures one fault: first with the cases that are likely to notice it,
// those of its rule for instance, then with all. What only the cases of its rule
// can notice is not tried on others.
func (l *lab) fault(ctx context.Context, f subject) (Kill, error) {
	k := Kill{Fault: f.ID, Kind: f.Kind, Breaks: f.Breaks, Rule: f.Rule}
	var changed atomic.Int64
	implementation, err := f.serve(func() { changed.Add(1) })
	if err != nil {
		return k, err
	}
	err = l.with(implementation, func(url string) error {
		if l.opts.Tester != nil {
			noticed, how, err := l.opts.Tester(ctx, url)
			if noticed {
				k.Case = how
			}
			return unlessEndless(err)
		}
		o := l.options(url)
		o.FailFast, o.Seed = true, cmp.Or(f.Seed, seed)
		for _, t := range l.attempts(f) {
			o.Run, o.Jobs = t.run, t.jobs
			if err := k.try(ctx, o); err != nil || k.Case != "" {
				return err
			}
		}
		return nil
	})
	if k.Changed = changed.Load(); err == nil && k.Changed == 0 && l.opts.Tester == nil {
		err = l.shown(implementation, f)
		k.Unshown = changed.Load() > 0
	}
	return k, err
}

// attempt is a run of cases.
type attempt struct {
	run  []string // patterns; none means all
	jobs int
}

// attempts are the runs that a fault is tried on until one notices it. Some
// faults need several requests at a time.
func (l *lab) attempts(f subject) []attempt {
	var out []attempt
	if f.Rule != "" {
		out = append(out, attempt{[]string{f.Rule}, 1})
		if listed := l.listed[f.Rule]; len(listed) > 0 {
			out = append(out, attempt{listed, 1})
		}
	}
	if f.Within {
		return out
	}
	for _, pattern := range f.Try {
		out = append(out, attempt{[]string{pattern}, 4})
	}
	return append(out, attempt{l.cases, 1}, attempt{l.cases, 4})
}

// shown sends the requests that show a fault which no case showed.
func (l *lab) shown(implementation http.Handler, f subject) error {
	requests, err := f.Witness()
	if err != nil {
		return err
	}
	for _, r := range requests {
		r.Header.Set(l.field, token)
		implementation.ServeHTTP(httptest.NewRecorder(), r)
	}
	return nil
}

// try runs cases until one fails. A rule without cases kills nothing.
func (k *Kill) try(ctx context.Context, o conformance.Options) error {
	found, err := conformance.Run(ctx, o)
	var usage *conformance.UsageError
	if errors.As(err, &usage) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, r := range found.Results {
		if r.Outcome == report.Fail && len(r.Differences) > 0 {
			k.Case, k.Pointer, k.Level = r.Case, r.Differences[0].Pointer, r.Differences[0].Level
			return nil
		}
	}
	return nil
}

// null measures a null server: on a case of every kind, and on all if one passes.
func (l *lab) null(ctx context.Context, n null) (Null, error) {
	out := Null{Name: n.name, Passed: []string{}}
	err := l.with(n.handler, func(url string) (err error) {
		if l.opts.Tester != nil {
			noticed, how, err := l.opts.Tester(ctx, url)
			if !noticed {
				out.Passed = append(out.Passed, how)
			}
			return unlessEndless(err)
		}
		o := l.options(url)
		o.Timeout, o.Jobs = n.timeout, max(n.jobs, 1)
		if len(l.cases) == 0 {
			o.Run = l.kinds
		}
		if out.Passed, err = passed(ctx, o); err == nil && len(out.Passed) > 0 {
			o.Run = l.cases
			out.Passed, err = passed(ctx, o)
		}
		return err
	})
	return out, err
}

// passed are the ids of the cases of a run that pass.
func passed(ctx context.Context, o conformance.Options) ([]string, error) {
	found, err := conformance.Run(ctx, o)
	if err != nil {
		return nil, err
	}
	out := []string{}
	for _, r := range found.Results {
		if r.Outcome == report.Pass || r.Outcome == report.Flaky {
			out = append(out, r.Case)
		}
	}
	return out, nil
}

// unlessEndless is an error of a tester that ends the measurement.
func unlessEndless(err error) error {
	if errors.Is(err, ErrEndless) {
		return nil
	}
	return err
}
