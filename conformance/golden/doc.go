// Package golden records the answers of an implementation and compares later answers
// with them.
//
// A golden file is JSON and has the status and the body of the answer to one case. A
// value that the server chooses is replaced by its type, <any string> for instance, and
// secrets are masked. [Record] makes the files of a run, [Load] reads them, and a run
// compares its answers with them if its options have them.
package golden
