package client

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"syscall"
	"testing"
	"time"
)

// TestEarlyAnswer holds what is said of a target that answers before it is asked.
func TestEarlyAnswer(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	go func() {
		if c, err := l.Accept(); err == nil {
			_, _ = c.Write([]byte("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}"))
			defer func() { _ = c.Close() }()
			_, _ = c.Read(make([]byte, 1)) // until the client has gone
		}
	}()
	client := httpClient(true)
	defer client.CloseIdleConnections()
	// The connection is there, and the request is sent when this has returned.
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { time.Sleep(200 * time.Millisecond) }})
	_, err = exchange(ctx, client, Request{Method: http.MethodPost, URL: "http://" + l.Addr().String(), Body: []byte("{}")})
	if err == nil || err.Error() != "the target sent an answer before the request" {
		t.Errorf("error %v", err)
	}
}

// TestCause holds how errors of net/http are told: without the method, the URL and
// names of its functions, and as what they are.
func TestCause(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	var none error
	for _, row := range []struct {
		err  error
		want string
		is   error
	}{
		{reset, "read tcp: connection reset by peer", syscall.ECONNRESET},
		{&url.Error{Op: "Post", URL: "http://x", Err: reset}, "read tcp: connection reset by peer", syscall.ECONNRESET},
		{&url.Error{Op: "Post", URL: "http://x", Err: fmt.Errorf("broken: %w", fmt.Errorf(readLoopPrefix+"%w", reset))},
			"the connection broke before the request was sent: read tcp: connection reset by peer", syscall.ECONNRESET},
		{fmt.Errorf("broken: %w", fmt.Errorf(readLoopPrefix+"%w", none)), "the target sent an answer before the request", errUnasked},
	} {
		if got := shortenError(row.err); got.Error() != row.want || !errors.Is(got, row.is) {
			t.Errorf("cause of %v: %v, want %s", row.err, got, row.want)
		}
	}
}
