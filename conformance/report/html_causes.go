package report

import (
	"cmp"
	"slices"
)

// cause is a difference that cases have in common: one place, and what is asked
// there. Its level is that of the case in which it binds most.
type cause struct {
	Difference
	Cases int    // that have it
	First string // id of the first of them
	At    string // its anchor
}

// mostCauses is the number of causes that a page lists.
const mostCauses = 25

// causes lists what differs, in the most cases first, and how many more there
// are than the page has place for. A single case needs no such list.
func (p *htmlPage) causes() (shown []cause, more int) {
	type of struct {
		result     Result
		difference Difference
	}
	var all []of
	failed := 0
	for _, r := range p.cases {
		if len(r.Differences) > 0 {
			failed++
		}
		for _, d := range r.Differences {
			all = append(all, of{r, d})
		}
	}
	if failed < 2 {
		return nil, 0
	}
	for _, g := range grouped(all, func(o of) string {
		return o.difference.Pointer + "\n" + cmp.Or(o.difference.Rule, o.difference.Why)
	}) {
		c := cause{Difference: g[0].difference, First: g[0].result.Case, At: p.anchor[g[0].result.Case]}
		last := ""
		for _, o := range g { // those of a case stand together
			if rank(o.difference.Level) < rank(c.Level) {
				c.Level = o.difference.Level
			}
			if o.result.Case != last {
				c.Cases++
			}
			last = o.result.Case
		}
		c.Level = Levels[rank(c.Level)] // whatever a report has there
		shown = append(shown, c)
	}
	slices.SortStableFunc(shown, func(a, b cause) int { return b.Cases - a.Cases })
	more = max(len(shown)-mostCauses, 0)
	return shown[:len(shown)-more], more
}
