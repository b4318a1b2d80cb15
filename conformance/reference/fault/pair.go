package fault

import (
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// ofJoint are the faults of rules that refuse the same requests: an
// implementation without one of them still refuses what breaks it, because of
// the others. So all of them are forgotten together. Which rules go together is
// what the cases say; each set of rules is one fault.
func (w *world) ofJoint(*materials) []Fault {
	var out []Fault
	seen := map[string]bool{}
	for _, c := range w.suite.Cases {
		ids := c.Breaks()
		key := strings.Join(ids, " ")
		if len(ids) < 2 || !c.Wire.Lawful() || seen[key] {
			continue
		}
		seen[key] = true
		var others []string
		for _, id := range ids {
			if id != c.Rule.ID {
				others = append(others, id[strings.LastIndexByte(id, '.')+1:])
			}
		}
		out = append(out, Fault{
			ID: "rule/" + c.Rule.ID + "/not-enforced-with-" + strings.Join(others, "-and-"), Kind: "hidden-by-another", Rule: c.Rule.ID,
			Breaks: "a request is accepted that breaks rules which refuse it together: " + strings.Join(ids, ", "),
			make: lenient(func(q *asked) bool {
				return !slices.ContainsFunc(q.broken, func(v openapi.Violation) bool { return v.Rule == nil || !slices.Contains(ids, v.Rule.ID) })
			}),
			witness: func() []probe {
				var out []probe
				for _, body := range w.requests([]suite.Case{c}) {
					out = append(out, probe{body: body})
				}
				return out
			},
		})
	}
	return out
}
