package suite

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// anchor is the place that surroundings are around: an object of the request, or
// an item of a list in it. The first item stands for all.
type anchor struct {
	object string // JSON Pointer of the object that has the member, or the list
	source string // citation
	at     string // of the item of the innermost list on the way; empty if there is none
	most   []int  // by its token, how many items a list on the way may have
	rules  []breaker
}

// name is the anchor's in an id.
func (a *anchor) name() string {
	name := strings.ReplaceAll(strings.TrimPrefix(a.place(), "/"), "/0", "")
	if name == "" {
		return "body"
	}
	return strings.ReplaceAll(name, "/", ".")
}

// ring is a row of surroundings: the accepted request, and those that break a
// rule in it. A request is drawn anew for every seed.
type ring struct {
	anchor *anchor
	row    surroundings
	twin   int   // index of the case
	cases  []int // indexes of the refused ones, by the rule
}

// surround adds the cases of all surroundings.
func (s *Suite) surround() error {
	variants, kind := s.variants()
	s.kind = kind
	anchors := s.anchors()
	plans := make([][]plan, len(anchors))
	var drawing errgroup.Group
	drawing.SetLimit(runtime.GOMAXPROCS(0))
	for i, a := range anchors {
		drawing.Go(func() error {
			plans[i] = s.plan(a, variants)
			return nil
		})
	}
	_ = drawing.Wait() // there is no error
	of := map[*openapi.Rule][]Case{}
	var twins []Case
	for _, list := range plans {
		for _, p := range list {
			twins = append(twins, p.twin)
			for i, c := range p.refused {
				if c.ID != "" {
					r := p.anchor.rules[i].rule
					of[r] = append(of[r], c)
				}
			}
		}
	}
	s.insert(of)
	s.Cases = append(s.Cases, twins...)
	return s.remember(plans)
}

// remember notes where the cases of the surroundings stand, for [Suite.Drawn].
func (s *Suite) remember(plans [][]plan) error {
	at := map[string]int{}
	for i, c := range s.Cases {
		if _, twice := at[c.ID]; twice {
			return fmt.Errorf("two cases have the id %s", c.ID)
		}
		at[c.ID] = i
	}
	for _, list := range plans {
		for _, p := range list {
			row := ring{anchor: p.anchor, row: p.row, twin: at[p.twin.ID]}
			for _, c := range p.refused {
				i, ok := at[c.ID]
				if !ok {
					i = -1
				}
				row.cases = append(row.cases, i)
			}
			s.around = append(s.around, row)
		}
	}
	return nil
}

// plan is a row with its cases. A rule that cannot be broken there has one
// without an id.
type plan struct {
	ring
	twin    Case
	refused []Case
}

// plan makes the cases of an anchor.
func (s *Suite) plan(a *anchor, variants []variant) []plan {
	able := slices.DeleteFunc(slices.Clone(variants), func(v variant) bool {
		row := surroundings{variant: v, lists: a.at != "", place: places[0]}
		_, ok := s.body(a, row, newFiller(random(0, "able"), 0))
		return !ok
	})
	if len(able) == 0 {
		return nil
	}
	var out []plan
	for n, row := range rows(able, a.at != "") {
		p := plan{ring: ring{anchor: a, row: row}}
		body, ok := s.body(a, row, s.filler(p.ring, 0))
		if !ok {
			continue
		}
		p.twin = s.twinCase(a, row, body)
		for i, b := range a.rules {
			var c Case
			if broken, ok := s.breakIn(p.ring, i, body, 0); ok {
				c = s.brokenCase(p.ring, b, p.twin, broken, sendings[(n+i)%len(sendings)])
			}
			p.refused = append(p.refused, c)
		}
		out = append(out, p)
	}
	return out
}

// random is a source of random numbers of its own for a seed and a name.
func random(seed uint64, name string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // a hash takes everything
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// filler draws what is around the anchor, in the order of the rows: each takes
// the next value of every enumeration.
func (s *Suite) filler(p ring, seed uint64) *filler {
	f := newFiller(random(seed, p.anchor.name()+" "+p.row.String()), 0)
	f.turn = p.row.slot*3 + position(p.row.variant.name) + int(seed%1024)
	return f
}

// tries is how often values are drawn before those of another seed are taken.
const tries = 12

// breakIn breaks a rule in surroundings, given the accepted request.
func (s *Suite) breakIn(p ring, rule int, body any, seed uint64) (breach, bool) {
	b := p.anchor.rules[rule]
	r := random(seed, p.row.String()+" "+b.rule.ID)
	for range tries {
		if out, ok := b.breaks(s, r, p, body); ok {
			return out, true
		}
	}
	return breach{}, false
}

// twinCase is the accepted case of a row.
func (s *Suite) twinCase(a *anchor, row surroundings, body any) Case {
	return Case{
		ID: "around/" + a.name() + "-" + row.String(), Title: "A " + row.words() + " of " + a.name() + ", is accepted",
		Level: string(s.levelOf(body)), Source: a.source, Place: a.concrete(row.place, a.place()), Turn: row.slot % gateways,
		Change:   openapi.Violate{Example: row.variant.example, Patch: s.patchOf(row.variant.example, body), Facts: s.doc.Facts},
		Statuses: []int{http.StatusCreated},
	}
}

// brokenCase is the refused case of a rule in a row.
func (s *Suite) brokenCase(p ring, b breaker, twin Case, is breach, sending struct {
	name string
	wire Wire
}) Case {
	how := ""
	if sending.name != "" {
		how = ", sent " + sending.name
	}
	level := b.rule.Level
	if is.level != "" {
		level = is.level
	}
	return Case{
		ID: b.rule.ID + "/" + p.row.String(), Title: b.rule.Message + ", in a " + p.row.words() + how,
		Level: string(level), Source: b.rule.Source, Errata: b.rule.Errata, Rule: b.rule, Place: is.at, Also: is.also, Turn: twin.Turn, Twin: twin.ID,
		Change: openapi.Violate{Example: p.row.variant.example, Patch: s.patchOf(p.row.variant.example, is.body), Facts: is.facts},
		Wire:   sending.wire, Statuses: refusals(b.rule),
	}
}

// redraw draws the requests of all surroundings anew, into cases that are those
// of the suite.
func (s *Suite) redraw(cases []Case, seed uint64) {
	var drawing errgroup.Group
	drawing.SetLimit(runtime.GOMAXPROCS(0))
	for _, p := range s.around {
		drawing.Go(func() error {
			body, ok := s.body(p.anchor, p.row, s.filler(p, seed))
			if !ok {
				return nil // those of the seed 0 stay
			}
			example := p.row.variant.example
			cases[p.twin].Change.Patch = s.patchOf(example, body)
			for rule, i := range p.cases {
				if i < 0 {
					continue
				}
				if is, ok := s.breakIn(p, rule, body, seed); ok {
					c := &cases[i]
					c.Change.Patch, c.Change.Facts, c.Also, c.Place = s.patchOf(example, is.body), is.facts, is.also, is.at
				}
			}
			return nil
		})
	}
	_ = drawing.Wait() // there is no error
}

// patchOf is the JSON Patch that makes a body of an example.
func (s *Suite) patchOf(example string, body any) []byte {
	old, _ := s.decoded[example].(map[string]any)
	now, _ := body.(map[string]any)
	var steps []step
	for _, name := range sortedNames(old, now) {
		pointer := "/" + match.Escape(name)
		member, there := now[name]
		if !there {
			steps = append(steps, step{Op: "remove", Path: pointer})
			continue
		}
		op := "add"
		if _, had := old[name]; had {
			op = "replace"
		}
		change, _ := stepOf(op, pointer, member) // what is drawn always encodes
		steps = append(steps, change)
	}
	patch, _ := json.Marshal(steps) // and so do steps
	return patch
}

// levelOf is how binding it is that a request is accepted: must, unless it has a
// value that only other material lists.
func (s *Suite) levelOf(body any) openapi.Level {
	for _, at := range match.Leaves(body) {
		member := openapi.Member(s.op.JSON(), at)
		if member == nil {
			continue
		}
		value, _ := match.Lookup(body, at)
		if r := s.doc.Keyword(member.Value, "enum", ""); r != nil && r.Level != openapi.Must && !s.shown(at, value) {
			return r.Level
		}
	}
	return openapi.Must
}

// shown reports whether a documented example has a value at a place.
func (s *Suite) shown(at string, value any) bool {
	for _, name := range s.doc.Examples(s.op) {
		if has, ok := match.Lookup(s.decoded[name], at); ok && fmt.Sprint(has) == fmt.Sprint(value) {
			return true
		}
	}
	member := openapi.Member(s.op.JSON(), at)
	return fmt.Sprint(member.Value.Default) == fmt.Sprint(value)
}
