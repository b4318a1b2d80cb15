package report

import "io"

// WriteResult renders one result as [WriteText] does of a few cases, with every value whole: what a test prints of it.
func WriteResult(w io.Writer, r Result, opts TextOptions) error {
	t := newText(opts)
	t.whole = true
	t.result(r)
	_, err := w.Write(t.buf.Bytes())
	return err
}
