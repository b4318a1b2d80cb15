// Package conformancetest runs the conformance cases as subtests of a Go test.
//
// A test of three lines holds a handler against all of them:
//
//	func TestConformance(t *testing.T) {
//		conformancetest.Run(t, vpn.NewServer(), conformance.Options{})
//	}
//
// Every case is a subtest whose name is the case's id, and it says what the
// report of vpnconform says of the case:
//
//	pass            the subtest passes
//	fail, flaky     it fails, or is skipped if all that differs is below Options.Level
//	known failure   it is skipped with the reason from Options.Known
//	not-applicable  it is skipped, saying what the environment lacks
//	could-not-run   it fails
//	kit-error       it fails
//
// An entry of Options.Known that is wrong (the case passes, fails in another
// way, was not tried, or the entry has expired) fails the subtest of its case;
// one that names no case fails the test itself. So does a test in which no case
// passes, even if all are skipped.
//
// # What -run selects
//
// Some cases fail only for what others show: an id that came twice, a refusal
// whose twin was refused as well. So there is one run of all cases, and the
// subtests report what came of it. The flags -run and -skip of go test are not
// read here. Every subtest is started, those that go test lets through wait as
// parallel subtests do, and the run has their cases and the twins of these, and
// no other. A twin that was not selected is tried and has no subtest.
//
//	go test -run 'TestConformance/IkePolicy.*'
//	go test -run 'TestConformance/example/bgp'
//
// A -run that leaves no case fails: it would show nothing.
//
// Duties are judged in the answers of every run. One that is not selected, by
// Options.Run or with -short, has a subtest only if answers break it. One that
// -run leaves out has none, and the test logs that it is broken.
//
// # Short, deadlines, parallelism
//
// With -short, a run that neither Options.Run nor Options.Skip narrows has a
// few cases only, one of a kind: the documented examples, the first limit and the
// first rule over several members from both sides, a body that is no JSON and a
// wrong method, with the accepted cases from which these differ.
//
// The run ends shortly before the deadline of go test -timeout, so that what
// was found is not lost, and when the test's context does. Cases are tried
// Options.Jobs at a time. The test may itself be parallel. The subtests go on
// when the test function returns, which is how go test runs parallel ones: what
// stands behind the call in the function runs before they report, and functions
// given to t.Cleanup run after.
package conformancetest
