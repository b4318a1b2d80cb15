package secrets

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
)

// The bounds of what is compressed in a text: how many streams with a mark of
// their own, and how many bytes all of them have.
const (
	mostStreams  = 32
	mostInflated = 1 << 20
)

// inflate reads gzip, zlib and deflate. The last has no mark that tells where it
// begins: it is looked for where a row of bytes begins that are no text.
func (f *search) inflate(data []byte, v *view) bool {
	streams, row := 0, true
	for i := 0; i+2 < len(data); i++ {
		begins := row
		row = data[i] == gap
		marked := isGzip(data[i:]) || isZlib(data[i:])
		if !marked && !(begins && isBinary(data[i:])) {
			continue
		}
		if marked {
			streams++
		}
		plain, end := f.inflated(data[i:], mostInflated+1-len(v.data))
		if len(plain) < Shortest {
			continue
		}
		for _, c := range plain {
			v.add(c, i, i+end)
		}
		v.add(gap, i, i)
		if streams > mostStreams || len(v.data) > mostInflated {
			return false
		}
	}
	return true
}

func isGzip(data []byte) bool { return bytes.HasPrefix(data, []byte{0x1f, 0x8b, 8}) }

func isZlib(data []byte) bool {
	return data[0]&0x0f == 8 && data[0] < 0x80 && (int(data[0])<<8|int(data[1]))%31 == 0
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
	plain, _ = io.ReadAll(io.LimitReader(stream, int64(most))) // what comes before an error can be read too
	return plain, len(data) - source.Len()
}

// isBinary reports whether data has a character near its beginning that no text has.
func isBinary(data []byte) bool {
	const near = 64
	for _, c := range data[:min(len(data), near)] {
		if c == gap {
			break
		}
		if c < ' ' && bytes.IndexByte([]byte("\t\n\v\f\r\x1b"), c) < 0 || c == 0x7f {
			return true
		}
	}
	return false
}
