package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
)

// secretFlag adds the flag that declares further secrets.
func secretFlag(cmd *cobra.Command, names *[]string) {
	cmd.Flags().StringArrayVar(names, "secret", nil, "mask the value of the environment variable `NAME` too\n(repeatable)")
}

// wantVariable is wanted where something names the environment variable of a secret.
// What came instead is not shown, whatever its form: it may be the secret, of which
// many are nothing but letters and digits.
const wantVariable = "want the name of an environment variable that is set"

// declared reads the secrets from the variables that hold them. One that cannot be
// masked is an error: who declares it relies on it.
func declared(names []string) ([]string, error) {
	var out []string
	for i, name := range names {
		value := os.Getenv(name)
		switch {
		case value == "" && len(names) > 1:
			return nil, fmt.Errorf("--secret, number %d: %s", i+1, wantVariable)
		case value == "":
			return nil, fmt.Errorf("--secret: %s", wantVariable)
		case len(value) < conformance.ShortestSecret: // the name is a variable's, and may be shown
			return nil, fmt.Errorf("--secret %s: want a value of at least %d characters: a shorter one would mask every text", name, conformance.ShortestSecret)
		}
		out = append(out, value)
	}
	return out, nil
}
