package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// red is a report of a run with a mistake of every kind: answers, a request that
// is not refused and what it leaves open, a duty, and what could not run.
func red() *report.Report {
	r := &report.Report{Target: "https://vpn.example.com", Seed: 3, LeftOut: 3481, Took: 1900 * time.Millisecond, Results: passes()}
	for i := range 1402 {
		r.Results = append(r.Results, answers(fmt.Sprintf("example/static-%d", i), report.Difference{
			Pointer: "/body/vpn_connection/style", Kind: "changed", Want: `"STATIC"`, Got: `"static"`, Rule: "Answer.style", Level: "must",
			Why: "style repeats the requested style, in upper case", Source: "Example responses", Errata: []string{"style-case"},
		}))
	}
	for _, name := range []string{"static", "bgp"} {
		r.Results = append(r.Results, refused("policy_rules-policy-only/"+name, "policy_rules", "/vpn_connection/policy_rules", "201"))
	}
	r.Results = append(r.Results,
		accepted("lifetime.maximum/longest", "lifetime.maximum", "/vpn_connection/ikepolicy/lifetime", "400, VPN.0001: invalid"),
		report.Result{Case: "lifetime.maximum/above", Level: "must", Outcome: report.CouldNotRun, Because: "lifetime.maximum/longest", Reason: "its twin is refused"},
		answers("other/1", at("/request_id", "request_id", "may")),
		report.Result{Case: "duty/request-id", Level: "should", Outcome: report.Fail, Differences: []report.Difference{{
			Pointer: "/headers/X-Request-Id", Kind: "changed", Want: `"d4f1"`, Got: `"other"`, Why: "X-Request-Id repeats request_id", Level: "should", Source: "SDK",
			Answers: 1409, Case: "example/static-0",
		}}},
		report.Result{Case: "er/one", Level: "must", Outcome: report.NotApplicable, Reason: "the environment has no private gateway (a network_type)"},
		report.Result{
			Case: "transport/oversized", Level: "may", Outcome: report.CouldNotRun, Reason: "the target closed the connection", Requests: 1, Curl: "curl https://vpn.example.com/v5 --data @-",
			Exchanges: []report.Exchange{{Method: "POST", URL: "https://vpn.example.com/v5", Request: strings.Repeat("x", 1000), Error: "read: connection reset by peer"}},
		},
	)
	return r
}

// TestScreen holds the first screen of a red run, and the whole of it.
func TestScreen(t *testing.T) {
	g := goldie.New(t)
	g.Assert(t, "screen", []byte(write(t, red(), report.TextOptions{})))
	g.Assert(t, "screen-verbose", []byte(write(t, red(), report.TextOptions{Verbose: true})))
}

// TestScreenIsOne holds that a long run fits on a screen, however many causes
// there are, and that each is shown or counted.
func TestScreenIsOne(t *testing.T) {
	for _, width := range []int{60, 80, 132} {
		for _, n := range []int{0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 200} {
			r := red()
			r.Results = r.Results[:len(r.Results)-1]
			for i := range n {
				r.Results = append(r.Results, answers(fmt.Sprint("more/", i), at(fmt.Sprintf("/a%d/%s", i, strings.Repeat("long", 30)), fmt.Sprint("rule-", i), "must")))
			}
			text := write(t, r, report.TextOptions{Width: width})
			lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
			if width >= 80 && len(lines) > 24 {
				t.Errorf("%d causes at width %d take %d lines:\n%s", n, width, len(lines), text)
			}
			shown, left := 0, 0
			for _, line := range lines {
				if utf8.RuneCountInString(line) > width && !strings.HasPrefix(line, "next: ") {
					t.Errorf("at width %d: %q", width, line)
				}
				if level, _, _ := strings.Cut(line, " "); level == "must" || level == "should" || level == "may" {
					shown++
				}
				if _, err := fmt.Sscanf(line, "and %d more causes: --verbose", &left); err == nil {
					continue
				}
			}
			if shown+left != n+5 {
				t.Errorf("of %d causes at width %d %d are shown and %d left out:\n%s", n+5, width, shown, left, text)
			}
		}
	}
}

// TestScreenNamesFive holds that a server with five mistakes is told all five
// on the first screen.
func TestScreenNamesFive(t *testing.T) {
	text := write(t, red(), report.TextOptions{})
	for _, mistake := range []string{"style repeats the requested style", "policy_rules holds", "lifetime.maximum holds", "X-Request-Id repeats request_id", "it repeats the request"} {
		if !strings.Contains(text, mistake) {
			t.Errorf("%q is not on the screen:\n%s", mistake, text)
		}
	}
}
