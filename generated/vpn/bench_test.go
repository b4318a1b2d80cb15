package vpn_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/vpnconform/vpnconform/generated/vpn"
)

// The floor: encoding/json, which checks nothing.
func BenchmarkUnmarshal(b *testing.B) {
	data := request(b, "bgp")
	b.ReportAllocs()
	for b.Loop() {
		var v vpn.CreateVpnConnectionRequestBody
		if err := json.Unmarshal(data, &v); err != nil {
			b.Fatal(err)
		}
	}
}

// Reading, with every check of the document.
func BenchmarkDecode(b *testing.B) {
	data := request(b, "bgp")
	b.ReportAllocs()
	for b.Loop() {
		if _, violations := vpn.DecodeCreateVpnConnectionRequestBody(data); violations != nil {
			b.Fatal(violations)
		}
	}
}

// The same checks of a Go value.
func BenchmarkValidate(b *testing.B) {
	v, violations := vpn.DecodeCreateVpnConnectionRequestBody(request(b, "bgp"))
	if violations != nil {
		b.Fatal(violations)
	}
	b.ReportAllocs()
	for b.Loop() {
		if violations := v.Validate(); violations != nil {
			b.Fatal(violations)
		}
	}
}

// The rules that need facts.
func BenchmarkValidateFacts(b *testing.B) {
	v, violations := vpn.DecodeCreateVpnConnectionRequestBody(request(b, "bgp"))
	if violations != nil {
		b.Fatal(violations)
	}
	facts := vpn.Facts{Gateway: &vpn.Gateway{
		NetworkType: vpn.GatewayNetworkTypePublic, AttachmentType: vpn.GatewayAttachmentTypeVpc, HaMode: vpn.GatewayHaModeActiveActive,
		Addresses: []vpn.GatewayAddress{{ID: v.VpnConnection.VgwIP, IP: "10.0.0.134", Role: "active"}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if violations := v.ValidateFacts(facts); violations != nil {
			b.Fatal(violations)
		}
	}
}

// discard is a response writer that counts.
type discard struct {
	header http.Header
	status int
	size   int
}

func (d *discard) Header() http.Header { return d.header }

func (d *discard) Write(data []byte) (int, error) {
	d.size += len(data)
	return len(data), nil
}

func (d *discard) WriteHeader(status int) { d.status = status }

// body is that of a request, read again and again.
type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

// All that a server does for a request: route, read, decode, check, answer.
func BenchmarkHandler(b *testing.B) {
	response, violations := vpn.DecodeCreateVpnConnectionResponseBody(documented(b, "bgp/response.json"))
	if violations != nil {
		b.Fatal(violations)
	}
	handler := vpn.Handler(vpn.NewStrictHandler(&server{answer: vpn.CreateVpnConnection201JSONResponse{
		Body: *response, Headers: vpn.CreateVpnConnection201ResponseHeaders{XRequestID: &response.RequestID},
	}}, nil))
	data := request(b, "bgp")
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection", http.NoBody)
	if err != nil {
		b.Fatal(err)
	}
	r.ContentLength = int64(len(data))
	w := &discard{header: http.Header{}}
	sent := &body{}
	b.ReportAllocs()
	for b.Loop() {
		sent.Reset(data)
		r.Body = sent
		handler.ServeHTTP(w, r)
		if w.status != http.StatusCreated {
			b.Fatal(w.status)
		}
	}
}
