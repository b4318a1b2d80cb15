package source

import (
	"errors"
	"io"
	"testing"
)

// TestGuarded shows that a panic of the library is an error like any other.
func TestGuarded(t *testing.T) {
	for name, row := range map[string]struct {
		call func() error
		want string
	}{
		"nothing": {func() error { return nil }, ""},
		"error":   {func() error { return io.EOF }, "EOF"},
		"text":    {func() error { panic("broken") }, "yaml: broken"},
		"value":   {func() error { panic(errors.New("yaml: broken")) }, "yaml: yaml: broken"},
		"runtime": {func() error { var of []int; _ = of[len(of)]; return nil }, "yaml: runtime error: index out of range [0] with length 0"},
	} {
		got := ""
		if err := callGuarded(row.call); err != nil {
			got = err.Error()
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}
