package suite

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
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
	member string // that the document gives a context, which is then in every request; empty for others
	given  []step
	rules  []breaker
}

// name is the anchor's in an id.
func (a *anchor) name() string {
	name := strings.ReplaceAll(strings.TrimPrefix(cmp.Or(a.member, a.place()), "/"), "/0", "")
	if name == "" {
		return "body"
	}
	return strings.ReplaceAll(name, "/", ".")
}

// ring is a row of surroundings of an anchor: an accepted request, and those that
// break a rule in it.
type ring struct {
	anchor *anchor
	row    surroundings
	rules  []breaker // of the anchor, those to break
	facts  openapi.Facts
}

// made are the cases of a ring.
type made struct {
	ring
	twin    Case
	body    any // of the accepted request
	refused []brokenIn
}

// brokenIn is a refused case of a ring.
type brokenIn struct {
	Case
	body any
}

// shows reports whether a rule is broken beside a pin, as b breaks it.
func (m made) shows(s *part, p pin, b breaker) bool {
	return slices.ContainsFunc(m.refused, func(c brokenIn) bool { return b.made(c.Case) && s.has(p, m.ring, c.body) })
}

// surround adds the cases of all surroundings, with the values of a seed.
func (s *part) surround(seed uint64) {
	var drawing errgroup.Group
	drawing.SetLimit(runtime.GOMAXPROCS(0))
	rings := make([][]made, len(s.anchors))
	for i, a := range s.anchors {
		drawing.Go(func() error {
			kinds := s.able(a, s.kinds)
			if len(kinds) == 0 {
				return nil
			}
			places := placesFor(random(seed, a.name()+" places"))
			for number, row := range rows(kinds, places, a.at != "") {
				if m, ok := s.ofRing(ring{anchor: a, row: row, rules: a.rules}, seed); ok {
					m.twin.Wire.Late = number%len(sendings) == 5 // some
					rings[i] = append(rings[i], m)
				}
			}
			rings[i] = append(rings[i], s.pinned(a, kinds, rings[i], seed)...)
			for _, kind := range kinds {
				s.nearIn(kind, rings[i])
			}
			return nil
		})
	}
	_ = drawing.Wait() // there is no error
	all := slices.Concat(rings...)
	of, begin := map[*openapi.Rule][]Case{}, map[*openapi.Rule]int{}
	var twins []Case
	for _, m := range all {
		twins = append(twins, m.twin)
		for _, c := range m.refused {
			if _, ok := begin[c.Rule]; !ok {
				begin[c.Rule] = len(begin)
			}
			of[c.Rule] = append(of[c.Rule], c.Case)
		}
	}
	refused := s.refusedAtOnce(of)
	for r, list := range of {
		of[r] = inTurn(list, begin[r])
	}
	for r, list := range s.sentOtherwise() {
		of[r] = append(of[r], list...)
	}
	s.insert(of)
	last := slices.IndexFunc(s.Cases, func(c Case) bool { return c.Wire.AtOnce })
	s.Cases = slices.Insert(s.Cases, last+1, refused...)
	s.Cases = append(s.Cases, twins...)
	s.Cases = append(s.Cases, s.again(all)...)
	s.Cases = append(s.Cases, s.largest(seed)...)
	s.atOnce(seed)
}

// able are the kinds of requests that can have an anchor.
func (s *part) able(a *anchor, variants []variant) []variant {
	return slices.DeleteFunc(slices.Clone(variants), func(v variant) bool {
		row := surroundings{variant: v, lists: a.at != "", place: onlyItem}
		_, ok := s.body(a, row, s.newFiller(random(0, "able"), 0))
		return !ok
	})
}

// ofRing makes the cases of a row: the accepted one, and one for every rule that
// can be broken there; false if there is no accepted one.
func (s *part) ofRing(r ring, seed uint64) (made, bool) {
	var body any
	ok := false
	for try := uint64(0); !ok && try < uint64(r.tries()); try++ { // what a seed determines may not go together
		r.facts = s.doc.Facts
		f := s.filler(r, seed^try<<32)
		if body, ok = s.body(r.anchor, r.row, f); ok {
			body, ok = s.pin(&r, body, f)
		}
	}
	if !ok {
		return made{}, false
	}
	out := made{ring: r, twin: s.twinCase(r, body), body: body}
	for _, b := range r.rules {
		if is, ok := s.breakIn(r, b, body, seed); ok {
			out.refused = append(out.refused, brokenIn{s.brokenCase(r, b, out.twin, is), is.body})
		}
	}
	return out, true
}

// sentOtherwise are the refused cases about the body itself, which has no
// surroundings but the way in which it is sent.
func (s *part) sentOtherwise() map[*openapi.Rule][]Case {
	out := map[*openapi.Rule][]Case{}
	for _, c := range s.fixed {
		if c.Rule == nil || c.Rule.Keyword != "type" || c.Rule.Schema != s.op.JSON().Value || !c.Refused() || c.Place != "" || !c.Wire.plain() {
			continue
		}
		for _, how := range sendings[1:] {
			sent := c.sent(how)
			sent.ID += "-" + how.slug()
			out[c.Rule] = append(out[c.Rule], sent)
		}
	}
	return out
}

// inTurn sends the cases of a rule in each of the ways in turn. Where they are too
// few for that, or some of them break another rule as well, which hides this one
// from who keeps that, those that stand alone are sent in every way besides.
func inTurn(list []Case, begin int) []Case {
	var out, apart []Case
	for i, c := range list {
		out = append(out, c.sent(sendings[(begin+i)%len(sendings)]))
		if len(c.Also) == 0 {
			apart = append(apart, c)
		}
	}
	if len(apart) == 0 || len(apart) == len(list) && len(list) >= len(sendings) {
		return out
	}
	for i, how := range sendings[1:] {
		c := apart[i%len(apart)].sent(how)
		c.ID = c.Rule.ID + "/sent-" + how.slug()
		out = append(out, c)
	}
	return out
}

// sent is a case that is sent in one of the ways to do so.
func (c Case) sent(how manner) Case {
	if how.name != "" {
		c.Title += ", sent " + how.name
	}
	c.Wire = how.wire
	return c
}

// random is a source of random numbers of its own for a seed and a name.
func random(seed uint64, name string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // a hash takes everything
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// filler draws what is around the anchor, in the order of the rows: each takes
// the next value of every enumeration once, whatever the seed.
func (s *part) filler(p ring, seed uint64) *filler {
	f := s.newFiller(random(seed, p.anchor.name()+" "+p.row.String()), p.row.turn)
	f.turns = p.row.turns
	return f
}

// tries is how often values are drawn before a rule counts as one that cannot be
// broken there.
const tries = 24

// fewTries are enough for a row with a pin: most of what fails there never goes
// together, and there are other rows.
const fewTries = 4

func (r ring) tries() int {
	if r.row.pin != (pin{}) {
		return fewTries
	}
	return tries
}

// breakIn breaks a rule in surroundings, given the accepted request.
func (s *part) breakIn(p ring, b breaker, body any, seed uint64) (breach, bool) {
	r := random(seed, p.row.String()+b.suffix+" "+b.rule.ID)
	for try := range p.tries() {
		if out, ok := b.breaks(s, r, p, body, try); ok {
			return out, true
		}
	}
	return breach{}, false
}

// twinCase is the accepted case of a row.
func (s *part) twinCase(p ring, body any) Case {
	a, row := p.anchor, p.row
	with := "with"
	if _, there := match.Lookup(body, a.member); !there {
		with = "without"
	}
	return Case{
		around: true,

		ID: "around/" + a.name() + "-" + row.String(), Title: fmt.Sprintf("A %s request %s %s, %s, is accepted", row.variant.name, with, a.name(), row.beside()),
		Level: string(s.levelOf(p)), Source: a.source, Place: a.concrete(row.place, a.place()), Turn: row.object(),
		Change:   openapi.Violate{Example: row.variant.example, Patch: s.patchOf(row.variant.example, body), Facts: p.facts},
		Statuses: s.statuses(),
	}
}

// brokenCase is the refused case of a rule in a row.
func (s *part) brokenCase(p ring, b breaker, twin Case, is breach) Case {
	level := b.rule.Level
	if is.level != "" {
		level = is.level
	}
	return Case{
		around: true,
		ID:     b.rule.ID + "/" + p.row.String() + b.suffix, Title: fmt.Sprintf("%s: refused in a %s request, %s", b.rule.Message, p.row.variant.name, p.row.beside()),
		Level: string(level), Source: b.rule.Source, Errata: b.rule.Errata, Rule: b.rule, Place: is.at, Also: is.also, Turn: twin.Turn, Twin: twin.ID,
		Change:   openapi.Violate{Example: p.row.variant.example, Patch: s.patchOf(p.row.variant.example, is.body), Facts: is.facts},
		Statuses: refusals(b.rule),
	}
}

// patchOf is the JSON Patch that makes a body of an example.
func (s *part) patchOf(example string, body any) []byte {
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

// doubtfulMembers are the members whose values only other material lists, and
// that no documented request or answer has: what is refused for one of them is
// refused for a reason of its own, so that no other request has it.
func (s *part) doubtfulMembers() map[*openapi3.Schema]bool {
	out := map[*openapi3.Schema]bool{}
	var documented []any
	for _, name := range s.doc.Examples(s.op) {
		documented = append(documented, s.decoded[name])
		if answer, err := match.Decode(s.doc.Example(s.op, name).Answer); err == nil {
			documented = append(documented, answer)
		}
	}
	for _, r := range s.doc.Rules {
		if r.Keyword != "enum" || r.Level == openapi.Must || r.Schema == nil {
			continue
		}
		at, ok := openapi.Find(s.op.JSON(), r.Schema)
		if ok && !slices.ContainsFunc(documented, func(value any) bool { _, has := match.Lookup(value, at); return has }) {
			out[r.Schema] = true
		}
	}
	return out
}

// levelOf is how binding it is that the request of a ring is accepted: as binding as
// a value that only it has, otherwise must.
func (s *part) levelOf(r ring) openapi.Level {
	level := openapi.Must
	for _, member := range []string{r.anchor.member, r.row.pin.member} {
		if member == "" || r.row.pin.absent {
			continue
		}
		if enum := s.doc.Keyword(openapi.Member(s.op.JSON(), member).Value, "enum", ""); enum != nil {
			level = lower(level, enum.Level)
		}
	}
	return level
}

// lower is the less binding of two levels.
func lower(a, b openapi.Level) openapi.Level {
	order := []openapi.Level{openapi.Must, openapi.Should, openapi.May}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
