package reader_test

import (
	"fmt"

	"github.com/vpnconform/vpnconform/generator/reader"
)

func ExampleViolations() {
	err := error(reader.Violations{
		{Pointer: "/days", Rule: "Loan.days.maximum", Message: "days is at most 28"},
		{Pointer: "/renewals", Rule: "Loan.renewals.minimum", Message: "renewals is at least 0"},
	})
	fmt.Println(err)
	// Output:
	// /days: days is at most 28
	// /renewals: renewals is at least 0
}
