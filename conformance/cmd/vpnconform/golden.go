package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// loadGolden reads the golden files in a folder; nil if none is named.
func loadGolden(dir string, of *suite.Derived) (*golden.Answers, error) {
	if dir == "" {
		return nil, nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("--golden: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("--golden: %s is no directory", dir)
	}
	golden, err := golden.Load(os.DirFS(dir), of)
	if err != nil {
		return nil, fmt.Errorf("--golden %s: %w", dir, err)
	}
	return golden, nil
}

// wantGolden reads golden files that answers are compared with, at least one.
func wantGolden(dir string, of *suite.Derived) (*golden.Answers, error) {
	golden, err := loadGolden(dir, of)
	if golden != nil && len(golden.Files()) == 0 {
		return nil, fmt.Errorf("--golden %s: there is no golden file in it: record them with vpnconform record", dir)
	}
	return golden, err
}

// goldenFlags are the flags of a run that compares answers with golden files.
type goldenFlags struct {
	dir                  string
	update, allowFailing bool

	old *golden.Answers // to be updated
}

func (g *goldenFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&g.dir, "golden", "", "`DIR` of golden files that record wrote, which the\nanswers have to equal")
	cmd.Flags().BoolVar(&g.update, "update", false, "rewrite the golden files that differ, and show how")
	cmd.Flags().BoolVar(&g.allowFailing, "allow-failing", false, "with --update: also those of cases that fail at level\nmust")
}

// load returns the golden files that answers are compared with; nil if there
// are none, or they are to be updated.
func (g *goldenFlags) load(of *suite.Derived, dryRun bool) (*golden.Answers, error) {
	switch {
	case g.update && g.dir == "":
		return nil, errors.New("--update: want --golden, the files to update")
	case g.allowFailing && !g.update:
		return nil, errors.New("--allow-failing: want --update")
	case g.dir != "" && dryRun:
		return nil, errors.New("--golden: there is nothing to compare of --dry-run")
	}
	golden, err := wantGolden(g.dir, of)
	if g.update {
		g.old, golden = golden, nil
	}
	return golden, err
}

// rewrite updates the golden files, if that is asked, and returns what it changed,
// nothing if it is to be quiet. With a case that has no one answer it writes
// nothing, and a green verdict turns red.
func (g *goldenFlags) rewrite(ctx context.Context, found *report.Report, verdict *report.Verdict, quiet bool) (string, error) {
	if g.old == nil {
		return "", nil
	}
	loud := func(text string) string {
		if quiet {
			return ""
		}
		return text
	}
	if found.Untried() > 0 {
		return loud("golden files: none updated, as not every case could run\n\n"), nil
	}
	results, failing := recordable(found, g.allowFailing)
	updated, err := g.old.Update(results)
	var cannot *golden.UnrecordableError
	switch {
	case errors.As(err, &cannot):
		if *verdict == report.Conforms || *verdict == report.Stale {
			*verdict = report.Differs
		}
		return "golden files: none updated, and exit status 1: a case has no one answer\n(vpnconform record --varies POINTER records a member's type alone)\n" + indented(cannot.Answers) + "\n", nil
	case err != nil:
		return "", asUsage(err)
	}
	files := updated.Files()
	if err := replaceFiles(ctx, g.dir, files); err != nil {
		return "", kitError{err}
	}
	text := fmt.Sprintf("golden files: %d updated\n", len(files))
	if len(failing) > 0 {
		text += "not those of cases that fail at level must (--allow-failing updates them)\n" + indented(failing)
	}
	var patch strings.Builder
	if err := showChanges(&patch, g.old.Files(), files); err != nil {
		return "", err
	}
	return loud(patch.String() + text + "\n"), nil
}

// showChanges prints what files become as a patch.
func showChanges(w io.Writer, old, files map[string][]byte) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		patch := difflib.UnifiedDiff{A: lines(old[name]), B: lines(files[name]), FromFile: "a/" + name, ToFile: "b/" + name, Context: 3}
		if old[name] == nil {
			patch.FromFile = "/dev/null"
		}
		if err := difflib.WriteUnifiedDiff(w, patch); err != nil {
			return kitError{err}
		}
	}
	return nil
}

// lines are those of a file, as they may be shown: it may be edited.
func lines(content []byte) []string {
	var out []string
	for line := range strings.Lines(string(content)) {
		text := strings.TrimSuffix(line, "\n")
		out = append(out, report.Inert(text)+"\n")
	}
	return out
}

// recordable returns the results that are worth recording, and the others that
// were answered: each as the id of a case and how it failed.
func recordable(found *report.Report, allowFailing bool) (results []report.Result, failing []string) {
	for _, r := range found.Results {
		if r.FailsAt(report.Levels[0]) && !allowFailing {
			failing = append(failing, fmt.Sprintf("%s: %s %s", r.Case, r.Outcome, known.Fingerprint(r.Differences)))
		} else {
			results = append(results, r)
		}
	}
	return results, failing
}

// indented writes one text a line. It may hold what a target sent.
func indented(texts []string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString("  " + report.Inert(text) + "\n")
	}
	return b.String()
}
