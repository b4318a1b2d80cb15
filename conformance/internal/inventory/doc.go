// Package inventory is a small API of another domain, an inventory of books: what has to work with any document is
// tried with it in tests.
//
// The document is testdata/inventory/inventory.yaml. The files that end in .gen.go are generated from it. [New] serves
// it from memory, as the document says or with one of the deliberate faults that [Faults] lists.
package inventory

//go:generate go run github.com/vpnconform/vpnconform/generator/cmd/vpngen --spec ../../../testdata/inventory/inventory.yaml
