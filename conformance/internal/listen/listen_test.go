package listen_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vpnconform/vpnconform/conformance/internal/listen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// short are limits that a test can wait for.
var short = listen.Limits{
	Header: 200 * time.Millisecond, Read: 400 * time.Millisecond, Write: 400 * time.Millisecond, Idle: 200 * time.Millisecond, Connections: 2,
}

func serve(t *testing.T, handler http.HandlerFunc, limits listen.Limits) *listen.Server {
	t.Helper()
	s, err := listen.Serve(t.Context(), "127.0.0.1:0", handler, limits)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(time.Second) })
	return s
}

func dial(t *testing.T, s *listen.Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// TestSlowClients connects as those do that want to hold a server: it closes the
// connection in time.
func TestSlowClients(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				return
			}
		}
	}
	for name, row := range map[string]struct{ sends string }{
		"nothing":          {""},
		"half a header":    {"GET / HTTP/1.1\r\nHost: a\r\n"},
		"half a body":      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf"},
		"half a chunk":     {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nhalf"},
		"no reading":       {"GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
		"a long header":    {"GET / HTTP/1.1\r\nX-A: " + strings.Repeat("a", 1<<20)},
		"idle after an OK": {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			ended := make(chan struct{}, 1)
			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				defer func() { ended <- struct{}{} }()
				endless(w, r)
			}, short)
			c := dial(t, s)
			go func() { _, _ = io.WriteString(c, row.sends) }()
			if name == "no reading" {
				select {
				case <-ended:
				case <-time.After(3 * time.Second):
					t.Error("it writes still")
				}
				return
			}
			if err := c.SetReadDeadline(time.Now().Add(3 * time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, c); err != nil && !strings.Contains(err.Error(), "reset") {
				t.Errorf("it is not closed: %v", err)
			}
		})
	}
}

// TestConnections has as many connections as there may be: the next one waits.
func TestConnections(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "OK") }, listen.Limits{Connections: 2})
	ask := func(c net.Conn, wait time.Duration) error {
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
			return err
		}
		if err := c.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return err
		}
		_, err := http.ReadResponse(bufio.NewReader(c), nil) //nolint:bodyclose // the connection is closed
		return err
	}
	first, second, third := dial(t, s), dial(t, s), dial(t, s)
	if err := ask(first, 3*time.Second); err != nil {
		t.Error(err)
	}
	if err := ask(second, 3*time.Second); err != nil {
		t.Error(err)
	}
	if err := ask(third, 100*time.Millisecond); err == nil {
		t.Error("a third connection is served")
	}
	_ = first.Close()
	if err := ask(third, 3*time.Second); err != nil {
		t.Errorf("when there is room: %v", err)
	}
}

// TestPort asks for a port that there is not.
func TestPort(t *testing.T) {
	if s, err := listen.Serve(t.Context(), "127.0.0.1:70000", nil, listen.Limits{}); err == nil {
		t.Errorf("it listens at %s", s.URL())
	}
}
