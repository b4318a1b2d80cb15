package conformance

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/internal/client"
	"github.com/vpnconform/vpnconform/conformance/internal/judge"
	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// Options says what to run. Only Target is required.
type Options struct {
	// Kit is the version of the program that runs the cases, and KitDigest its
	// SHA-256 in hexadecimal, for the report.
	Kit, KitDigest string

	// Target is the base URL of the implementation, http or https.
	Target string

	// Derived has the cases of a document; nil means those of the embedded one. See
	// [suite.Derive].
	Derived *suite.Derived

	// Environment says what the target has; an empty one means
	// [environment.Default].
	Environment environment.Environment

	// Token is sent in the header field that the document names; empty means that
	// no token is sent.
	Token string

	// Secrets are further texts to mask, each of at least [ShortestSecret]
	// characters.
	Secrets []string

	// UserAgent is sent as User-Agent; empty means [DefaultUserAgent].
	UserAgent string

	Run  []string // patterns of cases; empty runs all. See [Select].
	Skip []string // patterns of cases to leave out

	// Operations are the ids of the operations whose cases run; empty means all.
	Operations []string

	// Shard, if it is not zero, is the part of these cases that runs. See
	// [Options.Cases] and [Merge]. Its field Whole is ignored.
	Shard report.Shard

	Jobs       int           // cases at a time; 0 means 2 x GOMAXPROCS
	Rate       float64       // requests a second; 0 means no limit
	Timeout    time.Duration // of one exchange; 0 means 10 s
	RunTimeout time.Duration // of the run; 0 means no limit
	MaxWait    time.Duration // for a busy target, in the whole run; 0 means a minute, less than 0 no wait
	FailFast   bool          // stop at the first case that fails
	Once       bool          // do not try a failed case again to find out whether it is flaky

	// Level is the least binding one that counts for the verdict: must,
	// should or may; empty means must.
	Level  string
	Strict bool // an undocumented member is a difference

	// Seed determines the drawn values of cases, and the order unless Ordered is
	// set.
	Seed    uint64
	Ordered bool // the cases run in the suite's order

	// Known are the expected failures.
	Known []known.Failure

	// Golden are recorded answers of the implementation. The answers of the run have
	// to equal them; nil means that there are none.
	Golden *golden.Answers

	// Today is the day for the expiry of Known; zero means time.Now.
	Today time.Time

	// Rand is the source of the pre-shared key that replaces the masked one; nil
	// means crypto/rand.
	Rand io.Reader

	// Each, if not nil, is called with every result as soon as there is one, one at
	// a time. The result does not yet say what only all cases show together.
	Each func(report.Result)
}

// missingParameter is the name of a path parameter that no answer gives and that a
// non-empty environment lacks; empty if there is none.
func missingParameter(doc *openapi.Document, e environment.Environment) string {
	if e.IsZero() {
		return ""
	}
	for _, op := range doc.Operations() {
		for _, name := range suite.Ungiven(doc, op) {
			if e.Parameters[name] == "" {
				return name
			}
		}
	}
	return ""
}

// Run runs the cases against the target. When ctx ends, the cases that have not run are
// reported as could-not-run. The error is a *[UsageError], or a mistake of the kit
// itself.
func Run(ctx context.Context, opts Options) (*report.Report, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	s, err := opts.Derived.Draw(opts.Seed)
	if err != nil {
		return nil, err
	}
	cases, err := opts.Cases(s)
	if err != nil {
		return nil, err
	}
	return run(ctx, opts, s, cases)
}

// run runs these cases and settles their results.
func run(ctx context.Context, opts Options, s *suite.Suite, cases []suite.Case) (*report.Report, error) {
	opts.Known = known.WithWholeIDs(opts.Known, s)
	r, err := newRunner(opts, s)
	if err != nil {
		return nil, err
	}
	defer r.client.Close()
	if err := r.checkEnvironment(cases); err != nil {
		return nil, err
	}
	if err := r.checkGolden(cases); err != nil {
		return nil, err
	}
	if opts.RunTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, opts.RunTimeout, fmt.Errorf("the run took longer than %v", opts.RunTimeout))
		defer cancel()
	}
	trials := r.tryAll(ctx, cases)
	if !opts.Once {
		r.retryFailed(ctx, trials)
	}
	r.settle(trials)
	asked, err := namedDuties(s, opts.Run)
	if err != nil {
		return nil, err
	}
	out := r.beginReport()
	if opts.Shard.Of == 0 {
		trials = slices.DeleteFunc(trials, func(t *trial) bool { return !counts(t, asked) })
	} else { // the answers of other parts may break duties that were not named
		out.Named = asked
	}
	out.LeftOut = len(s.Cases) - len(trials)
	out.Golden = opts.Golden.Digest(caseIDs(cases))
	for _, t := range trials {
		known.Mark(&t.result, opts.Known)
		out.Results = append(out.Results, t.result)
	}
	if out.Complete {
		out.Missing = missingCases(s, cases)
	}
	out.Baseline = known.Audit(opts.Known, s, out, opts.Today)
	out.Took = time.Since(r.start)
	return out, nil
}

// missingCases lists the required cases that a complete run lacks.
func missingCases(s *suite.Suite, cases []suite.Case) []string {
	there := map[string]bool{}
	for _, c := range cases {
		there[c.ID] = true
	}
	var out []string
	for _, id := range s.Required() {
		if !there[id] {
			out = append(out, id)
		}
	}
	return out
}

// check finds the mistakes in the options that do not depend on the suite. Drawing a
// suite takes seconds, and nobody should wait for them to hear of a malformed target.
func (o Options) check() error {
	doc, err := o.Derived.Document()
	if err != nil {
		return err
	}
	if o, err = o.withDefaults(doc); err != nil {
		return err
	}
	_, err = client.New(doc, o.Target, o.Environment, o.Token)
	return err
}

// withDefaults returns the options with their defaults, or says what is wrong with them.
func (o Options) withDefaults(doc *openapi.Document) (Options, error) {
	for name, value := range map[string]time.Duration{"timeout": o.Timeout, "run timeout": o.RunTimeout} {
		if value < 0 {
			return o, usage.Errorf("%s %v is negative", name, value)
		}
	}
	if o.Jobs < 0 || o.Rate < 0 {
		return o, usage.Errorf("jobs %d and rate %v are not negative", o.Jobs, o.Rate)
	}
	if slices.ContainsFunc(o.Secrets, func(s string) bool { return len(s) < client.ShortestSecret }) {
		return o, usage.Errorf("a secret of less than %d characters cannot be masked", client.ShortestSecret)
	}
	if o.Level == "" {
		o.Level = string(openapi.Must)
	}
	if err := client.CheckField("user agent", o.UserAgent); err != nil {
		return o, err
	}
	if judge.Rank(o.Level) == len(judge.Levels) {
		return o, usage.Errorf("level %q is none of must, should, may", o.Level)
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.MaxWait == 0 {
		o.MaxWait = time.Minute
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Environment.IsZero() {
		var err error
		if o.Environment, err = environment.Default(doc); err != nil {
			return o, err
		}
	}
	if name := missingParameter(doc, o.Environment); name != "" {
		return o, usage.Errorf("the environment has no %s, which a path has to have", name)
	}
	if err := o.Environment.Validate(doc, "environment"); err != nil {
		return o, usage.Errorf("%w", err)
	}
	return o, nil
}

// checkEnvironment returns an error if the environment's texts make a documented request
// or its answer break a rule. The kit would blame the target for it otherwise.
func (r *runner) checkEnvironment(cases []suite.Case) error {
	for _, c := range cases {
		if c.Golden == nil || len(r.doc.Facts) == 0 {
			continue
		}
		bound, err := r.suite.Bind(c, r.env, r.psk)
		if err != nil {
			continue // the case itself reports it
		}
		op := r.suite.Operation(c)
		wrong := r.doc.CheckRequest(op, bound.Request, bound.Facts)
		wrong = append(wrong, r.doc.CheckShown(op, openapi.Exchange{Request: bound.Request, Response: bound.Golden, Facts: bound.Facts})...)
		if len(wrong) > 0 {
			return usage.Errorf("the environment's value for %s is wrong: %s", wrong[0].Pointer, wrong[0].Message)
		}
	}
	return nil
}

// makeKey makes a pre-shared key of 20 characters, which begins with one of each class of
// characters that the page names. Nothing in it shows that it comes from the kit.
func makeKey(random io.Reader) (string, error) {
	const upper, lower, digits, special = "ABCDEFGHJKLMNPQRSTUVWXYZ", "abcdefghijkmnopqrstuvwxyz", "23456789", "-_=+~:;."
	key := make([]byte, 20)
	if _, err := io.ReadFull(random, key); err != nil {
		return "", fmt.Errorf("pre-shared key: %w", err)
	}
	classes := []string{upper, lower, digits, special}
	for i, b := range key {
		from := upper + lower + digits + special
		if i < len(classes) {
			from = classes[i]
		}
		key[i] = from[int(b)%len(from)]
	}
	return string(key), nil
}
