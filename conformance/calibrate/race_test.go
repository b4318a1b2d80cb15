//go:build race

package calibrate_test

func init() { raced = true }
