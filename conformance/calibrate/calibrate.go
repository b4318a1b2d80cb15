package calibrate

import (
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Options says what to measure. The zero value measures everything.
type Options struct {
	Sample int // faults of each kind, and null servers of each status; 0 means all
	Jobs   int // servers at a time; 0 means 2 x GOMAXPROCS

	// Tester, if not nil, is measured in the place of the kit: it tries the
	// implementation at a URL, and tells whether it noticed anything wrong, and
	// what it ended with.
	Tester func(ctx context.Context, url string) (noticed bool, how string, err error)

	// Each, if not nil, is called whenever a server has been measured, one at
	// a time.
	Each func(done, all int)
}

// Measurement is what was found of the kit.
type Measurement struct {
	Cases int    `json:"cases"` // of the suite
	Nulls []Null `json:"nulls"`
	Kills []Kill `json:"faults"`

	// Void says why nothing of it counts; empty if it does.
	Void []string `json:"void"`

	// Wrong lists entries of equivalent.yaml that name no fault, or one that
	// was killed.
	Wrong []string `json:"wrong"`
}

// Null is what a null server got.
type Null struct {
	Name   string   `json:"name"`
	Passed []string `json:"passed"` // ids of cases; should be none
}

// Kill is what became of a fault.
type Kill struct {
	Fault  string `json:"fault"`
	Kind   string `json:"kind"`
	Breaks string `json:"breaks"`
	Rule   string `json:"rule,omitempty"`

	Case    string `json:"case,omitempty"`    // that failed first; empty if none did
	Pointer string `json:"pointer,omitempty"` // of its first difference
	Level   string `json:"level,omitempty"`   // of the difference

	Equivalent string `json:"equivalent,omitempty"` // why nobody could notice it
	Changed    int64  `json:"changed"`              // answers that it changed
}

// canary is a fault that everybody notices.
const canary = "status/created-200"

//go:embed equivalent.yaml
var equivalents []byte

// equivalent is an entry of equivalent.yaml.
type equivalent struct {
	Fault  string `json:"fault"`
	Reason string `json:"reason"`
}

// Run measures the kit. When ctx ends, the measurement is void. An error is a
// mistake of the kit.
func Run(ctx context.Context, opts Options) (*Measurement, error) {
	faults, err := reference.Faults()
	if err != nil {
		return nil, err
	}
	known, err := readEquivalents(equivalents)
	if err != nil {
		return nil, err
	}
	l, err := newLab(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer l.close()
	m := &Measurement{}
	if err := l.healthy(ctx, m); err != nil {
		return nil, err
	}
	nulls, err := l.nulls()
	if err != nil {
		return nil, err
	}
	if opts.Sample > 0 {
		faults = sample(faults, opts.Sample, func(f reference.Fault) string { return f.Kind }, func(f reference.Fault) bool { return f.ID == canary })
		nulls = sample(nulls, opts.Sample, func(n null) string { return n.kind }, func(null) bool { return false })
	}
	m.Nulls, m.Kills = make([]Null, len(nulls)), make([]Kill, len(faults))
	errs := make([]error, len(nulls)+len(faults))
	l.each(len(errs), opts, func(i int) {
		if i < len(faults) {
			m.Kills[i], errs[i] = l.fault(ctx, faults[i])
		} else {
			m.Nulls[i-len(faults)], errs[i] = l.null(ctx, nulls[i-len(faults)])
		}
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	m.judge(ctx, known, opts)
	return m, nil
}

// sample takes the first items of every kind, and those that are needed.
func sample[T any](items []T, most int, kind func(T) string, needed func(T) bool) []T {
	count := map[string]int{}
	return slices.DeleteFunc(slices.Clone(items), func(item T) bool {
		count[kind(item)]++
		return count[kind(item)] > most && !needed(item)
	})
}

func readEquivalents(data []byte) ([]equivalent, error) {
	file, err := source.Read("equivalent.yaml", data)
	if err != nil {
		return nil, err
	}
	var list []equivalent
	if err := file.Decode(&list); err != nil {
		return nil, err
	}
	for i, e := range list {
		if e.Fault == "" || e.Reason == "" {
			return nil, file.Fault(fmt.Sprintf("/%d", i), "an entry has a fault and a reason")
		}
	}
	return list, nil
}

// judge says whether the measurement counts, and what of the list of
// equivalents is wrong.
func (m *Measurement) judge(ctx context.Context, known []equivalent, opts Options) {
	sampled, foreign := opts.Sample > 0, opts.Tester != nil
	reasons := map[string]string{}
	for _, e := range known {
		reasons[e.Fault] = e.Reason
	}
	found := map[string]bool{}
	for i := range m.Kills {
		k := &m.Kills[i]
		found[k.Fault] = true
		switch reason, listed := reasons[k.Fault]; {
		case listed && k.Case != "" && !foreign:
			m.Wrong = append(m.Wrong, fmt.Sprintf("%s is killed by %s", k.Fault, k.Case))
		case listed && k.Case == "":
			k.Equivalent = reason
		case k.Changed == 0 && !foreign:
			m.Void = append(m.Void, fmt.Sprintf("fault %s changed no answer", k.Fault))
		}
		if k.Fault == canary && k.Case == "" && !foreign {
			m.Void = append(m.Void, "the canary "+canary+" survived")
		}
	}
	for _, e := range known {
		if !found[e.Fault] && !sampled {
			m.Wrong = append(m.Wrong, e.Fault+" is no fault")
		}
	}
	if !found[canary] {
		m.Void = append(m.Void, "the canary "+canary+" is no fault")
	}
	if err := ctx.Err(); err != nil {
		m.Void = append(m.Void, "interrupted")
	}
}

// Survivors are the faults that no case noticed and could have.
func (m *Measurement) Survivors() []Kill {
	return slices.DeleteFunc(slices.Clone(m.Kills), func(k Kill) bool { return k.Case != "" || k.Equivalent != "" })
}

// NullScore is the highest number of cases that a null server passes.
func (m *Measurement) NullScore() int {
	score := 0
	for _, n := range m.Nulls {
		score = max(score, len(n.Passed))
	}
	return score
}

// Holds tells whether the kit is calibrated: nothing is void, no null server
// passes anything, no fault survives, and no equivalent is wrong.
func (m *Measurement) Holds() bool {
	return len(m.Void)+len(m.Wrong)+len(m.Survivors())+m.NullScore() == 0
}

// lab serves every implementation to be measured from one listener: the path
// says which.
type lab struct {
	opts        Options
	environment suite.Environment
	base        string
	server      *http.Server
	mu          sync.RWMutex
	handlers    map[string]http.Handler
	next        atomic.Int64
}

func newLab(ctx context.Context, opts Options) (*lab, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	environment, err := suite.Default()
	if err != nil {
		return nil, err
	}
	environment.TokenEnv = "VPNCONFORM_TOKEN" // so that the cases of credentials can be tried
	l := &lab{environment: environment, opts: opts, base: "http://" + listener.Addr().String(), handlers: map[string]http.Handler{}}
	l.server = &http.Server{Handler: http.HandlerFunc(l.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = l.server.Serve(listener) }() // ends with close
	return l, nil
}

func (l *lab) close() { _ = l.server.Close() } // nothing is lost that was not yet measured

// serve finds the implementation by the first segment of the path.
func (l *lab) serve(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	end := 1
	for end < len(path) && path[end] != '/' {
		end++
	}
	l.mu.RLock()
	handler := l.handlers[path[:end]]
	l.mu.RUnlock()
	if handler == nil {
		http.NotFound(w, r)
		return
	}
	http.StripPrefix(path[:end], handler).ServeHTTP(w, r)
}

// with serves an implementation while measure runs with its URL.
func (l *lab) with(handler http.Handler, measure func(url string) error) error {
	name := fmt.Sprintf("/%d", l.next.Add(1))
	l.mu.Lock()
	l.handlers[name] = handler
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.handlers, name)
		l.mu.Unlock()
	}()
	return measure(l.base + name)
}

// each calls do for the numbers below n, several at a time.
func (l *lab) each(n int, opts Options, do func(int)) {
	var next atomic.Int64
	var telling sync.Mutex
	done := 0
	var workers sync.WaitGroup
	for range cmp.Or(opts.Jobs, 2*runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
				telling.Lock()
				if done++; opts.Each != nil {
					opts.Each(done, n)
				}
				telling.Unlock()
			}
		})
	}
	workers.Wait()
}

// token is what every implementation here asks for.
const token = "Calibration-Token-1"

// options are those of every run. Strict finds members that do not belong.
func (l *lab) options(url string) conformance.Options {
	return conformance.Options{
		Target: url, Environment: l.environment, Token: token, Jobs: 1, Timeout: 5 * time.Second, MaxWait: -1, Level: "may", Strict: true, Once: true,
	}
}

// reference is the healthy implementation. Another tester need not know the
// token.
func (l *lab) reference() (*reference.Server, error) {
	if l.opts.Tester != nil {
		return reference.New(reference.Options{})
	}
	return reference.New(reference.Options{Token: token})
}

// healthy measures the reference implementation, which has to pass everything.
func (l *lab) healthy(ctx context.Context, m *Measurement) error {
	implementation, err := l.reference()
	if err != nil {
		return err
	}
	return l.with(implementation, func(url string) error {
		if l.opts.Tester != nil {
			m.Cases = 1
			noticed, how, err := l.opts.Tester(ctx, url)
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

// fault measures one fault: first with the cases of its rule, then with all.
func (l *lab) fault(ctx context.Context, f reference.Fault) (Kill, error) {
	k := Kill{Fault: f.ID, Kind: f.Kind, Breaks: f.Breaks, Rule: f.Rule}
	healthy, err := l.reference()
	if err != nil {
		return k, err
	}
	var changed atomic.Int64
	implementation, err := reference.WithFault(healthy, f, func() { changed.Add(1) })
	if err != nil {
		return k, err
	}
	err = l.with(implementation, func(url string) error {
		if l.opts.Tester != nil {
			noticed, how, err := l.opts.Tester(ctx, url)
			if noticed {
				k.Case = how
			}
			return err
		}
		o := l.options(url)
		o.FailFast = true
		if f.Rule != "" {
			o.Run = []string{f.Rule}
			if err := k.try(ctx, o); err != nil {
				return err
			}
		}
		if o.Run = nil; k.Case == "" {
			o.Jobs = 4 // some faults need several requests at a time
			return k.try(ctx, o)
		}
		return nil
	})
	k.Changed = changed.Load()
	return k, err
}

// try runs cases until one fails. A rule without cases kills nothing.
func (k *Kill) try(ctx context.Context, o conformance.Options) error {
	found, err := conformance.Run(ctx, o)
	var usage *conformance.UsageError
	if asUsage(err, &usage) {
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

// null measures a null server.
func (l *lab) null(ctx context.Context, n null) (Null, error) {
	out := Null{Name: n.name, Passed: []string{}}
	err := l.with(n.handler, func(url string) error {
		if l.opts.Tester != nil {
			noticed, how, err := l.opts.Tester(ctx, url)
			if !noticed {
				out.Passed = append(out.Passed, how)
			}
			return err
		}
		o := l.options(url)
		o.Timeout = n.timeout
		found, err := conformance.Run(ctx, o)
		if err != nil {
			return err
		}
		for _, r := range found.Results {
			if r.Outcome == report.Pass || r.Outcome == report.Flaky {
				out.Passed = append(out.Passed, r.Case)
			}
		}
		return nil
	})
	return out, err
}
