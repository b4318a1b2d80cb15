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

	// What it is made of: any byte, not only characters; letters whose case
	// matters; bytes that are no text.
	bytes, cased, binary bool

	alone bool // it has no mark that tells where it begins
	open  bool // it has no mark that tells where it ends: a digit after it is one of its own
}

// within reports whether a text in one encoding can be read again when it was
// written in another one.
func (e encoding) within(outer encoding) bool {
	return (outer.bytes || !e.binary) && (outer.name != "upper case" && outer.name != "lower case" || !e.cased)
}

// plain reports whether a character in one encoding, inside another one, stands there
// as it is, so that only a reading of the other one shows what follows it.
func (e encoding) plain(outer encoding, c string) bool {
	return outer.name != "upper case" && outer.name != "lower case" && fold(outer.write(e.write(c))) == fold(c)
}

// encodings are the ways in which secrets are found.
var encodings = []encoding{
	{name: "upper case", write: strings.ToUpper},
	{name: "lower case", write: strings.ToLower},
	{name: "JSON", write: quoted},
	{name: "JSON three times", write: func(text string) string { return quoted(quoted(quoted(text))) }},
	{name: "JSON, every character", write: each(`\u%04x`)},
	{name: "JSON, capitals", write: each(`\u%04X`)},
	{name: "JavaScript", write: each(`\u{%x}`)},
	{name: "Python", write: each(`\U%08x`)},
	{name: "shell", write: each(`\x%02x`), bytes: true},
	{name: "octal", write: each(`\%03o`), bytes: true},
	{name: "query", write: url.QueryEscape, bytes: true},
	{name: "path", write: url.PathEscape, bytes: true},
	{name: "percent", write: each("%%%02x"), bytes: true},
	{name: "percent twice", write: func(text string) string { return url.QueryEscape(each("%%%02X")(text)) }, bytes: true},
	{name: "percent, Unicode", write: each("%%u%04x")},
	{name: "HTML", write: html.EscapeString},
	{name: "HTML twice", write: func(text string) string { return html.EscapeString(html.EscapeString(text)) }},
	{name: "HTML, decimal", write: each("&#%d;")},
	{name: "HTML, hexadecimal", write: each("&#x%x;")},
	{name: "HTML, no semicolon", write: each("&#%d"), open: true},
	{name: "quoted-printable", write: printable},
	{name: "quoted-printable, every character", write: each("=%02X"), bytes: true},
	{name: "quoted-printable, cut", write: func(text string) string { return strings.Join(strings.Split(text, ""), "=\r\n") }},
	{name: "UTF-16LE", write: utf16In(binary.LittleEndian)},
	{name: "UTF-16BE", write: utf16In(binary.BigEndian)},
	{name: "UTF-32", write: func(text string) string { return strings.Join(strings.Split(text, ""), "\x00\x00\x00") }},
	{name: "hex", write: func(text string) string { return hex.EncodeToString([]byte(text)) }, bytes: true},
	{name: "hex, capitals", write: func(text string) string { return strings.ToUpper(hex.EncodeToString([]byte(text))) }, bytes: true},
	{name: "hex with colons", write: each("%02x:"), bytes: true},
	{name: "hex with blanks", write: each("%02X "), bytes: true},
	{name: "hex with 0x", write: each("0x%02x, "), bytes: true},
	{name: "hex in a list of texts", write: each("\n            \"%02x\","), bytes: true},
	{name: "hex in lines", write: each("%02x\r\n"), bytes: true},
	{name: "list of numbers", write: listed, bytes: true},
	{name: "list in JSON", write: func(text string) string { return strings.ReplaceAll(listed(text), " ", ",") }, bytes: true},
	{name: "Base64", write: func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }, bytes: true, cased: true},
	{name: "Base64 after 1", write: func(text string) string { return base64.RawStdEncoding.EncodeToString([]byte("x" + text + "y")) }, bytes: true, cased: true},
	{name: "Base64 after 2", write: func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte("xy" + text + "yx")) }, bytes: true, cased: true},
	{name: "Base64 twice", bytes: true, cased: true, write: func(text string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(text))))
	}},
	{name: "Base64 in lines", bytes: true, cased: true, write: func(text string) string {
		return strings.Join(strings.SplitAfter(base64.StdEncoding.EncodeToString([]byte(text)), "Z"), "\r\n")
	}},
	{name: "Base64 of JSON", write: func(text string) string { return base64.StdEncoding.EncodeToString([]byte(quoted(text))) }, cased: true},
	{name: "gzip", write: zipped, bytes: true, cased: true, binary: true},
	{name: "zlib", bytes: true, cased: true, binary: true, write: func(text string) string {
		var b bytes.Buffer
		return written(&b, zlib.NewWriter(&b), text)
	}},
	{name: "deflate in Base64", alone: true, write: func(text string) string { return base64.StdEncoding.EncodeToString([]byte(deflated(text))) }, bytes: true, cased: true},
}

// listed is a text as Go prints a list of bytes.
func listed(text string) string { return fmt.Sprintf("%d", []byte(text)) }

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
