package secrets

import (
	"bytes"
	"unicode/utf8"
)

// unescape reads the escapes of JSON, of a shell, of URLs and of HTML. Escapes of
// escapes, of the same kind, are read as one: any number of backslashes before a
// character, %2525 before two digits, &amp;amp; before the name of a character.
func unescape(data []byte, v *view) {
	if !bytes.ContainsAny(data, `\%&`) {
		return
	}
	for i := 0; i < len(data); {
		c, end, raw := rune(data[i]), i+1, true
		switch data[i] {
		case '\\':
			at := i
			for at < len(data) && data[at] == '\\' {
				at++
			}
			if at < len(data) && (data[at] == '%' || data[at] == '&') { // which may begin an escape of its own
				i = at
				continue
			}
			c, end, raw = backslash(data, at)
		case '%':
			c, end, raw = percent(data, i)
		case '&':
			c, end, raw = entity(data, i)
		}
		if raw || c < utf8.RuneSelf {
			v.add(byte(c), i, end)
		} else {
			for _, b := range utf8.AppendRune(nil, c) {
				v.add(b, i, end)
			}
		}
		i = end
	}
}

// backslash reads what follows backslashes: the character, where it ends, and
// whether it is a byte.
func backslash(data []byte, at int) (c rune, end int, raw bool) {
	if at == len(data) {
		return '\\', at, true
	}
	rest := data[at+1:]
	count := 0
	switch data[at] {
	case 'u', 'U': // of JSON, and in capitals
		count = 4
		if c, ok := number(rest, 8, 16); ok && data[at] == 'U' {
			return c, at + 9, false
		}
	case 'x', 'X':
		count = 2
	case '0', '1', '2', '3':
		if c, ok := number(data[at:], 3, 8); ok {
			return c, at + 3, true
		}
	}
	if c, ok := number(rest, count, 16); ok {
		return c, at + 1 + count, count == 2
	}
	if closing := bytes.IndexByte(rest[:min(len(rest), 10)], '}'); count > 0 && closing > 1 && rest[0] == '{' {
		if c, ok := number(rest[1:], closing-1, 16); ok {
			return c, at + 2 + closing, false
		}
	}
	if name := bytes.IndexByte([]byte("nrtbf"), data[at]); name >= 0 {
		return rune("\n\r\t\b\f"[name]), at + 1, true
	}
	return rune(data[at]), at + 1, true
}

// number reads a number of so many digits.
func number(data []byte, count int, base uint32) (rune, bool) {
	if count < 1 || count > 8 || len(data) < count {
		return 0, false
	}
	n := uint32(0)
	for _, c := range data[:count] {
		value := uint32(digits[c])
		if value >= base {
			return 0, false
		}
		n = n*base + value
	}
	return rune(n & 0x7fff_ffff), true
}

// percent reads what begins with a percent sign.
func percent(data []byte, i int) (c rune, end int, raw bool) {
	at := i + 1
	for bytes.HasPrefix(data[at:], []byte("25")) {
		at += 2
	}
	if at < len(data) && (data[at] == 'u' || data[at] == 'U') {
		if c, ok := number(data[at+1:], 4, 16); ok {
			return c, at + 5, false
		}
	}
	if c, ok := number(data[at:], 2, 16); ok {
		return c, at + 2, true
	}
	return '%', at, true
}

// entities are the names that HTML has for characters of ASCII, in small letters.
var entities = map[string]rune{
	"quot": '"', "amp": '&', "apos": '\'', "lt": '<', "gt": '>', "excl": '!', "num": '#', "dollar": '$', "percnt": '%',
	"lpar": '(', "rpar": ')', "ast": '*', "plus": '+', "comma": ',', "period": '.', "sol": '/', "colon": ':', "semi": ';',
	"equals": '=', "quest": '?', "commat": '@', "lsqb": '[', "lbrack": '[', "bsol": '\\', "rsqb": ']', "rbrack": ']', "hat": '^',
	"lowbar": '_', "grave": '`', "lcub": '{', "lbrace": '{', "verbar": '|', "vert": '|', "rcub": '}', "rbrace": '}',
	"tab": '\t', "newline": '\n',
}

// entity reads what begins with an ampersand.
func entity(data []byte, i int) (c rune, end int, raw bool) {
	at := i + 1
	for len(data)-at >= 4 && bytes.EqualFold(data[at:at+4], []byte("amp;")) {
		at += 4
	}
	if c, end, ok := numbered(data, at); ok {
		return c, end, false
	}
	const longest = 16 // with zeros before a number
	closing := bytes.IndexByte(data[at:min(len(data), at+longest)], ';')
	if closing < 1 {
		return '&', at, true
	}
	name := bytes.ToLower(data[at : at+closing])
	if c, known := entities[string(name)]; known {
		return c, at + closing + 1, true
	}
	return '&', at, true
}

// numbered reads the number of a character at a place: # and digits, in which HTML
// forgives that no semicolon ends them.
func numbered(data []byte, at int) (c rune, end int, ok bool) {
	if at == len(data) || data[at] != '#' {
		return 0, 0, false
	}
	at++
	base := byte(10)
	if at < len(data) && data[at]|0x20 == 'x' {
		at, base = at+1, 16
	}
	for at+1 < len(data) && data[at] == '0' && digits[data[at+1]] < base {
		at++
	}
	for end = at; end < len(data) && end-at < 8 && digits[data[end]] < base; {
		end++
	}
	if c, ok = number(data[at:], end-at, uint32(base)); ok && end < len(data) && data[end] == ';' {
		end++
	}
	return c, end, ok
}

// unquote reads quoted-printable, lines that go on included.
func unquote(data []byte, v *view) {
	if bytes.IndexByte(data, '=') < 0 {
		return
	}
	for i := 0; i < len(data); {
		if data[i] == '=' {
			if rest := data[i+1:]; bytes.HasPrefix(rest, []byte("\n")) {
				i += 2
				continue
			} else if bytes.HasPrefix(rest, []byte("\r\n")) {
				i += 3
				continue
			} else if c, ok := number(rest, 2, 16); ok {
				v.add(byte(c), i, i+3)
				i += 3
				continue
			}
		}
		v.add(data[i], i, i+1)
		i++
	}
}

// withoutZeros leaves out bytes that are zero: what is left of UTF-16 and of
// UTF-32, in either order, is ASCII.
func withoutZeros(data []byte, v *view) {
	if bytes.IndexByte(data, 0) < 0 {
		return
	}
	for i, c := range data {
		if c != 0 {
			v.add(c, i, i+1)
		}
	}
}

// latin reads UTF-8 as what it was made of when each byte became a character, as
// String.fromCharCode and Latin-1 do.
func latin(data []byte, v *view) {
	if bytes.IndexByte(data, 0xc2) < 0 && bytes.IndexByte(data, 0xc3) < 0 {
		return
	}
	for i := 0; i < len(data); i++ {
		if c := data[i]; c&^1 == 0xc2 && i+1 < len(data) && data[i+1]&0xc0 == 0x80 {
			v.add(c<<6|data[i+1]&0x3f, i, i+2)
			i++
			continue
		}
		v.add(data[i], i, i+1)
	}
}
