package conformance_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
)

// lawfulHTTP is why an answer may come in any form that HTTP knows.
const lawfulHTTP = "the page says nothing of it; RFC 9110"

// coded sends every answer in a content coding.
func coded(coding string, writer func(io.Writer) io.WriteCloser, asked func(r *http.Request) bool) wrapper {
	return answering(func(w *httptest.ResponseRecorder, r *http.Request, _ []byte) {
		if !asked(r) {
			return
		}
		var b bytes.Buffer
		z := writer(&b)
		_, _ = z.Write(w.Body.Bytes()) // a buffer takes everything
		_ = z.Close()
		w.Body = &b
		w.Header().Set("Content-Encoding", coding)
		w.Header().Set("Vary", "Accept-Encoding")
	})
}

func gzipped(w io.Writer) io.WriteCloser  { return gzip.NewWriter(w) }
func deflated(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }

// headed sets header fields of every answer.
func headed(fields ...string) wrapper {
	return answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) {
		for i := 0; i+1 < len(fields); i += 2 {
			w.Header().Set(fields[i], fields[i+1])
		}
	})
}

// typed gives every answer in JSON another Content-Type.
func typed(contentType string) wrapper {
	return answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) {
		if w.Header().Get("Content-Type") == "application/json" {
			w.Header().Set("Content-Type", contentType)
		}
	})
}

// worded writes every answer in JSON in other words.
func worded(change func(data []byte) []byte) wrapper {
	return answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) {
		if json.Valid(w.Body.Bytes()) {
			w.Body = bytes.NewBuffer(change(bytes.TrimSpace(w.Body.Bytes())))
		}
	})
}

// escaped writes every character of a text, names included, as an escape.
func escaped(data []byte, all bool) []byte {
	var b bytes.Buffer
	inText, raw := false, 0 // raw characters belong to an escape
	for _, r := range string(data) {
		switch {
		case raw > 0:
			if raw--; r == 'u' && raw == 0 && bytes.HasSuffix(b.Bytes(), []byte(`\`)) {
				raw = 4
			}
		case r == '\\':
			raw = 1
		case r == '"':
			inText = !inText
		case inText && (all || r > '~'):
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04X`, unit)
			}
			continue
		}
		b.WriteRune(r)
	}
	return b.Bytes()
}

// lawfulMessages are other forms of the same answer.
func lawfulMessages() []lawfulRow {
	always := func(*http.Request) bool { return true }
	return []lawfulRow{
		{name: "gzip-always", what: "Every answer is compressed, whatever was asked for", level: "must",
			source: "RFC 9110, 12.5.3: a server should, and need not, heed Accept-Encoding", wrap: coded("gzip", gzipped, always)},
		{name: "gzip-if-not-refused", what: "An answer is compressed unless Accept-Encoding leaves gzip out", level: "should",
			source: "RFC 9110, 12.5.3: without Accept-Encoding any coding is acceptable", wrap: coded("gzip", gzipped, func(r *http.Request) bool {
				accept, sent := r.Header["Accept-Encoding"]
				return !sent || strings.Contains(strings.Join(accept, ","), "gzip") || strings.Contains(strings.Join(accept, ","), "*")
			})},
		{name: "deflate-always", what: "Every answer is compressed with deflate", level: "must",
			source: "RFC 9110, 8.4.1.2 and 12.5.3", wrap: coded("deflate", deflated, always)},
		{name: "charset", what: "Content-Type has a charset", source: lawfulHTTP + ", 8.3.2", level: "should", wrap: typed("application/json;charset=utf-8")},
		{name: "charset-quoted", what: "Content-Type has a charset in quotes and upper case", source: lawfulHTTP + ", 8.3.1 and 8.3.2", level: "should",
			wrap: typed(`application/json; charset="UTF-8"`)},
		{name: "content-type-upper-case", what: "Content-Type is written Application/JSON", source: lawfulHTTP + ", 8.3.1", level: "should", wrap: typed("Application/JSON")},
		{name: "pretty-printed", what: "JSON is indented", source: "RFC 8259, 2", level: "should", wrap: worded(func(data []byte) []byte {
			var b bytes.Buffer
			_ = json.Indent(&b, data, "", "    ") // it is valid
			return b.Bytes()
		})},
		{name: "blanks-around", what: "Blanks and line feeds stand before and behind the JSON", source: "RFC 8259, 2", level: "should",
			wrap: worded(func(data []byte) []byte { return []byte("\r\n\t " + string(data) + " \r\n\n") })},
		{name: "no-line-feed", what: "No line feed stands behind the JSON", source: "RFC 8259, 2", level: "should", wrap: worded(func(data []byte) []byte { return data })},
		{name: "non-ascii-escaped", what: "Characters outside ASCII are escaped", source: "RFC 8259, 7", level: "should",
			wrap: worded(func(data []byte) []byte { return escaped(data, false) })},
		{name: "all-escaped", what: "Every character of a text is escaped", source: "RFC 8259, 7 and 8.3: the text is the same", level: "must",
			wrap: worded(func(data []byte) []byte { return escaped(data, true) })},
		{name: "solidus-escaped", what: "Every solidus is escaped, as PHP does", source: "RFC 8259, 7", level: "should",
			wrap: worded(func(data []byte) []byte { return bytes.ReplaceAll(data, []byte("/"), []byte(`\/`)) })},
		{name: "members-sorted", what: "Members come in the order of their names", source: "RFC 8259, 4: an object has no order", level: "should",
			wrap: worded(func(data []byte) []byte {
				if body, ok := decodeObject(data); ok {
					return encode(body)
				}
				return data
			})},
		{name: "integers-with-fraction", what: "Integers come back as 60.0", level: "must",
			source: "RFC 8259, 6: it is the same number; that clients refuse it is known from SDK alone", wrap: created(func(got, _ object) {
				walk(got, func(_ string, _ bool, value any) any {
					if number, ok := value.(json.Number); ok {
						return number + ".0"
					}
					return value
				})
			})},
	}
}

// interim sends an interim answer before every answer.
func interim(status int, fields ...string) wrapper {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for i := 0; i+1 < len(fields); i += 2 {
				w.Header().Set(fields[i], fields[i+1])
			}
			w.WriteHeader(status)
			clear(w.Header())
			h.ServeHTTP(w, r)
		})
	}
}

// oldProtocol answers in HTTP/1.0, without a length, and hangs up.
func oldProtocol(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = readBody(r)
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			deliver(w, recorder)
			return
		}
		defer func() { _ = c.Close() }()
		_, _ = fmt.Fprintf(c, "HTTP/1.0 %d %s\r\n", recorder.Code, http.StatusText(recorder.Code))
		_ = recorder.Header().Write(c)
		_, _ = io.WriteString(c, "\r\n"+recorder.Body.String())
	})
}

// inPieces sends the body of every answer in chunks.
func inPieces(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		for recorder.Body.Len() > 0 {
			_, _ = w.Write(recorder.Body.Next(97))
			_ = http.NewResponseController(w).Flush()
		}
	})
}

// lawfulTransports are other ways to bring an answer.
func lawfulTransports() []lawfulRow {
	return []lawfulRow{
		{name: "close-after-each", what: "The connection is closed after every answer", source: "RFC 9112, 9.6", level: "should", wrap: headed("Connection", "close")},
		{name: "close-after-seven", what: "The connection is closed after every seventh answer", source: "RFC 9112, 9.6", level: "should", wrap: everyNth(7, "Connection", "close")},
		{name: "idle-connections-closed", what: "A connection that is not used for a millisecond is closed", source: "RFC 9112, 9.5: at any time", level: "should",
			serve: func(t testing.TB, h http.Handler) string {
				s := httptest.NewUnstartedServer(h)
				s.Config.IdleTimeout = time.Millisecond
				s.Start()
				t.Cleanup(s.Close)
				return s.URL
			}},
		{name: "chunked", what: "Every answer comes in chunks", source: "RFC 9112, 7.1", level: "should", wrap: inPieces},
		{name: "http-1.0", what: "Every answer is one of HTTP/1.0, whose end is that of the connection", source: "RFC 9112, 6.3", level: "should", wrap: oldProtocol},
		{name: "path-prefix", what: "The API is below a path", source: "the page names no base", level: "should",
			serve: func(t testing.TB, h http.Handler) string {
				return serve(t, http.StripPrefix("/gateway/vpn", h)) + "/gateway/vpn"
			}},
		{name: "path-prefix-slash", what: "The API is below a path that is given with a slash at its end", source: "the page names no base", level: "should",
			serve: func(t testing.TB, h http.Handler) string { return serve(t, http.StripPrefix("/vpn", h)) + "/vpn/" }},
		{name: "more-header-fields", what: "An answer has the header fields of proxies and frameworks", source: lawfulHTTP + ", 5.1: others are ignored", level: "should",
			wrap: headed("Server", "api-gateway", "Via", "1.1 proxy", "Cache-Control", "no-store", "Strict-Transport-Security", "max-age=31536000",
				"Set-Cookie", "session=1; Path=/", "ETag", `W/"1"`, "X-Frame-Options", "SAMEORIGIN", "Header-Response-Token", "x", "Location", "/v5/x/vpn-connection/y")},
		{name: "header-lower-case", what: "The names of header fields are in lower case", source: lawfulHTTP + ", 5.1", level: "should",
			wrap: answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) {
				for name, values := range w.Header().Clone() {
					w.Header()[name] = nil
					w.Header()[strings.ToLower(name)] = values
				}
			})},
		{name: "continue-always", what: "100 Continue comes before every answer", source: lawfulHTTP + ", 15.2: a client expects interim answers", level: "should", wrap: interim(http.StatusContinue)},
		{name: "early-hints", what: "103 Early Hints comes before every answer", source: "RFC 8297", level: "should", wrap: interim(http.StatusEarlyHints, "Link", "</a.css>; rel=preload")},
		{name: "processing", what: "102 Processing comes before every answer", source: "RFC 2518, 10.1; RFC 9110, 15.2", level: "should", wrap: interim(http.StatusProcessing)},
		{name: "length-required", what: "A request without Content-Length is refused with 411", alarm: "CreateVpnConnection/transport/chunked", source: "RFC 9112, 6.3: a server may", level: "should",
			wrap: func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.ContentLength < 0 {
						saysWith(http.StatusLengthRequired, "application/json",
							`{"error_code":"APIG.0201","error_msg":"Content-Length is required","request_id":"`+strconv.FormatInt(time.Now().UnixNano(), 16)+`"}`)(w, r)
						return
					}
					h.ServeHTTP(w, r)
				})
			}},
		{name: "request-codings", what: "A request in gzip is decoded", source: "RFC 9110, 8.4: Content-Encoding says how; the page says nothing", level: "must",
			wrap: func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if data, ok := readBody(r); ok && r.Header.Get("Content-Encoding") == "gzip" {
						if z, err := gzip.NewReader(bytes.NewReader(data)); err == nil {
							if plain, err := io.ReadAll(io.LimitReader(z, largestRead)); err == nil {
								setBody(r, plain)
								r.Header.Del("Content-Encoding")
							}
						}
					}
					h.ServeHTTP(w, r)
				})
			}},
	}
}

// everyNth sets a header field in every nth answer.
func everyNth(n int, name, value string) wrapper {
	count := 0
	mutex := make(chan struct{}, 1)
	return answering(func(w *httptest.ResponseRecorder, _ *http.Request, _ []byte) {
		mutex <- struct{}{}
		if count++; count%n == 0 {
			w.Header().Set(name, value)
		}
		<-mutex
	})
}
