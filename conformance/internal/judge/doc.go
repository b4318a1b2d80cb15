// Package judge holds one answer against what its case expects.
//
// The status decides first, then the golden file and the rules of the document.
// Whatever else an answer owes, such as its content type or its time, is a duty: it
// is found here, and reported once for all answers by the run. Everything that the
// package returns is masked and of a bounded size.
package judge
