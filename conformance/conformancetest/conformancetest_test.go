package conformancetest_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/conformancetest"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// scenario is the environment variable that names what TestConformance is held
// against. It is empty but in the processes that the other tests start.
const scenario = "CONFORMANCETEST_SCENARIO"

// TestConformance is what a user of the package writes. The reference passes;
// with anything else the other tests run it in a process of its own.
func TestConformance(t *testing.T) {
	s := scenarios[os.Getenv(scenario)]
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

// play runs TestConformance in a process of its own.
func play(t *testing.T, name string, args ...string) outcome {
	t.Helper()
	if _, ok := scenarios[name]; !ok {
		t.Fatalf("there is no scenario %q", name)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "-test.run=") }) {
		args = append(args, "-test.run=^TestConformance$")
	}
	cmd := exec.CommandContext(t.Context(), exe, append(args, "-test.v")...)
	cmd.Env = append(os.Environ(), scenario+"="+name, "GOCOVERDIR="+t.TempDir())
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	o := outcome{out.String(), err == nil, map[string]string{}}
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
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"": "PASS"}
	for _, c := range s.Cases {
		want[c.ID] = "PASS"
	}
	for _, how := range []string{"missing", "wrong", "shortened", "lengthened", "changed"} {
		want["transport/credentials-"+how] = "SKIP"
	}
	got := play(t, "")
	if diff := cmp.Diff(want, got.ended); diff != "" || !got.ok {
		t.Errorf("ok %t; subtests (-want +got):\n%s", got.ok, diff)
	}
	says(t, got, "not applicable transport/credentials-missing", "the environment has no credentials", "CONFORMS: of 1731 cases 1726 pass, 5 not-applicable")
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

// TestSameAsRun holds the subtests against the results of a run: exactly those
// fail that it says fail, with the text of its report.
func TestSameAsRun(t *testing.T) {
	for _, name := range []string{"not enforced", "one id", "refuses everything", "lower case", "panics"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
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
	got := play(t, "lower case", "-test.run=TestConformance/example/static")
	says(t, got, `
        FAIL           example/static
                       2 requests; 34 members of the answers: 27 by value, 0 by schema,
                       7 by rule, 0 noted, 0 not looked at
        
          /body/vpn_connection/style  changed
            want  "STATIC"
            got   "static"
            why   style is one of POLICY, STATIC, BGP
                  ResponseVpnConnection.style.enum, OTC, style (must), erratum
                  lost-values, style-case
        
          repeat it with (secrets masked)
          curl -i -X POST 'http://127.0.0.1:`)
}

// TestRunFlag shows that -run and -skip select what is reported and what is
// run: the number of cases in the summary has the twins.
func TestRunFlag(t *testing.T) {
	const above, below = "Dpd.timeout.maximum/above", "Dpd.timeout.maximum/below"
	for name, row := range map[string]struct {
		args []string
		want []string
		ran  string
	}{
		"a rule": {[]string{"-test.run=Conformance/Dpd.timeout.maximum"}, []string{
			above, above + "-in-complete-policy", above + "-in-complete-static", below, "Dpd.timeout.maximum/beyond-32-bits", "Dpd.timeout.maximum/beyond-int32",
			"Dpd.timeout.maximum/drawn", "Dpd.timeout.maximum/drawn-above", "Dpd.timeout.maximum/maximum",
		}, "of 12 cases 12 pass"},
		"a case":             {[]string{"-test.run=^TestConformance$/^Dpd.timeout.maximum$/^below$"}, []string{below}, "of 1 case 1 pass"},
		"a case and a twin":  {[]string{"-test.run=Conformance/Dpd.timeout.maximum/^above$"}, []string{above}, "of 2 cases 2 pass"},
		"alternatives":       {[]string{"-test.run=Conformance/example/bgp|Conformance/Dpd.timeout.maximum/below"}, []string{below, "example/bgp"}, "of 2 cases 2 pass"},
		"skip":               {[]string{"-test.run=Conformance/example", "-test.skip=Conformance/example/(static|bgp)"}, []string{"example/policy"}, "of 1 case 1 pass"},
		"with -short":        {[]string{"-test.run=Conformance/example/bgp", "-test.short"}, []string{"example/bgp"}, "of 1 case 1 pass"},
		"one at a time":      {[]string{"-test.run=Conformance/example", "-test.parallel=1"}, []string{"example/bgp", "example/policy", "example/static"}, "of 3 cases 3 pass"},
		"stop at the first ": {[]string{"-test.run=Conformance/example", "-test.failfast"}, []string{"example/bgp", "example/policy", "example/static"}, "of 3 cases 3 pass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := play(t, "", row.args...)
			if diff := cmp.Diff(row.want, got.cases("PASS")); diff != "" || !got.ok || len(got.ended) != len(row.want)+1 {
				t.Errorf("ok %t, %d ended (-want +got):\n%s", got.ok, len(got.ended), diff)
			}
			says(t, got, "CONFORMS: "+row.ran)
		})
	}
}

// TestRunFlagHearsTheOthers shows that a case that fails for its twin alone
// fails when the twin is not selected.
func TestRunFlagHearsTheOthers(t *testing.T) {
	got := play(t, "refuses everything", "-test.run=Conformance/Dpd.timeout.maximum/^above$")
	want := map[string]string{"": "FAIL", "Dpd.timeout.maximum/above": "FAIL"}
	if diff := cmp.Diff(want, got.ended); diff != "" || got.ok {
		t.Errorf("ok %t (-want +got):\n%s", got.ok, diff)
	}
	says(t, got, "/twin  twin", "a refusal shows nothing unless example/bgp is accepted")
}

// TestShort holds the selection of -short against the one that the package
// documents.
func TestShort(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	got := play(t, "", "-test.short")
	ended := slices.Sorted(maps.Keys(got.ended))
	if !got.ok || len(ended) != 1+3+9+7+2+3 {
		t.Errorf("ok %t: %q", got.ok, ended)
	}
	for _, name := range ended[1:] {
		rule, _, _ := strings.Cut(name, "/")
		if !strings.Contains(string(doc), "("+rule+")") && !strings.Contains(string(doc), "("+name+")") {
			t.Errorf("the package doc does not name %s", name)
		}
	}
	if narrowed := play(t, "narrowed", "-test.short"); len(narrowed.ended) != 2 {
		t.Errorf("-short changes what the options select: %v", narrowed.ended)
	}
}

// TestDeadline shows that the results are there before go test gives up.
func TestDeadline(t *testing.T) {
	t.Parallel()
	got := play(t, "hangs", "-test.timeout=12s")
	if diff := cmp.Diff([]string{"example/bgp", "example/policy", "example/static"}, got.cases("FAIL")); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, tail(got.output))
	}
	says(t, got, "COULD NOT RUN  example/static", "the run took longer than")
}
