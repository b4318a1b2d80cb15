package conformance

import (
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// Tables returns the tables of a document for the report of a run, whose map of what
// was tried is drawn from them. Of is what the document is derived to; nil means the
// embedded one.
func Tables(of *suite.Derived) ([]report.Table, error) {
	doc, err := Options{Derived: of}.document()
	if err != nil {
		return nil, err
	}
	return tables(doc), nil
}

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
