// Package calibrate measures the conformance kit: what it says of servers that
// do nothing, and of implementations with one deliberate fault each.
//
// [Run] tries the suite on the healthy reference implementation, on every null
// server and on every fault of package reference. A null server is one that
// gives the same answer to everything; its score is the number of cases that
// it passes, and should be 0. A fault is killed by a case that fails; what no
// case notices survives, unless equivalent.yaml says why nobody could notice
// it.
//
// The cases that are likely to notice a fault are tried first: those of its rule,
// and those that the fault names. A fault that only requests which break a rule
// can show is tried on the cases of that rule alone. A sample takes faults of
// every kind at even distances, the first among them.
//
// The measurement holds itself to account. It is void unless the healthy
// implementation passes every case, a fault that everybody notices is killed,
// and every fault changed at least one answer, of a case or of the request that
// the fault was derived with: one that no case shows survives. A crash, a
// deadline or an exit status kills nothing: only a named case that failed does.
package calibrate
