package conformance_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// listening serves every connection by itself, one after another, and returns the
// base URL. It has ended when the test has.
func listening(t testing.TB, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(c)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return "http://" + l.Addr().String()
}

// bytesServer answers every connection with bytes that can be changed, in which
// {key} and {token} are those of the request, and hangs up.
type bytesServer struct {
	url string
	mu  sync.Mutex
	is  []byte
}

func newBytesServer(t testing.TB) *bytesServer {
	t.Helper()
	s := &bytesServer{}
	s.url = listening(t, s.answer)
	return s
}

func (s *bytesServer) answer(c net.Conn) {
	defer func() { _ = c.Close() }()
	if c.SetDeadline(time.Now().Add(time.Second)) != nil {
		return
	}
	var key, token string
	if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
		body, _ := io.ReadAll(r.Body)
		_, rest, _ := strings.Cut(string(body), `"psk":"`)
		key, _, _ = strings.Cut(rest, `"`)
		token = r.Header.Get("X-Auth-Token")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = strings.NewReplacer("{key}", key, "{KEY}", strings.ToUpper(key), "{token}", token).WriteString(c, string(s.is))
}

func (s *bytesServer) set(answer []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.is = answer
}

// oddAnswers are bytes that an HTTP server may send, or what is none.
var oddAnswers = []string{
	"",
	"SSH-2.0-OpenSSH_9.2\r\n\r\n",
	"HTTP/1.1 201 Created\r\n\r\n{}",
	"HTTP/1.1 201 Caf\xe9\r\nX-Name: Caf\xe9\r\nContent-Type: application/json; charset=\xff\r\n\r\n{}",
	"HTTP/1.1 400 No\r\nX-\xe9: 1\r\n\r\n",
	"HTTP/1.1 302 Found\r\nLocation: /caf\xe9\r\n\r\n",
	"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{\"vpn_connection\":{\"name\":\"\xe9\"}}",
	"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{\"vpn_connection\":{\"\\ud800\":\"\u2028\"},\"request_id\":\"\\u0000\"}",
	"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nX-Request-Id: \x80\r\n\r\n{\"error_code\":\"VPN.0001\",\"error_msg\":\"\ufffd\",\"request_id\":\"a\"}",
	"HTTP/1.1 100 Continue\r\nX-\xe9: \xe9\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\n{}\r\n0\r\nX-T: \xe9\r\n\r\n",
	"HTTP/1.1 201 Created\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08",
	"HTTP/3.7 201 Created\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
	"HTTP/1.1 999 \xff\xfe\r\nContent-Length: 1\r\n\r\n\x00",
	"HTTP/1.1 201 Created\r\nContent-Encoding: ,\r\n\r\n{}",
	"HTTP/1.1 201 {key}\r\n\r\n{}",
	"HTTP/1.1 103 {token}\r\nLink: {key}\r\n\r\nHTTP/1.1 201 Created\r\n{key}: {token}\r\n\r\n{}",
	"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n2\r\n{}\r\n0\r\nX-T: {token}\r\n\r\n",
	"HTTP/1.1 201 Created\r\n\r\n{\"{key}\":1,\"{KEY}\":2,\"vpn_connection\":{\"id\":\"{key}\",\"id\\u0000{token}\":1}}",
	"HTTP/1.1 400 Bad Request\r\n\r\n{\"error_code\":\"Hidden-Secret-A\",\"Hidden-Secret-A\":1,\"Hidden-Secret-B\":2}",
	"HTTP/1.1 201 Created\r\n\r\n\x00\xff{key}{token}",
	"HTTP/1.1 201 Created\r\nContent-Encoding: br\r\nX-Masked: Masked-Credential\r\n\r\n{key}",
	"HTTP/1.1 201 Created\r\n\r\n{\"a\":\"Masked-Key-123456789\",\"b\":\"TWFza2VkLUtleS0xMjM0NTY3ODk=\",\"psk\":\"{key\",\"c\":\"{ke\\u0079}\"}",
	"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{}     \xff{token}",
}

// wantReadBack writes a report, reads it, verifies it and renders it in every
// format.
func wantReadBack(t testing.TB, r *report.Report) {
	t.Helper()
	found := written(t, r)
	if found.Verdict() != r.Verdict() || found.Summary() != r.Summary() {
		t.Errorf("read: %s, want %s", found.Summary(), r.Summary())
	}
	wrong, err := conformance.Verify(found, nil, nil)
	if err != nil || len(wrong) > 0 {
		t.Errorf("%v: %q", err, wrong)
	}
	for name, write := range map[string]func(io.Writer, *report.Report) error{
		"github": report.WriteGitHub, "har": report.WriteHAR, "html": report.WriteHTML, "junit": report.WriteJUnit, "md": report.WriteMarkdown, "tap": report.WriteTAP,
		"text": func(w io.Writer, r *report.Report) error { return report.WriteText(w, r, report.TextOptions{}) },
	} {
		var b bytes.Buffer
		if err := write(&b, found); err != nil || b.Len() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fewCases are of every kind: accepted, refused, of a path that there is not.
var fewCases = []string{"CreateVpnConnection/example/static", "CreateVpnConnection/Dpd.timeout.maximum/above", "CreateVpnConnection/transport/method-put"}

// FuzzReadBack looks for an answer whose report cannot be read, or verified.
func FuzzReadBack(f *testing.F) {
	for _, answer := range oddAnswers {
		f.Add([]byte(answer))
	}
	if _, err := suite.Load(1); err != nil { // which takes longer than a fuzz target may
		f.Fatal(err)
	}
	s := newBytesServer(f)
	f.Fuzz(func(t *testing.T, answer []byte) {
		if strings.HasPrefix(string(answer), "HTTP/1.1 101") {
			t.Skip("what follows is no answer")
		}
		s.set(answer)
		r := run(t, conformance.Options{
			Target: s.url, Token: "Token-of-the-run+1", Secrets: []string{"Hidden-Secret-A", "Hidden-Secret-B"},
			Run: fewCases[:1], MaxWait: -1, Once: true, Timeout: 2 * time.Second,
		})
		wantReadBack(t, r)
	})
}
