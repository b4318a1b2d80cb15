package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// tableView is a table of the coverage map.
type tableView struct {
	Name       string // the beginning of its citations, otherwise its own name; a source for rows without a table
	Title      string // empty for rows without a table
	Answered   bool
	Whole      bool  // rows are rules of whole answers
	Accepted   tally // of the whole table
	Refused    tally
	Members    int // number of members in the document
	Parameters []*parameterView
	Untried    int // number of rows without a case or an answer
}

// parameterView is a row of a table.
type parameterView struct {
	Name      string
	Rules     []*ruleView
	Answers   int   // number of answers that have it
	Different tally // cases in which it differs
}

// ruleView is how the cases of a rule ended.
type ruleView struct {
	Name     string
	Source   string // if it is not the source of the table
	Accepted tally  // cases whose request has to be accepted
	Refused  tally  // cases whose request has to be refused
}

// tally counts cases by outcome.
type tally struct {
	Count map[Outcome]int
	First string // anchor of the first case with the worst outcome
	rank  int
}

// add adds a case.
func (t *tally) add(outcome Outcome, anchor string) {
	if t.Count == nil {
		t.Count = map[Outcome]int{}
	}
	if at := slices.Index(attention, outcome); len(t.Count) == 0 || at < t.rank {
		t.First, t.rank = anchor, at
	}
	t.Count[outcome]++
}

// Tried is the number of all cases.
func (t tally) Tried() int {
	n := 0
	for _, count := range t.Count {
		n += count
	}
	return n
}

// Words says how many cases ended how.
func (t tally) Words() string {
	var parts []string
	for _, o := range attention {
		if n := t.Count[o]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if parts == nil {
		return "not tried"
	}
	return strings.Join(parts, ", ")
}

// Worst is the outcome that needs attention most; empty without cases.
func (t tally) Worst() Outcome {
	for _, o := range attention {
		if t.Count[o] > 0 {
			return o
		}
	}
	return ""
}

// noTable is the table of rows that belong to none, and noSource the source of cases that
// cite nothing.
const (
	noTable  = -1
	noSource = "without a source"
)

// documentSource is the citation of a document without sources.
const documentSource = "the document"

// coverage collects the coverage map.
type coverage struct {
	*index
	rows  map[place]*parameterView
	views map[place]map[string]*ruleView // by the name of the rule
	seen  map[int]int                    // number of answers that have the object of a table
}

// drawCoverage draws the coverage map from the cases: the tables of the document, and the
// sources of cases that belong to no table.
func drawCoverage(p *htmlPage) (inTables, elsewhere []tableView) {
	c := &coverage{newIndex(p.Report.Tables), map[place]*parameterView{}, map[place]map[string]*ruleView{}, map[int]int{}}
	for i, result := range p.cases {
		c.countCase(result, p.ids[i])
		c.countDifferences(result, p.ids[i])
		for _, e := range result.Tested() {
			at, documented := c.answer(c.operation(result.Case), e.Status)
			if documented && len(e.Answer) < 1<<16 && depth(e.Answer) <= deepest {
				var answer any
				if json.Unmarshal([]byte(e.Answer), &answer) == nil {
					c.countMembers(answer, at, map[place]bool{})
				}
			}
		}
	}
	for i := range c.tables {
		inTables = append(inTables, c.tableOf(i))
	}
	return inTables, c.otherSources()
}

// row returns the row of a place, made when it is first needed.
func (c *coverage) row(at place) *parameterView {
	if c.rows[at] == nil {
		c.rows[at] = &parameterView{Name: at.name}
	}
	return c.rows[at]
}

// countCase counts a case for its rule, or for its source if it has none.
func (c *coverage) countCase(result Result, anchor string) {
	source := cmp.Or(result.Source, noSource)
	at, ok := c.findCase(result)
	if !ok {
		at = place{noTable, source}
	}
	c.row(at)
	if c.views[at] == nil {
		c.views[at] = map[string]*ruleView{}
	}
	name := cmp.Or(result.Rule, source)
	rule := c.views[at][name]
	if rule == nil {
		rule = &ruleView{Name: name}
		if source != name && source != documentSource && (!ok || !c.cites(at.table, source)) {
			rule.Source = source
		}
		c.views[at][name] = rule
	}
	side := &rule.Accepted
	if result.Twin != "" {
		side = &rule.Refused
	}
	side.add(result.Outcome, anchor)
}

// cites reports whether a citation is of the table.
func (c *coverage) cites(table int, source string) bool {
	head, _, _ := strings.Cut(source, ", ")
	return c.tables[table].Source == head
}

// countDifferences counts a case once for every differing member of the answer, and for every
// broken rule of whole answers.
func (c *coverage) countDifferences(result Result, anchor string) {
	met := map[place]bool{}
	count := func(at place, ok bool) {
		if ok && !met[at] {
			met[at] = true
			c.row(at).Different.add(result.Outcome, anchor)
		}
	}
	for _, d := range result.Differences {
		count(c.findDifference(result, d))
		at, ok := c.rules[d.Rule]
		count(at, ok)
	}
}

// countMembers counts the members of an answer.
func (c *coverage) countMembers(value any, at bodyPlace, met map[place]bool) {
	switch value := value.(type) {
	case []any:
		if inside, ok := c.step(at, "*"); ok {
			for _, item := range value {
				c.countMembers(item, inside, met)
			}
		}
	case map[string]any:
		table, object := c.objects[at]
		if of := (place{table, ""}); object && !met[of] {
			met[of] = true
			c.seen[table]++
		}
		for name, member := range value {
			if of := (place{table, name}); object && c.members[table][name] && !met[of] {
				met[of] = true
				c.row(of).Answers++
			}
			if inside, ok := c.step(at, name); ok {
				c.countMembers(member, inside, met)
			}
		}
	}
}

// tableOf collects the rows of a table: in its order, then other cited rows.
func (c *coverage) tableOf(i int) tableView {
	t := c.tables[i]
	v := tableView{Name: cmp.Or(t.Source, t.Name), Title: t.Title, Members: len(t.Members), Answered: t.Kind == OfAnswer, Whole: t.Kind == OfExchange}
	var extra []string
	for at := range c.rows {
		if at.table == i && !c.members[i][at.name] {
			extra = append(extra, at.name)
		}
	}
	slices.Sort(extra)
	for _, name := range slices.Concat(t.Members, extra) {
		at := place{i, name}
		row := c.row(at)
		switch {
		case name == "":
			row.Name, row.Answers = "the whole object", c.seen[i]
		case v.Whole:
			row.Name = strings.TrimPrefix(name, t.Name+".")
		}
		v.add(row, c.views[at], t.Name+".")
	}
	return v
}

// add adds a row with its rules.
func (v *tableView) add(row *parameterView, rules map[string]*ruleView, prefix string) {
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		rule := rules[name]
		rule.Name = strings.TrimPrefix(rule.Name, prefix)
		row.Rules = append(row.Rules, rule)
		v.Accepted.join(rule.Accepted)
		v.Refused.join(rule.Refused)
	}
	if len(row.Rules) == 0 && row.Answers == 0 && row.Different.Tried() == 0 && !v.Whole { // every answer is judged by the rules of whole answers
		v.Untried++
	}
	v.Parameters = append(v.Parameters, row)
}

// join adds the counts of another tally.
func (t *tally) join(o tally) {
	if t.Count == nil {
		t.Count = map[Outcome]int{}
	}
	for outcome, n := range o.Count {
		t.Count[outcome] += n
	}
}

// otherSources collects the rows that belong to no table by their source.
func (c *coverage) otherSources() []tableView {
	var sources []string
	for at := range c.rows {
		if at.table == noTable {
			sources = append(sources, at.name)
		}
	}
	slices.Sort(sources)
	var out []tableView
	for _, source := range sources {
		document, _, _ := strings.Cut(source, ",")
		if len(out) == 0 || out[len(out)-1].Name != document {
			out = append(out, tableView{Name: document})
		}
		at := place{noTable, source}
		out[len(out)-1].add(c.rows[at], c.views[at], "")
	}
	return out
}
