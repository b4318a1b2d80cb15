package match_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/testdata"
)

// place is a value inside another one.
type place struct {
	path  []any // names and indexes that lead to it
	value any
}

// places returns a value and all values inside it, the outer ones first.
func places(value any, path ...any) []place {
	out := []place{{slices.Clone(path), value}}
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			out = append(out, places(v[name], append(path, name)...)...)
		}
	case []any:
		for i, item := range v {
			out = append(out, places(item, append(path, i)...)...)
		}
	}
	return out
}

// leaves returns the pointers of a value's leaves, sorted as text. It shares
// nothing with the function under test.
func leaves(value any) []string {
	var out []string
	for _, p := range places(value) {
		if size(p.value) == 0 {
			out = append(out, pointerTo(p.path))
		}
	}
	slices.Sort(out)
	return out
}

// size counts the members of an object or the items of an array; all else has
// none.
func size(value any) int {
	switch v := value.(type) {
	case map[string]any:
		return len(v)
	case []any:
		return len(v)
	}
	return 0
}

// pointerTo writes a path as a JSON Pointer.
func pointerTo(path []any) string {
	var b strings.Builder
	for _, token := range path {
		text := strings.ReplaceAll(fmt.Sprint(token), "~", "~0")
		b.WriteString("/" + strings.ReplaceAll(text, "/", "~1"))
	}
	return b.String()
}

// edited returns a copy of root in which change has been applied at a path.
func edited(root any, path []any, change func(any) any) any {
	if len(path) == 0 {
		return change(root)
	}
	switch v := root.(type) {
	case map[string]any:
		name := path[0].(string)
		v = maps.Clone(v)
		v[name] = edited(v[name], path[1:], change)
		return v
	case []any:
		i := path[0].(int)
		v = slices.Clone(v)
		v[i] = edited(v[i], path[1:], change)
		return v
	}
	panic(fmt.Sprintf("no member %v in %v", path[0], root)) // paths come from places
}

// mutant is a right answer with one change.
type mutant struct {
	name string
	body any
	want []match.Difference

	at string // pointer of the value that was changed: the parent of a member that was added

	// gone tells that the value itself is absent, and not only another one.
	gone bool
}

// mutants returns the mutants of a right answer, several for every value in it.
func mutants(right any) []mutant {
	var out []mutant
	for _, p := range places(right) {
		out = append(out, exchanged(right, p)...)
		out = append(out, removed(right, p)...)
		switch v := p.value.(type) {
		case map[string]any:
			out = append(out, emptied(right, p, map[string]any{}), emptied(right, p, map[string]any{"extra": nil}))
			out = append(out, extraMembers(right, p, v)...)
		case []any:
			out = append(out, emptied(right, p, []any{}))
			out = append(out, extraItems(right, p, v)...)
		}
	}
	return out
}

// exchanged puts other values in the place of one: of every other type, and of
// the same type in ways that are easily overlooked.
func exchanged(right any, p place) []mutant {
	var out []mutant
	for _, other := range others(p.value) {
		at := pointerTo(p.path)
		out = append(out, mutant{
			name: fmt.Sprintf("%s exchanged for %#v", at, other),
			body: edited(right, p.path, func(any) any { return other }),
			want: []match.Difference{{Pointer: at, Kind: match.Changed, Want: p.value, Got: other}},
			at:   at,
		})
	}
	return out
}

func others(value any) []any {
	all := []any{nil, true, false, "text", "", json.Number("7"), map[string]any{}, map[string]any{"a": nil}, []any{}, []any{value}}
	var out []any
	for _, other := range all {
		// Of an object or array, other members and items are mutants of their own.
		if sameKind := reflect.TypeOf(other) == reflect.TypeOf(value); !sameKind || size(other) == 0 && size(value) == 0 {
			out = append(out, other)
		}
	}
	switch v := value.(type) {
	case string:
		out = append(out, strings.ToUpper(v), strings.ToLower(v), " "+v, v+" ", "\t"+v, v+"\n", v+"x", v+"\u200b", v+"\x00", v[:len(v)-1], v[1:])
		if _, err := json.Number(v).Int64(); err == nil {
			out = append(out, json.Number(v))
		}
	case json.Number:
		out = append(out, v+".0", v+"e0", v+"E0", v+"e+0", v+"0", "-"+v, "-0", "0", v[:len(v)-1]+".5", v.String())
	}
	out = slices.DeleteFunc(out, func(other any) bool { return reflect.DeepEqual(other, value) })
	return slices.Clip(out)
}

// removed drops a member or an item, and gives a member other names.
func removed(right any, p place) []mutant {
	if len(p.path) == 0 {
		return nil
	}
	parent, last, at := p.path[:len(p.path)-1], p.path[len(p.path)-1], pointerTo(p.path)
	missing := match.Difference{Pointer: at, Kind: match.Missing, Want: p.value}
	name, isMember := last.(string)
	if !isMember {
		drop := func(v any) any { return v.([]any)[:len(v.([]any))-1] }
		if body := edited(right, parent, drop); last == size(valueAt(body, parent)) { // the last item; table tests have the others
			return []mutant{{name: at + " dropped", body: body, want: []match.Difference{missing}, at: at, gone: true}}
		}
		return nil
	}
	out := []mutant{{name: at + " dropped", body: edited(right, parent, func(v any) any {
		return without(v, name)
	}), want: []match.Difference{missing}, at: at, gone: true}}
	for _, other := range []string{strings.ToUpper(name), name + " ", strings.ReplaceAll(name, "_", ""), name + "/", "~" + name} {
		if other == name {
			continue
		}
		to := pointerTo(append(slices.Clone(parent), other))
		want := []match.Difference{missing, {Pointer: to, Kind: match.Unexpected, Got: p.value}}
		slices.SortFunc(want, func(a, b match.Difference) int { return strings.Compare(a.Pointer, b.Pointer) })
		out = append(out, mutant{name: at + " renamed to " + other, body: edited(right, parent, func(v any) any {
			members := without(v, name)
			members[other] = p.value
			return members
		}), want: want, at: at, gone: true})
	}
	return out
}

func without(object any, name string) map[string]any {
	members := maps.Clone(object.(map[string]any))
	delete(members, name)
	return members
}

func valueAt(root any, path []any) any {
	var found any
	edited(root, path, func(v any) any { found = v; return v })
	return found
}

// emptied puts another object or array in the place of one with members: each
// of its members is missing, and each of the other's is unexpected.
func emptied(right any, p place, other any) mutant {
	at := pointerTo(p.path)
	m := mutant{
		name: fmt.Sprintf("%s emptied to %v", at, other),
		body: edited(right, p.path, func(any) any { return other }),
		at:   at,
	}
	if members, ok := other.(map[string]any); ok && len(members) > 0 {
		m.want = append(m.want, match.Difference{Pointer: at + "/extra", Kind: match.Unexpected})
	}
	for _, member := range places(p.value)[1:] {
		if len(member.path) == 1 {
			m.want = append(m.want, match.Difference{Pointer: at + pointerTo(member.path), Kind: match.Missing, Want: member.value})
		}
	}
	slices.SortFunc(m.want, func(a, b match.Difference) int { return strings.Compare(a.Pointer, b.Pointer) })
	return m
}

func extraMembers(right any, p place, members map[string]any) []mutant {
	var out []mutant
	for name, value := range map[string]any{
		"extra": "text", "extra null": nil, "extra {}": map[string]any{}, "extra []": []any{}, "": json.Number("1"), "a/b~c~1": true, "0": false,
		"extra object": map[string]any{"a": map[string]any{"~": "b", "/": []any{}}}, "extra array": []any{"a", []any{"b"}},
	} {
		to := pointerTo(append(slices.Clone(p.path), name))
		out = append(out, mutant{name: fmt.Sprintf("%s added: %v", to, value), body: edited(right, p.path, func(any) any {
			more := maps.Clone(members)
			more[name] = value
			return more
		}), want: []match.Difference{{Pointer: to, Kind: match.Unexpected, Got: value}}, at: pointerTo(p.path)})
	}
	return out
}

func extraItems(right any, p place, items []any) []mutant {
	var out []mutant
	for _, item := range []any{items[0], nil, "text", json.Number("1"), map[string]any{}, []any{}, map[string]any{"a": []any{nil}}} {
		to := fmt.Sprintf("%s/%d", pointerTo(p.path), len(items))
		out = append(out, mutant{
			name: fmt.Sprintf("%s added: %v", to, item),
			body: edited(right, p.path, func(any) any { return append(slices.Clone(items), item) }),
			want: []match.Difference{{Pointer: to, Kind: match.Unexpected, Got: item}},
			at:   pointerTo(p.path),
		})
	}
	return out
}

// answers returns the documented answers.
func answers(t testing.TB) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, name := range []string{"static", "policy", "bgp"} {
		data, err := testdata.Examples.ReadFile("examples/" + name + "/response.json")
		if err != nil {
			t.Fatal(err)
		}
		out[name] = decode(t, string(data))
	}
	return out
}

func decode(t testing.TB, text string) any {
	t.Helper()
	v, err := match.Decode([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}
