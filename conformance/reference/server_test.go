package reference

import (
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
	"github.com/vpnconform/vpnconform/openapi"
)

// newServer returns a server whose clock stands still and whose random numbers
// are the same in every run.
func newServer(tb testing.TB, opts Options) *Server {
	tb.Helper()
	if opts.Now == nil {
		opts.Now = harness.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.NewChaCha8([32]byte{})
	}
	s, err := New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// forget makes a server like a new one, only faster.
func (s *Server) forget() { s.memory = newMemory(8, rand.NewChaCha8([32]byte{})) }

// wantCreated holds an answer to being one of success, by all rules of the
// document.
func wantCreated(tb testing.TB, a harness.Answer, s *Server, request any) any {
	tb.Helper()
	a.Check(tb)
	value := a.Decoded(tb)
	if a.Status != http.StatusCreated {
		tb.Fatalf("got %d %s", a.Status, a.Body)
	}
	wantDocumented(tb, s, request, a)
	return harness.At(value, "vpn_connection")
}

// known returns what a schema knows of a value, without the members that it
// does not name, which the service ignores. They have to go: the generated
// types would take VGW_ID for vgw_id. Of a list one item more is left than the
// schema allows, so that a huge one costs no more to refuse than a small one.
func known(s *openapi3.Schema, value any) any {
	s = plain(s)
	switch v := value.(type) {
	case map[string]any:
		if closed := s.AdditionalProperties.Has; closed != nil && !*closed {
			return v // an unknown member is to be refused, not ignored
		}
		out := make(map[string]any, len(v))
		for name, member := range v {
			if property, ok := s.Properties[name]; ok {
				out[name] = known(property.Value, member)
			}
		}
		return out
	case []any:
		if s.MaxItems != nil && uint64(len(v)) > *s.MaxItems+1 {
			v = v[:*s.MaxItems+1]
		}
		if s.Items == nil {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = known(s.Items.Value, item)
		}
		return out
	}
	return value
}

// content is the schema of vpn_connection in a request.
func content(s *Server) *openapi3.Schema {
	return openapi.Member(s.operation.JSON(), "/vpn_connection").Value
}
