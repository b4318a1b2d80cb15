package report_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// filled is a report of two cases in which every text is s, every list has two
// items, and every number is 1.
func filled(s string) *report.Report {
	r := &report.Report{}
	fill(reflect.ValueOf(r).Elem(), s)
	r.Environment = map[string]any{s: []any{s, 1.5}}
	r.Started = time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC)
	for i := range r.Results {
		r.Results[i].Case = fmt.Sprintf("%d/%s", i, s)
	}
	return r
}

func fill(v reflect.Value, s string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint64:
		v.SetUint(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), s)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), s)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), s)
			}
		}
	}
}

// readsBack writes a report as JSON, reads it, and renders what was read in every
// format: it says what the report says.
func readsBack(t testing.TB, r *report.Report) {
	t.Helper()
	text := render(t, report.WriteJSON, r)
	found, err := report.ReadJSON([]byte(text))
	if err != nil {
		t.Fatalf("%q: %v", r.Results[0].Title, err)
	}
	if again := render(t, report.WriteJSON, found); again != text {
		t.Error("it is written in another way when it was read")
	}
	if found.Verdict() != r.Verdict() || found.Summary() != r.Summary() {
		t.Errorf("%s, want %s", found.Summary(), r.Summary())
	}
	for name, write := range formats {
		if render(t, write, found) == "" {
			t.Errorf("%s: nothing", name)
		}
	}
	write(t, found, report.TextOptions{})
	render(t, report.WriteHTML, found)
}

// texts are those that JSON has not, or has in more than one way.
var texts = []string{
	"", "a", "caf\xe9", "\xff\xfe\x00", "a\xffb\xed\xa0\x80\uffff", "\u2028\u2029", "\x00\x1f\x7f\u0085", "\ufffd", `\ufffd`, "\\\xe9", `"\u00e9"`,
	"<&>'", nasty, "\xe2\x82", "\xf0\x9f\x98", "/body/\xc3/*", "must",
}

// TestReadsBack reads back whatever is written.
func TestReadsBack(t *testing.T) {
	for _, s := range texts {
		readsBack(t, filled(s))
	}
	readsBack(t, full())
	readsBack(t, many())

	typed := full()
	typed.Environment = struct {
		Z, A string
		N    int
	}{"z\xe9", "a", 1 << 60}
	readsBack(t, typed)
}

// FuzzReadsBack looks for a report that is written and not read.
func FuzzReadsBack(f *testing.F) {
	for _, s := range texts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { readsBack(t, filled(s)) })
}
