// Package project reads what exists at the reference implementation out of an
// environment: a project, its VPN gateways and its customer gateways.
package project
