// Package client sends a request to a target and reads the answer.
//
// It talks to the target and to nobody else: no proxy, no redirect. A request that
// the target was too busy for, that asked for the length of a body, or that
// something before the target failed is sent again, within a budget, and the
// exchange says so. Every wait has a deadline, and every answer a limit. What must
// not be shown is masked before it leaves the package: see [Client.Secrets].
package client
