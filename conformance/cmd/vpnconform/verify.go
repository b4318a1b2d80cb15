package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// verifyCommand judges a report's exchanges again.
func verifyCommand(verdict *report.Verdict) *cobra.Command {
	var dir string
	var of documentFlags
	cmd := &cobra.Command{
		Use:   "verify REPORT",
		Short: "Judge the exchanges of a JSON report again, without the target",
		Long: "Judge the exchanges of a JSON report again, without the target, and say where the\n" +
			"report says otherwise.\n\n" +
			"Exit status: 0 the report is right, whatever its verdict; 1 it is not; 2 it cannot\nbe read, or is of another suite.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := filled(cmd, "golden"); err != nil {
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
			found, err := readReport(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			wrong, err := conformance.Verify(found, derived, golden)
			if err != nil {
				return asUsage(err)
			}
			for _, text := range wrong {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), text); err != nil {
					return kitError{err}
				}
			}
			if len(wrong) > 0 {
				*verdict = report.Differs
				return nil
			}
			text := fmt.Sprintf("%d cases: the report says what its exchanges show\n", len(found.Results))
			cut := 0
			for _, result := range found.Results {
				if result.Cut() {
					cut++
				}
			}
			if cut > 0 {
				text += fmt.Sprintf("not judged again: %d cases of whose answers the report does not keep enough, and the duties\n", cut)
			}
			return write(cmd.OutOrStdout(), text)
		},
	}
	cmd.Flags().SortFlags = false
	of.flags(cmd)
	cmd.Flags().StringVar(&dir, "golden", "", "`DIR` of the golden files that the run used")
	return cmd
}
