package reader

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFindings(t *testing.T) {
	var f findings
	f.add("a", "first")
	mark := len(f.found)
	f.addAt("/x", "b", "second")
	f.insert(mark, "c", "before the second")
	mark = f.within(mark, "m/n")
	f.add("d", "an item")
	f.withinItem(mark, 7)
	f.close("e", "the end")
	f.add("f", "too late")
	f.insert(0, "g", "too late")
	want := "first\n/m~1n: before the second\n/m~1n/x: second\n/7: an item\nthe end"
	if diff := cmp.Diff(want, f.result().Error()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// No more violations are kept than are listed, and the first places are those of the first.
func TestMore(t *testing.T) {
	var f findings
	for i := range MaxViolations + 5 {
		f.add(fmt.Sprint(i), "")
	}
	f.insert(0, "list", "")
	f.insert(MaxViolations, "behind", "")
	got := f.result()
	if len(got) != MaxViolations+1 || got[0].Rule != "list" || got[1].Rule != "0" || got[MaxViolations].Message != "7 more violations are not listed" {
		t.Errorf("%d, %v, %v, %v", len(got), got[0], got[1], got[len(got)-1])
	}
}

func TestPrefix(t *testing.T) {
	long := strings.Repeat("n", 1000)
	for name, test := range map[string]struct {
		names []string // from the inside
		want  string
	}{
		"short":         {[]string{"c", "b", "a"}, "/a/b/c"},
		"too long":      {[]string{"c", long, long}, "/" + long},
		"longer inside": {[]string{long + long, "b", "a"}, "/a/b"},
	} {
		var f findings
		f.add("", "")
		for _, name := range test.names {
			f.within(0, name)
		}
		if got := f.found[0].Pointer; got != test.want {
			t.Errorf("%s: %.50s", name, got)
		}
	}
}

// A rule over several members is judged only where what it reads is as its schema asks.
func TestSpoiled(t *testing.T) {
	for _, test := range []struct {
		pointer string
		reads   []string
		want    bool
	}{
		{"", []string{"/a"}, true},
		{"/a", []string{"/a"}, true},
		{"/a", []string{"/b", "/a/c"}, true},
		{"/a/c", []string{"/a"}, false},
		{"/a", []string{"/ab"}, false},
		{"/list/3", []string{"/list/*"}, true},
		{"/list/3/x", []string{"/list/*"}, false},
		{"/list/3/x", []string{"/list/*/x"}, true},
		{"/list/3/x", []string{"/list/*/y"}, false},
		{"/a", nil, false},
	} {
		f := findings{found: []Violation{{Pointer: test.pointer, Rule: "keyword"}}}
		if got := f.spoiled(0, test.reads...); got != test.want {
			t.Errorf("%s spoils %v: %t", test.pointer, test.reads, got)
		}
		if f.spoiled(1, test.reads...) {
			t.Error("what was found before spoils")
		}
		f.found[0].Rule = "several" // see isCrossField
		if f.spoiled(0, test.reads...) {
			t.Error("a rule over several members spoils another")
		}
	}
}

// Rules over several members inside a value that breaks a rule itself are dropped.
func TestSettle(t *testing.T) {
	for pointer, want := range map[string]string{"": "list", "/0": "listseveral"} {
		f := findings{found: []Violation{{Rule: "several"}, {Pointer: pointer, Rule: "list"}, {Pointer: "/0/a", Rule: "several"}}}
		f.settle(1)
		got := ""
		for _, v := range f.found[1:] {
			got += v.Rule
		}
		if got != want || f.found[0].Rule != "several" {
			t.Errorf("%q: %s, want %s", pointer, got, want)
		}
	}
}
