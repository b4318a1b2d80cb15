// Package fault has deliberate wrong behaviours of the reference implementation,
// thousands of them, which [With] puts around a healthy one. They are derived from the
// document, the environment and the suite's requests:
//
//   - a rule of a request is not enforced, or a step too strictly (rule.go);
//     or it is enforced only at one gateway or for one fact of it, only for one
//     value of a member beside it, with or without one, alone in its object
//     (context.go), at some places and in some lengths of a list
//     (list.go), in one way for a request to come (transport.go); or
//     it is forgotten together with the rule that says the same of the other end
//     of a pair (pair.go)
//   - a value that is nearly one of an enumeration is accepted (enum.go)
//   - a text, block or size that is right is refused, and a text comes back in
//     another form (text.go, block.go)
//   - who accepts what no source speaks of answers it wrongly (open.go)
//   - the implementation knows the requests of one run by heart (memory.go),
//     tires, is right for one client alone, or mixes up answers
//   - a member of an answer, its status, headers, secrets, times or refusals are
//     wrong (member.go, value.go, protocol.go)
//
// A fault of a rule's surroundings is derived only if a request shows it that
// breaks the rule and no other: [Fault.Witness]. So none of them is equivalent
// to the healthy implementation, and a suite that lacks such a request can be
// told.
package fault
