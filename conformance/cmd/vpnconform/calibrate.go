package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/calibrate"
	"github.com/vpnconform/vpnconform/conformance/reference/fault"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// calibrations are the forms in which a measurement can be written.
var calibrations = map[string]func(io.Writer, *calibrate.Measurement) error{"json": calibrate.WriteJSON, "md": calibrate.WriteMarkdown}

// calibrateCommand measures the kit, or another tester.
func calibrateCommand(verdict *report.Verdict) *cobra.Command {
	var opts calibrate.Options
	var of documentFlags
	var reports []string
	var tester string
	timeout := 5 * time.Minute
	cmd := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure the kit itself: null servers and deliberate faults",
		Long: `Measure the kit itself. It runs against servers that do nothing, none of which
should pass a case, and against the reference implementation with one deliberate
fault at a time, each of which a case should notice. With --exec, another tester
is measured in the same way: it notices what it ends with another exit status
than 0 for. With --document, the cases of that document are measured by null
servers alone: it has no reference implementation to have faults.

Exit status: 0 calibrated, 1 not, 4 void: the healthy implementation does not
pass, or a fault changed nothing.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := filled(cmd, "exec"); err != nil {
				return err
			}
			if err := checkCalibrate(cmd, opts, tester, timeout); err != nil {
				return err
			}
			var err error
			if opts.Derived, err = of.derived(cmd.Context()); err != nil {
				return err
			}
			if tester != "" {
				opts.Tester = shell(tester, timeout)
			}
			files, err := planReports(cmd.Context(), reports, calibrations)
			if err != nil {
				return err
			}
			bar := newBar(cmd.ErrOrStderr())
			opts.Each = func(done, all int) { bar.set(done, all, "servers", "measured") }
			found, err := calibrate.Run(cmd.Context(), opts)
			bar.end()
			if err != nil {
				return kitError{err}
			}
			switch {
			case len(found.Void) > 0:
				*verdict = report.Mistaken
			case !found.Holds():
				*verdict = report.Differs
			}
			return asKitError(errors.Join(files.write(found), calibrate.WriteText(cmd.OutOrStdout(), found)))
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	of.flags(cmd)
	flags.IntVar(&opts.Sample, "sample", 0, "measure `N` faults of each kind and N null servers of\neach status (default: all)")
	flags.IntVar(&opts.Jobs, "jobs", 0, "measure `N` servers at a time (default: two for each\nprocessor)")
	flags.StringArrayVar(&reports, "report", nil, "write the whole: json=`FILE` or md=FILE (repeatable)")
	flags.StringVar(&tester, "exec", "", "measure this `COMMAND` of a shell; {url} is what to try")
	flags.DurationVar(&timeout, "timeout", timeout, "`TIME` for one run of the command of --exec")
	return cmd
}

// checkCalibrate says what is wrong with the flags of calibrate.
func checkCalibrate(cmd *cobra.Command, opts calibrate.Options, tester string, timeout time.Duration) error {
	changed := cmd.Flags().Changed
	switch {
	case changed("sample") && opts.Sample <= 0:
		return fmt.Errorf("--sample %d: want more than 0", opts.Sample)
	case changed("jobs") && opts.Jobs <= 0:
		return fmt.Errorf("--jobs %d: want more than 0", opts.Jobs)
	case tester != "" && changed("document"):
		return errors.New("--exec: with --document there is no healthy implementation to try it on")
	case timeout <= 0:
		return fmt.Errorf("--timeout %v: want more than 0", timeout)
	case tester == "" && changed("timeout"):
		return errors.New("--timeout is of the command of --exec, which is missing")
	case tester != "" && !strings.Contains(tester, "{url}"):
		return errors.New("--exec: want {url} in the command, for the URL to try")
	}
	return nil
}

// shell runs somebody's tester once. It notices something when it ends with
// another status than 0; one that does not end has noticed nothing. What it
// says is dropped.
func shell(line string, timeout time.Duration) func(context.Context, string) (bool, string, error) {
	return func(ctx context.Context, url string) (bool, string, error) {
		ctx, cancel := context.WithTimeout(ctx, timeout)
		defer cancel()
		tester := exec.CommandContext(ctx, "sh", "-c", strings.ReplaceAll(line, "{url}", url))
		asGroup(tester)
		err := tester.Run()
		var status *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return false, "did not end", calibrate.ErrEndless
		case errors.As(err, &status):
			return true, fmt.Sprintf("exit status %d", status.ExitCode()), nil
		}
		return false, "exit status 0", err
	}
}

// faultsCommand lists the faults.
func faultsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "faults",
		Short: "List the faults that serve --fault can have: id, rule, what each breaks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			faults, err := fault.All()
			if err != nil {
				return kitError{err}
			}
			var b strings.Builder
			for _, f := range faults {
				rule := f.Rule
				if rule == "" {
					rule = "-"
				}
				fmt.Fprintf(&b, "%s  %s  %s\n", f.ID, rule, f.Breaks)
			}
			_, err = io.WriteString(cmd.OutOrStdout(), b.String())
			return asKitError(err)
		},
	}
}

// asKitError marks an error, if there is one, as a mistake of the kit.
func asKitError(err error) error {
	if err == nil {
		return nil
	}
	return kitError{err}
}
