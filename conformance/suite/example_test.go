package suite_test

import (
	"fmt"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

func ExampleNew() {
	doc, err := openapi.Parse("library.yaml", []byte(`
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
            schema: {type: object, required: [days], properties: {days: {type: integer, maximum: 28}}}
            example: {days: 14}
      responses: {"201": {description: The book is lent.}}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := suite.New(doc, nil, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	refused, _ := s.Case("Lend/Lend.request.days.maximum/above")
	fmt.Println(refused.Title)
	fmt.Println("patch:", string(refused.Change.Patch))
	fmt.Println("statuses:", refused.Statuses)
	fmt.Println("differs from:", refused.Twin)
	// Output:
	// days is at most 28: above is refused
	// patch: [{"op":"replace","path":"/days","value":29}]
	// statuses: [400]
	// differs from: Lend/example/example
}
