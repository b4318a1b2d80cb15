package suite

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
)

// with returns a value whose member at a JSON Pointer is another one; false if
// there is no object or list to have it. An index that is the length of its list
// adds an item. The value stays as it is: what is around the member is copied.
func with(value any, pointer string, member any) (any, bool) {
	if pointer == "" {
		return member, true
	}
	token, rest := cutToken(pointer)
	switch v := value.(type) {
	case map[string]any:
		inner, ok := with(v[token], rest, member)
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
		inner, ok := with(v[i], rest, member)
		out[i] = inner
		return out, ok
	}
	return value, false
}

// without returns a value without its member at a JSON Pointer, and whether it
// had it. The value stays as it is.
func without(value any, pointer string) (any, bool) {
	token, rest := cutToken(pointer)
	if rest != "" {
		inner, ok := match.Lookup(value, "/"+match.Escape(token))
		if !ok {
			return value, false
		}
		left, ok := without(inner, rest)
		if !ok {
			return value, false
		}
		return with(value, "/"+match.Escape(token), left)
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

// cutToken returns the first token of a JSON Pointer, and the pointer behind it.
func cutToken(pointer string) (token, rest string) {
	token, rest, _ = strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	if strings.Contains(pointer[1:], "/") {
		rest = "/" + rest
	}
	return match.Unescape(token), rest
}
