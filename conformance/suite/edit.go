package suite

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
)

// setMember returns a copy of a value with another member at a JSON Pointer; false
// if no object or list can hold it. An index equal to the length of its list
// appends an item. The value itself is unchanged: the containers around the member
// are copied.
func setMember(value any, pointer string, member any) (any, bool) {
	if pointer == "" {
		return member, true
	}
	token, rest := cutToken(pointer)
	switch v := value.(type) {
	case map[string]any:
		inner, ok := setMember(v[token], rest, member)
		if !ok {
			return value, false
		}
		out := maps.Clone(v)
		out[token] = inner
		return out, true
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i > len(v) || i == len(v) && rest != "" {
			return value, false
		}
		out := slices.Clone(v)
		if i == len(v) {
			return append(out, member), true
		}
		inner, ok := setMember(v[i], rest, member)
		out[i] = inner
		return out, ok
	}
	return value, false
}

// removeMember returns a copy of a value without its member at a JSON Pointer, and
// whether the member was there. The value itself is unchanged.
func removeMember(value any, pointer string) (any, bool) {
	token, rest := cutToken(pointer)
	if rest != "" {
		inner, ok := match.Lookup(value, "/"+match.Escape(token))
		if !ok {
			return value, false
		}
		left, ok := removeMember(inner, rest)
		if !ok {
			return value, false
		}
		return setMember(value, "/"+match.Escape(token), left)
	}
	switch v := value.(type) {
	case map[string]any:
		if _, ok := v[token]; !ok {
			return value, false
		}
		out := maps.Clone(v)
		delete(out, token)
		return out, true
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(v) {
			return value, false
		}
		return slices.Delete(slices.Clone(v), i, i+1), true
	}
	return value, false
}

// cutToken returns the first token of a JSON Pointer, and the rest of the pointer.
func cutToken(pointer string) (token, rest string) {
	token, rest, _ = strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if strings.Contains(pointer[1:], "/") {
		rest = "/" + rest
	}
	return match.Unescape(token), rest
}
