package reference

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
	"github.com/vpnconform/vpnconform/generated/vpn"
	"github.com/vpnconform/vpnconform/openapi"
)

// TestRouting tries other paths and methods.
func TestRouting(t *testing.T) {
	s := newServer(t, Options{Token: "not asked for at another path"})
	for _, escaped := range []string{
		"", "/", "/v5", "/v5/", "/v5/p", "/v5/p/vpn-connections", "/v6/p/vpn-connection", harness.Target + "/", harness.Target + "/x", "/v5//vpn-connection",
		"//v5/p/vpn-connection", "/v5/p/../p/vpn-connection", "/v5/./p/vpn-connection", "/v5/p/q/vpn-connection", "/V5/p/vpn-connection",
		"v5/p/vpn-connection", "x",
	} {
		t.Run(escaped, func(t *testing.T) {
			for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodConnect} {
				a := harness.Send(t, s, "{}", harness.ToPath(escaped), func(r *http.Request) { r.Method = method })
				a.WantError(t, http.StatusNotFound, "VPN.0004", "resource not found: path")
			}
		})
	}
	for _, method := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "post", "X"} {
		t.Run(method, func(t *testing.T) {
			a := harness.Send(t, s, harness.Example(t, "static"), func(r *http.Request) { r.Method = method })
			a.WantError(t, http.StatusMethodNotAllowed, "VPN.0001", "invalid request: the method must be POST")
			if got := a.Header.Get("Allow"); got != "POST" {
				t.Errorf("Allow is %q", got)
			}
		})
	}
	t.Run("asterisk", func(t *testing.T) {
		a := harness.Send(t, s, "", harness.ToPath("*"), func(r *http.Request) { r.Method = http.MethodOptions })
		a.WantError(t, http.StatusNotFound, "VPN.0004", "resource not found: path")
	})
	t.Run("query", func(t *testing.T) {
		s := newServer(t, Options{})
		request := harness.Example(t, "static")
		wantCreated(t, harness.Send(t, s, request, harness.ToPath(harness.Target+"?x=%zz")), s, request)
	})
}

// TestToken tries tokens, whose check comes before the body is read.
func TestToken(t *testing.T) {
	const incorrect = "Incorrect IAM authentication information: "
	s := newServer(t, Options{Token: "right"})
	for name, test := range map[string]struct {
		values []string
		reason string
	}{
		"absent":     {nil, "x-auth-token not found"},
		"empty":      {[]string{""}, "x-auth-token not found"},
		"wrong":      {[]string{"wrong"}, "decrypt token fail"},
		"longer":     {[]string{"right "}, "decrypt token fail"},
		"upper case": {[]string{"RIGHT"}, "decrypt token fail"},
		"second":     {[]string{"wrong", "right"}, "decrypt token fail"},
	} {
		t.Run(name, func(t *testing.T) {
			a := harness.Send(t, s, unreadBody{t}, harness.WithHeader("X-Auth-Token", test.values...))
			a.WantError(t, http.StatusUnauthorized, "APIG.0301", incorrect+test.reason)
		})
	}
	t.Run("right", func(t *testing.T) {
		request := harness.Example(t, "static")
		wantCreated(t, harness.Send(t, s, request, harness.WithHeader("X-Auth-Token", "right")), s, request)
	})
	t.Run("none asked for", func(t *testing.T) {
		s := newServer(t, Options{})
		request := harness.Example(t, "static")
		wantCreated(t, harness.Send(t, s, request, harness.WithHeader("X-Auth-Token", "any")), s, request)
	})
}

// unreadBody is a body that must not be read.
type unreadBody struct{ testing.TB }

// Read fails the test.
func (r unreadBody) Read([]byte) (int, error) {
	r.Error("the body was read")
	return 0, io.EOF
}

// TestContentType tries what a request may say of its body.
func TestContentType(t *testing.T) {
	s := newServer(t, Options{})
	request := harness.Example(t, "static")
	for _, values := range [][]string{
		{"application/json"}, {"application/json; charset=utf-8"}, {"application/json;charset=\"UTF-8\""}, {"APPLICATION/JSON"},
		{"application/json; version=1"},
	} {
		t.Run(strings.Join(values, "+"), func(t *testing.T) {
			wantCreated(t, harness.Send(t, s, request, harness.WithHeader("Content-Type", values...)), s, request)
		})
	}
	for _, values := range [][]string{
		nil, {""}, {"text/plain"}, {"application/xml"}, {"application/json; charset=latin-1"}, {"application/json; charset=\"\""},
		{"application/jsonx"}, {"application/json, text/plain"}, {"application/json; charset"}, {"application/json", "application/json"},
	} {
		t.Run("not "+strings.Join(values, "+"), func(t *testing.T) {
			a := harness.Send(t, s, unreadBody{t}, harness.WithHeader("Content-Type", values...))
			a.WantError(t, http.StatusBadRequest, "VPN.0001", "invalid request: Content-Type must be application/json in UTF-8")
		})
	}
}

// TestSize tries the largest body and one that is a byte larger.
func TestSize(t *testing.T) {
	s := newServer(t, Options{})
	request := harness.Example(t, "static")
	body := encoded(t, request)
	body = append(body, bytes.Repeat([]byte{' '}, vpn.MaxBody-len(body))...)
	wantCreated(t, harness.Send(t, s, bytes.NewReader(body)), s, request)
	for name, reader := range map[string]io.Reader{
		"with its length": bytes.NewReader(append(body, ' ')),
		"chunked":         io.MultiReader(bytes.NewReader(body), strings.NewReader(" ")),
	} {
		t.Run(name, func(t *testing.T) {
			harness.Send(t, s, reader).WantError(t, http.StatusRequestEntityTooLarge, "VPN.0001",
				"invalid request: the body has at most 12582912 bytes")
		})
	}
	t.Run("cut off", func(t *testing.T) {
		reader := io.MultiReader(bytes.NewReader(body[:100]), failingReader{})
		harness.Send(t, s, reader).WantError(t, http.StatusBadRequest, "VPN.0001", "invalid request: the request cannot be read")
	})
	t.Run("huge list", func(t *testing.T) { // costs no more than reading it
		list := strings.Repeat("1,", 1<<18)
		request := harness.Example(t, "static", harness.Set("/peer_subnets", json.RawMessage("["+list+"1]")))
		if a := harness.Send(t, s, request); a.Status != http.StatusBadRequest || !bytes.Contains(a.Body, []byte("peer_subnets has at most 50 items")) || len(a.Body) > 1<<16 {
			t.Errorf("%d with %d bytes", a.Status, len(a.Body))
		}
	})
}

// failingReader is the rest of a body whose sender has gone.
type failingReader struct{}

// Read fails.
func (failingReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// TestMalformed tries bodies that are no JSON, or not the right kind of it.
func TestMalformed(t *testing.T) {
	s := newServer(t, Options{})
	valid := string(encoded(t, harness.Example(t, "static")))
	for name, test := range map[string]struct{ body, sentence string }{
		"empty":               {"", "the body is JSON, and is not at byte 0"},
		"blank":               {" \n", "the body is JSON, and is not at byte 2"},
		"truncated":           {valid[:len(valid)-1], "the body is JSON, and is not at byte 220"},
		"two values":          {"{}{}", "vpn_connection is present; nothing follows the JSON value"},
		"byte-order mark":     {"\ufeff{}", "the body is JSON, and is not at byte 0"},
		"trailing comma":      {`{"a":1,}`, "the body is JSON, and is not at byte 7"},
		"comment":             {"{/**/}", "the body is JSON, and is not at byte 1"},
		"leading zero":        {"01", "the body is JSON, and is not at byte 2"},
		"NUL":                 {"{}\x00", "vpn_connection is present; nothing follows the JSON value"},
		"invalid UTF-8":       {"{\"a\":\"\xff\"}", "text is valid UTF-8; vpn_connection is present"},
		"lone surrogate":      {`{"a":"\ud800"}`, "text is valid UTF-8; vpn_connection is present"},
		"gzip":                {"\x1f\x8b\x08", "the body is JSON, and is not at byte 0"},
		"twice":               {`{"vpn_connection":{"psk":"a","psk":"b"}}`, "psk has at least 8 characters; no member is written twice; vgw_id is present; vgw_ip is present; cgw_id is present"},
		"twice, escaped":      {`{"psk":"a","\u0070sk":"b"}`, "no member is written twice; vpn_connection is present"},
		"twice, unknown":      {`{"x":{"y":1,"y":1}}`, "no member is written twice; vpn_connection is present"},
		"deep":                {strings.Repeat("[", 20000), "objects and lists nest at most 64 deep"},
		"null":                {"null", "the body is an object"},
		"list":                {"[]", "the body is an object"},
		"text":                {`"x"`, "the body is an object"},
		"number":              {"1e999999999", "the body is an object"},
		"no vpn_connection":   {"{}", "vpn_connection is present"},
		"vpn_connection null": {`{"vpn_connection":null}`, "vpn_connection is an object"},
		"vpn_connection text": {`{"vpn_connection":"x"}`, "vpn_connection is an object"},
		"not wrapped":         {valid[len(`{"vpn_connection":`) : len(valid)-1], "vpn_connection is present"},
		"other case":          {strings.Replace(valid, "vpn_connection", "VPN_connection", 1), "vpn_connection is present"},
	} {
		t.Run(name, func(t *testing.T) {
			harness.Send(t, s, test.body).WantError(t, http.StatusBadRequest, "VPN.0001", "invalid request: "+test.sentence)
		})
	}
}

// TestUnknownMembers holds them to being ignored, also where encoding/json
// would take them for others.
func TestUnknownMembers(t *testing.T) {
	s := newServer(t, Options{})
	request := harness.Example(t, "bgp", harness.Set("/VGW_ID", "x"), harness.Set("/Enable_NQA", true), harness.Set("/x", []any{1}), harness.Set("/tags", []any{}),
		harness.Set("/ikepolicy/IKE_version", "v1"), harness.Set("/ikepolicy/dpd/Timeout", 2.5), harness.Set("/status", "ACTIVE"), harness.Set("/id", "x"),
		harness.Set("/connection_monitor_id", "x"), harness.Set("/created_at", "x"), harness.Set("/enterprise_project_id", "1"))
	connection := wantCreated(t, harness.Send(t, s, request), s, harness.Example(t, "bgp"))
	members, _ := connection.(map[string]any)
	for _, absent := range []string{"enable_nqa", "tags", "status", "psk", "connection_monitor_id"} {
		if _, ok := members[absent]; ok {
			t.Errorf("%s was answered", absent)
		}
	}
	if got := harness.Text(connection, "ikepolicy", "ike_version"); got != "v2" {
		t.Errorf("ike_version is %s", got)
	}
}

// TestOptions tries options that are wrong, and the zero value over a
// connection.
func TestOptions(t *testing.T) {
	for want, opts := range map[string]Options{
		"reference: Connections: want 0 to 16319, got -1":    {Connections: -1},
		"reference: Connections: want 0 to 16319, got 16320": {Connections: 16320},
		"reference: gateways belong to a project, and Environment.Parameters has no project_id": {Environment: environment.Environment{
			Objects: map[string][]environment.Object{"gateway": {{}}},
		}},
	} {
		if _, err := New(opts); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	response, err := http.Post(server.URL+harness.Target, "application/json", bytes.NewReader(encoded(t, harness.Example(t, "static"))))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	wantCreated(t, harness.Answer{Status: response.StatusCode, Header: response.Header, Body: body}, s, harness.Example(t, "static"))
}

// TestEnvironment serves another environment.
func TestEnvironment(t *testing.T) {
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	env, err := environment.Default(doc)
	if err != nil {
		t.Fatal(err)
	}
	const own = "11111111-2222-3333-4444-555555555555"
	env.Parameters["project_id"] = "p"
	env.Objects["gateway"][2]["enterprise_project_id"] = own
	s := newServer(t, Options{Environment: env})
	for want, gateway := range map[string]harness.Change{"0": harness.Set("/style", "static"), own: harness.GatewayAt(harness.PrivateGateway, harness.PrivateIP)} {
		request := harness.Example(t, "static", gateway)
		connection := wantCreated(t, harness.Send(t, s, request, harness.ToPath("/v5/p/vpn-connection")), s, request)
		if got := harness.Text(connection, "enterprise_project_id"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	harness.Send(t, s, harness.Example(t, "static")).WantError(t, http.StatusNotFound, "VPN.0509", "The gateway does not exist.")
}

// TestBrokenRandom runs out of random numbers, or gets the same ones again.
func TestBrokenRandom(t *testing.T) {
	s := newServer(t, Options{Rand: zeros{}})
	for n := range 34 { // two identifiers and two bytes for a name
		s.memory.random = bytes.NewReader(make([]byte, n))
		harness.Send(t, s, harness.Example(t, "static")).WantError(t, http.StatusInternalServerError, "VPN.0002", "server error: no random numbers")
	}
	s.memory.random = zeros{}
	wantCreated(t, harness.Send(t, s, harness.Example(t, "static")), s, harness.Example(t, "static"))
	harness.Send(t, s, harness.Example(t, "static")).WantError(t, http.StatusInternalServerError, "VPN.0002", "server error: no random numbers")
}

// zeros is a source of random numbers that repeats itself.
type zeros struct{}

// Read gives zeros.
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestClientGone writes to a client that does not listen.
func TestClientGone(t *testing.T) {
	s := newServer(t, Options{})
	r := httptest.NewRequest(http.MethodPost, harness.Target, bytes.NewReader(encoded(t, harness.Example(t, "static"))))
	r.Header.Set("Content-Type", "application/json")
	w := &deafWriter{header: http.Header{}}
	s.ServeHTTP(w, r)
	if len(w.statuses) != 1 || w.statuses[0] != http.StatusCreated {
		t.Errorf("statuses %v were written", w.statuses)
	}
}

// deafWriter fails to write bodies.
type deafWriter struct {
	header   http.Header
	statuses []int
}

// Header returns the header.
func (w *deafWriter) Header() http.Header { return w.header }

// WriteHeader keeps the status.
func (w *deafWriter) WriteHeader(status int) { w.statuses = append(w.statuses, status) }

// Write fails.
func (w *deafWriter) Write([]byte) (int, error) { return 0, net.ErrClosed }

// TestHandlers tries the two handlers of the generated server's errors with
// errors that it does not have today.
func TestHandlers(t *testing.T) {
	for want, handle := range map[string]func(http.ResponseWriter, *http.Request, error){
		"500 VPN.0002 server error: no answer could be made": failed,
	} {
		w := httptest.NewRecorder()
		w.Header().Set(problem.RequestIDHeader, "x")
		handle(w, nil, errors.New("secret"))
		fields := strings.SplitN(want, " ", 3)
		a := harness.Answer{Status: w.Code, Header: w.Header(), Body: w.Body.Bytes()}
		a.WantError(t, map[string]int{"400": 400, "500": 500}[fields[0]], fields[1], fields[2])
	}
}

// TestConcurrent creates many connections at once.
func TestConcurrent(t *testing.T) {
	const many = 500
	s := newServer(t, Options{Rand: rand.NewChaCha8([32]byte{1})})
	body := string(encoded(t, harness.Example(t, "static")))
	answers := make([]harness.Answer, many)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = harness.Send(t, s, body) })
	}
	group.Wait()
	seen := make(map[string]bool)
	for _, a := range answers {
		connection := wantCreated(t, a, s, harness.Example(t, "static"))
		for _, id := range []string{a.Header.Get("X-Request-Id"), harness.Text(connection, "id"), harness.Text(connection, "tunnel_local_address")} {
			if seen[id] {
				t.Errorf("%s comes twice", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != 3*many {
		t.Errorf("%d identifiers and addresses, want %d", len(seen), 3*many)
	}
}
