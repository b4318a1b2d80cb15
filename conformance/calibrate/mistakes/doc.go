// Package mistakes measures the conformance kit with a server that it has never
// met.
//
// Server is an implementation of the documented operation, written by hand from
// the page and from nothing else of this repository: net/http, encoding/json and
// a check for every documented sentence. It conforms. Mistakes lists what
// engineers get wrong, one thing at a time, each with the sentence that it
// breaks: a rule that holds at one gateway alone, an enumeration that lets one
// more value in, an answer that trims, a server that has learned the requests
// by heart. The tests run the kit against the server with each of them, and
// every one has to make the verdict Differs at the level of that sentence.
//
// The faults of package calibrate are derived from the document that the kit
// derives its cases from, so they are blind where the kit is blind. These are
// not: nothing here reads the document, the reference implementation or the
// generated code. It is a module of its own so that no import can change that.
package mistakes
