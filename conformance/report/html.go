package report

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	_ "embed" // the parts of the page
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
)

//go:embed html/page.tmpl
var pageTemplate string

//go:embed html/case.tmpl
var caseTemplate string

//go:embed html/style.css
var pageStyle string

//go:embed html/script.js
var pageScript string

// htmlPage is the data of the page's template.
type htmlPage struct {
	Policy template.HTMLAttr // Content Security Policy: one script and one style, nothing from other places
	Style  template.CSS
	Script template.JS

	Report      *Report
	Verdict     string // a class
	Words       string // of the verdict
	Counts      string // of the cases
	Outcomes    []outcomeRow
	Endings     []endingRow
	Levels      []levelColumn
	Causes      []htmlCause
	MoreCauses  int // causes that the page leaves out
	Rules       []ruleOption
	About       []fact
	Environment string // JSON
	Errata      []erratum
	Opened      bool // cases that did not pass are expanded, because they are few
	Coverage    []tableView
	Elsewhere   []tableView
	Bound       bool // the report has exchanges that the page leaves out

	cases  []Result
	ids    []string          // anchors of the cases
	anchor map[string]string // by case
}

// outcomeRow is how many cases ended in one way.
type outcomeRow struct {
	Outcome Outcome
	Total   int
}

// endingRow is how many cases of each level ended in one way, by the rules of the verdict.
type endingRow struct {
	Class, Words string
	Total        int
	ByLevel      []int // as in Levels
}

type levelColumn struct {
	Level string
	Cases int
}

type ruleOption struct {
	Rule  string
	Cases int
}

type fact struct{ Name, Value string }

type erratum struct {
	ID    string
	Cases int // that cite it
}

// WriteHTML renders a report as one page of HTML, which contains its style and its script
// and loads nothing. Texts of a target are text in it, never markup.
//
// Requests and answers of cases that passed are left out, long texts are shortened, and so
// is anything that would make the page of many failures a large one. The page says where,
// and the JSON report has everything.
func WriteHTML(w io.Writer, r *Report) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"inert": func(s string) string { return cutText(s, sentence) },
		"brief": func(s string) string { return cutText(s, mostBrief) },
		"took":  func(d time.Duration) string { return d.Round(10 * time.Microsecond).String() },
		"count": plural,
	}).Parse(pageTemplate)
	if err == nil {
		_, err = t.New("case").Parse(caseTemplate)
	}
	if err != nil {
		return fmt.Errorf("the templates of the page: %w", err)
	}
	b := bufio.NewWriterSize(w, 1<<16)
	if err := t.Execute(b, newHTMLPage(r)); err != nil {
		return err
	}
	return b.Flush()
}

// newHTMLPage collects the data of the page.
func newHTMLPage(r *Report) *htmlPage {
	p := &htmlPage{
		Policy: template.HTMLAttr(fmt.Sprintf(`content="default-src 'none'; script-src '%s'; style-src '%s'; base-uri 'none'; form-action 'none'"`,
			sourceHash(pageScript), sourceHash(pageStyle))),
		Style: template.CSS(pageStyle), Script: template.JS(pageScript),
		Report: r, Verdict: verdictClasses[r.Verdict()], cases: slices.Clone(r.Results),
	}
	p.Words, p.Counts, _ = strings.Cut(r.Summary(), ":")
	slices.SortStableFunc(p.cases, func(a, b Result) int {
		return cmp.Compare(slices.Index(attention, a.Outcome), slices.Index(attention, b.Outcome))
	})
	p.ids, p.anchor = anchorIDs(p.cases), map[string]string{}
	for i, c := range p.cases {
		p.anchor[c.Case] = p.ids[i]
	}
	p.fillCounts()
	p.fillAbout()
	p.Causes, p.MoreCauses = p.shownCauses()
	p.Coverage, p.Elsewhere = drawCoverage(p)
	return p
}

var verdictClasses = map[Verdict]string{
	Conforms: "good", Differs: "bad", Incomplete: "open", Mistaken: "bad", Stale: "open",
}

// attention lists the outcomes in the order in which a reader needs them.
var attention = []Outcome{KitError, Fail, Flaky, CouldNotRun, Pass, NotApplicable}

// sourceHash is how a Content Security Policy names a script or a style.
func sourceHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// anchorIDs gives every case a unique id that is safe in a URL.
func anchorIDs(cases []Result) []string {
	ids, taken := make([]string, len(cases)), map[string]bool{}
	for i, c := range cases {
		id := "case/" + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-", r) {
				return r
			}
			return '-'
		}, c.Case)
		for n := 2; taken[id]; n++ {
			id = fmt.Sprintf("%s~%d", strings.SplitN(id, "~", 2)[0], n)
		}
		ids[i], taken[id] = id, true
	}
	return ids
}

// fillCounts fills the tables of outcomes, levels, rules and errata.
func (p *htmlPage) fillCounts() {
	levels, rules, errata := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range p.cases {
		level := Levels[rank(c.Level)]
		levels[level]++
		if c.Rule != "" {
			rules[c.Rule]++
		}
		cited := slices.Clone(c.Errata)
		for _, d := range c.Differences {
			cited = append(cited, d.Errata...)
		}
		slices.Sort(cited)
		for _, id := range slices.Compact(cited) {
			errata[id]++
		}
	}
	count := p.Report.Count()
	for _, outcome := range attention {
		if count[outcome] > 0 {
			p.Outcomes = append(p.Outcomes, outcomeRow{outcome, count[outcome]})
		}
	}
	p.fillEndings()
	for _, level := range Levels {
		p.Levels = append(p.Levels, levelColumn{level, levels[level]})
	}
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		p.Rules = append(p.Rules, ruleOption{rule, rules[rule]})
	}
	for _, id := range slices.Sorted(maps.Keys(errata)) {
		p.Errata = append(p.Errata, erratum{id, errata[id]})
	}
	p.Opened = len(p.cases)-count[Pass]-count[NotApplicable] <= fewCases
	p.Bound = slices.ContainsFunc(p.cases, func(c Result) bool { return c.Outcome == Pass && len(c.Exchanges) > 0 })
}

// fillEndings fills the table of how the cases of each level ended.
func (p *htmlPage) fillEndings() {
	var parts []endings
	for _, level := range Levels {
		part := &Report{Level: p.Report.Level}
		for _, c := range p.cases {
			if Levels[rank(c.Level)] == level {
				part.Results = append(part.Results, c)
			}
		}
		parts = append(parts, part.endings())
	}
	add := func(class, words string, count func(endings) int) {
		row := endingRow{Class: class, Words: words}
		for _, part := range parts {
			row.ByLevel = append(row.ByLevel, count(part))
			row.Total += count(part)
		}
		if row.Total > 0 {
			p.Endings = append(p.Endings, row)
		}
	}
	for _, outcome := range attention {
		add(string(outcome), string(outcome), func(e endings) int { return e.by[outcome] })
		switch outcome {
		case Fail:
			add("known", "known failure", func(e endings) int { return e.known })
			add("below", "differs below "+Levels[rank(p.Report.Level)], func(e endings) int { return e.below })
		case CouldNotRun:
			add("could-not-run", "twin is refused", func(e endings) int { return e.because })
		}
	}
}

// fillAbout fills the facts about the run and its target.
func (p *htmlPage) fillAbout() {
	r := p.Report
	var members Members
	requests := 0
	for _, c := range r.Results {
		members.Add(c.Members)
		requests += c.Requests
	}
	order := "fixed"
	if r.Shuffled {
		order = "shuffled"
	}
	p.About = []fact{
		{"Target", r.Target},
		{"Binding level", Levels[rank(r.Level)]},
		{"Started", r.Started.UTC().Format(time.RFC3339)},
		{"Took", r.Took.Round(time.Millisecond).String()},
		{"Requests", fmt.Sprint(requests)},
		{"Members", members.String()},
		{"Cases selected", r.selection()},
		{"Members the page does not know", map[bool]string{true: "are differences (strict)", false: "are noted"}[r.Strict]},
		{"Order", fmt.Sprintf("%s, seed %d", order, r.Seed)},
		{"Kit", r.Kit},
		{"Suite, SHA-256", r.Suite},
		{"Document, SHA-256", r.Document},
	}
	if r.KitDigest != "" {
		p.About = append(p.About, fact{"Kit, SHA-256", r.KitDigest})
	}
	if r.Golden != "" {
		p.About = append(p.About, fact{"Golden files, SHA-256", r.Golden})
	}
	if c := r.Calibration; c != nil {
		p.About = append(p.About, fact{"Calibration", fmt.Sprintf(
			"%d of %d deliberate faults noticed, %d equivalent; the best of %d servers that do nothing passes %d of %d cases; repeat it with: %s",
			c.Killed, c.Faults, c.Equivalent, c.NullServers, c.NullScore, c.Cases, c.Command)})
	}
	if r.Environment != nil {
		if data, err := json.Marshal(r.Environment); err == nil {
			p.Environment = layOut(string(data))
		}
	}
}

// selection says which cases of the suite a report has.
func (r *Report) selection() string {
	text := map[bool]string{true: "all of the suite", false: "a part of the suite"}[r.Complete || r.Shard.Whole]
	if r.Shard.Of > 0 {
		text = fmt.Sprintf("part %d of %d of %s", r.Shard.Part, r.Shard.Of, text)
	}
	return text
}

// Cases yields the views of the cases one at a time, so that only one is in memory.
func (p *htmlPage) Cases() iter.Seq[caseView] {
	return func(yield func(caseView) bool) {
		room := &allowance{differences: 450_000, curl: 400_000, exchanges: 400_000}
		for i, c := range p.cases {
			if !yield(p.viewOf(c, p.ids[i], room)) {
				return
			}
		}
	}
}
