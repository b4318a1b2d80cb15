package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// runFlags are the flags of a run.
type runFlags struct {
	opts    conformance.Options
	chosen  selection
	of      documentFlags
	golden  goldenFlags
	config  string
	known   string
	order   string
	seed    seed
	shard   string
	reports []string
	secrets []string
	output  output
	dryRun  bool
}

// runCommand runs the cases and sets the verdict.
func runCommand(verdict *report.Verdict) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the cases against an implementation",
		Long: "Run the cases against an implementation. Without --target, the reference\n" +
			"implementation is started on a loopback port and is the one that is run against.\n" + aboutPatterns,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			files, err := f.complete(cmd)
			if err != nil {
				return err
			}
			if f.dryRun {
				return asUsage(conformance.DryRun(cmd.OutOrStdout(), f.opts))
			}
			found, err := f.run(cmd)
			if err != nil {
				return err
			}
			*verdict = found.Verdict()
			changes, err := f.golden.rewrite(cmd.Context(), found, verdict, f.output.quiet)
			return errors.Join(err, f.output.conclude(cmd.OutOrStdout(), found, files, changes))
		},
	}
	f.flags(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.opts.Level, "level", "must", "the least binding `LEVEL` that counts for the exit\nstatus: must, should or may")
	flags.StringVar(&f.known, "known-failing", "", "YAML `FILE` that lists the expected failures")
	flags.StringVar(&f.shard, "shard", "", "run one part of the cases, `PART/PARTS`: 2/4 is the\nsecond of four; merge joins the reports")
	f.golden.flags(cmd)
	reportFlag(cmd, &f.reports)
	flags.BoolVar(&f.opts.FailFast, "fail-fast", false, "stop at the first case that fails")
	flags.BoolVar(&f.dryRun, "dry-run", false, "print the requests and send nothing")
	flags.BoolVarP(&f.output.quiet, "quiet", "q", false, "print the verdict alone")
	f.output.flags(cmd)
	cmd.MarkFlagsMutuallyExclusive("quiet", "verbose")
	return cmd
}

// reportFlag adds the flag for reports.
func reportFlag(cmd *cobra.Command, reports *[]string) {
	cmd.Flags().StringArrayVar(reports, "report", nil, "write a report: `FORMAT=FILE` (repeatable), with a\nformat of github, har, html, json, junit, md, tap,\ntext")
}

// conclude writes what was found to files and then prints it, after a text: a
// terminal that is gone must not take the files with it.
func (o output) conclude(w io.Writer, found *report.Report, files *reportFiles[*report.Report], before string) error {
	lost := files.write(found)
	err := write(w, before)
	switch {
	case err != nil:
	case o.quiet:
		err = write(w, found.Summary()+"\n")
	default:
		err = o.write(w, found)
	}
	return asKitError(errors.Join(lost, err))
}

// flags adds the flags of every command that runs cases against one target.
func (f *runFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.opts.Target, "target", "", "base `URL` of the implementation (default: the\nreference implementation)")
	f.options(cmd)
}

// options adds the flags that say which cases are run, and how.
func (f *runFlags) options(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	configFlag(cmd, &f.config)
	secretFlag(cmd, &f.secrets)
	f.of.flags(cmd)
	f.chosen.flags(cmd)
	flags.BoolVar(&f.opts.Strict, "strict", false, "a member that the page does not know is a difference")
	flags.IntVar(&f.opts.Jobs, "jobs", 0, "run `N` cases at a time (default: two for each\nprocessor)")
	flags.Var((*perSecond)(&f.opts.Rate), "rate", "send `N/s` requests at most, 50/s for instance\n(default: no limit)")
	flags.DurationVar(&f.opts.Timeout, "timeout", 10*time.Second, "`TIME` for one answer")
	flags.DurationVar(&f.opts.RunTimeout, "run-timeout", 0, "`TIME` for the run (default: no limit)")
	flags.DurationVar(&f.opts.MaxWait, "max-wait", time.Minute, "`TIME` to wait in all for a target that says it is\nbusy")
	flags.StringVar(&f.order, "order", "shuffle", "`ORDER` of the cases: fixed or shuffle")
	f.opts.Seed = 1
	f.seed.number = &f.opts.Seed
	flags.Var(&f.seed, "seed", "`NUMBER` that determines the values that cases draw,\nand a shuffled order; random takes one and prints it\n(default: 1)")
	flags.StringVar(&f.opts.UserAgent, "user-agent", conformance.DefaultUserAgent, "`TEXT` of the header field User-Agent")
}

// seed is a flag's value: a number, or random for one that nobody knows before.
type seed struct {
	number *uint64
	drawn  bool
}

// Set takes a number, or draws one.
func (s *seed) Set(text string) error {
	if text == "random" {
		var drawn [4]byte // short enough to be typed
		if _, err := rand.Read(drawn[:]); err != nil {
			return err
		}
		*s.number, s.drawn = uint64(binary.BigEndian.Uint32(drawn[:])), true
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New("want a number, or random")
	}
	*s.number, s.drawn = n, false
	return nil
}

func (s *seed) String() string { return "" } // the help says what is taken otherwise

// Type names the value in a message.
func (s *seed) Type() string { return "seed" }

// perSecond is a flag's value: 50/s, or 50.
type perSecond float64

// Set takes a number of requests a second, which is more than 0.
func (p *perSecond) Set(text string) error {
	n, err := strconv.ParseFloat(strings.TrimSuffix(text, "/s"), 64)
	if err != nil || !(n > 0) || math.IsInf(n, 0) { // NaN is no rate either
		return errors.New("want a number of requests a second, more than 0")
	}
	*p = perSecond(n)
	return nil
}

func (p *perSecond) String() string { return "" } // no limit, before it is set

// Type names the value in a message.
func (p *perSecond) Type() string { return "rate" }

// complete checks the flags, reads the files that they name, and opens those
// that the reports go to.
func (f *runFlags) complete(cmd *cobra.Command) (*reportFiles[*report.Report], error) {
	for name, value := range map[string]time.Duration{"timeout": f.opts.Timeout, "run-timeout": f.opts.RunTimeout, "max-wait": f.opts.MaxWait} {
		if cmd.Flags().Changed(name) && value <= 0 {
			return nil, fmt.Errorf("--%s %v: want more than 0", name, value)
		}
	}
	if cmd.Flags().Changed("jobs") && f.opts.Jobs < 1 {
		return nil, fmt.Errorf("--jobs %d: want at least 1", f.opts.Jobs)
	}
	if f.dryRun && len(f.reports) > 0 {
		return nil, errors.New("--report: there is nothing to report of --dry-run")
	}
	switch f.order {
	case "fixed":
		f.opts.Ordered = true
	case "shuffle":
	default:
		return nil, fmt.Errorf("--order %q: want fixed or shuffle", f.order)
	}
	if err := filled(cmd, "target", "config", "known-failing", "level", "golden", "document", "examples"); err != nil {
		return nil, err
	}
	f.opts.Kit = version()
	if len(f.reports) > 0 {
		f.opts.KitDigest = digest()
	}
	var err error
	if f.opts.Derived, err = f.of.derived(cmd.Context()); err != nil {
		return nil, err
	}
	if f.opts.Derived != nil && f.opts.Target == "" && !f.dryRun {
		return nil, errors.New("--document: want --target, since the reference implementation is one of the embedded document")
	}
	if cmd.Flags().Changed("shard") {
		if f.opts.Shard, err = conformance.ParseShard(f.shard); err != nil {
			return nil, fmt.Errorf("--shard %w", err)
		}
		if f.opts.Target == "" && !f.dryRun {
			return nil, errors.New("--shard: want --target, since every part would start a reference implementation of its own")
		}
	}
	if f.opts.Run, f.opts.Skip, err = f.chosen.patterns(cmd.Context()); err != nil {
		return nil, err
	}
	f.opts.Operations = f.chosen.operations
	if f.opts.Environment, f.opts.Token, err = readEnvironment(cmd.Context(), f.config, f.opts.Derived); err != nil {
		return nil, err
	}
	if f.opts.Secrets, err = declared(f.secrets); err != nil {
		return nil, err
	}
	if f.known != "" {
		if f.opts.Known, err = knownFailures(cmd.Context(), f.known); err != nil {
			return nil, err
		}
	}
	if f.opts.Golden, err = f.golden.load(f.opts.Derived, f.dryRun); err != nil {
		return nil, err
	}
	files, err := planReports(cmd.Context(), f.reports, f.output.formats())
	if err != nil {
		return nil, err
	}
	if err := files.spare(f.inputs()...); err != nil {
		return nil, fmt.Errorf("--report: %w", err)
	}
	if f.seed.drawn { // printed before anything is sent, so that an interrupted run can be repeated too
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "seed %d\n", *f.seed.number)
	}
	return files, nil
}

// inputs are the files that the flags name and that are read.
func (f *runFlags) inputs() []string {
	return append(f.chosen.files(), f.config, f.known, f.of.file)
}

// run runs the cases, and says on stderr how far it is.
func (f *runFlags) run(cmd *cobra.Command) (*report.Report, error) {
	stop, err := f.target(cmd.Context())
	if err != nil {
		return nil, err
	}
	defer stop()
	progress := newProgress(cmd.ErrOrStderr(), f.opts, f.output.quiet)
	f.opts.Each = progress.each
	found, err := conformance.Run(cmd.Context(), f.opts)
	progress.end()
	return found, asUsage(err)
}

// target starts the reference implementation, unless there is a target.
func (f *runFlags) target(ctx context.Context) (stop func(), err error) {
	if f.opts.Target != "" {
		return func() {}, nil
	}
	s, err := startReference(ctx, f.opts.Environment, f.opts.Token, "127.0.0.1:0", "")
	if err != nil {
		return nil, kitError{err}
	}
	f.opts.Target = s.URL()
	return func() { s.Stop(patience) }, nil
}

// filled refuses flags that are given without a value, as a variable of a shell
// that is not set gives them.
func filled(cmd *cobra.Command, names ...string) error {
	for _, name := range names {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed && f.Value.String() == "" {
			return fmt.Errorf("--%s is empty", name)
		}
	}
	return nil
}

// configFlag adds the flag that names the environment's file.
func configFlag(cmd *cobra.Command, config *string) {
	cmd.Flags().StringVar(config, "config", "", "YAML `FILE` with the environment (default: what the\ndocumented examples name)")
}

// readEnvironment reads the environment, and the token from the variable that it
// names. Without a file it is that of the document.
func readEnvironment(ctx context.Context, config string, of *suite.Derived) (environment.Environment, string, error) {
	if config == "" {
		return environment.Environment{}, "", nil
	}
	doc, err := of.Document()
	if err != nil {
		return environment.Environment{}, "", kitError{err}
	}
	data, err := readText(ctx, config)
	if err != nil {
		return environment.Environment{}, "", err
	}
	e, err := environment.Parse(doc, config, data)
	if err != nil {
		return e, "", err
	}
	if e.TokenEnv == "" {
		return e, "", nil
	}
	token := os.Getenv(e.TokenEnv)
	if token == "" {
		return e, "", fmt.Errorf("%s: /token_env: %s", config, wantVariable)
	}
	return e, token, nil
}

func knownFailures(ctx context.Context, file string) ([]known.Failure, error) {
	data, err := readText(ctx, file)
	if err != nil {
		return nil, err
	}
	return known.Parse(file, data)
}
