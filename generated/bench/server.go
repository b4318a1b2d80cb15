package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"

	"github.com/vpnconform/vpnconform/testdata"
)

// Server is one implementation of the documented operation.
type Server struct {
	Name    string
	Handler http.Handler
}

// Request returns the documented BGP request, with a key that keeps the rules.
func Request() ([]byte, error) {
	data, err := testdata.Examples.ReadFile("examples/bgp/request.json")
	return bytes.Replace(data, []byte("abcd****"), []byte("Abcd1234"), 1), err
}

// Response returns the documented answer to the BGP request.
func Response() ([]byte, error) {
	return testdata.Examples.ReadFile("examples/bgp/response.json")
}

// Check reports whether the server answers the documented request with status
// 201, the JSON of the documented answer and its request_id as X-Request-Id.
func (s Server) Check() error {
	request, err := Request()
	if err != nil {
		return err
	}
	response, err := Response()
	if err != nil {
		return err
	}
	var got, want map[string]any
	if err := json.Unmarshal(response, &want); err != nil {
		return err
	}
	status, header, body := s.Answer(request)
	if status != http.StatusCreated {
		return fmt.Errorf("%s: status %d: %s", s.Name, status, body)
	}
	if err := json.Unmarshal(body, &got); err != nil {
		return fmt.Errorf("%s: answer: %w", s.Name, err)
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("%s: answer is not the documented one: %s", s.Name, body)
	}
	if id := header.Get("X-Request-Id"); id != want["request_id"] {
		return fmt.Errorf("%s: X-Request-Id is %q, want %q", s.Name, id, want["request_id"])
	}
	return nil
}

// Answer returns what the server says to a body.
func (s Server) Answer(body []byte) (status int, header http.Header, answer []byte) {
	var kept bytes.Buffer
	w := &writer{header: http.Header{}, body: &kept}
	s.Handler.ServeHTTP(w, prototype().with(body))
	return w.status, w.header, kept.Bytes()
}

// handling returns one handling of body, its answer thrown away.
func (s Server) handling(body []byte) func() error {
	proto := prototype()
	return func() error {
		w := &writer{header: make(http.Header, 4), body: io.Discard}
		s.Handler.ServeHTTP(w, proto.with(body))
		if w.status != http.StatusCreated {
			return fmt.Errorf("%s: status %d", s.Name, w.status)
		}
		return nil
	}
}

// template is a request of the operation that lacks its body.
type template http.Request

func prototype() *template {
	r, err := http.NewRequest(http.MethodPost, "https://vpn.example.com/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection", nil)
	if err != nil {
		panic(err) // method and address are constants, and both are right
	}
	r.Header.Set("Content-Type", "application/json")
	return (*template)(r)
}

// with returns a copy with a body, as net/http would read it from a connection.
func (t *template) with(body []byte) *http.Request {
	r := http.Request(*t)
	reader := &reader{}
	reader.Reset(body)
	r.Body, r.ContentLength = reader, int64(len(body))
	return &r
}

type reader struct{ bytes.Reader }

func (*reader) Close() error { return nil }

type writer struct {
	header http.Header
	status int
	body   io.Writer
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) { w.status = status }

func (w *writer) Write(p []byte) (int, error) { return w.body.Write(p) }
