// Package known reads the list of cases that are expected to fail, and brings it up
// to date.
//
// An entry has a case, a reason, and optionally an issue, a day on which it expires
// and a fingerprint of the failure. An entry that names no case, has expired, or
// whose case passes or fails in another way is itself a fault: the list only
// shrinks by intent.
package known
