// Package generator turns an OpenAPI document into a Go package: types, a client and a server.
//
// [Generate] works in the order of its files. The plan (plan.go, schema.go) walks the document once and makes every
// decision: what a type is called, in which order members come, what cannot be generated. It writes its decisions
// into a private copy of the document (private.go), as extensions and components that oapi-codegen understands. Each
// output is then one call of oapi-codegen (output.go), whose text is given its header, the imports it uses and the
// comments it lacks, and is formatted (source.go, comments.go).
//
// The output is the same bytes on every machine: no clock, no path, no version but the document's own. It imports the
// standard library and github.com/oapi-codegen/runtime, and neither kin-openapi nor the document.
//
// A name is never changed silently. Two schemas, members or values that would get one Go name are a fault, placed in
// the document, and so is everything that is not supported: OpenAPI 3.1, operations without operationId, bodies other
// than application/json, cookies, parameters with content, callbacks, references into another file, unions (oneOf,
// anyOf, not, discriminator), allOf of several schemas, properties beside additionalProperties.
//
// These extensions of a document are honoured, as oapi-codegen describes them: x-go-name, x-go-type,
// x-go-type-import, x-go-type-name, x-enum-varnames, x-go-type-skip-optional-pointer, x-omitempty, x-omitzero and
// x-oapi-codegen-extra-tags. No other leaves a trace in the output.
//
// The package touches no disk; command vpngen does.
package generator
