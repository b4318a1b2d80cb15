package reference

import (
	"net/http"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
	"github.com/vpnconform/vpnconform/generated/vpn"
)

// TestRefused holds whole messages; TestEveryRule tries all rules.
func TestRefused(t *testing.T) {
	s := newServer(t, Options{})
	const nqa = "enable_nqa must not be filled if style is not static" // observed from the real service
	for name, test := range map[string]struct {
		example string
		change  harness.Change
		message string
	}{
		"presence counts": {"policy", harness.Set("/enable_nqa", false), nqa},
		"and any value":   {"bgp", harness.Set("/enable_nqa", true), nqa},
		"enumeration":     {"bgp", harness.Set("/ikepolicy/dh_group", "group3"), "dh_group is one of group1, group2, group5, group14, group15, group16, group19, group20, group21"},
		"bound":           {"bgp", harness.Set("/ikepolicy/dpd/timeout", 61), "timeout is at most 60"},
		"type":            {"static", harness.Set("/vgw_id", 7), "vgw_id is a string"},
		"absent":          {"static", harness.Drop("/cgw_id"), "cgw_id is present"},
	} {
		t.Run(name, func(t *testing.T) {
			request := harness.Example(t, test.example, test.change)
			a := harness.Send(t, s, request)
			a.WantError(t, http.StatusBadRequest, "VPN.0001", "invalid request: "+test.message)
			wantDocumented(t, s, request, a)
		})
	}
}

// TestMissing tries what does not exist.
func TestMissing(t *testing.T) {
	const nowhere = "00000000-0000-4000-8000-000000000000"
	s := newServer(t, Options{})
	for name, test := range map[string]struct {
		changes       []harness.Change
		project       string
		code, message string
	}{
		"gateway":          {harness.Do(harness.Set("/vgw_id", nowhere)), s.project.ID, "VPN.0509", "The gateway does not exist."},
		"project":          {nil, "0605767ae480d51b2f0bc00d8e7a9b3e", "VPN.0509", "The gateway does not exist."},
		"project, escaped": {nil, "%2e%2e", "VPN.0509", "The gateway does not exist."},
		"customer gateway": {harness.Do(harness.Set("/cgw_id", nowhere)), s.project.ID, "VPN.0004", "resource not found: cgw_id"},
		// Rules that speak of a gateway cannot be broken at one that is not there.
		"gateway, no subnets": {harness.Do(harness.Set("/vgw_id", nowhere), harness.Drop("/peer_subnets"), harness.Set("/ha_role", "slave")), s.project.ID, "VPN.0509", "The gateway does not exist."},
	} {
		t.Run(name, func(t *testing.T) {
			a := harness.Send(t, s, harness.Example(t, "static", test.changes...), harness.ToPath("/v5/"+test.project+"/vpn-connection"))
			a.WantError(t, http.StatusNotFound, test.code, test.message)
		})
	}
}

// TestViolated shows that every violation is named.
func TestViolated(t *testing.T) {
	got := problem.Violated(vpn.Violations{{Pointer: "/a", Rule: "x", Message: "what a says"}, {Pointer: "/b", Rule: "y", Message: "what b says"}}).Error()
	if want := "VPN.0001 invalid request: what a says; what b says"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
