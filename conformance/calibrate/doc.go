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
// The measurement holds itself to account. It is void unless the healthy
// implementation passes every case, a fault that everybody notices is killed,
// and every fault changed at least one answer. A crash, a deadline or an exit
// status kills nothing: only a named case that failed does.
package calibrate
