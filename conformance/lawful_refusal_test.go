package conformance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
)

// noErrorSide is why a refusal may look like anything: of one, the page's own
// word is only that the request is not carried out.
const noErrorSide = "errata.yaml, errors-absent: the page has the status 201 and a link, and nothing of a refusal"

// message returns the sentence of a refusal of the reference.
func message(w *httptest.ResponseRecorder) string {
	body, _ := decodeObject(w.Body.Bytes())
	sentence, _ := body["error_msg"].(string)
	return sentence
}

// refusalStatus gives every refusal another status.
func refusalStatus(status int) wrapper {
	return refusal(func(w *httptest.ResponseRecorder) { w.Code = status })
}

// refusalBody gives every refusal another body.
func refusalBody(contentType string, body func(w *httptest.ResponseRecorder) string) wrapper {
	return refusal(func(w *httptest.ResponseRecorder) {
		text := body(w)
		if w.Header().Del("Content-Type"); contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.Body = bytes.NewBufferString(text)
	})
}

// refusalJSON gives every refusal another JSON body.
func refusalJSON(body func(w *httptest.ResponseRecorder) any) wrapper {
	return refusalBody("application/json", func(w *httptest.ResponseRecorder) string { return string(encode(body(w))) })
}

// lawfulRefusals are the statuses of a refusal.
func lawfulRefusals() []lawfulRow {
	return []lawfulRow{
		{
			name: "refusal-status-422", what: "Every refusal has the status 422, as web frameworks have it",
			source: noErrorSide + "; RFC 9110, 15.5.21", level: "must", wrap: refusalStatus(http.StatusUnprocessableEntity),
		},
		{
			name: "refusal-status-404", what: "Every refusal has the status 404",
			source: noErrorSide + "; RFC 9110, 15.5.5", level: "must", wrap: refusalStatus(http.StatusNotFound),
		},
		{
			name: "refusal-status-409", what: "Every refusal has the status 409, and a code that does not say busy",
			source: noErrorSide + "; RFC 9110, 15.5.10", level: "must", wrap: refusalStatus(http.StatusConflict),
		},
		{
			name: "refusal-status-403", what: "Every refusal has the status 403",
			source: noErrorSide + "; RFC 9110, 15.5.4", level: "must", wrap: refusalStatus(http.StatusForbidden),
		},
		{
			name: "refusal-status-400", what: "Every refusal has the status 400, that of another path or method too",
			source: noErrorSide, level: "must", wrap: refusalStatus(http.StatusBadRequest),
		},
		{
			name: "refusal-status-406", what: "Every refusal has the status 406",
			source: noErrorSide + "; OTC-ST lists 406", level: "must", wrap: refusalStatus(http.StatusNotAcceptable),
		},
		{
			name: "refusal-status-499", what: "Every refusal has a status that nobody has registered",
			source: noErrorSide + "; RFC 9110, 15: a client treats an unknown 4xx as 400", level: "must", wrap: refusalStatus(499),
		},
		{
			name: "refusal-content-type-415", what: "A Content-Type that is not JSON is refused with 415",
			source: "RFC 9110, 15.5.16: 415 is the status for it", level: "should",
			wrap: answering(func(w *httptest.ResponseRecorder, r *http.Request, _ []byte) {
				if w.Code == http.StatusBadRequest && strings.Contains(message(w), "Content-Type") {
					w.Code = http.StatusUnsupportedMediaType
				}
			}),
		},
		{
			name: "identifier-malformed-404", what: "A malformed identifier is not found, as an unknown one is",
			source: "OTC-ERR, VPN.0004 and VPN.0509 with 404; the page says nothing", level: "should",
			wrap: answering(func(w *httptest.ResponseRecorder, _ *http.Request, sent []byte) {
				request, _ := decodeObject(sent)
				for _, name := range []string{"vgw_id", "cgw_id"} {
					if id, _ := connection(request)[name].(string); id != "" && !groups.MatchString(id) && w.Code == http.StatusBadRequest {
						w.Code = http.StatusNotFound
					}
				}
			}),
		},
		unknownObject("unknown-400", "A gateway or customer gateway that does not exist is refused with 400",
			"OTC-ERR, VPN.0001 with 400; TF turns such a 400 for a monitor that does not exist into a 404", "should", http.StatusBadRequest),
		unknownObject("unknown-403", "A gateway or customer gateway that does not exist is refused with 403",
			noErrorSide+"; OTC-ERR, VPN.0007 with 403", "must", http.StatusForbidden),
		{
			name: "project-unknown-403", what: "Another project is forbidden",
			source: "OTC-ERR, VPN.0007 with 403: not authorized to perform", level: "should",
			wrap: answering(func(w *httptest.ResponseRecorder, r *http.Request, _ []byte) {
				if w.Code == http.StatusNotFound && !inProject(r) {
					w.Code = http.StatusForbidden
				}
			}),
		},
	}
}

// unknownObject answers with another status when something does not exist.
func unknownObject(name, what, source, level string, status int) lawfulRow {
	return lawfulRow{name: name, what: what, source: source, level: level, wrap: answering(
		func(w *httptest.ResponseRecorder, r *http.Request, _ []byte) {
			if w.Code == http.StatusNotFound && inProject(r) && message(w) != "resource not found: path" {
				w.Code = status
				if status == http.StatusBadRequest { // which has other codes than 404
					w.Body = bytes.NewBuffer(notFoundCode.ReplaceAll(w.Body.Bytes(), []byte("VPN.0001")))
				}
			}
		})}
}

// notFoundCode matches the codes that are documented with 404 alone.
var notFoundCode = regexp.MustCompile(`VPN\.0004|VPN\.0509`)

// groups matches a well-formed identifier.
var groups = regexp.MustCompile(`^[0-9A-Za-z]{8}(-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}$`)

// inProject reports whether a request is one of the default environment's project.
func inProject(r *http.Request) bool {
	return strings.Contains(r.URL.Path, "/0605767ae480d51b2f0bc00d8e7a9b3f/")
}

// lawfulRefusalForms are the bodies of a refusal.
func lawfulRefusalForms() []lawfulRow {
	return []lawfulRow{
		{
			name: "refusal-text", what: "A refusal is a line of plain text", source: noErrorSide, level: "must",
			wrap: refusalBody("text/plain; charset=utf-8", func(w *httptest.ResponseRecorder) string { return message(w) + "\n" }),
		},
		{
			name: "refusal-html", what: "A refusal is a page of HTML", source: noErrorSide, level: "must",
			wrap: refusalBody("text/html", func(w *httptest.ResponseRecorder) string {
				return "<html><head><title>400 Bad Request</title></head><body><h1>400 Bad Request</h1></body></html>\n"
			}),
		},
		{
			name: "refusal-empty", what: "A refusal has no body and no Content-Type", source: noErrorSide, level: "must",
			wrap: refusalBody("", func(*httptest.ResponseRecorder) string { return "" }),
		},
		{
			name: "refusal-problem-json", what: "A refusal is problem details", source: noErrorSide + "; RFC 9457", level: "must",
			wrap: refusalBody("application/problem+json", func(w *httptest.ResponseRecorder) string {
				return string(encode(object{"type": "about:blank", "title": "Bad Request", "status": w.Code, "detail": message(w)}))
			}),
		},
		{
			name: "refusal-detail-list", what: "A refusal has a list of details, as FastAPI has it", source: noErrorSide, level: "must",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				return object{"detail": []any{object{"loc": []any{"body", "vpn_connection"}, "msg": message(w), "type": "value_error"}}}
			}),
		},
		{
			name: "refusal-errors-by-member", what: "A refusal has an object of errors, each a list of sentences", source: noErrorSide, level: "must",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				return object{"errors": object{"vpn_connection": []any{message(w)}}}
			}),
		},
		{
			name: "refusal-nested", what: "A refusal has the code and the message in an object error", source: noErrorSide + "; SDK reads it", level: "must",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				return object{"error": object{"code": "VPN.0001", "message": message(w)}}
			}),
		},
		{
			name: "refusal-list", what: "A refusal is a list of errors", source: noErrorSide, level: "must",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any { return []any{object{"message": message(w)}} }),
		},
		{
			name: "refusal-numeric-code", what: "The code of a refusal is a number", source: noErrorSide, level: "must",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				return object{"error_code": 1001, "error_msg": message(w), "request_id": w.Header().Get("X-Request-Id")}
			}),
		},
		{
			name: "refusal-own-code", what: "The code of a refusal is in no published list", source: noErrorSide, level: "must",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				return object{"error_code": "InvalidParameter", "error_msg": message(w), "request_id": w.Header().Get("X-Request-Id")}
			}),
		},
		{
			name: "refusal-code-and-message", what: "A refusal has code and message", level: "should",
			source: "OTC-ERR and CN print this form; errata.yaml, errors-absent: a reader takes it too",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				body, _ := decodeObject(w.Body.Bytes())
				return object{"code": body["error_code"], "message": body["error_msg"]}
			}),
		},
		{
			name: "refusal-body-without-request-id", what: "The body of a refusal has a code and a message, the header the request's id",
			source: "OTC-RESP prints the form without request_id", level: "should",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				body, _ := decodeObject(w.Body.Bytes())
				delete(body, "request_id")
				return body
			}),
		},
		{
			name: "refusal-without-header", what: "A refusal has no X-Request-Id", source: noErrorSide + "; the header is known from SDK alone",
			level: "must", wrap: refusal(func(w *httptest.ResponseRecorder) { w.Header().Del("X-Request-Id") }),
		},
		{
			name: "refusal-names-nothing", what: "A refusal does not say which member is to blame", source: noErrorSide, level: "must",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				return object{"error_code": "VPN.0001", "error_msg": "invalid request", "request_id": w.Header().Get("X-Request-Id")}
			}),
		},
		{
			name: "refusal-other-language", what: "A refusal names the member, in a German sentence",
			source: "errata.yaml, errors-absent: texts are never compared", level: "should",
			wrap: refusal(func(w *httptest.ResponseRecorder) {
				said := strings.NewReplacer(" must be ", " muß sein: ", " must have ", " muß haben: ", " must not ", " darf nicht ",
					"invalid request: ", "ungültige Anfrage: ").Replace(w.Body.String())
				w.Body = bytes.NewBufferString(said)
			}),
		},
		{
			name: "refusal-more-members", what: "A refusal has members beside the documented ones",
			source: "no source says that there are no others; SDK passes over them", level: "should",
			wrap: refusalJSON(func(w *httptest.ResponseRecorder) any {
				body, _ := decodeObject(w.Body.Bytes())
				body["encoded_authorization_message"], body["details"], body["timestamp"] = "", []any{}, json.Number("1764320400")
				return body
			}),
		},
	}
}
