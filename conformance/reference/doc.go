// Package reference is the reference implementation of "Creating a VPN
// Connection": an [http.Handler] that answers
// POST /v5/{project_id}/vpn-connection as the documentation page says.
//
// A request takes this way. It gets its identifier, which every answer bears,
// and its path and method are looked at (reference.go). Then it is admitted:
// the token, the content type and the size are checked (body.go), and the generated
// server decodes the body and holds it against the document. What only somebody who
// knows the gateways can tell is held against it then (reference.go); a refusal is a
// problem (problem.go). The answer is the document's
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
// # Faults
//
// [Faults] are deliberate wrong behaviours of this implementation, thousands of
// them, which [WithFault] puts around a healthy one. They are derived from the
// document, the environment and the suite's requests:
//
//   - a rule of a request is not enforced, or a step too strictly (fault_rule.go);
//     or it is enforced only at one gateway or for one fact of it, only for one
//     value of a member beside it, with or without one, alone in its object
//     (fault_context.go), at some places and in some lengths of a list
//     (fault_list.go), in one way for a request to come (fault_transport.go); or
//     it is forgotten together with the rule that says the same of the other end
//     of a pair (fault_pair.go)
//   - a value that is nearly one of an enumeration is accepted (fault_enum.go)
//   - a text, block or size that is right is refused, and a text comes back in
//     another form (fault_text.go, fault_block.go)
//   - who accepts what no source speaks of answers it wrongly (fault_open.go)
//   - the implementation knows the requests of one run by heart (fault_memory.go),
//     tires, is right for one client alone, or mixes up answers
//   - a member of an answer, its status, headers, secrets, times or refusals are
//     wrong (fault_member.go, fault_value.go, fault_protocol.go)
//
// A fault of a rule's surroundings is derived only if a request shows it that
// breaks the rule and no other: [Fault.Witness]. So none of them is equivalent
// to the healthy implementation, and a suite that lacks such a request can be
// told.
//
// The package leans on package openapi for the document, on generated/vpn for
// types, routing and encoding, and on go-json-experiment for reading JSON.
package reference
