package report_test

import (
	"fmt"

	"github.com/vpnconform/vpnconform/conformance/report"
)

func ExampleCauses() {
	days := []report.Difference{{
		Rule: "Loan.days.maximum", Why: "days is at most 28", Level: "must", Source: "Table 2, days",
		Pointer: "/status", Kind: "changed", Want: "400", Got: "201",
	}}
	r := &report.Report{Results: []report.Result{
		{Case: "Lend/example/fortnight", Level: "must", Outcome: report.Pass},
		{Case: "Lend/Loan.days.maximum/above", Level: "must", Outcome: report.Fail, Differences: days},
		{Case: "Lend/Loan.days.maximum/beyond-int32", Level: "must", Outcome: report.Fail, Differences: days},
	}}
	for _, cause := range report.Causes(r) {
		fmt.Printf("%s: want %s, got %s in %d cases\n", cause.Why, cause.Want, cause.Got, cause.Cases)
	}
	fmt.Println(r.Verdict() == report.Differs)
	// Output:
	// days is at most 28: want refused, got 201 in 2 cases
	// true
}

func ExampleCompare() {
	before := &report.Report{Results: []report.Result{
		{Case: "Lend/example/fortnight", Level: "must", Outcome: report.Pass},
		{Case: "Lend/example/week", Level: "must", Outcome: report.Fail},
	}}
	after := &report.Report{Results: []report.Result{
		{Case: "Lend/example/fortnight", Level: "must", Outcome: report.Fail},
		{Case: "Lend/example/week", Level: "must", Outcome: report.Pass},
	}}
	comparison, err := report.Compare(before, after, "must")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range comparison.Changes {
		fmt.Println(change.Case, change.Turn)
	}
	// Output:
	// Lend/example/fortnight regression
	// Lend/example/week improvement
}
