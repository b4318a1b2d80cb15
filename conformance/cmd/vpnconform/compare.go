package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// comparisons are the forms in which a comparison can be written.
var comparisons = map[string]func(io.Writer, *report.Comparison) error{
	"json": report.WriteComparisonJSON,
	"md":   report.WriteComparisonMarkdown,
}

// compareFlags are the flags of a comparison.
type compareFlags struct {
	runFlags
	targets []string
	forms   []string // to write
}

// compareCommand compares two reports, or two implementations.
func compareCommand(verdict *report.Verdict) *cobra.Command {
	var f compareFlags
	cmd := &cobra.Command{
		Use:   "compare {OLD.json NEW.json | --target OLD --target NEW}",
		Short: "Find what got worse between two reports, or two implementations",
		Long: `Compare two reports that run --report json=FILE wrote, or run the cases against
two implementations, one after the other, and compare what was found. Of two
implementations, the answers that differ are shown as well, be both lawful;
values that a server chooses are not compared. Both get the same requests and
the same credentials.

It is a regression when a case fails, or is flaky, and did not before; when it
fails by a difference (its kind and place) that it had not; and when it shows
less than before: it could not run, is not applicable any more, or is not there.
A failure below --level is none. A known failure excuses only what has no result
in the old report. Members that the page does not know are noted.

Exit status: 0 no regression; 1 a regression; 2 the command line is wrong, or a
report cannot be read or compared with; 3 the first implementation could not be
tried, or the run was interrupted.
` + aboutPatterns,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.check(cmd, args); err != nil {
				return err
			}
			files, err := planReports(cmd.Context(), f.forms, comparisons)
			if err != nil {
				return err
			}
			if err := files.spare(append(args, f.inputs()...)...); err != nil {
				return fmt.Errorf("--report: %w", err)
			}
			found, err := f.compare(cmd, args)
			switch {
			case errors.Is(err, errInterrupted):
				*verdict = report.Incomplete
				_, err = fmt.Fprintf(cmd.ErrOrStderr(), "vpnconform: %v\n", err)
				return asKitError(err)
			case err != nil:
				return err
			}
			*verdict = found.Verdict()
			err = files.write(found)
			return asKitError(errors.Join(err, report.WriteComparison(cmd.OutOrStdout(), found, report.TextOptions{Width: width(cmd.OutOrStdout())})))
		},
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.targets, "target", nil, "base `URL` of an implementation; twice, the one that is\ncompared with first")
	f.options(cmd)
	flags.StringVar(&f.opts.Level, "level", "must", "the least binding `LEVEL` whose failures count: must,\nshould or may")
	flags.StringArrayVar(&f.forms, "report", nil, "write the comparison: json=`FILE` or md=FILE\n(repeatable)")
	return cmd
}

// errInterrupted says that there is nothing to compare because there was no time.
var errInterrupted = errors.New("interrupted: nothing is compared")

// check checks that there are two of a kind, and no flag that does nothing.
func (f *compareFlags) check(cmd *cobra.Command, args []string) error {
	switch reports, targets := len(args), len(f.targets); {
	case reports+targets == 0:
		return errors.New("want two reports, or --target twice")
	case reports > 0 && targets > 0:
		return errors.New("want two reports, or --target twice, and not both")
	case reports > 0 && reports != 2:
		return fmt.Errorf("want two reports, got %d", reports)
	case targets > 0 && targets != 2:
		return fmt.Errorf("want --target twice, got it %s", times(targets))
	case slices.Contains(f.targets, ""):
		return errors.New("--target is empty")
	case f.opts.Level == "":
		return errors.New("--level is empty")
	case targets == 2:
		return nil
	}
	var err error
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		if err == nil && flag.Name != "level" && flag.Name != "report" {
			err = fmt.Errorf("--%s does nothing when two reports are compared", flag.Name)
		}
	})
	return err
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// compare compares what the command line names.
func (f *compareFlags) compare(cmd *cobra.Command, args []string) (*report.Comparison, error) {
	if len(f.targets) == 2 {
		return f.compareTargets(cmd)
	}
	var found [2]*report.Report
	for i, name := range args {
		var err error
		if found[i], err = readReport(cmd.Context(), name); err != nil {
			return nil, err
		}
	}
	c, err := report.Compare(found[0], found[1], f.opts.Level)
	if err != nil {
		return nil, err
	}
	if c.Verdict() == report.Incomplete {
		return nil, fmt.Errorf("%s: no case was tried, so there is nothing to compare with", args[0])
	}
	c.Old.Name, c.New.Name = args[0]+", of "+found[0].Target, args[1]+", of "+found[1].Target
	return c, nil
}

// compareTargets runs the cases against both implementations.
func (f *compareFlags) compareTargets(cmd *cobra.Command) (*report.Comparison, error) {
	if _, err := f.complete(cmd); err != nil {
		return nil, err
	}
	f.opts.Target = f.targets[1] // before the first is asked for minutes
	if err := conformance.DryRun(io.Discard, f.opts); err != nil {
		return nil, asUsage(err)
	}
	var found [2]*report.Report
	for i, target := range f.targets {
		f.opts.Target = target
		var err error
		if found[i], err = f.run(cmd); err != nil {
			return nil, err
		}
		if cmd.Context().Err() != nil {
			return nil, errInterrupted
		}
	}
	c, err := report.Compare(found[0], found[1], f.opts.Level)
	if err != nil {
		return nil, kitError{err}
	}
	c.Answers, err = conformance.CompareAnswers(found[0], found[1], f.opts.Derived)
	return c, asKitError(err)
}
