// Command vpngen writes the Go package that an OpenAPI document describes: types, decoders and validators, a client and
// a server.
//
//	//go:generate go tool vpngen
//
// Without flags it takes the document of the VPN connection API, which it carries, and writes into the current
// directory. It writes one *.gen.go file for each kind of code, leaves a file alone whose content is right, and removes
// a *.gen.go file that it wrote earlier and no longer would. A file that it did not write is never touched.
// go generate has listed the files before: it reports one that was removed as missing, once, after all is done.
//
// Exit status: 0 done, or nothing differs; 1 something differs (--check, --diff); 2 the flags, the configuration, the
// document or the directory cannot be used.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/openapi"
)

func main() {
	debug.SetGCPercent(400) // a run is short
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// errDiffers says that --check or --diff has found and printed a difference.
var errDiffers = errors.New("the directory differs")

func run(args []string, stdout, stderr io.Writer) int {
	command := newCommand(stdout)
	command.SetArgs(args)
	command.SetOut(stdout)
	command.SetErr(stderr)
	err := command.Execute()
	var faults openapi.Faults
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDiffers):
		return 1
	case errors.As(err, &faults):
		for _, fault := range faults {
			_, _ = fmt.Fprintln(stderr, "vpngen:", fault)
		}
	default:
		_, _ = fmt.Fprintln(stderr, "vpngen:", err)
	}
	return 2
}

func newCommand(stdout io.Writer) *cobra.Command {
	var s settings
	command := &cobra.Command{
		Use:   "vpngen",
		Short: "Write the Go package that an OpenAPI document describes",
		Long: `vpngen writes the Go package that an OpenAPI document describes: types, a client and a server.

Exit status: 0 done, or nothing differs; 1 something differs (--check, --diff);
2 the flags, the configuration, the document or the directory cannot be used.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("takes no arguments, got %q", args[0])
			}
			return nil
		},
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := s.complete(command.Flags().Changed); err != nil {
				return err
			}
			return generate(s, stdout, command.ErrOrStderr())
		},
	}
	command.SetVersionTemplate("{{.Name}} {{.Version}}\n")
	command.CompletionOptions.DisableDefaultCmd = true
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&s.spec, "spec", "", "OpenAPI document `FILE` (default: the document of the VPN connection API)")
	flags.StringVar(&s.out, "out", ".", "write the files into this `DIRECTORY`")
	flags.StringVar(&s.packageName, "package", "", "package `NAME` (default: that of the directory's Go files, or the directory's name)")
	flags.StringVar(&s.config, "config", "", "read the keys spec, out and package from this YAML `FILE`; flags win")
	flags.BoolVar(&s.check, "check", false, "write nothing; list the files that differ")
	flags.BoolVar(&s.diff, "diff", false, "write nothing; print the difference of the files")
	flags.BoolVar(&s.strict, "strict", false, "refuse mistakes of the document that change no code; otherwise they are warnings")
	flags.BoolVar(&s.lenient, "lenient", false, "leave out patterns that Go cannot match, with a warning; otherwise they are refused")
	command.MarkFlagsMutuallyExclusive("check", "diff")
	command.MarkFlagsMutuallyExclusive("strict", "lenient")
	return command
}

// version returns the module's version, as the build recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(unknown version)"
}
