package report

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte // never written to: Schema returns a copy

// Schema returns the JSON Schema (2020-12) of the JSON report. It is strict: it
// allows no member that it does not name.
func Schema() []byte { return slices.Clone(schema) }
