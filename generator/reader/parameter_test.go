package reader

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestQuery(t *testing.T) {
	var f findings
	q := f.readQuery("a=1&b=x+y%26&a=2&list=p,q%2Cr&%61=3&empty&&pipes=a|b%7cc%7Cd")
	if len(f.found) > 0 {
		t.Fatal(f.found)
	}
	for name, want := range map[string]string{"a": "1 3", "b": "x y& 1", "empty": " 1", "none": " 0"} {
		text, n := q.text(name)
		if got := fmt.Sprint(text, " ", n); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	for _, test := range []struct {
		name       string
		separators []string
		want       []string
	}{
		{"a", nil, []string{"1", "2", "3"}}, {"list", nil, []string{"p,q,r"}}, {"list", []string{","}, []string{"p", "q,r"}},
		{"pipes", []string{"|", "%7C", "%7c"}, []string{"a", "b", "c", "d"}}, {"none", []string{","}, nil}, {"empty", []string{","}, []string{""}},
	} {
		if diff := cmp.Diff(test.want, q.list(test.name, test.separators...)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	for _, raw := range []string{"a=%zz", "%=1", "a=%4"} {
		var f findings
		if f.readQuery(raw); len(f.found) != 1 || f.found[0].Rule != RuleQuery {
			t.Errorf("%s: %v", raw, f.found)
		}
	}
}

func TestHeader(t *testing.T) {
	header := http.Header{"A": {"x, y", "\tz "}, "B": {"1"}}
	if text, n := headerText(header, "B"); text != "1" || n != 1 {
		t.Errorf("got %s, %d", text, n)
	}
	if _, n := headerText(header, "A"); n != 2 {
		t.Errorf("got %d", n)
	}
	if diff := cmp.Diff([]string{"x", "y", "z"}, headerList(header, "A")); diff != "" || headerList(header, "C") != nil {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What a parameter is, is written as in JSON.
func TestTexts(t *testing.T) {
	for text, want := range map[string]string{
		"5": "5", "-7": "-7", "0": "0", "+5": "type", "05": "type", "1.0": "type", "1e2": "type", "": "type", " 1": "type", "1 ": "type", "x": "type", "-": "type",
		"2147483648": "2147483647 format", "-99999999999999999999": "-2147483648 format", "true": "type",
	} {
		var f findings
		n, ok := f.integerIn(text, 32, "type", "", "format", "")
		got := strings.Trim(strings.Join(listed(f.result()), ""), " ")
		if ok {
			got = strings.TrimSpace(fmt.Sprint(n, " ", got))
		}
		if got != want {
			t.Errorf("integer %q: %s, want %s", text, got, want)
		}
	}
	for text, want := range map[string]bool{"0.5": true, "-1e3": true, "7": true, ".5": false, "1.": false, "NaN": false, "Inf": false, "1e999": false, "0x1": false, "1_0": false} {
		var f findings
		if _, ok := f.numberIn(text, "type", ""); ok != want || ok != (len(f.found) == 0) {
			t.Errorf("number %q: %t", text, ok)
		}
	}
	for text, want := range map[string]string{"true": "true 0", "false": "false 0", "1": "false 1", "": "false 1", "True": "false 1"} {
		var f findings
		if got := fmt.Sprint(f.booleanIn(text, "type", ""), " ", len(f.found)); got != want {
			t.Errorf("boolean %q: %s, want %s", text, got, want)
		}
	}
}

// The violations of the body follow those of the parameters, no more of all than are listed.
func TestWithBody(t *testing.T) {
	one := Violations{{"query/a", "r", "a"}}
	decode := func(count int) func([]byte) (any, Violations) {
		return func([]byte) (any, Violations) { return nil, make(Violations, count) }
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("{}"))
	for count, want := range map[int]int{0: 1, 3: 4, MaxViolations - 1: MaxViolations, MaxViolations: MaxViolations + 1} {
		got := withBody(httptest.NewRecorder(), request, one, decode(count))
		if len(got) != want || got[0] != one[0] || (got[len(got)-1].Rule == RuleMore) != (want > MaxViolations) {
			t.Errorf("%d: %d violations, want %d", count, len(got), want)
		}
	}
	request = httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", iotest.ErrReader(errors.New("gone")))
	if got := withBody(httptest.NewRecorder(), request, one, decode(1)); len(got) != 1 {
		t.Errorf("a body that cannot be read: %v", got)
	}
}
