package main

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

func TestPlain(t *testing.T) {
	file, err := source.Read("api.yaml", []byte(`
x-sources: {a: b}
servers: [{url: https://example.com}]
paths:
  /a:
    post:
      security: [{token: []}]
      parameters: [{name: p, x-source: Table 1, schema: {type: string, maxLength: 3, x-erratum: e}}]
      responses: {'201': {headers: {X-Request-Id: {x-source: s, schema: {type: string}}}}}
components: {securitySchemes: {token: {type: apiKey}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := plain(file.JSON())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"components":{},"paths":{"/a":{"post":{` +
		`"parameters":[{"name":"p","schema":{"maxLength":3,"type":"string"}}],` +
		`"responses":{"201":{"headers":{"X-Request-Id":{"schema":{"type":"string"}}}}}}}}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestDocument shows that what is left of our document is one, and valid.
func TestDocument(t *testing.T) {
	document, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	got, err := plain(document.JSON())
	if err != nil {
		t.Fatal(err)
	}
	model, err := openapi3.NewLoader().LoadFromData(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := model.Validate(t.Context()); err != nil {
		t.Error(err)
	}
	if strings.Contains(string(got), `"x-`) {
		t.Error("an extension is left")
	}
}
