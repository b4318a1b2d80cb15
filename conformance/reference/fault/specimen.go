package fault

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/project"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/generated/vpn"
	"github.com/vpnconform/vpnconform/openapi"
)

// breaches are a rule of a request, where it stands, and requests that break it
// alone. Faults of the rule's surroundings are derived from these: a fault that
// none of them shows is none, since nobody could notice it.
type breaches struct {
	rule   *openapi.Rule
	object string   // JSON Pointer of the object that has the members; the first item stands for all
	names  []string // members of the object that the rule speaks of
	blamed string   // the first of them
	cloud  []*asked
}

// materials are what requests are put together from.
type materials struct {
	rules    map[*openapi.Rule]func() []any // requests of cases that break one rule
	accepted []any                          // requests, those first that have every member
	full     map[string][]any               // the items of a list of the greatest length, by its JSON Pointer
}

// gather binds the cases that requests are put together from; those of a rule
// when they are first asked for, since there are thousands and [FindFault] needs
// few of them.
func (w *world) gather() (*materials, error) {
	m := &materials{rules: map[*openapi.Rule]func() []any{}, full: map[string][]any{}}
	var documented []any
	refused := map[*openapi.Rule][]suite.Case{}
	for _, c := range w.suite.Cases {
		group, name, _ := strings.Cut(c.Name(), "/")
		whole := c.Accepted() && (group == "complete" || group == "example")
		full := c.Accepted() && c.Rule != nil && c.Rule.Keyword == "maxItems"
		if !c.Wire.Lawful() || c.Wire.Credentials != "" {
			continue
		}
		if c.Rule != nil && c.Refused() && (len(refused[c.Rule]) < 2 || strings.HasPrefix(name, "in-")) {
			refused[c.Rule] = append(refused[c.Rule], c)
		}
		if !whole && !full {
			continue
		}
		bound, err := w.suite.Bind(c, w.environment, spareKey)
		if err != nil {
			return nil, err
		}
		switch at, _ := openapi.Find(w.op.JSON(), schemaOf(c)); {
		case group == "complete":
			m.accepted = append(m.accepted, bound.Request)
		case whole:
			documented = append(documented, bound.Request)
		default:
			if list, ok := lookup(bound.Request, at).([]any); ok && len(list) > len(m.full[at]) {
				m.full[at] = list
			}
		}
	}
	m.accepted = append(m.accepted, documented...)
	for _, r := range w.doc.Rules {
		m.rules[r] = sync.OnceValue(func() []any { return w.requests(refused[r]) })
	}
	return m, nil
}

// requests are those of cases in the environment. A case that it lacks something
// for has none.
func (w *world) requests(cases []suite.Case) []any {
	var out []any
	for _, c := range cases {
		if bound, err := w.suite.Bind(c, w.environment, spareKey); err == nil { // the tests bind every case
			out = append(out, bound.Request)
		}
	}
	return out
}

// breaking is a request that breaks a rule of a kind, and that no case has; nil
// if there is none.
func (m *materials) breaking(w *world, is func(*openapi.Rule) bool) any {
	for _, r := range w.doc.Rules {
		if !is(r) {
			continue
		}
		for _, body := range m.rules[r]() {
			if unknown := put(body, "/vpn_connection/name", "in-no-case-of-any-seed"); unknown != nil && w.asked(unknown).breaksAlone(r) {
				return unknown
			}
		}
	}
	return nil
}

// schemaOf is the schema that a case's rule stands on; nil if it has none.
func schemaOf(c suite.Case) *openapi3.Schema {
	if c.Rule == nil {
		return nil
	}
	return c.Rule.Schema
}

// breaches finds the surroundings of a rule, and requests that break it in them.
func (w *world) breaches(r *openapi.Rule, m *materials) *breaches {
	at, _ := openapi.Find(w.op.JSON(), r.Schema)
	out := &breaches{rule: r, object: at}
	switch {
	case r.Kind == openapi.Validation:
		out.names = r.Names()
		out.blamed = strings.Split(r.Fields[0], "/")[1]
	case r.Keyword == "required":
		out.names, out.blamed = []string{r.Member}, r.Member
	case at != "":
		for strings.HasSuffix(at, "/0") {
			at = strings.TrimSuffix(at, "/0")
		}
		i := strings.LastIndexByte(at, '/')
		out.object, out.blamed = at[:i], at[i+1:]
		out.names = []string{out.blamed}
	}
	for _, body := range m.rules[r]() {
		out.add(w, body)
	}
	for _, base := range m.accepted { // the same in the other requests that have the member
		out.first(w, slices.Clone(out.cloud[:min(len(out.cloud), 3)]), func(body any) []any { return []any{out.graft(body, base)} })
	}
	out.scatter(w, m)
	return out
}

// add adds a request that breaks the rule alone, and leaves nothing open. The generated decoder, which is
// much faster than the rules, is asked first: most variations break another.
func (d *breaches) add(w *world, body any) {
	if body == nil {
		return
	}
	text, err := match.Encode(body)
	if err != nil {
		return
	}
	_, violations := vpn.DecodeCreateVpnConnectionRequestBody(text)
	if slices.ContainsFunc(violations, func(v vpn.Violation) bool { return v.Rule != d.rule.ID }) {
		return
	}
	if q := w.asked(body); q.breaksAlone(d.rule) && len(w.doc.LeavesOpen(w.op, q.body, q.facts)) == 0 {
		d.cloud = append(d.cloud, q)
	}
}

// graft puts the members that the rule speaks of into another request, if that
// has them; nil if it has not.
func (d *breaches) graft(from, into any) any {
	if from == nil || lookup(into, d.object+"/"+d.blamed) == nil {
		return nil
	}
	for _, name := range d.names {
		at := d.object + "/" + name
		if value, there := find(from, at); there {
			into = put(into, at, value)
		} else {
			into = cut(into, at)
		}
	}
	return into
}

// scatter varies the surroundings of the requests, one thing at a time.
func (d *breaches) scatter(w *world, m *materials) {
	const most = 5 // a variation that none of so many allows is left out
	seeds := slices.Clone(d.cloud)
	if len(seeds) > most {
		seeds = seeds[:most]
	}
	for i := range w.project.Gateways {
		d.first(w, seeds, func(body any) []any { return []any{w.atGateway(body, i)} })
	}
	object := openapi.Member(w.op.JSON(), d.object)
	if object != nil && !strings.HasSuffix(d.object, "/-") {
		for _, name := range slices.Sorted(maps.Keys(object.Value.Properties)) {
			at := d.object + "/" + name
			for _, value := range openapi.Member(object, "/"+name).Value.Enum {
				d.first(w, seeds, func(body any) []any { return []any{put(body, at, value)} })
			}
			if name != d.blamed {
				d.first(w, seeds, func(body any) []any { return flips(body, at, m.accepted) })
			}
		}
		d.first(w, seeds, func(body any) []any { return []any{d.alone(body)} })
	}
	for _, list := range d.lists(w) {
		d.inList(w, seeds, list, m.full[list])
	}
}

// first adds the first request that a variation yields of one of the seeds and
// that breaks the rule alone.
func (d *breaches) first(w *world, seeds []*asked, vary func(body any) []any) {
	for _, seed := range seeds {
		for _, body := range vary(seed.body) {
			before := len(d.cloud)
			if d.add(w, body); len(d.cloud) > before {
				return
			}
		}
	}
}

// flips are a request without a member or, if it is not there, with a value
// that an accepted request has.
func flips(body any, at string, accepted []any) []any {
	if _, there := find(body, at); there {
		return []any{cut(body, at)}
	}
	var out []any
	for _, other := range accepted {
		if value, there := find(other, at); there {
			out = append(out, put(body, at, value))
		}
	}
	return out
}

// alone is a request in whose object only the members are that the rule speaks
// of.
func (d *breaches) alone(body any) any {
	object, ok := lookup(body, d.object).(map[string]any)
	if !ok {
		return nil
	}
	for name := range object {
		if !slices.Contains(d.names, name) {
			body = cut(body, d.object+"/"+name)
		}
	}
	return body
}

// atGateway is a request for the environment's gateway of that number, at the
// address that has the place of the one before.
func (w *world) atGateway(body any, number int) any {
	const gateway, address = "/vpn_connection/vgw_id", "/vpn_connection/vgw_ip"
	from := w.gatewayOf(body)
	if from < 0 {
		return nil
	}
	to := w.project.Gateways[number]
	sent := lookup(body, address)
	for i, a := range w.project.Gateways[from].Addresses {
		if project.NameOf(a) == sent && i < len(to.Addresses) {
			body = put(body, address, project.NameOf(to.Addresses[i]))
		}
	}
	return put(body, gateway, to.ID)
}

// gatewayOf is the number of the gateway in the environment that a request
// names, -1 if there is none.
func (w *world) gatewayOf(body any) int {
	id := lookup(body, "/vpn_connection/vgw_id")
	return slices.IndexFunc(w.project.Gateways, func(g vpn.Gateway) bool { return g.ID == id })
}

// lookup is a value at a place; nil if there is none.
func lookup(body any, at string) any {
	value, _ := find(body, at)
	return value
}

// find is a value at a place, and whether there is one. It is [match.Lookup] for
// pointers without escapes, of which faults look up a great many.
func find(body any, at string) (any, bool) {
	if strings.Contains(at, "~") {
		return match.Lookup(body, at)
	}
	for at != "" {
		token := at[1:]
		if i := strings.IndexByte(token, '/'); i >= 0 {
			token, at = token[:i], token[i:]
		} else {
			at = ""
		}
		switch v := body.(type) {
		case map[string]any:
			member, there := v[token]
			if !there {
				return nil, false
			}
			body = member
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			body = v[i]
		default:
			return nil, false
		}
	}
	return body, true
}

// put is a body with a value at a place, whose surroundings are there; nil if
// they are not. The body stays as it is.
func put(body any, at string, value any) any {
	return edited(body, at, func(parent any, token string) any {
		switch parent := parent.(type) {
		case map[string]any:
			parent = maps.Clone(parent)
			parent[token] = value
			return parent
		case []any:
			if i, err := strconv.Atoi(token); err == nil && i < len(parent) {
				parent = slices.Clone(parent)
				parent[i] = value
				return parent
			}
		}
		return nil
	})
}

// cut is a body without a member. The body stays as it is.
func cut(body any, at string) any {
	return edited(body, at, func(parent any, token string) any {
		object, ok := parent.(map[string]any)
		if !ok {
			return nil
		}
		object = maps.Clone(object)
		delete(object, token)
		return object
	})
}

// edited is a body whose value around a place is changed; nil if that cannot
// be.
func edited(body any, at string, change func(parent any, token string) any) any {
	i := strings.LastIndexByte(at, '/')
	if i < 0 {
		return nil
	}
	token := at[i+1:] // no member of a request has a name that is escaped
	parent, there := find(body, at[:i])
	if !there {
		return nil
	}
	changed := change(parent, token)
	if changed == nil || i == 0 {
		return changed
	}
	return put(body, at[:i], changed)
}
