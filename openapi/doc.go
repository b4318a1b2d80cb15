// Package openapi reads the OpenAPI document of the VPN connection API, and
// any other document in the same dialect of OpenAPI 3.0.
//
// The document, vpn.yaml, is the one place where the API is described; it is
// embedded, and [Source] returns its bytes. [Parse] turns a document into
// kin-openapi's model and a list of rules, one [Rule] for every documented
// obligation: a schema keyword, a cross-field rule or a postcondition, each
// with a permanent id, its place in the document and a citation that says how
// binding it is. An [Operation] is one method on one path, with its parameters, its
// answers and its [Link]s. [Document.CheckRequest], [Document.CheckParameter] and
// [Document.CheckResponse] judge requests and answers and return every broken rule.
//
// Parse is strict: a document it accepts needs no further checking. Every
// reference and every link is followed, every citation names a source, every example
// keeps the rules, every expression compiles and points at a member that exists. All
// faults are reported at once, as [Faults], with line, column and JSON Pointer. Only
// OpenAPI 3.0 is supported: kin-openapi compiles the schemas of 3.1 anew on every call.
//
// [LoadErrata] returns the contradictions of the documentation page, each with
// its verdict and evidence.
//
// The package leans on kin-openapi for the schema keywords, on package rule for
// CEL, and on package source for the YAML and the places.
package openapi
