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
func exchange(ctx context.Context, over *http.Client, o Request) (*Answer, error) {
	req, err := o.httpRequest(ctx)
	if err != nil {
		return nil, err
	}
	var early earlyFields
	var on atomic.Pointer[wire]
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		Got1xxResponse: early.add,
		GotConn: func(info httptrace.GotConnInfo) {
			if w, ok := info.Conn.(*wire); ok {
				w.reset()
				on.Store(w)
			}
		},
	}))
	resp, err := over.Do(req)
	if err != nil {
		return nil, shortenError(err)
	}
	defer func() { _ = resp.Body.Close() }()
	a := &Answer{Status: resp.StatusCode, Header: decodeFields(resp.Header), Reason: decodeField(resp.Status), Early: decodeFields(early.copy()), Oddities: oddities(resp, on.Load())}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return a, nil // the bytes behind it are no answer, and have no deadline
	}
	a.Body, err = io.ReadAll(io.LimitReader(resp.Body, MaxAnswer+1))
	if err != nil {
		return nil, fmt.Errorf("the answer broke off after %d bytes: %w", len(a.Body), err)
	}
	a.Trailer = decodeFields(resp.Trailer) // complete only after the body
	if len(a.Body) > MaxAnswer {
		a.Body, a.Truncated = a.Body[:MaxAnswer], true
	}
	a.decode()
	return a, nil
}

// decodeFields decodes header fields: see decodeField.
func decodeFields(fields http.Header) http.Header {
	out := make(http.Header, len(fields))
	for name, values := range fields {
		for _, value := range values {
			out[decodeField(name)] = append(out[decodeField(name)], decodeField(value))
		}
	}
	return out
}

// decodeField returns a header field as text. A byte that is not UTF-8 is a character of
// ISO-8859-1, as it once was in HTTP (RFC 9110, 5.5): a report has to keep what was
// judged, and secrets are searched in text.
func decodeField(field string) string {
	if utf8.ValidString(field) {
		return field
	}
	runes := make([]rune, 0, len(field))
	for _, b := range []byte(field) {
		runes = append(runes, rune(b))
	}
	return string(runes)
}

// earlyFields are the header fields of earlier answers. They have a lock because net/http
// may add some after the exchange.
type earlyFields struct {
	mu     sync.Mutex
	fields http.Header
	size   int
}

// mostEarly is the number of bytes of early fields that are kept, the same as net/http
// accepts in the last answer.
const mostEarly = 64 << 10

// perField is the size of a field beside its bytes, as HTTP/2 counts it: a field without
// a value is not free.
const perField = 32

// add adds the header fields of an earlier answer, up to a limit.
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

// copy returns a copy of the fields so far.
func (e *earlyFields) copy() http.Header {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.fields.Clone()
}

// mostCodings is the number of nested codings of a body that are undone. A header has
// room for thousands, and each may take a megabyte.
const mostCodings = 4

// decode undoes the known codings of the body, as net/http does, and removes the header
// field. The client asks for no coding, but any is lawful.
func (a *Answer) decode() {
	codings := strings.FieldsFunc(strings.Join(a.Header.Values("Content-Encoding"), ","), func(r rune) bool { return r == ',' || r == ' ' })
	if len(a.Body) == 0 {
		return
	}
	if len(codings) == 0 { // an empty field means no coding
		a.Header.Del("Content-Encoding")
	}
	if len(codings) > mostCodings {
		a.Coding = fmt.Sprintf("%s, and %d more", strings.Join(codings[:mostCodings], ", "), len(codings)-mostCodings)
		return
	}
	body := a.Body
	for i := len(codings) - 1; i >= 0; i-- {
		var err error
		if body, err = undoCoding(strings.ToLower(codings[i]), body); err != nil {
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

// undoCoding undoes one coding, of not much more than MaxAnswer bytes.
func undoCoding(coding string, body []byte) ([]byte, error) {
	var reader io.Reader
	var err error
	switch coding {
	case "identity":
		return body, nil
	case "gzip", "x-gzip":
		reader, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate": // some targets leave out the zlib header
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

// errUnasked says that the target sent an answer before it was asked.
var errUnasked = errors.New("the target sent an answer before the request")

// readLoopPrefix begins the error of net/http for a connection that failed, or had bytes,
// before the request was sent. It contains the name of a function and has no type.
const readLoopPrefix = "readLoopPeekFailLocked: "

// shortenError removes from an error of net/http the method, the URL and its own names.
func shortenError(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	_, why, inside := strings.Cut(err.Error(), readLoopPrefix)
	switch {
	case !inside:
		return err
	case strings.HasPrefix(why, "%!w"): // there were bytes, and no error
		return errUnasked
	}
	for strings.Contains(err.Error(), readLoopPrefix) && errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return fmt.Errorf("the connection broke before the request was sent: %w", err)
}

// strayReason says why an answer or an error is not from the implementation: a proxy
// could not reach it, or the connection broke before the answer. It is empty otherwise.
func strayReason(a *Answer, err error) string {
	switch {
	case err == nil && (a.Status == http.StatusBadGateway || a.Status == http.StatusServiceUnavailable && a.Header.Get("Retry-After") == "" || a.Status == http.StatusGatewayTimeout):
		return fmt.Sprintf("it answered %d", a.Status)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection was closed before the answer"
	}
	return ""
}

// strays counts such answers. A few are the network's fault; one after another is the
// implementation's own behaviour, and is judged.
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
