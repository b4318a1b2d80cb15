package conformance

import (
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// tables are those of a document for the report of a run, whose map of what was tried
// is drawn from them.
func tables(doc *openapi.Document) []report.Table {
	var out []report.Table
	for _, t := range doc.Tables() {
		table := report.Table{Kind: t.Kind, Name: t.Name, Title: t.Title, Source: t.Source, Members: t.Members}
		for _, p := range t.Places {
			table.Places = append(table.Places, report.TablePlace(p))
		}
		out = append(out, table)
	}
	return out
}
