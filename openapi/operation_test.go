package openapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi"
)

// shelf is a document of several operations, without sources.
const shelf = `
openapi: 3.0.3
info: {title: Shelf, version: '1'}
paths:
  /books/{book}:
    parameters:
      - {name: book, in: path, required: true, schema: {type: string, maxLength: 4}}
    put:
      operationId: change
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
      responses:
        '200':
          description: Changed
          content: {application/json: {schema: {$ref: '#/components/schemas/Shown'}}}
    delete:
      operationId: remove
      parameters:
        - {name: X-Why, in: header, required: true, schema: {type: string, maxLength: 3}}
      responses:
        '204': {description: Gone}
        '404':
          description: Not there
          content: {application/json: {schema: {type: object, required: [why], properties: {why: {type: string}}}}}
    get:
      operationId: show
      responses:
        '200':
          description: The book
          content: {application/json: {schema: {$ref: '#/components/schemas/Shown'}}}
      x-postconditions:
        - {id: asked, rule: "response.id == parameters['book']", fieldPath: /id, message: id is the one asked for, level: must}
  /books:
    post:
      operationId: add
      requestBody:
        content:
          application/json:
            schema: {$ref: '#/components/schemas/Book'}
            example: {title: Ulysses}
      responses:
        '201':
          description: Added
          headers:
            Location: {required: true, schema: {type: string, pattern: '^/'}}
            Copies: {schema: {type: integer, minimum: 1}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Shown'}}}
          links:
            show: {operationId: show, parameters: {book: '$response.body#/id'}}
        '409':
          description: There already
          content: {application/json: {schema: {type: object, required: [why], properties: {why: {type: string}}}}}
      x-postconditions:
        - {id: named, rule: "headers['location'].endsWith(response.id)", fieldPath: $response.header.Location, message: Location has the id, level: must}
  /readers:
    post:
      operationId: enrol
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}
      responses:
        '201':
          description: Enrolled
          content: {application/json: {schema: {$ref: '#/components/schemas/Shown'}}}
      x-postconditions:
        - {id: numbered, rule: "response.id.startsWith('r')", fieldPath: /id, message: the id of a reader begins with r, level: must}
components:
  schemas:
    Book:
      type: object
      required: [title, id, key]
      additionalProperties: {type: string, maxLength: 2}
      properties:
        id: {type: string, readOnly: true}
        key: {type: string, writeOnly: true}
        title: {type: string, minLength: 2}
        state: {type: string, default: new}
    Shown:
      type: object
      required: [id]
      properties:
        id: {type: string}
        key: {type: string, writeOnly: true}
        title: {type: string, x-echo: true}
        state: {type: string, x-echo: true}
`

func parsed(t *testing.T, text string) *openapi.Document {
	t.Helper()
	doc, err := openapi.Parse("shelf.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestOperations shows that operations, their parameters and their rules come in
// the order of the document, every time.
func TestOperations(t *testing.T) {
	text := strings.Replace(shelf, "example: {title: Ulysses}", "example: {title: Ulysses, key: k}", 1)
	want := []string{"change put /books/{book} [book] 200", "remove delete /books/{book} [X-Why book] 204",
		"show get /books/{book} [book] 200", "add post /books [] 201", "enrol post /readers [] 201"}
	var rules []string
	for try := range 50 {
		doc := parsed(t, text)
		var got, ids []string
		for _, op := range doc.Operations() {
			var names []string
			for _, p := range op.Parameters {
				names = append(names, p.Value.Name)
			}
			got = append(got, fmt.Sprintf("%s %s %s %v %d", op.OperationID, strings.ToLower(op.Method), op.Path, names, op.Success()))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("operations (-want +got):\n%s", diff)
		}
		for _, r := range doc.Rules {
			ids = append(ids, r.ID)
			if r.Level != openapi.Must {
				t.Errorf("%s binds as %s; a document without sources is its own word", r.ID, r.Level)
			}
		}
		if try == 0 {
			rules = ids
		}
		if diff := cmp.Diff(rules, ids); diff != "" {
			t.Fatalf("rules of another time (-first +now):\n%s", diff)
		}
	}
	for _, id := range []string{
		"change.book.maxLength", "remove.X-Why.required", "remove.X-Why.maxLength", "add.responses.201.headers.Location.required",
		"add.responses.201.headers.Location.pattern", "add.responses.201.headers.Copies.minimum", "enrol.request.name.type", "Book.values.maxLength",
	} {
		if parsed(t, text).Rule(id) == nil {
			t.Errorf("there is no rule %s in %v", id, rules)
		}
	}
}

// TestCheckOfOperations holds exchanges of several operations against their own
// rules.
func TestCheckOfOperations(t *testing.T) {
	doc := parsed(t, strings.Replace(shelf, "{title: Ulysses}", "{title: Ulysses, key: k}", 1))
	type object = map[string]any
	there := map[string]string{"location": "/books/b1"}
	for name, c := range map[string]struct {
		operation string
		status    int
		x         openapi.Exchange
		want      []string
	}{
		"added":                      {operation: "add", status: 201, x: openapi.Exchange{Request: object{"title": "It"}, Response: object{"id": "b1", "title": "It", "state": "new"}, Headers: there}},
		"another operation's rule":   {operation: "enrol", status: 201, x: openapi.Exchange{Request: object{}, Response: object{"id": "b1"}}, want: []string{"/id enrol.numbered"}},
		"a default that is lost":     {operation: "add", status: 201, x: openapi.Exchange{Request: object{"title": "It"}, Response: object{"id": "b1", "title": "It", "state": "old"}, Headers: there}, want: []string{"/state Book.state.default"}},
		"no default of a change":     {operation: "change", status: 200, x: openapi.Exchange{Request: object{"title": "It"}, Response: object{"id": "b1", "title": "It", "state": "old"}}},
		"what was not changed":       {operation: "change", status: 200, x: openapi.Exchange{Request: object{"state": "old"}, Response: object{"id": "b1", "title": "It", "state": "old"}}},
		"a change that is lost":      {operation: "change", status: 200, x: openapi.Exchange{Request: object{"state": "old"}, Response: object{"id": "b1", "state": "new"}}, want: []string{"/state Shown.state.x-echo"}},
		"no header field":            {operation: "add", status: 201, x: openapi.Exchange{Request: object{"title": "It"}, Response: object{"id": "b1", "title": "It", "state": "new"}, Headers: map[string]string{}}, want: []string{" add.responses.201.headers.Location.required"}},
		"a wrong header field":       {operation: "add", status: 201, x: openapi.Exchange{Request: object{"title": "It"}, Response: object{"id": "b1", "title": "It", "state": "new"}, Headers: map[string]string{"location": "b1", "copies": "0"}}, want: []string{" add.responses.201.headers.Copies.minimum", " add.responses.201.headers.Location.pattern"}},
		"a body that nobody demands": {operation: "remove", status: 204, x: openapi.Exchange{}},
		"an error of its own":        {operation: "add", status: 409, x: openapi.Exchange{Response: object{}}, want: []string{"/why add.responses.409.body.why.required"}},
		"the parameter":              {operation: "show", status: 200, x: openapi.Exchange{Response: object{"id": "b2"}, Parameters: map[string]string{"book": "b1"}}, want: []string{"/id show.book.shown", "/id show.asked"}},
		"what is not documented":     {operation: "show", status: 500, x: openapi.Exchange{}},
	} {
		t.Run(name, func(t *testing.T) {
			op, ok := doc.Operation(c.operation)
			if !ok {
				t.Fatalf("no operation %s", c.operation)
			}
			if diff := cmp.Diff(c.want, ids(doc.CheckResponse(op, c.status, c.x))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	add, _ := doc.Operation("add")
	for text, want := range map[string][]string{
		`{"title": "It", "key": "k"}`:                 nil, // id is the server's
		`{"title": "It", "key": "k", "shelf": "abc"}`: {"/shelf Book.values.maxLength"},
		`{"title": "It"}`:                             {"/key Book.key.required"},
	} {
		if diff := cmp.Diff(want, ids(doc.CheckRequest(add, decode(t, []byte(text)), nil))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	if remove, _ := doc.Operation("remove"); doc.CheckRequest(remove, nil, nil) != nil || doc.Examples(remove) != nil {
		t.Error("an operation without a body has rules of one")
	}
	want := []openapi.Link{{Name: "show", Operation: "show", Parameters: map[string]openapi.Value{"book": {Pointer: "/id"}}}}
	if diff := cmp.Diff(want, doc.Links(add)); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

// TestWrongDocument shows what of several operations is refused.
func TestWrongDocument(t *testing.T) {
	text := strings.Replace(shelf, "{title: Ulysses}", "{title: Ulysses, key: k}", 1)
	for name, c := range map[string]struct{ from, to, want string }{
		"example":          {"{title: Ulysses, key: k}", "{title: U, key: k}", "title has at least 2 characters"},
		"link to nothing":  {"show: {operationId: show, parameters", "show: {operationId: shown, parameters", `there is no operation "shown"`},
		"link's parameter": {"{book: '$response.body#/id'}", "{books: '$response.body#/id'}", "show has no parameter books"},
		"link's value":     {"'$response.body#/id'", "'$response.body#/ids'", "the answer has no member /ids"},
		"link's source":    {"'$response.body#/id'", "'$request.body#/id'", "is not supported"},
		"without answer":   {"'200':\n          description: The book\n", "default:\n          description: The book\n", "documents no 2xx status"},
		"of no member":     {"fieldPath: /id, message: id is", "fieldPath: /ids, message: id is", "there is no member /ids"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(text, c.from) {
				t.Fatalf("the document has no %q", c.from)
			}
			_, err := openapi.Parse("shelf.yaml", []byte(strings.Replace(text, c.from, c.to, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "shelf.yaml:") {
				t.Errorf("got %v, want %q and its place", err, c.want)
			}
		})
	}
}
