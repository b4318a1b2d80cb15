// Package listen serves a handler over HTTP within limits: of the time that a
// client may take to send, to receive and to do nothing, and of the number of
// connections. Nobody who connects can hold the server, or its memory, for good.
package listen

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// Limits say what a client may take. The zero value is ready.
type Limits struct {
	Header      time.Duration // to send the header of a request; 0 means 10 s
	Read        time.Duration // to send a whole request; 0 means a minute
	Write       time.Duration // to get an answer, from the end of the header on; 0 means 2 minutes
	Idle        time.Duration // between two requests; 0 means a minute
	Connections int           // at a time; 0 means 512. Another one waits to be accepted
}

// mostHeader is the number of bytes of a request's header.
const mostHeader = 64 << 10

func (l Limits) complete() Limits {
	for _, one := range []struct {
		limit    *time.Duration
		standard time.Duration
	}{{&l.Header, 10 * time.Second}, {&l.Read, time.Minute}, {&l.Write, 2 * time.Minute}, {&l.Idle, time.Minute}} {
		if *one.limit == 0 {
			*one.limit = one.standard
		}
	}
	if l.Connections == 0 {
		l.Connections = 512
	}
	return l
}

// Server is a server that runs.
type Server struct {
	address net.Addr
	http    *http.Server
	ended   chan struct{}
	failed  chan error
}

// Serve serves a handler at an address until it is stopped.
func Serve(ctx context.Context, address string, handler http.Handler, limits Limits) (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	limits = limits.complete()
	s := &Server{
		address: listener.Addr(),
		http: &http.Server{
			Handler: handler, ReadHeaderTimeout: limits.Header, ReadTimeout: limits.Read, WriteTimeout: limits.Write, IdleTimeout: limits.Idle,
			MaxHeaderBytes: mostHeader,
		},
		ended: make(chan struct{}), failed: make(chan error, 1),
	}
	go func() {
		defer close(s.ended)
		if err := s.http.Serve(netutil.LimitListener(listener, limits.Connections)); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- err
		}
	}()
	return s, nil
}

// URL is where the server is.
func (s *Server) URL() string { return "http://" + s.address.String() }

// Local reports whether no other machine can reach the server.
func (s *Server) Local() bool { return local(s.address) }

func local(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// Failed gets the error that ended the server, if one did.
func (s *Server) Failed() <-chan error { return s.failed }

// Stop lets the requests in flight end, for a while, and waits for the server to
// end.
func (s *Server) Stop(patience time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		_ = s.http.Close() // the listener is closed already
	}
	<-s.ended
}
