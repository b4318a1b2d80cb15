package inventory_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/internal/inventory"
	"github.com/vpnconform/vpnconform/openapi"
)

// document reads the document.
func document(t *testing.T) *openapi.Document {
	t.Helper()
	const name = "../../../testdata/inventory/inventory.yaml"
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// step is a request of a walk.
type step struct {
	operation string
	target    string // what stands for book_id, or the query
	library   string // X-Library; not sent if it is empty
	body      string // the name of the operation's example, or JSON
	status    int    // what a healthy server answers
}

// book returns a body with a small book that has other members besides, or instead.
func book(members string) string {
	all := map[string]any{"title": "Low Water", "isbn": "9780000000033", "shelf": map[string]any{"room": "Q", "board": 40}}
	if err := json.Unmarshal([]byte("{"+members+"}"), &all); err != nil {
		panic(err) // the members stand in this file
	}
	body, _ := json.Marshal(map[string]any{"book": all}) // it was read from JSON
	return string(body)
}

// walk is a life of the inventory. A server with a fault answers one of these requests otherwise.
func walk() []step {
	const create, get, update, remove, list = "createBook", "getBook", "updateBook", "deleteBook", "listBooks"
	refused := func(body string) step { return step{operation: create, library: "harbour", body: body, status: 400} }
	steps := []step{
		{operation: list, status: 200},
		{operation: create, library: "harbour", body: "plain", status: 201},
		{operation: create, library: "harbour", body: "full", status: 201},
		{operation: create, library: "old-town", body: book(`"subtitle": null, "lent": 1`), status: 201},
		{operation: create, library: "old-town", body: book(`"reference_only": true, "authors": ["A. Alm", "B. Berg"]`), status: 201},

		{operation: create, body: "plain", status: 400},
		{operation: create, library: "OLD TOWN", body: "plain", status: 400},
		{operation: create, library: "a-very-long-name", body: "plain", status: 400},
		refused("{"),
		refused(`{"book": {"title": "Low Water", "shelf": {"room": "Q", "board": 40}}}`),
		refused(book(`"isbn": "978-0"`)),
		refused(book(`"title": ""`)),
		refused(book(`"title": "` + strings.Repeat("é", 81) + `"`)),
		refused(book(`"shelf": {"room": "Q", "board": 41}`)),
		refused(book(`"shelf": {"room": "Q", "board": 1, "side": "left"}`)),
		refused(book(`"subtitle": "` + strings.Repeat("x", 121) + `"`)),
		refused(book(`"language": "tlh"`)),
		refused(book(`"copies": 100`)),
		refused(book(`"lent": 2`)),
		refused(book(`"authors": ["a", "b", "c", "d", "e", "f"]`)),
		refused(book(`"authors": ["` + strings.Repeat("x", 61) + `"]`)),

		{operation: get, target: "bk-00000001", status: 200},
		{operation: get, target: "bk-000000ff", status: 404},
		{operation: get, target: "nothing", status: 404},
		{operation: update, target: "bk-00000001", body: "lend", status: 200},
		{operation: update, target: "bk-00000001", body: "correct", status: 200},
		{operation: get, target: "bk-00000001", status: 200},
		{operation: update, target: "bk-00000002", body: `{"book": {}}`, status: 200},
		{operation: update, target: "bk-00000002", body: `{"book": {"subtitle": null}}`, status: 200},
		{operation: update, target: "bk-00000002", body: `{"book": {"copies": 2, "lent": 3}}`, status: 400},
		{operation: update, target: "bk-00000002", body: `{"book": {"lent": 5}}`, status: 400},
		{operation: update, target: "bk-00000002", body: `{"book": {"title": "` + strings.Repeat("x", 81) + `"}}`, status: 400},
		{operation: update, target: "bk-000000ff", body: "lend", status: 404},
		{operation: get, target: "bk-00000002", status: 200},
	}
	for range 20 {
		steps = append(steps, step{operation: create, library: "harbour", body: "plain", status: 201})
	}
	return append(steps, []step{
		{operation: list, status: 200},
		{operation: list, target: "limit=2", status: 200},
		{operation: list, target: "limit=2&marker=bk-00000002", status: 200},
		{operation: list, target: "limit=24", status: 200},
		{operation: list, target: "limit=50", library: "old-town", status: 200},
		{operation: list, target: "state=lent_out", status: 200},
		{operation: list, target: "limit=0", status: 400},
		{operation: list, target: "limit=51", status: 400},
		{operation: list, target: "limit=ten", status: 400},
		{operation: list, target: "state=lost", status: 400},
		{operation: list, target: "marker=bk-000000ff", status: 400},
		{operation: list, library: "OLD TOWN", status: 400},
		{operation: remove, target: "bk-00000003", status: 204},
		{operation: get, target: "bk-00000003", status: 404},
		{operation: remove, target: "bk-00000003", status: 404},
		{operation: list, target: "limit=2&marker=bk-00000003", status: 200},
		{operation: create, library: "harbour", body: "plain", status: 201},
		{operation: get, target: "bk-00000018", status: 200},
	}...)
}

// reply is an answer.
type reply struct {
	Status int
	Header http.Header
	Body   any // decoded, if it is JSON
}

// send sends the request of a step to a server and returns what it sent, decoded, and the answer.
func (s step) send(t *testing.T, doc *openapi.Document, url string) (sent any, got reply) {
	t.Helper()
	op, ok := doc.Operation(s.operation)
	if !ok {
		t.Fatalf("there is no operation %s", s.operation)
	}
	path, query := op.Path, s.target
	if strings.Contains(path, "{") {
		path, query = strings.Replace(path, "{book_id}", s.target, 1), ""
	}
	body := []byte(s.body)
	if op.RequestBody != nil {
		if example := op.RequestBody.Value.Content.Get("application/json").Examples[s.body]; example != nil {
			body, _ = json.Marshal(example.Value.Value)
		}
	}
	request, err := http.NewRequestWithContext(t.Context(), op.Method, url+path+"?"+query, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if len(body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	if s.library != "" {
		request.Header.Set("X-Library", s.library)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it was read
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Header.Del("Date")
	response.Header.Del("Content-Length")
	got = reply{response.StatusCode, response.Header, decode(data)}
	return decode(body), got
}

// decode decodes JSON; anything else is returned as text.
func decode(data []byte) any {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if decoder.Decode(&value) != nil {
		return string(data)
	}
	return value
}

// judge returns what is wrong with an answer.
func judge(doc *openapi.Document, s step, sent any, got reply) []string {
	op, _ := doc.Operation(s.operation)
	if got.Status != s.status || op.Responses.Status(got.Status) == nil {
		return []string{fmt.Sprintf("status %d, want %d", got.Status, s.status)}
	}
	schema := op.Answer(got.Status)
	if schema == nil {
		if got.Body != "" {
			return []string{fmt.Sprintf("the body is %v, want none", got.Body)}
		}
		return nil
	}
	if kind := got.Header.Get("Content-Type"); kind != "application/json" {
		return []string{"Content-Type " + kind}
	}
	if op.JSON() == nil && got.Status < 300 { // what repeats a request is not looked for where there is none
		if err := schema.Value.VisitJSON(plain(got.Body)); err != nil {
			return []string{err.Error()}
		}
		return nil
	}
	headers := map[string]string{}
	for name := range got.Header {
		headers[strings.ToLower(name)] = got.Header.Get(name)
	}
	var wrong []string
	for _, v := range doc.CheckResponse(op, got.Status, openapi.Exchange{Request: sent, Response: got.Body, Headers: headers}) {
		at := "/paths/" + strings.ReplaceAll(op.Path, "/", "~1") + "/" + strings.ToLower(op.Method) + "/"
		switch {
		case v.Rule != nil && v.Rule.Kind == openapi.Postcondition && !strings.HasPrefix(v.Rule.Pointer, at):
			// That of another operation.
		case v.Rule != nil && v.Rule.Keyword == "x-echo" && s.operation == "updateBook" && !sends(sent, v.Pointer):
			// A member that was not sent keeps its value.
		default:
			wrong = append(wrong, v.Pointer+" "+v.Message)
		}
	}
	return wrong
}

// plain turns numbers into those that kin-openapi reads.
func plain(value any) any {
	data, _ := json.Marshal(value)
	var out any
	_ = json.Unmarshal(data, &out)
	return out
}

// sends reports whether a request has a member of the book.
func sends(sent any, pointer string) bool {
	members, _ := sent.(map[string]any)["book"].(map[string]any)
	_, ok := members[strings.TrimPrefix(pointer, "/book/")]
	return ok
}

// The healthy server does what the document says.
func TestWalk(t *testing.T) {
	doc := document(t)
	server := httptest.NewServer(inventory.New(""))
	defer server.Close()
	for i, s := range walk() {
		sent, got := s.send(t, doc, server.URL)
		for _, wrong := range judge(doc, s, sent, got) {
			t.Errorf("step %d, %s %s %s: %s", i, s.operation, s.target, s.body, wrong)
		}
	}
}

// The documented examples are answered as documented, but for what the server assigns.
func TestExamples(t *testing.T) {
	doc := document(t)
	server := httptest.NewServer(inventory.New(""))
	defer server.Close()
	create := func(name string) step {
		return step{operation: "createBook", library: "harbour", body: name, status: 201}
	}
	change := func(name string) step {
		return step{operation: "updateBook", target: "bk-00000001", body: name, status: 200}
	}
	for _, s := range []step{create("plain"), create("full"), change("lend"), change("correct")} {
		_, got := s.send(t, doc, server.URL)
		op, _ := doc.Operation(s.operation)
		want := plain(op.Responses.Status(s.status).Value.Content.Get("application/json").Examples[s.body].Value.Value)
		if diff := cmp.Diff(want, plain(got.Body), cmp.FilterPath(assigned, cmp.Ignore())); diff != "" {
			t.Errorf("%s %s (-document +server):\n%s", s.operation, s.body, diff)
		}
	}
}

// assigned selects the identifier and the times.
func assigned(p cmp.Path) bool {
	key, ok := p.Last().(cmp.MapIndex)
	return ok && slices.Contains([]string{"id", "created_at", "updated_at"}, key.Key().String())
}

// The pages together are the list, whatever the limit, and whatever is deleted in between.
func TestPages(t *testing.T) {
	doc := document(t)
	server := httptest.NewServer(inventory.New(""))
	defer server.Close()
	const books = 7
	for range books {
		step{operation: "createBook", library: "harbour", body: "plain", status: 201}.send(t, doc, server.URL)
	}
	ids := func(limit int, visit func(last string)) (ids []string) {
		for query := fmt.Sprintf("limit=%d", limit); query != ""; {
			_, got := step{operation: "listBooks", target: query}.send(t, doc, server.URL)
			page := got.Body.(map[string]any)
			for _, book := range page["books"].([]any) {
				ids = append(ids, book.(map[string]any)["id"].(string))
			}
			visit(ids[len(ids)-1])
			query = ""
			if next, ok := page["next"].(string); ok {
				query = fmt.Sprintf("limit=%d&marker=%s", limit, next)
			}
		}
		return ids
	}
	var want []string
	for i := range books {
		want = append(want, fmt.Sprintf("bk-%08x", i+1))
	}
	for limit := 1; limit <= books+1; limit++ {
		if diff := cmp.Diff(want, ids(limit, func(string) {})); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
	}
	got := ids(2, func(last string) { step{operation: "deleteBook", target: last}.send(t, doc, server.URL) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("with deletions (-want +got):\n%s", diff)
	}
}

// Requests at once get books of their own.
func TestConcurrent(t *testing.T) {
	handler := inventory.New("")
	body, err := json.Marshal(document(t).T.Paths.Value("/books").Post.RequestBody.Value.Content.Get("application/json").Examples["full"].Value.Value)
	if err != nil {
		t.Fatal(err)
	}
	locations := make(chan string, 64)
	var requests sync.WaitGroup
	for range cap(locations) {
		requests.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/books", bytes.NewReader(body))
			r.Header.Set("X-Library", "harbour")
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			locations <- w.Header().Get("Location")
		})
	}
	requests.Wait()
	close(locations)
	seen := map[string]bool{}
	for location := range locations {
		if seen[location] || location == "" {
			t.Errorf("Location %q came twice, or is empty", location)
		}
		seen[location] = true
	}
}

// What no operation answers has the documented form of an error.
func TestElsewhere(t *testing.T) {
	for _, row := range []struct {
		method, target, contentType string
		status                      int
		code                        inventory.ProblemCode
	}{
		{http.MethodGet, "/shelves", "", http.StatusNotFound, inventory.ProblemCodeNotFound},
		{http.MethodPatch, "/books", "application/json", http.StatusMethodNotAllowed, inventory.ProblemCodeNoSuchMethod},
		{http.MethodPost, "/books", "text/plain", http.StatusBadRequest, inventory.ProblemCodeInvalidRequest},
	} {
		r := httptest.NewRequestWithContext(t.Context(), row.method, row.target, strings.NewReader("{}"))
		if row.contentType == "" {
			r.Body = http.NoBody
		}
		r.Header.Set("Content-Type", row.contentType)
		w := httptest.NewRecorder()
		inventory.New("").ServeHTTP(w, r)
		problem, violations := inventory.DecodeErrorResponse(w.Body.Bytes())
		if w.Code != row.status || violations != nil || problem.Error.Code != row.code {
			t.Errorf("%s %s: %d %s", row.method, row.target, w.Code, w.Body)
		}
	}
}
