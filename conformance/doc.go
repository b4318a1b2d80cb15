// Package conformance says how far an implementation of the VPN connection API
// keeps what its documentation page promises.
//
// [Run] replays the cases of package suite against a target over HTTP, holds
// each answer against the golden file and against every rule of the OpenAPI
// document, and returns a report. Each case is sent twice, and an identifier
// that has been answered before is a failure, so that a server with one answer
// to everything passes nothing.
//
// Run is careful with the target and with itself. A request is held against
// the document before it leaves; an answer is read up to [MaxAnswer] bytes;
// every case has a deadline; redirects are not followed, proxies not asked, and
// credentials go to the target alone. What it could not find out is reported as
// such and never as conforming.
//
// The package judges with kin-openapi and CEL, through package openapi, and
// shares no code with the generated validators.
package conformance
