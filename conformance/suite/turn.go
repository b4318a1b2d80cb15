package suite

import (
	"slices"

	"github.com/vpnconform/vpnconform/openapi"
)

// inTurn are the gateways of an environment in the order in which a case tries
// them: those that are like the documented one first, unless it is the turn of
// another kind. Of several of one kind a case in drawn surroundings begins with
// any.
func (s *part) inTurn(c Case, e Environment) []Gateway {
	kinds := s.gatewayKinds(e)
	if len(kinds) == 0 {
		return nil
	}
	turn, begin := c.Turn, 0
	if c.around {
		begin = position(c.ID)
	}
	if len(kinds) > gateways {
		turn += gateways * begin
	}
	turn %= len(kinds)
	var out []Gateway
	for _, kind := range slices.Concat(kinds[turn:], kinds[:turn]) {
		at := begin % len(kind)
		out = slices.Concat(out, kind[at:], kind[:at])
	}
	return out
}

// gatewayKinds are the gateways of an environment, those of a kind together, and
// first those of the kind of the documented one.
func (s *part) gatewayKinds(e Environment) [][]Gateway {
	usual, _ := s.doc.Facts["gateway"].(map[string]any)
	unlike := func(g Gateway) int { // in how much
		n, has := 0, g.facts()
		for name, value := range usual {
			if text, ok := value.(string); ok && has[name] != text && s.gatewayIs[name] {
				n++
			}
		}
		return n
	}
	var kinds [][]Gateway
	for _, g := range e.Gateways {
		i := slices.IndexFunc(kinds, func(kind []Gateway) bool {
			return kind[0].NetworkType == g.NetworkType && kind[0].AttachmentType == g.AttachmentType && kind[0].HAMode == g.HAMode
		})
		if i < 0 {
			i, kinds = len(kinds), append(kinds, nil)
		}
		kinds[i] = append(kinds[i], g)
	}
	slices.SortStableFunc(kinds, func(a, b []Gateway) int { return unlike(a[0]) - unlike(b[0]) })
	return kinds
}

// gatewayIs are the members of what is known of a gateway that say of which kind it
// is: those of an enumeration.
func gatewayIs(doc *openapi.Document) map[string]bool {
	out := map[string]bool{}
	for _, schema := range doc.T.Components.Schemas {
		if schema.Value.Extensions["x-fact"] != "gateway" {
			continue
		}
		for name, member := range schema.Value.Properties {
			out[name] = len(member.Value.Enum) > 0
		}
	}
	return out
}
