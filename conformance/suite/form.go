package suite

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/vpnconform/vpnconform/conformance/match"
)

// Forms are other ways to write the JSON of a body, by name. Each returns a body with
// the same value.
var Forms = map[string]func(body []byte) []byte{
	"pretty":   prettyForm,
	"reversed": reversedForm,
	"escaped":  escapedForm,
}

// prettyForm puts every value on a line of its own, with blanks around colons.
func prettyForm(body []byte) []byte {
	value, err := match.Decode(body)
	if err != nil {
		return body
	}
	var b bytes.Buffer
	b.WriteString(" \n")
	writePretty(&b, value, "\n")
	b.WriteString("\n")
	return b.Bytes()
}

// writePretty writes a value. Line is the line break with the indentation.
func writePretty(b *bytes.Buffer, value any, line string) {
	inner := line + "\t"
	switch v := value.(type) {
	case map[string]any:
		b.WriteByte('{')
		for i, name := range slices.Sorted(maps.Keys(v)) {
			b.WriteString(separator(i) + inner + quote(name) + " : ")
			writePretty(b, v[name], inner)
		}
		b.WriteString(line + "}")
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			b.WriteString(separator(i) + inner)
			writePretty(b, item, inner)
		}
		b.WriteString(line + "]")
	default:
		data, _ := match.Encode(v) // it was decoded
		b.Write(data)
	}
}

// separator is what stands before the item with index i.
func separator(i int) string {
	if i == 0 {
		return ""
	}
	return " ,"
}

// reversedForm writes the members of every object in the reverse order of their names.
func reversedForm(body []byte) []byte {
	value, err := match.Decode(body)
	if err != nil {
		return body
	}
	var b bytes.Buffer
	writeReversed(&b, value)
	return b.Bytes()
}

// writeReversed writes a value with reversed members.
func writeReversed(b *bytes.Buffer, value any) {
	switch v := value.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(v))
		slices.Reverse(names)
		b.WriteByte('{')
		for i, name := range names {
			b.WriteString(strings.TrimSpace(separator(i)) + quote(name) + ":")
			writeReversed(b, v[name])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			b.WriteString(strings.TrimSpace(separator(i)))
			writeReversed(b, item)
		}
		b.WriteByte(']')
	default:
		data, _ := match.Encode(v) // it was decoded
		b.Write(data)
	}
}

// escapedForm writes every letter of names and texts, and every character that is not
// ASCII, as a JSON escape.
func escapedForm(body []byte) []byte {
	var b bytes.Buffer
	inText := false
	for i := 0; i < len(body); i++ {
		c := body[i]
		switch {
		case inText && c == '\\': // an escape stays
			n := 2
			if body[i+1] == 'u' {
				n = 6
			}
			b.Write(body[i : i+n])
			i += n - 1
		case c == '"':
			inText = !inText
			b.WriteByte(c)
		case inText && ('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'):
			fmt.Fprintf(&b, "\\u%04x", c)
		case inText && c >= utf8.RuneSelf:
			r, n := utf8.DecodeRune(body[i:])
			for _, unit := range utf16.AppendRune(nil, r) {
				fmt.Fprintf(&b, "\\u%04x", unit)
			}
			i += n - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.Bytes()
}
