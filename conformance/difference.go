package conformance

import (
	"fmt"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// wanted is the value that an echo or a default asks for; empty for another
// rule.
func wanted(v openapi.Violation, request any) string {
	switch {
	case v.Rule == nil:
		return ""
	case v.Rule.Keyword == "default":
		return encode(v.Rule.Schema.Default)
	case v.Rule.Keyword == "x-echo":
		if sent := lookup(request, v.Pointer); sent != nil {
			return encode(sent)
		}
	}
	return ""
}

// cite names the rule that asks for what is missing. A difference from the
// golden file keeps its level, whatever rule explains it.
func cite(d *report.Difference, r *openapi.Rule) {
	if d.Why == "" {
		d.Why = r.Message
	}
	if d.Level == "" {
		d.Level = string(r.Level)
	}
	d.Rule, d.Source, d.Errata = r.ID, r.Source, r.Errata
}

// lookup follows a JSON Pointer into a decoded value; nil when it leads
// nowhere.
func lookup(value any, pointer string) any {
	found, _ := match.Lookup(value, pointer)
	return found
}

// gotText is what came, empty for a member that did not.
func gotText(d match.Difference) string {
	if d.Kind == match.Missing {
		return ""
	}
	return encode(d.Got)
}

// encode writes a decoded value as JSON.
func encode(value any) string {
	data, err := match.Encode(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}
