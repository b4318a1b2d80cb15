package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
)

// selection are the flags that select cases.
type selection struct{ run, skip, operations []string }

func (s *selection) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&s.run, "run", nil, "select cases by a `PATTERN` (repeatable)")
	cmd.Flags().StringArrayVar(&s.skip, "skip", nil, "leave cases out by a `PATTERN` (repeatable)")
	cmd.Flags().StringArrayVar(&s.operations, "operation", nil, "leave out cases of other operations than `ID`\n(repeatable)")
}

// aboutPatterns explains the values of --run and --skip.
const aboutPatterns = `
A pattern is one of the ids that list prints, in which * is any text but a
slash, with or without the operation before it. Without a slash it is a pattern
of the rule in between: Name.* selects every case of every rule of the schema
Name. @FILE reads patterns from a file, one a line. A refused case brings the
accepted one with it from which it differs.`

// patterns returns the patterns of both flags, those of files among them.
func (s *selection) patterns(ctx context.Context) (run, skip []string, err error) {
	if run, err = patterns(ctx, "run", s.run); err != nil {
		return nil, nil, err
	}
	skip, err = patterns(ctx, "skip", s.skip)
	return run, skip, err
}

// files are the files among the values of both flags.
func (s *selection) files() []string {
	var out []string
	for _, value := range slices.Concat(s.run, s.skip) {
		if name, isFile := strings.CutPrefix(value, "@"); isFile {
			out = append(out, name)
		}
	}
	return out
}

// patterns reads the files among the values of a flag. A # begins a comment.
func patterns(ctx context.Context, flag string, values []string) ([]string, error) {
	var out []string
	for _, value := range values {
		file, isFile := strings.CutPrefix(value, "@")
		if value == "" || isFile && file == "" {
			return nil, fmt.Errorf("--%s is empty", flag)
		}
		if !isFile {
			out = append(out, value)
			continue
		}
		data, err := readText(ctx, file)
		if err != nil {
			return nil, err
		}
		found := false
		for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
			line, _, _ := strings.Cut(lines.Text(), "#")
			if line = strings.TrimSpace(line); line != "" {
				found, out = true, append(out, line)
			}
		}
		if !found {
			return nil, fmt.Errorf("%s: no patterns", file)
		}
	}
	return out, nil
}

// listCommand lists the cases.
func listCommand() *cobra.Command {
	var chosen selection
	var of documentFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the cases: id, level, rule, what each shows",
		Long:  "List the cases, one a line: id, level, rule, what it shows.\n" + aboutPatterns,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			run, skip, err := chosen.patterns(cmd.Context())
			if err != nil {
				return err
			}
			s, err := of.suite(cmd.Context(), 1)
			if err != nil {
				return err
			}
			cases, err := conformance.Select(s, run, skip, chosen.operations...)
			if err != nil {
				return asUsage(err)
			}
			out := bufio.NewWriter(cmd.OutOrStdout())
			for _, c := range cases {
				rule := "-"
				if c.Rule != nil {
					rule = c.Rule.ID
				}
				if _, err := fmt.Fprintf(out, "%s  %s  %s  %s\n", c.ID, c.Level, rule, c.Title); err != nil {
					return kitError{err}
				}
			}
			if err := out.Flush(); err != nil {
				return kitError{err}
			}
			return nil
		},
	}
	cmd.Flags().SortFlags = false
	of.flags(cmd)
	chosen.flags(cmd)
	return cmd
}

// lintCommand checks the suite.
func lintCommand() *cobra.Command {
	var of documentFlags
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Check the cases: every rule from both sides, every request breaking what it should and nothing else",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := of.suite(cmd.Context(), 1)
			if err != nil {
				return err
			}
			for _, g := range s.Gaps() {
				if _, err := fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s: %s\n", g.Operation, g.Rule, g.Why); err != nil {
					return kitError{err}
				}
			}
			faults, err := s.Lint()
			if err != nil {
				return kitError{err}
			}
			if len(faults) > 0 {
				return kitError{errors.New(strings.Join(faults, "\n"))}
			}
			sides := map[bool]int{}
			for _, c := range s.Cases {
				sides[c.Accepted()]++
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d cases, %d accepted and %d refused: nothing is wrong\n", len(s.Cases), sides[true], sides[false])
			return err
		},
	}
	of.flags(cmd)
	return cmd
}
