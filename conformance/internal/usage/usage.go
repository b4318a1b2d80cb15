// Package usage tells mistakes of the caller from everything else that goes wrong.
package usage

import (
	"fmt"
)

// Error is a mistake of the caller: an option, a file or an environment that
// nobody can work with. Its text names what is wrong and what is wanted.
type Error struct{ err error }

func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns what the error was made of with %w.
func (e *Error) Unwrap() error { return e.err }

// Errorf returns an *[Error] with a text as of [fmt.Errorf].
func Errorf(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }
