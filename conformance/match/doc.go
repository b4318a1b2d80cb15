// Package match compares an answer with the one expected.
//
// [Decode] reads JSON strictly and keeps the form of numbers, so that 1 and
// 1.0 differ, as they do for a client that reads integers. [Compare] walks both
// values with go-cmp and returns every difference with the JSON Pointer of its
// member, never only the first. Members that the target chooses are compared by
// presence alone; the caller names them, and judges their values by rules.
//
// Nothing is hidden: [Comparison] lists every leaf of the answer as compared by
// value, as chosen by the target, or as unexpected.
package match
