package match_test

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/match"
)

func TestDecode(t *testing.T) {
	for _, row := range []struct {
		text string
		want any
	}{
		{`null`, nil},
		{`true`, true},
		{`false`, false},
		{`""`, ""},
		{`{}`, map[string]any{}},
		{`[]`, []any{}},
		{" \t\r\n[ 1 ,\n2 ] \n", []any{json.Number("1"), json.Number("2")}},
		{`{"a": {"b": [null, true, "c", 1]}, "": []}`, map[string]any{"a": map[string]any{"b": []any{nil, true, "c", json.Number("1")}}, "": []any{}}},

		// Numbers keep their form.
		{`1`, json.Number("1")},
		{`1.0`, json.Number("1.0")},
		{`1.00`, json.Number("1.00")},
		{`1e0`, json.Number("1e0")},
		{`1E+2`, json.Number("1E+2")},
		{`-0`, json.Number("-0")},
		{`0.1`, json.Number("0.1")},
		{`1e400`, json.Number("1e400")},
		{`123456789012345678901234567890`, json.Number("123456789012345678901234567890")},

		// Texts are what they mean.
		{`"\u0041\n\/\\\""`, "A\n/\\\""},
		{`"\ud83d\ude00 ` + "\U0001f600" + `"`, "\U0001f600 \U0001f600"},
		{`"\u0000"`, "\x00"},
		{`"` + "\u2028\u200b\ufeff\ufffd\x7f" + `"`, "\u2028\u200b\ufeff\ufffd\x7f"},
		{`{"\u0061": 1, "A": 2, "a ": 3}`, map[string]any{"a": json.Number("1"), "A": json.Number("2"), "a ": json.Number("3")}},
		{`[{"a": 1}, {"a": 1}]`, []any{map[string]any{"a": json.Number("1")}, map[string]any{"a": json.Number("1")}}},
	} {
		got, err := match.Decode([]byte(row.text))
		if err != nil {
			t.Errorf("%q: %v", row.text, err)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", row.text, diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"empty", "", "no JSON: the body is empty"},
		{"blank", " \n", "no JSON at byte 2: unexpected EOF"},

		{"member given twice", `{"a":1,"a":2}`, "no JSON at byte 7 (in /a): duplicate object member name"},
		{"with the same value", `{"a":1,"b":2,"a":1}`, "no JSON at byte 13 (in /a): duplicate object member name"},
		{"in another spelling", `{"a":1,"\u0061":2}`, "no JSON at byte 7 (in /a): duplicate object member name"},
		{"inside", `{"a":{"b/~":[1,{"x":1,"x":2}]}}`, "no JSON at byte 22 (in /a/b~1~0/1/x): duplicate object member name"},
		{"named by nothing", `{"":1,"":2}`, "no JSON at byte 6 (in /): duplicate object member name"},

		{"byte-order mark", "\ufeff{}", "no JSON at byte 0: invalid character '\\ufeff' at start of value"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "no JSON at byte 0: invalid character '\\xff' at start of value"},
		{"invalid UTF-8", "\"\xff\"", "no JSON at byte 1: invalid UTF-8"},
		{"in a name", "{\"\xc3\x28\":1}", "no JSON at byte 2: invalid UTF-8"},
		{"overlong", "\"\xc0\xaf\"", "no JSON at byte 1: invalid UTF-8"},
		{"surrogate in UTF-8", "\"\xed\xa0\x80\"", "no JSON at byte 1: invalid UTF-8"},
		{"cut off inside a letter", "\"\xf0\x9f\x98\"", "no JSON at byte 1: invalid UTF-8"},
		{"lone surrogate", `["\ud800"]`, "no JSON at byte 2 (in /0): invalid surrogate pair `\\ud800\"]` in string"},
		{"lone low surrogate", `"\udc00"`, "no JSON at byte 1: invalid surrogate pair `\\udc00\"` in string"},
		{"surrogates in the wrong order", `"\udc00\ud800"`, "no JSON at byte 1: invalid surrogate pair `\\udc00\\ud800` in string"},

		{"text after the value", "{} x", "no JSON at byte 3: invalid character 'x' after top-level value"},
		{"two values", "{}{}", "no JSON at byte 2: invalid character '{' after top-level value"},
		{"two values in two lines", "1\n2", "no JSON at byte 2: invalid character '2' after top-level value"},
		{"NUL after the value", "{}\x00", "no JSON at byte 2: invalid character '\\x00' after top-level value"},
		{"closed twice", `{"a":[]}}`, "no JSON at byte 8: invalid character '}' after top-level value"},

		{"truncated name", `{"a`, "no JSON at byte 3: unexpected EOF"},
		{"truncated before the value", `{"a":`, "no JSON at byte 5 (in /a): unexpected EOF"},
		{"truncated text", `{"a":"b`, "no JSON at byte 7 (in /a): unexpected EOF"},
		{"truncated array", `[1,`, "no JSON at byte 3: unexpected EOF"},
		{"truncated literal", `[tru`, "no JSON at byte 4 (in /0): unexpected EOF"},
		{"truncated number", `-`, "no JSON at byte 0: unexpected EOF"},
		{"truncated escape", `"\u00`, "no JSON at byte 1: unexpected EOF"},

		{"comma at the end", `{"a":1,}`, "no JSON at byte 6: invalid character ',' at start of value"},
		{"comma at the end of an array", `[1,]`, "no JSON at byte 2: invalid character ',' at start of value"},
		{"no comma", `[1 2]`, "no JSON at byte 3: invalid character '2' after array element (expecting ',' or ']')"},
		{"no colon", `{"a" 1}`, "no JSON at byte 5 (in /a): invalid character '1' after object name (expecting ':')"},
		{"number as a name", `{1:2}`, "no JSON at byte 1: object member name must be a string"},
		{"brackets that do not fit", `[1}`, "no JSON at byte 2: invalid character '}' after array element (expecting ',' or ']')"},
		{"comment", `/* a */ 1`, "no JSON at byte 0: invalid character '/' at start of value"},
		{"single quotes", `'a'`, "no JSON at byte 0: invalid character '\\'' at start of value"},
		{"leading zero", `01`, "no JSON at byte 1: invalid character '1' after top-level value"},
		{"plus sign", `+1`, "no JSON at byte 0: invalid character '+' at start of value"},
		{"no digit before the point", `.5`, "no JSON at byte 0: invalid character '.' at start of value"},
		{"no digit after the point", `1.`, "no JSON at byte 0: unexpected EOF"},
		{"hexadecimal", `0x10`, "no JSON at byte 1: invalid character 'x' after top-level value"},
		{"not a number", `NaN`, "no JSON at byte 0: invalid character 'N' at start of value"},
		{"upper case", `TRUE`, "no JSON at byte 0: invalid character 'T' at start of value"},
		{"control character", "\"a\tb\"", "no JSON at byte 2: invalid character '\\t' in string (expecting non-control character)"},
		{"unknown escape", `"\x41"`, "no JSON at byte 1: invalid escape sequence `\\x` in string"},
		{"no-break space", "\u00a0{}", "no JSON at byte 0: invalid character '\\u00a0' at start of value"},
		{"HTML", "<html>", "no JSON at byte 0: invalid character '<' at start of value"},
	} {
		got, err := match.Decode([]byte(row.text))
		if got != nil || err == nil {
			t.Errorf("%s: %q is read as %#v, want an error", row.name, row.text, got)
			continue
		}
		if err.Error() != row.want {
			t.Errorf("%s: %q\n got %s\nwant %s", row.name, row.text, err, row.want)
		}
	}
}

// TestDecodeDepth shows that nesting has an end long before the stack has.
func TestDecodeDepth(t *testing.T) {
	for _, row := range []struct {
		open, end string
		levels    int
		want      string // of the error, "" for none
	}{
		{open: `[`, end: `]`, levels: 10_000},
		{open: `{"":`, end: `}`, levels: 10_000},
		{open: `[`, end: `]`, levels: 10_001, want: "exceeded max depth"},
		{open: `{"":`, end: `}`, levels: 10_001, want: "exceeded max depth"},
		{open: `[`, end: `]`, levels: 1_000_000, want: "exceeded max depth"},
		{open: `[`, levels: 1_000_000, want: "exceeded max depth"},
	} {
		text := strings.Repeat(row.open, row.levels) + "1" + strings.Repeat(row.end, row.levels)
		_, err := match.Decode([]byte(text))
		switch {
		case err == nil && row.want != "":
			t.Errorf("%d times %s: no error, want %q", row.levels, row.open, row.want)
		case err != nil && (row.want == "" || !strings.HasSuffix(err.Error(), row.want)):
			t.Errorf("%d times %s: %.60s...%s, want %q", row.levels, row.open, err, err.Error()[max(0, len(err.Error())-60):], row.want)
		}
	}
}

// strictness is what Decode says of a text that encoding/json accepts.
var strictness = regexp.MustCompile(`^no JSON at byte \d+( \(in .*\))?: (duplicate object member name|invalid UTF-8|invalid surrogate pair .*)$`)

// FuzzDecode holds Decode against encoding/json: both read the same value, or
// Decode says what it is stricter about.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"", " ", `{"a": [1, 1.0, -0, 1e5, null, true, "b"], "~/": {}}`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "\ufeff1", "\"\xff\"", `"\ud800"`,
		`"\ud83d\ude00"`, `1 2`, `[1,`, `01`, `{"a":{"b":[{"c":1,"c":2}]}}`, "[[[[[[[[", `"\u0000"`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before := bytes.Clone(data)
		got, err := match.Decode(data)
		if !bytes.Equal(before, data) {
			t.Error("the text was changed")
		}
		want, plain := decodePlainly(data)
		switch {
		case err == nil && plain != nil:
			t.Errorf("accepted, by encoding/json refused: %v", plain)
		case err == nil && !reflect.DeepEqual(want, got):
			t.Errorf("read as %#v, by encoding/json as %#v", got, want)
		case err != nil && got != nil:
			t.Errorf("a value and an error: %#v, %v", got, err)
		case err != nil && plain == nil && !strictness.MatchString(err.Error()):
			t.Errorf("refused: %v; by encoding/json read as %#v", err, want)
		case err != nil && !strings.HasPrefix(err.Error(), "no JSON"):
			t.Errorf("error %q", err)
		}
	})
}

func decodePlainly(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, io.ErrUnexpectedEOF
	}
	return v, nil
}

// TestEncode writes what Decode reads, as it was.
func TestEncode(t *testing.T) {
	for _, text := range []string{`null`, `1.0`, `1e400`, `"<&>"`, `"a\"b\\"`, `[]`, `{"a":[1,{}],"b":""}`} {
		value, err := match.Decode([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := match.Encode(value); err != nil || string(got) != text {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	if _, err := match.Encode(func() {}); err == nil {
		t.Error("a function was written")
	}
}
