package client

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"
)

// exchange sends a request and reads the answer.
func exchange(ctx context.Context, through *http.Client, o Request) (*Answer, error) {
	req, err := o.request(ctx)
	if err != nil {
		return nil, err
	}
	var early earlyFields
	var on atomic.Pointer[wire]
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		Got1xxResponse: early.add,
		GotConn: func(info httptrace.GotConnInfo) {
			if w, ok := info.Conn.(*wire); ok {
				w.begin()
				on.Store(w)
			}
		},
	}))
	resp, err := through.Do(req)
	if err != nil {
		return nil, cause(err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := &Answer{Status: resp.StatusCode, Header: inText(resp.Header), Reason: textOf(resp.Status), Early: inText(early.all()), Odd: oddities(resp, on.Load())}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return a, nil // what follows is no answer, and has no deadline
	}
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("the answer broke off after %d bytes: %w", len(a.Body), err)
	}
	a.Trailer = inText(resp.Trailer) // known now that the body is read
	if len(a.Body) > MaxAnswer {
		a.Body, a.Truncated = a.Body[:MaxAnswer], true
	}
	a.decode()
	return a, nil
}

// inText returns header fields as text: see textOf.
func inText(fields http.Header) http.Header {
	out := make(http.Header, len(fields))
	for name, values := range fields {
		for _, value := range values {
			out[textOf(name)] = append(out[textOf(name)], textOf(value))
		}
	}
	return out
}

// textOf is the text of a header field. A byte that is no UTF-8 is a character of
// ISO-8859-1, as it once was in HTTP (RFC 9110, 5.5): a report has to be able to
// keep what was judged, and a secret is looked for in text.
func textOf(field string) string {
	if utf8.ValidString(field) {
		return field
	}
	runes := make([]rune, 0, len(field))
	for _, b := range []byte(field) {
		runes = append(runes, rune(b))
	}
	return string(runes)
}

// earlyFields are the header fields of answers before the last, which net/http
// may go on to give when the exchange is over.
type earlyFields struct {
	mu     sync.Mutex
	fields http.Header
	size   int
}

// mostEarly is the number of bytes of such fields that are kept: as many as
// net/http takes of those of the last answer.
const mostEarly = 64 << 10

// perField is what a field takes beside its bytes, as HTTP/2 counts it: one without
// a value is not free.
const perField = 32

func (e *earlyFields) add(_ int, header textproto.MIMEHeader) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fields == nil {
		e.fields = http.Header{}
	}
	for name, values := range header {
		for _, value := range values {
			e.size += len(name) + len(value) + perField
		}
		if e.size > mostEarly {
			return errors.New("the answers before the last have too many header fields")
		}
		e.fields[name] = append(e.fields[name], values...)
	}
	return nil
}

func (e *earlyFields) all() http.Header {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.fields.Clone()
}

// mostCodings is the number of codings of a body, one within another, that are
// undone. A header has room for thousands, and each may take a megabyte.
const mostCodings = 4

// decode undoes the codings of the body that are known, as net/http does: the
// header field is then gone. No coding is asked for, and any is lawful.
func (a *Answer) decode() {
	codings := strings.FieldsFunc(strings.Join(a.Header.Values("Content-Encoding"), ","), func(r rune) bool { return r == ',' || r == ' ' })
	if len(a.Body) == 0 {
		return
	}
	if len(codings) == 0 { // a field that names none is as good as none
		a.Header.Del("Content-Encoding")
	}
	if len(codings) > mostCodings {
		a.Coding = fmt.Sprintf("%s, and %d more", strings.Join(codings[:mostCodings], ", "), len(codings)-mostCodings)
		return
	}
	body := a.Body
	for i := len(codings) - 1; i >= 0; i-- {
		var err error
		if body, err = decoded(strings.ToLower(codings[i]), body); err != nil {
			a.Coding = strings.Join(codings, ", ")
			return
		}
	}
	if len(codings) > 0 {
		a.Header.Del("Content-Encoding")
		a.Header.Del("Content-Length")
	}
	if a.Body = body; len(body) > MaxAnswer {
		a.Body, a.Truncated = body[:MaxAnswer], true
	}
}

// decoded undoes one coding, of not much more than MaxAnswer bytes.
func decoded(coding string, body []byte) ([]byte, error) {
	var reader io.Reader
	var err error
	switch coding {
	case "identity":
		return body, nil
	case "gzip", "x-gzip":
		reader, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate": // with a header of zlib, or without as some send it
		if reader, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
			reader, err = flate.NewReader(bytes.NewReader(body)), nil
		}
	default:
		return nil, fmt.Errorf("coding %q is not known", coding)
	}
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(reader, MaxAnswer+1))
}

// errEarly is why there is no exchange with a target that does not wait to be asked.
var errEarly = errors.New("the target sent an answer before the request")

// notAsked begins what net/http says of a connection that failed or had bytes before
// the request was sent. It names a function of its own, and has no type.
const notAsked = "readLoopPeekFailLocked: "

// cause drops what net/http says of the method, the URL and itself.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	_, why, inside := strings.Cut(err.Error(), notAsked)
	switch {
	case !inside:
		return err
	case strings.HasPrefix(why, "%!w"): // there were bytes, and no error
		return errEarly
	}
	for strings.Contains(err.Error(), notAsked) && errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return fmt.Errorf("the connection broke before the request was sent: %w", err)
}

// stray says why what came is no answer of the implementation, if it is none: a
// proxy before it could not reach it, or the connection broke before the answer.
func stray(a *Answer, err error) string {
	switch {
	case err == nil && (a.Status == http.StatusBadGateway || a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") == "" || a.Status == http.StatusGatewayTimeout):
		return fmt.Sprintf("it answered %d", a.Status)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was closed before the answer"
	}
	return ""
}

// strays counts what is no answer of the implementation. One in a while is the
// network's; one after another is the implementation's own, and judged.
type strays struct{ requests, met atomic.Int64 }

// allow reports whether a request may be sent again.
func (s *strays) allow(try int) bool {
	const tries, free, oneIn = 2, 4, 50
	s.met.Add(1)
	if try >= tries || s.met.Load() > free+s.requests.Load()/oneIn {
		return false
	}
	time.Sleep(20 * time.Millisecond << try)
	return true
}
