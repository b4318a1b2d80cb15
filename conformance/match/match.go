package match

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// Kind says how a member differs.
type Kind string

// The kinds of differences.
const (
	Missing    Kind = "missing"    // expected and absent
	Unexpected Kind = "unexpected" // present and not expected
	Changed    Kind = "changed"    // present with another value or of another type
)

// Difference is one place where two values differ.
type Difference struct {
	Pointer   string // RFC 6901
	Kind      Kind
	Want, Got any // decoded JSON; nil on the side where the member is absent
}

// Comparison is the outcome of [Compare]. The three lists of leaves are
// pointers into the answer, sorted, and hold each of its leaves once. A leaf is
// a value that is neither an object nor an array, or one that is empty.
type Comparison struct {
	Differences []Difference
	ByValue     []string // compared with the expected value
	Chosen      []string // chosen by the target: present on both sides, value not compared
	Beyond      []string // not expected: below an unexpected member
}

// Compare compares got with want. The value of a member for which chosen
// returns true is not compared, its presence is.
func Compare(want, got any, chosen func(pointer string) bool) Comparison {
	r := &reporter{chosen: chosen}
	cmp.Equal(want, got, cmp.Reporter(r), cmp.FilterPath(
		func(p cmp.Path) bool { return chosen(pointer(p)) },
		cmp.Comparer(func(any, any) bool { return true }),
	))
	c := &r.comparison
	slices.SortFunc(c.Differences, func(a, b Difference) int { return comparePointers(a.Pointer, b.Pointer) })
	for _, leaves := range [][]string{c.ByValue, c.Chosen, c.Beyond} {
		slices.SortFunc(leaves, comparePointers)
	}
	return r.comparison
}

// Leaves returns the pointers of a value's leaves, sorted.
func Leaves(value any) []string {
	leaves := appendLeaves(nil, value, "")
	slices.SortFunc(leaves, comparePointers)
	return leaves
}

func appendLeaves(out []string, value any, at string) []string {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			out = appendLeaves(out, member, at+"/"+Escape(name))
		}
		if len(v) > 0 {
			return out
		}
	case []any:
		for i, item := range v {
			out = appendLeaves(out, item, at+"/"+strconv.Itoa(i))
		}
		if len(v) > 0 {
			return out
		}
	}
	return append(out, at)
}

// Escape writes a member's name as a token of a JSON Pointer.
func Escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

// comparePointers orders pointers by their tokens, numbers by value.
func comparePointers(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "/"), strings.Split(b, "/"), func(a, b string) int {
		i, errA := strconv.Atoi(a)
		k, errB := strconv.Atoi(b)
		if errA == nil && errB == nil {
			return i - k
		}
		return strings.Compare(a, b)
	})
}

// reporter gathers what go-cmp finds.
type reporter struct {
	path       cmp.Path
	chosen     func(pointer string) bool
	comparison Comparison
}

func (r *reporter) PushStep(step cmp.PathStep) { r.path = append(r.path, step) }
func (r *reporter) PopStep()                   { r.path = r.path[:len(r.path)-1] }

func (r *reporter) Report(result cmp.Result) {
	at := pointer(r.path)
	want, got := r.path.Last().Values()
	c := &r.comparison
	switch {
	case !got.IsValid():
		c.Differences = append(c.Differences, Difference{Pointer: at, Kind: Missing, Want: want.Interface()})
	case !want.IsValid():
		value := got.Interface()
		c.Differences = append(c.Differences, Difference{Pointer: at, Kind: Unexpected, Got: value})
		c.Beyond = appendLeaves(c.Beyond, value, at)
	case !result.Equal():
		c.Differences = append(c.Differences, Difference{at, Changed, want.Interface(), got.Interface()})
		c.ByValue = appendLeaves(c.ByValue, got.Interface(), at)
	case r.chosen(at):
		c.Chosen = appendLeaves(c.Chosen, got.Interface(), at)
	default:
		c.ByValue = appendLeaves(c.ByValue, got.Interface(), at)
	}
}

// pointer is the JSON Pointer of a path. In an array that lost or gained
// items, an item has the index that it has in the answer, or the one that it
// was expected at.
func pointer(path cmp.Path) string {
	var b strings.Builder
	for _, step := range path {
		switch step := step.(type) {
		case cmp.MapIndex:
			b.WriteString("/" + Escape(fmt.Sprint(step.Key())))
		case cmp.SliceIndex:
			want, got := step.SplitKeys()
			if got < 0 {
				got = want
			}
			b.WriteString("/" + strconv.Itoa(got))
		}
	}
	return b.String()
}
