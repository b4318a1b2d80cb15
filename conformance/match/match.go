package match

import (
	order "cmp"
	"maps"
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
// returns true is not compared, its presence is. Arrays are compared index by
// index.
func Compare(want, got any, chosen func(pointer string) bool) Comparison {
	r := &reporter{chosen: chosen}
	// Inside a map, null is a value like any other to go-cmp.
	cmp.Equal(indexItems([]any{want}), indexItems([]any{got}), cmp.Reporter(r), cmp.Transformer("indexed", indexItems), cmp.FilterPath(
		func(p cmp.Path) bool { return len(p) > 1 && chosen(pointer(p)) },
		cmp.Comparer(func(any, any) bool { return true }),
	))
	c := &r.comparison
	c.addEmptied(got)
	slices.SortFunc(c.Differences, func(a, b Difference) int { return comparePointers(a.Pointer, b.Pointer) })
	for _, leaves := range [][]string{c.ByValue, c.Chosen, c.Beyond} {
		slices.SortFunc(leaves, comparePointers)
	}
	return r.comparison
}

// indexItems turns an array into a map by index. For slices go-cmp guesses which items
// were added or removed: differently in every process, and in a time that doubles
// with each level.
func indexItems(items []any) map[int]any {
	m := make(map[int]any, len(items))
	for i, item := range items {
		m[i] = item
	}
	return m
}

// addEmptied adds the objects and arrays of got that are empty where want has members:
// go-cmp reports the missing members, and not the empty leaf.
func (c *Comparison) addEmptied(got any) {
	seen := map[string]bool{}
	for _, pointer := range slices.Concat(c.ByValue, c.Chosen, c.Beyond) {
		seen[pointer] = true
	}
	walk(got, "", func(pointer string, leaf any) {
		switch leaf.(type) {
		case map[string]any, []any:
			if !seen[pointer] {
				c.ByValue = append(c.ByValue, pointer)
			}
		}
	})
}

// Leaves returns the pointers of a value's leaves, sorted.
func Leaves(value any) []string { return appendLeaves(nil, value, "") }

func appendLeaves(out []string, value any, at string) []string {
	walk(value, at, func(pointer string, _ any) { out = append(out, pointer) })
	return out
}

// walk calls f for every leaf of a value, in the order of their pointers.
func walk(value any, at string, f func(pointer string, leaf any)) {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.SortedFunc(maps.Keys(v), compareNames) {
			walk(v[name], at+"/"+Escape(name), f)
		}
		if len(v) > 0 {
			return
		}
	case []any:
		for i, item := range v {
			walk(item, at+"/"+strconv.Itoa(i), f)
		}
		if len(v) > 0 {
			return
		}
	}
	f(at, value)
}

var escaper = strings.NewReplacer("~", "~0", "/", "~1")

// Lookup follows a JSON Pointer into a decoded value. It reports whether the
// pointer leads to a value, which may be null. Package source has the same three
// functions; report, which reads the reports of any kit, uses those here and must
// not depend on package openapi.
func Lookup(value any, pointer string) (any, bool) {
	_, rest, inside := strings.Cut(pointer, "/")
	for inside {
		var token string
		token, rest, inside = strings.Cut(rest, "/")
		token = Unescape(token)
		switch v := value.(type) {
		case map[string]any:
			member, ok := v[token]
			if !ok {
				return nil, false
			}
			value = member
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// Escape writes a member's name as a token of a JSON Pointer.
func Escape(name string) string { return escaper.Replace(name) }

// Unescape reads a token of a JSON Pointer. It is not a [strings.Replacer], which
// copies every token.
func Unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// comparePointers orders pointers by their tokens; numbers come first, by value.
func comparePointers(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "/"), strings.Split(b, "/"), compareTokens)
}

func compareTokens(a, b string) int {
	i, isNumberA := number(a)
	k, isNumberB := number(b)
	switch {
	case isNumberA && isNumberB && i != k:
		return order.Compare(i, k)
	case isNumberA && !isNumberB:
		return -1
	case !isNumberA && isNumberB:
		return 1
	}
	return strings.Compare(a, b) // 1 and 01 too
}

// compareNames orders the names of members like their pointers.
func compareNames(a, b string) int { return compareTokens(Escape(a), Escape(b)) }

// number returns the value of a token that is a number.
func number(token string) (int, bool) {
	if token == "" || token[0] > '9' { // true of nearly all tokens; an error of strconv takes longer
		return 0, false
	}
	n, err := strconv.Atoi(token)
	return n, err == nil
}

// reporter gathers the results of go-cmp.
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
		c.Differences = append(c.Differences, Difference{Pointer: at, Kind: Changed, Want: want.Interface(), Got: got.Interface()})
		c.ByValue = appendLeaves(c.ByValue, got.Interface(), at)
	case r.chosen(at):
		c.Chosen = appendLeaves(c.Chosen, got.Interface(), at)
	default:
		c.ByValue = appendLeaves(c.ByValue, got.Interface(), at)
	}
}

// pointer returns the JSON Pointer of a path of go-cmp.
func pointer(path cmp.Path) string {
	var b strings.Builder
	for _, step := range path[min(2, len(path)):] { // the map, and the one value in it
		step, ok := step.(cmp.MapIndex)
		if !ok {
			continue
		}
		b.WriteByte('/')
		if key := step.Key(); key.CanInt() { // the index of an array
			b.WriteString(strconv.FormatInt(key.Int(), 10))
		} else {
			b.WriteString(Escape(key.String()))
		}
	}
	return b.String()
}
