package conformance_test

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/internal/inventory"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// coverageMap is the text of the cells of each table of a report's map, a line a row,
// by the table's heading.
func coverageMap(t *testing.T, r *report.Report) map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), `<h2 id="coverage">`)
	text, _, _ = strings.Cut(text, `<h2 id="about">`)
	tag := regexp.MustCompile(`<[^>]*>`)
	tables := map[string]string{}
	for _, table := range strings.Split(text, "<details")[1:] {
		_, heading, _ := strings.Cut(table, "<summary>")
		heading, rest, _ := strings.Cut(heading, "\n")
		var rows strings.Builder
		for _, row := range strings.Split(rest, "<tr")[1:] {
			cells := strings.NewReplacer("</th>", "|", "</td>", "|").Replace("<tr" + row)
			rows.WriteString(html.UnescapeString(strings.TrimSpace(tag.ReplaceAllString(cells, ""))) + "\n")
		}
		tables[html.UnescapeString(tag.ReplaceAllString(heading, ""))] = rows.String()
	}
	return tables
}

// TestTables holds that the map has every table and member that the embedded
// document cites, even if nothing ran.
func TestTables(t *testing.T) {
	found := run(t, conformance.Options{Target: serve(t, newReference(t)), Run: examples})
	shown := coverageMap(t, &report.Report{Tables: found.Tables})
	byNumber := map[string]string{}
	for heading, rows := range shown {
		if name, _, ok := strings.Cut(heading, ":"); ok {
			byNumber[name] = rows
		}
	}
	cited := regexp.MustCompile(`(Table \d+), ([a-z_0-9]+)`).FindAllStringSubmatch(string(openapi.Source()), -1)
	if len(cited) < 80 {
		t.Fatalf("the document cites %d members", len(cited))
	}
	for _, c := range cited {
		if !strings.Contains("\n"+byNumber[c[1]], "\n"+c[2]+"|") {
			t.Errorf("%s is not in the map", c[0])
		}
	}
}

// TestForeignTables shows that the map of a document of several operations has the
// tables of that document: request and answer apart, parameters, and what is asked
// of a whole answer.
func TestForeignTables(t *testing.T) {
	d := foreign(t)
	found := runForeign(t, inventory.New(""), conformance.Options{Derived: d, Level: "may"})
	if found.Verdict() != report.Conforms {
		t.Errorf("verdict: %s", found.Summary())
	}
	shown := coverageMap(t, written(t, found))
	for heading, rows := range map[string][]string{
		"createBook: header parameters":          {"X-Library.required|1 pass|1 pass|"},
		"listBooks: parameters":                  {"limit|\nlimit.default|1 pass|– none|\nlimit.maximum|3 pass|4 pass|", "marker|no case is about it|"},
		"CreateBookRequest: body of the request": {"book|\nbook.required|1 pass|17 pass|", "the whole object|\ntype|1 pass|10 pass|"},
		"NewBook: book, requested":               {"isbn|\nisbn.pattern|1 pass|18 pass|", "lent-within-copies Book, lent|2 pass|17 pass|"},
		"BookChanges: book, requested":           {"copies|\ncopies.maximum|3 pass|19 pass|"},
		"Shelf: shelf, requested":                {"board|\nboard.maximum|7 pass|25 pass|"},
		"Shelf: shelf, answered":                 {"room|", "board|"},
		"Book: book, answered":                   {"id|", "id.x-unique|1 pass|– none|", "updated_at|"},
		"ErrorResponse: body of a refusal":       {"error|"},
		"createBook: the answer as a whole":      {"location-names-book|1 pass|– none|", "state-follows-request|– none|– none|"},
		"updateBook: the answer as a whole":      {"copies-repeated|– none|– none|"},
	} {
		for _, row := range rows {
			if !strings.Contains("\n"+shown[heading], "\n"+row) {
				t.Errorf("%s: no row %q in\n%s", heading, row, shown[heading])
			}
		}
	}
	for _, heading := range []string{"Book: book, answered", "Shelf: shelf, answered", "Problem: error, answered"} {
		if strings.Contains(shown[heading], "in none") {
			t.Errorf("%s has a member that no answer has:\n%s", heading, shown[heading])
		}
	}
	for heading := range shown {
		if strings.HasPrefix(heading, "Table ") {
			t.Errorf("the map has %q, which is of another document", heading)
		}
	}
}

// TestForeignTablesDiffer shows where the map has what differs in the answers of a
// document of several operations.
func TestForeignTablesDiffer(t *testing.T) {
	d := foreign(t)
	found := runForeign(t, inventory.New("title-lower-case"), conformance.Options{Derived: d, Level: "may", Once: true, Run: []string{"createBook/example/*"}})
	for row := range strings.Lines(coverageMap(t, found)["Book: book, answered"]) {
		if name, _, _ := strings.Cut(row, "|"); strings.Contains(row, " fail") != (name == "title") {
			t.Errorf("title alone differs, got %s", row)
		}
	}
	if len(found.Results) != 2 {
		t.Errorf("%d cases ran, want the two examples", len(found.Results))
	}
}
