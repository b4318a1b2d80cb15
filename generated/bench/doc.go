// Package bench compares the generated server with those that other generators
// make of the same document: oapi-codegen with kin-openapi validating, the same
// without validation, and ogen.
//
//	go run ./generate   # writes the peers' code, which git ignores
//	go run ./compare    # checks the servers, then times them side by side
//
// [Servers] builds the four, whose handlers all return one prepared answer, the
// documented one. [Server.Check] shows that a server answers as documented
// before it is timed. [Wrong] lists requests that a server should refuse.
// [Works] is what is timed: the whole handling of the documented BGP request by
// each server, without a network, and the parts of it.
//
// It is a module of its own, so that users of vpnconform never load the peers.
package bench
