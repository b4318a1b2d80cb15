package suite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
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

	// Before are the requests that set the case up, in their order.
	Before []Before

	// Parameters are those that are sent beside the body, by name.
	Parameters map[string]string

	Key string // the pre-shared key in it, if it is long enough to be found again
}

// Before is a request that was carried out before the one under test.
type Before struct {
	Operation openapi.Operation
	Request   any  // body, decoded
	Beside    bool // it made something else than what the case is about
}

// MissingError says what the environment lacks for a case to be tried.
type MissingError struct{ What string }

func (e *MissingError) Error() string { return "the environment has no " + e.What }

// Bind puts the environment's identifiers and addresses and the given
// pre-shared key in the place of the documented ones, at the first gateway where
// the request then breaks just the rules that the case says: every gateway has
// rules of its own. [Case.Turn] says with which gateway the search begins. The
// error is a *[MissingError] when the environment has no such gateway, or no
// customer gateway.
func (s *part) Bind(c Case, e Environment, psk string) (Bound, error) {
	if c.Wire.Credentials != "" && !e.hasCredentials() {
		return Bound{}, &MissingError{"credentials (token_env, or a header field such as Authorization)"}
	}
	if s.op.JSON() == nil {
		return Bound{Facts: s.doc.Facts}, nil
	}
	if len(s.doc.Facts) == 0 { // nothing in the request names anything of the environment
		return s.bindPlain(c)
	}
	body, err := s.doc.Violated(s.op, c.Change)
	if err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	if len(e.CustomerGateways) == 0 {
		return Bound{}, &MissingError{"customer gateway"}
	}
	missing := &MissingError{"gateway"}
	customer := e.CustomerGateways[0]
	for i, gateway := range s.inTurn(c, e) {
		b := binding{suite: s, c: c, gateway: gateway, customer: customer, facts: e.Facts(gateway.ID, customer.ID), psk: psk}
		found, err := b.bind(body)
		if err == nil {
			return found, nil
		}
		var lacks *MissingError
		if !errors.As(err, &lacks) {
			return Bound{}, err
		}
		if i == 0 || len(lacks.What) > len(missing.What) { // the one that says most
			missing = lacks
		}
	}
	return Bound{}, missing
}

// bindPlain makes the request of a document that knows no environment.
func (s *part) bindPlain(c Case) (Bound, error) {
	body, err := s.doc.Violated(s.op, c.Change)
	if err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	texts := map[string]string{}
	if c.Golden == nil {
		maps.Copy(texts, s.drawn)
	}
	bound := Bound{Request: renamed(body, texts, "", new([]string))}
	if bound.Body, err = match.Encode(bound.Request); err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", c.ID, err)
	}
	if c.Golden != nil {
		bound.Golden, err = match.Decode(c.Golden)
	}
	return bound, err
}

// binding is a case at one gateway.
type binding struct {
	suite    *part
	c        Case
	gateway  Gateway
	customer CustomerGateway
	facts    openapi.Facts // of both
	psk      string
}

// bind makes the request, or says what the gateway lacks for it.
func (b binding) bind(body any) (Bound, error) {
	if what := b.lacks(); what != "" {
		return Bound{}, &MissingError{what}
	}
	values, err := b.suite.own(b.c, b.gateway, body)
	if err != nil {
		return Bound{}, err
	}
	example := b.suite.decoded[b.c.Change.Example]
	values[lookup(example, "/vpn_connection/psk")] = b.psk
	values[lookup(example, "/vpn_connection/cgw_id")] = b.customer.ID
	delete(values, "") // what the example lacks stands for no text of it
	for _, drawn := range []map[string]string{b.suite.drawn, nil} {
		bound := Bound{Facts: b.facts}
		if b.c.Golden != nil && drawn != nil {
			continue // a documented request stays as it is
		}
		var changed []string
		bound.Request, changed = b.request(body, values, drawn)
		removed, ok := b.fits(&bound, changed)
		if !ok {
			continue
		}
		return b.finish(bound, values, removed)
	}
	if broken := b.c.Breaks(); len(broken) > 0 {
		return Bound{}, &MissingError{"gateway where the request breaks " + strings.Join(broken, " and ") + " and nothing else"}
	}
	return Bound{}, &MissingError{"gateway where the request breaks no rule"}
}

// lacks says what the case takes the gateway to have, unlike the documented one,
// and it has not; empty if nothing.
func (b binding) lacks() string {
	wanted, _ := b.c.Change.Facts["gateway"].(map[string]any)
	usual, _ := b.suite.doc.Facts["gateway"].(map[string]any)
	has, _ := b.facts["gateway"].(map[string]any)
	var out []string
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if text, ok := wanted[name].(string); ok && text != usual[name] && text != has[name] {
			out = append(out, name+" "+text)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return "gateway with " + strings.Join(out, " and ")
}

// request writes the environment's values into a body, and returns where. Drawn
// are further texts that take the place of others.
func (b binding) request(body any, values, drawn map[string]string) (any, []string) {
	all := maps.Clone(drawn)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, values)
	var changed []string
	out := renamed(body, all, "", &changed)
	return out, slices.DeleteFunc(changed, func(at string) bool { return lookup(out, at) == b.psk }) // the key keeps its rules
}

// fits reports whether the request breaks just the rules that the case says, and
// leaves nothing open unless the case is about that. Members that leave open at
// this gateway whether it is accepted are removed from it, and returned; not the
// one that the case is about.
func (b binding) fits(bound *Bound, changed []string) (removed []string, ok bool) {
	s := b.suite
	moved := !sameFacts(bound.Facts, b.c.Change.Facts)
	for range 4 {
		wrong := b.c.wrong()
		breaks, open := s.doc.Rejudge(s.op, bound.Request, bound.Facts, moved, b.c.Breaks(), append(changed, removed...), wrong)
		if len(wrong) > 0 && slices.Contains(changed, wrong[0]) { // it may be wrong for another reason now
			breaks = slices.Equal(sorted(s.doc.Broken(s.op, bound.Request, bound.Facts)), b.c.Breaks())
		}
		if b.c.Open {
			return removed, breaks && len(s.doc.LeavesOpen(s.op, bound.Request, bound.Facts)) > 0
		}
		if len(open) == 0 {
			return removed, breaks
		}
		r := s.doc.Rule(open[0])
		if r == nil {
			return nil, false
		}
		at, _ := openapi.Find(s.op.JSON(), r.Schema)
		for _, field := range r.Fields {
			pointer := at + field
			if b.isAbout(pointer) {
				return nil, false
			}
			if less, ok := without(bound.Request, pointer); ok {
				bound.Request, removed = less, append(removed, pointer)
			}
		}
	}
	return nil, false
}

// isAbout reports whether the case is about a member: then it is not removed. An
// accepted case about an object is one about it without the member, too.
func (b binding) isAbout(pointer string) bool {
	within := strings.HasPrefix(b.c.Place+"/", pointer+"/")
	around := strings.HasPrefix(pointer+"/", b.c.Place+"/")
	return b.c.Place != "" && (within || around && !b.c.Accepted())
}

// finish writes the body, and what is expected of the answer.
func (b binding) finish(bound Bound, values map[string]string, removed []string) (Bound, error) {
	var err error
	if b.c.Request == nil || len(removed) > 0 {
		bound.Body, err = match.Encode(bound.Request)
	} else if bound.Body, err = b.c.printed(b.suite.decoded[b.c.Change.Example], values); err == nil {
		bound.Request, err = match.Decode(bound.Body)
	}
	if err != nil {
		return Bound{}, fmt.Errorf("%s: request: %w", b.c.ID, err)
	}
	const shortest = 8
	if key := lookup(bound.Request, "/vpn_connection/psk"); len(key) >= shortest {
		bound.Key = key
	}
	if b.c.Golden == nil {
		return bound, nil
	}
	golden, err := match.Decode(b.c.Golden)
	if err != nil {
		return Bound{}, fmt.Errorf("%s: golden file: %w", b.c.ID, err)
	}
	answered(golden, b.gateway, b.customer, values)
	bound.Golden = renamed(golden, values, "", new([]string))
	for _, pointer := range removed {
		if without, ok := without(bound.Golden, pointer); ok {
			bound.Golden = without
		}
	}
	return bound, nil
}

// printed writes the documented request in the form of the page.
func (c Case) printed(example any, values map[string]string) ([]byte, error) {
	documented, err := match.Decode(c.Request)
	if err != nil {
		return nil, err
	}
	var pairs []string
	if key := lookup(documented, "/vpn_connection/psk"); key != "" { // or every empty text would become the key
		pairs = append(pairs, quote(key), quote(values[lookup(example, "/vpn_connection/psk")]))
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
func (s *part) own(c Case, gateway Gateway, body any) (map[string]string, error) {
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

// renamed puts other texts in the place of texts, and of identifiers in texts. It
// appends the places of those.
func renamed(value any, texts map[string]string, at string, changed *[]string) any {
	switch v := value.(type) {
	case string:
		out, ok := texts[v]
		if !ok {
			out = v
			for from, own := range texts {
				if len(from) >= idLength && len(v) >= idLength { // one with something around it
					out = strings.ReplaceAll(out, from, own)
				}
			}
		}
		if out != v {
			*changed = append(*changed, at)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = renamed(item, texts, at+"/"+strconv.Itoa(i), changed)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = renamed(member, texts, at+"/"+match.Escape(name), changed)
		}
		return out
	}
	return value
}
