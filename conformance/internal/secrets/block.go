package secrets

// none is the value of a character that is no digit, and stands it between two
// bytes that are written as numbers, separator.
const (
	none      = 0xff
	separator = 0xfe

	mostBetween = 32 // separators: a list may be indented
)

// digits are the values of hexadecimal digits.
var digits = func() (values [256]byte) {
	for i := range values {
		values[i] = none
	}
	for _, c := range []byte(" \t\r\n:;,.-_|/+\"'[]") {
		values[c] = separator
	}
	for i, c := range []byte("0123456789abcdef") {
		values[c] = byte(i)
	}
	for i, c := range []byte("ABCDEF") {
		values[c] = byte(i + 10)
	}
	return values
}()

// hexadecimal reads pairs of digits, whatever stands between them: 41:62, 0x41
// 0x62, 4162. The first pair of a row begins at its first or second digit.
func hexadecimal(data []byte, v *view, phase int) {
	begin, skipped, seen := 0, 0, 0
	high, highAt := byte(none), 0
	end := func(at int) {
		if seen > phase {
			v.endRow(begin, at)
		}
		begin, skipped, seen, high = v.size, 0, 0, none
	}
	for i := 0; i < len(data); i++ {
		switch value := digits[data[i]]; {
		case value == none:
			end(i)
		case value == 0 && i+1 < len(data) && data[i+1]|0x20 == 'x': // of 0x
			i++
		case value == separator:
			if skipped++; skipped > mostBetween {
				end(i)
			}
		default:
			skipped = 0
			if seen++; seen <= phase {
				break
			}
			if high == none {
				high, highAt = value, i
				break
			}
			v.add(high<<4|value, highAt, i+1)
			high = none
		}
	}
	end(len(data))
}

// numbers reads lists of decimal numbers below 256: [65, 98] is Ab.
func numbers(data []byte, v *view) {
	begin, skipped := 0, 0
	end := func(at int) {
		if v.size > begin {
			v.endRow(begin, at)
		}
		begin, skipped = v.size, 0
	}
	for i := 0; i < len(data); {
		n, at := 0, i
		for at < len(data) && digits[data[at]] < 10 && at-i < 3 {
			n = 10*n + int(digits[data[at]])
			at++
		}
		switch {
		case at > i && n < 256:
			v.add(byte(n), i, at)
			skipped, i = 0, at
			continue
		case digits[data[i]] != separator || skipped == mostBetween:
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
	begin, bits, have, before, skip := v.size, uint32(0), 0, 0, phase
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
	v.endRow(begin, len(data))
}
