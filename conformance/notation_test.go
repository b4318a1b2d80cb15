package conformance_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestLoose answers in notations that the page does not speak of, and in others
// that it excludes.
func TestLoose(t *testing.T) {
	patch := func(op, at, value string) string {
		return fmt.Sprintf(`[{"op":%q,"path":"/vpn_connection%s","value":%s}]`, op, at, value)
	}
	at := func(t time.Time) string {
		text := t.UTC().Format(time.RFC3339)
		return fmt.Sprintf(`[{"op":"replace","path":"/vpn_connection/created_at","value":%q},{"op":"replace","path":"/vpn_connection/updated_at","value":%q}]`, text, text)
	}
	now := time.Now()
	for name, row := range map[string]struct {
		patch string
		want  string // differences, each with its level
	}{
		"null for what may be absent":     {patch("add", "/tags", "null"), "should rule /body/vpn_connection/tags"},
		"null for what may not be there":  {patch("add", "/enable_nqa", "null"), "should rule /body/vpn_connection/enable_nqa"},
		"null for what has to be there":   {patch("replace", "/id", "null"), "must rule /body/vpn_connection/id"},
		"null for what was sent":          {patch("replace", "/peer_subnets", "null"), "must missing /body/vpn_connection/peer_subnets, should rule /body/vpn_connection/peer_subnets"},
		"null for an assigned address":    {patch("replace", "/tunnel_local_address", "null"), "must rule /body/vpn_connection/tunnel_local_address, should rule /body/vpn_connection/tunnel_local_address"},
		"null for a documented object":    {patch("replace", "/ikepolicy/dpd", "null"), "must changed /body/vpn_connection/ikepolicy/dpd"},
		"null in a list":                  {patch("replace", "/peer_subnets", "[null]"), "must changed /body/vpn_connection/peer_subnets/0, must rule /body/vpn_connection/peer_subnets"},
		"null for an unknown member":      {patch("add", "/x", "null"), ""},
		"whole number with a fraction":    {patch("replace", "/ikepolicy/lifetime_seconds", "172800.0"), "should rule /body/vpn_connection/ikepolicy/lifetime_seconds"},
		"whole number with an exponent":   {patch("replace", "/ikepolicy/dpd/timeout", "3e1"), "should rule /body/vpn_connection/ikepolicy/dpd/timeout"},
		"another one with a fraction":     {patch("replace", "/ikepolicy/lifetime_seconds", "172801.0"), "must changed /body/vpn_connection/ikepolicy/lifetime_seconds, should rule /body/vpn_connection/ikepolicy/lifetime_seconds"},
		"fraction":                        {patch("replace", "/ikepolicy/lifetime_seconds", "172800.5"), "must changed /body/vpn_connection/ikepolicy/lifetime_seconds"},
		"beyond every integer":            {patch("replace", "/ikepolicy/lifetime_seconds", "1e400"), "must changed /body/vpn_connection/ikepolicy/lifetime_seconds"},
		"a quarter of an hour late":       {at(now.Add(-14 * time.Minute)), ""},
		"more than a quarter of an hour":  {at(now.Add(-16 * time.Minute)), "should rule /body/vpn_connection/created_at"},
		"more than a quarter of one soon": {at(now.Add(17 * time.Minute)), "should rule /body/vpn_connection/created_at"},
		"years ago":                       {at(now.AddDate(-4, 0, 0)), "should rule /body/vpn_connection/created_at"},
	} {
		t.Run(name, func(t *testing.T) {
			target := serve(t, mutated(newReference(t), func(w *httptest.ResponseRecorder) {
				w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), row.patch))
			}))
			r := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/example/bgp"}})
			var got []string
			for _, result := range r.Results { // that of the case, and of the duties that its answer breaks
				for _, d := range result.Differences {
					if said := d.Level + " " + d.Kind + " " + d.Pointer; !slices.Contains(got, said) {
						got = append(got, said) // the second answer says the same
					}
				}
				if (result.Outcome == report.Fail) != (len(result.Differences) > 0) || result.Outcome != report.Fail && result.Outcome != report.Pass {
					t.Errorf("%s: %s", result.Case, result.Outcome)
				}
			}
			if said := strings.Join(got, ", "); said != row.want {
				t.Errorf("%s\nwant %s", said, row.want)
			}
			if m := r.Results[0].Members; m.NotLookedAt != 0 {
				t.Errorf("%+v", m)
			}
		})
	}
}
