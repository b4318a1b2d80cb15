// Package client sends a request to a target and reads the answer.
//
// It connects to the target only: no proxy, no redirect. It sends a request again,
// within a budget, if the target was too busy, if it asked for the length of the body,
// or if something before the target failed; the exchange says so. Every wait has a
// deadline, and every answer a greatest size. Secrets are masked before they leave the
// package: see [Client.Secrets].
package client
