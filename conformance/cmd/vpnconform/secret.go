package main

import (
	"fmt"
	"os"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
)

// secretFlag adds the flag that declares further secrets.
func secretFlag(cmd *cobra.Command, names *[]string) {
	cmd.Flags().StringArrayVar(names, "secret", nil, "mask the value of the environment variable `NAME` too\n(repeatable)")
}

// declared reads the secrets from the variables that hold them. One that cannot be
// masked is an error: who declares it relies on it.
func declared(names []string) ([]string, error) {
	var out []string
	for _, name := range names {
		value := os.Getenv(name)
		switch {
		case value == "":
			return nil, fmt.Errorf("--secret: the environment variable %s is not set", shownVariable(name))
		case len(value) < conformance.ShortestSecret:
			return nil, fmt.Errorf("--secret %s: want a value of at least %d characters: a shorter one would mask every text", shownVariable(name), conformance.ShortestSecret)
		}
		out = append(out, value)
	}
	return out, nil
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,39}$`)

// shownVariable is the name of an environment variable, as an error may show it:
// what is none is most likely the secret itself.
func shownVariable(name string) string {
	if variableName.MatchString(name) {
		return name
	}
	return "that is named"
}
