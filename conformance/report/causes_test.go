package report_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// refused is a request that had to be refused and was answered with a status.
func refused(id, rule, member, got string) report.Result {
	return report.Result{
		Case: id, Title: rule + " holds: " + id + " is refused", Level: "must", Rule: rule, Twin: "example/a", Member: member, Outcome: report.Fail, Requests: 1,
		Differences: []report.Difference{{Pointer: "/status", Kind: "changed", Want: "400", Got: got, Why: rule + " holds: " + id + " is refused", Rule: rule, Level: "must", Source: "Table 3"}},
	}
}

// accepted is a request that had to be accepted and was answered with a status.
func accepted(id, rule, member, got string) report.Result {
	r := refused(id, rule, member, got)
	r.Twin, r.Differences[0].Want = "", "201"
	return r
}

// answers is a case whose answer differs.
func answers(id string, differences ...report.Difference) report.Result {
	return report.Result{Case: id, Level: "must", Outcome: report.Fail, Requests: 1, Differences: differences, Members: report.Members{ByValue: 1}}
}

// at is a difference at a place of the body.
func at(pointer, rule, level string) report.Difference {
	return report.Difference{Pointer: "/body" + pointer, Kind: "changed", Want: `"A"`, Got: `"a"`, Why: "it repeats the request", Rule: rule, Level: level, Source: "Table 10"}
}

// passes is a case that passed, of a kind that a target cannot be said to refuse
// or to accept everything with.
func passes() []report.Result {
	return []report.Result{
		{Case: "example/a", Outcome: report.Pass, Requests: 1, Members: report.Members{ByValue: 1}},
		{Case: "x/refused", Twin: "example/a", Outcome: report.Pass, Requests: 1},
	}
}

// said is a cause in a line.
func said(c report.Cause) string {
	text := fmt.Sprintf("%s %s: %s [%s] want %s got %s in %d: %s", c.Level, c.Rule, c.Why, c.Place(), c.Want, c.Got, c.Cases, strings.Join(c.Examples, " "))
	if c.Answers > 0 {
		text += fmt.Sprintf(", %d answers %v", c.Answers, c.Every)
	}
	if c.Known != "" {
		text += ", known"
	}
	if c.Flaky {
		text += ", flaky"
	}
	return text
}

// TestCauses holds what is one cause, and in which order causes come.
func TestCauses(t *testing.T) {
	created := refused("r/created", "r", "/m", "201")
	created.Differences = append(created.Differences, report.Difference{
		Pointer: "/body/connection", Kind: "unexpected", Got: "{}", Why: "a request that is refused creates nothing", Rule: "r", Level: "must",
	})
	known := func(r report.Result) report.Result { r.Known = "later"; return r }
	flaky := func(r report.Result) report.Result { r.Outcome = report.Flaky; return r }
	for name, row := range map[string]struct {
		results []report.Result
		want    []string
	}{
		"nothing": {},
		"the widest and most binding first": {
			[]report.Result{answers("a/1", at("/x", "x", "may")), answers("a/2", at("/y", "y", "must")), answers("a/3", at("/z", "z", "must")), answers("a/4", at("/z", "z", "must"))},
			[]string{
				`must z: it repeats the request [/z] want "A" got "a" in 2: a/3 a/4`, `must y: it repeats the request [/y] want "A" got "a" in 1: a/2`,
				`may x: it repeats the request [/x] want "A" got "a" in 1: a/1`,
			},
		},
		"a rule at one place, at its most binding level": {
			[]report.Result{answers("a/1", at("/x", "x", "should")), answers("a/2", at("/x", "x", "must"), at("/x", "x", "must"))},
			[]string{`must x: it repeats the request [/x] want "A" got "a" in 2: a/2 a/1`},
		},
		"positions in a list are one place": {
			[]report.Result{answers("a/1", at("/l/0/x", "", "must"), at("/l/1/x", "", "must"), at("/l/1/y", "", "must"))},
			[]string{`must : it repeats the request [/l/0/x] want "A" got "a" in 1: a/1`, `must : it repeats the request [/l/1/y] want "A" got "a" in 1: a/1`},
		},
		"a request that is not refused, and what it creates": {
			[]report.Result{refused("r/1", "r", "/m", "201"), created, refused("r/3", "r", "/n", "500, X.1: oops"), refused("s/1", "s", "/m", "201")},
			[]string{
				"must r: r holds [/m] want refused got 201 in 2: r/1 r/created", "must r: r holds: r/3 is refused [/n] want refused got 500 in 1: r/3",
				"must s: s holds: s/1 is refused [/m] want refused got 201 in 1: s/1",
			},
		},
		"another status of refusals, whatever their rules": {
			[]report.Result{refused("r/1", "r", "/m", "422"), refused("s/1", "s", "/n", "422")},
			[]string{"must : an answer has the status that is documented for it [] want 400 got 422 in 2: r/1 s/1"},
		},
		"another status of accepted requests": {
			[]report.Result{accepted("r/1", "r", "/m", "200"), accepted("s/1", "s", "/n", "200")},
			[]string{"must : an answer has the status that is documented for it [] want 201 got 200 in 2: r/1 s/1"},
		},
		"a refusal that blames another member": {
			[]report.Result{
				accepted("r/1", "r", "/o/m", "400, X.1: m is not supported"), accepted("s/1", "s", "/n", "400, X.1: m is not supported"),
				accepted("t/1", "t", "", "400, X.1: m is not supported"), accepted("u/1", "u", "/k", "400, X.1: invalid"),
			},
			[]string{
				"must : a request is accepted that is right in m [/o/m] want accepted got 400, X.1: m is not supported in 2: s/1 t/1",
				"must r: r holds: r/1 is refused [/o/m] want accepted got 400, X.1: m is not supported in 1: r/1",
				"must u: u holds: u/1 is refused [/k] want accepted got 400, X.1: invalid in 1: u/1",
			},
		},
		"a duty, in every answer and in some": {
			[]report.Result{
				{Case: "duty/id", Outcome: report.Fail, Differences: []report.Difference{{Pointer: "/headers/Id", Kind: "missing", Why: "Id is there", Level: "should", Answers: 2, Case: "example/a"}}},
				{Case: "duty/time", Outcome: report.Fail, Differences: []report.Difference{{Pointer: "/body/at", Kind: "rule", Got: `"x"`, Why: "at is a time", Rule: "at", Level: "should", Answers: 1, Case: "example/b"}}},
			},
			[]string{
				"should id: Id is there [/headers/Id] want Id is there got  in 1: example/a, 2 answers true",
				`should at: at is a time [/at] want at is a time got "x" in 1: example/b, 1 answers false`,
			},
		},
		"a twin that fails is the cause, and not what it leaves open": {
			[]report.Result{
				accepted("r/twin", "r", "/m", "400"),
				{Case: "r/open", Outcome: report.CouldNotRun, Because: "r/twin", Reason: "its twin is refused"},
				{Case: "r/old", Twin: "r/twin", Outcome: report.Fail, Differences: []report.Difference{{Pointer: "/twin", Kind: "twin", Why: "w", Level: "must"}}},
			},
			[]string{"must r: r holds: r/twin is refused [/m] want accepted got 400 in 1: r/twin"},
		},
		"known failures come last, and flaky ones are said to be": {
			[]report.Result{known(answers("a/1", at("/x", "x", "must"))), flaky(answers("a/2", at("/y", "y", "may"))), known(answers("a/3", at("/z", "z", "must"))), answers("a/4", at("/z", "z", "may"))},
			[]string{
				`may y: it repeats the request [/y] want "A" got "a" in 1: a/2, flaky`, `may z: it repeats the request [/z] want "A" got "a" in 1: a/4`,
				`must x: it repeats the request [/x] want "A" got "a" in 1: a/1, known`,
			},
		},
		"a failure that does not say by what": {
			[]report.Result{{Case: "a/1", Title: "it works", Rule: "", Outcome: report.Fail}},
			[]string{"must : it works [] want it works got  in 1: a/1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, c := range report.Causes(&report.Report{Results: append(passes(), row.results...)}) {
				got = append(got, said(c))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestCausesJoin makes one of many causes: of members side by side, and of a
// target that refuses, or accepts, everything.
func TestCausesJoin(t *testing.T) {
	many := func(n int, of func(i int) report.Result) []report.Result {
		var out []report.Result
		for i := range n {
			out = append(out, of(i))
		}
		return out
	}
	unknown := func(n int) []report.Result {
		var differences []report.Difference
		for i := range n {
			differences = append(differences, report.Difference{Pointer: fmt.Sprintf("/body/o/x%d", i), Kind: "unexpected", Got: "1", Why: "no such member", Level: "may"})
		}
		return append(passes(), answers("a/1", differences...))
	}
	open := func(i int) report.Result { return refused(fmt.Sprintf("r%d/1", i), fmt.Sprint("r", i), "/m", "201") }
	shut := func(i int) report.Result { return accepted(fmt.Sprintf("r%d/1", i), fmt.Sprint("r", i), "/m", "404") }
	for name, row := range map[string]struct {
		results []report.Result
		causes  int
		first   string
	}{
		"4000 unknown members":        {unknown(4000), 1, "may : no such member [/o/*] want nothing got 1 in 1: a/1"},
		"a few unknown members":       {unknown(12), 12, "may : no such member [/o/x0] want nothing got 1 in 1: a/1"},
		"refuses nothing":             {many(30, open), 1, "must : a request that breaks a rule is refused [] want refused got 201 in 30: r0/1 r1/1 r2/1"},
		"accepts nothing":             {many(30, shut), 1, "must : a request that keeps every rule is accepted [] want accepted got 404 in 30: r0/1 r1/1 r2/1"},
		"refuses something":           {append(passes(), many(30, open)...), 30, "must r0: r0 holds: r0/1 is refused [/m] want refused got 201 in 1: r0/1"},
		"accepts something":           {append(passes(), many(30, shut)...), 30, "must r0: r0 holds: r0/1 is refused [/m] want accepted got 404 in 1: r0/1"},
		"refuses nothing that is few": {many(3, open), 3, "must r0: r0 holds: r0/1 is refused [/m] want refused got 201 in 1: r0/1"},
		"refuses nothing, two answers": {append(many(30, open), many(30, func(i int) report.Result {
			r := open(i)
			r.Case, r.Differences[0].Got = r.Case+"b", "500"
			return r
		})...), 2, "must : a request that breaks a rule is refused [] want refused got 201 in 30: r0/1 r1/1 r2/1"},
		"fails where it should refuse": {append(passes(), many(30, func(i int) report.Result {
			r := open(i)
			r.Differences[0].Got = "500"
			return r
		})...), 1, "must : a request that breaks a rule is refused [] want refused got 500 in 30: r0/1 r1/1 r2/1"},
	} {
		t.Run(name, func(t *testing.T) {
			causes := report.Causes(&report.Report{Results: row.results})
			if len(causes) != row.causes || said(causes[0]) != row.first {
				t.Errorf("%d causes, want %d, the first:\n%s\nwant %s", len(causes), row.causes, said(causes[0]), row.first)
			}
		})
	}
}

// TestCausesAreWhole holds that every failure that counts has a cause that
// counts, that a cause always says what is wanted, and that long values are cut.
func TestCausesAreWhole(t *testing.T) {
	for name, r := range map[string]*report.Report{"full": full(), "many": many(), "everything": everything(), "hostile": hostile("\x00<b>")} {
		binding := false
		for _, c := range report.Causes(r) {
			if c.Want == "" || c.Why == "" || len(c.Examples) == 0 || c.Cases == 0 {
				t.Errorf("%s: a cause lacks something: %+v", name, c)
			}
			if len(c.Want) > 1<<12 || len(c.Got) > 1<<12 {
				t.Errorf("%s: %d bytes are wanted, %d came", name, len(c.Want), len(c.Got))
			}
			counts := slices.Index(report.Levels, c.Level) <= max(slices.Index(report.Levels, r.Level), 0)
			binding = binding || counts && c.Known == ""
		}
		differs := slices.ContainsFunc(r.Results, func(result report.Result) bool { return result.Known == "" && result.FailsAt(r.Level) })
		if binding != differs {
			t.Errorf("%s: a case fails at the level: %v, a cause counts: %v", name, differs, binding)
		}
	}
}

// TestCausesAreRead holds that the causes of a JSON report are those of its cases:
// they read back the same, and one that was edited is refused.
func TestCausesAreRead(t *testing.T) {
	written := render(t, report.WriteJSON, red())
	r, err := report.ReadJSON([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(report.Causes(red()), report.Causes(r)); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	for _, edit := range [][2]string{{`"cases": 1402`, `"cases": 1`}, {`"want": "refused"`, `"want": "accepted"`}, {`"every": true,`, ``}} {
		edited := strings.Replace(written, edit[0], edit[1], 1)
		if edited == written {
			t.Fatalf("no cause has %s", edit[0])
		}
		if _, err := report.ReadJSON([]byte(edited)); err == nil {
			t.Errorf("%s instead of %s was read", edit[1], edit[0])
		}
	}
}

// TestCausesSaySent shows what the first case sent, where the report has it.
func TestCausesSaySent(t *testing.T) {
	for name, row := range map[string]struct{ request, sent string }{
		"a text":        {`{"a":{"m":"group24"}}`, `"group24"`},
		"a list":        {`{"a":{"m":[1,"x"]}}`, `[1,"x"]`},
		"nothing there": {`{"a":{}}`, ""},
		"no JSON":       {`{"a"=`, ""},
		"not kept":      {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			result := refused("r/1", "r", "/a/m", "201")
			result.Exchanges = []report.Exchange{{Request: row.request}}
			causes := report.Causes(&report.Report{Results: append(passes(), result)})
			if len(causes) != 1 || causes[0].Sent != row.sent {
				t.Errorf("got %+v, want one cause that sent %s", causes, row.sent)
			}
		})
	}
}
