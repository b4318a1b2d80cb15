package match_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vpnconform/vpnconform/conformance/match"
)

func never(string) bool { return false }

// TestMutants makes every wrong answer out of the documented ones, and wants
// exactly its differences.
func TestMutants(t *testing.T) {
	for name, right := range answers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := mutants(right)
			if len(all) < 900 {
				t.Errorf("%d mutants, want 900: the test makes too few", len(all))
			}
			for _, m := range all {
				c := match.Compare(right, m.body, never)
				if diff := cmp.Diff(m.want, c.Differences); diff != "" {
					t.Errorf("%s (-want +got):\n%s", m.name, diff)
				}
				checkLeaves(t, m.name, m.body, c)
				if len(c.Chosen) > 0 {
					t.Errorf("%s: chosen are %q, want none", m.name, c.Chosen)
				}
			}
		})
	}
}

// checkLeaves holds the three lists against the leaves of an answer: each is in
// one of them, and in Beyond are those below an unexpected member.
func checkLeaves(t *testing.T, name string, got any, c match.Comparison) {
	t.Helper()
	all := slices.Concat(c.ByValue, c.Chosen, c.Beyond)
	slices.Sort(all)
	want := leaves(got)
	if !slices.Equal(all, want) {
		t.Errorf("%s: leaves that were looked at (-want +got):\n%s", name, cmp.Diff(want, all))
	}
	var beyond []string
	for _, leaf := range want {
		if slices.ContainsFunc(c.Differences, func(d match.Difference) bool {
			return d.Kind == match.Unexpected && within(leaf, d.Pointer)
		}) {
			beyond = append(beyond, leaf)
		}
	}
	if diff := cmp.Diff(beyond, slices.Sorted(slices.Values(c.Beyond)), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: leaves beyond (-want +got):\n%s", name, diff)
	}
}

// within tells whether a pointer leads to a place or to something inside it.
func within(pointer, place string) bool {
	return strings.HasPrefix(pointer+"/", place+"/")
}

// TestChosenMutants lets the target choose one value after the other, and
// wants that only its absence is found.
func TestChosenMutants(t *testing.T) {
	for name, right := range answers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := mutants(right)
			for _, p := range places(right) {
				at := pointerTo(p.path)
				for _, m := range all {
					if !within(m.at, at) {
						continue
					}
					var want []match.Difference
					if m.at == at && m.gone {
						want = m.want
					}
					c := match.Compare(right, m.body, func(pointer string) bool { return pointer == at })
					if diff := cmp.Diff(want, c.Differences); diff != "" {
						t.Errorf("%s is chosen, %s (-want +got):\n%s", at, m.name, diff)
					}
					checkLeaves(t, m.name, m.body, c)
					if outside := slices.DeleteFunc(slices.Clone(c.Chosen), func(leaf string) bool { return within(leaf, at) }); len(outside) > 0 {
						t.Errorf("%s is chosen, %s: so are %q", at, m.name, outside)
					}
				}
			}
		})
	}
}

// TestRightAnswers shows that the documented answers equal themselves, and none
// equals another one.
func TestRightAnswers(t *testing.T) {
	all := answers(t)
	for name, want := range all {
		for other, got := range all {
			c := match.Compare(want, got, never)
			if equal := len(c.Differences) == 0; equal != (name == other) {
				t.Errorf("%s and %s: equal is %v", name, other, equal)
			}
			checkLeaves(t, name+" and "+other, got, c)
		}
	}
}

// TestCompare writes a comparison out as lines: first the differences, then
// the leaves that were compared by value (=), chosen (?) and not expected (+).
func TestCompare(t *testing.T) {
	for _, row := range []struct {
		name, want, got string
		chosen          []string
		lines           []string
	}{
		{"null", `null`, `null`, nil, []string{"= "}},
		{"null instead of an object", `{"a": 1}`, `null`, nil, []string{"changed  map[a:1] <nil>", "= "}},
		{"object instead of null", `null`, `{"a": 1}`, nil, []string{"changed  <nil> map[a:1]", "= /a"}},
		{"null and absent", `{"a": null}`, `{}`, nil, []string{"missing /a <nil> <nil>", "= "}},
		{"absent and null", `{}`, `{"a": null}`, nil, []string{"unexpected /a <nil> <nil>", "+ /a"}},
		{"empty object", `{}`, `{}`, nil, []string{"= "}},
		{"empty array", `[]`, `[]`, nil, []string{"= "}},
		{"empty object and array", `{"a": {}}`, `{"a": []}`, nil, []string{"changed /a map[] []", "= /a"}},
		{"empty containers inside", `{"a": {}, "b": []}`, `{"a": {}, "b": []}`, nil, []string{"= /a", "= /b"}},
		{"every member another", `{"a": 1, "b": 2, "c": 3}`, `{"a": 4, "b": 5, "c": 6}`, nil, []string{
			"changed /a 1 4", "changed /b 2 5", "changed /c 3 6", "= /a", "= /b", "= /c",
		}},
		{"every member renamed", `{"a": 1, "b": 2}`, `{"A": 1, "B": 2}`, nil, []string{
			"unexpected /A <nil> 1", "unexpected /B <nil> 2", "missing /a 1 <nil>", "missing /b 2 <nil>", "+ /A", "+ /B",
		}},

		{"1 and 1.0", `1`, `1.0`, nil, []string{"changed  1 1.0", "= "}},
		{"1 and 1e0", `1`, `1e0`, nil, []string{"changed  1 1e0", "= "}},
		{"1e0 and 1E0", `1e0`, `1E0`, nil, []string{"changed  1e0 1E0", "= "}},
		{"0 and -0", `0`, `-0`, nil, []string{"changed  0 -0", "= "}},
		{"1 and its text", `1`, `"1"`, nil, []string{"changed  1 1", "= "}},
		{"beyond the precision of float64", `9007199254740992`, `9007199254740993`, nil, []string{"changed  9007199254740992 9007199254740993", "= "}},
		{"escaped or not", `"\u0061/"`, `"a\/"`, nil, []string{"= "}},
		{"composed or not", `"\u00e9"`, `"e\u0301"`, nil, []string{"changed  \u00e9 e\u0301", "= "}},

		{"two items swapped", `["a", "b"]`, `["b", "a"]`, nil, []string{"changed /0 a b", "changed /1 b a", "= /0", "= /1"}},
		{"three items reversed", `["a", "b", "c"]`, `["c", "b", "a"]`, nil, []string{"changed /0 a c", "changed /2 c a", "= /0", "= /1", "= /2"}},
		{"first item dropped", `["a", "b"]`, `["b"]`, nil, []string{"changed /0 a b", "missing /1 b <nil>", "= /0"}},
		{"last item dropped", `["a", "b"]`, `["a"]`, nil, []string{"missing /1 b <nil>", "= /0"}},
		{"only item dropped", `["a"]`, `[]`, nil, []string{"missing /0 a <nil>", "= "}},
		{"one of two equal items dropped", `[1, 1]`, `[1]`, nil, []string{"missing /1 1 <nil>", "= /0"}},
		{"first item added", `["a"]`, `["b", "a"]`, nil, []string{"changed /0 a b", "unexpected /1 <nil> a", "= /0", "+ /1"}},
		{"item repeated", `["a"]`, `["a", "a"]`, nil, []string{"unexpected /1 <nil> a", "= /0", "+ /1"}},
		{"items of an empty array", `[]`, `["a", {}]`, nil, []string{"unexpected /0 <nil> a", "unexpected /1 <nil> map[]", "+ /0", "+ /1"}},
		{"item wrapped", `["a"]`, `[["a"]]`, nil, []string{"changed /0 a [a]", "= /0/0"}},
		{"objects swapped", `[{"a": 1}, {"b": 2}]`, `[{"b": 2}, {"a": 1}]`, nil, []string{
			"missing /0/a 1 <nil>", "unexpected /0/b <nil> 2", "unexpected /1/a <nil> 1", "missing /1/b 2 <nil>", "+ /0/b", "+ /1/a",
		}},
		{"array and object of indexes", `["a"]`, `{"0": "a"}`, nil, []string{"changed  [a] map[0:a]", "= /0"}},

		{"names with ~ and /", `{"~": 1, "/": 2, "~1": 3, "": 4}`, `{"~": 5, "/": 6, "~1": 7, "": 8}`, nil, []string{
			"changed / 4 8", "changed /~0 1 5", "changed /~01 3 7", "changed /~1 2 6", "= /", "= /~0", "= /~01", "= /~1",
		}},
		{"nested names with ~ and /", `{"a/b": {"c~d": [1]}}`, `{"a/b": {"c~d": [2]}}`, nil, []string{"changed /a~1b/c~0d/0 1 2", "= /a~1b/c~0d/0"}},
		{"order of members", `{}`, `{"b": 0, "a": 0, "10": 0, "9": 0, "1a": 0, "01": 0, "1": 0, "-1": 0, "a/b": 0, "99999999999999999999": 0}`, nil, []string{
			"unexpected /-1 <nil> 0", "unexpected /01 <nil> 0", "unexpected /1 <nil> 0", "unexpected /9 <nil> 0", "unexpected /10 <nil> 0",
			"unexpected /1a <nil> 0", "unexpected /99999999999999999999 <nil> 0", "unexpected /a <nil> 0", "unexpected /a~1b <nil> 0", "unexpected /b <nil> 0",
			"+ /-1", "+ /01", "+ /1", "+ /9", "+ /10", "+ /1a", "+ /99999999999999999999", "+ /a", "+ /a~1b", "+ /b",
		}},

		// A chosen member is present if it is null; the schema judges that.
		{"chosen: another value", `{"a": 1}`, `{"a": 2}`, []string{"/a"}, []string{"? /a"}},
		{"chosen: null", `{"a": 1}`, `{"a": null}`, []string{"/a"}, []string{"? /a"}},
		{"chosen: null wanted", `{"a": null}`, `{"a": 1}`, []string{"/a"}, []string{"? /a"}},
		{"chosen: another type", `{"a": 1}`, `{"a": {"b": [], "c": [2]}}`, []string{"/a"}, []string{"? /a/b", "? /a/c/0"}},
		{"chosen: absent", `{"a": 1}`, `{}`, []string{"/a"}, []string{"missing /a 1 <nil>", "= "}},
		{"chosen: not expected", `{}`, `{"a": 1}`, []string{"/a"}, []string{"unexpected /a <nil> 1", "+ /a"}},
		{"chosen: on neither side", `{}`, `{}`, []string{"/a"}, []string{"= "}},
		{"chosen: members of a chosen object", `{"a": {"b": 1}}`, `{"a": {"c": 2}}`, []string{"/a"}, []string{"? /a/c"}},
		{"chosen: emptied", `{"a": {"b": 1}}`, `{"a": {}}`, []string{"/a"}, []string{"? /a"}},
		{"chosen: a member of a changed parent", `{"a": {"b": 1}}`, `{"a": 1}`, []string{"/a/b"}, []string{"changed /a map[b:1] 1", "= /a"}},
		{"chosen: an item", `["a", "b"]`, `["x", "y"]`, []string{"/1"}, []string{"changed /0 a x", "= /0", "? /1"}},
		{"chosen: the whole", `{"a": 1}`, `[2, {}]`, []string{""}, []string{"? /0", "? /1"}},
		{"chosen: names with ~ and /", `{"~/": 1}`, `{"~/": 2}`, []string{"/~0~1"}, []string{"? /~0~1"}},
		{"chosen: nothing inside it but itself", `{"a": {"b": 1}}`, `{"a": {"b": 2}}`, []string{"/a/b/c"}, []string{"changed /a/b 1 2", "= /a/b"}},
	} {
		c := match.Compare(decode(t, row.want), decode(t, row.got), func(pointer string) bool { return slices.Contains(row.chosen, pointer) })
		if diff := cmp.Diff(row.lines, lines(c)); diff != "" {
			t.Errorf("%s: %s and %s (-want +got):\n%s", row.name, row.want, row.got, diff)
		}
		checkLeaves(t, row.name, decode(t, row.got), c)
	}
}

func lines(c match.Comparison) []string {
	var out []string
	for _, d := range c.Differences {
		out = append(out, fmt.Sprintf("%s %s %v %v", d.Kind, d.Pointer, d.Want, d.Got))
	}
	for _, list := range []struct {
		mark   string
		leaves []string
	}{{"= ", c.ByValue}, {"? ", c.Chosen}, {"+ ", c.Beyond}} {
		for _, leaf := range list.leaves {
			out = append(out, list.mark+leaf)
		}
	}
	return out
}

// TestCompareChangesNothing shows that the two values are left as they were.
func TestCompareChangesNothing(t *testing.T) {
	for name, right := range answers(t) {
		want, got := answers(t)[name], edited(right, []any{"vpn_connection", "peer_subnets"}, func(any) any { return []any{"b", "a"} })
		before, after := fmt.Sprint(want, got), ""
		match.Compare(want, got, func(pointer string) bool { return strings.HasSuffix(pointer, "_id") })
		if after = fmt.Sprint(want, got); before != after {
			t.Errorf("%s:\nbefore %s\nafter  %s", name, before, after)
		}
	}
}

func TestLeaves(t *testing.T) {
	for text, want := range map[string][]string{
		`null`:                            {""},
		`"text"`:                          {""},
		`{}`:                              {""},
		`[]`:                              {""},
		`[[], {}, [1, [2]]]`:              {"/0", "/1", "/2/0", "/2/1/0"},
		`{"b": 1, "a": {"~/": null}}`:     {"/a/~0~1", "/b"},
		`{"": {"": ""}}`:                  {"//"},
		`[0,1,2,3,4,5,6,7,8,9,10]`:        {"/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8", "/9", "/10"},
		`{"10": 0, "9": 0, "1a": 0}`:      {"/9", "/10", "/1a"},
		`{"a": [1], "a ": 1, "a.b": [1]}`: {"/a/0", "/a ", "/a.b/0"},
	} {
		if diff := cmp.Diff(want, match.Leaves(decode(t, text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for name, answer := range answers(t) {
		if diff := cmp.Diff(leaves(answer), slices.Sorted(slices.Values(match.Leaves(answer)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestEscape(t *testing.T) {
	for name, want := range map[string]string{"": "", "a": "a", "~": "~0", "/": "~1", "~1": "~01", "~0/": "~00~1", "é%": "é%"} {
		if got := match.Escape(name); got != want {
			t.Errorf("Escape(%q) = %q, want %q", name, got, want)
		}
	}
}

// FuzzCompare compares two values with themselves, with each other in both
// directions, and the first with a mutant of its own.
func FuzzCompare(f *testing.F) {
	f.Add(`{"a": [1, {"b": null}], "~/": {}}`, `{"a": [{"b": null}, 1], "~/": []}`, 3)
	f.Add(`[1, 1]`, `[1]`, 0)
	f.Add(`null`, `{}`, 0)
	f.Add(`{"9": 1, "10": 1, "1a": 1}`, `{"09": 1}`, 1)
	f.Add(`[[["a"]], [["a"]]]`, `[[["b"]]]`, 2)
	f.Fuzz(func(t *testing.T, a, b string, which int) {
		x, err := match.Decode([]byte(a))
		if err != nil || depth(x) > 50 { // time grows with the square of the depth
			t.Skip()
		}
		all := match.Leaves(x)
		if c := match.Compare(x, x, never); len(c.Differences) > 0 || !slices.Equal(c.ByValue, all) || len(c.Chosen)+len(c.Beyond) > 0 {
			t.Errorf("x and x: %+v, want all leaves by value: %q", c, all)
		}
		inside := places(x)
		p := inside[int(uint(which)%uint(len(inside)))]
		at, other := pointerTo(p.path), any([]any{p.value})
		if _, isArray := p.value.([]any); isArray {
			other = map[string]any{"a": p.value}
		}
		y := edited(x, p.path, func(any) any { return other })
		want := []match.Difference{{Pointer: at, Kind: match.Changed, Want: p.value, Got: other}}
		if c := match.Compare(x, y, never); !reflect.DeepEqual(c.Differences, want) {
			t.Errorf("%s wrapped: %+v, want %+v", at, c.Differences, want)
		}
		if c := match.Compare(x, y, func(pointer string) bool { return pointer == at }); len(c.Differences) > 0 {
			t.Errorf("%s wrapped and chosen: %+v, want none", at, c.Differences)
		}
		if y, err = match.Decode([]byte(b)); err == nil && depth(y) <= 50 {
			mirrored(t, x, y)
		}
	})
}

// mirrored compares two values in both directions.
func mirrored(t *testing.T, x, y any) {
	there, back := match.Compare(x, y, never), match.Compare(y, x, never)
	checkLeaves(t, "x and y", y, there)
	checkLeaves(t, "y and x", x, back)
	if equal := reflect.DeepEqual(x, y); equal != (len(there.Differences) == 0) {
		t.Errorf("equal is %v, differences are %+v", equal, there.Differences)
	}
	for i, d := range back.Differences {
		d.Want, d.Got = d.Got, d.Want
		d.Kind = map[match.Kind]match.Kind{match.Missing: match.Unexpected, match.Unexpected: match.Missing, match.Changed: match.Changed}[d.Kind]
		back.Differences[i] = d
	}
	if !reflect.DeepEqual(there.Differences, back.Differences) {
		t.Errorf("there %+v, back %+v", there.Differences, back.Differences)
	}
}

func depth(value any) int {
	deepest := 0
	for _, p := range places(value) {
		deepest = max(deepest, len(p.path))
	}
	return deepest
}

func BenchmarkCompare(b *testing.B) {
	for name, answer := range answers(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				match.Compare(answer, answer, never)
			}
		})
	}
}
