package conformance

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// Verify judges the exchanges of a report again, without the target, and
// returns what the report says otherwise: each as the id of a case and a
// sentence. Cases of which the report does not keep enough are left out, see
// [report.Result.Cut], and so are the duties then, which all answers have. An
// error says that the report cannot be judged, because it is of
// another suite or document for instance. Of is what the cases of the report's
// document are derived to; nil means the embedded one. Golden are the recorded answers that the run used;
// nil if it used none.
func Verify(r *report.Report, of *suite.Derived, golden *golden.Answers) ([]string, error) {
	s, err := suiteOf(r, of)
	if err != nil {
		return nil, err
	}
	if err := golden.Check(r); err != nil {
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
	for i, t := range trials {
		// What only all answers show is not told by a part of them.
		if len(v.cut) > 0 && (t.c.Duty || said[i].Reason == sameAnswer) {
			v.cut[t.c.ID] = true
			if said[i].Outcome == report.Pass && t.result.Outcome == report.Fail { // but a part shows that a duty is broken
				v.wrong(t.c.ID, "the report says %s, its exchanges say %s", said[i].Outcome, t.result.Outcome)
			}
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
func suiteOf(r *report.Report, of *suite.Derived) (*suite.Suite, error) {
	s, err := of.Draw(r.Seed)
	if err != nil {
		return nil, err
	}
	return s, isOf(r, s)
}

// isOf returns an error if a report is of another document than a suite, or of
// other cases of it.
func isOf(r *report.Report, s *suite.Suite) error {
	switch {
	case r.Document != s.Document().Digest() && r.Document != "":
		return usage.Errorf("the report is of another document (SHA-256 %.12s) than the one that its cases are held against (%.12s)", r.Document, s.Document().Digest())
	case r.Suite != s.Digest():
		return usage.Errorf("the report is of another suite than that of this vpnconform (%s)", r.Kit)
	}
	return nil
}

// verifier is a runner that sends nothing.
type verifier struct {
	*runner
	found []string
	cut   map[string]bool // cases that cannot be judged again
}

func newVerifier(r *report.Report, s *suite.Suite, golden *golden.Answers) (*verifier, error) {
	run, err := newReader(r, s, golden)
	if err != nil {
		return nil, err
	}
	return &verifier{runner: run, cut: map[string]bool{}}, nil
}

// newReader returns a runner that judges what a report has of answers.
func newReader(r *report.Report, s *suite.Suite, golden *golden.Answers) (*runner, error) {
	env, err := maskedEnvironment(r)
	if err != nil {
		return nil, err
	}
	run, err := newRunner(Options{Target: r.Target, Environment: env, Level: r.Level, Strict: r.Strict, Golden: golden}, s)
	if err != nil {
		return nil, err
	}
	run.start = r.Started
	run.psk, run.client.Key = client.MaskedKey, client.MaskedKey
	for _, j := range run.judges {
		j.Key, j.Finder, j.Masker = client.MaskedKey, client.StandIns{}, nil
	}
	return run, nil
}

// maskedEnvironment is the environment of a report, as far as it has it.
func maskedEnvironment(r *report.Report) (environment.Environment, error) {
	var env environment.Environment
	data, err := json.Marshal(r.Environment)
	if err != nil {
		return env, err
	}
	if err := json.Unmarshal(data, &env); err != nil {
		return env, usage.Errorf("environment: %v", err)
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
		first := recorded.Tested()
		for _, e := range first[:min(number(c), len(first))] { // of the first try
			t.accepted = t.accepted && e.Status == v.suite.Operation(c).Success()
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
	prepared, exchanges := v.recordedSetUp(t, exchanges)
	requests, err := v.requests(t.c, prepared)
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
		if e.Request != shown(out.Masked) || e.Method != out.Method {
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
func (v *verifier) recordedSetUp(t *trial, exchanges []report.Exchange) (before, []report.Exchange) {
	b := before{given: v.env.Given()}
	for i := 0; len(exchanges) > 0 && exchanges[0].Step == settingUp; i++ {
		if i < len(t.c.SetUp) {
			if c, request, err := v.step(t.c.SetUp[i], b.given); err == nil {
				v.carriedOut(context.Background(), &b, t, t.c.SetUp[i], c, request, recordedAnswer(exchanges[0], v.start))
			}
		}
		exchanges = exchanges[1:]
	}
	return b, exchanges
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
	a := &client.Answer{
		At: start.Add(e.After), Status: e.Status, Reason: usualReason(e.Status), Body: []byte(e.Answer),
		Early: recordedFields(e.AnswerEarly), Header: recordedFields(e.AnswerHeader), Trailer: recordedFields(e.AnswerTrailer),
	}
	if e.AnswerReason != "" {
		a.Reason = fmt.Sprintf("%d %s", e.Status, e.AnswerReason)
	}
	if e.Encoding == "base64" {
		if body, err := base64.StdEncoding.DecodeString(e.Answer); err == nil {
			a.Body = body
		}
	}
	if len(a.Body) > 0 { // a coding that could be undone was dropped, see [answer.decode]
		a.Coding = strings.Join(a.Header.Values("Content-Encoding"), ", ")
	}
	return sent{answer: a}
}

func recordedFields(fields []string) http.Header {
	out := http.Header{}
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		out[name] = append(out[name], value)
	}
	return out
}

// altered reports whether a report has an answer otherwise than it came: a part of
// it is masked, or looks as if it were, or is withheld.
func altered(e report.Exchange, a *client.Answer) bool {
	is := recordedAnswer(e, a.At).answer
	return !bytes.Equal(is.Body, a.Body) || is.Coding != a.Coding || e.AnswerReason != "" && is.Reason != a.Reason ||
		!sameFields(is.Header, a.Header) || !sameFields(is.Early, a.Early) || !sameFields(is.Trailer, a.Trailer) ||
		len(client.FindSecrets(a, client.StandIns{})) > 0
}

func sameFields(a, b http.Header) bool { return maps.EqualFunc(a, b, slices.Equal[[]string]) }

// keepHonest marks a trial that would be judged otherwise from the exchanges that
// the report has of it: members whose names are different secrets have one name
// there, for instance, and a secret that stands in what is withheld is not seen.
// Whatever is the reason, [Verify] does not judge it again.
func (r *runner) keepHonest(t *trial) error {
	if !t.altered || t.result.Cut() {
		return nil
	}
	reader, err := r.reader()
	if err != nil {
		return err
	}
	v := &verifier{runner: reader, cut: map[string]bool{}}
	if again := v.trial(t.c, t.result); len(v.found) > 0 || !t.shownBy(again) {
		for i := range t.result.Exchanges {
			t.result.Exchanges[i].Cut = true
		}
	}
	return nil
}

// shownBy reports whether another trial of the same exchanges shows the same, alone
// and together with those of other cases.
func (t *trial) shownBy(again *trial) bool {
	way := func(a, b report.Difference) bool {
		return a.Rule == b.Rule && a.Pointer == b.Pointer && a.Kind == b.Kind && a.Why == b.Why
	}
	is, was := again.result, t.result
	return is.Outcome == was.Outcome && sameDifferences(is, was) && is.Members == was.Members && again.accepted == t.accepted &&
		maps.Equal(again.answered, t.answered) && slices.Equal(again.unique, t.unique) && slices.EqualFunc(again.duties, t.duties, way) &&
		slices.EqualFunc(again.moments, t.moments, func(a, b judge.Moment) bool {
			return a.Rule == b.Rule && a.Pointer == b.Pointer && a.Text == b.Text
		})
}

// sameDifferences reports whether two results of a case differ from what is wanted
// in the same places. Of too many, which are left out depends on other cases.
func sameDifferences(a, b report.Result) bool {
	if a.MoreDifferences+b.MoreDifferences > 0 {
		return len(a.Differences)+a.MoreDifferences == len(b.Differences)+b.MoreDifferences
	}
	return known.Fingerprint(a.Differences) == known.Fingerprint(b.Differences)
}

// compare holds what a report says of a case against what its exchanges show.
func (v *verifier) compare(said, is report.Result) {
	switch {
	case said.Outcome != is.Outcome:
		v.wrong(said.Case, "the report says %s, its exchanges say %s", said.Outcome, is.Outcome)
	case !sameDifferences(said, is):
		v.wrong(said.Case, "the report says [%s], its exchanges say [%s]", known.Fingerprint(said.Differences), known.Fingerprint(is.Differences))
	case said.Members != is.Members:
		v.wrong(said.Case, "the report counts %v, its exchanges have %v", said.Members, is.Members)
	}
}
