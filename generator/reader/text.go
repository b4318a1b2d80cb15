package reader

import "unicode/utf8"

// quoted reads a string, whose quote comes next. It is false if the string is not valid Unicode, and at malformed JSON.
func (r *reader) quoted() (string, bool) {
	text := r.text
	i := r.at + 1
	for i < len(text) {
		c := text[i]
		if c == '"' {
			s := text[r.at+1 : i]
			r.at = i + 1
			return s, true
		}
		if c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			break
		}
		i++
	}
	s, escaped, ok := r.span(i)
	if ok && escaped {
		s = string(unescape(make([]byte, 0, len(s)), s))
	}
	return s, ok
}

// pass reads a string and keeps nothing of it.
func (r *reader) pass() { r.span(r.at + 1) }

// span reads a string, whose quote comes next. The caller has found neither escapes nor special characters before the
// offset i. It returns the bytes between the quotes.
func (r *reader) span(i int) (s string, escaped, ok bool) {
	ok = true
	for i < len(r.text) {
		c := r.text[i]
		switch {
		case c == '"':
			if s = r.text[r.at+1 : i]; !ok {
				r.add(RuleUTF8, "text is valid UTF-8")
			}
			r.at = i + 1
			return s, escaped, ok
		case c == '\\':
			size, valid := escape(r.text[i:])
			if size == 0 {
				r.at = i
				r.malformed()
				return "", false, false
			}
			i += size
			escaped, ok = true, ok && valid
		case c < ' ':
			r.at = i
			r.malformed()
			return "", false, false
		case c < utf8.RuneSelf:
			i++
		default:
			c, size := utf8.DecodeRuneInString(r.text[i:])
			ok = ok && (c != utf8.RuneError || size > 1)
			i += size
		}
	}
	r.at = len(r.text)
	r.malformed()
	return "", false, false
}

// escape returns the size of the escape at the beginning of s, 0 if it is malformed. A surrogate and its partner are
// one escape; a surrogate alone is not valid.
func escape(s string) (size int, valid bool) {
	if len(s) < 2 {
		return 0, false
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, true
	case 'u':
		c, ok := hex(s)
		switch {
		case !ok:
			return 0, false
		case c < 0xD800 || c > 0xDFFF:
			return 6, true
		case c > 0xDBFF || len(s) < 8 || s[6] != '\\' || s[7] != 'u':
			return 6, false
		}
		c, ok = hex(s[6:])
		switch {
		case !ok:
			return 6, false // and the next escape is a mistake
		case c < 0xDC00 || c > 0xDFFF:
			return 6, false
		}
		return 12, true
	}
	return 0, false
}

// hex returns the code of the escape \uXXXX at the beginning of s.
func hex(s string) (rune, bool) {
	if len(s) < 6 {
		return 0, false
	}
	var code rune
	for i := 2; i < 6; i++ {
		c := rune(s[i])
		switch {
		case '0' <= c && c <= '9':
			code = code<<4 | (c - '0')
		case 'a' <= c && c <= 'f':
			code = code<<4 | (c - 'a' + 10)
		case 'A' <= c && c <= 'F':
			code = code<<4 | (c - 'A' + 10)
		default:
			return 0, false
		}
	}
	return code, true
}

// unescape appends a string to a text with its escapes replaced, which must be valid.
func unescape(text []byte, s string) []byte {
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			text = append(text, s[i])
			i++
			continue
		}
		size := 2
		switch c := s[i+1]; c {
		case 'b':
			text = append(text, '\b')
		case 'f':
			text = append(text, '\f')
		case 'n':
			text = append(text, '\n')
		case 'r':
			text = append(text, '\r')
		case 't':
			text = append(text, '\t')
		case 'u':
			code, _ := hex(s[i:])
			size = 6
			if 0xD800 <= code && code <= 0xDBFF {
				low, _ := hex(s[i+6:])
				code = (code-0xD800)<<10 + (low - 0xDC00) + 0x10000
				size = 12
			}
			text = utf8.AppendRune(text, code)
		default:
			text = append(text, c)
		}
		i += size
	}
	return text
}
