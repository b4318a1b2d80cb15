package openapi_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi"
)

// TestTables holds the tables of the embedded document and of one of several
// operations: what they are called, what cites them, where they stand, and how many
// members they have.
func TestTables(t *testing.T) {
	data, err := os.ReadFile("../testdata/inventory/inventory.yaml")
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := openapi.Parse("inventory.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	own, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name string
		doc  *openapi.Document
		want string
	}{
		{"own", own, `
parameters CreateVpnConnection: path parameters [Table 1] project_id
request CreateVpnConnectionRequestBody: body of the request [Table 2] vpn_connection
request CreateVpnConnection: vpn_connection, requested [Table 3] name..tags
request PolicyRule: policy_rules, requested [Table 4] rule_index..destination
request IkePolicy: ikepolicy, requested [Table 5] ike_version..dpd
request Dpd: dpd, requested [Table 6] timeout..msg
request IpsecPolicy: ipsecpolicy, requested [Table 7] authentication_algorithm..encapsulation_mode
request VpnResourceTag: tags, requested [Table 8] key..value
answer CreateVpnConnectionResponseBody: body of the answer [Table 9] vpn_connection..request_id
answer ResponseVpnConnection: vpn_connection, answered [Table 10] id..tags
answer ResponsePolicyRule: policy_rules, answered [Table 11] rule_index..destination
answer ResponseIkePolicy: ikepolicy, answered [Table 12] ike_version..dpd
answer ResponseDpd: dpd, answered [Table 13] timeout..msg
answer ResponseIpsecPolicy: ipsecpolicy, answered [Table 14] authentication_algorithm..encapsulation_mode
answer ResponseVpnResourceTag: tags, answered [Table 15] key..value
answer ErrorResponse: body of a refusal error_code..message
exchange CreateVpnConnection: the answer as a whole CreateVpnConnection.responses.201..CreateVpnConnection.responses.201.content
`},
		{"foreign", foreign, `
parameters createBook: header parameters X-Library
request CreateBookRequest: body of the request book
request NewBook: book, requested title..authors
request Shelf: shelf, requested room..board
answer BookResponse: body of the answer book
answer Book: book, answered id..updated_at
answer Shelf: shelf, answered room..board
answer ErrorResponse: body of a refusal error
answer Problem: error, answered code..message
exchange createBook: the answer as a whole createBook.responses.201..createBook.state-follows-request
parameters listBooks: parameters limit..X-Library
answer BookListResponse: body of the answer books..next
exchange listBooks: the answer as a whole listBooks.responses.200..listBooks.responses.200.content
parameters getBook: path parameters book_id
exchange getBook: the answer as a whole getBook.book_id.shown..getBook.responses.200.content
parameters updateBook: path parameters book_id
request UpdateBookRequest: body of the request book
request BookChanges: book, requested title..authors
exchange updateBook: the answer as a whole updateBook.book_id.shown..updateBook.state-follows-book
parameters deleteBook: path parameters book_id
exchange deleteBook: the answer as a whole deleteBook.responses.204
`},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got strings.Builder
			got.WriteString("\n")
			for _, table := range row.doc.Tables() {
				got.WriteString(table.Kind + " " + table.Name + ": " + table.Title)
				if table.Source != "" {
					got.WriteString(" [" + table.Source + "]")
				}
				got.WriteString(" " + table.Members[0])
				if last := table.Members[len(table.Members)-1]; last != table.Members[0] {
					got.WriteString(".." + last)
				}
				got.WriteString("\n")
			}
			if diff := cmp.Diff(row.want, got.String()); diff != "" {
				t.Errorf("tables (-want +got):\n%s", diff)
			}
		})
	}
	for _, table := range foreign.Tables() {
		if table.Name == "Shelf" && table.Kind == openapi.OfAnswer {
			want := []openapi.TablePlace{
				{Operation: "createBook", Status: "201", Pointer: "/book/shelf"}, {Operation: "listBooks", Status: "200", Pointer: "/books/*/shelf"},
				{Operation: "getBook", Status: "200", Pointer: "/book/shelf"}, {Operation: "updateBook", Status: "200", Pointer: "/book/shelf"},
			}
			if diff := cmp.Diff(want, table.Places); diff != "" {
				t.Errorf("places of Shelf in answers (-want +got):\n%s", diff)
			}
		}
	}
}

// TestTablesInline holds the tables of objects that have no name of their own, of
// items and values, and of an object that contains itself.
func TestTablesInline(t *testing.T) {
	doc, err := openapi.Parse("inline.yaml", []byte(`
openapi: 3.0.3
info: {title: Inline, version: v1}
paths:
  /trees:
    post:
      operationId: plant
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                tree: {$ref: '#/components/schemas/Tree'}
                a/b: {type: array, items: {type: object, properties: {x: {type: string}}}}
                by_name: {type: object, additionalProperties: {type: object, properties: {y: {type: string}}}}
            example: {}
      responses:
        '201':
          description: planted
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}
components:
  schemas:
    Tree: {title: Knot, type: object, properties: {left: {$ref: '#/components/schemas/Tree'}, right: {$ref: '#/components/schemas/Tree'}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, table := range doc.Tables() {
		for _, p := range table.Places {
			got[table.Kind+" "+table.Name] = append(got[table.Kind+" "+table.Name], p.Pointer)
		}
		if table.Kind != openapi.OfExchange && doc.Rule(table.Name+".type") == nil {
			t.Errorf("no rule's id begins with %s", table.Name)
		}
	}
	want := map[string][]string{
		"request plant.request": {""}, "request Knot": {"/tree"}, "request plant.request.a/b.items": {"/a~1b/*"},
		"request plant.request.by_name": {"/by_name"}, "request plant.request.by_name.values": {"/by_name/*"}, "answer Knot": {"/*"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
}
