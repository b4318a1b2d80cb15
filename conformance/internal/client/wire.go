package client

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/vpnconform/vpnconform/conformance/internal/excerpt"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// mostOnWire is the number of bytes of an answer's beginning that are kept as they
// came: net/http drops what it mends.
const mostOnWire = 68 << 10

// wire is a connection that keeps the beginning of an answer. Under TLS there is
// nothing to see in it.
type wire struct {
	net.Conn
	mu    sync.Mutex
	began []byte
}

// dial opens a connection that keeps the beginning of answers.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &wire{Conn: c}, nil
}

// begin forgets the last answer.
func (w *wire) begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.began = nil
}

// Read reads, and keeps the beginning.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	if n > mostOnWire-len(w.began) {
		if rest := withoutEarly(w.began); len(rest) < len(w.began) {
			w.began = bytes.Clone(rest)
		}
	}
	w.began = append(w.began, p[:min(n, mostOnWire-len(w.began))]...)
	return n, err
}

// fields are the lines of the last header that began, those of answers before it
// apart.
func (w *wire) fields() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	header, _ := cutHeader(withoutEarly(w.began))
	return strings.Split(strings.ReplaceAll(string(header), "\r\n", "\n"), "\n")[1:]
}

// withoutEarly is what follows the headers of answers before the last.
func withoutEarly(rest []byte) []byte {
	for {
		header, after := cutHeader(rest)
		line, _, _ := bytes.Cut(header, []byte("\n"))
		if _, code, _ := strings.Cut(string(line), " "); after == nil || !strings.HasPrefix(code, "1") || strings.HasPrefix(code, "101") {
			return rest
		}
		rest = after
	}
}

// cutHeader cuts a header from what follows, nil if it does not end. Its lines may
// end without a carriage return: net/http takes them.
func cutHeader(data []byte) (header, after []byte) {
	for end := 0; ; {
		next := bytes.IndexByte(data[end:], '\n')
		if next < 0 {
			return data, nil
		}
		end += next + 1
		if rest := bytes.TrimPrefix(data[end:], []byte("\r")); len(rest) > 0 && rest[0] == '\n' {
			return data[:end-1], rest[1:]
		}
	}
}

// value is that of the first field of a name, and whether there is one.
func value(fields []string, name string) (string, bool) {
	for _, field := range fields {
		if n, v, _ := strings.Cut(field, ":"); strings.EqualFold(n, name) {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}

// versions are those of HTTP that net/http speaks.
var versions = []string{"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"}

// oddities notes what an answer does that HTTP does not allow and that clients
// read in different ways. It is not what the page speaks of.
func oddities(resp *http.Response, w *wire) []report.Difference {
	var out []report.Difference
	add := func(pointer, got, why, source string) {
		out = append(out, report.Difference{
			Pointer: pointer, Kind: "unexpected", Got: excerpt.Shorten(textOf(got), excerpt.Most), Why: why, Level: string(openapi.May), Source: source,
		})
	}
	if !slices.Contains(versions, resp.Proto) {
		add("/status", resp.Proto, "the version of HTTP is none of "+strings.Join(versions, ", "), "RFC 9110, 2.5")
	}
	if w == nil {
		return out
	}
	fields := w.fields()
	length, hasLength := value(fields, "Content-Length")
	if coding, chunked := value(fields, "Transfer-Encoding"); hasLength && chunked {
		add("/headers/Content-Length", length, fmt.Sprintf("an answer with Transfer-Encoding %q has no Content-Length: where it ends is read in two ways", excerpt.Shorten(textOf(coding), excerpt.Brief)), "RFC 9112, 6.2")
	}
	return out
}
