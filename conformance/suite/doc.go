// Package suite derives the cases of the conformance kit from a document and
// binds them to an environment.
//
// A [Case] is one request and the answer expected to it: a documented example
// with its golden file; the values at the edge of a rule, which are accepted, and
// the first beyond it, which are refused, in the body and in parameters; requests
// of the document's list that no rule yields; and the way a request is sent:
// method, path, header fields, malformed bodies, credentials, several at once.
// [Derive] derives what all suites of a document share, and [Derived.Draw] adds
// the values that a seed draws: the same seed draws the same values, every case
// has a permanent id, and the rules alone decide how many cases there are. [Load]
// returns the suite of the embedded document. [Suite.Gaps] names the rules that
// have no case.
//
// Every operation has cases of its own. Where a link of the document says that
// another operation makes the object that its path names, a case begins with
// steps of set-up, and [Undo] names the operation that removes the object again.
//
// A refused case names its twin, the accepted case from which it differs as
// little as possible. [Suite.Lint] checks every case against that and against the
// document: an accepted case breaks no rule, a refused one its own rule and no
// other. [Suite.Required] lists the cases that a released suite has.
//
// [Suite.Bind] replaces the documented texts that name objects, many of which are
// masked, by those of an environment, and says what the environment lacks when a
// case cannot be tried there.
package suite
