package suite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
)

// repeatAtEnd sends requests again after all others are answered: one row of every
// anchor, accepted and refused. A target that treats only the first requests
// correctly, or remembers its answers, is noticed by them.
func (s *part) repeatAtEnd(rows []rowCases) []Case {
	var out []Case
	seen := map[string]bool{} // places
	for _, m := range rows {
		place := m.anchor.place() + " " + m.row.position.name
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

// largestCases are the largest requests of every kind: each member has its own limit,
// and a target that limits all of them together is noticed here. They are sent again
// with every letter as an escape, which makes them larger still.
func (s *part) largestCases(seed uint64) []Case {
	var out []Case
	for _, v := range s.kinds {
		f := s.newFiller(seededRandom(seed, "largest "+v.name), 0)
		f.largest = true
		body, ok := s.repair(s.fillObject(s.dropLists(v.bare), s.op.JSON(), "", f), s.doc.Facts)
		if !ok {
			continue
		}
		c := Case{
			inSurroundings: true, ID: "largest/" + v.name, Title: "A " + v.name + " request in which everything has its largest size is accepted",
			Level: string(openapi.Must), Source: s.citation(""), Statuses: s.successStatuses(),
			Change: openapi.Violate{Example: v.example, Patch: s.patchOf(v.example, body), Facts: s.doc.Facts},
		}
		escaped := c
		escaped.ID, escaped.Title, escaped.Wire.Form = c.ID+"-escaped", c.Title+", with its letters escaped", "escaped"
		out = append(out, c, escaped)
	}
	return out
}

// dropLists returns a request without its required lists, so that they are drawn.
func (s *part) dropLists(body any) any {
	for _, at := range match.Leaves(body) {
		list, _, ok := strings.Cut(at, "/0")
		if member := openapi.Member(s.op.JSON(), list); ok && member != nil && member.Value.MaxItems != nil {
			if less, done := removeMember(body, list); done {
				body = less
			}
		}
	}
	return body
}

// simultaneousRefusals is a case of requests that break one rule in different
// surroundings and are sent at the same time. Its rule is the first at level must that
// is broken in enough rows.
func (s *part) simultaneousRefusals(of map[*openapi.Rule][]Case) []Case {
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

// addSimultaneous gives the cases that send several requests at once other requests
// beside theirs, so that an answer to the wrong request is noticed.
func (s *part) addSimultaneous(seed uint64) {
	for i := range s.Cases {
		c := &s.Cases[i]
		if c.Wire.Requests < 2 || !c.Wire.AtOnce {
			continue
		}
		n := c.Wire.Requests - 1
		c.Wire.Requests, c.Further, c.inSurroundings = 0, nil, true
		for k := range n {
			v := s.kinds[k%len(s.kinds)]
			f := s.newFiller(seededRandom(seed, fmt.Sprintf("%s %d", c.ID, k)), k)
			body, ok := s.repair(s.fillObject(v.bare, s.op.JSON(), "", f), s.doc.Facts)
			if ok {
				c.Further = append(c.Further, openapi.Violate{Example: v.example, Patch: s.patchOf(v.example, body), Facts: s.doc.Facts})
			}
		}
		c.Further = slices.Clip(c.Further)
	}
}
