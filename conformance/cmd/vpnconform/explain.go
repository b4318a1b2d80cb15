package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// explainCommand explains a rule or a case.
func explainCommand() *cobra.Command {
	var config string
	var seed uint64
	var of documentFlags
	cmd := &cobra.Command{
		Use:   "explain ID",
		Short: "Explain a rule or a case: its citation, its errata, its requests, what is expected",
		Long: "Explain a rule, by the id that rules prints, or a case, by the id that list and\n" +
			"run print: where it is documented, its errata, its requests, what is expected.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := filled(cmd, "config"); err != nil {
				return err
			}
			derived, err := of.derived(cmd.Context())
			if err != nil {
				return err
			}
			s, err := derived.Draw(seed)
			if err != nil {
				return err
			}
			doc := s.Document()
			if r := doc.Rule(args[0]); r != nil {
				text, err := explained(s, r, of.shown())
				if err != nil {
					return kitError{err}
				}
				return write(cmd.OutOrStdout(), text)
			}
			c, ok := s.Case(args[0])
			if !ok {
				return fmt.Errorf("no rule and no case has the id %q%s", args[0], nearest(s, args[0]))
			}
			opts := conformance.Options{Seed: seed, Derived: derived}
			if opts.Environment, opts.Token, err = readEnvironment(cmd.Context(), config, derived); err != nil {
				return err
			}
			text, err := explainedCase(doc, c, opts)
			if err != nil {
				return err
			}
			return write(cmd.OutOrStdout(), text)
		},
	}
	cmd.Flags().SortFlags = false
	configFlag(cmd, &config)
	of.flags(cmd)
	cmd.Flags().Uint64Var(&seed, "seed", 1, "`NUMBER` that determines the values that cases draw")
	return cmd
}

// mostNear is the number of ids that are offered for one that does not exist.
const mostNear = 5

// nearest names the ids of rules and cases that are nearest to one that does not
// exist: those that hold its last part, or from which it differs in a few
// characters.
func nearest(s *suite.Suite, id string) string {
	type candidate struct {
		id       string
		distance int
	}
	var near []candidate
	part := id[strings.LastIndexAny(id, "./")+1:]
	add := func(other string) {
		d := distance(id, other)
		if d <= len(id)/4 || part != "" && strings.Contains(other, part) {
			near = append(near, candidate{other, d})
		}
	}
	for _, r := range s.Document().Rules {
		add(r.ID)
	}
	for _, c := range s.Cases {
		add(c.ID)
	}
	if len(near) == 0 {
		return "; vpnconform rules and vpnconform list print them"
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.distance - b.distance })
	var ids []string
	for _, c := range near[:min(len(near), mostNear)] {
		ids = append(ids, c.id)
	}
	if len(ids) == 1 {
		return "; the nearest is " + ids[0]
	}
	return "; the nearest are " + strings.Join(ids, ", ")
}

// distance counts the characters that have to be added, left out or replaced to
// make one text of another.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for k := range row {
		row[k] = k
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for k := range len(b) {
			replaced := before
			if a[i] != b[k] {
				replaced++
			}
			before = row[k+1]
			row[k+1] = min(replaced, row[k]+1, row[k+1]+1)
		}
	}
	return row[len(b)]
}

// explainedCase is all there is to say of a case.
func explainedCase(doc *openapi.Document, c suite.Case, opts conformance.Options) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  %s\n\n", c.ID, c.Title)
	fmt.Fprintf(&b, "level     %s\nsource    %s\n", c.Level, c.Source)
	cited(&b, doc, c.Source)
	if c.Rule != nil {
		fmt.Fprintf(&b, "rule      %s: %s\n", c.Rule.ID, c.Rule.Message)
	}
	if err := errata(&b, c.Errata); err != nil {
		return "", kitError{err}
	}
	want, err := expected(c)
	if err != nil {
		return "", kitError{err}
	}
	b.WriteString(want)
	if c.Duty {
		return b.String(), nil
	}
	opts.Run = []string{c.ID}
	var requests bytes.Buffer
	if err := conformance.DryRun(&requests, opts); err != nil {
		return "", asUsage(err)
	}
	fmt.Fprintf(&b, "\nrequest\n%s\n", requestOf(requests.String(), c.ID))
	if c.Twin != "" {
		fmt.Fprintf(&b, "\ntwin      %s, from which it differs in one place, and which has to be\n          accepted: without that a refusal shows nothing\n%s\n",
			c.Twin, requestOf(requests.String(), c.Twin))
	}
	return b.String(), nil
}

// requestOf is the request of one case among those of a dry run.
func requestOf(requests, id string) string {
	_, rest, _ := strings.Cut("\n"+requests, "\n# "+id+": ")
	_, line, _ := strings.Cut(rest, "\n")
	line, _, _ = strings.Cut(line, "\n# ")
	return strings.TrimSuffix(line, "\n")
}

// expected says which answer is right.
func expected(c suite.Case) (string, error) {
	switch {
	case c.Duty:
		return "expected  every answer keeps it, whatever was asked\n", nil
	case c.Open:
		return fmt.Sprintf("expected  nobody says whether the request is accepted: the answer has status %s\n          and is right, or the request is refused with a status 4xx\n", statuses(c)), nil
	case c.Refused():
		return fmt.Sprintf("expected  the request is refused with a status 4xx, and nothing is created; that it\n          is %s, and the body, are duties\n", statuses(c)), nil
	}
	text := fmt.Sprintf("expected  the request is accepted, with status %s; every member of the\n          answer repeats what was sent, or keeps its rules\n", statuses(c))
	if c.Golden == nil {
		return text, nil
	}
	var golden bytes.Buffer
	if err := json.Indent(&golden, c.Golden, "          ", "  "); err != nil {
		return "", fmt.Errorf("%s: %w", c.ID, err)
	}
	return text + "          The documented answer, with what the target chooses in its place:\n          " + strings.TrimSpace(golden.String()) + "\n", nil
}

// statuses names the statuses of a right answer.
func statuses(c suite.Case) string {
	var words []string
	for _, status := range c.Statuses {
		words = append(words, strconv.Itoa(status)+" ("+http.StatusText(status)+")")
	}
	return strings.Join(words, " or ")
}
