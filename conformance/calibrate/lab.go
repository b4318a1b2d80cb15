package calibrate

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/listen"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// lab serves every implementation to be measured from one listener: the path
// says which.
type lab struct {
	opts        Options
	suite       *suite.Suite
	environment environment.Environment
	base        string
	field       string // that carries the token
	server      *listen.Server
	mu          sync.RWMutex
	handlers    map[string]http.Handler
	next        atomic.Int64
	timeout     time.Duration // for one answer
	cases       []string      // patterns of those to try; empty means all

	kinds  []string            // ids of cases, one of every kind: what a null server is tried on first
	listed map[string][]string // ids of the cases of a rule that do not begin with its id, by rule
}

func newLab(ctx context.Context, opts Options) (*lab, error) {
	s, err := opts.Derived.Draw(1)
	if err != nil {
		return nil, err
	}
	env, err := environment.Default(s.Document())
	if err != nil {
		return nil, err
	}
	if opts.Derived == nil {
		env.TokenEnv = "VPNCONFORM_TOKEN" // so that the cases of credentials can be tried
	}
	l := &lab{
		environment: env, opts: opts, suite: s, timeout: 5 * time.Second,
		handlers: map[string]http.Handler{}, listed: listed(s), kinds: kinds(s),
	}
	l.field, _ = s.Document().TokenField()
	const connections = 1 << 14 // every run has as many as it has jobs, and there are as many runs
	if l.server, err = listen.Serve(ctx, "127.0.0.1:0", http.HandlerFunc(l.serve), listen.Limits{Connections: connections}); err != nil {
		return nil, err
	}
	l.base = l.server.URL()
	return l, nil
}

// kinds are the first case that is accepted, refused or neither of every rule and
// every other group: an answer that is always the same does no better in the
// others of it.
func kinds(s *suite.Suite) []string {
	type kind struct {
		operation, group  string
		accepted, refused bool
	}
	var out []string
	seen := map[kind]bool{}
	for _, c := range s.Cases {
		group, _, _ := strings.Cut(c.Name(), "/")
		if group == "transport" || group == "example" {
			group = c.ID // each is of its own kind
		}
		if k := (kind{c.Operation, group, c.Accepted(), c.Refused()}); !seen[k] {
			seen[k] = true
			out = append(out, c.ID)
		}
	}
	return out
}

// listed are the cases of rules whose ids do not begin with that of the rule.
func listed(s *suite.Suite) map[string][]string {
	out := map[string][]string{}
	for _, c := range s.Cases {
		if c.Rule != nil && c.Refused() && !strings.HasPrefix(c.Name(), c.Rule.ID+"/") {
			out[c.Rule.ID] = append(out[c.Rule.ID], c.ID)
		}
	}
	return out
}

func (l *lab) close() { l.server.Stop(0) } // nothing is lost that was not yet measured

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

// each calls do for the numbers below n, several at a time, and in the end for
// those that are to be alone.
func (l *lab) each(n int, alone func(int) bool, do func(int)) {
	var telling sync.Mutex
	done := 0
	var measuring errgroup.Group
	measuring.SetLimit(cmp.Or(l.opts.Jobs, 2*runtime.GOMAXPROCS(0)))
	measure := func(i int) {
		do(i)
		telling.Lock()
		defer telling.Unlock()
		if done++; l.opts.Each != nil {
			l.opts.Each(done, n)
		}
	}
	for i := range n {
		if !alone(i) {
			measuring.Go(func() error {
				measure(i)
				return nil // what went wrong is with what was measured
			})
		}
	}
	_ = measuring.Wait()
	for i := range n {
		if alone(i) {
			measure(i)
		}
	}
}
