package report_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// styled is a difference of the style.
func styled(level string) report.Difference {
	return report.Difference{
		Pointer: "/body/vpn_connection/style", Kind: "changed", Want: `"STATIC"`, Got: `"static"`,
		Why: "style is one of POLICY, STATIC, BGP", Rule: "ResponseVpnConnection.style.enum", Level: level, Source: "OTC, style",
	}
}

// absent is a difference of a member that did not come.
func absent(member string) report.Difference {
	return report.Difference{
		Pointer: "/body/vpn_connection/" + member, Kind: "missing", Want: `"x"`, Why: member + " is present", Level: "must", Source: "Table 10",
	}
}

// ended is a case that ended in a way; nil for none.
func ended(way string) []report.Result {
	r := report.Result{Case: "case", Level: "must", Outcome: report.Outcome(way)}
	switch way {
	case "none":
		return nil
	case "known":
		r.Outcome, r.Known = report.Fail, "later"
		fallthrough
	case "fail", "flaky":
		r.Differences = []report.Difference{styled("must")}
	}
	return []report.Result{r}
}

func compared(t testing.TB, before, after *report.Report, level string) *report.Comparison {
	t.Helper()
	c, err := report.Compare(before, after, level)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCompareOutcomes holds the turn of a case for every way in which it ended
// before and after: = is no change, - a regression, + an improvement, and ~ a
// change that is neither.
func TestCompareOutcomes(t *testing.T) {
	const table = `
             pass fail flaky known not-applicable could-not-run kit-error unheard-of none
pass            =    -     -     -              -             -         -          -    -
fail            +    =     +     ~              -             -         -          -    -
flaky           +    -     =     -              -             -         -          -    -
known           +    -     -     =              -             -         -          -    -
not-applicable  +    -     -     -              =             -         -          -    -
could-not-run   +    -     -     ~              +             =         ~          ~    ~
kit-error       +    -     -     ~              +             ~         =          ~    ~
unheard-of      +    -     -     ~              +             ~         ~          =    ~
none            ~    -     -     ~              ~             ~         ~          ~    =
`
	signs := map[report.Turn]string{report.Regression: "-", report.Improvement: "+", report.Otherwise: "~"}
	lines := strings.Split(strings.TrimSpace(table), "\n")
	ways := strings.Fields(lines[0])
	if len(lines) != len(ways)+1 {
		t.Fatalf("%d rows for %d columns", len(lines)-1, len(ways))
	}
	for _, line := range lines[1:] {
		row := strings.Fields(line)
		for i, want := range row[1:] {
			c := compared(t, &report.Report{Results: ended(row[0])}, &report.Report{Results: ended(ways[i])}, "")
			got := "="
			for _, change := range c.Changes {
				got = signs[change.Turn]
				if (change.Turn == report.Regression) != c.Regressed() || change.Case != "case" || change.Level != "must" {
					t.Errorf("%s, then %s: %+v", row[0], ways[i], change)
				}
			}
			if got != want {
				t.Errorf("%s, then %s: %s, want %s", row[0], ways[i], got, want)
			}
		}
	}
}

// TestCompareDifferences lists what may change in a case that failed before.
func TestCompareDifferences(t *testing.T) {
	type list = []report.Difference
	other := styled("must")
	other.Got, other.Rule, other.Want = `"Static"`, "another", `"BGP"`
	kind := styled("must")
	kind.Kind = "rule"
	for name, row := range map[string]struct {
		old, now list
		turns    map[string]report.Turn // by level; empty for no change
		appeared int
		gone     int
		kept     int
	}{
		"the same":            {list{styled("must")}, list{styled("must")}, nil, 0, 0, 1},
		"another value":       {list{styled("must")}, list{other}, nil, 0, 0, 1},
		"one more":            {list{styled("must")}, list{absent("id"), styled("must")}, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 0, 1},
		"one less":            {list{styled("must"), absent("id")}, list{styled("must")}, map[string]report.Turn{"must": "improvement", "should": "improvement", "may": "improvement"}, 0, 1, 1},
		"another":             {list{styled("must")}, list{absent("id")}, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 1, 0},
		"another kind":        {list{styled("must")}, list{kind}, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 1, 0},
		"one more below":      {list{absent("id")}, list{absent("id"), styled("should")}, map[string]report.Turn{"must": "change", "should": "regression", "may": "regression"}, 1, 0, 1},
		"below and another":   {list{styled("may")}, list{styled("may"), absent("id")}, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 0, 1},
		"binds more":          {list{styled("may")}, list{styled("should")}, map[string]report.Turn{"must": "change", "should": "regression", "may": "regression"}, 1, 0, 0},
		"binds less":          {list{styled("must")}, list{styled("may")}, map[string]report.Turn{"must": "improvement", "should": "improvement", "may": "improvement"}, 0, 1, 1},
		"twice":               {list{styled("must")}, list{styled("must"), styled("must"), absent("id"), absent("id")}, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 0, 3},
		"does not say what":   {list{styled("must")}, nil, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 1, 0},
		"neither says what":   {nil, nil, nil, 0, 0, 1},
		"says what at last":   {nil, list{styled("must")}, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 1, 0},
		"without level":       {list{styled("may")}, list{styled("")}, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 0, 0},
		"the order only":      {list{styled("must"), absent("id")}, list{absent("id"), styled("must")}, nil, 0, 0, 2},
		"of level unheard of": {list{styled("may")}, list{styled("dire")}, map[string]report.Turn{"must": "regression", "should": "regression", "may": "regression"}, 1, 0, 0},
	} {
		for _, level := range report.Levels {
			with := func(differences list) *report.Report {
				return &report.Report{Results: []report.Result{{Case: "case", Outcome: report.Fail, Differences: differences}}}
			}
			c := compared(t, with(row.old), with(row.now), level)
			if row.turns[level] == "" {
				if len(c.Changes) > 0 || c.Verdict() != report.Conforms {
					t.Errorf("%s, %s: %+v", name, level, c.Changes)
				}
				continue
			}
			if len(c.Changes) != 1 {
				t.Errorf("%s, %s: %+v", name, level, c.Changes)
				continue
			}
			ch := c.Changes[0]
			if ch.Turn != row.turns[level] || len(ch.Appeared) != row.appeared || len(ch.Gone) != row.gone || len(ch.Kept) != row.kept {
				t.Errorf("%s, %s: %s, want %s; %+v", name, level, ch.Turn, row.turns[level], ch)
			}
		}
	}
}

// TestCompareLevels fails a case that passed at each level.
func TestCompareLevels(t *testing.T) {
	for i, of := range report.Levels {
		for k, level := range report.Levels {
			failed := &report.Report{Results: []report.Result{{Case: "case", Outcome: report.Fail, Differences: []report.Difference{styled(of)}}}}
			for _, old := range []string{"pass", "not-applicable", "none", "could-not-run"} {
				before := &report.Report{Results: append(ended(old), report.Result{Case: "passes", Outcome: report.Pass})}
				failed.Results = append(failed.Results[:1], report.Result{Case: "passes", Outcome: report.Pass})
				if c := compared(t, before, failed, level); c.Regressed() != (i <= k) || len(c.Changes) != 1 || (c.Verdict() == report.Differs) != (i <= k) {
					t.Errorf("%s, then a failure of level %s, at level %s: %+v", old, of, level, c.Changes)
				}
			}
		}
	}
}

// TestCompareNothing shows that what was not tried is no measure.
func TestCompareNothing(t *testing.T) {
	for _, old := range []string{"none", "not-applicable", "could-not-run", "kit-error"} {
		for _, now := range []string{"none", "pass", "fail", "not-applicable"} {
			c := compared(t, &report.Report{Results: ended(old)}, &report.Report{Results: ended(now)}, "")
			if c.Verdict() != report.Incomplete || !strings.HasPrefix(c.Summary(), "NOTHING TO COMPARE WITH") {
				t.Errorf("%s, then %s: %d, %s", old, now, c.Verdict(), c.Summary())
			}
		}
	}
}

// TestCompareRefuses lists reports that cannot be compared.
func TestCompareRefuses(t *testing.T) {
	twice := &report.Report{Results: append(ended("pass"), ended("fail")...)}
	twice.Results[0].Case, twice.Results[1].Case = "a\x1b", "a\x1b"
	once := &report.Report{Results: ended("pass")}
	for want, row := range map[string]struct {
		before, after *report.Report
		level         string
	}{
		`level "most" is none of must, should, may`:     {once, once, "most"},
		`the old report: the case a\u001b stands twice`: {twice, once, ""},
		`the new report: the case a\u001b stands twice`: {once, twice, ""},
	} {
		if c, err := report.Compare(row.before, row.after, row.level); c != nil || err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// release is two reports, between which every kind of change happens, some
// often.
func release() (before, after *report.Report) {
	before = &report.Report{
		Target: "http://old.example.com", Suite: "5a1e", Document: "d0c1", Kit: "v1.0.0", Complete: true,
		Environment: map[string]any{"project_id": "p", "gateways": []any{map[string]any{"id": "g"}}},
	}
	after = &report.Report{
		Target: "http://new.example.com", Suite: "5a1f", Document: "d0c2", Kit: "v1.1.0", Strict: true, Seed: 7,
		Environment: map[string]any{"project_id": "q", "gateways": []any{map[string]any{"id": "g", "ip": "10.0.0.1"}}},
	}
	const curl = "curl -i -X POST 'http://new.example.com'"
	failed := func(id, known string, differences ...report.Difference) report.Result {
		return report.Result{Case: id, Level: "must", Outcome: report.Fail, Known: known, Differences: differences, Curl: curl}
	}
	with := func(id string, outcome report.Outcome, reason string) report.Result {
		return report.Result{Case: id, Level: "must", Outcome: outcome, Reason: reason}
	}
	add := func(list *[]report.Result, results ...report.Result) { *list = append(*list, results...) }
	was, is := &before.Results, &after.Results
	pass := func(ids ...string) {
		for _, id := range ids {
			add(was, with(id, report.Pass, ""))
		}
	}
	pass("same", "fails", "fails.too", "unable", "lost", "noted", "gone", "below", "excused")
	add(was, failed("mixed", "", styled("must"), absent("id")), failed("mends", "", styled("must"), absent("id")), failed("forgiven", "", styled("must")), failed("unknown", "later", styled("must")))
	add(is, with("same", report.Pass, ""), failed("fails", "", styled("must"), absent("id")), failed("fails.too", "", styled("must"), absent("id")),
		with("unable", report.CouldNotRun, "connection refused"), with("lost", report.NotApplicable, "the environment has no gateway"),
		report.Result{Case: "noted", Outcome: report.Pass, Notes: []report.Difference{{Pointer: "/body/vpn_connection/region", Kind: "unexpected", Got: `"eu"`}}},
		failed("below", "", styled("may")), failed("excused", "a bug that is tracked", styled("must")),
		failed("mixed", "", styled("must"), absent("name")), with("mends", report.Pass, ""), failed("forgiven", "later", styled("must")), failed("unknown", "", styled("must")),
		failed("new.fails", "", styled("must")), with("new.passes", report.Pass, ""))
	for i := range 300 {
		id := fmt.Sprintf("Rule.%d/above", i)
		pass(id)
		d := report.Difference{Pointer: "/status", Kind: "changed", Want: "400", Got: "201", Why: "case " + id, Rule: id, Level: "must", Source: "Table 3"}
		add(is, failed(id, "", d))
	}
	return before, after
}

// answered is a comparison in which answers were looked at.
func answered(t testing.TB) *report.Comparison {
	t.Helper()
	one := &report.Report{Target: "http://a.example.com", Results: ended("pass")}
	c := compared(t, one, one, "should")
	c.Answers = []report.AnswerDifference{
		{Case: "case", Pointer: "/status", Kind: "changed", Old: "400", New: "422"},
		{Case: "second", Pointer: "/body/vpn_connection/tags", Kind: "missing", Old: "[]", Lawful: true},
		{Case: "third", Pointer: "/body/vpn_connection/tags", Kind: "missing", Old: "[]"},
	}
	for i, n := range []int{1, 1, 7, 2, 3} {
		for k := range n {
			c.Answers = append(c.Answers, report.AnswerDifference{
				Case: fmt.Sprintf("case/%d.%d", i, k), Pointer: "/body/error_code", Kind: "changed", Old: `"VPN.0001"`, New: fmt.Sprintf(`"VPN.000%d"`, i+2), Lawful: true,
			})
		}
	}
	c.Answers = append(c.Answers, report.AnswerDifference{Case: "case", Pointer: "/body/extra", Kind: "unexpected", New: strings.Repeat("x", 400)})
	return c
}

// threatening is a comparison in which every text is one that a target sent.
func threatening(t testing.TB, s string) *report.Comparison {
	t.Helper()
	before, after := hostile(s), hostile(s+s)
	after.Results[0].Notes[0].Pointer += "note"
	before.Suite, before.Kit, before.Environment, before.Document = s, s, map[string]any{s: s}, s
	after.Results = append(after.Results, report.Result{Case: s, Outcome: report.Outcome(s), Reason: s})
	c, err := report.Compare(before, after, "")
	if err != nil { // the names are one
		after.Results = after.Results[:1]
		c = compared(t, before, after, "")
	}
	for _, kind := range []string{"missing", "unexpected", "changed", s} {
		c.Answers = append(c.Answers, report.AnswerDifference{Case: s, Pointer: s, Kind: kind, Old: s, New: s})
	}
	return c
}

type form struct {
	name  string
	write func(io.Writer, *report.Comparison) error
}

func toText(width int) func(io.Writer, *report.Comparison) error {
	return func(w io.Writer, c *report.Comparison) error {
		return report.WriteComparison(w, c, report.TextOptions{Width: width})
	}
}

var forms = []form{{"golden", toText(0)}, {"narrow", toText(40)}, {"md", report.WriteComparisonMarkdown}, {"json", report.WriteComparisonJSON}}

func formed(t testing.TB, f form, c *report.Comparison) string {
	t.Helper()
	var b bytes.Buffer
	if err := f.write(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWriteComparison holds comparisons as they are read.
func TestWriteComparison(t *testing.T) {
	before, after := release()
	few := func(r *report.Report) *report.Report {
		part := *r
		part.Results = r.Results[:min(len(r.Results), 14)]
		return &part
	}
	same := &report.Report{Target: "http://a.example.com", Results: ended("pass")}
	for name, c := range map[string]*report.Comparison{
		"compare-release": compared(t, before, after, ""),
		"compare-back":    compared(t, few(after), few(before), "may"),
		"compare-same":    compared(t, same, same, ""),
		"compare-nothing": compared(t, &report.Report{Target: "http://a.example.com"}, same, ""),
		"compare-answers": answered(t),
		"compare-hostile": threatening(t, "a\x1b[2J\x07\r\n\u202eb|`<b>\u2028\xffc"),
	} {
		for _, f := range forms {
			t.Run(name+"."+f.name, func(t *testing.T) {
				if f.name == "narrow" && name != "compare-release" || f.name == "json" && name == "compare-release" {
					t.Skip("one is enough, and one is long")
				}
				g := goldie.New(t, goldie.WithFixtureDir("testdata"), goldie.WithNameSuffix("."+f.name))
				g.Assert(t, name, []byte(formed(t, f, c)))
			})
		}
	}
}

// TestWriteComparisonIsInert shows that nothing a target sent can steer, and
// that the forms stay what they are.
func TestWriteComparisonIsInert(t *testing.T) {
	for _, s := range []string{"\x1b]0;x\a", "\u202e\u200b\U000e0041", "`````\n# a\n</details>|", "\xff\x00\u0085\u2028", "::error::x\r\n"} {
		c := threatening(t, s)
		for _, f := range forms {
			out := formed(t, f, c)
			checkInert(t, s, out)
			switch f.name {
			case "json":
				var read struct {
					Format string
					Exit   report.Verdict
					report.Comparison
				}
				if err := json.Unmarshal([]byte(out), &read); err != nil || read.Format != "vpnconform comparison 1" || read.Exit != c.Verdict() {
					t.Errorf("%q: %v", s, err)
				}
				if diff := cmp.Diff(c.Answers[0].Pointer, read.Answers[0].Pointer); diff != "" && strings.ToValidUTF8(s, "") == s {
					t.Errorf("%q (-want +got):\n%s", s, diff)
				}
			case "md":
				checkMarkdown(t, out)
			}
		}
	}
}

// TestComparisonIsCut holds the size of the Markdown, whatever changed.
func TestComparisonIsCut(t *testing.T) {
	before, after := &report.Report{}, &report.Report{}
	for i := range 3000 {
		id := fmt.Sprintf("case/%d", i)
		before.Results = append(before.Results, report.Result{Case: id, Outcome: report.Pass})
		after.Results = append(after.Results, report.Result{Case: id, Outcome: report.Fail, Differences: []report.Difference{
			{Pointer: "/" + id, Kind: "changed", Got: strings.Repeat("x", 1000), Level: "must"},
		}})
	}
	out := formed(t, form{"md", report.WriteComparisonMarkdown}, compared(t, before, after, ""))
	shown := strings.Count(out, "pass -> fail")
	if len(out) > 1<<20 || shown < 500 || !strings.Contains(out, fmt.Sprintf("**%d cases left out**", 3000-shown)) {
		t.Errorf("%d bytes, %d cases: ...%s", len(out), shown, out[len(out)-200:])
	}
}

func TestWriteComparisonFails(t *testing.T) {
	full := errors.New("disk full")
	before, after := release()
	for _, f := range forms {
		if err := f.write(brokenWriter{full}, compared(t, before, after, "")); !errors.Is(err, full) {
			t.Errorf("%s: error %v, want %v", f.name, err, full)
		}
	}
}

// TestCompareChangesNothing shows that the reports stay as they are.
func TestCompareChangesNothing(t *testing.T) {
	before, after := release()
	_ = formed(t, forms[0], compared(t, before, after, ""))
	before2, after2 := release()
	if diff := cmp.Diff([]*report.Report{before2, after2}, []*report.Report{before, after}); diff != "" {
		t.Errorf("(-before +after):\n%s", diff)
	}
}
