// Package golden records the answers of an implementation and compares later ones
// with them.
//
// A golden file is JSON and has the status and the body of the answer to one case.
// Values that a server chooses stand there as their type, <any string> for
// instance, and secrets are masked. [Record] makes the files of a run, [Load]
// reads them, and a run compares with them if its options have them.
package golden
