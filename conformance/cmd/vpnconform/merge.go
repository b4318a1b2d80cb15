package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// mergeCommand joins the reports of parts and sets the verdict.
func mergeCommand(verdict *report.Verdict) *cobra.Command {
	var of documentFlags
	var file, dir string
	var shown output
	var reports []string
	cmd := &cobra.Command{
		Use:   "merge REPORT...",
		Short: "Join the JSON reports of all parts of a run (run --shard)",
		Long: "Join the JSON reports of all parts of a run (run --shard) into the one that the run\n" +
			"would have written without parts. What only all cases together show is judged\n" +
			"again. A failure that comes to light then is not a known one.\n\n" +
			"The exit status is that of the verdict, as of run; 2: the reports cannot be read,\n" +
			"or are not all parts of one run, each once.",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := filled(cmd, "output", "golden"); err != nil {
				return err
			}
			derived, err := of.derived(cmd.Context())
			if err != nil {
				return err
			}
			golden, err := wantGolden(dir, derived)
			if err != nil {
				return err
			}
			files, err := planReports(cmd.Context(), reports, shown.formats())
			if err != nil {
				return err
			}
			if file != "" {
				if err := files.add(file, report.WriteJSON); err != nil {
					return fmt.Errorf("--output: %w", err)
				}
			}
			if err := files.spare(args...); err != nil {
				return err
			}
			found, err := merged(cmd.Context(), args, derived, golden)
			if err != nil {
				return err
			}
			*verdict = found.Verdict()
			return shown.conclude(cmd.OutOrStdout(), found, files, "")
		},
	}
	cmd.Flags().SortFlags = false
	of.flags(cmd)
	cmd.Flags().StringVarP(&file, "output", "o", "", "JSON `FILE` to write; it is written whole or not at all")
	cmd.Flags().StringVar(&dir, "golden", "", "`DIR` of the golden files that the parts used")
	reportFlag(cmd, &reports)
	shown.flags(cmd)
	return cmd
}

// merged reads parts and joins them.
func merged(ctx context.Context, names []string, of *suite.Derived, golden *golden.Answers) (*report.Report, error) {
	var parts []conformance.Part
	for _, name := range names {
		found, err := readReport(ctx, name)
		if err != nil {
			return nil, err
		}
		parts = append(parts, conformance.Part{Name: name, Report: found})
	}
	found, err := conformance.Merge(parts, of, golden)
	return found, asUsage(err)
}
