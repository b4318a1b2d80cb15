package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// again are requests that were sent before, and are sent once more when all
// others are answered: one row of every anchor, accepted and refused. Who answers
// the first requests alone, or remembers what it said, does not see it.
func (s *part) again(rings []made) []Case {
	var out []Case
	seen := map[string]bool{} // places
	for _, m := range rings {
		place := m.anchor.place() + " " + m.row.place.name
		if len(m.refused) == 0 || seen[place] {
			continue
		}
		seen[place] = true
		twin, refused := m.twin, m.refused[0].Case
		for _, c := range []*Case{&twin, &refused} {
			c.Wire, c.Title = Wire{Late: true}, c.Title+", at the end of the run once more"
		}
		twin.ID = fmt.Sprintf("again/accepted-%d", len(seen))
		refused.ID, refused.Twin = fmt.Sprintf("again/refused-%d", len(seen)), twin.ID
		out = append(out, twin, refused)
	}
	return out
}

// largest are the largest requests of every kind: everything has its limit, which
// holds for each and not for all together. They are sent once more with every
// letter as an escape, which takes twice as many bytes.
func (s *part) largest(seed uint64) []Case {
	var out []Case
	for _, v := range s.kinds {
		f := s.newFiller(random(seed, "largest "+v.name), 0)
		f.most = true
		body, ok := s.repaired(s.filled(s.withoutLists(v.bare), s.op.JSON(), "", f), s.doc.Facts)
		if !ok {
			continue
		}
		c := Case{
			around: true, ID: "largest/" + v.name, Title: "A " + v.name + " request in which everything has its largest size is accepted",
			Level: string(openapi.Must), Source: s.citation(""), Statuses: s.statuses(),
			Change: openapi.Violate{Example: v.example, Patch: s.patchOf(v.example, body), Facts: s.doc.Facts},
		}
		escaped := c
		escaped.ID, escaped.Title, escaped.Wire.Form = c.ID+"-escaped", c.Title+", with its letters escaped", "escaped"
		out = append(out, c, escaped)
	}
	return out
}

// withoutLists is a bare request without the lists that it has to have, so that
// they are drawn.
func (s *part) withoutLists(body any) any {
	for _, at := range match.Leaves(body) {
		list, _, ok := strings.Cut(at, "/0")
		if member := openapi.Member(s.op.JSON(), list); ok && member != nil && member.Value.MaxItems != nil {
			if less, done := without(body, list); done {
				body = less
			}
		}
	}
	return body
}

// refusedAtOnce are requests that break one rule in different surroundings, sent at
// the same time: those of the first rule that binds and is broken in so many.
func (s *part) refusedAtOnce(of map[*openapi.Rule][]Case) []Case {
	const requests = 16
	for _, r := range s.doc.Rules {
		same := slices.DeleteFunc(slices.Clone(of[r]), func(c Case) bool {
			return r.Level != openapi.Must || c.Level != string(r.Level) || len(c.Also) > 0 || !sameFacts(c.Change.Facts, s.doc.Facts)
		})
		if len(same) < requests {
			continue
		}
		c := same[0]
		c.ID, c.Title, c.Wire = "concurrency/refused", r.Message+": requests that come at the same time are refused", Wire{AtOnce: true}
		for _, other := range same[1:requests] {
			c.Further = append(c.Further, other.Change)
		}
		return []Case{c}
	}
	return nil
}

// atOnce gives the cases that send several requests at the same time other ones
// beside theirs, so that an answer to another request is seen.
func (s *part) atOnce(seed uint64) {
	for i := range s.Cases {
		c := &s.Cases[i]
		if c.Wire.Requests < 2 || !c.Wire.AtOnce {
			continue
		}
		n := c.Wire.Requests - 1
		c.Wire.Requests, c.Further, c.around = 0, nil, true
		for k := range n {
			v := s.kinds[k%len(s.kinds)]
			f := s.newFiller(random(seed, fmt.Sprintf("%s %d", c.ID, k)), k)
			body, ok := s.repaired(s.filled(v.bare, s.op.JSON(), "", f), s.doc.Facts)
			if ok {
				c.Further = append(c.Further, openapi.Violate{Example: v.example, Patch: s.patchOf(v.example, body), Facts: s.doc.Facts})
			}
		}
		c.Further = slices.Clip(c.Further)
	}
}
