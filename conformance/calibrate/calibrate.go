package calibrate

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/reference/fault"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Options says what to measure. The zero value measures everything.
type Options struct {
	Sample int // faults of each kind, and null servers of each status; 0 means all
	Jobs   int // servers at a time; 0 means 2 x GOMAXPROCS

	// Derived is what the cases are derived to; nil means those of the embedded
	// document. Of another document there is no reference implementation to have
	// faults: its cases are measured by null servers alone.
	Derived *suite.Derived

	// Tester, if not nil, is measured in the place of the kit: it tries the
	// implementation at a URL, and tells whether it noticed anything wrong, and
	// what it ended with. The error is [ErrEndless] when it did not end, which
	// notices nothing; any other ends the measurement.
	Tester func(ctx context.Context, url string) (noticed bool, how string, err error)

	// Each, if not nil, is called whenever a server has been measured, one at
	// a time.
	Each func(done, all int)
}

// ErrEndless says that a tester did not end in its time.
var ErrEndless = errors.New("the tester did not end")

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

	// Stale says that reports name other figures; empty if they do not.
	Stale string `json:"stale,omitempty"`
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

	// Unshown tells that no case has a request that shows the fault, though
	// there is one.
	Unshown bool `json:"unshown,omitempty"`
}

// canary is a fault that everybody notices.
const canary = "status/created-200"

//go:embed equivalent.yaml
var equivalents []byte

// equivalent is an entry of equivalent.yaml.
type equivalent struct {
	Fault  string `json:"fault"` // its id, or a pattern of path.Match
	Reason string `json:"reason"`
}

// names tells whether an entry speaks of a fault.
func (e equivalent) names(fault string) bool {
	if e.Fault == fault {
		return true
	}
	ok, err := path.Match(e.Fault, fault)
	return err == nil && ok
}

// Run measures the kit. When ctx ends, the measurement is void. An error is a
// mistake of the kit.
func Run(ctx context.Context, opts Options) (*Measurement, error) {
	known, err := readEquivalents(equivalents)
	if err != nil {
		return nil, err
	}
	l, err := newLab(ctx, opts)
	if err != nil {
		return nil, err
	}
	defer l.close()
	if opts.Derived != nil {
		return l.measureNulls(ctx)
	}
	healthy, err := l.reference()
	if err != nil {
		return nil, err
	}
	m, err := l.measure(ctx, healthy, func() (experiment, error) {
		faults, err := fault.All()
		if err != nil {
			return experiment{}, err
		}
		nulls, err := l.nulls()
		return experiment{l.faultsOf(faults), nulls, known}, err
	})
	if err == nil && opts.Sample == 0 && opts.Tester == nil {
		m.released()
	}
	return m, err
}

// released holds a whole measurement against the figures that reports name.
func (m *Measurement) released() {
	total := m.total()
	is := suite.Figures{
		Cases: m.Cases, NullServers: len(m.Nulls), NullScore: m.NullScore(),
		Faults: total.All, Killed: total.Killed, Equivalent: total.Equivalent, Command: "vpnconform calibrate",
	}
	s, err := suite.Load(1)
	if err != nil {
		return // it was loaded before
	}
	if says, ok := s.Calibration(); !ok || says != is {
		m.Stale = fmt.Sprintf("requirements/calibration.json says %+v, and it is %+v", says, is)
	}
}

// experiment is what the kit is tried on beside the healthy implementation.
type experiment struct {
	faults []subject
	nulls  []null
	known  []equivalent
}

// measure tries the kit on everything. When it fails on the healthy
// implementation, the rest would show nothing, and is not asked for.
func (l *lab) measure(ctx context.Context, healthy http.Handler, rest func() (experiment, error)) (*Measurement, error) {
	m := &Measurement{Nulls: []Null{}, Kills: []Kill{}, Void: []string{}, Wrong: []string{}}
	err := l.healthy(ctx, healthy, m)
	switch {
	case ctx.Err() != nil:
		m.Void = []string{"interrupted"}
		return m, nil
	case err != nil:
		return nil, err
	case len(m.Void) > 0:
		return m, nil
	}
	e, err := rest()
	if err != nil {
		return nil, err
	}
	faults, nulls := e.faults, e.nulls
	if n := l.opts.Sample; n > 0 {
		faults = sample(faults, n, func(f subject) string { return f.Kind }, func(f subject) bool { return f.ID == canary })
		nulls = sample(nulls, n, func(n null) string { return n.kind }, func(null) bool { return false })
	}
	m.Nulls, m.Kills = make([]Null, len(nulls)), make([]Kill, len(faults))
	errs := make([]error, len(nulls)+len(faults))
	// The suite of one seed at a time is kept, so that those of other seeds come last.
	alone := func(i int) bool { return i < len(faults) && faults[i].Seed != 0 }
	l.each(len(errs), alone, func(i int) {
		if i < len(faults) {
			m.Kills[i], errs[i] = l.fault(ctx, faults[i])
		} else {
			m.Nulls[i-len(faults)], errs[i] = l.null(ctx, nulls[i-len(faults)])
		}
	})
	if ctx.Err() != nil {
		m.Void = []string{"interrupted"}
		return m, nil
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	m.judge(e.known, l.opts)
	return m, nil
}

// measureNulls tries the cases of a document on null servers, which is all that
// can be told of them without an implementation.
func (l *lab) measureNulls(ctx context.Context) (*Measurement, error) {
	nulls, err := l.nulls()
	if err != nil {
		return nil, err
	}
	if n := l.opts.Sample; n > 0 {
		nulls = sample(nulls, n, func(n null) string { return n.kind }, func(null) bool { return false })
	}
	m := &Measurement{Cases: len(l.suite.Cases), Nulls: make([]Null, len(nulls)), Kills: []Kill{}, Void: []string{}, Wrong: []string{}}
	errs := make([]error, len(nulls))
	l.each(len(nulls), func(int) bool { return false }, func(i int) { m.Nulls[i], errs[i] = l.null(ctx, nulls[i]) })
	if ctx.Err() != nil {
		m.Void = []string{"interrupted"}
		return m, nil
	}
	return m, errors.Join(errs...)
}

// sample takes items of every kind, the first and others at even distances, and
// those that are needed.
func sample[T any](items []T, most int, kind func(T) string, needed func(T) bool) []T {
	count := map[string]int{}
	for _, item := range items {
		count[kind(item)]++
	}
	seen := map[string]int{}
	return slices.DeleteFunc(slices.Clone(items), func(item T) bool {
		n, of := seen[kind(item)], count[kind(item)]
		seen[kind(item)]++
		place := (n*most + of - 1) / of // of those that are taken, the first that is not before this one
		taken := of <= most || place < most && place*of/most == n
		return !taken && !needed(item)
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
	there := map[string]bool{}
	for i, e := range list {
		switch {
		case e.Fault == "" || strings.TrimSpace(e.Reason) == "":
			return nil, file.Fault(fmt.Sprintf("/%d", i), "an entry has a fault and a reason")
		case there[e.Fault]:
			return nil, file.Fault(fmt.Sprintf("/%d", i), "%s is there already", e.Fault)
		}
		there[e.Fault] = true
	}
	return list, nil
}

// judge says whether the measurement counts, and what of the list of
// equivalents is wrong.
func (m *Measurement) judge(known []equivalent, opts Options) {
	sampled, foreign := opts.Sample > 0, opts.Tester != nil
	found := map[string]bool{}
	for i := range m.Kills {
		k := &m.Kills[i]
		found[k.Fault] = true
		entry := slices.IndexFunc(known, func(e equivalent) bool { return e.names(k.Fault) })
		listed, reason := entry >= 0, ""
		if listed {
			reason, found[known[entry].Fault] = known[entry].Reason, true
		}
		switch {
		case listed && k.Case != "" && !foreign:
			m.Wrong = append(m.Wrong, fmt.Sprintf("%s is killed by %s", k.Fault, k.Case))
		case listed && k.Case == "":
			k.Equivalent = reason
		case k.Changed == 0 && !k.Unshown && !foreign:
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
	return m.Stale == "" && len(m.Void)+len(m.Wrong)+len(m.Survivors())+m.NullScore() == 0
}
