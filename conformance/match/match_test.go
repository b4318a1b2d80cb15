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
			return d.Kind == match.Unexpected && placeOf(leaf, d.Pointer)
		}) {
			beyond = append(beyond, leaf)
		}
	}
	if diff := cmp.Diff(beyond, slices.Sorted(slices.Values(c.Beyond)), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s: leaves beyond (-want +got):\n%s", name, diff)
	}
}

// placeOf tells whether a pointer leads to a place or to something inside it.
func placeOf(pointer, place string) bool {
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
					if !placeOf(m.at, at) {
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
					if outside := slices.DeleteFunc(slices.Clone(c.Chosen), func(leaf string) bool { return placeOf(leaf, at) }); len(outside) > 0 {
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
		{name: "null", want: `null`, got: `null`, lines: []string{"= "}},
		{name: "null instead of an object", want: `{"a": 1}`, got: `null`, lines: []string{"changed  map[a:1] <nil>", "= "}},
		{name: "object instead of null", want: `null`, got: `{"a": 1}`, lines: []string{"changed  <nil> map[a:1]", "= /a"}},
		{name: "null and absent", want: `{"a": null}`, got: `{}`, lines: []string{"missing /a <nil> <nil>", "= "}},
		{name: "absent and null", want: `{}`, got: `{"a": null}`, lines: []string{"unexpected /a <nil> <nil>", "+ /a"}},
		{name: "empty object", want: `{}`, got: `{}`, lines: []string{"= "}},
		{name: "empty array", want: `[]`, got: `[]`, lines: []string{"= "}},
		{name: "empty object and array", want: `{"a": {}}`, got: `{"a": []}`, lines: []string{"changed /a map[] []", "= /a"}},
		{name: "empty containers inside", want: `{"a": {}, "b": []}`, got: `{"a": {}, "b": []}`, lines: []string{"= /a", "= /b"}},
		{name: "every member another", want: `{"a": 1, "b": 2, "c": 3}`, got: `{"a": 4, "b": 5, "c": 6}`, lines: []string{
			"changed /a 1 4", "changed /b 2 5", "changed /c 3 6", "= /a", "= /b", "= /c",
		}},
		{name: "every member renamed", want: `{"a": 1, "b": 2}`, got: `{"A": 1, "B": 2}`, lines: []string{
			"unexpected /A <nil> 1", "unexpected /B <nil> 2", "missing /a 1 <nil>", "missing /b 2 <nil>", "+ /A", "+ /B",
		}},

		{name: "1 and 1.0", want: `1`, got: `1.0`, lines: []string{"changed  1 1.0", "= "}},
		{name: "1 and 1e0", want: `1`, got: `1e0`, lines: []string{"changed  1 1e0", "= "}},
		{name: "1e0 and 1E0", want: `1e0`, got: `1E0`, lines: []string{"changed  1e0 1E0", "= "}},
		{name: "0 and -0", want: `0`, got: `-0`, lines: []string{"changed  0 -0", "= "}},
		{name: "1 and its text", want: `1`, got: `"1"`, lines: []string{"changed  1 1", "= "}},
		{name: "beyond the precision of float64", want: `9007199254740992`, got: `9007199254740993`, lines: []string{"changed  9007199254740992 9007199254740993", "= "}},
		{name: "escaped or not", want: `"\u0061/"`, got: `"a\/"`, lines: []string{"= "}},
		{name: "composed or not", want: `"\u00e9"`, got: `"e\u0301"`, lines: []string{"changed  \u00e9 e\u0301", "= "}},

		{name: "two items swapped", want: `["a", "b"]`, got: `["b", "a"]`, lines: []string{"changed /0 a b", "changed /1 b a", "= /0", "= /1"}},
		{name: "three items reversed", want: `["a", "b", "c"]`, got: `["c", "b", "a"]`, lines: []string{"changed /0 a c", "changed /2 c a", "= /0", "= /1", "= /2"}},
		{name: "first item dropped", want: `["a", "b"]`, got: `["b"]`, lines: []string{"changed /0 a b", "missing /1 b <nil>", "= /0"}},
		{name: "last item dropped", want: `["a", "b"]`, got: `["a"]`, lines: []string{"missing /1 b <nil>", "= /0"}},
		{name: "only item dropped", want: `["a"]`, got: `[]`, lines: []string{"missing /0 a <nil>", "= "}},
		{name: "one of two equal items dropped", want: `[1, 1]`, got: `[1]`, lines: []string{"missing /1 1 <nil>", "= /0"}},
		{name: "first item added", want: `["a"]`, got: `["b", "a"]`, lines: []string{"changed /0 a b", "unexpected /1 <nil> a", "= /0", "+ /1"}},
		{name: "item repeated", want: `["a"]`, got: `["a", "a"]`, lines: []string{"unexpected /1 <nil> a", "= /0", "+ /1"}},
		{name: "items of an empty array", want: `[]`, got: `["a", {}]`, lines: []string{"unexpected /0 <nil> a", "unexpected /1 <nil> map[]", "+ /0", "+ /1"}},
		{name: "item wrapped", want: `["a"]`, got: `[["a"]]`, lines: []string{"changed /0 a [a]", "= /0/0"}},
		{name: "objects swapped", want: `[{"a": 1}, {"b": 2}]`, got: `[{"b": 2}, {"a": 1}]`, lines: []string{
			"missing /0/a 1 <nil>", "unexpected /0/b <nil> 2", "unexpected /1/a <nil> 1", "missing /1/b 2 <nil>", "+ /0/b", "+ /1/a",
		}},
		{name: "array and object of indexes", want: `["a"]`, got: `{"0": "a"}`, lines: []string{"changed  [a] map[0:a]", "= /0"}},

		{name: "names with ~ and /", want: `{"~": 1, "/": 2, "~1": 3, "": 4}`, got: `{"~": 5, "/": 6, "~1": 7, "": 8}`, lines: []string{
			"changed / 4 8", "changed /~0 1 5", "changed /~01 3 7", "changed /~1 2 6", "= /", "= /~0", "= /~01", "= /~1",
		}},
		{name: "nested names with ~ and /", want: `{"a/b": {"c~d": [1]}}`, got: `{"a/b": {"c~d": [2]}}`, lines: []string{"changed /a~1b/c~0d/0 1 2", "= /a~1b/c~0d/0"}},
		{name: "order of members", want: `{}`, got: `{"b": 0, "a": 0, "10": 0, "9": 0, "1a": 0, "01": 0, "1": 0, "-1": 0, "a/b": 0, "99999999999999999999": 0}`, lines: []string{
			"unexpected /-1 <nil> 0", "unexpected /01 <nil> 0", "unexpected /1 <nil> 0", "unexpected /9 <nil> 0", "unexpected /10 <nil> 0",
			"unexpected /1a <nil> 0", "unexpected /99999999999999999999 <nil> 0", "unexpected /a <nil> 0", "unexpected /a~1b <nil> 0", "unexpected /b <nil> 0",
			"+ /-1", "+ /01", "+ /1", "+ /9", "+ /10", "+ /1a", "+ /99999999999999999999", "+ /a", "+ /a~1b", "+ /b",
		}},

		// A chosen member is present if it is null; the schema judges that.
		{name: "chosen: another value", want: `{"a": 1}`, got: `{"a": 2}`, chosen: []string{"/a"}, lines: []string{"? /a"}},
		{name: "chosen: null", want: `{"a": 1}`, got: `{"a": null}`, chosen: []string{"/a"}, lines: []string{"? /a"}},
		{name: "chosen: null wanted", want: `{"a": null}`, got: `{"a": 1}`, chosen: []string{"/a"}, lines: []string{"? /a"}},
		{name: "chosen: another type", want: `{"a": 1}`, got: `{"a": {"b": [], "c": [2]}}`, chosen: []string{"/a"}, lines: []string{"? /a/b", "? /a/c/0"}},
		{name: "chosen: absent", want: `{"a": 1}`, got: `{}`, chosen: []string{"/a"}, lines: []string{"missing /a 1 <nil>", "= "}},
		{name: "chosen: not expected", want: `{}`, got: `{"a": 1}`, chosen: []string{"/a"}, lines: []string{"unexpected /a <nil> 1", "+ /a"}},
		{name: "chosen: on neither side", want: `{}`, got: `{}`, chosen: []string{"/a"}, lines: []string{"= "}},
		{name: "chosen: members of a chosen object", want: `{"a": {"b": 1}}`, got: `{"a": {"c": 2}}`, chosen: []string{"/a"}, lines: []string{"? /a/c"}},
		{name: "chosen: emptied", want: `{"a": {"b": 1}}`, got: `{"a": {}}`, chosen: []string{"/a"}, lines: []string{"? /a"}},
		{name: "chosen: a member of a changed parent", want: `{"a": {"b": 1}}`, got: `{"a": 1}`, chosen: []string{"/a/b"}, lines: []string{"changed /a map[b:1] 1", "= /a"}},
		{name: "chosen: an item", want: `["a", "b"]`, got: `["x", "y"]`, chosen: []string{"/1"}, lines: []string{"changed /0 a x", "= /0", "? /1"}},
		{name: "chosen: the whole", want: `{"a": 1}`, got: `[2, {}]`, chosen: []string{""}, lines: []string{"? /0", "? /1"}},
		{name: "chosen: names with ~ and /", want: `{"~/": 1}`, got: `{"~/": 2}`, chosen: []string{"/~0~1"}, lines: []string{"? /~0~1"}},
		{name: "chosen: nothing inside it but itself", want: `{"a": {"b": 1}}`, got: `{"a": {"b": 2}}`, chosen: []string{"/a/b/c"}, lines: []string{"changed /a/b 1 2", "= /a/b"}},
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
