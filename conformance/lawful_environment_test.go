package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/environment"
)

// lawfulEnvironments are what a healthy implementation may have: every subset of
// the default environment's gateways, in both orders, other enterprise projects
// and identifiers.
func lawfulEnvironments(t *testing.T) []lawfulRow {
	t.Helper()
	const choice = "the page asks for a gateway and a customer gateway; of which kind is the reader's choice"
	whole := environmentWith(t, func(*environment.Environment) {})
	var rows []lawfulRow
	all := whole.Objects["gateway"]
	for set := 1; set < 1<<len(all); set++ {
		var names []string
		env := environmentWith(t, func(e *environment.Environment) {
			e.Objects["gateway"] = nil
			for i, g := range all {
				if set&(1<<i) != 0 {
					e.Objects["gateway"] = append(e.Objects["gateway"], g)
					names = append(names, gatewayName(g))
				}
			}
		})
		rows = append(rows, lawfulRow{
			name: "gateways-" + strings.Join(names, "-"), what: "There are these gateways and no others", source: choice, level: "should", environment: env,
		})
		if len(names) < 2 {
			continue
		}
		reversed := env.Clone()
		slices.Reverse(reversed.Objects["gateway"])
		slices.Reverse(names)
		rows = append(rows, lawfulRow{
			name: "gateways-" + strings.Join(names, "-"), what: "There are these gateways, in this order", source: choice, level: "should", environment: reversed,
		})
	}
	return append(rows,
		lawfulRow{
			name: "enterprise-projects", what: "Every gateway belongs to an enterprise project", level: "should",
			source: "Table 10, enterprise_project_id: a UUID", environment: environmentWith(t, func(e *environment.Environment) {
				for _, g := range e.Objects["gateway"] {
					g["enterprise_project_id"] = "2c9d6b1e-0000-4000-8000-0000000000ef"
				}
			}),
		},
		lawfulRow{
			name: "enterprise-project-0", what: "Every gateway belongs to the default enterprise project", level: "should",
			source: "Example responses; errata.yaml, enterprise-project-zero", environment: environmentWith(t, func(e *environment.Environment) {
				for _, g := range e.Objects["gateway"] {
					delete(g, "enterprise_project_id")
				}
			}),
		},
		lawfulRow{
			name: "standby-address-first", what: "The standby address of a gateway comes before the active one", level: "should",
			source: "Table 3, ha_role: no address has a place", environment: environmentWith(t, func(e *environment.Environment) {
				for _, g := range e.Objects["gateway"] {
					if g["ha_mode"] == "active-standby" {
						slices.Reverse(g["addresses"].([]any))
					}
				}
			}),
		},
		lawfulRow{
			name: "one-address-each", what: "Every gateway has one address", level: "should",
			source: "no source says how many there are", environment: environmentWith(t, func(e *environment.Environment) {
				for _, g := range e.Objects["gateway"] {
					g["addresses"] = g["addresses"].([]any)[:1]
				}
			}),
		},
	)
}

// gatewayName says what is special about a gateway of the default environment.
func gatewayName(g environment.Object) string {
	switch {
	case g["attachment_type"] == "er":
		return "er"
	case g["network_type"] == "private":
		return "private"
	case g["ha_mode"] == "active-standby":
		return "standby"
	}
	return "public"
}
