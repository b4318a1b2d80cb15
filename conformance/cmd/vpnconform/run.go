package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// runCommand runs the cases and sets the verdict.
func runCommand(verdict *report.Verdict) *cobra.Command {
	var opts conformance.Options
	var config, known string
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the cases against an implementation",
		Long: "Run the cases against an implementation. Without --target, the reference\n" +
			"implementation is started on a loopback port and is the one that is run against.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("timeout") && opts.Timeout <= 0 {
				return fmt.Errorf("--timeout %v: want more than 0", opts.Timeout)
			}
			if err := filled(cmd, "target", "config", "known-failing"); err != nil {
				return err
			}
			var err error
			if opts.Environment, opts.Token, err = environment(config); err != nil {
				return err
			}
			if known != "" {
				if opts.Known, err = knownFailures(known); err != nil {
					return err
				}
			}
			if opts.Target == "" {
				s, err := startReference(opts.Environment, opts.Token, "127.0.0.1:0")
				if err != nil {
					return kitError{err}
				}
				defer s.stop()
				opts.Target = s.url
			}
			found, err := conformance.Run(cmd.Context(), opts)
			if err != nil {
				return asUsage(err)
			}
			*verdict = found.Verdict()
			if err := report.WriteText(cmd.OutOrStdout(), found, report.TextOptions{}); err != nil {
				return kitError{err}
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&opts.Target, "target", "", "base `URL` of the implementation (default: the reference implementation)")
	configFlag(cmd, &config)
	runFlag(cmd, &opts.Run)
	flags.DurationVar(&opts.Timeout, "timeout", 10*time.Second, "`TIME` for one case")
	flags.BoolVar(&opts.Strict, "strict", false, "a member that the page does not know is a difference")
	flags.StringVar(&known, "known-failing", "", "YAML `FILE` that lists the failures that are expected")
	return cmd
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
	cmd.Flags().StringVar(config, "config", "", "YAML `FILE` with the environment (default: that of the reference implementation)")
}

// environment reads the environment, and the token from the variable that it
// names.
func environment(config string) (suite.Environment, string, error) {
	if config == "" {
		e, err := suite.Default()
		if err != nil {
			return e, "", kitError{err}
		}
		return e, "", nil
	}
	data, err := os.ReadFile(config)
	if err != nil {
		return suite.Environment{}, "", err
	}
	e, err := suite.Parse(config, data)
	if err != nil {
		return e, "", err
	}
	if e.TokenEnv == "" {
		return e, "", nil
	}
	token := os.Getenv(e.TokenEnv)
	if token == "" {
		return e, "", fmt.Errorf("%s: /token_env: the environment variable %s is not set", config, e.TokenEnv)
	}
	return e, token, nil
}

func knownFailures(file string) ([]conformance.KnownFailure, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return conformance.ParseKnown(file, data)
}
