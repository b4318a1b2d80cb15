package report_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// long is a report of a number of cases, of which every third failed.
func longReport(cases int) *report.Report {
	r := &report.Report{Target: "https://vpn.example.com", Complete: true}
	for i := range cases {
		result := report.Result{
			Case: fmt.Sprintf("CreateVpnConnection.name.maxLength/case-%d", i), Title: "name has at most 64 characters: longer is refused", Level: report.Levels[i%3],
			Rule: "CreateVpnConnection.name.maxLength", Twin: "example/static", Source: "Table 3, name", Outcome: report.Pass,
			Members: report.Members{ByValue: 20, ByRule: 3}, Requests: 1,
			Exchanges: []report.Exchange{{
				Method: "POST", URL: "https://vpn.example.com/v5/p/vpn-connection", RequestHeader: []string{"Accept: application/json", "Content-Type: application/json"},
				Request: `{"vpn_connection":{"name":"` + strings.Repeat("x", 65) + `","vgw_id":"b32d91a4-demo-a8df-va86-e907174eb11d"}}`,
				Status:  201, AnswerHeader: []string{"Content-Type: application/json"},
				Answer: `{"vpn_connection":{"name":"vpn-1234","ikepolicy":{"ike_version":"v2","dpd":{"timeout":15}},"policy_rules":[{"rule_index":0}]},"request_id":"r"}`,
				Took:   time.Millisecond,
			}},
		}
		if i%3 == 0 {
			result.Outcome, result.Curl = report.Fail, "curl -i -X POST 'https://vpn.example.com/v5/p/vpn-connection' --data-raw '"+result.Exchanges[0].Request+"'"
			result.Differences = []report.Difference{{
				Pointer: "/status", Kind: "changed", Want: "400", Got: "201", Why: "a request that breaks a rule is refused with status 400",
				Rule: "CreateVpnConnection.name.maxLength", Level: "must", Source: "Table 3, name",
			}}
		}
		r.Results = append(r.Results, result)
	}
	return r
}

func BenchmarkWriteHTML(b *testing.B) {
	r := longReport(10_000)
	b.ReportAllocs()
	for b.Loop() {
		if err := report.WriteHTML(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
