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

// mostBrief is the number of characters of a text that the list of causes shows.
const mostBrief = 300

// shownCauses are the causes that the page lists, and the number of the others.
func (p *htmlPage) shownCauses() (shown []htmlCause, more int) {
	all := Causes(p.Report)
	for _, c := range all[:min(len(all), mostCauses)] {
		shown = append(shown, htmlCause{c, p.links(c)})
	}
	return shown, len(all) - len(shown)
}

// links lead to the cases that a cause names.
func (p *htmlPage) links(c Cause) []caseLink {
	var links []caseLink
	for _, id := range c.Examples {
		links = append(links, caseLink{id, p.anchor[id]})
	}
	return links
}

// Extent says in how many cases or answers the cause shows.
func (c htmlCause) Extent() string {
	switch {
	case c.Every:
		return "every answer"
	case c.Answers > 0:
		return countOf(c.Answers, "answer")
	}
	return c.caseCount()
}

// Wanted is the wanted value, if it says more than the sentence.
func (c htmlCause) Wanted() string {
	if c.Want == c.Why {
		return ""
	}
	return c.Want
}

// Cites names the rule of the demand and its source.
func (c htmlCause) Cites() string {
	return cmp.Or(c.Rule, noRule) + ", " + c.Source
}
