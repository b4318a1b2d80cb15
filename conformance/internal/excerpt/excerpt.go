package excerpt

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// JSON writes a decoded value as JSON.
func JSON(value any) string {
	data, err := match.Encode(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}

// The sizes of texts that a target chose, in bytes.
const (
	Most  = 1 << 10 // of a text of a difference: a value, a place, a reason
	Brief = 64      // of a text where space is short
)

// SizeInJSON is the number of bytes that a text has in JSON.
func SizeInJSON(s string) int {
	n := 0
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t':
			n += 2
		case c < ' ' || c == 0xe2: // the first byte of U+2028
			n += 6
		default:
			n++
		}
	}
	return n
}

// Shorten returns a text, or if it has more than that many bytes in JSON its beginning
// and its length. The result does not keep the whole text in memory.
func Shorten(s string, most int) string {
	if len(s) <= most && SizeInJSON(s) <= most {
		return s
	}
	end, size := 0, 0
	for end < len(s) {
		_, width := utf8.DecodeRuneInString(s[end:])
		if size += SizeInJSON(s[end : end+width]); size > most {
			break
		}
		end += width
	}
	return strings.ToValidUTF8(s[:end], "\uFFFD") + fmt.Sprintf("... (%d bytes)", len(s))
}

// Difference shortens the texts of a difference and returns their size in bytes.
func Difference(d *report.Difference, most int) int {
	size := 0
	for _, text := range []*string{&d.Pointer, &d.Want, &d.Got} {
		*text = Shorten(*text, most)
		size += SizeInJSON(*text)
	}
	d.Why = Shorten(d.Why, max(most, 4*Brief)) // mostly a sentence of the document
	return size + SizeInJSON(d.Why)
}

// MostQuoted is the number of bytes of a body that a difference quotes.
const MostQuoted = 200

// Quote shows the beginning of a body that is not JSON. Size is the length of the whole
// body.
func Quote(begin string, size int) string {
	if len(begin) > MostQuoted {
		begin = begin[:MostQuoted]
	} else if size <= MostQuoted {
		return fmt.Sprintf("%q", begin)
	}
	return fmt.Sprintf("%q... (%d bytes)", begin, size)
}

// MostOfBody is the number of bytes of a body that a report keeps.
const MostOfBody = 64 << 10
