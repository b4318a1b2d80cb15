package report_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// mdHTML is the only HTML of a report.
var mdHTML = regexp.MustCompile(`^(<details>\n<summary><code>[^<>\n]*</code>: \d+ cases?</summary>\n|</details>\n)$`)

// checkMarkdown reads a report as GitHub does. Nothing stands in it but what the
// format itself has: no link, no image, no HTML but that of what is collapsed,
// and no text outside of code but its own.
func checkMarkdown(t testing.TB, source string) {
	t.Helper()
	if len(source) >= 1<<20 {
		t.Errorf("%d bytes, want less than 1 MiB", len(source))
	}
	if open, shut := strings.Count(source, "\n<details>\n"), strings.Count(source, "\n</details>\n"); open != shut {
		t.Errorf("%d elements are open, %d are shut", open, shut)
	}
	data := []byte(source)
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(data))
	err := ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.FencedCodeBlock:
			return ast.WalkSkipChildren, nil
		case *ast.HTMLBlock:
			html := string(n.Lines().Value(data))
			if n.HasClosure() {
				html += string(n.ClosureLine.Value(data))
			}
			if !mdHTML.MatchString(html) {
				t.Errorf("HTML %q", html)
			}
		case *ast.Heading:
			if n.Level < 2 {
				t.Errorf("heading %q", n.Lines().Value(data))
			}
		case *ast.Text:
			if s := string(n.Value(data)); !mdText.MatchString(s) {
				t.Errorf("text %q outside of code", s)
			}
		case *ast.Link, *ast.Image, *ast.AutoLink, *ast.RawHTML, *ast.CodeBlock, *ast.ThematicBreak, *ast.Blockquote:
			t.Errorf("%s at %q", n.Kind(), source[max(n.Pos(), 0):][:min(40, len(source)-max(n.Pos(), 0))])
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// mdText is the text that the format itself has.
var mdText = regexp.MustCompile(`^[A-Za-z0-9 ,.:;-]*$`)

// TestMarkdown reads a hostile report as GitHub does.
func TestMarkdown(t *testing.T) {
	checkMarkdown(t, render(t, report.WriteMarkdown, full()))
	for _, s := range []string{"`", "``", " ` ", "a`", "|", "\n\n", " ", "<!--", "~~~", "&lt;", "\\`"} {
		checkMarkdown(t, render(t, report.WriteMarkdown, hostile(s)))
	}
}

// mdShown matches the lines of cases that are shown.
var mdShown = regexp.MustCompile("(?m)^`a/case-[0-9]+\\.` |: `a/case-[0-9]+\\.`$")

// TestMarkdownIsCut renders more than fits: elements are whole, and what is left
// out is counted.
func TestMarkdownIsCut(t *testing.T) {
	for _, row := range []struct {
		cases, rules, bytes int
		outcome             report.Outcome
	}{
		{1000, 1000, 3000, report.Fail},
		{10_000, 1, 300, report.Fail},
		{500, 100, 20_000, report.Flaky},
		{200, 200, 12_000, report.Fail},
		{5000, 5000, 300, report.CouldNotRun},
		{5000, 5000, 300, report.NotApplicable},
	} {
		r := &report.Report{}
		for i := range row.cases {
			long := fmt.Sprint(i, "`` ", strings.Repeat("x", row.bytes))
			result := report.Result{Case: fmt.Sprintf("a/case-%d.", i), Level: "must", Outcome: row.outcome, Reason: long}
			if row.outcome == report.Fail || row.outcome == report.Flaky {
				result.Differences = []report.Difference{{Pointer: "/status", Kind: "changed", Got: long, Rule: fmt.Sprint("rule-", i%row.rules)}}
			}
			r.Results = append(r.Results, result)
		}
		source := render(t, report.WriteMarkdown, r)
		checkMarkdown(t, source)
		left := 0
		if _, note, ok := strings.Cut(source, "\n**"); ok {
			if _, err := fmt.Sscanf(note, "%d cases left out", &left); err != nil {
				t.Errorf("%v: %q", err, note)
			}
		}
		shown := len(mdShown.FindAllString(source, -1))
		if left == 0 || shown == 0 || left+shown != row.cases {
			t.Errorf("%+v: %d cases are shown and %d left out", row, shown, left)
		}
	}
}

// TestMarkdownShowsAll shows every case that failed when there is room.
func TestMarkdownShowsAll(t *testing.T) {
	source := render(t, report.WriteMarkdown, full())
	got := map[string]bool{}
	for _, result := range full().Results[1:] { // the first passed
		got[result.Case] = strings.Contains(source, "`"+result.Case) || strings.Contains(source, ", "+result.Case+"`")
	}
	got["example/ospf"] = strings.Contains(source, "`example/ospf`")
	want := map[string]bool{}
	for name := range got {
		want[name] = true
	}
	if diff := cmp.Diff(want, got); diff != "" || strings.Contains(source, "left out") {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
}
