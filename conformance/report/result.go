package report

import "io"

// WriteResult renders one result as [WriteText] renders a few cases, with every value
// whole, for the output of a test.
func WriteResult(w io.Writer, r Result, opts TextOptions) error {
	t := newText(opts)
	t.whole = true
	t.writeResult(r)
	_, err := w.Write(t.buf.Bytes())
	return err
}
