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

// Verify judges the exchanges of a report again, without the target, and returns every
// contradiction to the report, each as the id of a case and a sentence. It leaves out
// cases of which the report does not keep enough, see [report.Result.Cut], and in that
// case also the duties, which need all answers. The error says that the report cannot be
// judged, for instance because it is of another suite or document. Of has the cases of
// the report's document; nil means the embedded one. Golden are the recorded answers that
// the run used; nil if it used none.
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
			v.addFault(result.Case, "there is no such case")
			continue
		}
		trials, said = append(trials, v.judgeTrial(c, result)), append(said, result)
	}
	v.settle(trials)
	for i, t := range trials {
		// Without some answers, nothing is known that needs all of them.
		if len(v.cut) > 0 && (t.c.Duty || said[i].Reason == sameAnswer) {
			v.cut[t.c.ID] = true
			if said[i].Outcome == report.Pass && t.result.Outcome == report.Fail { // but some answers are enough to show a broken duty
				v.addFault(t.c.ID, "the report says %s, its exchanges say %s", said[i].Outcome, t.result.Outcome)
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

// suiteOf returns the suite with the values of a report's seed, if the report is of it.
func suiteOf(r *report.Report, of *suite.Derived) (*suite.Suite, error) {
	s, err := of.Draw(r.Seed)
	if err != nil {
		return nil, err
	}
	return s, checkSameSuite(r, s)
}

// checkSameSuite returns an error if a report is of another document than a suite, or of
// other cases.
func checkSameSuite(r *report.Report, s *suite.Suite) error {
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

// newVerifier returns the verifier of a report.
func newVerifier(r *report.Report, s *suite.Suite, golden *golden.Answers) (*verifier, error) {
	run, err := newReader(r, s, golden)
	if err != nil {
		return nil, err
	}
	return &verifier{runner: run, cut: map[string]bool{}}, nil
}

// newReader returns a runner that judges recorded answers. A report has stand-ins instead
// of secrets, so that the runner looks for those.
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

// maskedEnvironment is the environment of a report, with masked values.
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

// addFault adds a contradiction.
func (v *verifier) addFault(id, format string, args ...any) {
	v.found = append(v.found, id+": "+fmt.Sprintf(format, args...))
}

// judgeTrial judges the recorded exchanges of one case, including the second try of a case
// that failed.
func (v *verifier) judgeTrial(c suite.Case, recorded report.Result) *trial {
	t := &trial{c: c, result: recorded}
	if !wasTested(recorded) {
		return t // it was not tried, so that there is nothing to judge
	}
	if recorded.Cut() {
		v.cut[t.c.ID], t.accepted = true, true
		first := recorded.Tested()
		for _, e := range first[:min(requestCount(c), len(first))] { // of the first try
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
			t.markFlaky()
		}
	}
	t.result.Known = recorded.Known
	return t
}

// replay judges exchanges until one fails, and returns the rest.
func (v *verifier) replay(t *trial, exchanges []report.Exchange) []report.Exchange {
	t.begin()
	prepared, exchanges := v.recordedSetUp(t, exchanges)
	requests, err := v.makeRequests(t.c, prepared)
	if err != nil {
		t.conclude(report.KitError, err.Error())
		return nil
	}
	t.accepted = true // until an answer says otherwise
	for i, e := range exchanges {
		if i == len(requests) || e.Step != "" {
			return skipCleanUp(exchanges[i:])
		}
		bound, out := requests[i].bound, requests[i].out
		if e.Request != bodyText(out.Masked) || e.Method != out.Method {
			v.addFault(t.c.ID, "exchange %d is not what the case sends", i+1)
		}
		v.judgeExchange(context.Background(), t, bound, out, recordedAnswer(e, v.start))
		if t.result.Outcome != report.Pass {
			return skipCleanUp(exchanges[i+1:])
		}
	}
	return nil
}

// recordedSetUp returns the results of a case's recorded set-up, and the exchanges behind
// it.
func (v *verifier) recordedSetUp(t *trial, exchanges []report.Exchange) (preparation, []report.Exchange) {
	b := preparation{given: v.env.Given()}
	for i := 0; len(exchanges) > 0 && exchanges[0].Step == stepSetUp; i++ {
		if i < len(t.c.SetUp) {
			if c, request, err := v.stepRequest(t.c.SetUp[i], b.given); err == nil {
				v.takeStepAnswer(context.Background(), &b, t, t.c.SetUp[i], c, request, recordedAnswer(exchanges[0], v.start))
			}
		}
		exchanges = exchanges[1:]
	}
	return b, exchanges
}

// skipCleanUp returns the exchanges behind those of the clean-up.
func skipCleanUp(exchanges []report.Exchange) []report.Exchange {
	for len(exchanges) > 0 && exchanges[0].Step == stepCleanUp {
		exchanges = exchanges[1:]
	}
	return exchanges
}

// wasTested reports whether the request under test of a case was sent.
func wasTested(r report.Result) bool {
	return slices.ContainsFunc(r.Exchanges, func(e report.Exchange) bool { return e.Step == "" })
}

// recordedAnswer restores an exchange from a report.
func recordedAnswer(e report.Exchange, start time.Time) exchange {
	if e.Error != "" {
		return exchange{err: errors.New(e.Error)}
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
	if len(a.Body) > 0 { // the client dropped every coding that it could undo
		a.Coding = strings.Join(a.Header.Values("Content-Encoding"), ", ")
	}
	return exchange{answer: a}
}

// recordedFields restores header fields from a report.
func recordedFields(fields []string) http.Header {
	out := http.Header{}
	for _, field := range fields {
		name, value, _ := strings.Cut(field, ": ")
		out[name] = append(out[name], value)
	}
	return out
}

// isAltered reports whether a report has an answer in another form than it came: a part of
// it is masked, or looks as if it were, or is withheld.
func isAltered(e report.Exchange, a *client.Answer) bool {
	is := recordedAnswer(e, a.At).answer
	return !bytes.Equal(is.Body, a.Body) || is.Coding != a.Coding || e.AnswerReason != "" && is.Reason != a.Reason ||
		!sameFields(is.Header, a.Header) || !sameFields(is.Early, a.Early) || !sameFields(is.Trailer, a.Trailer) ||
		len(client.FindSecrets(a, client.StandIns{})) > 0
}

// sameFields reports whether header fields are equal.
func sameFields(a, b http.Header) bool { return maps.EqualFunc(a, b, slices.Equal[[]string]) }

// keepHonest marks a trial as cut if [Verify] would judge its recorded exchanges in
// another way. Masking may cause that: members whose names are different secrets get one
// name, and a secret in a withheld body is not found again. Without the mark, Verify would
// call an honest report wrong.
func (r *runner) keepHonest(t *trial) error {
	if !t.altered || t.result.Cut() {
		return nil
	}
	reader, err := r.reader()
	if err != nil {
		return err
	}
	v := &verifier{runner: reader, cut: map[string]bool{}}
	if again := v.judgeTrial(t.c, t.result); len(v.found) > 0 || !t.agreesWith(again) {
		for i := range t.result.Exchanges {
			t.result.Exchanges[i].Cut = true
		}
	}
	return nil
}

// agreesWith reports whether another trial of the same exchanges shows the same, alone and
// together with other cases.
func (t *trial) agreesWith(again *trial) bool {
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

// sameDifferences reports whether two results of a case have differences in the same
// places. If some were left out, only their number is compared: the limits of the whole
// run decide which ones are left out.
func sameDifferences(a, b report.Result) bool {
	if a.MoreDifferences+b.MoreDifferences > 0 {
		return len(a.Differences)+a.MoreDifferences == len(b.Differences)+b.MoreDifferences
	}
	return known.Fingerprint(a.Differences) == known.Fingerprint(b.Differences)
}

// compare compares the result of a report with the one that its exchanges show.
func (v *verifier) compare(said, is report.Result) {
	switch {
	case said.Outcome != is.Outcome:
		v.addFault(said.Case, "the report says %s, its exchanges say %s", said.Outcome, is.Outcome)
	case !sameDifferences(said, is):
		v.addFault(said.Case, "the report says [%s], its exchanges say [%s]", known.Fingerprint(said.Differences), known.Fingerprint(is.Differences))
	case said.Members != is.Members:
		v.addFault(said.Case, "the report counts %v, its exchanges have %v", said.Members, is.Members)
	}
}
