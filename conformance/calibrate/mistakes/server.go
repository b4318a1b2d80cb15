package mistakes

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// maxBody is the size of a request that is still read, in bytes.
const maxBody = 12 << 20

// Server creates VPN connections: POST /v5/{project_id}/vpn-connection. It
// keeps nothing but what is needed for new identifiers.
type Server struct {
	env   Site
	hooks Hooks

	calls   atomic.Int64 // requests so far
	created atomic.Int64 // connections so far
	first   atomic.Int64 // when the first request came, in nanoseconds
}

// New returns a server that has the gateways of an environment and makes the
// mistakes that the hooks make; none with zero Hooks.
func New(env Site, hooks Hooks) *Server {
	return &Server{env: env, hooks: hooks}
}

// Handler returns the server with what the hooks put around it.
func (s *Server) Handler() http.Handler {
	if s.hooks.Wrap == nil {
		return s
	}
	return s.hooks.Wrap(s)
}

// connKey is the key of a connection's use counter in the context of a request.
type connKey struct{}

// ConnContext counts the requests of each TCP connection. It belongs into
// http.Server.ConnContext; without it every connection counts as a fresh one.
func ConnContext(ctx context.Context, _ net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, new(atomic.Int64))
}

// Call is a request on its way through the server.
type Call struct {
	HTTP    *http.Request
	Body    []byte
	Number  int           // of the request since the server began, from 1
	Since   time.Duration // since its first request
	OnConn  int           // number of the request on its TCP connection, from 1
	Fields  object        // the connection that is asked for
	Gateway *Gateway
	Place   int // of the gateway in the environment, from 0
	Remote  *CustomerGateway

	request string // identifier of the request
}

// ServeHTTP creates one connection, or says why not.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := s.begin(r)
	if v, ok := s.accepts(call); !ok {
		s.refuse(w, call, []Violation{v})
		return
	}
	root, err := decode(call.Body)
	if err != nil {
		s.refuse(w, call, []Violation{{Rule: "body.json", Text: "the body is not valid: " + err.Error()}})
		return
	}
	check := &checker{call: call, hooks: s.hooks, env: s.env}
	check.body(root)
	if s.hooks.Extra != nil {
		check.found = append(check.found, s.hooks.Extra(call)...)
	}
	if len(check.found) > 0 {
		s.refuse(w, call, check.found)
		return
	}
	body := map[string]any{"vpn_connection": s.connection(call), "request_id": call.request}
	if s.hooks.Answer != nil {
		s.hooks.Answer(call, body)
	}
	status := http.StatusCreated
	if s.hooks.Created != 0 {
		status = s.hooks.Created
	}
	s.write(w, status, body)
}

// begin makes a call of a request. Its body is read later.
func (s *Server) begin(r *http.Request) *Call {
	now := time.Now()
	s.first.CompareAndSwap(0, now.UnixNano())
	call := &Call{
		HTTP: r, Number: int(s.calls.Add(1)), OnConn: 1,
		Since: time.Duration(now.UnixNano() - s.first.Load()), request: newID(),
	}
	if uses, ok := r.Context().Value(connKey{}).(*atomic.Int64); ok {
		call.OnConn = int(uses.Add(1))
	}
	return call
}

// accepts reads the body, unless the path, the method or a header field already
// says that the request cannot be answered.
func (s *Server) accepts(call *Call) (Violation, bool) {
	r := call.HTTP
	if !s.routes(call) {
		return Violation{Rule: "path", Status: http.StatusNotFound, Code: "VPN.0004", Text: "resource not found"}, false
	}
	if r.Method != http.MethodPost {
		return Violation{Rule: "method", Status: http.StatusMethodNotAllowed, Code: "VPN.0001", Text: "method not allowed"}, false
	}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || media != "application/json" {
		v := Violation{Rule: "content-type", Status: http.StatusUnsupportedMediaType, Code: "VPN.0001",
			Text: "Content-Type must be application/json"}
		if !s.ignores(call, v) {
			return v, false
		}
	}
	call.Body, err = io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return Violation{Rule: "size", Status: http.StatusRequestEntityTooLarge, Code: "VPN.0001", Text: "the body is too large"}, false
	} else if err != nil {
		return Violation{Rule: "size", Text: "the body broke off"}, false
	}
	return Violation{}, true
}

// routes reports whether the path is that of the operation, in the project of
// the environment.
func (s *Server) routes(call *Call) bool {
	path := call.HTTP.URL.EscapedPath()
	if s.hooks.Route != nil && s.hooks.Route(path, s.env.ProjectID) {
		return true
	}
	return path == "/v5/"+s.env.ProjectID+"/vpn-connection"
}

// ignores reports whether a mistake overlooks a violation.
func (s *Server) ignores(call *Call, v Violation) bool {
	return s.hooks.Ignore != nil && s.hooks.Ignore(call, v)
}

// refuse answers with everything that is wrong, the status being that of the
// first.
func (s *Server) refuse(w http.ResponseWriter, call *Call, found []Violation) {
	refusal := Refusal{Status: found[0].Status, Code: found[0].Code}
	if refusal.Status == 0 {
		refusal.Status, refusal.Code = http.StatusBadRequest, "VPN.0001"
	}
	texts := make([]string, len(found))
	for i, v := range found {
		texts[i] = strings.TrimSpace(v.Member + " " + v.Text)
	}
	refusal.Text = "invalid request: " + strings.Join(texts, "; ")
	if s.hooks.Refuse != nil {
		s.hooks.Refuse(call, found, &refusal)
	}
	if refusal.Status == http.StatusMethodNotAllowed {
		w.Header().Set("Allow", http.MethodPost)
	}
	s.write(w, refusal.Status, map[string]any{
		"error_code": refusal.Code, "error_msg": refusal.Text, "request_id": call.request,
	})
}

// write sends an answer. X-Request-Id is what the body says of it.
func (s *Server) write(w http.ResponseWriter, status int, body map[string]any) {
	data, err := json.Marshal(body)
	if err != nil { // a mistake put into it what no JSON can hold
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Request-Id", fmt.Sprint(body["request_id"]))
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// newID returns a version 4 UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
