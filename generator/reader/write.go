package reader

import (
	"encoding/json"
	"unicode/utf8"
)

// usualAnswer is a number of bytes that most answers do not exceed.
const usualAnswer = 2 << 10

// appendText appends a text as JSON.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c >= utf8.RuneSelf {
			data, _ := json.Marshal(s) // cannot fail for a text
			return append(b, data...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// enclose puts brackets around the members or items appended since start, each of which begins with a comma.
func enclose(b []byte, start int, left, right byte) []byte {
	if len(b) == start {
		return append(b, left, right)
	}
	b[start] = left
	return append(b, right)
}
