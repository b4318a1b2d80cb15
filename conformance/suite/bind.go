package suite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// Bound is a case in an environment: what is sent and what is expected.
type Bound struct {
	Body    []byte // of the request, compact
	Request any    // Body, decoded
	Golden  any    // the body of the answer, decoded; nil but for an example
	Facts   openapi.Facts
	Key     string // the pre-shared key in it, if it is long enough to be found again
}

// MissingError says what the environment lacks for a case to be tried.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return "the environment has no " + e.What }

// Bind puts the environment's identifiers and addresses and the given
// pre-shared key in the place of the documented ones. The gateway is the first
// that has what the case takes it to have: network type and association, and
// the mode where the case depends on it. The error is a *[MissingError] when
// the environment has none, or no customer gateway.
func (s *Suite) Bind(c Case, e Environment, psk string) (Bound, error) {
	if c.Wire.Credentials != "" && !e.hasCredentials() {
		return Bound{}, &MissingError{"credentials (token_env, or a header field such as Authorization)"}
	}
	gateway, err := s.gateway(c, e)
	if err != nil {
		return Bound{}, err
	}
	if len(e.CustomerGateways) == 0 {
		return Bound{}, &MissingError{"customer gateway"}
	}
	customer := e.CustomerGateways[0]
	body, err := s.doc.Violated(s.op, c.Change)
	if err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	values, err := s.own(c, gateway, body)
	if err != nil {
		return Bound{}, err
	}
	example := s.decoded[c.Change.Example]
	values[lookup(example, "/vpn_connection/psk")] = psk
	values[lookup(example, "/vpn_connection/cgw_id")] = customer.ID
	delete(values, "") // what the example lacks stands for no text of it
	b := Bound{Facts: e.Facts(gateway.ID, customer.ID)}
	if b.Body, err = c.body(body, values); err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	if b.Request, err = match.Decode(b.Body); err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	const shortest = 8
	if key := lookup(b.Request, "/vpn_connection/psk"); len(key) >= shortest {
		b.Key = key
	}
	if c.Golden == nil {
		return b, nil
	}
	golden, err := match.Decode(c.Golden)
	if err != nil {
		return Bound{}, fmt.Errorf("%s: golden file: %w", c.ID, err)
	}
	answered(golden, gateway, customer, values)
	b.Golden = renamed(golden, values)
	return b, nil
}

// body writes the request. One that is documented keeps the form of the page.
func (c Case) body(derived any, values map[string]string) ([]byte, error) {
	if c.Request == nil {
		return match.Encode(renamed(derived, values))
	}
	documented, err := match.Decode(c.Request)
	if err != nil {
		return nil, err
	}
	var pairs []string
	if key := lookup(documented, "/vpn_connection/psk"); key != "" { // or every empty text would become the key
		pairs = append(pairs, quote(key), quote(values[lookup(derived, "/vpn_connection/psk")]))
	}
	for from, to := range values {
		pairs = append(pairs, quote(from), quote(to))
	}
	var out bytes.Buffer
	err = json.Compact(&out, []byte(strings.NewReplacer(pairs...).Replace(string(c.Request))))
	return out.Bytes(), err
}

// own maps the gateway's documented identifier and addresses to the
// environment's.
func (s *Suite) own(c Case, gateway Gateway, body any) (map[string]string, error) {
	values := map[string]string{lookup(s.decoded[c.Change.Example], "/vpn_connection/vgw_id"): gateway.ID}
	for i, documented := range addresses(c.Change.Facts) {
		own, ok := gateway.like(i, documented, gateway.HAMode == "active-standby")
		if !ok && mentions(body, documented.VgwIP()) {
			return nil, &MissingError{fmt.Sprintf("address %d of gateway %s", i+1, gateway.ID)}
		}
		if ok {
			values[documented.VgwIP()] = own.VgwIP()
		}
	}
	return values, nil
}

// answered maps what a documented answer says of the gateways to the
// environment's.
func answered(golden any, gateway Gateway, customer CustomerGateway, values map[string]string) {
	const ike = "/vpn_connection/ikepolicy/"
	values[lookup(golden, "/vpn_connection/enterprise_project_id")] = gateway.enterpriseProject()
	if lookup(golden, ike+"local_id_type") == "ip" {
		values[lookup(golden, ike+"local_id")] = gateway.first().IP
	}
	if lookup(golden, ike+"peer_id_type") == "ip" {
		values[lookup(golden, ike+"peer_id")] = customer.IP
	}
	delete(values, "") // what the example lacks stands for no text of it
}

// lookup returns the text at a place, empty if there is none.
func lookup(value any, pointer string) string {
	found, _ := match.Lookup(value, pointer)
	text, _ := found.(string)
	return text
}

// fact is a member of what a case takes the gateway to have.
func fact(facts openapi.Facts, name string) string {
	gateway, _ := facts["gateway"].(map[string]any)
	text, _ := gateway[name].(string)
	return text
}

// mode is the gateway's mode if the case depends on it.
func (s *Suite) mode(c Case) string {
	mode := fact(c.Change.Facts, "ha_mode")
	if c.Rule != nil {
		for _, need := range c.Rule.Needs {
			if need == "gateway.ha_mode" {
				return mode
			}
		}
	}
	if fact(s.doc.Facts, "ha_mode") == mode {
		return ""
	}
	return mode
}

// gateway finds the gateway of the environment that a case is for.
func (s *Suite) gateway(c Case, e Environment) (Gateway, error) {
	network, attachment, mode := fact(c.Change.Facts, "network_type"), fact(c.Change.Facts, "attachment_type"), s.mode(c)
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

// addresses are those that a case takes the gateway to have.
func addresses(facts openapi.Facts) []Address {
	gateway, _ := facts["gateway"].(map[string]any)
	list, _ := gateway["addresses"].([]any)
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
	data, err := match.Encode(value)
	return err == nil && bytes.Contains(data, []byte(quote(text)))
}

// quote writes a text as JSON.
func quote(text string) string {
	data, _ := match.Encode(text) // a text has no error
	return string(data)
}

// idLength is the length of an identifier.
const idLength = 36

// renamed puts other texts in the place of texts, and of identifiers in texts.
func renamed(value any, texts map[string]string) any {
	switch v := value.(type) {
	case string:
		if own, ok := texts[v]; ok {
			return own
		}
		for from, own := range texts {
			if len(from) >= idLength { // one with something around it
				v = strings.ReplaceAll(v, from, own)
			}
		}
		return v
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
