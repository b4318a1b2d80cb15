package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
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
			data, err := readFile(file, mostOfText)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if _, err := conformance.ParseKnown(file, data); err != nil {
				return err
			}
			found, err := f.run(cmd)
			if err != nil {
				return err
			}
			if count := found.Count(); count[report.CouldNotRun]+count[report.KitError] > 0 {
				*verdict = found.Verdict()
				return report.WriteText(cmd.OutOrStdout(), found, report.TextOptions{Width: width(cmd.OutOrStdout())})
			}
			updated, err := conformance.UpdateKnown(file, data, found.Results, reason)
			if err != nil {
				return err
			}
			if !bytes.Equal(data, updated) {
				if err := replaceFile(file, updated); err != nil {
					return err
				}
			}
			known, err := conformance.ParseKnown(file, updated)
			if err != nil {
				return kitError{err}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d known failures; %s\n", file, len(known), found.Summary())
			return err
		},
	}
	f.flags(cmd)
	cmd.Flags().StringVar(&file, "file", "", "YAML `FILE` to write or update (required)")
	cmd.Flags().StringVar(&reason, "reason", "", "`TEXT` that says why a failure that is new in the list is expected (required)")
	return cmd
}
