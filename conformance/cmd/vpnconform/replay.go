package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// replayCommand runs one case of a report again and sets the verdict.
func replayCommand(verdict *report.Verdict) *cobra.Command {
	var of documentFlags
	var config, dir string
	var secrets []string
	var opts conformance.Options
	var shown output
	cmd := &cobra.Command{
		Use:   "replay REPORT CASE",
		Short: "Run one case of a JSON report again, and say whether it ends as recorded",
		Long: "Run one case of a JSON report again, in the report's environment, and say whether\n" +
			"it ends as recorded: with the same outcome and the same places that differ. A\n" +
			"refused case brings the accepted one with it from which it differs.\n\n" +
			"A report has neither the token nor the values of the environment's header fields,\n" +
			"and anybody may write one. With credentials it wants --config and --target, so that\n" +
			"the report does not say which they are and to whom they go.\n\n" +
			"The exit status is that of the verdict on what ran now, as of run.",
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := filled(cmd, "target", "config", "golden"); err != nil {
				return err
			}
			recorded, err := readReport(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if opts.Derived, err = of.derived(cmd.Context()); err != nil {
				return err
			}
			if config != "" {
				opts.Environment, opts.Token, err = readEnvironment(cmd.Context(), config, opts.Derived)
			} else {
				opts.Environment, err = withoutCredentials(recorded, args[0])
			}
			if err != nil {
				return err
			}
			if opts.Secrets, err = declared(secrets); err != nil {
				return err
			}
			if opts.Golden, err = wantGolden(dir, opts.Derived); err != nil {
				return err
			}
			opts.Kit = version()
			now, said, err := conformance.Replay(cmd.Context(), recorded, args[1], opts)
			if err != nil {
				return asUsage(err)
			}
			*verdict = now.Verdict()
			if err := shown.conclude(cmd.OutOrStdout(), now, &reportFiles[*report.Report]{}, ""); err != nil {
				return err
			}
			for _, text := range said {
				if _, err := fmt.Fprintln(cmd.OutOrStdout(), report.Inert(text)); err != nil {
					return kitError{err}
				}
			}
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().StringVar(&opts.Target, "target", "", "base `URL` of the implementation (default: that of\nthe report)")
	cmd.Flags().StringVar(&config, "config", "", "YAML `FILE` with the environment (default: that of\nthe report)")
	of.flags(cmd)
	cmd.Flags().StringVar(&dir, "golden", "", "`DIR` of the golden files that the run used")
	secretFlag(cmd, &secrets)
	shown.flags(cmd)
	return cmd
}

// withoutCredentials is the environment of a report, unless it has credentials. The
// name of the token's variable is that of a secret which the report's writer chose.
func withoutCredentials(recorded *report.Report, file string) (environment.Environment, error) {
	env, err := conformance.EnvironmentOf(recorded)
	switch {
	case err != nil:
		return env, fmt.Errorf("%s: %w: --config supplies it", file, err)
	case env.TokenEnv != "":
		return env, fmt.Errorf("%s: the report says which variable has the token, and anybody may have written it: --config supplies it", file)
	}
	return env, nil
}
