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

// applyPatch applies a JSON Patch to a decoded value, which stays as it is: what the steps leave alone, both share. A suite
// makes thousands of requests, and to patch, write and read the JSON takes several times as long. It does the steps that
// add, replace or remove what can be; a patch with another one is left to the library, which says what is wrong with it.
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
		if !ok || strings.Contains(path, "//") { // the library goes its own way with names that are empty
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

// applyStep is a value with one step done, at the place that the tokens of a JSON Pointer lead to.
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
