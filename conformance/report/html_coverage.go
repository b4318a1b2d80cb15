package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// tableView is a table of the coverage map.
type tableView struct {
	Number     int // 0 for what no table has
	Title      string
	Answered   bool
	Accepted   tally // of the whole table
	Refused    tally
	Parameters []*parameterView
	Untried    int // parameters without a case, or that no answer has
}

// parameterView is a row of a table.
type parameterView struct {
	Name      string
	Rules     []*ruleView
	Answers   int   // that have it
	Different tally // cases in which it is not what was wanted
}

// ruleView is how the cases of a rule ended.
type ruleView struct {
	Name     string
	Source   string // if it is not the table itself
	Accepted tally  // cases whose request has to be accepted
	Refused  tally  // cases whose request has to be refused
}

// tally counts cases by how they ended.
type tally struct {
	Count map[Outcome]int
	First string // anchor of the first that needs attention most
	rank  int
}

func (t *tally) add(outcome Outcome, anchor string) {
	if t.Count == nil {
		t.Count = map[Outcome]int{}
	}
	if at := slices.Index(attention, outcome); len(t.Count) == 0 || at < t.rank {
		t.First, t.rank = anchor, at
	}
	t.Count[outcome]++
}

// Tried counts all of them.
func (t tally) Tried() int {
	n := 0
	for _, count := range t.Count {
		n += count
	}
	return n
}

// Words says how they ended.
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

// Worst is the outcome that needs attention most; empty if nothing was tried.
func (t tally) Worst() Outcome {
	for _, o := range attention {
		if t.Count[o] > 0 {
			return o
		}
	}
	return ""
}

// place is where a source or a rule belongs.
type place struct {
	table int
	name  string // of the parameter; empty for the whole table
}

// coverage gathers the map.
type coverage struct {
	rows  map[place]*parameterView
	rules map[place]map[string]*ruleView
	other map[string]*parameterView // by source
}

// cover draws the map of what was tried from the cases: of the tables of the
// page, and of the other sources.
func cover(p *htmlPage) (inTables, elsewhere []tableView) {
	c := &coverage{map[place]*parameterView{}, map[place]map[string]*ruleView{}, map[string]*parameterView{}}
	for _, t := range tables {
		for name := range strings.FieldsSeq(t.parameters) {
			c.row(place{t.number, name})
		}
	}
	for i, result := range p.cases {
		c.tried(result, p.ids[i])
		c.differs(result, p.ids[i])
		for _, e := range result.Exchanges {
			if e.Status >= 200 && e.Status < 300 && len(e.Answer) < 1<<16 && depth(e.Answer) <= deepest {
				var answer any
				if json.Unmarshal([]byte(e.Answer), &answer) == nil {
					c.answered(answer, "", map[place]bool{})
				}
			}
		}
	}
	for _, t := range tables {
		inTables = append(inTables, c.table(t))
	}
	return inTables, c.elsewhere()
}

func (c *coverage) row(at place) *parameterView {
	if c.rows[at] == nil {
		c.rows[at] = &parameterView{Name: at.name}
	}
	return c.rows[at]
}

// cited finds the place that a source or else a rule names.
func cited(source, rule string) (place, bool) {
	schema, rest, _ := strings.Cut(rule, ".")
	at := place{}
	for _, t := range tables {
		if t.schema != "" && t.schema == schema {
			at = place{t.number, parameterOf(t, rest)}
		}
	}
	if tail, ok := strings.CutPrefix(source, "Table "); ok {
		number, name, _ := strings.Cut(tail, ", ")
		if n, err := strconv.Atoi(number); err == nil && n >= 1 && n <= len(tables) && (name != "" || at.table != n) {
			return place{n, name}, true
		}
	}
	return at, at.table > 0
}

// parameterOf finds the parameter that a rule of a table names first.
func parameterOf(t table, rule string) string {
	name := rule[:len(rule)-len(strings.TrimLeft(rule, "abcdefghijklmnopqrstuvwxyz0123456789_"))]
	if slices.Contains(strings.Fields(t.parameters), name) {
		return name
	}
	return ""
}

// tried counts a case for its rule, or for its source if it has none.
func (c *coverage) tried(result Result, anchor string) {
	at, ok := cited(result.Source, result.Rule)
	name, source := cmp.Or(result.Rule, result.Source), result.Source
	if !ok {
		at = place{0, result.Source}
		if c.other[at.name] == nil {
			c.other[at.name] = &parameterView{Name: at.name}
		}
		c.rows[at] = c.other[at.name]
	}
	c.row(at)
	if c.rules[at] == nil {
		c.rules[at] = map[string]*ruleView{}
	}
	rule := c.rules[at][name]
	if rule == nil {
		rule = &ruleView{Name: name}
		if !strings.HasPrefix(source, "Table ") && source != name {
			rule.Source = source
		}
		c.rules[at][name] = rule
	}
	side := &rule.Accepted
	if result.Twin != "" {
		side = &rule.Refused
	}
	side.add(result.Outcome, anchor)
}

// differs counts a case once for every member of the answer that differs.
func (c *coverage) differs(result Result, anchor string) {
	met := map[place]bool{}
	for _, d := range result.Differences {
		at, ok := answerPlace(d.Pointer)
		if !ok {
			at, ok = cited(d.Source, d.Rule)
			ok = ok && tables[at.table-1].answered
		}
		if ok && !met[at] {
			met[at] = true
			c.row(at).Different.add(result.Outcome, anchor)
		}
	}
}

// answerPlace finds the member of the answer's tables at a pointer.
func answerPlace(pointer string) (place, bool) {
	tail, ok := strings.CutPrefix(pointer, "/body/")
	if !ok {
		return place{}, false
	}
	var path []string
	at := place{}
	for segment := range strings.SplitSeq(tail, "/") {
		if _, err := strconv.Atoi(segment); err == nil {
			continue // an item: the members are those of the array
		}
		number, ok := answerTables[strings.Join(path, "/")]
		if !ok {
			break
		}
		at, path = place{number, segment}, append(path, segment)
	}
	known := at.table > 0 && slices.Contains(strings.Fields(tables[at.table-1].parameters), at.name)
	return at, known
}

// answered counts the members that an answer has.
func (c *coverage) answered(value any, path string, met map[place]bool) {
	number, ok := answerTables[path]
	if !ok {
		return
	}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			c.answered(item, path, met)
		}
	case map[string]any:
		for name, member := range value {
			at := place{number, name}
			row := c.rows[at]
			if row == nil {
				continue // the page does not know it
			}
			if !met[at] {
				met[at] = true
				row.Answers++
			}
			c.answered(member, strings.TrimPrefix(path+"/"+name, "/"), met)
		}
	}
}

// table gathers the rows of a table: in its order, then what else is cited.
func (c *coverage) table(t table) tableView {
	v := tableView{Number: t.number, Title: t.title, Answered: t.answered}
	order := strings.Fields(t.parameters)
	var extra []string
	for at := range c.rows {
		if at.table == t.number && !slices.Contains(order, at.name) {
			extra = append(extra, at.name)
		}
	}
	slices.Sort(extra)
	for _, name := range append(order, extra...) {
		at := place{t.number, name}
		row := c.rows[at]
		if name == "" {
			row.Name = "the whole object"
		}
		v.add(row, c.rules[at], t.schema+".")
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
	if len(row.Rules) == 0 && row.Answers == 0 && row.Different.Tried() == 0 {
		v.Untried++
	}
	v.Parameters = append(v.Parameters, row)
}

func (t *tally) join(o tally) {
	if t.Count == nil {
		t.Count = map[Outcome]int{}
	}
	for outcome, n := range o.Count {
		t.Count[outcome] += n
	}
}

// elsewhere gathers what no table has by the document it stands in.
func (c *coverage) elsewhere() []tableView {
	var out []tableView
	for _, source := range slices.Sorted(maps.Keys(c.other)) {
		document, _, _ := strings.Cut(source, ",")
		if len(out) == 0 || out[len(out)-1].Title != document {
			out = append(out, tableView{Title: document})
		}
		out[len(out)-1].add(c.other[source], c.rules[place{0, source}], "")
	}
	return out
}
