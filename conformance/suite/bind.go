package suite

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// Bind puts the environment's identifiers, and the given pre-shared key, in
// the place of those of the document's examples. The gateway is the first that
// has what the variant's facts say of network type and association, and of the
// mode where the rule or the facts' change speaks of it. The error is a
// *[MissingError] when the environment has none.
func (v Variant) Bind(doc *openapi.Document, op openapi.Operation, e Environment, psk string) (Bound, error) {
	body, err := doc.Violated(op, v.Violate)
	if err != nil {
		return Bound{}, fmt.Errorf("%s/%s: %w", v.Rule.ID, v.Name, err)
	}
	gateway, err := v.gateway(doc, e)
	if err != nil {
		return Bound{}, err
	}
	if len(e.CustomerGateways) == 0 {
		return Bound{}, &MissingError{"customer gateway"}
	}
	example, err := doc.Violated(op, openapi.Violate{Example: v.Example, Patch: []byte("[]")})
	if err != nil {
		return Bound{}, fmt.Errorf("%s/%s: %w", v.Rule.ID, v.Name, err)
	}
	values := map[string]string{}
	for pointer, own := range map[string]string{"/vgw_id": gateway.ID, "/cgw_id": e.CustomerGateways[0].ID, "/psk": psk} {
		if text, ok := match.Lookup(example, "/vpn_connection"+pointer); ok {
			values[fmt.Sprint(text)] = own
		}
	}
	for i, documented := range v.addresses() {
		own, ok := gateway.like(i, documented, gateway.HAMode == "active-standby")
		if !ok && mentions(body, documented.VgwIP()) {
			return Bound{}, &MissingError{fmt.Sprintf("address %d of gateway %s", i+1, gateway.ID)}
		}
		if ok {
			values[documented.VgwIP()] = own.VgwIP()
		}
	}
	b := Bound{Request: renamed(body, values), Facts: e.Facts(gateway.ID, e.CustomerGateways[0].ID)}
	if b.Body, err = json.Marshal(b.Request); err != nil {
		return Bound{}, fmt.Errorf("%s/%s: %w", v.Rule.ID, v.Name, err)
	}
	b.Request, err = match.Decode(b.Body)
	return b, err
}

// fact is a member of what the variant takes the gateway to have.
func (v Variant) fact(name string) any {
	gateway, _ := v.Facts["gateway"].(map[string]any)
	return gateway[name]
}

// mode is the gateway's mode if the variant depends on it.
func (v Variant) mode(doc *openapi.Document) string {
	usual, _ := doc.Facts["gateway"].(map[string]any)
	mode, _ := v.fact("ha_mode").(string)
	for _, need := range v.Rule.Needs {
		if need == "gateway.ha_mode" {
			return mode
		}
	}
	if usual["ha_mode"] == mode {
		return ""
	}
	return mode
}

// gateway finds the gateway of the environment that a variant is for.
func (v Variant) gateway(doc *openapi.Document, e Environment) (Gateway, error) {
	network, _ := v.fact("network_type").(string)
	attachment, _ := v.fact("attachment_type").(string)
	mode := v.mode(doc)
	for _, g := range e.Gateways {
		if g.NetworkType == network && g.AttachmentType == attachment && (mode == "" || g.HAMode == mode) {
			return g, nil
		}
	}
	what := fmt.Sprintf("gateway with network_type %s and attachment_type %s", network, attachment)
	if mode != "" {
		what += " and ha_mode " + mode
	}
	return Gateway{}, &MissingError{what}
}

// addresses are those that the variant takes the gateway to have.
func (v Variant) addresses() []Address {
	list, _ := v.fact("addresses").([]any)
	var out []Address
	for _, item := range list {
		member, _ := item.(map[string]any)
		id, _ := member["id"].(string)
		ip, _ := member["ip"].(string)
		role, _ := member["role"].(string)
		out = append(out, Address{id, ip, role})
	}
	return out
}

// like returns the gateway's address that takes the place of a documented one:
// that of the same role where roles count, otherwise the one at its position.
func (g Gateway) like(position int, documented Address, roles bool) (Address, bool) {
	for i, a := range g.Addresses {
		if roles && a.Role == documented.Role || !roles && i == position {
			return a, true
		}
	}
	return Address{}, false
}

// mentions tells whether a text stands somewhere in a value.
func mentions(value any, text string) bool {
	data, err := json.Marshal(value)
	return err == nil && strings.Contains(string(data), quote(text))
}

// renamed puts other texts in the place of texts.
func renamed(value any, texts map[string]string) any {
	switch v := value.(type) {
	case string:
		if own, ok := texts[v]; ok {
			return own
		}
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = renamed(item, texts)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = renamed(member, texts)
		}
		return out
	}
	return value
}
