package reader

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// word reads true, false or null.
func (r *reader) word(word string) {
	if len(r.text)-r.at < len(word) || r.text[r.at:r.at+len(word)] != word {
		r.malformed()
		return
	}
	r.at += len(word)
}

// null reads null if it comes next, and reports whether it did.
func (r *reader) null() bool {
	if r.peek() != 'n' {
		return false
	}
	r.word("null")
	return true
}

// string reads a string. Anything else is skipped and breaks the rule.
func (r *reader) string(rule, message string) (string, bool) {
	if r.peek() != '"' {
		r.wrong(rule, message)
		return "", false
	}
	return r.quoted()
}

// boolean reads true or false. Anything else is skipped and breaks the rule.
func (r *reader) boolean(rule, message string) bool {
	switch r.peek() {
	case 't':
		r.word("true")
		return true
	case 'f':
		r.word("false")
	default:
		r.wrong(rule, message)
	}
	return false
}

// literal reads a number and returns its text; whole says that it has neither fraction nor exponent.
func (r *reader) literal() (literal string, whole bool) {
	i := r.at
	if i < len(r.text) && r.text[i] == '-' {
		i++
	}
	end := digits(r.text, i)
	ok := end > i && (end == i+1 || r.text[i] != '0')
	if i, whole = end, true; ok && i < len(r.text) && r.text[i] == '.' {
		end = digits(r.text, i+1)
		i, whole, ok = end, false, end > i+1
	}
	if ok && i < len(r.text) && (r.text[i] == 'e' || r.text[i] == 'E') {
		if i++; i < len(r.text) && (r.text[i] == '+' || r.text[i] == '-') {
			i++
		}
		end = digits(r.text, i)
		i, whole, ok = end, false, end > i
	}
	literal, r.at = r.text[r.at:i], i
	if !ok {
		r.malformed()
	}
	return literal, whole
}

// digits returns the offset after the digits at i.
func digits(s string, i int) int {
	for i < len(s) && '0' <= s[i] && s[i] <= '9' {
		i++
	}
	return i
}

// number reads a number; whole says that it is written as an integer and has at most 64 bits. Any other value, and a
// number that is too large for a float64, is skipped and breaks the rule.
func (r *reader) number(rule, message string) (x float64, whole, ok bool) {
	if c := r.peek(); c != '-' && (c < '0' || c > '9') {
		r.wrong(rule, message)
		return 0, false, false
	}
	literal, whole := r.literal()
	if n := len(literal); whole && n < 16 {
		return float64(small(literal)), true, !r.closed
	}
	x, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		r.add(rule, message)
	}
	if _, large := strconv.ParseInt(literal, 10, 64); large != nil {
		whole = false // too large for 64 bits
	}
	return x, whole, err == nil && !r.closed
}

// small returns the number of a literal with at most fifteen characters.
func small(literal string) (n int64) {
	for _, c := range literal {
		if c != '-' {
			n = 10*n + int64(c-'0')
		}
	}
	if literal[0] == '-' {
		return -n
	}
	return n
}

// integer reads a number without fraction and exponent. One with them breaks the rule and is returned all the same, so
// that it can be checked by other rules.
func (r *reader) integer(rule, message string) (float64, bool) {
	x, whole, ok := r.number(rule, message)
	if ok && !whole {
		r.add(rule, message)
	}
	return x, ok
}

// int32 reads an integer, which breaks the second rule if it needs more than 32 bits.
func (r *reader) int32(rule, message, format, formatMessage string) (float64, bool) {
	x, ok := r.integer(rule, message)
	if ok && (x < math.MinInt32 || x > math.MaxInt32) {
		r.add(format, formatMessage)
	}
	return x, ok
}

// int64 reads an integer and returns its exact value too. One that needs more than 64 bits breaks the second rule, which
// may be the same as the first.
func (r *reader) int64(rule, message, format, formatMessage string) (n int64, x float64, ok bool) {
	r.peek()
	start := r.at
	x, whole, ok := r.number(rule, message)
	if !ok {
		return 0, 0, false
	}
	n, err := strconv.ParseInt(r.text[start:r.at], 10, 64)
	if !whole {
		r.add(rule, message)
	}
	if err != nil && format != rule && (x < math.MinInt64 || x >= math.MaxInt64) {
		r.add(format, formatMessage)
	}
	return n, x, true
}

// float64 reads a number.
func (r *reader) float64(rule, message string) (float64, bool) {
	x, _, ok := r.number(rule, message)
	return x, ok
}

// whole reads an integer of an enumeration. Any other kind of value breaks the first rule, a number with a fraction or
// an exponent the second.
func (r *reader) whole(enum, enumMessage, rule, message string) (int64, bool) {
	r.peek()
	start := r.at
	_, whole, ok := r.number(enum, enumMessage)
	if ok && !whole {
		r.add(rule, message)
	}
	if !ok || !whole {
		return 0, false
	}
	n, err := strconv.ParseInt(r.text[start:r.at], 10, 64)
	return n, err == nil
}

// exact reads an integer with limits for which a float64 is too coarse. It is false for a value that breaks a rule.
func (r *reader) exact(rule, message, format, formatMessage string) (int64, bool) {
	mark := len(r.found)
	n, _, ok := r.int64(rule, message, format, formatMessage)
	return n, ok && len(r.found) == mark
}

// text reports whether a string of Go can be written as JSON: it is valid UTF-8.
func (f *findings) text(s string) bool {
	if !utf8.ValidString(s) {
		f.add(RuleUTF8, "text is valid UTF-8")
		return false
	}
	return true
}

// multiple reports whether a number is a multiple of another, with the precision of a float64.
func multiple(x, of float64) bool {
	const slack = 1.0 / (1 << 51)
	return math.Abs(math.Remainder(x, of)) <= math.Abs(x)*slack
}

// repeats reports whether a list has an item twice.
func repeats[T comparable](items []T) bool {
	seen := make(map[T]bool, len(items))
	for _, item := range items {
		if seen[item] {
			return true
		}
		seen[item] = true
	}
	return false
}

// uniques holds the items of a list whose items must differ.
type uniques struct {
	seen  map[string]bool
	twice bool
}

// add adds the item that r has just read; at is an offset before it.
func (u *uniques) add(r *reader, at int) {
	if r.closed {
		return
	}
	item := strings.TrimSpace(r.text[at:r.at])
	if x, err := strconv.ParseFloat(item, 64); err == nil {
		item = strconv.FormatFloat(x, 'g', -1, 64)
	} else if strings.Contains(item, `\`) && strings.HasPrefix(item, `"`) {
		item = string(unescape(nil, item))
	}
	if u.seen == nil {
		u.seen = map[string]bool{}
	}
	u.twice = u.twice || u.seen[item]
	u.seen[item] = true
}

// convert reads a string into a type that parses it, and returns the string. Any other value breaks the first rule, a
// string that cannot be parsed the second.
func (r *reader) convert(into any, rule, message, format, formatMessage string) (string, bool) {
	if r.peek() != '"' {
		r.wrong(rule, message)
		return "", false
	}
	start := r.at
	s, ok := r.quoted()
	if ok && !convert(s, r.text[start:r.at], into) {
		r.add(format, formatMessage)
	}
	return s, ok
}

// convert parses a string into a type of Go; data is its JSON.
func convert(s, data string, into any) bool {
	if t, ok := into.(*time.Time); ok {
		return readTime(s, t)
	}
	return json.Unmarshal([]byte(data), into) == nil
}

// readTime reads a time in the format of RFC 3339: T and Z may be in lower case, and the last minute of a month in UTC
// may have a 60th second, which is read as the first of the next month.
func readTime(s string, into *time.Time) bool {
	const seconds, offset = len("2006-01-02T15:04:"), len("+00:00")
	if len(s) <= seconds+len("00") {
		return false
	}
	text := []byte(strings.ToUpper(s))
	if strings.Contains(s, ",") {
		return false // Go allows a comma before a fraction, RFC 3339 does not
	}
	if end := text[len(text)-offset:]; end[offset-1] != 'Z' && (string(end[1:3]) > "23" || string(end[4:]) > "59") {
		return false
	}
	leap := text[seconds] == '6' && text[seconds+1] == '0'
	if leap {
		copy(text[seconds:], "59")
	}
	if into.UnmarshalText(text) != nil {
		return false
	}
	if leap {
		*into = into.Add(time.Second)
		utc := into.UTC()
		return utc.Day() == 1 && utc.Hour() == 0 && utc.Minute() == 0 && utc.Second() == 0
	}
	return true
}

// written returns the string as which encoding/json writes a value. It is false if there is none.
func written(value any) (s string, ok bool) {
	data, err := json.Marshal(value)
	ok = err == nil && json.Unmarshal(data, &s) == nil
	return s, ok
}

// plain returns the value that encoding/json reads from the JSON of a Go value.
func plain(value any) any {
	switch value.(type) {
	case nil, bool, float64, string, []any, map[string]any:
		return value
	}
	data, err := json.Marshal(value)
	if err != nil || json.Unmarshal(data, &value) != nil {
		return nil
	}
	return value
}

// anyValue reads a value of any type but null, which is skipped and breaks the rule.
func (r *reader) anyValue(rule, message string) any {
	if r.peek() == 'n' {
		r.wrong(rule, message)
		return nil
	}
	return r.any()
}

// any reads a value of any type, as encoding/json does.
func (r *reader) any() any {
	mark := len(r.found)
	raw := r.raw()
	var value any
	if len(r.found) == mark && !r.closed && json.Unmarshal(raw, &value) != nil {
		r.malformed() // cannot happen: the value was read without a mistake
	}
	return value
}

// raw reads a value and returns its text.
func (r *reader) raw() []byte {
	r.peek()
	start := r.at
	r.skip()
	if r.closed {
		return nil
	}
	return []byte(r.text[start:r.at])
}

// foreign reads a value into a type with its own UnmarshalJSON, whose error breaks the rule.
func (r *reader) foreign(into any, rule, message string) {
	mark := len(r.found)
	raw := r.raw()
	if len(r.found) == mark && !r.closed && json.Unmarshal(raw, into) != nil {
		r.add(rule, message)
	}
}
