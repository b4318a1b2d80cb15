package conformance

import (
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// reportTables are the tables of a document for a report, which draws its coverage map
// from them.
func reportTables(doc *openapi.Document) []report.Table {
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
