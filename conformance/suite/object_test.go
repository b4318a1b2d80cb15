package suite_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// loans is a document of another domain, whose requests name what a library has.
const loans = `
openapi: 3.0.3
info: {title: Loans, version: '1'}
paths:
  /branches/{branch}/loans:
    post:
      operationId: lend
      security: [{card: []}]
      parameters: [{name: branch, in: path, required: true, schema: {type: string}, example: main}]
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Loan'}
            examples:
              usual: {value: {reader: reader-0001, card: card-00001, days: 14, note: by post}}
      responses:
        '201':
          description: Lent
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Lent'}
              examples:
                usual: {value: {reader: reader-0001, card: card-00001, days: 14, note: by post, name: A. Reader}}
        '400': {description: Refused}
components:
  securitySchemes: {card: {type: http, scheme: bearer}}
  schemas:
    Loan:
      type: object
      required: [reader, card, days]
      properties:
        reader: {type: string, pattern: '^reader-[0-9]{4}$', x-names: reader}
        card: {type: string, pattern: '^card-[0-9]{5}$', x-names: reader.cards}
        days: {type: integer, minimum: 1, maximum: 60}
        note: {type: string, maxLength: 20}
      x-validations:
        - id: child
          rule: reader.kind != 'child' || self.days <= 28
          needs: [reader.kind]
          fieldPath: /days
          message: a child has a book for four weeks at most
          violate: [{patch: [{op: replace, path: /days, value: 29}], with: {reader: {kind: child}}}]
    Lent:
      type: object
      required: [reader, days, name]
      properties:
        reader: {type: string, x-echo: true}
        card: {type: string, x-echo: true}
        days: {type: integer, x-echo: true}
        note: {type: string, x-echo: true}
        name: {type: string, x-names: reader.name}
    Reader:
      type: object
      x-fact: reader
      x-key: id
      required: [id, kind, name, cards]
      properties:
        id: {type: string}
        kind: {type: string, enum: [adult, child]}
        name: {type: string}
        cards: {type: array, minItems: 1, items: {$ref: '#/components/schemas/Card'}}
      example: {id: reader-0001, kind: adult, name: A. Reader, cards: [{number: card-00001}]}
    Card:
      type: object
      x-key: number
      required: [number]
      additionalProperties: false
      properties: {number: {type: string}}
`

// TestObjectsOfAnotherDomain shows that what a target has is what a document says that
// it may have: cases are bound to the objects of an environment, of the kind that they
// need, in every place where a request or an answer has their texts.
func TestObjectsOfAnotherDomain(t *testing.T) {
	doc, err := openapi.Parse("loans.yaml", []byte(loans))
	if err != nil {
		t.Fatal(err)
	}
	s, err := suite.New(doc, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	if faults, err := s.Lint(); err != nil || len(faults)+len(s.Gaps()) > 0 {
		t.Errorf("lint: %v\n%s\n%v", err, strings.Join(faults, "\n"), s.Gaps())
	}
	e, err := environment.Parse(doc, "env.yaml", []byte(`
parameters: {branch: south}
objects:
  reader:
    - {id: reader-0007, kind: child, name: B. Child, cards: [{number: card-00070}]}
    - {id: reader-0008, kind: adult, name: C. Adult, cards: [{number: card-00080}, {number: card-00081}]}
`))
	if err != nil {
		t.Fatal(err)
	}
	text := func(body any, pointer string) string {
		found, _ := match.Lookup(body, pointer)
		return fmt.Sprint(found)
	}
	example, _ := s.Case("example/usual")
	bound, err := s.Bind(example, e, "")
	if err != nil {
		t.Fatal(err)
	}
	for pointer, want := range map[string]string{"/reader": "reader-0008", "/card": "card-00080", "/note": "by post"} {
		if got := text(bound.Request, pointer); got != want {
			t.Errorf("%s of the request is %s, want %s", pointer, got, want)
		}
	}
	if got := text(bound.Golden, "/name"); got != "C. Adult" {
		t.Errorf("the answer shows %s, want the name of the reader", got)
	}
	readers := map[string]bool{}
	for _, c := range s.Cases {
		if c.Duty || c.Wire.Credentials != "" {
			continue
		}
		bound, err := s.Bind(c, e, "")
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		broken := doc.Broken(s.Operation(c), bound.Request, bound.Facts)
		if slices.Sort(broken); !slices.Equal(broken, c.Breaks()) {
			t.Errorf("%s breaks %q, want %q", c.ID, broken, c.Breaks())
		}
		readers[text(bound.Request, "/reader")] = true
		if c.Rule != nil && c.Rule.ID == "Loan.child" && c.Refused() && text(bound.Request, "/reader") != "reader-0007" {
			t.Errorf("%s is tried with %s, want a child", c.ID, text(bound.Request, "/reader"))
		}
	}
	if !readers["reader-0007"] || !readers["reader-0008"] {
		t.Errorf("the cases are tried with %v, want both kinds", readers)
	}
	if field, scheme := doc.TokenField(); field != "Authorization" || scheme != "Bearer " {
		t.Errorf("the token goes into %q after %q", field, scheme)
	}

	e.Objects["reader"] = e.Objects["reader"][1:]
	refused, _ := s.Case("Loan.child/broken-1")
	if _, err := s.Bind(refused, e, ""); err == nil || err.Error() != "the environment has no reader with kind child" {
		t.Errorf("without a child: %v", err)
	}
	_, err = environment.Parse(doc, "env.yaml", []byte("objects: {reader: [{id: reader-8, kind: old, name: x, cards: [{number: card-00080, pin: '1'}]}]}"))
	for _, want := range []string{
		`env.yaml:1:35: /objects/reader/0/kind: kind is one of adult, child, got "old"`, "/objects/reader/0/cards/0/pin: there is no such member",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
