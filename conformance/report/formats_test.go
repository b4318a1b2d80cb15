package report_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// format renders reports.
type format = func(io.Writer, *report.Report) error

// formats are all but the text, which has options.
var formats = map[string]format{
	"json": report.WriteJSON, "junit": report.WriteJUnit, "md": report.WriteMarkdown, "github": report.WriteGitHub,
	"tap": report.WriteTAP, "har": report.WriteHAR,
}

func render(t testing.TB, write format, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// nasty is what a target may send to break out of each of the formats.
const nasty = "<script>alert(1)</script> ]]> --> `` ```\n# heading | pipe \x1b[31mred\x1b[0m \x1b]8;;http://evil\x1b\\ \u009b2J \u202eevil\u202c \x00 \ufffd \ufffe " +
	"[link](https://evil.example) ![image](x) %0A::error::forged\n::error::forged\nnot ok 9 # TODO\n  ...\n  ---\n</details> <!-- &amp; \" ' \\ @someone #1 {0} $(id)"

// full is a report of every outcome, of hostile answers, and of everything else
// that a report may have.
func full() *report.Report {
	began := time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC)
	wrong := func(level string) []report.Difference {
		return []report.Difference{{
			Pointer: "/status", Kind: "changed", Want: "400", Got: "201", Why: "a key has at least 8 characters", Rule: "Body.psk.minLength",
			Level: level, Source: "Table 3, psk",
		}}
	}
	exchange := func(n int, answer string) report.Exchange {
		return report.Exchange{
			Method: "POST", URL: "https://vpn.example.com/v5/p/vpn-connection?limit=2&a=b%20c", RequestHeader: []string{"Content-Type: application/json", "X-Auth-Token: ***"},
			Request: `{"vpn_connection":{"psk":"***"}}`, Status: 201, AnswerHeader: []string{"Content-Type: application/json; charset=utf-8", "Location: /v5/Some;x=Y"},
			Answer: answer, After: time.Duration(n) * time.Second, Took: 1500 * time.Microsecond,
		}
	}
	return &report.Report{
		Kit: "v1.2.3", Suite: strings.Repeat("ab", 32), Document: strings.Repeat("cd", 32),
		Calibration: &report.Calibration{Cases: 12, NullServers: 3, NullScore: 1, Faults: 5, Killed: 4, Equivalent: 1, Command: "vpnconform calibrate"},
		Target:      "https://vpn.example.com", Environment: map[string]any{"project_id": "p"}, Level: "should", Seed: 7, Complete: true,
		Started: began, Took: 90 * time.Second,
		Missing:  []string{"example/ospf"},
		Baseline: []string{"example/old is no case", "example/static fails in another way: " + nasty},
		Results: []report.Result{
			{Case: "example/static", Title: "Creates a connection", Level: "must", Source: "Example requests", Outcome: report.Pass,
				Members: report.Members{ByValue: 2, BySchema: 1, ByRule: 1}, Requests: 2, Exchanges: []report.Exchange{exchange(2, "{}"), exchange(1, "{}")}},
			{Case: "Body.psk.minLength/below", Title: "psk has at least 8 characters: below is refused", Level: "must", Rule: "Body.psk.minLength", Twin: "example/static",
				Source: "Table 3, psk", Outcome: report.Fail, Differences: wrong("must"), Requests: 1, Exchanges: []report.Exchange{exchange(3, "{}")},
				Curl: "curl -i -X POST 'https://vpn.example.com/v5/p/vpn-connection' --data-raw '{\"vpn_connection\":{}}'"},
			{Case: "Body.psk.minLength/empty", Title: "psk has at least 8 characters: empty is refused", Level: "must", Rule: "Body.psk.minLength",
				Source: "Table 3, psk", Outcome: report.Fail, Differences: wrong("must"), Requests: 1},
			{Case: "Body.name/hostile", Title: "A hostile answer", Level: "must", Rule: "Body.name", Source: "Table 3, name", Errata: []string{"name-length"}, Outcome: report.Fail,
				Differences: []report.Difference{
					{Pointer: "/body/" + nasty, Kind: "unexpected", Got: nasty, Why: nasty, Rule: "Body.name", Also: []string{"Body.other", "Body.third"}, Level: "must", Source: "Table 3, name", Errata: []string{"name-length"}},
					{Pointer: "/body/long", Kind: "changed", Want: `"short"`, Got: strings.Repeat("long ", 200<<10), Why: "the documented answer to this request", Level: "should", Source: "Example requests"},
				},
				Notes:    []report.Difference{{Pointer: "/body/x", Kind: "unexpected", Got: nasty}},
				Requests: 1, Exchanges: []report.Exchange{exchange(4, nasty)}, Curl: "curl " + nasty},
			{Case: "Body.name/flaky", Title: "It comes and goes", Level: "should", Rule: "Body.name", Source: "Table 3, name", Outcome: report.Flaky,
				Reason: "it failed, and passed when it was tried again alone", Differences: wrong("should"), Requests: 2},
			{Case: "Body.name/known", Title: "It is known", Level: "must", Rule: "Body.name", Source: "Table 3, name", Outcome: report.Fail, Known: "JIRA-1: " + nasty, Differences: wrong("must"), Requests: 1},
			{Case: "Body.name/may", Title: "It may", Level: "may", Rule: "Body.name", Source: "Table 3, name", Outcome: report.Fail, Differences: wrong("may"), Requests: 1},
			{Case: "Body.er/one", Title: "Wants a gateway", Level: "must", Source: "Table 3", Outcome: report.NotApplicable, Reason: "the environment has no gateway with attachment_type er"},
			{Case: "Body.er/two", Title: "Wants a gateway", Level: "may", Source: "Table 3", Outcome: report.NotApplicable, Reason: "the environment has no gateway with attachment_type er"},
			{Case: "Body.slow/one", Title: "Never answers", Level: "must", Source: "Table 3", Outcome: report.CouldNotRun, Reason: "no answer in 10s: " + nasty, Requests: 1,
				Exchanges: []report.Exchange{{Method: "POST", URL: "https://vpn.example.com/", Request: "{}", Error: "no answer in 10s: " + nasty, After: 5 * time.Second, Took: 10 * time.Second}}},
			{Case: "Body.kit/one", Title: "Breaks the kit", Level: "should", Source: "Table 3", Outcome: report.KitError, Reason: "panic: runtime error"},
		},
	}
}

// fixture is the report of full as its JSON has it: a character that is none is
// replaced there.
func fixture(t testing.TB) *report.Report {
	t.Helper()
	r, err := report.ReadJSON([]byte(render(t, report.WriteJSON, full())))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestFormats holds every format byte for byte.
func TestFormats(t *testing.T) {
	g := goldie.New(t, goldie.WithNameSuffix(""))
	files := map[string]string{"junit": "full.junit.xml", "md": "full.md", "github": "full.github.txt", "tap": "full.tap", "har": "full.har"}
	for name, file := range files {
		t.Run(name, func(t *testing.T) { g.Assert(t, file, []byte(render(t, formats[name], fixture(t)))) })
	}
	t.Run("nothing", func(t *testing.T) {
		for name, file := range files {
			g.Assert(t, strings.Replace(file, "full", "nothing", 1), []byte(render(t, formats[name], &report.Report{})))
		}
	})
}

// TestFormatsChangeNothing renders a report twice in every format: it reads the
// same, and no format changed it.
func TestFormatsChangeNothing(t *testing.T) {
	r := full()
	for name, write := range formats {
		if first, again := render(t, write, r), render(t, write, r); first != again {
			t.Errorf("%s: the second rendering differs", name)
		}
	}
	if diff := cmp.Diff(full(), r); diff != "" {
		t.Errorf("report (-before +after):\n%s", diff)
	}
}

// TestFormatsInert wants no character that steers a terminal in any format but
// the JSON report, which keeps what was sent.
func TestFormatsInert(t *testing.T) {
	for name, write := range formats {
		if name != "json" {
			checkInert(t, name, render(t, write, full()))
		}
	}
}

// TestFormatsFull fills the disk at the first byte, in the middle, and at the
// last.
func TestFormatsFull(t *testing.T) {
	noSpace := errors.New("no space left on device")
	r := full()
	for name, write := range formats {
		size := len(render(t, write, r))
		for _, left := range []int{0, 1, size / 2, size - 1} {
			if err := write(&fullAfter{left, noSpace}, r); !errors.Is(err, noSpace) {
				t.Errorf("%s after %d of %d bytes: error %v", name, left, size, err)
			}
		}
	}
}

// FuzzFormats renders reports in which every text is hostile: none panics, none
// has a character that steers, and each is of its form.
func FuzzFormats(f *testing.F) {
	f.Add(nasty)
	f.Add("a\xffb\xed\xa0\x80\uffff")
	f.Add("")
	f.Add("` `")
	f.Add("\\ # TODO")
	f.Fuzz(func(t *testing.T, s string) {
		r := hostile(s)
		r.Level, r.Missing = s, []string{s}
		r.Results[0].Exchanges = []report.Exchange{{Method: s, URL: "https://vpn.example.com", RequestHeader: []string{s}, Request: s, AnswerReason: s, AnswerEarly: []string{s}, AnswerHeader: []string{s}, AnswerTrailer: []string{s}, Answer: s, Error: s}}
		for _, outcome := range append([]report.Outcome{report.Outcome(s)}, report.Outcomes...) {
			another := r.Results[0]
			another.Outcome, another.Known = outcome, ""
			r.Results = append(r.Results, another)
		}
		for name, write := range formats {
			text := render(t, write, r)
			if name != "json" {
				checkInert(t, s, text)
			}
			if check := checks[name]; check != nil {
				check(t, text)
			}
		}
	})
}

// checks hold a rendering to what every one in the format is.
var checks = map[string]func(testing.TB, string){
	"json": checkJSON, "junit": checkJUnit, "md": checkMarkdown, "github": checkGitHub, "tap": checkTAP, "har": checkHAR,
}

// TestAgree holds the formats that know of tests to the verdict: something
// failed there if, and only if, the exit status is not 0.
func TestAgree(t *testing.T) {
	words := []string{"pass", "fail", "flaky", "known", "not-applicable", "could-not-run", "kit-error", "stale"}
	for set := range 1 << len(words) {
		var found []string
		for i, word := range words {
			if set>>i&1 == 1 {
				found = append(found, word)
			}
		}
		for _, level := range report.Levels {
			r := of(t, strings.Join(found, " "))
			for i := range r.Results {
				r.Results[i].Case = fmt.Sprintf("a/%d", i)
				if r.Results[i].Outcome == report.Flaky {
					r.Results[i].Differences = []report.Difference{{Level: "should"}}
				}
			}
			r.Level = level
			bad := r.Verdict() != report.Conforms
			if got := len(badTAP(render(t, report.WriteTAP, r))) > 0; got != bad {
				t.Errorf("%v at level %s: TAP is not ok: %t, exit status %d", found, level, got, r.Verdict())
			}
			total := readJUnit(t, render(t, report.WriteJUnit, r))
			if got := total.Failed+total.Error > 0; got != bad {
				t.Errorf("%v at level %s: JUnit has failures: %t, exit status %d", found, level, got, r.Verdict())
			}
			if got := strings.Contains(render(t, report.WriteGitHub, r), "::error "); got != bad {
				t.Errorf("%v at level %s: GitHub has errors: %t, exit status %d", found, level, got, r.Verdict())
			}
		}
	}
}

// large is a report of many cases, one of ten of which failed.
func large(cases int) *report.Report {
	r := full()
	body := `{"vpn_connection":{"name":"vpn","tags":[` + strings.Repeat(`{"key":"k","value":"v"},`, 40) + `]}}`
	results := make([]report.Result, cases)
	for i := range results {
		result := r.Results[0]
		if i%10 == 0 {
			result = r.Results[1]
			result.Differences = []report.Difference{result.Differences[0], result.Differences[0], result.Differences[0]}
			result.Differences[0].Rule = fmt.Sprintf("Body.member-%d.rule", i%1500)
		}
		result.Case = fmt.Sprintf("Body.member-%d.rule/case-%d", i%1500, i)
		result.Exchanges = []report.Exchange{result.Exchanges[0]}
		result.Exchanges[0].Answer = body
		results[i] = result
	}
	r.Results = results
	return r
}

// BenchmarkFormats renders 10,000 cases, of which 1,000 failed.
func BenchmarkFormats(b *testing.B) {
	r := large(10_000)
	for name, write := range formats {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
