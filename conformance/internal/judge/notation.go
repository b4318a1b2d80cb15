package judge

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// normalize finds the places of a body where JSON allows a notation that no source
// speaks of: null for a member that may be absent, 60.0 for 60, a list in another order
// than it was sent. It returns the body in the notation of the page, so that rules and
// golden files report only real differences. Each such place is a difference of level
// should, because clients stumble over it.
func (j *Judge) normalize(body, sent any) (any, []report.Difference) {
	var found []report.Difference
	normal := j.normalizeValue(body, "", &found)
	return j.restoreOrder(normal, sent, "", &found), found
}

// restoreOrder returns a value whose lists are in the order in which they were sent, if
// they have the same items, and adds a difference for each list that was not.
func (j *Judge) restoreOrder(value, sent any, at string, found *[]report.Difference) any {
	switch v := value.(type) {
	case map[string]any:
		asked, ok := sent.(map[string]any)
		if !ok {
			return value
		}
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = j.restoreOrder(member, asked[name], at+"/"+match.Escape(name), found)
		}
		return out
	case []any:
		asked, ok := sent.([]any)
		if !ok || len(asked) != len(v) || reflect.DeepEqual(v, asked) {
			return value
		}
		out, moved := j.arrange(v, asked, at)
		if moved {
			d := report.Difference{
				Pointer: "/body" + at, Kind: "rule", Want: excerpt.JSON(asked), Got: excerpt.JSON(v), Level: string(openapi.Should),
				Why: "a list comes back in the order in which it was sent",
			}
			if rule := j.Doc.Keyword(openapi.Member(j.Schema, at).Value, "type", ""); rule != nil {
				d.Rule, d.Source = rule.ID, rule.Source
			}
			*found = append(*found, d)
		}
		for i := range out {
			out[i] = j.restoreOrder(out[i], asked[i], at+"/"+strconv.Itoa(i), found)
		}
		return out
	}
	return value
}

// arrange returns the items of a list in the order of others that are the same, and
// whether any was moved; the list itself if the items are not the same.
func (j *Judge) arrange(items, order []any, at string) ([]any, bool) {
	if openapi.Member(j.Schema, at) == nil {
		return items, false
	}
	byKey := map[string][]any{}
	for _, item := range items {
		key := j.itemKey(item, at+"/0")
		byKey[key] = append(byKey[key], item)
	}
	out := make([]any, 0, len(items))
	moved := false
	for i, item := range order {
		key := j.itemKey(item, at+"/0")
		if len(byKey[key]) == 0 {
			return items, false
		}
		out, byKey[key] = append(out, byKey[key][0]), byKey[key][1:]
		moved = moved || j.itemKey(items[i], at+"/0") != key
	}
	return out, moved
}

// itemKey is equal for two items that differ only in the order of lists within them and
// in what the server chooses.
func (j *Judge) itemKey(item any, at string) string {
	switch v := item.(type) {
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if pointer := at + "/" + match.Escape(name); !j.isMarked(pointer, "x-server-assigned") && openapi.Member(j.Schema, pointer) != nil {
				parts = append(parts, excerpt.JSON(name)+":"+j.itemKey(v[name], pointer))
			}
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, inner := range v {
			parts[i] = j.itemKey(inner, at+"/0")
		}
		slices.Sort(parts)
		return "[" + strings.Join(parts, ",") + "]"
	}
	return excerpt.JSON(item)
}

// normalizeValue returns a value in the notation of the page, and adds the places where
// it was not.
func (j *Judge) normalizeValue(value any, at string, found *[]report.Difference) any {
	add := func(at, why string, got any) {
		d := report.Difference{
			Pointer: "/body" + at, Kind: "rule", Got: excerpt.JSON(got), Why: why,
			Level: string(openapi.Should), Source: "SDK, model/create_response_vpn_connection.go",
		}
		if rule := j.Doc.Keyword(openapi.Member(j.Schema, at).Value, "type", ""); rule != nil {
			d.Rule = rule.ID
		}
		*found = append(*found, d)
	}
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			pointer := at + "/" + match.Escape(name)
			if v[name] == nil && j.isOptional(at, name) {
				add(pointer, "a member that has no value is left out", nil)
				continue
			}
			out[name] = j.normalizeValue(v[name], pointer, found)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = j.normalizeValue(item, fmt.Sprintf("%s/%d", at, i), found)
		}
		return out
	case json.Number:
		member := openapi.Member(j.Schema, at)
		number, err := strconv.ParseFloat(v.String(), 64)
		if err != nil || member == nil || !member.Value.Type.Is("integer") || number != math.Trunc(number) || math.Abs(number) > math.MaxInt32 {
			return v
		}
		if normal := json.Number(strconv.Itoa(int(number))); normal != v {
			add(at, "an integer is written without a fraction and an exponent", v)
			return normal
		}
	}
	return value
}

// isOptional reports whether an object of an answer may lack a documented member, as far
// as its schema says.
func (j *Judge) isOptional(at, name string) bool {
	object := openapi.Member(j.Schema, at)
	return object != nil && object.Value.Properties[name] != nil && j.Doc.Keyword(object.Value, "required", name) == nil
}
