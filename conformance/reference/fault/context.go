package fault

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// surrounding is a surrounding of what breaks a rule, in which the rule is not
// enforced.
type surrounding struct {
	kind   string
	family string // contexts of one family that no request tells apart are one
	name   string
	says   string // where it is not enforced: "at a private gateway"
	passes func(q *asked) bool
}

// inContexts are the faults of a rule that is enforced in some surroundings
// alone. Each is shown by a request that breaks the rule, and no other.
func (w *world) inContexts(d *breaches) []Fault {
	var out []Fault
	seen := map[string]bool{}
	for _, c := range slices.Concat(w.atGateways(), d.beside(w), d.inLists(w)) {
		shown, count, key := -1, 0, c.family+" "
		for i, q := range d.cloud {
			if c.passes(q) {
				count++
				key += fmt.Sprint(i, ",")
				if shown < 0 {
					shown = i
				}
			}
		}
		if shown < 0 || seen[key] || count == len(d.cloud) { // no request shows it, or all do as if the rule were forgotten
			continue
		}
		seen[key] = true
		out = append(out, Fault{
			ID: "rule/" + d.rule.ID + "/" + c.name, Kind: c.kind, Rule: d.rule.ID, Within: true,
			Breaks:  "a request is accepted " + c.says + " although not: " + d.rule.Message,
			make:    notEnforced(d.rule, c.passes),
			witness: sent(d.cloud[shown].body),
		})
	}
	return append(out, d.inTransports(w)...)
}

// atGateways are what is known of the gateways, and each gateway.
func (w *world) atGateways() []surrounding {
	var out []surrounding
	for _, fact := range slices.Sorted(maps.Keys(w.doc.Facts)) {
		for _, s := range w.doc.T.Components.Schemas {
			if s.Value.Extensions["x-fact"] == fact {
				out = append(out, ofFacts(fact, s.Value)...)
			}
		}
	}
	for i := range w.project.Gateways {
		out = append(out, surrounding{"one-gateway-alone", "gateway", fmt.Sprintf("only-at-gateway-%d", i+1), fmt.Sprintf("unless it is at gateway %d", i+1), func(q *asked) bool {
			at := q.world.gatewayOf(q.body)
			return at >= 0 && at != i
		}}, surrounding{"not-at-one-gateway", "gateway", fmt.Sprintf("not-at-gateway-%d", i+1), fmt.Sprintf("at gateway %d", i+1), func(q *asked) bool {
			return q.world.gatewayOf(q.body) == i
		}})
	}
	return out
}

// ofFacts are the values of what is known of a gateway.
func ofFacts(fact string, s *openapi3.Schema) []surrounding {
	var out []surrounding
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		for _, value := range s.Properties[name].Value.Enum {
			out = append(out, surrounding{"one-fact-alone", "gateway", fmt.Sprintf("only-at-%s-%v", name, value), fmt.Sprintf("unless %s of the %s is %v", name, fact, value), func(q *asked) bool {
				known := lookup(map[string]any(q.facts), "/"+fact+"/"+name)
				return known != nil && known != value
			}})
		}
	}
	return out
}

// beside are the members beside what the rule speaks of: which values they
// have, and whether they are there. The member that says which kind of request
// it is counts wherever the rule stands.
func (d *breaches) beside(w *world) []surrounding {
	var out []surrounding
	object := openapi.Member(w.op.JSON(), d.object)
	if object == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(object.Value.Properties)) {
		at := d.object + "/" + name
		out = append(out, d.ofValues(w, at)...)
		if name == d.blamed {
			continue
		}
		out = append(out, surrounding{"with-sibling-alone", at, "only-with-" + name, "without " + name, func(q *asked) bool {
			_, there := find(q.body, q.concrete(at))
			return !there && q.in(d.object)
		}}, surrounding{"without-sibling-alone", at, "only-without-" + name, "with " + name, func(q *asked) bool {
			_, there := find(q.body, q.concrete(at))
			return there
		}})
	}
	for around := d.object; around != ""; { // and of the objects around it
		around = around[:strings.LastIndexByte(around, '/')]
		for _, name := range slices.Sorted(maps.Keys(openapi.Member(w.op.JSON(), around).Value.Properties)) {
			if at := around + "/" + name; at != w.variant() && len(openapi.Member(w.op.JSON(), at).Value.Enum) > 0 {
				out = append(out, d.ofValues(w, at)...)
			}
		}
	}
	if variant := w.variant(); !strings.HasPrefix(variant, d.object+"/") || strings.Count(variant, "/") != strings.Count(d.object, "/")+1 {
		out = append(out, d.ofValues(w, variant)...)
	}
	return append(out, surrounding{"alone-alone", "alone", "only-alone", "with other members beside it", func(q *asked) bool {
		return q.in(d.object) && !d.isAlone(q)
	}}, surrounding{"not-alone", "alone", "not-alone", "alone in its object", func(q *asked) bool {
		return q.in(d.object) && d.isAlone(q)
	}})
}

// ofValues are the values of an enumeration: what a request says, or the
// default.
func (d *breaches) ofValues(w *world, at string) []surrounding {
	var out []surrounding
	name := at[strings.LastIndexByte(at, '/')+1:]
	s := openapi.Member(w.op.JSON(), at).Value
	means := func(q *asked) any {
		if sent, there := find(q.body, q.concrete(at)); there {
			return sent
		}
		return s.Default
	}
	for _, value := range s.Enum {
		out = append(out, surrounding{"one-value-alone", at, fmt.Sprintf("only-for-%s-%v", name, value), fmt.Sprintf("unless %s is %v", name, value), func(q *asked) bool {
			meant := means(q)
			return meant != nil && meant != value
		}}, surrounding{"not-for-one-value", at, fmt.Sprintf("not-for-%s-%v", name, value), fmt.Sprintf("if %s is %v", name, value), func(q *asked) bool {
			return means(q) == value
		}})
	}
	return out
}

// in tells whether a request has an object at a place.
func (q *asked) in(object string) bool {
	_, ok := lookup(q.body, q.concrete(object)).(map[string]any)
	return ok
}

// isAlone tells whether the members that the rule speaks of have no others
// beside them.
func (d *breaches) isAlone(q *asked) bool {
	object, _ := lookup(q.body, q.concrete(d.object)).(map[string]any)
	for name := range object {
		if !slices.Contains(d.names, name) {
			return false
		}
	}
	return true
}

// variant is the JSON Pointer of the member that says of which kind a request
// is; the request itself if there is none.
func (w *world) variant() string {
	for _, m := range members(w.op.JSON(), "") {
		if marked, _ := m.schema.Extensions["x-variants"].(bool); marked {
			return m.at
		}
	}
	return ""
}
