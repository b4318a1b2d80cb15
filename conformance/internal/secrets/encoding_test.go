package secrets

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"unicode/utf16"
)

// encoding is a way to write a text.
type encoding struct {
	name  string
	write func(text string) string
}

// encodings are the ways in which secrets are found.
var encodings = []encoding{
	{"upper case", strings.ToUpper},
	{"lower case", strings.ToLower},
	{"JSON", quoted},
	{"JSON three times", func(text string) string { return quoted(quoted(quoted(text))) }},
	{"JSON, every character", each(`\u%04x`)},
	{"JSON, capitals", each(`\u%04X`)},
	{"JavaScript", each(`\u{%x}`)},
	{"Python", each(`\U%08x`)},
	{"shell", each(`\x%02x`)},
	{"octal", each(`\%03o`)},
	{"query", url.QueryEscape},
	{"path", url.PathEscape},
	{"percent", each("%%%02x")},
	{"percent twice", func(text string) string { return url.QueryEscape(each("%%%02X")(text)) }},
	{"percent, Unicode", each("%%u%04x")},
	{"HTML", html.EscapeString},
	{"HTML twice", func(text string) string { return html.EscapeString(html.EscapeString(text)) }},
	{"HTML, decimal", each("&#%d;")},
	{"HTML, hexadecimal", each("&#x%x;")},
	{"quoted-printable", printable},
	{"quoted-printable, every character", each("=%02X")},
	{"quoted-printable, cut", func(text string) string { return strings.Join(strings.Split(text, ""), "=\r\n") }},
	{"UTF-16LE", utf16In(binary.LittleEndian)},
	{"UTF-16BE", utf16In(binary.BigEndian)},
	{"UTF-32", func(text string) string { return strings.Join(strings.Split(text, ""), "\x00\x00\x00") }},
	{"hex", func(text string) string { return hex.EncodeToString([]byte(text)) }},
	{"hex, capitals", func(text string) string { return strings.ToUpper(hex.EncodeToString([]byte(text))) }},
	{"hex with colons", each("%02x:")},
	{"hex with blanks", each("%02X ")},
	{"hex with 0x", each("0x%02x, ")},
	{"hex in lines", each("%02x\r\n")},
	{"list of numbers", func(text string) string { return fmt.Sprint([]byte(text)) }},
	{"list in JSON", func(text string) string { return strings.ReplaceAll(fmt.Sprint([]byte(text)), " ", ",") }},
	{"Base64", func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }},
	{"Base64 after 1", func(text string) string { return base64.RawStdEncoding.EncodeToString([]byte("x" + text + "y")) }},
	{"Base64 after 2", func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte("xy" + text + "yx")) }},
	{"Base64 twice", func(text string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(text))))
	}},
	{"Base64 in lines", func(text string) string {
		return strings.Join(strings.SplitAfter(base64.StdEncoding.EncodeToString([]byte(text)), "Z"), "\r\n")
	}},
	{"Base64 of JSON", func(text string) string { return base64.StdEncoding.EncodeToString([]byte(quoted(text))) }},
	{"gzip", zipped},
	{"zlib", func(text string) string {
		var b bytes.Buffer
		return written(&b, zlib.NewWriter(&b), text)
	}},
	{"deflate in Base64", func(text string) string { return base64.StdEncoding.EncodeToString([]byte(deflated(text))) }},
}

func quoted(text string) string {
	data, _ := json.Marshal(text) // texts always encode
	return string(data)
}

// each writes every byte of a text.
func each(format string) func(string) string {
	return func(text string) string {
		var b strings.Builder
		for _, c := range []byte(text) {
			fmt.Fprintf(&b, format, c)
		}
		return b.String()
	}
}

func printable(text string) string {
	var b bytes.Buffer
	return written(&b, quotedprintable.NewWriter(&b), text)
}

func utf16In(order binary.AppendByteOrder) func(string) string {
	return func(text string) string {
		var out []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			out = order.AppendUint16(out, unit)
		}
		return string(out)
	}
}

func zipped(text string) string {
	var b bytes.Buffer
	return written(&b, gzip.NewWriter(&b), text)
}

func deflated(text string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // a level that there is
	return written(&b, w, text)
}

// written is what a writer makes of a text. Nothing fails in memory.
func written(b *bytes.Buffer, w io.WriteCloser, text string) string {
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}
