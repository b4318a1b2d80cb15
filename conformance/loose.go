package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// loose finds the places of a body where JSON allows a notation that the page
// does not speak of: null for a member that may be absent, and 60.0 for 60. It
// returns the body without them. Each is a difference of level should, since
// clients stumble over it.
func (j *judge) loose(body any) (any, []report.Difference) {
	var found []report.Difference
	return j.plain(body, "", &found), found
}

// plain returns a value in the notation of the page, and adds what is not.
func (j *judge) plain(value any, at string, found *[]report.Difference) any {
	add := func(at, why string, got any) {
		d := report.Difference{
			Pointer: "/body" + at, Kind: "rule", Got: encode(got), Why: why,
			Level: string(openapi.Should), Source: "SDK, model/create_response_vpn_connection.go",
		}
		if rule := j.doc.Keyword(openapi.Member(j.schema, at).Value, "type", ""); rule != nil {
			d.Rule = rule.ID
		}
		*found = append(*found, d)
	}
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, name := range slices.Sorted(maps.Keys(v)) {
			pointer := at + "/" + match.Escape(name)
			if v[name] == nil && j.optional(at, name) {
				add(pointer, "a member that has no value is left out", nil)
				continue
			}
			out[name] = j.plain(v[name], pointer, found)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = j.plain(item, fmt.Sprintf("%s/%d", at, i), found)
		}
		return out
	case json.Number:
		member := openapi.Member(j.schema, at)
		number, err := strconv.ParseFloat(v.String(), 64)
		if err != nil || member == nil || !member.Value.Type.Is("integer") || number != math.Trunc(number) || math.Abs(number) > math.MaxInt32 {
			return v
		}
		if plain := json.Number(strconv.Itoa(int(number))); plain != v {
			add(at, "an integer is written without a fraction and an exponent", v)
			return plain
		}
	}
	return value
}

// optional tells whether an object of an answer may lack a member that the page
// knows, as far as its schema says.
func (j *judge) optional(at, name string) bool {
	object := openapi.Member(j.schema, at)
	return object != nil && object.Value.Properties[name] != nil && j.doc.Keyword(object.Value, "required", name) == nil
}

// skew is how far the clock of a target may be from the one here.
// source: SDK, core/auth/signer; the gateway takes signatures that are this old
const skew = 15 * time.Minute

// clock holds the time at which a connection was created against the exchange.
func (j *judge) clock(f *findings, body any, a *answer) {
	const at = "/vpn_connection/created_at"
	text, _ := lookup(body, at).(string)
	created, err := time.Parse(time.RFC3339, text)
	if err != nil || a.at.IsZero() {
		return // a rule says what is wrong with the first, and the second is an exchange without its time
	}
	if created.Before(a.at.Add(-skew)) || created.After(a.at.Add(skew)) {
		f.add(report.Difference{
			Pointer: "/body" + at, Kind: "rule", Got: encode(text), Want: encode(a.at.UTC().Format(time.RFC3339)),
			Why: "created_at is when the connection was created, give or take 15 minutes", Level: string(openapi.Should), Source: "Table 10, created_at",
		}, nil)
	}
}
