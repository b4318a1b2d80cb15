package main

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/hex"
	"html"
	"io"
	"strconv"
	"strings"
	"testing"
)

// decoder undoes the forms of words. It shares nothing with what masks them. Artefacts
// have most of their words in common: what comes of one is found once.
type decoder struct {
	known    map[string]string // by the form and the word
	inflater io.ReadCloser
	inflated bytes.Buffer
}

func newDecoder() *decoder {
	return &decoder{known: map[string]string{}, inflater: flate.NewReader(nil)}
}

// mostKnown is the length of a word that is worth keeping.
const mostKnown = 80

// undone is a text in small letters, and what comes of it when its reader undoes
// the forms that a text may have.
func (d *decoder) undone(text string) []string {
	out := []string{strings.ToLower(text)}
	for range 3 {
		plain := unescaped(html.UnescapeString(text))
		if plain == text {
			break
		}
		text = plain
		out = append(out, strings.ToLower(text))
	}
	var found strings.Builder // one text of many is soon searched
	met := map[string]bool{}  // in this text, which need not be searched twice
	for _, form := range []struct {
		name string
		in   func(byte) bool
		undo func(string) string
	}{
		{"base64 ", func(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("+/_-", c) >= 0 }, d.base64},
		{"hex ", func(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' || c == ':' || c == '-' }, d.hex},
		{"numbers ", func(c byte) bool { return isDigit(c) || c == ',' }, d.numbers},
	} {
		for word := range words(text, form.in) {
			if len(word) > mostKnown {
				found.WriteString(form.undo(word))
				continue
			}
			key := form.name + word
			if met[key] {
				continue
			}
			plain, ok := d.known[key]
			if !ok {
				plain = form.undo(word)
				d.known[strings.Clone(key)] = plain
			}
			met[key] = true
			found.WriteString(plain)
		}
	}
	return append(out, found.String())
}

var toBase64 = strings.NewReplacer("-", "+", "_", "/")

// base64 undoes Base64 from each place where it may begin.
func (d *decoder) base64(word string) string {
	var out strings.Builder
	word = toBase64.Replace(word)
	for from := range min(4, len(word)) {
		part := word[from:]
		if len(part)%4 == 1 {
			part = part[:len(part)-1]
		}
		data, _ := base64.RawStdEncoding.DecodeString(part)
		d.add(&out, data)
	}
	return out.String()
}

var toHex = strings.NewReplacer(":", "", "-", "")

func (d *decoder) hex(word string) string {
	var out strings.Builder
	data, _ := hex.DecodeString(toHex.Replace(word))
	d.add(&out, data)
	return out.String()
}

func (d *decoder) numbers(word string) string {
	var data []byte
	for number := range strings.SplitSeq(word, ",") {
		if n, err := strconv.ParseUint(number, 10, 8); err == nil {
			data = append(data, byte(n))
		}
	}
	return strings.ToLower(string(data)) + "\n"
}

// add adds what bytes say as text, and as text that is compressed.
func (d *decoder) add(out *strings.Builder, data []byte) {
	out.WriteString(strings.ToLower(strings.ReplaceAll(string(data), "\x00", "")) + "\n")
	if bytes.HasPrefix(data, []byte("\x1f\x8b\x08\x00")) {
		data = data[min(10, len(data)):] // the header
	}
	if mayInflate(data) && d.inflater.(flate.Resetter).Reset(bytes.NewReader(data), nil) == nil {
		d.inflated.Reset()
		_, _ = d.inflated.ReadFrom(d.inflater) // up to what is none
		out.WriteString(strings.ToLower(d.inflated.String()) + "\n")
	}
}

// mayInflate reports whether the first block of compressed data is none that is
// refused at once: of no kind, or of bytes as they are whose length is not said
// twice (RFC 1951, 3.2).
func mayInflate(data []byte) bool {
	if len(data) == 0 {
		return false
	}
	switch data[0] >> 1 & 3 {
	case 3:
		return false
	case 0:
		return len(data) >= 5 && data[1] == ^data[3] && data[2] == ^data[4]
	}
	return true
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// words yields the rows of such characters in a text that may hold a secret.
func words(text string, in func(byte) bool) func(func(string) bool) {
	return func(yield func(string) bool) {
		begin := 0
		for at := 0; at <= len(text); at++ {
			if at < len(text) && in(text[at]) {
				continue
			}
			if at-begin >= 6 && !yield(text[begin:at]) {
				return
			}
			begin = at + 1
		}
	}
}

// unescaped undoes the escapes of JSON, of URLs and of mail, once, and drops zeros
// and backslashes.
func unescaped(text string) string {
	out := make([]byte, 0, len(text))
	for at := 0; at < len(text); at++ {
		digits, width, rest := "", 3, text[at:]
		switch {
		case strings.HasPrefix(rest, `\u00`) && len(rest) >= 6:
			digits, width = rest[4:6], 6
		case rest[0] == '\\' || rest[0] == 0:
			continue
		case (rest[0] == '%' || rest[0] == '=') && len(rest) >= 3:
			digits = rest[1:3]
		}
		if data, err := hex.DecodeString(digits); err == nil && digits != "" {
			out = append(out, data...)
			at += width - 1
			continue
		}
		out = append(out, rest[0])
	}
	return string(out)
}

// TestPlantedIsFound shows that a secret is found in every form in which targets
// say it, and half of it too.
func TestPlantedIsFound(t *testing.T) {
	const secret, short = "Tq7+Zw9/=Kx4-Vb2y8", "p7Qx"
	p := newPlanted()
	p.add(secret, short)
	for name, form := range forms {
		for _, text := range []string{secret, secret[:9], secret[9:], short} {
			said := `{"a":"` + inJSON(form(text)) + ` b"}`
			if found, _ := p.find(said); found == "" && (text != short || !strings.HasPrefix(name, "piece")) {
				t.Errorf("%s: nothing is found in %q", name, said)
			}
		}
	}
	if found, before := p.find(`{"a":"Tq7+Z w9/=K x4-Vb 2y8 p7Q"}`); found != "" {
		t.Errorf("%s is found in ...%s", found, before)
	}
}
