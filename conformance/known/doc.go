// Package known reads the list of cases that are expected to fail, and updates it.
//
// An entry has a case, a reason, and optionally an issue, a day on which it expires and a
// fingerprint of the failure. An entry that names no case, that has expired, or whose
// case passes or fails in another way is itself a fault, so that the list cannot hide new
// failures.
package known
