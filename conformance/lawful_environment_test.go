package conformance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// lawfulEnvironments are what a healthy implementation may have: every subset of
// the default environment's gateways, in both orders, other enterprise projects
// and identifiers.
func lawfulEnvironments(t *testing.T) []lawfulRow {
	t.Helper()
	const any = "the page asks for a gateway and a customer gateway; of which kind is the reader's choice"
	whole := environment(t, func(*suite.Environment) {})
	var rows []lawfulRow
	for set := 1; set < 1<<len(whole.Gateways); set++ {
		env := environment(t, func(*suite.Environment) {})
		env.Gateways = nil
		var names []string
		for i, g := range whole.Gateways {
			if set&(1<<i) != 0 {
				env.Gateways = append(env.Gateways, g)
				names = append(names, gatewayName(g))
			}
		}
		rows = append(rows, lawfulRow{
			name: "gateways-" + strings.Join(names, "-"), what: "There are these gateways and no others", source: any, level: "should", environment: env,
		})
		if len(names) < 2 {
			continue
		}
		reversed := env
		reversed.Gateways = slices.Clone(env.Gateways)
		slices.Reverse(reversed.Gateways)
		slices.Reverse(names)
		rows = append(rows, lawfulRow{
			name: "gateways-" + strings.Join(names, "-"), what: "There are these gateways, in this order", source: any, level: "should", environment: reversed,
		})
	}
	return append(rows,
		lawfulRow{
			name: "enterprise-projects", what: "Every gateway belongs to an enterprise project", level: "should",
			source: "Table 10, enterprise_project_id: a UUID", environment: environment(t, func(e *suite.Environment) {
				for i := range e.Gateways {
					e.Gateways[i].EnterpriseProjectID = "2c9d6b1e-0000-4000-8000-0000000000ef"
				}
			}),
		},
		lawfulRow{
			name: "enterprise-project-0", what: "Every gateway belongs to the default enterprise project", level: "should",
			source: "Example responses; errata.yaml, enterprise-project-zero", environment: environment(t, func(e *suite.Environment) {
				for i := range e.Gateways {
					e.Gateways[i].EnterpriseProjectID = ""
				}
			}),
		},
		lawfulRow{
			name: "standby-address-first", what: "The standby address of a gateway comes before the active one", level: "should",
			source: "Table 3, ha_role: no address has a place", environment: environment(t, func(e *suite.Environment) {
				for _, g := range e.Gateways {
					if g.HAMode == "active-standby" {
						slices.Reverse(g.Addresses)
					}
				}
			}),
		},
		lawfulRow{
			name: "one-address-each", what: "Every gateway has one address", level: "should",
			source: "no source says how many there are", environment: environment(t, func(e *suite.Environment) {
				for i := range e.Gateways {
					e.Gateways[i].Addresses = e.Gateways[i].Addresses[:1]
				}
			}),
		},
	)
}

// gatewayName says what is special about a gateway of the default environment.
func gatewayName(g suite.Gateway) string {
	switch {
	case g.AttachmentType == "er":
		return "er"
	case g.NetworkType == "private":
		return "private"
	case g.HAMode == "active-standby":
		return "standby"
	}
	return "public"
}
