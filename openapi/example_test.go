package openapi_test

import (
	"fmt"

	"github.com/vpnconform/vpnconform/openapi"
)

// library is a document of one operation, with a keyword and a cross-field rule.
const library = `
openapi: 3.0.3
info: {title: Library, version: "1"}
paths:
  /loans:
    post:
      operationId: Lend
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: "#/components/schemas/Loan"}
            example: {days: 14, renewals: 1}
      responses:
        "201": {description: The book is lent.}
components:
  schemas:
    Loan:
      type: object
      required: [days]
      properties:
        days: {type: integer, minimum: 1, maximum: 28}
        renewals: {type: integer, minimum: 0}
      x-validations:
        - id: short-loan
          rule: "!has(self.renewals) || self.renewals == 0 || self.days > 7"
          fieldPath: /renewals
          message: a loan of a week or less has no renewals
          violate: [{patch: [{op: replace, path: /days, value: 7}]}]
`

func ExampleParse() {
	doc, err := openapi.Parse("library.yaml", []byte(library))
	if err != nil {
		fmt.Println(err) // every fault, with its line and column
		return
	}
	for _, r := range doc.Rules {
		fmt.Printf("%s (%s): %s\n", r.ID, r.Level, r.Message)
	}
	// Output:
	// Lend.responses.201 (must): the answer to an accepted request has status 201
	// Loan.type (must): the body is an object
	// Loan.days.required (must): days is present
	// Loan.days.type (must): days is an integer
	// Loan.days.minimum (must): days is at least 1
	// Loan.days.maximum (must): days is at most 28
	// Loan.renewals.type (must): renewals is an integer
	// Loan.renewals.minimum (must): renewals is at least 0
	// Loan.short-loan (must): a loan of a week or less has no renewals
}

func ExampleDocument_CheckRequest() {
	doc, err := openapi.Parse("library.yaml", []byte(library))
	if err != nil {
		fmt.Println(err)
		return
	}
	op, _ := doc.Operation("Lend")
	body := map[string]any{"days": 7, "renewals": 2}
	for _, v := range doc.CheckRequest(op, body, nil) {
		fmt.Printf("%s breaks %s: %s\n", v.Pointer, v.Rule.ID, v.Message)
	}
	// Output:
	// /renewals breaks Loan.short-loan: a loan of a week or less has no renewals
}
