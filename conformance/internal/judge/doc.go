// Package judge compares one answer with what its case expects.
//
// The status decides first, then the golden file and the rules of the document.
// Whatever else every answer owes, such as its content type or its time, is a duty:
// it is judged here, and the run reports it once for all answers. Everything that the
// package returns is masked and of a bounded size.
package judge
