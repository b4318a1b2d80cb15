package suite

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// pin is what a further row of an anchor has, because in no other row a rule was
// broken beside it: an object of the environment, a value of another member, the member or its
// absence. The zero pin is none.
type pin struct {
	object int    // of the environment, counted from 1
	fact   string // that it is of
	member string // JSON Pointer of the other member, in the first item of every list
	value  any    // of an enumeration, or what the member may name; nil for any
	number int    // of what it names, counted from 1
	absent bool
}

// name is the pin's in an id.
func (p pin) name() string {
	member := p.member[strings.LastIndexByte(p.member, '/')+1:]
	switch {
	case p.object > 0:
		return fmt.Sprintf("at-%s-%d", p.fact, p.object)
	case p.absent:
		return "without-" + member
	case p.value == nil:
		return "with-" + member
	case p.number > 0:
		return fmt.Sprintf("with-%s-%d", member, p.number)
	}
	return fmt.Sprintf("with-%s-%v", member, p.value)
}

// pins are those of an anchor: each object of the environment, of the other members of
// its object each value, being there and being absent, and each value of the members
// of the objects around it.
func (s *part) pins(a *anchor) []pin {
	var out []pin
	for _, fact := range s.kindFacts() {
		for i := range turns {
			out = append(out, pin{object: i + 1, fact: fact})
		}
	}
	object := openapi.Member(s.op.JSON(), a.object).Value
	for _, name := range slices.Sorted(maps.Keys(object.Properties)) {
		at := a.object + "/" + match.Escape(name)
		if at == a.member || at == s.kind { // which are those of the other rows
			continue
		}
		member := openapi.Member(object.Properties[name], "").Value
		for _, value := range member.Enum {
			out = append(out, pin{member: at, value: value})
		}
		for i, value := range s.listedIn(member) {
			out = append(out, pin{member: at, value: value, number: i + 1})
		}
		if !slices.Contains(object.Required, name) {
			out = append(out, pin{member: at, absent: true})
			if len(member.Enum) == 0 && free(member) {
				out = append(out, pin{member: at})
			}
		}
	}
	for around := a.object; around != ""; {
		around = around[:strings.LastIndexByte(around, '/')]
		for _, name := range slices.Sorted(maps.Keys(openapi.Member(s.op.JSON(), around).Value.Properties)) {
			at := around + "/" + match.Escape(name)
			for _, value := range openapi.Member(s.op.JSON(), at).Value.Enum {
				if at != s.kind {
					out = append(out, pin{member: at, value: value})
				}
			}
		}
	}
	return out
}

// listedIn are the texts by which a member may name what an object of the documented
// target lists.
func (s *part) listedIn(member *openapi3.Schema) []any {
	var out []any
	for _, n := range s.named {
		if n.Schema == member && len(n.Path) > 0 {
			for _, text := range n.Texts(s.doc, s.doc.Facts[n.Fact]) {
				out = append(out, text)
			}
		}
	}
	return out
}

// beside reports whether a pin is beside what a rule is about, not that itself.
func (p pin) beside(b breaker) bool {
	if b.rule.Kind == openapi.Keyword {
		return p.member == "" || p.member != b.at
	}
	for _, field := range slices.Concat(b.rule.Fields, b.rule.Reads()) {
		if p.member != "" && strings.HasPrefix(b.at+field+"/", p.member+"/") {
			return false
		}
	}
	return true
}

// has reports whether a request of a row has a pin. What is absent has its
// default.
func (s *part) has(p pin, r ring, body any) bool {
	if p.object > 0 {
		return r.row.object() == p.object-1
	}
	value, there := match.Lookup(body, r.anchor.concrete(r.row.place, p.member))
	switch {
	case p.absent:
		return !there
	case p.value == nil:
		return there
	case !there:
		value = openapi.Member(s.op.JSON(), p.member).Value.Default
	}
	return value == p.value
}

// pinned makes further rows of an anchor, given what was made of the others: one
// for each pin beside which a rule was not broken yet, and for each kind of
// request that it needs.
func (s *part) pinned(a *anchor, kinds []variant, rings []made, seed uint64) []made {
	var out []made
	for _, p := range s.pins(a) {
		var lacking []breaker
		for _, rule := range a.rules {
			for _, b := range rule.apart() {
				if p.beside(b) && !slices.ContainsFunc(rings, func(m made) bool { return m.shows(s, p, b) }) {
					lacking = append(lacking, b)
				}
			}
		}
		for _, kind := range kinds {
			for _, mode := range []mode{alone, amid} {
				if len(lacking) == 0 {
					continue
				}
				row := surroundings{variant: kind, mode: mode, place: onlyItem, lists: a.at != "", pin: p}
				m, ok := s.ofRing(ring{anchor: a, row: row, rules: lacking}, seed)
				m.refused = slices.DeleteFunc(m.refused, func(c brokenIn) bool { return !s.has(p, m.ring, c.body) })
				if !ok || len(m.refused) == 0 {
					continue
				}
				out = append(out, m)
				lacking = slices.DeleteFunc(lacking, func(b breaker) bool { return m.shows(s, p, b) })
			}
		}
	}
	return out
}

// pin gives a request of a ring what its pin is; false if it cannot have it.
func (s *part) pin(r *ring, body any, f *filler) (any, bool) {
	p := r.row.pin
	if p.member == "" {
		return body, true
	}
	at := r.anchor.concrete(r.row.place, p.member)
	if p.absent {
		return s.absent(r, body, at)
	}
	if out, ok := s.present(r, body, at, f); ok {
		return out, true
	}
	given := s.given(p.member)
	if given == nil {
		return nil, false
	}
	body, ok := stepped(body, given.Patch, func(at string) string { return r.anchor.concrete(r.row.place, at) })
	if !ok {
		return nil, false
	}
	r.facts = s.doc.Facts.With(given.With)
	return s.present(r, body, at, f)
}

// present writes a member with the value that a pin has.
func (s *part) present(r *ring, body any, at string, f *filler) (any, bool) {
	value := r.row.pin.value
	if value == nil {
		value = f.value(openapi.Member(s.op.JSON(), r.row.pin.member), r.row.pin.member)
	}
	body, ok := with(body, at, value)
	if !ok {
		return nil, false
	}
	anchored := r.anchor.concrete(r.row.place, cmp.Or(r.anchor.member, r.anchor.place()))
	if whole, ok := s.repaired(body, r.facts, anchored, at); ok || r.anchor.member == "" {
		return whole, ok
	}
	return s.repaired(body, r.facts, at) // what the anchor is about is wrong there, whatever it is
}

// absent removes a member, at a target where that may be.
func (s *part) absent(r *ring, body any, at string) (any, bool) {
	less, ok := without(body, at)
	if !ok {
		return body, true
	}
	for _, r.facts = range s.targets {
		if s.clean(less, r.facts) {
			return less, true
		}
	}
	return nil, false
}

// differentTargets are what the document takes targets to have: first what its examples do,
// then what its rules are broken at.
func (s *part) differentTargets() []openapi.Facts {
	out := []openapi.Facts{s.doc.Facts}
	for _, rule := range s.doc.Rules {
		for _, v := range rule.Violate {
			if !slices.ContainsFunc(out, func(f openapi.Facts) bool { return sameFacts(f, v.Facts) }) {
				out = append(out, v.Facts)
			}
		}
	}
	return out
}
