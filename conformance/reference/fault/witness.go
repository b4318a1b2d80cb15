package fault

import (
	"bytes"
	"io"
	"net/http"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
)

// Witness returns requests to the default environment, the last of which a
// fault answers wrongly, so that a fault that no case shows can be told from one
// that does nothing. They have no credentials. There are none for a fault that
// every request of its kind shows.
func (f Fault) Witness() ([]*http.Request, error) {
	if f.witness == nil {
		return nil, nil
	}
	var out []*http.Request
	for _, p := range f.witness() {
		r, err := f.world.requestOf(p)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// probe is a request.
type probe struct {
	body   any                      // decoded
	write  func(body []byte) []byte // writes the body in another way; nil leaves it
	header map[string]string        // that differs
	path   func(path string) string // nil leaves it

	chunked bool
}

// sent is a witness of one request.
func sent(body any) func() []probe { return func() []probe { return []probe{{body: body}} } }

// requestOf makes the request of a probe.
func (w *world) requestOf(p probe) (*http.Request, error) {
	body, err := match.Encode(p.body)
	if err != nil {
		return nil, err
	}
	if p.write != nil {
		body = p.write(body)
	}
	path := strings.ReplaceAll(w.op.Path, "{project_id}", w.project.ID)
	if p.path != nil {
		path = p.path(path)
	}
	r, err := http.NewRequest(w.op.Method, path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.RequestURI, r.RemoteAddr = path, "192.0.2.1:1234"
	r.Header.Set("Content-Type", "application/json")
	for name, value := range p.header {
		r.Header.Set(name, value)
	}
	if p.chunked {
		r.Body, r.ContentLength, r.TransferEncoding = io.NopCloser(bytes.NewReader(body)), -1, []string{"chunked"}
	}
	return r, nil
}
