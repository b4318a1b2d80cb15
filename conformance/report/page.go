package report

import (
	"bufio"
	"fmt"
	"io"
)

// page is what a format writes to. If something cannot be written, nothing more
// is, and Flush says why.
type page struct{ *bufio.Writer }

func newPage(w io.Writer) page { return page{bufio.NewWriter(w)} }

func (p page) put(format string, args ...any) {
	_, _ = fmt.Fprintf(p, format, args...) // Flush says it
}
