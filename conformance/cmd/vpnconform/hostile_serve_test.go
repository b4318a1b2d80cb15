package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// hostileServer serves bytes to every connection.
type hostileServer struct {
	listener net.Listener
	right    http.Handler // answers as it should
	secrets  *planted
	other    string // the URL of a host that nobody was told to visit

	mu    sync.Mutex
	open  map[net.Conn]bool
	conns sync.WaitGroup
}

func newHostileServer(t *testing.T, right http.Handler, secrets *planted, other string) *hostileServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return &hostileServer{listener: l, right: right, secrets: secrets, other: other, open: map[net.Conn]bool{}}
}

// begin serves until end.
func (s *hostileServer) begin(serves serving) {
	if serves == nil {
		_ = s.listener.Close()
		return
	}
	s.conns.Go(func() {
		for {
			c, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open[c] = true
			s.mu.Unlock()
			s.conns.Go(func() {
				serves(&visit{Conn: c, server: s})
				_ = c.Close()
			})
		}
	})
}

func (s *hostileServer) end() {
	_ = s.listener.Close()
	s.mu.Lock()
	for c := range s.open {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.conns.Wait()
}

// visit is a connection, and what its request says.
type visit struct {
	net.Conn
	server *hostileServer
	body   []byte
	said   []string
	asked  *http.Request
	right  *httptest.ResponseRecorder // what an implementation answers
}

// read reads the request.
func (v *visit) read() bool {
	r, err := http.ReadRequest(bufio.NewReader(v.Conn))
	if err != nil {
		return false
	}
	v.body, _ = io.ReadAll(r.Body)
	v.asked, v.said, v.right = r, v.server.secrets.said(r, v.body), httptest.NewRecorder()
	r.Body = io.NopCloser(bytes.NewReader(v.body))
	v.server.right.ServeHTTP(v.right, r)
	return true
}

// write writes a text, its placeholders filled, and reports whether that went well.
func (v *visit) write(text string) bool {
	_, err := io.WriteString(v.Conn, v.fill(text))
	return err == nil
}

// placeholder matches what stands for something of the request: {key}, {token},
// {declared} or {all}, all secrets with blanks between; each may be in a form, as
// in {all hex}, and within a text of JSON or a header field: {json all hex},
// {field all hex}. {status} and {right} are the status and the body of the right
// answer, and {other} is a host.
var placeholder = regexp.MustCompile(`\{(?:(json|field) )?(key|token|declared|all)(?: ([a-z0-9]+))?\}|\{status\}|\{right\}|\{other\}`)

func (v *visit) fill(text string) string {
	return placeholder.ReplaceAllStringFunc(text, func(found string) string {
		parts := placeholder.FindStringSubmatch(found)
		var secrets []string
		switch {
		case found == "{other}":
			return v.server.other
		case v.asked == nil:
			return ""
		case found == "{status}":
			return fmt.Sprintf("%d %s", v.right.Code, http.StatusText(v.right.Code))
		case found == "{right}":
			return v.right.Body.String()
		case parts[2] == "key":
			if key := keyOfRun.FindSubmatch(v.body); key != nil {
				secrets = []string{string(key[1])}
			}
		case parts[2] == "token":
			secrets = v.said[:1]
		case parts[2] == "declared":
			secrets = []string{os.Getenv("DECLARED")}
		default:
			secrets = v.said
		}
		out := strings.Join(secrets, " ")
		if form := forms[parts[3]]; form != nil {
			var all []string
			for _, secret := range secrets {
				all = append(all, form(secret))
			}
			out = strings.Join(all, " ")
		}
		switch parts[1] {
		case "json":
			return inJSON(out)
		case "field":
			return inField(out)
		}
		return out
	})
}

// leave ends the answer, and waits until the client has gone.
func (v *visit) leave() {
	if c, ok := v.Conn.(interface{ CloseWrite() error }); ok {
		_ = c.CloseWrite()
	}
	v.wait()
}

func (v *visit) wait() { _, _ = io.Copy(io.Discard, v.Conn) }

// serving serves one connection, which is closed then.
type serving func(v *visit)

// answers answers with a text, and hangs up.
func answers(text string) serving {
	return func(v *visit) {
		if v.read() && v.write(text) {
			v.leave()
		}
	}
}

// keeps answers every request of a connection.
func keeps(text string) serving {
	return func(v *visit) {
		for v.read() && v.write(text) {
		}
	}
}

// many answers with a piece of text again and again, up to a megabyte, between two
// texts.
func many(before, piece, after string) serving {
	return func(v *visit) {
		if !v.read() {
			return
		}
		if piece = v.fill(piece); piece != "" && v.write(before+strings.Repeat(piece, 1<<20/len(piece))+after) {
			v.leave()
		}
	}
}

// unasked answers before there is a request.
func unasked(text string) serving {
	return func(v *visit) {
		if v.write(text) {
			v.leave()
		}
	}
}

// stalls answers with a text, and says no more.
func stalls(text string) serving {
	return func(v *visit) {
		if v.read() && v.write(text) {
			v.wait()
		}
	}
}

// endless answers with a text, and then with another one without end.
func endless(text, piece string, pause time.Duration) serving {
	return func(v *visit) {
		for ok := v.read() && v.write(text); ok; time.Sleep(pause) {
			ok = v.write(piece)
		}
	}
}

// late answers after a while.
func late(text string, after time.Duration) serving {
	return func(v *visit) {
		if v.read() {
			time.Sleep(after)
			v.write(text)
			v.leave()
		}
	}
}

// drips answers byte by byte.
func drips(text string, pause time.Duration) serving {
	return func(v *visit) {
		if !v.read() {
			return
		}
		for _, c := range []byte(v.fill(text)) {
			if _, err := v.Write([]byte{c}); err != nil {
				return
			}
			time.Sleep(pause)
		}
		v.leave()
	}
}

// resets answers with a text, and resets the connection a while later.
func resets(text string, after time.Duration) serving {
	return func(v *visit) {
		if v.read() && v.write(text) {
			time.Sleep(after)
			_ = v.Conn.(*net.TCPConn).SetLinger(0)
		}
	}
}

// hangsUp closes every connection, or resets it.
func hangsUp(reset bool) serving {
	return func(v *visit) {
		if reset {
			_ = v.Conn.(*net.TCPConn).SetLinger(0)
		}
	}
}

// accepts says nothing to anybody.
func accepts(v *visit) { v.wait() }

// inTLS serves with a certificate that nobody trusts.
func inTLS(inner serving) serving {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	config := &tls.Config{Certificates: s.TLS.Certificates}
	s.Close()
	return func(v *visit) {
		inner(&visit{Conn: tls.Server(v.Conn, config), server: v.server})
	}
}
