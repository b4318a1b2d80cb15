package openapi

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/openapi/source"
)

func decodeJSON(body []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var out any
	return out, dec.Decode(&out)
}

// applyPatch applies a JSON Patch to a decoded value. The value itself is not changed;
// the result shares all parts that no step touches. It reports false for any step but
// an add, replace or remove that succeeds: the library then applies the patch, or says
// what is wrong with it. The library alone would do, but a suite makes thousands of
// requests, and to encode, patch and decode each takes several times as long.
func applyPatch(value any, patch []byte) (any, bool) {
	if string(patch) == "[]" {
		return value, true
	}
	all, err := decodeJSON(patch)
	steps, ok := all.([]any)
	if err != nil || !ok && all != nil {
		return nil, false
	}
	for _, step := range steps {
		s, _ := step.(map[string]any)
		op, _ := s["op"].(string)
		path, _ := s["path"].(string)
		rest, ok := strings.CutPrefix(path, "/")
		if !ok || strings.Contains(path, "//") { // the library treats empty names differently
			return nil, false
		}
		written, there := s["value"]
		if !there && op != "remove" {
			return nil, false
		}
		if value, ok = applyStep(value, strings.Split(rest, "/"), op, written); !ok {
			return nil, false
		}
	}
	return value, true
}

// applyStep returns the value after one step at the place that the tokens lead to.
func applyStep(value any, tokens []string, op string, written any) (any, bool) {
	token, last := source.Unescape(tokens[0]), len(tokens) == 1
	switch v := value.(type) {
	case map[string]any:
		member, there := v[token]
		ok := there && (op == "replace" || op == "remove") || op == "add"
		if !last {
			written, ok = applyStep(member, tokens[1:], op, written)
		}
		if !ok {
			return nil, false
		}
		v = maps.Clone(v)
		if v[token] = written; last && op == "remove" {
			delete(v, token)
		}
		return v, true
	case []any:
		i, err := strconv.ParseUint(token, 10, 31)
		if err != nil || token != strconv.FormatUint(i, 10) || i >= uint64(len(v)) {
			return nil, false
		}
		ok := op == "replace"
		if !last {
			written, ok = applyStep(v[i], tokens[1:], op, written)
		}
		if !ok {
			return nil, false
		}
		v = slices.Clone(v)
		v[i] = written
		return v, true
	}
	return nil, false
}
