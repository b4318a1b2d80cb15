// Package harness is for tests of the reference implementation and of its faults:
// documented requests, changes of them, and answers to look at.
package harness
