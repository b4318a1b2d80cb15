// Package generator turns an OpenAPI document into a Go package: types, decoders and validators that hold them against
// the document, a client and a server.
//
// [Generate] works in this order. The plan (plan.go, schema.go, serve.go) walks the document once and makes every
// decision: what a type is called, in which order members come, what cannot be generated. It writes its decisions into
// a private copy of the document (private.go), as extensions and components that oapi-codegen understands. One call of
// oapi-codegen (output.go) gives the types, the client and the server. The shapes (shape.go) are the schemas with the
// Go types that oapi-codegen has given them, read from its text. From them come the decoders (decode.go, read.go), what
// reads the parameters (parameter.go, field.go, bind.go, default.go), the validators (check.go, any.go, pattern.go, automaton.go), the rules
// over several members (rules.go, and package celgo) and the encoders (encode.go). What every generated package needs
// is package reader, of which the declarations are taken over that are used (carry.go). Each text is given its header
// and the imports it uses, and is formatted; that of oapi-codegen gets the comments it lacks, too (gofile.go,
// comments.go, describe.go, prose.go).
//
// The output is the same bytes on every machine: no clock, no path, no version but the document's own. It imports the
// standard library and github.com/oapi-codegen/runtime, and neither kin-openapi nor the document, and reading, checking
// and writing need no reflection where the Go types are of this package.
//
// The generated code enforces what kin-openapi does and names every rule by the id that package openapi gives it; a
// keyword without one gets an id of the names around it. Beyond that it asks for JSON without doubts: no member twice,
// nothing behind the value, valid UTF-8, a bounded depth and size, and integers without fraction and exponent. A member
// that is only read is not demanded of a schema that is that of a request, even if it is that of an answer too. Formats
// of texts are left to the Go types that have one, as time.Time has. A value with x-go-type is read by its Go type
// alone.
//
// A schema without type is held against its value by the keywords for the type that the value has. Inside such a schema
// there is no enumeration, no format and nothing else that needs a Go type of its own.
//
// Parameters of paths, queries and headers are held against the document as bodies are, and get their defaults: texts,
// numbers, booleans and lists of them. Objects, lists of lists and the styles matrix and label are read by package
// runtime, and a keyword that limits them is a fault. A request is refused with the violations of its parameters and of
// its body together.
//
// A name is never changed silently. Two schemas, members or values that would get one Go name are a fault, placed in
// the document, and so is everything that is not supported: OpenAPI 3.1, operations without operationId, bodies other
// than application/json, cookies, parameters with content, callbacks, references into another file, unions (oneOf,
// anyOf, not, discriminator), allOf of several schemas or beside keywords that limit a value, properties beside a
// schema for others, uniqueItems of objects and lists, paths that net/http cannot route, rules that cannot become Go.
//
// These extensions of a document are honoured, as oapi-codegen describes them: x-go-name, x-go-type,
// x-go-type-import, x-go-type-name, x-enum-varnames, x-go-type-skip-optional-pointer, x-omitempty, x-omitzero and
// x-oapi-codegen-extra-tags. Package openapi describes x-validations, x-fact and x-source. Two are of this package:
//
//   - x-max-body, of the document: how many bytes a body may have, 12 MiB if nothing is said.
//   - x-refusal, of a response in the components: how the server answers a request that breaks a rule, with status 400,
//     or 413 if its body is too large. Its body is that of the answer: texts, in objects and lists as the response has
//     them. In a text, {messages} stands for what the rules ask and {header} for what the header says that header
//     names, which the server sets unless a middleware has. Without x-refusal the server answers with the messages as
//     plain text.
//
// No other extension leaves a trace in the output.
//
// The package touches no disk; command vpngen does.
package generator
