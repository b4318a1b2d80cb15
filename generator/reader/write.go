package reader

import (
	"encoding/json"
	"unicode/utf8"
)

// usualAnswer is the number of bytes that most answers have at most.
const usualAnswer = 2 << 10

// appendText appends a text as JSON.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c >= utf8.RuneSelf {
			data, _ := json.Marshal(s) // a text always encodes
			return append(b, data...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// enclose puts brackets around members or items, each of which follows a comma, that were appended since start.
func enclose(b []byte, start int, left, right byte) []byte {
	if len(b) == start {
		return append(b, left, right)
	}
	b[start] = left
	return append(b, right)
}
