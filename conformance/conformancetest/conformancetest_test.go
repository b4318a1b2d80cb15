package conformancetest_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/conformancetest"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestConformance is what a user of the package writes. The other tests play it,
// against the reference and what is worse: see [player].
func TestConformance(t *testing.T) {
	if os.Getenv(plays) == "" {
		t.Skip("it is played: see TestEveryCase")
	}
	s := scenarios[playing]
	if s.url != "" {
		conformancetest.RunURL(t, s.url, s.opts)
		return
	}
	conformancetest.Run(t, s.handler(t), s.opts)
}

// outcome is how a test process ended.
type outcome struct {
	output string
	ok     bool              // exit status 0
	ended  map[string]string // PASS, FAIL or SKIP, by case; that of the test itself has no name
}

var endings = regexp.MustCompile(`(?m)^ *--- (PASS|FAIL|SKIP): TestConformance/?(\S*) `)

// play runs TestConformance with a scenario and flags of go test, in the process
// that all plays share.
func play(t *testing.T, name string, args ...string) outcome {
	t.Helper()
	together.Do(func() { shared = newPlayer() })
	return shared.play(t, name, args...)
}

// playUnfailed does the same in a process in which nothing has failed yet, which
// is what -failfast asks.
func playUnfailed(t *testing.T, name string, args ...string) outcome {
	t.Helper()
	if together.Do(func() { shared = newPlayer() }); !shared.failed {
		return shared.play(t, name, args...)
	}
	p := newPlayer()
	defer p.end()
	return p.play(t, name, args...)
}

// ended takes the endings from an output.
func ended(t *testing.T, output string, ok bool) outcome {
	t.Helper()
	o := outcome{output, ok, map[string]string{}}
	for _, m := range endings.FindAllStringSubmatch(o.output, -1) {
		if _, twice := o.ended[m[2]]; twice {
			t.Errorf("%q ended twice", m[2])
		}
		o.ended[m[2]] = m[1]
	}
	return o
}

// cases are the names of subtests that ended in one way, sorted.
func (o outcome) cases(how string) []string {
	var names []string
	for name, ended := range o.ended {
		if name != "" && ended == how {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// TestEveryCase runs everything against the reference: a subtest for every
// case, all of which pass but for those that do not apply, which say why.
func TestEveryCase(t *testing.T) {
	all := wholeSuite(t)
	want, open := map[string]string{"": "PASS"}, 0
	for _, c := range all {
		if want[c.ID] = "PASS"; c.Wire.Credentials != "" {
			want[c.ID] = "SKIP"
			open++
		}
	}
	got := play(t, "")
	if diff := cmp.Diff(want, got.ended); diff != "" || !got.ok {
		t.Errorf("ok %t; subtests (-want +got):\n%s", got.ok, diff)
	}
	says(t, got, "not applicable CreateVpnConnection/transport/credentials-missing", "the environment has no credentials",
		fmt.Sprintf("CONFORMS: of %d cases %d pass, %d not-applicable\n", len(all), len(all)-open, open))
}

func says(t *testing.T, o outcome, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(o.output, text) {
			t.Errorf("the output lacks %q:\n%s", text, tail(o.output))
		}
	}
}

// tail is the end of a long output.
func tail(s string) string { return s[max(0, len(s)-4000):] }

// TestRunFlag shows that -run and -skip select what is reported and what is
// run: the number of cases in the summary has the twins.
func TestRunFlag(t *testing.T) {
	const above, below, kept = "CreateVpnConnection/Dpd.timeout.maximum/above", "CreateVpnConnection/Dpd.timeout.maximum/below", "CreateVpnConnection/Dpd.timeout.maximum/kept"
	rule, twins := casesOf(t, "CreateVpnConnection/Dpd.timeout.maximum/")
	for name, row := range map[string]struct {
		args []string
		want []string
		ran  int
	}{
		"a rule":            {[]string{"-test.run=Conformance/CreateVpnConnection/Dpd.timeout.maximum"}, rule, len(rule) + twins},
		"a case":            {[]string{"-test.run=^TestConformance$/^CreateVpnConnection$/^Dpd.timeout.maximum$/^below$"}, []string{below}, 1},
		"a case and a twin": {[]string{"-test.run=Conformance/CreateVpnConnection/Dpd.timeout.maximum/^above$"}, []string{above}, 2},
		"both are selected": {[]string{"-test.run=Conformance/CreateVpnConnection/Dpd.timeout.maximum/^(above|kept)$"}, []string{above, kept}, 2},
		"alternatives":      {[]string{"-test.run=Conformance/CreateVpnConnection/example/bgp|Conformance/CreateVpnConnection/Dpd.timeout.maximum/below"}, []string{below, "CreateVpnConnection/example/bgp"}, 2},
		"skip":              {[]string{"-test.run=Conformance/CreateVpnConnection/example", "-test.skip=Conformance/CreateVpnConnection/example/(static|bgp)"}, []string{"CreateVpnConnection/example/policy"}, 1},
		"with -short":       {[]string{"-test.run=Conformance/CreateVpnConnection/example/bgp", "-test.short"}, []string{"CreateVpnConnection/example/bgp"}, 1},
		"one at a time":     {[]string{"-test.run=Conformance/CreateVpnConnection/example", "-test.parallel=1"}, []string{"CreateVpnConnection/example/bgp", "CreateVpnConnection/example/policy", "CreateVpnConnection/example/static"}, 3},
		"stop at the first": {[]string{"-test.run=Conformance/CreateVpnConnection/example", "-test.failfast"}, []string{"CreateVpnConnection/example/bgp", "CreateVpnConnection/example/policy", "CreateVpnConnection/example/static"}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			how := play
			if name == "stop at the first" {
				how = playUnfailed
			}
			got := how(t, "", row.args...)
			if diff := cmp.Diff(row.want, got.cases("PASS")); diff != "" || !got.ok || len(got.ended) != len(row.want)+1 {
				t.Errorf("ok %t, %d ended (-want +got):\n%s", got.ok, len(got.ended), diff)
			}
			says(t, got, fmt.Sprintf("CONFORMS: of %d case", row.ran))
			says(t, got, fmt.Sprintf(" %d pass; ", row.ran))
		})
	}
}

// casesOf returns the ids that begin with a text, sorted, and how many other cases
// are twins of these.
func casesOf(t *testing.T, prefix string) (ids []string, twins int) {
	t.Helper()
	other := map[string]bool{}
	for _, c := range wholeSuite(t) {
		if strings.HasPrefix(c.ID, prefix) {
			ids = append(ids, c.ID)
			if c.Twin != "" && !strings.HasPrefix(c.Twin, prefix) {
				other[c.Twin] = true
			}
		}
	}
	if slices.Sort(ids); len(ids) < 9 || len(other) == 0 {
		t.Fatalf("%q: twins %v", ids, other)
	}
	return ids, len(other)
}

// TestSameAsRun holds the subtests against the results of a run: exactly those
// fail that it says fail, with the text of its report.
func TestSameAsRun(t *testing.T) {
	for _, name := range []string{"not enforced", "one id", "refuses everything", "lower case", "panics"} {
		t.Run(name, func(t *testing.T) {
			found := found(t, scenarios[name])
			want := map[string]string{"": "FAIL"}
			var texts []string
			for _, r := range found.Results {
				switch r.Outcome {
				case report.Pass:
					want[r.Case] = "PASS"
				case report.NotApplicable:
					want[r.Case] = "SKIP"
				default:
					want[r.Case] = "FAIL"
					if r.Outcome == report.Fail && !r.FailsAt("must") {
						want[r.Case] = "SKIP"
					}
					texts = append(texts, rendered(t, r)...)
				}
			}
			got := play(t, name)
			if diff := cmp.Diff(want, got.ended); diff != "" || got.ok {
				t.Errorf("ok %t; subtests (-want +got):\n%s", got.ok, diff)
			}
			if len(texts) == 0 {
				t.Error("nothing failed")
			}
			said := map[string]bool{}
			for line := range strings.Lines(got.output) {
				said[strings.TrimSpace(line)] = true
			}
			for _, line := range texts {
				if !said[line] {
					t.Errorf("no subtest says %q", line)
				}
			}
		})
	}
}

// found runs a scenario without the package under test.
func found(t *testing.T, s *played) *report.Report {
	t.Helper()
	opts := s.opts
	opts.Target = serve(t, s.handler(t))
	r, err := conformance.Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// varies matches lines that two runs do not share: they hold an address, a key
// or an id that was made up.
var varies = regexp.MustCompile(`127\.0\.0\.1|got|psk|[0-9a-f]{8}-[0-9a-f]{4}|another request|and \d+ more`)

// rendered are the lines of a result that every run of the scenario shares.
func rendered(t *testing.T, r report.Result) []string {
	t.Helper()
	var b strings.Builder
	if err := report.WriteResult(&b, r, report.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSpace(line); line != "" && !varies.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// TestText holds the whole text of a subtest that fails.
func TestText(t *testing.T) {
	got := play(t, "lower case", "-test.run=TestConformance/CreateVpnConnection/example/static")
	says(t, got, `
        FAIL           CreateVpnConnection/example/static
                       2 requests; 34 members of the answers: 27 by value, 0 by schema,
                       7 by rule, 0 noted, 0 not looked at
        
          /body/vpn_connection/style  changed
            want  "STATIC"
            got   "static"
            why   style repeats the requested one, static if none was sent, in upper
                  case
                  ResponseVpnConnection.style-upper-case, Example responses (must)
            also  ResponseVpnConnection.style.enum
        
          repeat it with (secrets masked)
          curl -i -X POST 'http://127.0.0.1:`)
}

// TestRunFlagHearsTheOthers shows that a case that shows nothing for its twin
// alone fails when the twin is not selected.
func TestRunFlagHearsTheOthers(t *testing.T) {
	got := play(t, "refuses everything", "-test.run=Conformance/CreateVpnConnection/Dpd.timeout.maximum/^above$")
	want := map[string]string{"": "FAIL", "CreateVpnConnection/Dpd.timeout.maximum/above": "FAIL"}
	if diff := cmp.Diff(want, got.ended); diff != "" || got.ok {
		t.Errorf("ok %t (-want +got):\n%s", got.ok, diff)
	}
	says(t, got, "COULD NOT RUN  CreateVpnConnection/Dpd.timeout.maximum/above", "a refusal shows nothing unless\n", "CreateVpnConnection/Dpd.timeout.maximum/kept is accepted")
}

// TestShort holds the selection of -short: a few cases, one of a kind.
func TestShort(t *testing.T) {
	got := play(t, "", "-test.short")
	ended := slices.Sorted(maps.Keys(got.ended))
	if !got.ok || len(ended) < 10 || len(ended) > 40 {
		t.Errorf("ok %t: %d: %q", got.ok, len(ended), ended)
	}
	for what, name := range map[string]string{
		"an example": "CreateVpnConnection/example/bgp", "beyond a limit": ".maximum/above", "at a limit": ".maximum/maximum", "a broken rule over members": "/broken-1",
		"a kept one": "/kept", "no JSON": "CreateVpnConnection/transport/body-malformed", "a wrong method": "CreateVpnConnection/transport/method-put",
	} {
		if !slices.ContainsFunc(ended, func(id string) bool { return strings.HasSuffix(id, name) }) {
			t.Errorf("%s is missing: no %s in %q", what, name, ended)
		}
	}
	if narrowed := play(t, "narrowed", "-test.short"); len(narrowed.ended) != 2 {
		t.Errorf("-short changes what the options select: %v", narrowed.ended)
	}
}

// TestDeadline shows that the results are there before go test gives up.
func TestDeadline(t *testing.T) {
	got := play(t, "hangs", "-test.timeout=4s")
	if diff := cmp.Diff([]string{"CreateVpnConnection/example/bgp", "CreateVpnConnection/example/policy", "CreateVpnConnection/example/static"}, got.cases("FAIL")); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, tail(got.output))
	}
	says(t, got, "COULD NOT RUN  CreateVpnConnection/example/static", "the run took longer than")
}
