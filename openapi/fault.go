package openapi

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// Fault is a mistake in a document.
type Fault = source.Fault

// Faults are all the faults of a document, in the order of their places.
type Faults = source.Faults

// Fault returns a fault of the value at a JSON Pointer. If there is no such value, the
// place is that of the nearest value around it.
func (d *Document) Fault(pointer, format string, args ...any) Fault {
	return d.file.Fault(pointer, format, args...)
}

// Ordered returns the names of an object's members in the order of the document; the
// pointer is that of the object. Whatever ranges over a map of kin-openapi goes
// through here, otherwise its order would differ from run to run.
func Ordered[V any](d *Document, members map[string]V, pointer string) []string {
	names := slices.Collect(maps.Keys(members))
	slices.SortFunc(names, func(a, b string) int {
		aLine, aColumn := d.file.Place(pointer + "/" + source.Escape(a))
		bLine, bColumn := d.file.Place(pointer + "/" + source.Escape(b))
		return cmp.Or(aLine-bLine, aColumn-bColumn, strings.Compare(a, b))
	})
	return names
}

// ruleTexts returns the expressions of a document by their pointers. It looks for the
// name of the member alone, so that parsing can begin before the document is read.
func ruleTexts(file *source.File) map[string]string {
	rules := map[string]string{}
	for pointer, text := range file.Texts("rule") {
		if strings.Contains(pointer, "/x-") {
			rules[pointer] = text
		}
	}
	return rules
}
