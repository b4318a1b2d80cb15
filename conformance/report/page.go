package report

import (
	"bufio"
	"fmt"
	"io"
)

// page is the output of a format. After an error nothing more is written, and Flush
// returns the error.
type page struct{ *bufio.Writer }

func newPage(w io.Writer) page { return page{bufio.NewWriter(w)} }

func (p page) put(format string, args ...any) {
	_, _ = fmt.Fprintf(p, format, args...) // Flush returns the error
}
