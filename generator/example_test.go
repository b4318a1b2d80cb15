package generator_test

import (
	"bytes"
	"fmt"

	"github.com/vpnconform/vpnconform/generator"
	"github.com/vpnconform/vpnconform/openapi"
)

func ExampleGenerate() {
	doc, err := openapi.Parse("library.yaml", []byte(`
openapi: 3.0.3
info: {title: Library, version: "1"}
paths:
  /loans:
    post:
      operationId: Lend
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Loan"}}}
      responses:
        "204": {description: The book is lent.}
components:
  schemas:
    Loan:
      type: object
      required: [days]
      properties:
        days: {type: integer, format: int32, minimum: 1, maximum: 28}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := generator.Generate(doc, generator.Options{Package: "library"})
	if err != nil {
		fmt.Println(err) // what the document asks and Go cannot have
		return
	}
	for _, file := range files {
		_, declared, _ := bytes.Cut(file.Content, []byte("\npackage "))
		name, _, _ := bytes.Cut(declared, []byte("\n"))
		fmt.Printf("%s: package %s\n", file.Name, name)
	}
	// Output:
	// client.gen.go: package library
	// decode.gen.go: package library
	// reader.gen.go: package library
	// server.gen.go: package library
	// types.gen.go: package library
	// validate.gen.go: package library
}
