package generator_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/generator"
	"github.com/vpnconform/vpnconform/openapi"
)

// ruled is a document with one rule over several members.
const ruled = `
openapi: 3.0.3
info: {title: Ruled, version: '1'}
paths:
  /a:
    post:
      operationId: a
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/A'}
            examples:
              good: {value: {list: [x], number: 1}}
      responses:
        '204': {description: Done}
components:
  schemas:
    A:
      type: object
      properties:
        list: {type: array, items: {type: string}}
        number: {type: integer}
      x-validations:
        - id: one
          rule: "RULE"
          fieldPath: /number
          message: one and only
          level: must
          source: Table 1
          violate:
            - {example: good, patch: [{op: replace, path: /number, value: 0}]}
`

// A rule that cannot become Go is a fault that names it, and all that is wrong with it.
func TestUntranslated(t *testing.T) {
	doc, err := openapi.Parse("ruled.yaml", []byte(strings.ReplaceAll(ruled, "RULE", "!has(self.list) || self.list[0] == 'y' || self.number == 1")))
	if err != nil {
		t.Fatal(err)
	}
	files, err := generator.Generate(doc, generator.Options{})
	if err == nil || files != nil {
		t.Fatalf("generated %d files", len(files))
	}
	const want = "ruled.yaml:26:11: /components/schemas/A/x-validations/0/rule: A.one cannot become Go: "
	for line := range strings.Lines(err.Error()) {
		if !strings.HasPrefix(line, want) {
			t.Errorf("got %s, want %s", line, want)
		}
	}
	if count := strings.Count(err.Error(), "\n") + 1; count != 2 {
		t.Errorf("got %d faults: %v", count, err)
	}
}

// The rules of a document have a file of their own, and a document without rules has none.
func TestRulesFile(t *testing.T) {
	with := strings.ReplaceAll(ruled, "RULE", "!has(self.number) || self.number == 1")
	without, _, _ := strings.Cut(with, "      x-validations:")
	all := []string{"client.gen.go", "decode.gen.go", "reader.gen.go", "rules.gen.go", "server.gen.go", "types.gen.go", "validate.gen.go"}
	for text, want := range map[string][]string{with: all, without: append(append([]string{}, all[:3]...), all[4:]...)} {
		doc, err := openapi.Parse("ruled.yaml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		files, err := generator.Generate(doc, generator.Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := factNames(files)
		for _, file := range files {
			if strings.Contains(string(file.Content), "isCrossField") != (len(want) == len(all)) && file.Name == "reader.gen.go" {
				t.Errorf("%s refers to rules, or does not", file.Name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
