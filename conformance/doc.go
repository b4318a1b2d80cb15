// Package conformance says how far an implementation of an API keeps what its
// documentation promises, as an OpenAPI document transcribes it: that of the VPN
// connections, or any other ([Options.Derived]).
//
// [Run] tries the cases of package suite against a target over HTTP, several at
// a time, and returns a report. An answer to a documented example is held
// against the golden file; an answer to any accepted request against every rule
// of the OpenAPI document and against what was sent; a refusal against the
// documented status and shape, and it has to name the member that it is about.
//
// A case of an operation whose path names something begins with the request that
// makes it, and what was made is taken away again where the document says how. These
// steps are recorded beside the one under test, and judge nothing but duties.
//
// What one answer cannot show is settled when all are there. A refusal counts
// only if its twin was accepted in the same run: the request from which it
// differs in one place. A value that is to be new, such as an identifier, and
// came twice, fails every case that got it. So a server with one answer to
// everything passes nothing. A case that failed is tried once more, alone: if it
// passes now it is flaky, and never green.
//
// Run is careful with the target and with itself. A request is held against
// the document before it leaves, and one that breaks another rule than its case
// says is the kit's mistake; an answer is read up to [MaxAnswer] bytes; every
// exchange has a deadline; a target that says it is busy is waited for, within
// bounds, and one that answers nothing is given up; redirects are not followed,
// proxies not asked, and credentials go to the target alone. What it could not
// find out is reported as such and never as conforming.
//
// A run may be divided: each part runs some of the cases, and [Merge] joins their
// reports, settling anew what only all cases together show. [Verify] judges the
// exchanges of a report again, [Replay] sends one of its cases again, and
// [CompareAnswers] holds the answers of two reports against each other.
//
// Package golden makes golden files of what an implementation answered, generalised
// where the server chooses, and a run with them wants the same answers again,
// beside what the page asks. Package known reads the list of cases that are
// expected to fail.
//
// The package judges with kin-openapi and CEL, through package openapi, and
// shares no code with the generated validators.
package conformance
