package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// baselineCommand runs the cases and lists those that fail.
func baselineCommand(verdict *report.Verdict) *cobra.Command {
	var f runFlags
	var file, reason string
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Write or update a list of known failures from a run",
		Long: "Run the cases and bring a list of known failures up to date: what fails gets its\n" +
			"fingerprint, what passes goes, comments stay. The list is written only after a run\n" +
			"in which every case could be tried.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return errors.New("--file is missing")
			}
			if strings.TrimSpace(reason) == "" { // a run of an hour would end without a list
				return errors.New("--reason is missing: a failure that is new in the list needs one")
			}
			if _, err := f.complete(cmd); err != nil {
				return err
			}
			data, err := readText(cmd.Context(), file)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if _, err := known.Parse(file, data); err != nil {
				return err
			}
			if err := files.Of(cmd.Context()).Check(file); err != nil { // before minutes are spent
				return fmt.Errorf("--file: %w", err)
			}
			found, err := f.run(cmd)
			if err != nil {
				return err
			}
			if found.Untried() > 0 {
				*verdict = found.Verdict()
				return asKitError(f.output.write(cmd.OutOrStdout(), found))
			}
			updated, err := known.Update(file, data, found.Results, reason)
			if err != nil {
				return err
			}
			if !bytes.Equal(data, updated) {
				if err := replaceFile(cmd.Context(), file, updated); err != nil {
					return kitError{err}
				}
			}
			known, err := known.Parse(file, updated)
			if err != nil {
				return kitError{err}
			}
			return write(cmd.OutOrStdout(), fmt.Sprintf("%s: %d known failures; %s\n", file, len(known), found.Summary()))
		},
	}
	f.flags(cmd)
	f.output.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "YAML `FILE` to write or update (required)")
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why a failure that is new in the list is expected (required)")
	return cmd
}
