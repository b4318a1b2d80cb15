package fault

import (
	"bytes"
	"io"
	"net/http"
	"slices"
)

// reply is what the healthy implementation says, before it is sent.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// ask asks the healthy implementation. The body takes the place of the
// request's.
func (w *wrong) ask(r *http.Request, body []byte) *reply {
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	a := &reply{header: http.Header{}}
	w.healthy.ServeHTTP(a, again)
	return a
}

// Header, WriteHeader and Write take an answer as an http.ResponseWriter does.
func (a *reply) Header() http.Header { return a.header }

// WriteHeader takes the status.
func (a *reply) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write takes a part of the body.
func (a *reply) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	a.body = append(a.body, p...)
	return len(p), nil
}

func (a *reply) clone() *reply { return &reply{a.status, a.header.Clone(), bytes.Clone(a.body)} }

func (a *reply) same(b *reply) bool {
	return a.status == b.status && bytes.Equal(a.body, b.body) && slices.EqualFunc(fields(a.header), fields(b.header), slices.Equal)
}

// fields are header fields in a fixed order.
func fields(h http.Header) [][]string {
	var out [][]string
	for name, values := range h {
		out = append(out, append([]string{name}, values...))
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

func (a *reply) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // when the client is gone there is nobody to tell
}
