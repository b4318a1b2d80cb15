package conformance

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// Verify judges the exchanges of a report again, without the target, and
// returns what the report says otherwise: each as the id of a case and a
// sentence. Cases whose answers are kept in part are left out, see
// [report.Result.Cut], and so are the duties then, which all answers have. An
// error says that the report cannot be judged, because it is of
// another suite for instance. Golden are the recorded answers that the run used;
// nil if it used none.
func Verify(r *report.Report, golden *Golden) ([]string, error) {
	s, err := suiteOf(r)
	if err != nil {
		return nil, err
	}
	if err := golden.checkDigest(r); err != nil {
		return nil, err
	}
	v, err := newVerifier(r, s, golden)
	if err != nil {
		return nil, err
	}
	var trials []*trial
	var said []report.Result // of the trials
	for _, result := range r.Results {
		c, ok := s.Case(result.Case)
		if !ok {
			v.wrong(result.Case, "there is no such case")
			continue
		}
		trials, said = append(trials, v.trial(c, result)), append(said, result)
	}
	v.settle(trials)
	for _, t := range trials {
		// What only all answers show is not told by a part of them.
		if len(v.cut) > 0 && (t.c.Duty || t.result.Reason == sameAnswer) {
			v.cut[t.c.ID] = true
		}
	}
	for i, t := range trials {
		if !v.cut[t.c.ID] {
			v.compare(said[i], t.result)
		}
	}
	return v.found, nil
}

// suiteOf returns the suite with the values that a report's seed determines, if
// the report is of it.
func suiteOf(r *report.Report) (*suite.Suite, error) {
	s, err := suite.Load(r.Seed)
	if err != nil {
		return nil, err
	}
	if r.Suite != s.Digest() {
		return nil, usage("the report is of another suite than that of this vpnconform (%s)", r.Kit)
	}
	return s, nil
}

// verifier is a runner that sends nothing.
type verifier struct {
	*runner
	found []string
	cut   map[string]bool // cases that cannot be judged again
}

func newVerifier(r *report.Report, s *suite.Suite, golden *Golden) (*verifier, error) {
	env, err := maskedEnvironment(r)
	if err != nil {
		return nil, err
	}
	run, err := newRunner(Options{Target: r.Target, Environment: env, Level: r.Level, Strict: r.Strict, Golden: golden}, s)
	if err != nil {
		return nil, err
	}
	run.start = r.Started
	run.psk, run.client.psk = MaskedKey, MaskedKey
	run.judge.key, run.judge.known, run.judge.masker = MaskedKey, standIns(), nil
	return &verifier{runner: run, cut: map[string]bool{}}, nil
}

// maskedEnvironment is the environment of a report, as far as it has it.
func maskedEnvironment(r *report.Report) (suite.Environment, error) {
	var env suite.Environment
	data, err := json.Marshal(r.Environment)
	if err != nil {
		return env, err
	}
	if err := json.Unmarshal(data, &env); err != nil {
		return env, usage("environment: %v", err)
	}
	return env, nil
}

func (v *verifier) wrong(id, format string, args ...any) {
	v.found = append(v.found, id+": "+fmt.Sprintf(format, args...))
}

// trial judges the exchanges of one case as they were recorded, the second try
// of a case that failed too.
func (v *verifier) trial(c suite.Case, recorded report.Result) *trial {
	t := &trial{c: c, result: recorded}
	if !tested(recorded) {
		return t // it was not tried, and nothing can be said of it
	}
	if recorded.Cut() {
		v.cut[t.c.ID], t.accepted = true, true
		for _, e := range recorded.Exchanges {
			t.accepted = t.accepted && (e.Step != "" || e.Status == v.suite.Operation(c).Success())
		}
		return t
	}
	rest := v.replay(t, recorded.Exchanges)
	if len(rest) > 0 && t.result.Outcome == report.Fail {
		second := &trial{c: c}
		v.replay(second, rest)
		t.join(second)
		if second.result.Outcome == report.Pass {
			t.flaky()
		}
	}
	t.result.Known = recorded.Known
	return t
}

// replay judges exchanges until one fails, and returns the others.
func (v *verifier) replay(t *trial, exchanges []report.Exchange) []report.Exchange {
	t.begin()
	given, exchanges := v.recordedSetUp(t.c, exchanges)
	requests, err := v.requests(t.c, given)
	if err != nil {
		t.end(report.KitError, err.Error())
		return nil
	}
	t.accepted = true // until an answer says otherwise
	for i, e := range exchanges {
		if i == len(requests) || e.Step != "" {
			return afterCleanUp(exchanges[i:])
		}
		bound, out := requests[i].bound, requests[i].out
		if e.Request != shown(out.masked) || e.Method != out.method {
			v.wrong(t.c.ID, "exchange %d is not what the case sends", i+1)
		}
		v.take(context.Background(), t, bound, out, recordedAnswer(e, v.start))
		if t.result.Outcome != report.Pass {
			return afterCleanUp(exchanges[i+1:])
		}
	}
	return nil
}

// recordedSetUp returns what the set-up of a case gave it, and the exchanges that
// follow.
func (v *verifier) recordedSetUp(c suite.Case, exchanges []report.Exchange) (map[string]string, []report.Exchange) {
	given := v.env.Given()
	for i := 0; len(exchanges) > 0 && exchanges[0].Step == settingUp; i++ {
		if s := recordedAnswer(exchanges[0], v.start); i < len(c.SetUp) && s.answer != nil {
			take(given, c.SetUp[i], s.answer)
		}
		exchanges = exchanges[1:]
	}
	return given, exchanges
}

// afterCleanUp are the exchanges behind those that clean up.
func afterCleanUp(exchanges []report.Exchange) []report.Exchange {
	for len(exchanges) > 0 && exchanges[0].Step == cleaningUp {
		exchanges = exchanges[1:]
	}
	return exchanges
}

// tested reports whether the request under test of a case was sent.
func tested(r report.Result) bool {
	return slices.ContainsFunc(r.Exchanges, func(e report.Exchange) bool { return e.Step == "" })
}

// recordedAnswer is an exchange as it was when it was judged first.
func recordedAnswer(e report.Exchange, start time.Time) sent {
	if e.Error != "" {
		return sent{err: errors.New(e.Error)}
	}
	a := &answer{at: start.Add(e.After), status: e.Status, reason: fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status)), header: http.Header{}, body: []byte(e.Answer)}
	if e.Encoding == "base64" {
		if body, err := base64.StdEncoding.DecodeString(e.Answer); err == nil {
			a.body = body
		}
	}
	for _, field := range e.AnswerHeader {
		name, value, _ := strings.Cut(field, ": ")
		a.header[name] = append(a.header[name], value)
	}
	if len(a.body) > 0 { // a coding that could be undone was dropped, see [answer.decode]
		a.coding = strings.Join(a.header.Values("Content-Encoding"), ", ")
	}
	return sent{answer: a}
}

// compare holds what a report says of a case against what its exchanges show.
func (v *verifier) compare(said, is report.Result) {
	switch {
	case said.Outcome != is.Outcome:
		v.wrong(said.Case, "the report says %s, its exchanges say %s", said.Outcome, is.Outcome)
	case said.MoreDifferences > 0 && len(said.Differences)+said.MoreDifferences == len(is.Differences)+is.MoreDifferences: // which are left out depends on the others
	case Fingerprint(said.Differences) != Fingerprint(is.Differences):
		v.wrong(said.Case, "the report says [%s], its exchanges say [%s]", Fingerprint(said.Differences), Fingerprint(is.Differences))
	case said.Members != is.Members:
		v.wrong(said.Case, "the report counts %v, its exchanges have %v", said.Members, is.Members)
	}
}
