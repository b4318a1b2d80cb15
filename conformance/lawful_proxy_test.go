package conformance_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The words of a proxy before the service.
const (
	nginx502 = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	notReady = `{"error_code":"VPN.0016","error_msg":"VPN gateway is not ready, please try again later","request_id":"0"}`
	tooMany  = `{"error_code":"VPN.0429","error_msg":"Too Many Request, Please try again later","request_id":"0"}`
	busy     = `{"error_code":"VPN.0030","error_msg":"The system is busy, please try later.","request_id":"0"}`
)

// routed answers another path or method as a router before the service does,
// which knows nothing of it.
func routed(contentType string, body func(status int) string) wrapper {
	return refusal(func(w *httptest.ResponseRecorder) {
		said := message(w)
		if w.Code != http.StatusMethodNotAllowed && said != "resource not found: path" {
			return
		}
		clear(w.Header())
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.Body = bytes.NewBufferString(body(w.Code))
	})
}

// before answers some requests before the reference sees them.
func before(first func(w http.ResponseWriter, r *http.Request) bool) wrapper {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !first(w, r) {
				h.ServeHTTP(w, r)
			}
		})
	}
}

// lawfulRouters are answers at another path and to another method.
func lawfulRouters() []lawfulRow {
	const router = "the page says nothing of other paths and methods, and a router knows nothing of the page"
	page := func(status int) string { return "<html><h1>" + http.StatusText(status) + "</h1></html>\n" }
	return []lawfulRow{
		{name: "router-text", what: "404 and 405 of a router are plain text", source: router, level: "should",
			wrap: routed("text/plain; charset=utf-8", func(status int) string { return http.StatusText(status) + "\n" })},
		{name: "router-html", what: "404 and 405 of a router are HTML", source: router, level: "should", wrap: routed("text/html", page)},
		{name: "router-empty", what: "404 and 405 of a router have no body", source: router, level: "should", wrap: routed("", func(int) string { return "" })},
		{name: "router-json", what: "404 and 405 of a router are JSON of its own", source: router, level: "should",
			wrap: routed("application/json", func(status int) string { return `{"message":"` + http.StatusText(status) + `"}` })},
		{name: "method-not-found", what: "Another method is not found", source: router + "; RFC 9110, 15.5.5", level: "must",
			wrap: refusal(func(w *httptest.ResponseRecorder) {
				if w.Code == http.StatusMethodNotAllowed {
					w.Code = http.StatusNotFound
				}
			})},
		{name: "method-not-implemented", what: "Another method is answered with 501", source: "RFC 9110, 9.1: the server does not implement it", level: "must",
			wrap: refusal(func(w *httptest.ResponseRecorder) {
				if w.Code == http.StatusMethodNotAllowed {
					w.Code = http.StatusNotImplemented
				}
			})},
		{name: "list", what: "GET lists the connections, HEAD and OPTIONS answer too", source: "OTC-LIST: GET on the path; RFC 9110, 9.3", level: "should",
			wrap: before(func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case r.Method == http.MethodOptions:
					w.Header().Set("Allow", "GET, HEAD, OPTIONS, POST")
					w.WriteHeader(http.StatusNoContent)
				case (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.HasSuffix(r.URL.Path, "/vpn-connection"):
					saysWith(http.StatusOK, "application/json", `{"vpn_connections":[],"page_info":{"current_count":0},"total_count":0,"request_id":"0"}`)(w, r)
				default:
					return false
				}
				return true
			})},
		{name: "slash-accepted", what: "A slash behind the path changes nothing", source: router, level: "must",
			wrap: func(h http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
					r.URL.RawPath = strings.TrimSuffix(r.URL.RawPath, "/")
					h.ServeHTTP(w, r)
				})
			}},
		{name: "slash-redirected", what: "A slash behind the path is redirected to the path without", source: router, level: "must",
			wrap: before(func(w http.ResponseWriter, r *http.Request) bool {
				short := strings.TrimSuffix(r.URL.Path, "/")
				if short == r.URL.Path || short == "" {
					return false
				}
				http.Redirect(w, r, short, http.StatusPermanentRedirect)
				return true
			})},
	}
}

// resetBy resets the connection of a request.
func resetBy(w http.ResponseWriter) {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // it is reset, and not closed in order
	}
	_ = c.Close()
}

// limited does something else with a request whose body is larger than 1 MB.
func limited(otherwise func(w http.ResponseWriter, r *http.Request)) wrapper {
	return before(func(w http.ResponseWriter, r *http.Request) bool {
		const limit = 1_000_000
		if r.ContentLength > limit {
			otherwise(w, r)
			return true
		}
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		return false
	})
}

// lawfulSizes are ways to refuse a large body.
func lawfulSizes() []lawfulRow {
	const early = "RFC 9110, 15.5.14: a server may close the connection"
	return []lawfulRow{
		{name: "limit-1-mb", what: "A body of more than 1 MB is refused with 413", alarm: "transport/body-*", source: "RFC 9110, 15.5.14; OTC-AUTH has 12 MB for signed bodies, the page no limit", level: "should",
			wrap: limited(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				saysWith(http.StatusRequestEntityTooLarge, "application/json", `{"error_code":"APIG.0201","error_msg":"Request entity too large","request_id":"0"}`)(w, r)
			})},
		{name: "limit-early", what: "A body of more than 1 MB is refused with 413 before it is read", alarm: "transport/body-*", source: early, level: "should",
			wrap: limited(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Connection", "close")
				http.Error(w, "request body too large", http.StatusRequestEntityTooLarge)
			})},
		{name: "limit-reset", what: "The connection is reset while a body of more than 1 MB comes", source: early, level: "should",
			wrap: limited(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.CopyN(io.Discard, r.Body, 64<<10)
				resetBy(w)
			})},
		{name: "limit-closed", what: "The connection is closed before a body of more than 1 MB is read", source: early, level: "should",
			wrap: limited(func(w http.ResponseWriter, _ *http.Request) { resetBy(w) })},
	}
}

// slow waits before one answer of every n.
func slow(n int64, pause time.Duration) wrapper {
	return func(h http.Handler) http.Handler {
		return seldom(n, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(pause)
			h.ServeHTTP(w, r)
		})(h)
	}
}

// throttled answers so many requests a second, and tells others to come again.
func throttled(rate int) wrapper {
	var mutex sync.Mutex
	var second int64
	var count int
	return before(func(w http.ResponseWriter, r *http.Request) bool {
		mutex.Lock()
		if now := time.Now().Unix(); now != second {
			second, count = now, 0
		}
		count++
		over := count > rate
		mutex.Unlock()
		if over {
			saysWith(http.StatusTooManyRequests, "application/json", tooMany, "Retry-After", "1")(w, r)
		}
		return over
	})
}

// lawfulHiccups are what happens once in a while between a client and a service.
func lawfulHiccups() []lawfulRow {
	const proxy = "RFC 9110, 15.6: it is the proxy's answer, not the implementation's; OTC-ST lists 502 to 504"
	const json = "application/json"
	rows := []lawfulRow{
		{name: "slow-in-fifty", what: "One answer in fifty takes two seconds", source: "no source says how long an answer may take", level: "should", jobs: 16, wrap: slow(50, 2*time.Second)},
		{name: "busy-409", what: "The gateway is not ready once in 200 requests", source: "OTC-ERR, VPN.0016", level: "should", wrap: seldom(200, saysWith(http.StatusConflict, json, notReady))},
		{name: "busy-400", what: "The system is busy once in 200 requests", source: "OTC-ERR, VPN.0030 with 400", level: "should", wrap: seldom(200, saysWith(http.StatusBadRequest, json, busy))},
		{name: "busy-429-at-once", what: "There are too many requests once in 200, to be sent again at once", source: "OTC-ERR, VPN.0429; RFC 6585, 4", level: "should",
			wrap: seldom(200, saysWith(http.StatusTooManyRequests, json, tooMany, "Retry-After", "0"))},
		{name: "busy-429-in-a-second", what: "There are too many requests once in 200, to be sent again in a second", source: "OTC-ERR, VPN.0429; RFC 6585, 4", level: "should",
			wrap: seldom(200, saysWith(http.StatusTooManyRequests, json, tooMany, "Retry-After", "1"))},
		{name: "busy-429-plain", what: "There are too many requests once in 200, in the plain text of a proxy", source: "RFC 6585, 4", level: "should",
			wrap: seldom(200, saysWith(http.StatusTooManyRequests, "text/plain", "rate limited\n"))},
		{name: "throttled", what: "Two hundred requests a second are answered, the others told to come again in a second", source: "OTC-ERR, VPN.0429; RFC 6585, 4", level: "should", wrap: throttled(200)},
		{name: "reset-in-300", what: "One connection in 300 requests is reset before the answer", source: "RFC 9112, 9.6: a network fails", level: "should",
			wrap: seldom(300, func(w http.ResponseWriter, r *http.Request) {
				_, _ = readBody(r)
				resetBy(w)
			})},
	}
	for _, status := range []int{http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout} {
		text := strings.ReplaceAll(nginx502, "502 Bad Gateway", http.StatusText(status))
		rows = append(rows, lawfulRow{
			name: "proxy-" + strconv.Itoa(status), what: "A proxy answers one request in 200 by itself", source: proxy, level: "should",
			wrap: seldom(200, saysWith(status, "text/html", text)),
		})
	}
	return slices.Concat(rows, []lawfulRow{{
		name: "proxy-after-creating", what: "A proxy answers one request in 200 by itself after the service has created the connection",
		source: proxy, level: "should", wrap: func(h http.Handler) http.Handler {
			return seldom(200, func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(httptest.NewRecorder(), r)
				saysWith(http.StatusGatewayTimeout, "text/html", nginx502)(w, r)
			})(h)
		},
	}})
}

// lawfulStatuses are answers that a gateway before the service gives.
func lawfulStatuses() []lawfulRow {
	return []lawfulRow{{
		name: "project-unknown-401", what: "Another project is refused as a token of another project is", level: "must",
		source: "OTC-AUTH: a token is of a project; OTC-ERR, VPN.0010 with 401",
		wrap: answering(func(w *httptest.ResponseRecorder, r *http.Request, _ []byte) {
			if w.Code == http.StatusNotFound && !inProject(r) {
				w.Code = http.StatusUnauthorized
			}
		}),
	}}
}
