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

// mostOnWire is the number of bytes of an answer's beginning that are kept as they came:
// net/http drops what it repairs.
const mostOnWire = 68 << 10

// wire is a connection that keeps the beginning of an answer. Under TLS these bytes are
// encrypted and show nothing.
type wire struct {
	net.Conn
	mu        sync.Mutex
	beginning []byte
}

// dial opens a connection that keeps the beginning of answers.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &wire{Conn: c}, nil
}

// reset forgets the last answer.
func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.beginning = nil
}

// Read reads, and keeps the beginning.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	if n > mostOnWire-len(w.beginning) {
		if rest := skipEarly(w.beginning); len(rest) < len(w.beginning) {
			w.beginning = bytes.Clone(rest)
		}
	}
	w.beginning = append(w.beginning, p[:min(n, mostOnWire-len(w.beginning))]...)
	return n, err
}

// headerLines are the lines of the last header, without those of earlier answers.
func (w *wire) headerLines() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	header, _ := cutHeader(skipEarly(w.beginning))
	return strings.Split(strings.ReplaceAll(string(header), "\r\n", "\n"), "\n")[1:]
}

// skipEarly returns the bytes behind the headers of earlier answers, those with 1xx.
func skipEarly(rest []byte) []byte {
	for {
		header, after := cutHeader(rest)
		line, _, _ := bytes.Cut(header, []byte("\n"))
		if _, code, _ := strings.Cut(string(line), " "); after == nil || !strings.HasPrefix(code, "1") || strings.HasPrefix(code, "101") {
			return rest
		}
		rest = after
	}
}

// cutHeader cuts a header from the bytes behind it, nil if it does not end. Its lines may
// end without a carriage return: net/http accepts that.
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

// fieldValue is the value of the first field with a name, and whether there is one.
func fieldValue(fields []string, name string) (string, bool) {
	for _, field := range fields {
		if n, v, _ := strings.Cut(field, ":"); strings.EqualFold(n, name) {
			return strings.TrimSpace(v), true
		}
	}
	return "", false
}

// versions are the versions of HTTP that net/http speaks.
var versions = []string{"HTTP/1.0", "HTTP/1.1", "HTTP/2.0"}

// oddities notes what HTTP does not allow and clients read in different ways. No page
// speaks of it, so that it fails no case.
func oddities(resp *http.Response, w *wire) []report.Difference {
	var out []report.Difference
	add := func(pointer, got, why, source string) {
		out = append(out, report.Difference{
			Pointer: pointer, Kind: "unexpected", Got: excerpt.Shorten(decodeField(got), excerpt.Most), Why: why, Level: string(openapi.May), Source: source,
		})
	}
	if !slices.Contains(versions, resp.Proto) {
		add("/status", resp.Proto, "the version of HTTP is none of "+strings.Join(versions, ", "), "RFC 9110, 2.5")
	}
	if w == nil {
		return out
	}
	fields := w.headerLines()
	length, hasLength := fieldValue(fields, "Content-Length")
	if coding, chunked := fieldValue(fields, "Transfer-Encoding"); hasLength && chunked {
		add("/headers/Content-Length", length, fmt.Sprintf("an answer with Transfer-Encoding %q has no Content-Length: where it ends is read in two ways", excerpt.Shorten(decodeField(coding), excerpt.Brief)), "RFC 9112, 6.2")
	}
	return out
}
