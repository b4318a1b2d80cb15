package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// recordFlags are the flags of record.
type recordFlags struct {
	runFlags
	dir          string
	allowFailing bool
	varies       []string
}

// recordCommand runs the cases and keeps what was answered.
func recordCommand(verdict *report.Verdict) *cobra.Command {
	var f recordFlags
	cmd := &cobra.Command{
		Use:   "record",
		Short: "Record the answers of an implementation as golden files",
		Long: "Run the cases and record what the implementation answers, one golden file a case:\n" +
			"DIR/example/static.json. What the server assigns is recorded by its type alone,\n" +
			"as <any string>, and secrets are masked. run --golden DIR compares with them.\n\n" +
			"Nothing is recorded unless every case could be tried, none fails at level must,\n" +
			"and every case has one answer. Existing files of other cases stay.\n" + aboutPatterns,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := filled(cmd, "golden"); err != nil {
				return err
			}
			if f.dir == "" {
				return errors.New("--golden is missing")
			}
			if _, err := f.complete(cmd); err != nil {
				return err
			}
			if _, err := golden.Record(nil, f.opts.Derived, f.varies); err != nil { // nothing, but for the patterns
				return asUsage(err)
			}
			left, err := f.prepare(cmd.Context())
			if err != nil {
				return err
			}
			defer left()
			found, err := f.run(cmd)
			if err != nil {
				return err
			}
			text, err := f.record(cmd.Context(), found, verdict)
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), text)
		},
	}
	f.flags(cmd)
	cmd.Flags().StringVar(&f.dir, "golden", "", "`DIR` to write to, which may hold golden files alone\n(required)")
	cmd.Flags().BoolVar(&f.allowFailing, "allow-failing", false, "record also what fails at level must, as it is")
	cmd.Flags().StringArrayVar(&f.varies, "varies", nil, "record the type alone of a member with this `POINTER`,\nwhere * is any one name: /body/revision\n(repeatable)")
	return cmd
}

// prepare makes the folder and checks what is in it, before anything is sent.
// What it returns removes the folder if it is new and nothing came into it.
func (f *recordFlags) prepare(ctx context.Context) (left func(), err error) {
	left = func() {}
	switch err := os.Mkdir(f.dir, 0o777); {
	case err == nil:
		left = func() { _ = os.Remove(f.dir) } // which stays if it has a file
	case !errors.Is(err, fs.ErrExist):
		return nil, fmt.Errorf("--golden: %w", err)
	}
	if _, err := loadGolden(f.dir, f.opts.Derived); err != nil {
		return nil, err
	}
	if err := files.Of(ctx).Check(filepath.Join(f.dir, "file")); err != nil {
		left()
		return nil, fmt.Errorf("--golden: %w", err)
	}
	return left, nil
}

// record writes the golden files of a run, and says so, or why not.
func (f *recordFlags) record(ctx context.Context, found *report.Report, verdict *report.Verdict) (string, error) {
	nothing := func(v report.Verdict, reason string, texts []string) (string, error) {
		*verdict = v
		return "nothing is recorded: " + reason + "\n" + indented(texts), nil
	}
	mistaken, open, skipped := ended(found, report.KitError), ended(found, report.CouldNotRun), ended(found, report.NotApplicable)
	results, failing := recordable(found, f.allowFailing)
	switch {
	case len(mistaken) > 0:
		return nothing(report.Mistaken, "a mistake of vpnconform", mistaken)
	case len(open) > 0:
		return nothing(report.Incomplete, "not every case could run", open)
	case len(failing) > 0:
		return nothing(report.Differs, "a case fails at level must (--allow-failing records it as it is)", failing)
	}
	answers, err := golden.Record(results, f.opts.Derived, f.varies)
	var cannot *golden.UnrecordableError
	switch {
	case errors.As(err, &cannot):
		return nothing(report.Differs, "a case has no one answer (--varies POINTER records a member's type alone)", cannot.Answers)
	case err != nil:
		return "", asUsage(err)
	}
	recorded := answers.Files()
	if len(recorded) == 0 {
		return nothing(report.Incomplete, "no case is applicable", skipped)
	}
	if err := replaceFiles(ctx, f.dir, recorded); err != nil {
		return "", kitError{err}
	}
	text := fmt.Sprintf("golden files: %d recorded in %s\n", len(recorded), f.dir)
	if len(skipped) > 0 {
		text += "not applicable, and not recorded\n" + indented(skipped)
	}
	return text, nil
}

// ended lists the cases with an outcome, each with the reason.
func ended(found *report.Report, outcome report.Outcome) []string {
	var out []string
	for _, r := range found.Results {
		if r.Outcome == outcome && r.Because == "" { // of those the twin speaks
			out = append(out, r.Case+": "+r.Reason)
		}
	}
	return out
}
