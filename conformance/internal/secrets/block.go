package secrets

import "bytes"

// digit is the value of a hexadecimal digit, or -1.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= folded(c) && folded(c) <= 'f':
		return int(folded(c)-'a') + 10
	}
	return -1
}

// mostBetween is the number of characters that may stand between two bytes that
// are written as numbers.
const mostBetween = 4

// between reports whether a character stands between such bytes.
func between(c byte) bool { return bytes.IndexByte([]byte(" \t\r\n:;,.-_|/+"), c) >= 0 }

// hexadecimal reads pairs of digits, whatever stands between them: 41:62, 0x41
// 0x62, 4162. The first pair of a row begins at its first or second digit.
func hexadecimal(data []byte, v *view, phase int) {
	begin, high, highAt, skipped, digits := 0, -1, 0, 0, 0
	end := func(at int) {
		if digits > 0 {
			v.gapAfter(begin, at)
		}
		begin, high, skipped, digits = len(v.data), -1, 0, 0
	}
	for i := 0; i < len(data); i++ {
		c := data[i]
		value := digit(c)
		switch {
		case value == 0 && i+1 < len(data) && folded(data[i+1]) == 'x': // of 0x
			skipped, i = skipped+2, i+1
		case value >= 0:
			if digits++; digits <= phase {
				skipped = 0
				continue
			}
			if skipped = 0; high < 0 {
				high, highAt = value, i
				continue
			}
			v.add(byte(high<<4|value), highAt, i+1)
			high = -1
		case digits > 0 && between(c):
			skipped++
		default:
			end(i)
			continue
		}
		if skipped > mostBetween {
			end(i)
		}
	}
	end(len(data))
}

// numbers reads lists of decimal numbers below 256: [65, 98] is Ab.
func numbers(data []byte, v *view) {
	begin, skipped := 0, 0
	end := func(at int) {
		if len(v.data) > begin {
			v.gapAfter(begin, at)
		}
		begin, skipped = len(v.data), 0
	}
	for i := 0; i < len(data); {
		n, at := 0, i
		for at < len(data) && '0' <= data[at] && data[at] <= '9' && at-i < 3 {
			n = 10*n + int(data[at]-'0')
			at++
		}
		switch {
		case at > i && n < 256:
			v.add(byte(n), i, at)
			skipped, i = 0, at
			continue
		case !between(data[i]) || skipped == mostBetween:
			end(i)
		}
		skipped, i = skipped+1, max(at, i+1)
	}
	end(len(data))
}

// sixBits are the values of the characters of Base64, of both alphabets; 64 of
// what ends a line, and 65 of any other.
var sixBits = func() (values [256]byte) {
	for i := range values {
		values[i] = 65
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		values[c] = byte(i)
	}
	values['-'], values['_'], values['\r'], values['\n'] = 62, 63, 64, 64
	return values
}()

// sixtyFour reads rows of Base64 from one of their first four characters on.
func sixtyFour(data []byte, v *view, phase int) {
	const shortest = 6 // characters, of four bytes
	for i := 0; i < len(data); i++ {
		if sixBits[data[i]] > 63 {
			continue
		}
		end, n := i, 0
		for ; end < len(data) && sixBits[data[end]] < 65; end++ {
			if sixBits[data[end]] < 64 {
				n++
			}
		}
		if n-phase >= shortest {
			sixtyFourRow(data[:end], i, phase, v)
		}
		i = end
	}
}

// sixtyFourRow reads one row, which begins at a place and goes to the end.
func sixtyFourRow(data []byte, i, phase int, v *view) {
	begin, bits, have, before, skip := len(v.data), uint32(0), 0, 0, phase
	for ; i < len(data); i++ {
		value := sixBits[data[i]]
		if value > 63 {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if bits, have = bits<<6|uint32(value), have+6; have >= 8 {
			have -= 8
			v.add(byte(bits>>have), before, i+1)
		}
		before = i
	}
	v.gapAfter(begin, len(data))
}
