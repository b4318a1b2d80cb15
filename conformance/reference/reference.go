package reference

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/project"
	"github.com/vpnconform/vpnconform/generated/vpn"
	"github.com/vpnconform/vpnconform/openapi"
)

// Options says what the implementation has. The zero value is ready.
type Options struct {
	// Environment is the project and the gateways that exist. One that is
	// empty means [environment.Default].
	Environment environment.Environment

	Token string           // what X-Auth-Token must say; empty means that none is asked for
	Now   func() time.Time // nil means time.Now
	Rand  io.Reader        // source of identifiers and names, read by one goroutine at a time; nil means crypto/rand

	// Connections is how many connections are remembered, so that their
	// tunnel addresses are not given to another; 0 means 4096, at most 16319.
	// The oldest is forgotten for a new one, so that a measurement can make
	// connections without end.
	Connections int

	// Quota, if it is not 0, is how many connections can be made in all, at most
	// [MostConnections]. One more is refused, and none is forgotten.
	Quota int
}

// MostConnections is the number of connections for which there are tunnel
// addresses: each has a block of its own.
const MostConnections = usableBlocks

// Server is the reference implementation. It is safe for concurrent use.
type Server struct {
	Document  *openapi.Document
	operation openapi.Operation
	defaults  []byte // an answer's members that have one, as JSON

	environment environment.Environment
	project     project.Project
	token       [sha256.Size]byte
	anyone      bool // no token is asked for

	now    func() time.Time
	memory *memory
	mux    *http.ServeMux
}

// New returns the reference implementation. An error says which option is
// wrong, or that the embedded document or environment is.
func New(opts Options) (*Server, error) {
	document, err := openapi.Load()
	if err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	s := &Server{Document: document, now: opts.Now, mux: http.NewServeMux()}
	if err := s.install(opts.Environment); err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	s.token, s.anyone = sha256.Sum256([]byte(opts.Token)), opts.Token == ""
	if s.now == nil {
		s.now = time.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.Reader
	}
	if opts.Connections == 0 {
		opts.Connections = 4096
	}
	if opts.Connections < 0 || opts.Connections >= usableBlocks {
		return nil, fmt.Errorf("reference: Connections: want 0 to %d, got %d", usableBlocks-1, opts.Connections)
	}
	if opts.Quota < 0 || opts.Quota > MostConnections {
		return nil, fmt.Errorf("reference: Quota: want 0 to %d, got %d", MostConnections, opts.Quota)
	}
	s.memory = newMemory(cmp.Or(opts.Quota, opts.Connections), opts.Rand)
	s.memory.forgets = opts.Quota == 0
	if err := s.route(); err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	return s, nil
}

// Reset forgets every connection that was made, so that one server is a new one for
// every test. The source of random numbers goes on where it is.
func (s *Server) Reset() { s.memory.reset() }

// Environment returns what the implementation has: the project and the gateways.
func (s *Server) Environment() environment.Environment { return s.environment }

// install takes over an environment.
func (s *Server) install(e environment.Environment) error {
	if e.Parameters["project_id"] == "" {
		if len(e.Objects) > 0 {
			return errors.New("gateways belong to a project, and Environment.Parameters has no project_id")
		}
		var err error
		if e, err = environment.Default(s.Document); err != nil {
			return err
		}
	}
	var err error
	s.environment = e
	s.project, err = project.Of(s.Document, e)
	return err
}

// route finds the operation in the document and lets the generated server
// answer it; for any other method and path there is an error.
func (s *Server) route() error {
	const id = "CreateVpnConnection"
	operation, ok := s.Document.Operation(id)
	if !ok || operation.JSON() == nil {
		return errors.New("the document has no operation " + id + " with a JSON body")
	}
	s.operation = operation
	content := openapi.Member(operation.JSON(), "/vpn_connection")
	var err error
	if s.defaults, err = json.Marshal(filled(content.Value, nil)); err != nil {
		return err
	}
	strict := vpn.NewStrictHandlerWithOptions(service{s}, nil, vpn.StrictHTTPServerOptions{
		ResponseErrorHandlerFunc: failed, // what breaks a rule, the generated handler refuses by itself
	})
	vpn.HandlerWithOptions(strict, vpn.StdHTTPServerOptions{
		BaseRouter:       s.mux,
		Middlewares:      []vpn.MiddlewareFunc{s.admit},
		ErrorHandlerFunc: func(w http.ResponseWriter, r *http.Request, _ error) { otherPath(w, r) },
	})
	s.mux.HandleFunc(operation.Path, otherMethod)
	s.mux.HandleFunc("/", otherPath)
	return nil
}

// requestIDKey is the key of the request's identifier in its context.
type requestIDKey struct{}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := s.memory.requestID()
	w.Header().Set(problem.RequestIDHeader, id)
	switch url := r.URL.EscapedPath(); {
	case err != nil:
		problem.Broken("no random numbers").Write(w)
	case r.RequestURI == "*" || url != path.Clean("/"+url): // the router would answer these itself, and not in JSON
		otherPath(w, r)
	default:
		s.mux.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	}
}

// otherPath answers at a path where there is nothing.
func otherPath(w http.ResponseWriter, _ *http.Request) { problem.NotFound("path").Write(w) }

// otherMethod answers a method that the operation does not have.
func otherMethod(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Allow", http.MethodPost)
	p := problem.Invalid("the method must be POST")
	p.Status = http.StatusMethodNotAllowed
	p.Write(w)
}

// admit lets through a request that may be read.
func (s *Server) admit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := s.authorize(r.Header)
		if p == nil {
			p = checkContentType(r.Header)
		}
		if p != nil {
			p.Write(w)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// authorize checks the token, in a time that tells nothing of it.
// source: OTC-AUTH, token
func (s *Server) authorize(header http.Header) *problem.Problem {
	token := header.Get("X-Auth-Token")
	sum := sha256.Sum256([]byte(token))
	switch {
	case s.anyone:
		return nil
	case token == "":
		return problem.Unauthorized("x-auth-token not found")
	case subtle.ConstantTimeCompare(sum[:], s.token[:]) == 0:
		return problem.Unauthorized("decrypt token fail")
	}
	return nil
}

// failed answers with the problem that an operation met.
func failed(w http.ResponseWriter, _ *http.Request, err error) {
	var p *problem.Problem
	var violations vpn.Violations
	switch {
	case errors.As(err, &p):
		p.Write(w)
	case errors.As(err, &violations):
		problem.Violated(violations).Write(w)
	case w.Header().Get("Content-Type") == "": // otherwise the answer was begun, and the client has gone
		problem.Broken("no answer could be made").Write(w)
	}
}
