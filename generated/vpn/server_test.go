package vpn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/generated/vpn"
)

// send sends a body to a server whose implementation is not to be reached.
func send(t *testing.T, handler http.Handler, body io.Reader) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v5/p/vpn-connection", body)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Result()
}

// errorOf decodes a documented error.
func errorOf(t *testing.T, answer *http.Response) *vpn.ErrorResponse {
	t.Helper()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	body, violations := vpn.DecodeErrorResponse(data)
	if violations != nil {
		t.Fatalf("%s: %v", data, violations)
	}
	if got := answer.Header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
	return body
}

// A refused request gets the documented error, and no server author has to write it.
func TestRefused(t *testing.T) {
	s := &server{}
	handler := vpn.Handler(vpn.NewStrictHandler(s, nil))
	for name, test := range map[string]struct {
		body    string
		status  int
		message string
	}{
		"no JSON": {"{", 400, "invalid request: the body is JSON, and is not at byte 1"},
		"nothing": {"", 400, "invalid request: the body is JSON, and is not at byte 0"},
		"all rules": {
			`{"vpn_connection":{"vgw_ip":"10.0.0.1","cgw_id":5,"ikepolicy":{"dpd":{"timeout":1}}}}`, 400,
			"invalid request: cgw_id is a string; timeout is at least 2; vgw_id is present; psk must be filled",
		},
		"too large": {strings.Repeat(" ", vpn.MaxBody) + "{}", 413, "invalid request: the body has at most 12582912 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			answer := send(t, handler, strings.NewReader(test.body))
			body := errorOf(t, answer)
			id := answer.Header.Get("X-Request-Id")
			code := "VPN.0001"
			want := &vpn.ErrorResponse{ErrorCode: &code, ErrorMsg: &test.message, RequestID: &id}
			if diff := cmp.Diff(want, body); diff != "" || answer.StatusCode != test.status {
				t.Errorf("%s (-want +got):\n%s", answer.Status, diff)
			}
			if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
				t.Errorf("X-Request-Id is %q", id)
			}
		})
	}
	if s.got.Body != nil {
		t.Errorf("the implementation got %+v", s.got)
	}
}

// An identifier that a middleware has set is kept.
func TestRefusedID(t *testing.T) {
	identified := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", "7")
			next.ServeHTTP(w, r)
		})
	}
	handler := vpn.HandlerWithOptions(vpn.NewStrictHandler(&server{}, nil), vpn.StdHTTPServerOptions{Middlewares: []vpn.MiddlewareFunc{identified}})
	answer := send(t, handler, strings.NewReader("[]"))
	if body := errorOf(t, answer); *body.RequestID != "7" || answer.Header.Get("X-Request-Id") != "7" {
		t.Errorf("got %s in the body and %s in the header", *body.RequestID, answer.Header.Get("X-Request-Id"))
	}
}

// broken is a body that cannot be read to its end.
type broken struct{}

func (broken) Read([]byte) (int, error) {
	return 0, errors.New("the client has gone, and its key is Secret12")
}

// What is not the client's fault is refused without its reason.
func TestUnreadable(t *testing.T) {
	answer := send(t, vpn.Handler(vpn.NewStrictHandler(&server{}, nil)), broken{})
	if body := errorOf(t, answer); answer.StatusCode != 400 || *body.ErrorMsg != "invalid request: the request cannot be read" {
		t.Errorf("%s: %s", answer.Status, *body.ErrorMsg)
	}
}

// A server author who wants another answer gets the violations.
func TestRequestErrorHandler(t *testing.T) {
	var got vpn.Violations
	handler := vpn.Handler(vpn.NewStrictHandlerWithOptions(&server{}, nil, vpn.StrictHTTPServerOptions{
		RequestErrorHandlerFunc: func(w http.ResponseWriter, _ *http.Request, err error) {
			if !errors.As(err, &got) {
				t.Errorf("the error is %T", err)
			}
			w.WriteHeader(http.StatusTeapot)
		},
	}))
	if answer := send(t, handler, strings.NewReader("{}")); answer.StatusCode != http.StatusTeapot {
		t.Error(answer.Status)
	}
	want := vpn.Violations{{"/vpn_connection", "CreateVpnConnectionRequestBody.vpn_connection.required", "vpn_connection is present"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// failing is an implementation that answers with an error, or with nothing that is documented.
type failing struct{ err error }

func (f failing) CreateVpnConnection(context.Context, vpn.CreateVpnConnectionRequestObject) (vpn.CreateVpnConnectionResponseObject, error) {
	return nil, f.err
}

func TestResponseErrorHandler(t *testing.T) {
	handler := vpn.Handler(vpn.NewStrictHandler(failing{errors.New("no")}, nil))
	if answer := send(t, handler, bytes.NewReader(request(t, "static"))); answer.StatusCode != 500 {
		t.Error(answer.Status)
	}
	wrong := func(vpn.StrictHandlerFunc, string) vpn.StrictHandlerFunc {
		return func(context.Context, http.ResponseWriter, *http.Request, any) (any, error) { return 5, nil }
	}
	handler = vpn.Handler(vpn.NewStrictHandler(failing{}, []vpn.StrictMiddlewareFunc{wrong}))
	if answer := send(t, handler, bytes.NewReader(request(t, "static"))); answer.StatusCode != 500 {
		t.Error(answer.Status)
	}
}

// Another method or path has no handler.
func TestHandler(t *testing.T) {
	handler := vpn.Handler(vpn.NewStrictHandler(&server{}, nil))
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/v5/p/vpn-connection", http.StatusMethodNotAllowed},
		{http.MethodPost, "/v5/p/vpn-connections", http.StatusNotFound},
	} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), test.method, test.path, strings.NewReader("{}")))
		if w.Code != test.want {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, w.Code, test.want)
		}
	}
}

// No violation and no error shows a value.
func TestSecret(t *testing.T) {
	const secret = "Sécret&Key"
	var v vpn.CreateVpnConnectionRequestBody
	v.VpnConnection.Psk = new(string)
	*v.VpnConnection.Psk = secret
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	_, violations := vpn.DecodeCreateVpnConnectionRequestBody(data)
	for _, text := range []string{violations.Error(), v.Validate().Error()} {
		if strings.Contains(text, secret) || !strings.Contains(text, "/vpn_connection/psk: psk matches") {
			t.Error(text)
		}
	}
}
