package vpn_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/generated/vpn"
	"github.com/vpnconform/vpnconform/testdata"
)

// server answers every request alike and keeps the last one.
type server struct {
	answer vpn.CreateVpnConnectionResponseObject
	got    vpn.CreateVpnConnectionRequestObject
}

func (s *server) CreateVpnConnection(_ context.Context, request vpn.CreateVpnConnectionRequestObject) (vpn.CreateVpnConnectionResponseObject, error) {
	s.got = request
	return s.answer, nil
}

// start serves s and returns a client of it.
func start(t *testing.T, s *server) *vpn.ClientWithResponses {
	t.Helper()
	web := httptest.NewServer(vpn.Handler(vpn.NewStrictHandler(s, nil)))
	t.Cleanup(web.Close)
	client, err := vpn.NewClientWithResponses(web.URL)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// documented returns a body as the page prints it.
func documented(tb testing.TB, name string) []byte {
	tb.Helper()
	data, err := testdata.Examples.ReadFile("examples/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// request returns a documented request with a key that keeps the rules, which the page's own does not: erratum
// psk-example.
func request(tb testing.TB, name string) []byte {
	tb.Helper()
	return bytes.ReplaceAll(documented(tb, name+"/request.json"), []byte("abcd****"), []byte("Abcd1234"))
}

// same compares a value with the JSON that it came from: no member is lost, added or changed.
func same(t *testing.T, value any, source []byte) {
	t.Helper()
	encoded, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(source, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after a round trip (-want +got):\n%s", diff)
	}
}

func TestExamples(t *testing.T) {
	for _, name := range []string{"static", "policy", "bgp"} {
		t.Run(name, func(t *testing.T) {
			requestSource := request(t, name)
			request, violations := vpn.DecodeCreateVpnConnectionRequestBody(requestSource)
			if violations != nil {
				t.Fatal(violations)
			}
			responseSource := documented(t, name+"/response.json")
			response, violations := vpn.DecodeCreateVpnConnectionResponseBody(responseSource)
			if violations != nil {
				t.Fatal(violations)
			}
			s := &server{answer: vpn.CreateVpnConnection201JSONResponse{
				Body:    *response,
				Headers: vpn.CreateVpnConnection201ResponseHeaders{XRequestID: &response.RequestID},
			}}
			client := start(t, s)
			answer, err := client.CreateVpnConnectionWithResponse(t.Context(), "0605767ae480d51b2f0bc00d8e7a9b3f", *request)
			if err != nil {
				t.Fatal(err)
			}
			if s.got.ProjectID != "0605767ae480d51b2f0bc00d8e7a9b3f" {
				t.Errorf("the server got project %q", s.got.ProjectID)
			}
			same(t, s.got.Body, requestSource)
			if answer.StatusCode() != http.StatusCreated || answer.JSON201 == nil || answer.JSON400 != nil {
				t.Fatalf("got %s, %s", answer.Status(), answer.Body)
			}
			same(t, answer.JSON201, responseSource)
			if got := answer.Headers201.XRequestID; got == nil || *got != response.RequestID {
				t.Errorf("X-Request-Id is %v, want %s", got, response.RequestID)
			}
		})
	}
}

func TestRefusal(t *testing.T) {
	code, message, id := "VPN.0001", "invalid request: psk is too short", "f91082d4-6d49-479c-ad1d-4e552a9f5cae"
	body := vpn.ErrorResponse{ErrorCode: &code, ErrorMsg: &message, RequestID: &id}
	client := start(t, &server{answer: vpn.CreateVpnConnection400JSONResponse{
		Body:    body,
		Headers: vpn.CreateVpnConnection400ResponseHeaders{XRequestID: &id},
	}})
	sent, violations := vpn.DecodeCreateVpnConnectionRequestBody(request(t, "bgp"))
	if violations != nil {
		t.Fatal(violations)
	}
	answer, err := client.CreateVpnConnectionWithResponse(t.Context(), "p", *sent)
	if err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode() != http.StatusBadRequest || answer.JSON201 != nil {
		t.Errorf("got %s, %s", answer.Status(), answer.Body)
	}
	if diff := cmp.Diff(&body, answer.JSON400); diff != "" {
		t.Errorf("body (-sent +got):\n%s", diff)
	}
	if diff := cmp.Diff(&id, answer.Headers400.XRequestID); diff != "" {
		t.Errorf("X-Request-Id (-sent +got):\n%s", diff)
	}
}

// Absent, null and empty lists are told apart as far as Go can, on the way in and out.
func TestLists(t *testing.T) {
	for sent, want := range map[string]string{
		`{"key":"a","value":""}`:                     `{"key":"a","value":""}`,
		`{"vgw_id":"","vgw_ip":"","cgw_id":""}`:      `{"vgw_id":"","vgw_ip":"","cgw_id":""}`,
		`{"vgw_id":"","peer_subnets":[],"tags":[]}`:  `{"vgw_id":"","vgw_ip":"","cgw_id":"","peer_subnets":[],"tags":[]}`,
		`{"vgw_id":"","peer_subnets":null}`:          `{"vgw_id":"","vgw_ip":"","cgw_id":""}`,
		`{"enable_nqa":false,"peer_subnets":["::"]}`: `{"vgw_id":"","vgw_ip":"","cgw_id":"","peer_subnets":["::"],"enable_nqa":false}`,
	} {
		var value any = new(vpn.CreateVpnConnectionRequestBodyContent)
		if strings.Contains(sent, "key") {
			value = new(vpn.VpnResourceTag)
		}
		if err := json.Unmarshal([]byte(sent), value); err != nil {
			t.Fatal(err)
		}
		got, err := json.Marshal(value)
		if err != nil || string(got) != want {
			t.Errorf("%s became %s, want %s (%v)", sent, got, want, err)
		}
	}
}

func TestValid(t *testing.T) {
	for style, want := range map[vpn.CreateVpnConnectionStyle]bool{
		vpn.CreateVpnConnectionStylePolicy: true, vpn.CreateVpnConnectionStyleStatic: true, vpn.CreateVpnConnectionStyleBgp: true,
		"": false, "BGP": false, vpn.CreateVpnConnectionStyle(vpn.ResponseVpnConnectionStyleStatic): false,
	} {
		if got := style.Valid(); got != want {
			t.Errorf("%q: %t", style, got)
		}
	}
}
