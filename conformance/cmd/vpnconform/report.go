package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// reportCommand renders a report that a run wrote as JSON.
func reportCommand() *cobra.Command {
	var format, file string
	var shown output
	cmd := &cobra.Command{
		Use:   "report FILE",
		Short: "Render a report that run --report json=FILE wrote in another format",
		Long: "Render a report that run --report json=FILE wrote in another format. A report\n" +
			"that is cut off, was edited, or is of another version is refused. The exit\n" +
			"status says whether it was rendered, and not what it says.\n\n" +
			"Formats: " + strings.Join(formatNames(), ", "),
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := filled(cmd, "format", "output"); err != nil {
				return err
			}
			write, known := shown.formats()[format]
			if !known {
				return fmt.Errorf("--format %q: want one of %s", format, strings.Join(formatNames(), ", "))
			}
			if shown.verbose && format != "text" {
				return fmt.Errorf("--verbose is for text, and not for %s", format)
			}
			found, err := readReport(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if file == "" {
				if err := write(cmd.OutOrStdout(), found); err != nil {
					return kitError{err}
				}
				return nil
			}
			return renderTo(cmd.Context(), file, args[0], write, found)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "the `FORMAT`")
	cmd.Flags().StringVarP(&file, "output", "o", "", "`FILE` to write (default: stdout); it is written whole\nor not at all")
	shown.flags(cmd)
	return cmd
}

// formatNames lists the formats of reports.
func formatNames() []string { return slices.Sorted(maps.Keys(formats)) }

// renderTo writes a report to a file, which is not the one that it was read
// from: that one has more in it.
func renderTo(ctx context.Context, output, input string, write func(io.Writer, *report.Report) error, found *report.Report) error {
	if files.Same(input, output) {
		return fmt.Errorf("--output: %s is the report itself", output)
	}
	to := &reportFiles[*report.Report]{store: files.Of(ctx)}
	if err := to.add(output, write); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return asKitError(to.write(found))
}
