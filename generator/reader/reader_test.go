package reader

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// rules lists what a body breaks when it is read for nothing but its form.
func rules(data []byte) []string {
	r := newReader(data)
	r.skip()
	return listed(r.end())
}

func listed(violations Violations) []string {
	var out []string
	for _, v := range violations {
		out = append(out, v.Pointer+" "+v.Rule)
	}
	return out
}

// strict reads a body as RFC 8259 and RFC 7493 ask, with go-json-experiment's tokenizer.
func strict(data []byte) error {
	decoder := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		_, err := decoder.ReadToken()
		switch {
		case err != nil:
			return err
		case decoder.StackDepth() > maxDepth:
			return errors.New("nests too deep")
		case decoder.StackDepth() == 0:
			if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
				return errors.New("something follows the value")
			}
			return nil
		}
	}
}

// FuzzForm holds the reader against another one: both accept a body or both refuse it.
func FuzzForm(f *testing.F) {
	for _, body := range []string{
		`{"a":[1,-0,0.5e+7,1E400,true,false,null,"x\"\\\/\b\f\n\r\t\u00e9\ud834\udd1e"],"b":{}}`, `[`, `{`, `"`, `{"a"`, `{"a":`, `[1,`,
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, "\"\xff\"", `"\ud800"`, `"\udc00"`, `"\ud800\u0041"`, `01`, `-`, `1.`, `1e`, `nul`, ` 1 `, `1 2`,
		"\"\x00\"", "\"\x7f\u2028\ufeff\"", `{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"10":0,"\u0031":0}`,
		strings.Repeat("[", 64) + strings.Repeat("]", 64), strings.Repeat("[", 65) + strings.Repeat("]", 65),
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, want := rules(data), strict(data)
		if (len(got) == 0) != (want == nil) {
			t.Errorf("%q: %v, want %v", data, got, want)
		}
	})
}

// FuzzText holds texts against encoding/json.
func FuzzText(f *testing.F) {
	for _, text := range []string{``, `a`, `\n`, `\u00e9`, `\ud834\udd1e`, `é𝄞`, `\"\\\/\b\f\n\r\t`, `\u0000`, `\x`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		body := `"` + text + `"`
		r := newReader([]byte(body))
		got, ok := r.string("rule", "message")
		if violations := r.end(); (violations == nil) != (ok && r.at == len(body)) {
			t.Fatalf("%s: %t, %v", body, ok, violations)
		} else if violations != nil {
			return
		}
		var want string
		if err := json.Unmarshal([]byte(body), &want); err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", body, got, want, err)
		}
	})
}

// FuzzNumber holds numbers against strconv.
func FuzzNumber(f *testing.F) {
	for _, literal := range []string{"0", "-0", "1", "-1", "123456789012345", "1234567890123456", "9223372036854775807", "9223372036854775808",
		"0.5", "1e3", "1E-7", "1e400", "-2147483649", "00", "1.", ".5", "+1", "0x1", "1_0", "Inf"} {
		f.Add(literal)
	}
	f.Fuzz(func(t *testing.T, literal string) {
		r := newReader([]byte(literal))
		x, whole, ok := r.number("type", "")
		if r.end() != nil || !ok {
			return
		}
		want, err := strconv.ParseFloat(strings.Trim(literal, " \t\r\n"), 64)
		if err != nil || x != want || math.Signbit(x) != math.Signbit(want) && want != 0 {
			t.Errorf("%s: %v, want %v (%v)", literal, x, want, err)
		}
		_, err = strconv.ParseInt(strings.Trim(literal, " \t\r\n"), 10, 64)
		if whole != (err == nil) {
			t.Errorf("%s: whole is %t", literal, whole)
		}
	})
}

func TestIntegers(t *testing.T) {
	for literal, want := range map[string]string{
		"2147483647": "", "-2147483648": "", "2147483648": "format", "-2147483649": "format", "1.5": "type", "1e0": "type",
		"1e10": "type format", "null": "type", "1e400": "type",
	} {
		r := newReader([]byte(literal))
		r.int32("type", "", "format", "")
		if got := strings.ReplaceAll(strings.Join(listed(r.end()), ""), " ", " "); strings.TrimSpace(got) != want {
			t.Errorf("int32 %s: %q, want %q", literal, got, want)
		}
	}
	for literal, want := range map[string]string{
		"9223372036854775807": "", "-9223372036854775808": "", "9223372036854775808": "type format", "-9223372036854775809": "type",
		"0.0": "type", `"1"`: "type", "1e30": "type format",
	} {
		r := newReader([]byte(literal))
		n, x, ok := r.int64("type", "", "format", "")
		if got := strings.TrimSpace(strings.Join(listed(r.end()), "")); got != want {
			t.Errorf("int64 %s: %q, want %q", literal, got, want)
		}
		if want == "" && (!ok || fmt.Sprint(n) != literal || x != float64(n)) {
			t.Errorf("int64 %s: %d, %v, %t", literal, n, x, ok)
		}
	}
}

func TestValues(t *testing.T) {
	r := newReader([]byte(` [true, false, 5, null, 2.5, {"a":[1,"x"]}, "2022-11-26T13:41:34Z", 7, "a", 1.0]`))
	r.array("type", "")
	var got []any
	next := func(read func() any) {
		if !r.item() {
			t.Fatal("no more items", r.found)
		}
		got = append(got, read())
	}
	next(func() any { return r.boolean("type", "") })
	next(func() any { return r.boolean("type", "") })
	next(func() any { return r.boolean("boolean", "") })
	next(func() any { return r.null() })
	next(func() any { x, _ := r.float64("type", ""); return x })
	next(func() any { return r.any() })
	next(func() any { var s string; r.convert(&s, "type", "", "format", ""); return s })
	next(func() any { var n int; r.foreign(&n, "type", ""); return n })
	next(func() any { var n int; r.foreign(&n, "foreign", ""); return n })
	next(func() any { x, ok := r.whole("enum", "", "whole", ""); return fmt.Sprint(x, ok) })
	if r.item() {
		t.Error("an item too many")
	}
	want := []any{true, false, false, true, 2.5, map[string]any{"a": []any{1.0, "x"}}, "2022-11-26T13:41:34Z", 7, 0, "0 false"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{" boolean", " foreign", " whole"}, listed(r.end())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAny(t *testing.T) {
	const body = `{"a":[1,"x",null,true],"b":{"c":-0.5}}`
	r := newReader([]byte(body))
	var want any
	if err := json.Unmarshal([]byte(body), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, r.any()); diff != "" || r.end() != nil {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r = newReader([]byte(`{"a":{"b":1,"b":2}}`))
	if got := r.anyValue("type", ""); got != nil {
		t.Errorf("a broken value is %v", got)
	}
	if diff := cmp.Diff([]string{"/a/b json.duplicate"}, listed(r.end())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	r = newReader([]byte("null"))
	if got := r.anyValue("type", ""); got != nil || len(r.end()) != 1 {
		t.Errorf("null is %v", got)
	}
}

// A member is found again among many, whether it is written with escapes or not.
func TestNames(t *testing.T) {
	for _, count := range []int{1, 7, 8, 9, 31, 100, 5000} {
		var b strings.Builder
		for i := range count {
			name := fmt.Sprint("n", i)
			if i%3 == 0 {
				name = strings.Replace(name, "n", `\u006e`, 1)
			}
			fmt.Fprintf(&b, `"%s":0,`, name)
		}
		if got := rules([]byte("{" + b.String() + `"z":0}`)); got != nil {
			t.Errorf("%d members: %v", count, got)
		}
		for _, again := range []int{0, count / 2, count - 1} {
			want := []string{fmt.Sprintf("/n%d json.duplicate", again)}
			for _, format := range []string{`"n%d":0}`, `"\u006e%d":0}`} {
				if diff := cmp.Diff(want, rules([]byte("{"+b.String()+fmt.Sprintf(format, again)))); diff != "" {
					t.Errorf("%d members and %d again (-want +got):\n%s", count, again, diff)
				}
			}
		}
	}
}

// An escaped name is not what it looks like without its escapes.
func TestNamesLookAlike(t *testing.T) {
	for _, body := range []string{`{"\\u0061":0,"a":0}`, `{"a":0,"\\u0061":0}`, `{"\u0061b":0,"a":0}`, `{"a\"":0,"a":0}`} {
		if got := rules([]byte(body)); got != nil {
			t.Errorf("%s: %v", body, got)
		}
	}
}

func TestUniques(t *testing.T) {
	for body, want := range map[string]bool{
		`[1,2]`: false, `[1,1]`: true, `[1,1.0]`: true, `["1",1]`: false, `["a","\u0061"]`: true, `["a" , "a"]`: true, `[null,null]`: true, `["a",`: false,
	} {
		r := newReader([]byte(body))
		var unique uniques
		r.array("type", "")
		for r.item() {
			at := r.at
			r.skip()
			unique.add(&r, at)
		}
		if unique.twice != want {
			t.Errorf("%s: %t", body, unique.twice)
		}
	}
	if !repeats([]int{1, 2, 1}) || repeats([]string{"a", "b"}) {
		t.Error("repeats")
	}
}

func TestMultiple(t *testing.T) {
	for _, test := range []struct {
		x, of float64
		want  bool
	}{{6, 2, true}, {7, 2, false}, {0.3, 0.1, true}, {0, 5, true}, {-4, 2, true}, {1e300, 3, true}, {0.35, 0.1, false}} {
		if got := multiple(test.x, test.of); got != test.want {
			t.Errorf("%v of %v: %t", test.x, test.of, got)
		}
	}
}

func TestText(t *testing.T) {
	var f findings
	if !f.text("é") || f.text("\xff") || len(f.result()) != 1 {
		t.Errorf("got %v", f.result())
	}
}

// Escapes are measured without looking beyond their end.
func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		`\`: "0 false", `\n`: "2 true", `\u`: "0 false", `\u12`: "0 false", `\u0041`: "6 true", `\ud834\udd1e`: "12 true", `\ud834`: "6 false",
		`\ud834\n`: "6 false", `\ud834\u12`: "6 false", `\udd1e`: "6 false", `\uD834\uDD1E`: "12 true", `\u00g0`: "0 false",
	} {
		size, valid := escape(text)
		if got := fmt.Sprint(size, valid); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for c := range rune(0x3000) {
		if utf8.ValidRune(c) {
			if got := string(unescape(nil, fmt.Sprintf(`\u%04x`, c))); got != string(c) {
				t.Errorf("%q became %q", c, got)
			}
		}
	}
}

// Times are those of RFC 3339, all of them and no others.
func TestReadTime(t *testing.T) {
	for text, want := range map[string]string{
		"2026-01-02T03:04:05Z": "2026-01-02T03:04:05Z", "2026-01-02t03:04:05z": "2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456789+23:59": "2026-01-01T03:05:05.123456789Z",
		"1998-12-31T23:59:60Z": "1999-01-01T00:00:00Z", "1998-12-31T15:59:60.5-08:00": "1999-01-01T00:00:00.5Z", "2016-12-31T23:59:60z": "2017-01-01T00:00:00Z",
		"1998-12-30T23:59:60Z": "", "1998-12-31T22:59:60Z": "", "1998-12-31T23:58:60Z": "", "1998-12-31T23:59:61Z": "", "1998-12-31T23:59:60+01:00": "",
		"2026-01-02T03:04:05+10:60": "", "2026-01-02T03:04:05+24:00": "", "2026-01-02T03:04:05+1000": "", "2026-01-02T03:04:05+10": "", "2026-01-02 03:04:05Z": "",
		"2026-01-02T03:04:05": "", "2026-01-02T03:04Z": "", "2026-01-02": "", "": "", "2026-02-30T03:04:05Z": "", "2026-01-02T24:00:00Z": "", "2026-01-02T03:04:05,5Z": "",
		"2026-01-02T03:04:05.Z": "", "26-01-02T03:04:05Z": "", "2026-1-02T03:04:05Z": "", "2026-01-02T3:04:05Z": "", "２026-01-02T03:04:05Z": "", "2026-01-02T03:04:05-00:00": "2026-01-02T03:04:05Z",
	} {
		var at time.Time
		got := ""
		if readTime(text, &at) {
			got = at.UTC().Format(time.RFC3339Nano)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
