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

// undone is a text in small letters, and what comes of it when its reader undoes
// the forms that a text may have. It shares nothing with what masks them.
func undone(text string) []string {
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
	inflater := flate.NewReader(nil)
	add := func(data []byte) {
		found.WriteString(strings.ToLower(strings.ReplaceAll(string(data), "\x00", "")) + "\n")
		if bytes.HasPrefix(data, []byte("\x1f\x8b\x08\x00")) {
			data = data[min(10, len(data)):] // the header
		}
		if inflater.(flate.Resetter).Reset(bytes.NewReader(data), nil) == nil {
			plain, _ := io.ReadAll(inflater) // up to what is none
			found.WriteString(strings.ToLower(string(plain)) + "\n")
		}
	}
	for word := range words(text, func(c byte) bool { return isLetter(c) || isDigit(c) || strings.IndexByte("+/_-", c) >= 0 }) {
		word = strings.NewReplacer("-", "+", "_", "/").Replace(word)
		for from := range min(4, len(word)) {
			part := word[from:]
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			data, _ := base64.RawStdEncoding.DecodeString(part)
			add(data)
		}
	}
	for word := range words(text, func(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' || c == ':' || c == '-' }) {
		data, _ := hex.DecodeString(strings.NewReplacer(":", "", "-", "").Replace(word))
		add(data)
	}
	for word := range words(text, func(c byte) bool { return isDigit(c) || c == ',' }) {
		var data []byte
		for number := range strings.SplitSeq(word, ",") {
			if n, err := strconv.ParseUint(number, 10, 8); err == nil {
				data = append(data, byte(n))
			}
		}
		found.WriteString(strings.ToLower(string(data)) + "\n")
	}
	return append(out, found.String())
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
	p := &planted{shorts: map[string]bool{}, pieces: map[string]string{}}
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
