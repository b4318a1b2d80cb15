// Package suite holds the cases of the conformance kit, and binds them to an
// environment.
//
// A [Case] is one request and the answer expected to it: a documented example
// with its golden file; the values at the edge of a rule, which are accepted,
// and those just beyond, which are refused, in the body and in parameters;
// requests that no rule yields, from the document's list; and what is around a
// request: method, path, header fields, bodies that are no JSON, credentials,
// many at once. [Derive] derives what all suites of a document have in common,
// and [Derived.Draw] a suite with the values of a seed: the same ones every time,
// each with a permanent id, and as many as the rules ask for. [Load] returns those
// of the embedded document. [Suite.Gaps] names the rules of which no case could be
// made.
//
// Every operation has cases of its own. Where its path names what another one
// makes, by a link of the document, a case has steps of set-up, and [Undo] says
// which operation takes away what was made.
//
// A refused case names its twin, the accepted case from which it differs in as
// little as can be. [Suite.Lint] holds every case to that, and to the document:
// an accepted one breaks no rule, a refused one its own and no other.
// [Suite.Required] lists the cases that a released suite has.
//
// [Suite.Bind] puts the texts by which requests name the objects of an environment in
// the place of the documented ones, many of which are masked, and says what is
// missing when a case cannot be tried there.
package suite
