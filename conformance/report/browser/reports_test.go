package browser

import (
	"fmt"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/report"
)

const body = `{"vpn_connection":{"name":"vpn-1234","vgw_id":"b32d91a4-demo-a8df-va86-e907174eb11d","ikepolicy":{"ike_version":"v2"},"policy_rules":[{"rule_index":0,"source":"10.0.0.0/24"}]}}`

func result(id string, outcome report.Outcome, level, rule string) report.Result {
	r := report.Result{
		Case: id, Title: "name has at most 64 characters: " + id, Level: level, Rule: rule, Source: "Table 3, name", Outcome: outcome,
		Members: report.Members{ByValue: 20, BySchema: 2, ByRule: 3}, Requests: 1,
		Exchanges: []report.Exchange{{
			Method: "POST", URL: "http://127.0.0.1:8080/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection",
			RequestHeader: []string{"Accept: application/json", "Content-Type: application/json"}, Request: body,
			Status: 201, AnswerHeader: []string{"Content-Type: application/json"}, Answer: body, Took: time.Millisecond,
		}},
	}
	if outcome == report.Fail || outcome == report.Flaky {
		r.Curl = "curl -i -X POST 'http://127.0.0.1:8080/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection' --data-raw '" + body + "'"
		r.Differences = []report.Difference{
			{
				Pointer: "/status", Kind: "changed", Want: "400", Got: "201", Why: "a request that breaks a rule is refused with status 400",
				Rule: rule, Level: level, Source: "Table 3, name", Errata: []string{"name-charset"},
			},
			{
				Pointer: "/body/vpn_connection/policy_rules/0/destination/0", Kind: "changed", Want: `"192.168.0.0/24"`, Got: `"192.168.44.0/24"`,
				Why: "destination answers what was sent", Rule: "ResponseVpnConnection.policy_rules-echo", Level: level, Source: "Table 11, destination",
			},
			{
				Pointer: "/body/vpn_connection/ikepolicy/dpd", Kind: "missing", Want: `{"interval":30,"msg":"seq-hash-notify","timeout":15}`,
				Why: "dpd is present", Rule: "ResponseIkePolicy.dpd.required", Level: level, Source: "Table 12, dpd",
			},
			{Pointer: "/body/vpn_connection/region", Kind: "unexpected", Got: `"eu"`, Why: "the page knows no such member", Level: "may", Source: "Table 10"},
		}
	}
	return r
}

// listed are tables of a document, each with a member that no case is about.
func listed() []report.Table {
	return []report.Table{
		{Kind: report.OfRequest, Name: "CreateVpnConnection", Title: "vpn_connection, requested", Source: "Table 3", Members: []string{"name", "style"}},
		{Kind: report.OfRequest, Name: "VpnResourceTag", Title: "tags, requested", Source: "Table 8", Members: []string{"key", "value"}},
		{
			Kind: report.OfAnswer, Name: "ResponseVpnConnection", Title: "vpn_connection, answered", Source: "Table 10",
			Places:  []report.TablePlace{{Operation: "CreateVpnConnection", Status: "201", Pointer: "/vpn_connection"}},
			Members: []string{"id", "ikepolicy"},
		},
		{Kind: report.OfExchange, Name: "CreateVpnConnection", Title: "the answer as a whole", Members: []string{"CreateVpnConnection.responses.201"}},
	}
}

// mixed is a report with every outcome.
func mixed() *report.Report {
	const name, key = "CreateVpnConnection.name.maxLength", "VpnResourceTag.key.pattern"
	r := &report.Report{
		Kit: "v1.0.0", Target: "http://127.0.0.1:8080", Seed: 1, Complete: true, Started: time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC), Took: 3 * time.Second,
		Tables:  listed(),
		Missing: []string{"example/ospf"}, Baseline: []string{"example/old is no case"}, Environment: map[string]any{"project_id": "p"},
		Calibration: &report.Calibration{Cases: 1201, NullServers: 87, Faults: 1009, Killed: 1004, Equivalent: 5, Command: "vpnconform calibrate"},
		Results: []report.Result{
			result("example/static", report.Pass, "must", ""),
			result(name+"/longest", report.Pass, "must", name),
			result(name+"/longer", report.Fail, "must", name),
			result(key+"/space", report.Fail, "should", key),
			result(key+"/known", report.Fail, "should", key),
			result("name/flaky", report.Flaky, "should", ""),
			result("name/er", report.NotApplicable, "may", ""),
			result("name/down", report.CouldNotRun, "must", ""),
			result("name/panic", report.KitError, "may", ""),
		},
	}
	r.Results[2].Twin, r.Results[3].Twin = "example/static", "example/static"
	r.Results[4].Known = "blanks in keys are accepted until the next release"
	r.Results[6].Reason = "the environment has no gateway with attachment_type er"
	r.Results[7].Reason = "the target closed the connection"
	r.Results[3].Source, r.Results[4].Source = "Table 8, key", "Table 8, key"
	return r
}

// many is a report of a number of cases, of which one in so many failed.
func many(cases, every int) *report.Report {
	r := &report.Report{Target: "http://127.0.0.1:8080", Complete: true, Tables: listed()}
	for i := range cases {
		outcome := report.Pass
		if i%every == 0 {
			outcome = report.Fail
		}
		rule := fmt.Sprintf("CreateVpnConnection.name.rule%d", i%150)
		r.Results = append(r.Results, result(fmt.Sprintf("%s/case-%d", rule, i), outcome, report.Levels[i%3], rule))
	}
	return r
}

// attacks are texts that a hostile target may answer.
var attacks = []string{
	`<script>window.pwned = 1; alert(1)</script>`,
	`<img src="/stolen" onerror="window.pwned = 1">`,
	`"><svg onload="window.pwned = 1"><!--`,
	`</script></style></title></textarea><script>window.pwned = 1</script>`,
	`</pre></details><iframe src="javascript:parent.pwned = 1"></iframe>`,
	`' onmouseover='window.pwned = 1' autofocus onfocus='window.pwned = 1' x='`,
	`{{.Style}} ${window.pwned = 1} {{template "case"}} <%= 1 %>`,
	`javascript:window.pwned=1`,
	"data:text/html,<script>opener.pwned = 1</script>",
	`<link rel="stylesheet" href="/stolen.css"><meta http-equiv="refresh" content="0;url=/stolen"><base href="/stolen">`,
	"\x1b[2J\x1b]8;;http://127.0.0.1/stolen\x1b\\link\x07 \u202egnp.exe\u202c \u2066\u200b\u2028 \x00\x7f\u009b31m",
	"\xff\xfe\xed\xa0\x80",
	"]]>--><![CDATA[",
}

// hostile is a report all of whose texts are an attack.
func hostile() *report.Report {
	r := &report.Report{Target: attacks[0], Kit: attacks[1], Missing: attacks, Baseline: attacks, Suite: attacks[2], Environment: map[string]any{attacks[1]: attacks}}
	for _, s := range append(attacks, strings.Repeat("<b>long ", 1<<17), strings.Repeat("[", 9000), strings.Repeat("\x1b", 1<<20)) {
		short := s[:min(len(s), 200)]
		d := report.Difference{Pointer: "/" + s, Kind: short, Want: `"` + s, Got: s, Why: s, Rule: s, Also: []string{short}, Level: short, Source: s, Errata: []string{short}}
		r.Tables = append(r.Tables,
			report.Table{Kind: report.OfRequest, Name: short, Title: s, Source: short, Members: []string{short}},
			report.Table{Kind: report.OfExchange, Name: s, Title: s, Members: []string{s}})
		r.Results = append(r.Results, report.Result{
			Case: short, Title: s, Level: short, Rule: short, Twin: short, Source: "Table 3, " + short, Errata: []string{short}, Outcome: report.Fail, Reason: s, Known: short,
			Differences: []report.Difference{d}, Notes: []report.Difference{d}, Requests: 1, Curl: "curl " + short,
			Exchanges: []report.Exchange{{Method: short, URL: s, RequestHeader: []string{s}, Request: s, Status: 200, AnswerHeader: []string{s}, Answer: s, Error: short}},
		})
	}
	r.Results = append(r.Results, report.Result{Case: "an outcome", Outcome: report.Outcome(attacks[5]), Level: attacks[5]})
	return r
}
