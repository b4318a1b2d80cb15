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

// anchor is a place of the request that surroundings are drawn around: an object, or
// an item of a list. The first item stands for all.
type anchor struct {
	object       string // JSON Pointer of the object that has the member or the list
	source       string // citation
	at           string // JSON Pointer of the innermost item on the way; empty if there is none
	maxItems     []int  // of each list on the way, at the index of its item's token
	member       string // member with a context in the document, which every request then has; empty otherwise
	contextSteps []step
	rules        []breaker
}

// name is the anchor's name in an id.
func (a *anchor) name() string {
	name := strings.ReplaceAll(strings.TrimPrefix(cmp.Or(a.member, a.place()), "/"), "/0", "")
	if name == "" {
		return "body"
	}
	return strings.ReplaceAll(name, "/", ".")
}

// anchoredRow is one row of surroundings at an anchor. It yields an accepted request
// and requests that each break one rule in it.
type anchoredRow struct {
	anchor *anchor
	row    surroundings
	rules  []breaker // rules of the anchor to break
	facts  openapi.Facts
}

// rowCases are the cases of a row.
type rowCases struct {
	anchoredRow
	twin    Case
	body    any // of the accepted request
	refused []rowRefusal
}

// rowRefusal is a refused case of a row.
type rowRefusal struct {
	Case
	body any
}

// breaksBeside reports whether the row has a case that breaks a rule, as b does,
// beside what a pin demands.
func (m rowCases) breaksBeside(s *part, p pin, b breaker) bool {
	return slices.ContainsFunc(m.refused, func(c rowRefusal) bool { return b.isShownBy(c.Case) && s.hasPin(p, m.anchoredRow, c.body) })
}

// surround adds the cases of all surroundings, with the values of a seed.
func (s *part) surround(seed uint64) {
	var drawing errgroup.Group
	drawing.SetLimit(runtime.GOMAXPROCS(0))
	rows := make([][]rowCases, len(s.anchors))
	for i, a := range s.anchors {
		drawing.Go(func() error {
			kinds := s.kindsWith(a, s.kinds)
			if len(kinds) == 0 {
				return nil
			}
			places := itemPositions(seededRandom(seed, a.name()+" places"))
			for number, row := range surroundingRows(kinds, places, a.at != "") {
				if m, ok := s.casesOfRow(anchoredRow{anchor: a, row: row, rules: a.rules}, seed); ok {
					m.twin.Wire.Late = number%len(waysToSend) == 5 // one in ten
					rows[i] = append(rows[i], m)
				}
			}
			rows[i] = append(rows[i], s.makePinned(a, kinds, rows[i], seed)...)
			for _, kind := range kinds {
				s.breakNearly(kind, rows[i])
			}
			return nil
		})
	}
	_ = drawing.Wait() // there is no error
	all := slices.Concat(rows...)
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
	refused := s.simultaneousRefusals(of)
	for r, list := range of {
		of[r] = spreadOverWays(list, begin[r])
	}
	for r, list := range s.resendBodyCases() {
		of[r] = append(of[r], list...)
	}
	s.insert(of)
	last := slices.IndexFunc(s.Cases, func(c Case) bool { return c.Wire.AtOnce })
	s.Cases = slices.Insert(s.Cases, last+1, refused...)
	s.Cases = append(s.Cases, twins...)
	s.Cases = append(s.Cases, s.repeatAtEnd(all)...)
	s.Cases = append(s.Cases, s.largestCases(seed)...)
	s.addSimultaneous(seed)
}

// kindsWith are the kinds of requests in which an anchor is possible.
func (s *part) kindsWith(a *anchor, variants []variant) []variant {
	return slices.DeleteFunc(slices.Clone(variants), func(v variant) bool {
		row := surroundings{variant: v, lists: a.at != "", position: onlyItem}
		_, ok := s.drawBody(a, row, s.newFiller(seededRandom(0, "able"), 0))
		return !ok
	})
}

// casesOfRow makes the cases of a row: the accepted one, and one for every rule that
// can be broken there; false if there is no accepted one.
func (s *part) casesOfRow(r anchoredRow, seed uint64) (rowCases, bool) {
	var body any
	ok := false
	for try := uint64(0); !ok && try < uint64(r.tries()); try++ { // drawn values may contradict each other
		r.facts = s.doc.Facts
		f := s.fillerFor(r, seed^try<<32)
		if body, ok = s.drawBody(r.anchor, r.row, f); ok {
			body, ok = s.applyPin(&r, body, f)
		}
	}
	if !ok {
		return rowCases{}, false
	}
	out := rowCases{anchoredRow: r, twin: s.twinCase(r, body), body: body}
	for _, b := range r.rules {
		if is, ok := s.breakRuleIn(r, b, body, seed); ok {
			out.refused = append(out.refused, rowRefusal{s.brokenCase(r, b, out.twin, is), is.body})
		}
	}
	return out, true
}

// resendBodyCases are the refused cases about the body as a whole. It has no
// surroundings, so that they differ in the way they are sent.
func (s *part) resendBodyCases() map[*openapi.Rule][]Case {
	out := map[*openapi.Rule][]Case{}
	for _, c := range s.fixed {
		if c.Rule == nil || c.Rule.Keyword != "type" || c.Rule.Schema != s.op.JSON().Value || !c.Refused() || c.Place != "" || !c.Wire.isUsual() {
			continue
		}
		for _, how := range waysToSend[1:] {
			sent := c.sendBy(how)
			sent.ID += "-" + how.slug()
			out[c.Rule] = append(out[c.Rule], sent)
		}
	}
	return out
}

// spreadOverWays sends the cases of a rule in each of the ways in turn. If there are
// too few cases for that, the cases that break this rule alone are sent in every way
// besides. The same holds if some cases break other rules too: a target that enforces
// those refuses such a request whether or not it enforces this rule.
func spreadOverWays(list []Case, begin int) []Case {
	var out, alone []Case
	for i, c := range list {
		out = append(out, c.sendBy(waysToSend[(begin+i)%len(waysToSend)]))
		if len(c.Also) == 0 {
			alone = append(alone, c)
		}
	}
	if len(alone) == 0 || len(alone) == len(list) && len(list) >= len(waysToSend) {
		return out
	}
	for i, how := range waysToSend[1:] {
		c := alone[i%len(alone)].sendBy(how)
		c.ID = c.Rule.ID + "/sent-" + how.slug()
		out = append(out, c)
	}
	return out
}

// sendBy returns the case sent in another way.
func (c Case) sendBy(how wayToSend) Case {
	if how.name != "" {
		c.Title += ", sent " + how.name
	}
	c.Wire = how.wire
	return c
}

// seededRandom is a source of random numbers for a seed and a name. Each name has its
// own, so that a new case does not change what others draw.
func seededRandom(seed uint64, name string) *rand.Rand {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // a hash takes everything
	return rand.New(rand.NewPCG(seed, hash.Sum64()))
}

// fillerFor draws the members around the anchor. Each row takes the next value of
// every enumeration, whatever the seed, so that every value comes once.
func (s *part) fillerFor(p anchoredRow, seed uint64) *filler {
	f := s.newFiller(seededRandom(seed, p.anchor.name()+" "+p.row.String()), p.row.turn)
	f.turns = p.row.turns
	return f
}

// tries is how often values are drawn before a rule counts as one that cannot be
// broken there.
const tries = 24

// fewTries is enough for a row with a pin: most requests that fail there can never be
// made, and other rows remain.
const fewTries = 4

// tries is how often the values of the row are drawn.
func (r anchoredRow) tries() int {
	if r.row.pin != (pin{}) {
		return fewTries
	}
	return tries
}

// breakRuleIn breaks a rule in the surroundings of a row, given the accepted request.
func (s *part) breakRuleIn(p anchoredRow, b breaker, body any, seed uint64) (breach, bool) {
	r := seededRandom(seed, p.row.String()+b.suffix+" "+b.rule.ID)
	for try := range p.tries() {
		if out, ok := b.breakRule(s, r, p, body, try); ok {
			return out, true
		}
	}
	return breach{}, false
}

// twinCase is the accepted case of a row.
func (s *part) twinCase(p anchoredRow, body any) Case {
	a, row := p.anchor, p.row
	with := "with"
	if _, there := match.Lookup(body, a.member); !there {
		with = "without"
	}
	return Case{
		inSurroundings: true,

		ID: "around/" + a.name() + "-" + row.String(), Title: fmt.Sprintf("A %s request %s %s, %s, is accepted", row.variant.name, with, a.name(), row.describe()),
		Level: string(s.levelOf(p)), Source: a.source, Place: a.resolve(row.position, a.place()), Turn: row.objectsToSkip(),
		Change:   openapi.Violate{Example: row.variant.example, Patch: s.patchOf(row.variant.example, body), Facts: p.facts},
		Statuses: s.successStatuses(),
	}
}

// brokenCase is the refused case of a rule in a row.
func (s *part) brokenCase(p anchoredRow, b breaker, twin Case, is breach) Case {
	level := b.rule.Level
	if is.level != "" {
		level = is.level
	}
	return Case{
		inSurroundings: true,
		ID:             b.rule.ID + "/" + p.row.String() + b.suffix, Title: fmt.Sprintf("%s: refused in a %s request, %s", b.rule.Message, p.row.variant.name, p.row.describe()),
		Level: string(level), Source: b.rule.Source, Errata: b.rule.Errata, Rule: b.rule, Place: is.at, Also: is.also, Turn: twin.Turn, Twin: twin.ID,
		Change:   openapi.Violate{Example: p.row.variant.example, Patch: s.patchOf(p.row.variant.example, is.body), Facts: is.facts},
		Statuses: refusals(b.rule),
	}
}

// patchOf is the JSON Patch that turns an example into a body.
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
		change, _ := stepOf(op, pointer, member) // drawn values always encode
		steps = append(steps, change)
	}
	patch, _ := json.Marshal(steps) // and so do steps
	return patch
}

// doubtfulMembers are the members whose values only other material lists and that no
// documented request or answer has. Drawn requests leave them out: a target may
// refuse such a member altogether, and the refusal would be blamed on another rule.
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

// levelOf is how binding it is that the request of a row is accepted: as binding as
// the enumeration of a member that only this row has, otherwise must.
func (s *part) levelOf(r anchoredRow) openapi.Level {
	level := openapi.Must
	for _, member := range []string{r.anchor.member, r.row.pin.member} {
		if member == "" || r.row.pin.absent {
			continue
		}
		if enum := s.doc.Keyword(openapi.Member(s.op.JSON(), member).Value, "enum", ""); enum != nil {
			level = lessBinding(level, enum.Level)
		}
	}
	return level
}

// lessBinding returns the less binding of two levels.
func lessBinding(a, b openapi.Level) openapi.Level {
	order := []openapi.Level{openapi.Must, openapi.Should, openapi.May}
	return order[max(slices.Index(order, a), slices.Index(order, b))]
}
