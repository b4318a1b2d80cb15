package calibrate

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/openapi"
)

// null is an implementation that does nothing.
type null struct {
	name    string
	kind    string
	handler http.Handler
	timeout time.Duration // for one answer
	jobs    int           // cases at a time; 0 means 1
}

// nullStatuses are those that a null server answers.
var nullStatuses = []int{200, 201, 202, 204, 301, 400, 401, 404, 409, 429, 500, 503}

// nulls are the servers that give the same answer to everything, and those
// that give none.
func (l *lab) nulls() ([]null, error) {
	doc := l.suite.Document()
	refusal, err := documentedRefusal(doc)
	if err != nil {
		return nil, err
	}
	var fields []string // that the documented answers have
	for _, op := range doc.Operations() {
		for name := range op.Response(op.Success()).Headers {
			fields = append(fields, name)
		}
	}
	bodies := []struct {
		name string
		text func(r *http.Request) string
	}{
		{"empty", func(*http.Request) string { return "" }},
		{"{}", func(*http.Request) string { return "{}" }},
		{"echo", func(r *http.Request) string {
			body, _ := io.ReadAll(io.LimitReader(r.Body, 1<<20)) // an echo of what came is one
			return string(body)
		}},
		{"error", func(*http.Request) string { return refusal }},
	}
	for _, c := range l.suite.Cases {
		if c.Golden != nil {
			bodies = append(bodies, struct {
				name string
				text func(r *http.Request) string
			}{c.ID, func(*http.Request) string { return string(c.Golden) }})
		}
	}
	var out []null
	for _, status := range nullStatuses {
		for _, body := range bodies {
			out = append(out, null{fmt.Sprintf("%d %s", status, body.name), fmt.Sprint(status), always(status, fields, body.text), 5 * time.Second, 1})
		}
	}
	return append(out,
		null{"closes", "silent", hijacking(func(c net.Conn) { _ = c.Close() }), 5 * time.Second, 1},
		null{"resets", "silent", hijacking(reset), 5 * time.Second, 1},
		null{"hangs", "silent", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), 10 * time.Millisecond, 32},
	), nil
}

// documentedRefusal is the body of the document's first example of a refusal; an
// empty object if it has none.
func documentedRefusal(doc *openapi.Document) (string, error) {
	for _, op := range doc.Operations() {
		for status := http.StatusBadRequest; status < http.StatusInternalServerError; status++ {
			response := op.Response(status)
			if response == nil || response.Content["application/json"] == nil || response.Content["application/json"].Example == nil {
				continue
			}
			text, err := json.Marshal(response.Content["application/json"].Example)
			return string(text), err
		}
	}
	return "{}", nil
}

// always gives one answer. Its header fields are those that an answer needs.
func always(status int, fields []string, body func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := body(r)
		w.Header().Set("Content-Type", "application/json")
		for _, name := range fields {
			w.Header().Set(name, "f91082d4-6d49-479c-ad1d-4e552a9f5cae")
		}
		if status == http.StatusMovedPermanently {
			w.Header().Set("Location", "/")
		}
		w.WriteHeader(status)
		_, _ = io.Copy(w, strings.NewReader(text)) // when the client is gone there is nobody to tell
	})
}

// hijacking does something with the connection instead of answering.
func hijacking(do func(net.Conn)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler) // it closes the connection, which is what was wanted
		}
		do(connection)
	})
}

// reset closes a connection so that the other side is told of it at once.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // then it is closed in the other way
	}
	_ = c.Close()
}
