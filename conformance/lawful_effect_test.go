package conformance_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// staticBody is a lawful request with more members of vpn_connection in front.
func staticBody(more string) string {
	return `{"vpn_connection":{` + more + `"vgw_id":"b32d91a4-demo-a8df-va86-e907174eb11d","vgw_ip":"0c464dad-demo-a8df-va86-c22bb0eb0bde",` +
		`"cgw_id":"5247ae10-demo-a8df-va86-dd36659a7f5d","peer_subnets":["192.168.44.0/24","192.168.43.0/24"],"psk":"Example-Key-1"}}`
}

// policyBody is a policy connection with one rule of two destinations.
func policyBody() string {
	return staticBody(`"style":"policy","policy_rules":[{"source":"10.0.0.0/24","destination":["192.168.52.0/24","192.168.51.0/24"]}],`)
}

// TestLawfulRows shows that rows do what they say, which a green run does not:
// a behaviour that never came to pass is lawful too.
func TestLawfulRows(t *testing.T) {
	rows := map[string]lawfulRow{}
	for _, row := range lawfulRows(t) {
		rows[row.name] = row
	}
	for _, test := range []struct {
		row, body string
		status    int
		says      string // is in the answer
	}{
		{"reference", staticBody(""), 201, `"peer_subnets":["192.168.44.0/24","192.168.43.0/24"]`},
		{"reference", staticBody(`"ikepolicy":{"lifetime_seconds":"60"},`), 400, ""},
		{"integer-as-text", staticBody(`"ikepolicy":{"lifetime_seconds":"60"},`), 201, `"lifetime_seconds":60,`},
		{"integer-as-text", staticBody(`"ikepolicy":{"lifetime_seconds":"60.5"},`), 400, ""},
		{"integer-as-float", staticBody(`"ikepolicy":{"lifetime_seconds":6e1},`), 201, `"lifetime_seconds":60,`},
		{"integer-as-float", staticBody(`"ikepolicy":{"lifetime_seconds":60.5},`), 400, ""},
		{"integer-as-float-refused", staticBody(`"ikepolicy":{"lifetime_seconds":60.0},`), 400, ""},
		{"text-as-number", staticBody(`"name":5,`), 201, `"name":"5"`},
		{"boolean-as-text", staticBody(`"enable_nqa":"true",`), 201, `"enable_nqa":true`},
		{"boolean-as-number", staticBody(`"enable_nqa":1,`), 201, `"enable_nqa":true`},
		{"leading-zeros", staticBody(`"tunnel_local_address":"169.254.076.1/30","tunnel_peer_address":"169.254.76.02/30",`), 201, `"169.254.76.1/30"`},
		{"leading-zeros-repeated", staticBody(`"tunnel_local_address":"169.254.076.1/30","tunnel_peer_address":"169.254.76.2/30",`), 201, `"169.254.076.1/30"`},
		{"choices-in-upper-case", staticBody(`"ikepolicy":{"dh_group":"GROUP14"},`), 201, `"dh_group":"group14"`},
		{"style-in-upper-case", staticBody(`"style":"BGP",`), 201, `"style":"BGP"`},
		{"unknown-members-refused", staticBody(`"enable_hub":false,`), 400, "enable_hub"},
		{"null-as-absent", staticBody(`"name":null,"ikepolicy":{"dpd":null},`), 201, `"name":"vpn-`},
		{"names-in-any-case", staticBody(`"Name":"a","IkePolicy":{"Dpd":{"Timeout":20}},`), 201, `"timeout":20`},
		{"last-duplicate-counts", staticBody(`"name":"a","name":"b",`), 201, `"name":"b"`},
		{"rest-unread", staticBody("") + "x", 201, ""},
		{"trailing-commas", strings.Replace(staticBody(""), "}}", ",},}", 1), 201, ""},
		{"byte-order-mark", "\ufeff" + staticBody(""), 201, ""},
		{"peer-subnets-reversed", staticBody(""), 201, `"peer_subnets":["192.168.43.0/24","192.168.44.0/24"]`},
		{"destinations-sorted", policyBody(), 201, `["192.168.51.0/24","192.168.52.0/24"]`},
		{"rules-expanded", policyBody(), 201, `{"destination":["192.168.51.0/24"],"rule_index":2,"source":"10.0.0.0/24"}`},
		{"rule-index-from-10", policyBody(), 201, `"rule_index":10,`},
		{"rule-index-dropped", policyBody(), 201, `"192.168.51.0/24"],"source":"10.0.0.0/24"}]`},
		{"refusal-status-422", staticBody(`"name":"",`), 422, "VPN.0001"},
		{"refusal-text", staticBody(`"name":"",`), 400, "invalid request: "},
		{"refusal-code-and-message", staticBody(`"name":"",`), 400, `{"code":"VPN.0001","message":"invalid request: `},
		{"identifier-malformed-404", strings.Replace(staticBody(""), "b32d91a4-", "b32d91a4", 1), 404, ""},
		{"unknown-400", strings.Replace(staticBody(""), "b32d91a4", "b32d91a5", 1), 400, ""},
		{"integers-with-fraction", staticBody(""), 201, `"lifetime_seconds":86400.0,`},
		{"all-escaped", staticBody(""), 201, `"\u0076\u0070\u006E\u005F\u0063`},
		{"solidus-escaped", staticBody(""), 201, `192.168.44.0\/24`},
		{"tags-empty", staticBody(""), 201, `"tags":[]`},
		{"tunnel-if-sent", staticBody(""), 201, `"style":"STATIC","updated_at"`},
		{"name-repeated", staticBody(""), 201, `"name":"vpn-7777"`},
		{"psk-asterisk-accepted", strings.Replace(staticBody(""), "Key-1", "Key*1", 1), 201, ""},
		{"psk-any-character-accepted", strings.Replace(staticBody(""), "Key-1", "Key€1", 1), 201, ""},
		{"psk-absent-accepted", strings.Replace(staticBody(""), `,"psk":"Example-Key-1"`, "", 1), 201, ""},
		{"rules-absent-accepted", staticBody(`"style":"policy",`), 201, `"policy_rules":[]`},
		{"chinese-names-accepted", staticBody(`"name":"连接-1",`), 201, `"name":"连接-1"`},
		{"chinese-tags-accepted", staticBody(`"tags":[{"key":"站点","value":"马德里"}],`), 201, `{"key":"站点","value":"马德里"}`},
		{"ipv6-accepted", strings.Replace(staticBody(""), "192.168.43.0/24", "2001:db8::/32", 1), 201, `"2001:db8::/32"`},
		{"bare-address-accepted", strings.Replace(staticBody(""), "192.168.43.0/24", "192.168.43.1", 1), 201, `"192.168.43.1"`},
		{"overlapping-reserved-accepted", strings.Replace(staticBody(""), "192.168.43.0/24", "0.0.0.0/0", 1), 201, `"0.0.0.0/0"`},
		{"digital-envelope-accepted", staticBody(`"ikepolicy":{"authentication_method":"digital-envelope-v2"},`), 201, `"digital-envelope-v2"`},
		{"enable-nqa-false-accepted", staticBody(`"style":"bgp","enable_nqa":false,`), 201, ""},
		{"host-bits-dropped", strings.Replace(staticBody(""), "192.168.43.0/24", "192.168.43.1/24", 1), 201, `"192.168.43.0/24"`},
		{"duplicate-subnets-dropped", strings.Replace(staticBody(""), "192.168.43.0/24", "192.168.44.0/24", 1), 201, `"peer_subnets":["192.168.44.0/24"]`},
		{"overlapping-sources-refused", strings.Replace(policyBody(), `"policy_rules":[`, `"policy_rules":[{"source":"10.0.0.0/8","destination":["192.168.1.0/24"]},`, 1), 400, "source"},
		{"equal-ids-refused", staticBody(`"ikepolicy":{"local_id_type":"fqdn","local_id":"a","peer_id_type":"fqdn","peer_id":"a"},`), 400, "local_id"},
		{"empty-rules-accepted", staticBody(`"policy_rules":[],`), 201, ""},
		{"psk-blank-refused", strings.Replace(staticBody(""), "Key-1", "Key 1", 1), 400, "psk"},
		{"phase1-mode-with-v2", staticBody(""), 201, `"phase1_negotiation_mode":"main"`},
	} {
		t.Run(test.row, func(t *testing.T) {
			row, ok := rows[test.row]
			if !ok {
				t.Fatal("there is no such row")
			}
			status, body := post(t, row.target(t), test.body)
			if status != test.status || !strings.Contains(body, test.says) {
				t.Errorf("%d %s\nwant %d and %s", status, body, test.status, test.says)
			}
		})
	}
}

// post sends a body to the project of the default environment.
func post(t *testing.T, target, body string) (int, string) {
	t.Helper()
	resp, err := http.Post(target+"/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// TestLawfulCodings shows that an answer in a coding is the same one.
func TestLawfulCodings(t *testing.T) {
	h := coded("gzip", gzipped, func(*http.Request) bool { return true })(newReference(t))
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodPost, "/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection", strings.NewReader(staticBody("")))
	r.Header.Set("Content-Type", "application/json")
	h.ServeHTTP(w, r)
	z, err := gzip.NewReader(bytes.NewReader(w.Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if body, ok := decodeObject(plain); err != nil || !ok || connection(body)["style"] != "STATIC" || w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("%v: %q, error %v", w.Header(), plain, err)
	}
}
