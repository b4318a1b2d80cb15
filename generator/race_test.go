//go:build race

package generator_test

func init() { raced = true }
