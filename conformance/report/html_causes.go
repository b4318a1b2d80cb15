package report

import "cmp"

// htmlCause is a cause as the page shows it.
type htmlCause struct {
	Cause
	Links []caseLink // to a few of its cases
}

// caseLink leads to a case.
type caseLink struct {
	Case string
	At   string // anchor; empty if the case is not in the report
}

// mostCauses is the number of causes that a page lists.
const mostCauses = 25

// mostBrief is how many characters of a text the list of causes shows.
const mostBrief = 300

// causes lists what differs, and how many more causes there are than the page has
// place for.
func (p *htmlPage) causes() (shown []htmlCause, more int) {
	all := Causes(p.Report)
	for _, c := range all[:min(len(all), mostCauses)] {
		shown = append(shown, htmlCause{c, p.links(c)})
	}
	return shown, len(all) - len(shown)
}

func (p *htmlPage) links(c Cause) []caseLink {
	var links []caseLink
	for _, id := range c.Examples {
		links = append(links, caseLink{id, p.anchor[id]})
	}
	return links
}

// Extent says in how many cases or answers it shows.
func (c htmlCause) Extent() string {
	switch {
	case c.Every:
		return "every answer"
	case c.Answers > 0:
		return countOf(c.Answers, "answer")
	}
	return c.number()
}

// Wanted is what is wanted, where it is more than the sentence says.
func (c htmlCause) Wanted() string {
	if c.Want == c.Why {
		return ""
	}
	return c.Want
}

// Cites says which rule asks for it, and where that stands.
func (c htmlCause) Cites() string {
	return cmp.Or(c.Rule, noRule) + ", " + c.Source
}
