// Package generator turns an OpenAPI document into a Go package: types, decoders and validators that check them against
// the document, a client and a server.
//
// [Generate] works in this order. The plan (plan.go, schema.go, serve.go) walks the document once and makes every
// decision: the names of types, the order of members, what cannot be generated. It writes its decisions into a private
// copy of the document (private.go), as extensions and components that oapi-codegen understands. One call of
// oapi-codegen (output.go) returns the types, the client and the server. The shapes (shape.go) are the schemas with the
// Go types that oapi-codegen gave them, read from its text. From them come the decoders (decode.go, read.go), the
// readers of parameters (parameter.go, field.go, bind.go, default.go), the validators (check.go, any.go, pattern.go,
// automaton.go), the rules over several members (rules.go, and package celgo) and the encoders (encode.go). Package
// reader has the code that is the same in every generated package; the declarations that are used are copied (carry.go).
// At the end each text gets its header and imports and is formatted; the text of oapi-codegen also gets the comments
// that it lacks (gofile.go, comments.go, describe.go, prose.go).
//
// The output is the same bytes on every machine: no clock, no path, no version but the document's own. It imports the
// standard library and github.com/oapi-codegen/runtime, and neither kin-openapi nor the document. Reading, checking and
// writing use no reflection as long as the Go types are those of the package.
//
// The generated code enforces what kin-openapi enforces and names every rule by the id that package openapi gives it; a
// keyword without one gets an id of the names around it. Beyond that it wants unambiguous JSON: no duplicate member,
// nothing behind the value, valid UTF-8, a bounded depth and size, and integers without fraction and exponent. A
// readOnly member is not required in a schema that a request uses, even if an answer uses it too. A format of texts is
// checked only if it has a Go type, as date-time has time.Time. A value with x-go-type is read by its Go type alone.
//
// A value of a schema without type is checked by the keywords for the type that the value has. Inside such a schema
// enumerations, formats and everything else that needs a Go type of its own are not supported.
//
// Path, query, header and cookie parameters are checked like bodies, and get their defaults: texts, numbers, booleans and lists
// of these. Package runtime reads objects, lists of lists and the styles matrix and label; a keyword that limits them is
// a fault. A request is refused with the violations of its parameters and of its body together.
//
// A Go name is the name in the document in camel case, with the usual initialisms: UserID for user_id. A name without
// letters of such a case is spelled out: X名称, Plus1 for +1. Of two that would be the same, the first in the document
// keeps it; the other is spelled out (UP beside Up for up), or gets a number (UserID2 for userId behind user_id). A schema
// with a name that the package needs for itself gets Schema behind it. So whatever is appended to a document changes no
// name, but a new operation or parameter may take that of a schema. A name that an extension gives is never changed; if
// it is taken, that is a fault.
//
// A body that is not application/json is an io.Reader: the server hands it on as it comes, as far as x-max-body allows, and
// does not check it, not even that it is there. Its schema must not limit it; [openapi.Read] replaces one that does, with
// a warning.
//
// Everything that is not supported is a fault, placed in the document: OpenAPI 3.1, another media type beside
// application/json unless [openapi.Read] has left it out, multipart answers, parameters with content, cookies of several values, callbacks, references into another file, unions (oneOf, anyOf,
// not, discriminator), uniqueItems of objects and lists, a parameter twice in a
// path, rules that cannot become Go, and, unless [openapi.Read] has merged it, allOf of several schemas or beside
// keywords that limit a value.
//
// Paths that net/http cannot route, as /x/{id}.json, or /x/{id}/tags beside /x/list/{kind}, are served by a router of
// the package. Where two match, the one whose first segment that differs is text is chosen. An answer whose schema allows
// any type holds the JSON of its body.
//
// These extensions of a document work as oapi-codegen describes them: x-go-name, x-go-type, x-go-type-import,
// x-go-type-name, x-enum-varnames, x-go-type-skip-optional-pointer, x-omitempty, x-omitzero and
// x-oapi-codegen-extra-tags. Package openapi describes x-validations, x-fact and x-source. Two belong to this package:
//
//   - x-max-body, of the document: the largest number of bytes of a body; 12 MiB without it.
//   - x-refusal, of a response in the components: how the server answers a request that breaks a rule, with status 400,
//     or 413 if its body is too large. Its member body is that of the answer: texts, in the objects and lists of the
//     response. In a text, {messages} stands for the messages of the broken rules and {header} for the value of the
//     header field that its member header names; the server sets that field unless a middleware has. Without x-refusal
//     the server answers with the messages as plain text.
//
// No other extension leaves a trace in the output.
//
// The package touches no disk; command vpngen does.
package generator
