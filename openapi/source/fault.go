package source

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Fault is something wrong in a file.
type Fault struct {
	File         string
	Line, Column int    // 1-based; 0 when unknown
	Pointer      string // JSON Pointer (RFC 6901) of the offending value
	Message      string
}

// Error returns file:line:column: pointer: message, without what is unknown.
func (f Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d", f.Line)
	}
	if f.Line > 0 && f.Column > 0 {
		fmt.Fprintf(&b, ":%d", f.Column)
	}
	if f.Pointer != "" {
		b.WriteString(": " + f.Pointer)
	}
	return b.String() + ": " + f.Message
}

// Faults are all the faults of a file.
type Faults []Fault

// Sorted orders the faults by their places, in the same slice.
func (f Faults) Sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return f
}

// Error returns a line for every fault.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, fault := range f {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}
