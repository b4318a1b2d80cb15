package conformance_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// raw answers every connection with bytes, and hangs up.
func raw(t *testing.T, answer string) string {
	t.Helper()
	return listening(t, func(c net.Conn) {
		if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		_, _ = io.WriteString(c, answer)
		_ = c.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c)
		_ = c.Close()
	})
}

// TestOddHTTP answers in ways that HTTP does not allow: they are noted, in every
// answer, and nothing else follows from them, however strict the run is.
func TestOddHTTP(t *testing.T) {
	for answer, want := range map[string]string{
		"HTTP/3.7 418 I'm a teapot\r\nContent-Length: 2\r\n\r\n{}":                                                                                                        "/status HTTP/3.7",
		"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n":                                                        "/headers/Content-Length 2",
		"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 418 I'm a teapot\r\ncontent-length:7\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n":                       "/headers/Content-Length 7",
		"HTTP/1.1 418 I'm a teapot\nContent-Length: 2\nTransfer-Encoding: chunked\n\n2\r\n{}\r\n0\r\n\r\n":                                                                "/headers/Content-Length 2",
		strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 700) + "HTTP/1.1 418 I'm a teapot\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n": "/headers/Content-Length 2",
		"HTTP/1.1 418 I'm a teapot\r\nTransfer-Encoding: chunked\r\n\r\n1a\r\n\r\nContent-Length: 2\r\n\r\n...\r\n0\r\n\r\n":                                              "",
		"HTTP/1.1 418 I'm a teapot\r\nContent-Length: 2\r\n\r\n{}":                                                                                                        "",
		"HTTP/1.0 418 I'm a teapot\r\n\r\n{}": "",
	} {
		r := run(t, conformance.Options{Target: raw(t, answer), Run: []string{"CreateVpnConnection/example/static"}, Strict: true})
		result := r.Results[0]
		if len(result.Differences) != 1 || result.Differences[0].Pointer != "/status" {
			t.Errorf("%q: %s %v", answer, result.Reason, result.Differences)
		}
		var noted []string
		for _, n := range result.Notes {
			noted = append(noted, n.Pointer+" "+n.Got)
		}
		if got := strings.Join(noted, "\n"); got != want {
			t.Errorf("%q: noted %q, want %q", answer, got, want)
		}
		var text strings.Builder
		if err := report.WriteText(&text, r, report.TextOptions{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		if noted := strings.Contains(text.String(), "note: "); noted != (want != "") {
			t.Errorf("%q: the text:\n%s", answer, text.String())
		}
		wantReadBack(t, r)
	}
}

// TestNotesOnKept shows that a note is of its own answer, and of no other one
// on the same connection.
func TestNotesOnKept(t *testing.T) {
	r := run(t, conformance.Options{Target: serve(t, newReference(t)), Run: fewCases, Jobs: 1})
	for _, result := range r.Results {
		if len(result.Notes) > 0 {
			t.Errorf("%s: %v", result.Case, result.Notes)
		}
	}
}

// TestUnsendable lists options that no request can be made of. The error has no
// secret.
func TestUnsendable(t *testing.T) {
	target := serve(t, http.NotFoundHandler())
	for want, opts := range map[string]conformance.Options{
		"want a port from 1 to 65535":                                    {Target: "http://127.0.0.1:70000"},
		`target "http://127.0.0.1:0": want a port`:                       {Target: "http://127.0.0.1:0"},
		`the token: want a text on one line, got '\n' at byte 6`:         {Target: target, Token: "secret\nsecret"},
		`the token: want a text on one line, got '\x00' at byte 6`:       {Target: target, Token: "secret\x00"},
		"the token: want no blank at the beginning and the end":          {Target: target, Token: "secret "},
		`user agent: want a text on one line, got '\r' at byte 6`:        {Target: target, UserAgent: "secret\r\nX: y"},
		`the token: want a text on one line, got '\x7f' at byte 6`:       {Target: target, Token: "secret\x7f"},
		`target "http://127.0.0.1:65536/v5": want a port from 1 to 6553`: {Target: "http://127.0.0.1:65536/v5"},
	} {
		_, err := conformance.Run(t.Context(), opts)
		var usage *conformance.UsageError
		if !errors.As(err, &usage) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
