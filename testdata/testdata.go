// Package testdata embeds the documented examples: the requests and the
// answers that the page prints, and the errata where it is wrong.
//
// examples/NAME/request.json and response.json hold what the page prints, with
// other white space. examples/NAME/errata.json, where there is one, is a JSON
// Patch (RFC 6902) of the answer; every step has a further member, erratum, the
// id of the entry in openapi/errata.yaml that says why.
package testdata

import "embed"

// Examples holds the directory examples.
//
//go:embed examples
var Examples embed.FS
