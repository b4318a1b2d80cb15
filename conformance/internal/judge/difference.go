package judge

import (
	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// wantedValue is the value that an echo or a default demands; empty for another rule.
func wantedValue(v openapi.Violation, request any) string {
	switch {
	case v.Rule == nil:
		return ""
	case v.Rule.Keyword == "default":
		return excerpt.JSON(v.Rule.Schema.Default)
	case v.Rule.Keyword == "x-echo":
		if sent := match.At(request, v.Pointer); sent != nil {
			return excerpt.JSON(sent)
		}
	}
	return ""
}

// Cite names the rule that a difference breaks. A difference from the golden file keeps
// its level, whatever rule explains it.
func Cite(d *report.Difference, r *openapi.Rule) {
	if d.Why == "" {
		d.Why = r.Message
	}
	if d.Level == "" {
		d.Level = string(r.Level)
	}
	d.Rule, d.Source, d.Errata = r.ID, r.Source, r.Errata
}

// TextOfGot is the value that came, as JSON; empty for a missing member.
func TextOfGot(d match.Difference) string {
	if d.Kind == match.Missing {
		return ""
	}
	return excerpt.JSON(d.Got)
}
