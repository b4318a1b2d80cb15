// Package suite holds the cases of the conformance kit and the environment
// they are bound to.
//
// A [Case] is one documented request with the answer expected to it. [Cases]
// lists them. An [Environment] says what the target has: its project, gateways
// and customer gateways; [Parse] reads one from a file and [Default] is that of
// the reference implementation. [Case.Bind] puts the environment's own
// identifiers and addresses in the place of the documented ones, many of which
// are masked, and says what is missing when a case cannot be tried there.
package suite
