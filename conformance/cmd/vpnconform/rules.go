package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// rulesCommand lists every rule.
func rulesCommand() *cobra.Command {
	var of documentFlags
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List the rules: id, level, where it is documented, what it asks",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			doc, err := of.document(cmd.Context())
			if err != nil {
				return err
			}
			var b strings.Builder
			for _, r := range doc.Rules {
				fmt.Fprintf(&b, "%-60s %-6s %s: %s\n", r.ID, r.Level, r.Source, r.Message)
			}
			return write(cmd.OutOrStdout(), b.String())
		},
	}
	of.flags(cmd)
	return cmd
}

// write writes text; that it cannot is no verdict.
func write(w io.Writer, text string) error {
	if text == "" {
		return nil
	}
	if _, err := io.WriteString(w, text); err != nil {
		return kitError{err}
	}
	return nil
}

// explained is all there is to say of a rule.
func explained(s *suite.Suite, r *openapi.Rule, document string) (string, error) {
	doc := s.Document()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  %s\n\n", r.ID, r.Message)
	fmt.Fprintf(&b, "level     %s\nsource    %s\n", r.Level, r.Source)
	cited(&b, doc, r.Source)
	fmt.Fprintf(&b, "document  %s, line %d\n", document, r.Line)
	if r.Program != nil {
		fmt.Fprintf(&b, "rule      %s\n", r.Program.Expression())
	}
	for _, need := range r.Needs {
		fmt.Fprintf(&b, "needs     %s\n", need)
	}
	if err := errata(&b, r.Errata); err != nil {
		return "", err
	}
	if err := sides(&b, s, r); err != nil {
		return "", err
	}
	return b.String(), nil
}

// cited writes the title and the address of what a citation is of: another
// source, or the page.
func cited(b *strings.Builder, doc *openapi.Document, source string) {
	id, _, _ := strings.Cut(source, ",")
	if doc.Sources[id].URL == "" {
		id = "PAGE"
	}
	if of := doc.Sources[id]; of.URL != "" {
		fmt.Fprintf(b, "          %s\n          %s\n", of.Title, of.URL)
	}
}

// errata writes the verdicts on the page's contradictions.
func errata(b *strings.Builder, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	all, err := openapi.LoadErrata()
	if err != nil {
		return err
	}
	for _, e := range all {
		if slices.Contains(ids, e.ID) {
			fmt.Fprintf(b, "erratum   %s: %s\n          %s\n", e.ID, e.Title, strings.TrimSpace(e.Verdict))
		}
	}
	return nil
}

// sides writes an accepted and a refused request, and the cases that show
// the rule.
func sides(b *strings.Builder, s *suite.Suite, r *openapi.Rule) error {
	env, err := environment.Default(s.Document())
	if err != nil {
		return err
	}
	for _, side := range []struct {
		accepted bool
		name     string
	}{{true, "accepted"}, {false, "refused"}} {
		if reason := s.Excluded(r, side.accepted); reason != "" {
			fmt.Fprintf(b, "\n%s  no request: %s\n", side.name, reason)
			continue
		}
		i := slices.IndexFunc(s.Cases, func(c suite.Case) bool { return c.Rule == r && c.Accepted() == side.accepted })
		if i < 0 {
			fmt.Fprintf(b, "\n%s  no request: none could be made, see lint\n", side.name)
			continue
		}
		c := s.Cases[i]
		bound, err := s.Bind(c, env, conformance.MaskedKey)
		if err != nil {
			return err
		}
		name, op := c.ID[strings.LastIndexByte(c.ID, '/')+1:], s.Operation(c)
		fmt.Fprintf(b, "\n%s  %s\n%s\n", side.name, name, conformance.Curl("http://127.0.0.1:8080", op, c.Parameters(op, env.Parameters), bound.Body))
	}
	return shownBy(b, s, r)
}

// shownBy lists the cases in which a rule is judged: those derived from it, and
// the examples whose requests or documented answers have the member that it
// speaks of.
func shownBy(b *strings.Builder, s *suite.Suite, r *openapi.Rule) error {
	fmt.Fprintf(b, "\ncases that show it\n")
	shown := false
	for _, c := range s.Cases {
		is := c.Rule == r
		if c.Golden != nil {
			var err error
			if is, err = judged(s, c, r); err != nil {
				return err
			}
		}
		if is {
			fmt.Fprintf(b, "  %s\n", c.ID)
			shown = true
		}
	}
	if !shown {
		fmt.Fprintf(b, "  none\n")
	}
	return nil
}

// judged tells whether an example has what a rule speaks of.
func judged(s *suite.Suite, c suite.Case, r *openapi.Rule) (bool, error) {
	if r.Schema == nil {
		return r.Kind == openapi.Postcondition || strings.Contains(r.ID, ".responses."), nil
	}
	env, err := environment.Default(s.Document())
	if err != nil {
		return false, err
	}
	bound, err := s.Bind(c, env, conformance.MaskedKey)
	if err != nil {
		return false, err
	}
	op := s.Operation(c)
	for _, side := range []struct {
		schema *openapi3.SchemaRef
		body   any
	}{{op.JSON(), bound.Request}, {op.Answer(op.Success()), bound.Golden}} {
		at, ok := openapi.Find(side.schema, r.Schema)
		if !ok {
			continue
		}
		if r.Member != "" {
			at += "/" + r.Member
		}
		for _, leaf := range match.Leaves(side.body) {
			if leaf == at || strings.HasPrefix(leaf, at+"/") {
				return true, nil
			}
		}
	}
	return false, nil
}
