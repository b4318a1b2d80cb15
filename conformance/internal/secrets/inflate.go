package secrets

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
)

// The bounds of what is compressed in a text: how many streams with a mark of
// their own, how many bytes all of them have, and how few one without a mark.
const (
	mostStreams  = 32
	mostInflated = 1 << 20
	fewest       = 8
)

// inflate reads gzip, zlib and deflate. The last has no mark that tells where it
// begins: it is looked for where a row of bytes begins that are no text, if rows
// begin with what was written.
func (f *search) inflate(data []byte, rows bool, v *view) bool {
	if isPrinted(data) {
		return true
	}
	streams, begins := 0, true
	for i := 0; i+2 < len(data); i++ {
		marked := isGzip(data[i:]) || isZlib(data[i:])
		deflated := !marked && rows && begins && mayBeDeflated(data[i:])
		begins = data[i] == gap
		if !marked && !deflated {
			continue
		}
		plain, end := f.inflated(data[i:], mostInflated+1-v.size)
		if len(plain) < Shortest {
			continue
		}
		if marked {
			streams++
		}
		v.grow(len(plain) + 1)
		for _, c := range plain {
			v.add(c, i, i+end)
		}
		v.add(gap, i, i)
		if streams > mostStreams || v.size > mostInflated {
			return false
		}
	}
	return true
}

// isPrinted reports whether data is nothing but characters of ASCII, which nothing
// that is compressed is.
func isPrinted(data []byte) bool {
	for _, c := range data {
		if !inText[c] || c == 0 {
			return false
		}
	}
	return true
}

func isGzip(data []byte) bool { return data[0] == 0x1f && data[1] == 0x8b && data[2] == 8 }

func isZlib(data []byte) bool {
	return data[0]&0x8f == 8 && (int(data[0])<<8|int(data[1]))%31 == 0
}

// mayBeDeflated reports whether a row of bytes is no text, and begins as a stream
// does whose first block is compressed.
func mayBeDeflated(data []byte) bool {
	kind := data[0] >> 1 & 3
	if kind != 1 && kind != 2 {
		return false
	}
	const near = 64
	row, _, _ := bytes.Cut(data[:min(len(data), near)], []byte{gap})
	return len(row) >= fewest && bytes.ContainsFunc(row, func(r rune) bool { return r >= 0x80 || !inText[r] })
}

// inflated returns what a stream has, up to what is broken in it or a number of
// bytes, and where it ends.
func (f *search) inflated(data []byte, most int) (plain []byte, end int) {
	source := bytes.NewReader(data)
	var stream io.Reader
	if isGzip(data) {
		var err error
		if stream, err = gzip.NewReader(source); err != nil {
			return nil, 0
		}
	} else {
		if isZlib(data) {
			_, _ = source.Seek(2, io.SeekStart) // a reader of bytes always seeks
		}
		if f.flate == nil {
			f.flate = flate.NewReader(source)
		} else if err := f.flate.(flate.Resetter).Reset(source, nil); err != nil {
			return nil, 0
		}
		stream = f.flate
	}
	f.plain.Reset()
	_, _ = f.plain.ReadFrom(io.LimitReader(stream, int64(most))) // what comes before an error can be read too
	return f.plain.Bytes(), len(data) - source.Len()
}
