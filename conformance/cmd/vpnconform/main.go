// Command vpnconform says how far an implementation of the VPN connection API
// keeps what its documentation page promises.
//
//	vpnconform run       runs the cases against an implementation
//	vpnconform merge     joins the reports of the parts of a run
//	vpnconform replay    runs one case of a report again
//	vpnconform report    renders a report that a run wrote
//	vpnconform compare   finds what got worse between two reports or two implementations
//	vpnconform verify    judges the exchanges of a report again
//	vpnconform record    records the answers of an implementation as golden files
//	vpnconform baseline  lists the failures that are known
//	vpnconform calibrate measures the kit itself
//	vpnconform faults    lists the faults that an implementation can be given
//	vpnconform serve     serves the reference implementation
//	vpnconform list      lists the cases
//	vpnconform lint      checks the cases
//	vpnconform rules     lists the rules
//	vpnconform explain   explains one
//
// Exit status: 0 conforms, 1 does not, 2 wrong command line or file, 3
// incomplete, 4 mistake of the kit, 5 only the list of known failures is wrong.
// A first signal ends a run, with a report of what was found by then; a second
// one ends the program at once, with 128 and the number of the signal.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/report"
)

func main() {
	log.SetOutput(io.Discard) // net/http quotes there what a target sent
	debug.SetGCPercent(25)    // a run keeps every exchange: it needs little beside them
	store := files.New(nil)
	ctx := heed(files.With(context.Background(), store), store.Abandon)
	os.Exit(run(ctx, os.Args[1:], &stream{file: os.Stdout}, &stream{file: os.Stderr}))
}

// exitUsage is the exit status for a wrong command line or file.
const exitUsage = 2

// kitError marks an error that is a mistake of the kit, or a failure around it.
type kitError struct{ error }

func (e kitError) Unwrap() error { return e.error }

// run runs the command and returns its exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	verdict := report.Conforms
	commands := []*cobra.Command{
		runCommand(&verdict), mergeCommand(&verdict), replayCommand(&verdict), reportCommand(), compareCommand(&verdict),
		verifyCommand(&verdict), recordCommand(&verdict), baselineCommand(&verdict), calibrateCommand(&verdict), faultsCommand(),
		serveCommand(), listCommand(), lintCommand(), rulesCommand(), explainCommand(),
	}
	root := &cobra.Command{
		Use:           "vpnconform",
		Short:         "Says how far an implementation keeps what the VPN connection API's page promises",
		Version:       version(),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var names []string
			for _, c := range commands {
				names = append(names, c.Name())
			}
			return fmt.Errorf("want a command: %s (see %s --help)", strings.Join(names, ", "), cmd.Name())
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.AddCommand(commands...)
	err := root.ExecuteContext(ctx)
	var mistake kitError
	switch {
	case err == nil:
		return int(verdict)
	case errors.Is(err, files.ErrInterrupted):
		_, _ = fmt.Fprintf(stderr, "vpnconform: %v\n", err)
		return int(report.Incomplete)
	case errors.As(err, &mistake):
		_, _ = fmt.Fprintf(stderr, "vpnconform: %v\n", err)
		return int(report.Mistaken)
	}
	_, _ = fmt.Fprintf(stderr, "vpnconform: %v\n", err)
	return exitUsage
}

// version is that of the module, as the build recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// digest is the SHA-256 of this program, in hexadecimal; empty if its file cannot
// be read. It is taken once: the tests run hundreds of commands in one process.
var digest = sync.OnceValue(func() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	file, err := os.Open(name)
	if err != nil {
		return ""
	}
	defer func() { _ = file.Close() }() // nothing was written
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))
})

// asUsage returns an error of the options as it reads on a command line, and
// any other as a mistake of the kit.
func asUsage(err error) error {
	var usage *conformance.UsageError
	if err == nil || errors.As(err, &usage) {
		return err
	}
	return kitError{err}
}
