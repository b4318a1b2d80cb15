// Package reference is the reference implementation of "Creating a VPN
// Connection": an [http.Handler] that answers
// POST /v5/{project_id}/vpn-connection as the documentation page says.
//
// A request takes this way. It gets its identifier, which every answer bears,
// and its path and method are looked at (reference.go). Then it is admitted:
// the token, the content type and the size are checked (body.go), and the generated
// server decodes the body and holds it against the document. What only somebody who
// knows the gateways can tell is held against it then (reference.go); a refusal is a
// problem (package problem). The answer is the document's
// defaults overlaid with what was sent, together with what the service adds
// (answer.go): an identifier, a name and a block of tunnel addresses, which
// come from a bounded memory (memory.go).
//
// The limits and the defaults are those of the document; none is written here
// a second time.
//
// The key of a connection and the token are in no answer, header or error.
// Whatever the bytes of a request, the answer is JSON and bears its
// identifier: 201, or an error with error_code and error_msg that names the
// member to blame.
//
// Where neither the page nor other public material says what the service does,
// a choice was made, and a comment says so. There is no lookup, update or
// deletion, and no signature instead of a token. A quota is an option.
//
// Deliberate faults of this implementation are package fault's.
//
// The package leans on package openapi for the document, on generated/vpn for
// types, routing and encoding, and on go-json-experiment for reading JSON.
package reference
