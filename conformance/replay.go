package conformance

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// Replay runs one case of a report again, and its twin if it is a refused case, at the
// report's level and strictness. Without Options.Target it goes to the report's target.
// The environment is Options.Environment, or that of the report if it is empty: see
// [EnvironmentOf]. Run, Skip, Shard and Known are ignored.
//
// Anybody may write a report; its digest shows damage, not its origin. So it must not
// decide where a token or header fields go: with either of them and without
// Options.Target, the error is a *[UsageError].
//
// Replay returns the report of this run, and a sentence for each case that says whether
// it ended as recorded, with the same outcome and [known.Fingerprint]. The error is a
// *[UsageError] for an id that is no case or not in the report, for a report that
// [Verify] refuses, and for golden files that are not those of the report.
func Replay(ctx context.Context, recorded *report.Report, id string, opts Options) (*report.Report, []string, error) {
	s, err := suiteOf(recorded, opts.Derived)
	if err != nil {
		return nil, nil, err
	}
	c, exists := s.Case(id)
	if !exists {
		return nil, nil, usage.Errorf("there is no case %q", id)
	}
	id = c.ID
	if resultOf(recorded, id) == nil {
		return nil, nil, usage.Errorf("the report has no case %s", id)
	}
	if err := opts.Golden.Check(recorded); err != nil {
		return nil, nil, err
	}
	if opts.Environment.IsZero() {
		if opts.Environment, err = EnvironmentOf(recorded); err != nil {
			return nil, nil, err
		}
	}
	if opts.Target == "" && (opts.Token != "" || hasCredentials(opts.Environment)) {
		return nil, nil, usage.Errorf("the report says where the credentials go, and anybody may have written it: want a target")
	}
	if opts.Target == "" {
		opts.Target = recorded.Target
	}
	opts.Run, opts.Skip, opts.Shard, opts.Known = []string{id}, nil, report.Shard{}, nil
	opts.Level, opts.Strict, opts.Seed = recorded.Level, recorded.Strict, recorded.Seed
	now, err := run(ctx, opts, s, selectWithTwins(s, func(_ int, c suite.Case) bool { return c.ID == id }))
	if err != nil {
		return nil, nil, err
	}
	var said []string
	if !reflect.DeepEqual(now.Environment, recorded.Environment) {
		said = append(said, "the environment is not that of the report")
	}
	for _, is := range now.Results {
		said = append(said, is.Case+": "+compareOutcome(resultOf(recorded, is.Case), is))
	}
	return now, said, nil
}

// hasCredentials reports whether an environment has a token or header fields of its own.
func hasCredentials(env environment.Environment) bool {
	return env.TokenEnv != "" || len(env.Headers) > 0
}

// EnvironmentOf returns the environment of a report. One with header fields is a
// *[UsageError], because a report masks their values. The token is not in it either, but
// the name of its variable. Do not read that variable: whoever wrote the report chose the
// name, and could make the reader send any secret.
func EnvironmentOf(r *report.Report) (environment.Environment, error) {
	env, err := maskedEnvironment(r)
	if err != nil {
		return env, err
	}
	for _, name := range slices.Sorted(maps.Keys(env.Headers)) {
		if env.Headers[name] != "" {
			return env, usage.Errorf("the report masks the value of the header field %s", name)
		}
	}
	return env, nil
}

// resultOf is the result of a case, nil if the report has none.
func resultOf(r *report.Report, id string) *report.Result {
	i := slices.IndexFunc(r.Results, func(result report.Result) bool { return result.Case == id })
	if i < 0 {
		return nil
	}
	return &r.Results[i]
}

// compareOutcome says whether a case ended as it did before.
func compareOutcome(was *report.Result, is report.Result) string {
	ended := func(r report.Result) string {
		return strings.TrimSuffix(string(r.Outcome)+", "+known.Fingerprint(r.Differences), ", ")
	}
	switch {
	case was == nil:
		return "not in the report; now " + ended(is)
	case ended(*was) == ended(is):
		return "as recorded: " + ended(is)
	}
	return "not as recorded: " + ended(*was) + "; now " + ended(is)
}
