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

// pin is a demand on one further row of an anchor: an object of the environment, a
// value of another member, a member that is there or absent. The rows cover pairs; a
// pin covers a combination in which no row breaks some rule, so that a target that
// forgets the rule exactly there is noticed. The zero pin demands nothing.
type pin struct {
	object int    // number of the object of the environment, counted from 1
	fact   string // the fact that has the object
	member string // JSON Pointer of the other member, in the first item of every list
	value  any    // of an enumeration, or a text that the member may name; nil for any value
	number int    // of the text that it names, counted from 1
	absent bool
}

// name is the pin's name in an id.
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

// pins are those of an anchor: each object of the environment; of the other members of
// its object each value, presence and absence; and each value of the members of the
// objects around it.
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
		if at == a.member || at == s.kind { // the other rows vary these
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
			if len(member.Enum) == 0 && isFree(member) {
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

// listedIn are the texts by which a member may name items of an object of the
// documented target.
func (s *part) listedIn(member *openapi3.Schema) []any {
	var out []any
	for _, n := range s.requestNames {
		if n.Schema == member && len(n.Path) > 0 {
			for _, text := range n.Texts(s.doc, s.doc.Facts[n.Fact]) {
				out = append(out, text)
			}
		}
	}
	return out
}

// isBeside reports whether a pin is about something else than the members of a rule.
func (p pin) isBeside(b breaker) bool {
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

// hasPin reports whether a request of a row meets a pin. An absent member has its
// default.
func (s *part) hasPin(p pin, r anchoredRow, body any) bool {
	if p.object > 0 {
		return r.row.objectsToSkip() == p.object-1
	}
	value, there := match.Lookup(body, r.anchor.resolve(r.row.position, p.member))
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

// makePinned makes further rows of an anchor: one for each pin beside which a rule is
// not broken yet, and for each kind of request that it needs.
func (s *part) makePinned(a *anchor, kinds []variant, rows []rowCases, seed uint64) []rowCases {
	var out []rowCases
	for _, p := range s.pins(a) {
		var lacking []breaker
		for _, rule := range a.rules {
			for _, b := range rule.splitByAlso() {
				if p.isBeside(b) && !slices.ContainsFunc(rows, func(m rowCases) bool { return m.breaksBeside(s, p, b) }) {
					lacking = append(lacking, b)
				}
			}
		}
		for _, kind := range kinds {
			for _, mode := range []mode{modeAlone, modeAmid} {
				if len(lacking) == 0 {
					continue
				}
				row := surroundings{variant: kind, mode: mode, position: onlyItem, lists: a.at != "", pin: p}
				m, ok := s.casesOfRow(anchoredRow{anchor: a, row: row, rules: lacking}, seed)
				m.refused = slices.DeleteFunc(m.refused, func(c rowRefusal) bool { return !s.hasPin(p, m.anchoredRow, c.body) })
				if !ok || len(m.refused) == 0 {
					continue
				}
				out = append(out, m)
				lacking = slices.DeleteFunc(lacking, func(b breaker) bool { return m.breaksBeside(s, p, b) })
			}
		}
	}
	return out
}

// applyPin changes a request of a row so that it meets the row's pin; false if it
// cannot.
func (s *part) applyPin(r *anchoredRow, body any, f *filler) (any, bool) {
	p := r.row.pin
	if p.member == "" {
		return body, true
	}
	at := r.anchor.resolve(r.row.position, p.member)
	if p.absent {
		return s.removePinned(r, body, at)
	}
	if out, ok := s.writePinned(r, body, at, f); ok {
		return out, true
	}
	context := s.memberContext(p.member)
	if context == nil {
		return nil, false
	}
	body, ok := applySteps(body, context.Patch, func(at string) string { return r.anchor.resolve(r.row.position, at) })
	if !ok {
		return nil, false
	}
	r.facts = s.doc.Facts.With(context.With)
	return s.writePinned(r, body, at, f)
}

// writePinned writes a member with the value of the pin.
func (s *part) writePinned(r *anchoredRow, body any, at string, f *filler) (any, bool) {
	value := r.row.pin.value
	if value == nil {
		value = f.drawValue(openapi.Member(s.op.JSON(), r.row.pin.member), r.row.pin.member)
	}
	body, ok := setMember(body, at, value)
	if !ok {
		return nil, false
	}
	anchored := r.anchor.resolve(r.row.position, cmp.Or(r.anchor.member, r.anchor.place()))
	if whole, ok := s.repair(body, r.facts, anchored, at); ok || r.anchor.member == "" {
		return whole, ok
	}
	return s.repair(body, r.facts, at) // no value of the anchor's member is accepted there
}

// removePinned removes a member, at a target where it may be absent.
func (s *part) removePinned(r *anchoredRow, body any, at string) (any, bool) {
	less, ok := removeMember(body, at)
	if !ok {
		return body, true
	}
	for _, r.facts = range s.targets {
		if s.isAccepted(less, r.facts) {
			return less, true
		}
	}
	return nil, false
}

// differentTargets are the targets that the document speaks of: that of its examples
// first, then those where its rules are broken.
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
