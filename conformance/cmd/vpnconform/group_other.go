//go:build !unix

package main

import "os/exec"

// asGroup does nothing where there are no groups of processes: what a command
// started may outlive it.
func asGroup(*exec.Cmd) {}
