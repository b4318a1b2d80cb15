// Package conformance measures how far an implementation of an API keeps the promises
// of its documentation, as an OpenAPI document transcribes them: the document of the
// VPN connections, or any other ([Options.Derived]).
//
// [Run] tries the cases of package suite against a target over HTTP, several at a time,
// and returns a report. The answer to a documented example is compared with its golden
// file. The answer to any accepted request is judged by every rule of the OpenAPI
// document and compared with the request. A refusal is compared with the documented
// status and shape, and it has to name the member that it is about.
//
// If the path of an operation names an object, its cases begin with the request that
// makes that object, and the object is removed again if the document says how. These
// steps are recorded beside the step under test; only duties are judged in them.
//
// Some facts show only in all answers together. A refusal counts only if its twin was
// accepted in the same run: the request from which it differs in one place. A value that
// has to be new, such as an identifier, breaks a duty if it comes twice, and a case
// whose whole answer another request had as well does not pass. So a server with one
// answer to everything passes nothing. A case that failed is tried once more, alone: if
// it passes now it is flaky, which is never a pass.
//
// Run is careful with the target and with itself. Every request is checked against the
// document before it is sent, and one that breaks another rule than its case says is
// reported as a mistake of the kit. Answers are read up to 1 MiB. Every
// exchange has a deadline. A busy target is waited for, within bounds; a target that
// answers nothing is given up. Redirects are not followed, proxies are not used, and
// credentials are sent to the target only. What a run could not find out is reported as
// such, never as conforming.
//
// A run may be divided: each part runs some of the cases, and [Merge] joins their
// reports and settles again the facts that only all cases show together. [Verify] judges
// the exchanges of a report again, [Replay] sends one of its cases again, and
// [CompareAnswers] compares the answers of two reports.
//
// [golden.Record] makes golden files of the answers of an implementation, generalised
// where the server chooses, and a run with [Options.Golden] wants the same answers again
// in addition to the promises of the page.
// Package known reads the list of cases that are expected to fail.
//
// The package judges with kin-openapi and CEL, through package openapi, and shares no
// code with the generated validators.
package conformance
