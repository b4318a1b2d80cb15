package conformance

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// Part is the report of a part of a run, and its name in messages.
type Part struct {
	Name   string
	Report *report.Report
}

// Merge joins the parts of a run, see Options.Shard, into the report of the run without
// parts. From each part it takes the cases that belong to it, without the twins that the
// part ran for others. Facts that only all cases show together are found again in all
// exchanges: duties, such as that no value comes twice, and refusals whose twin was
// refused as well. If a failure is not the same as in its part, it is no known failure.
//
// The error is a *[UsageError] that names the part: for a report that is no part, or not
// of this suite; for parts of different runs; for a part that is missing or given twice;
// for one that lacks a case of its own, has one twice, or has one of another part. Merge
// also refuses parts that hide a failure: one does not conform because of a twin that is
// left out, and the others do. Golden are the recorded answers that the parts used; nil
// if they used none. Of has the cases of the parts' document; nil means the embedded one.
func Merge(parts []Part, of *suite.Derived, golden *golden.Answers) (*report.Report, error) {
	if len(parts) == 0 {
		return nil, usage.Errorf("there are no parts")
	}
	for i, p := range parts {
		if err := checkPart(p, parts[:i], of); err != nil {
			return nil, err
		}
		if err := golden.Check(p.Report); err != nil {
			return nil, usage.Errorf("%s: %v", p.Name, err)
		}
	}
	first := parts[0].Report
	s, err := suiteOf(first, of)
	if err != nil {
		return nil, err
	}
	m := &merger{suite: s, parts: make([]Part, first.Shard.Of), results: map[string]report.Result{}}
	for _, p := range parts {
		m.parts[p.Report.Shard.Part-1] = p
	}
	for i, p := range m.parts {
		if p.Report == nil {
			return nil, usage.Errorf("%s: it is part %v, and part %d is missing", parts[0].Name, first.Shard, i+1)
		}
	}
	for _, p := range m.parts {
		if err := m.takePart(p); err != nil {
			return nil, err
		}
	}
	if m.verifier, err = newVerifier(first, s, golden); err != nil {
		return nil, usage.Errorf("%s: %v", parts[0].Name, err)
	}
	out, err := m.join()
	if err != nil {
		return nil, err
	}
	return out, m.checkHidden(out)
}

// checkPart compares a report with the parts before it.
func checkPart(p Part, others []Part, of *suite.Derived) error {
	r := p.Report
	if r.Shard == (report.Shard{}) {
		return usage.Errorf("%s: the report is no part of a run", p.Name)
	}
	s, err := suiteOf(r, of)
	if err != nil {
		return usage.Errorf("%s: %v", p.Name, err)
	}
	if checkShard(r.Shard) != nil || r.Shard.Of > len(s.Cases) {
		return usage.Errorf("%s: the suite has no part %v", p.Name, r.Shard)
	}
	for _, other := range others {
		o := other.Report
		for _, has := range []struct {
			what string
			same bool
		}{
			{"kit", r.Kit == o.Kit}, {"document", r.Document == o.Document}, {"calibration", reflect.DeepEqual(r.Calibration, o.Calibration)},
			{"target", r.Target == o.Target}, {"environment", reflect.DeepEqual(r.Environment, o.Environment)},
			{"level", r.Level == o.Level}, {"strictness", r.Strict == o.Strict},
			{"order", r.Shuffled == o.Shuffled}, {"seed", r.Seed == o.Seed},
			{"number of parts", r.Shard.Of == o.Shard.Of}, {"selection of cases", r.Shard.Whole == o.Shard.Whole && slices.Equal(r.Named, o.Named)},
		} {
			if !has.same {
				return usage.Errorf("%s: it has another %s than %s", p.Name, has.what, other.Name)
			}
		}
		if r.Shard.Part == o.Shard.Part {
			return usage.Errorf("%s: it is part %v, and so is %s", p.Name, r.Shard, other.Name)
		}
	}
	return nil
}

// merger joins parts.
type merger struct {
	*verifier
	suite    *suite.Suite
	parts    []Part                   // in their order
	results  map[string]report.Result // by case, from the part that the case belongs to
	baseline []string
}

// takePart checks the cases of a part and keeps those that belong to it.
func (m *merger) takePart(p Part) error {
	shard, there := p.Report.Shard, map[string]report.Result{}
	for _, result := range p.Report.Results {
		if _, twice := there[result.Case]; twice {
			return usage.Errorf("%s: %s is there twice", p.Name, result.Case)
		}
		if _, exists := m.suite.Case(result.Case); !exists {
			return usage.Errorf("%s: %s is no case", p.Name, result.Case)
		}
		there[result.Case] = result
	}
	wanted := map[string]bool{}
	for _, c := range selectWithTwins(m.suite, func(i int, c suite.Case) bool {
		_, ok := there[c.ID]
		return (owns(shard, i) || c.Duty) && (ok || shard.Whole)
	}) {
		if _, ok := there[c.ID]; !ok {
			return usage.Errorf("%s: %s is missing", p.Name, c.ID)
		}
		wanted[c.ID] = true
	}
	for _, result := range p.Report.Results {
		if !wanted[result.Case] {
			return usage.Errorf("%s: %s belongs to another part", p.Name, result.Case)
		}
	}
	others := map[string]bool{}
	for i, c := range m.suite.Cases {
		result, ok := there[c.ID]
		switch {
		case !owns(shard, i):
			others[c.ID] = true
		case ok:
			m.results[c.ID] = result
		}
	}
	for _, line := range p.Report.Baseline {
		if id, _, _ := strings.Cut(line, " "); !others[id] {
			m.baseline = append(m.baseline, line)
		}
	}
	return nil
}

// join makes the report of all parts.
func (m *merger) join() (*report.Report, error) {
	out := *m.parts[0].Report
	for _, p := range m.parts {
		if p.Report.KitDigest != out.KitDigest {
			out.KitDigest = "" // the same version, built on several machines
		}
	}
	out.Complete, out.Shard, out.Missing, out.Results, out.Named = out.Shard.Whole, report.Shard{}, nil, nil, nil
	var trials []*trial
	for i, c := range m.suite.Cases {
		said, ok := m.results[c.ID]
		if !ok {
			continue
		}
		if m.results[c.Twin].Case != c.Twin {
			at := slices.IndexFunc(m.suite.Cases, func(twin suite.Case) bool { return twin.ID == c.Twin })
			return nil, usage.Errorf("%s: %s is missing, the twin of %s in %s", m.owner(at).Name, c.Twin, c.ID, m.owner(i).Name)
		}
		m.start = m.owner(i).Report.Started // the times of its exchanges count from there
		trials = append(trials, m.unsettle(c, said))
	}
	m.settle(trials)
	for _, t := range trials {
		m.updateKnown(t)
		if counts(t, m.parts[0].Report.Named) {
			out.Results = append(out.Results, t.result)
		}
	}
	out.LeftOut = len(m.suite.Cases) - len(out.Results)
	if out.Complete {
		out.Missing = missingCases(m.suite, m.suite.Cases)
	}
	slices.Sort(m.baseline)
	out.Baseline = slices.Compact(m.baseline)
	var all []string
	for _, result := range out.Results {
		all = append(all, result.Case)
	}
	out.Golden = m.opts.Golden.Digest(all)
	m.joinTimes(&out)
	m.applyLimits(&out)
	return &out, nil
}

// applyLimits keeps the joined report within the limits of one run.
func (m *merger) applyLimits(out *report.Report) {
	limits := newRooms()
	for i := range out.Results {
		r := &out.Results[i]
		for k := range r.Exchanges {
			limits.shortenExchange(&r.Exchanges[k])
		}
		differences, notes := r.Differences, r.Notes
		r.Differences, r.Notes = nil, nil
		limits.keep(r, differences, notes, 0)
	}
}

// owner is the part of the case at a position of the suite.
func (m *merger) owner(position int) Part { return m.parts[position%len(m.parts)] }

// unsettle returns a trial as it was before its part settled it.
func (m *merger) unsettle(c suite.Case, said report.Result) *trial {
	t := m.judgeTrial(c, said)
	was := said
	if said.Outcome == report.CouldNotRun && t.result.Outcome != report.CouldNotRun {
		was.Outcome, was.Reason, was.Because = t.result.Outcome, t.result.Reason, ""
	}
	t.result = was
	return t
}

// updateKnown drops the mark of a known failure if the case now ends in another way than
// in its part.
func (m *merger) updateKnown(t *trial) {
	said, is := m.results[t.c.ID], &t.result
	was := known.Fingerprint(said.Differences)
	if said.Outcome == is.Outcome && was == known.Fingerprint(is.Differences) {
		is.Known = said.Known
		return
	}
	is.Known = ""
	m.baseline = slices.DeleteFunc(m.baseline, func(line string) bool {
		return line == t.c.ID+" passes" || line == t.c.ID+" fails in another way: "+was
	})
}

// joinTimes makes all times count from the start of the first part.
func (m *merger) joinTimes(out *report.Report) {
	began := map[string]time.Time{} // by case
	var end time.Time
	for _, p := range m.parts {
		if p.Report.Started.Before(out.Started) {
			out.Started = p.Report.Started
		}
		if ended := p.Report.Started.Add(p.Report.Took); ended.After(end) {
			end = ended
		}
	}
	for i, c := range m.suite.Cases {
		began[c.ID] = m.owner(i).Report.Started
	}
	for i := range out.Results {
		r := &out.Results[i]
		r.Exchanges = slices.Clone(r.Exchanges)
		for k := range r.Exchanges {
			r.Exchanges[k].After += began[r.Case].Sub(out.Started)
		}
	}
	out.Took = end.Sub(out.Started)
}

// checkHidden returns an error if a part does not conform and the joined report does, or
// may: the failure was in a twin that is left out.
func (m *merger) checkHidden(out *report.Report) error {
	definite := func(r *report.Report) bool { return r.Verdict() == report.Differs || r.Verdict() == report.Mistaken }
	if definite(out) {
		return nil
	}
	for _, p := range m.parts {
		if !definite(p.Report) {
			continue
		}
		for _, r := range p.Report.Results {
			switch r.Outcome {
			case report.Pass, report.NotApplicable, report.CouldNotRun:
				continue
			case report.Fail, report.Flaky:
				if r.Known != "" || !r.FailsAt(p.Report.Level) {
					continue
				}
			}
			return usage.Errorf("%s: %s ends there as %s, and not when the twins that belong to other parts are left out: run the cases undivided", p.Name, r.Case, r.Outcome)
		}
	}
	return nil
}
