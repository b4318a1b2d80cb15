package reference

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
)

// FuzzServe sends anything: the answer is 201 and all that the document says
// of it, or an error of the client's, always JSON with the identifier of its
// header.
func FuzzServe(f *testing.F) {
	s := newServer(f, Options{Connections: 8})
	for _, name := range []string{"static", "policy", "bgp"} {
		f.Add(http.MethodPost, harness.Target, "application/json", encoded(f, harness.Example(f, name)))
	}
	for _, body := range everyRefused(f, s) {
		f.Add(http.MethodPost, harness.Target, "application/json", body)
	}
	f.Add(http.MethodGet, "/v5//x/%2e%2e", "text/plain", []byte("\xff"))
	f.Add(http.MethodPost, harness.Target, "application/json; charset=utf-8", []byte(`{"vpn_connection":{"psk":"a","psk":"b"}}`))
	f.Add(http.MethodConnect, "*", "", []byte{})
	f.Fuzz(func(t *testing.T, method, escaped, contentType string, body []byte) {
		u, err := url.Parse(escaped)
		if err != nil || method == "" {
			t.Skip()
		}
		a := harness.Send(t, s, string(body), harness.WithHeader("Content-Type", contentType), func(r *http.Request) {
			r.Method, r.URL, r.RequestURI = method, u, escaped
		})
		a.Check(t)
		if a.Status != http.StatusCreated {
			if a.Status < 400 || a.Status > 499 {
				t.Errorf("status %d", a.Status)
			}
			wantDocumented(t, s, nil, a)
			return
		}
		request, p := match.Decode(body)
		if p != nil {
			t.Fatal(p)
		}
		connection := wantCreated(t, a, s, known(s.operation.JSON().Value, request))
		if harness.At(connection, "psk") != nil || harness.At(connection, "status") != nil {
			t.Errorf("too much was answered: %s", a.Body)
		}
	})
}
