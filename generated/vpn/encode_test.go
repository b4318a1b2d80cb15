package vpn

import (
	"encoding/json"
	"os"
	"testing"
)

// FuzzEncode holds the functions that write answers against encoding/json.
func FuzzEncode(f *testing.F) {
	for _, name := range []string{"static", "policy", "bgp"} {
		data, err := os.ReadFile("../../testdata/examples/" + name + "/response.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"vpn_connection": {"tags": [], "policy_rules": [{}, {"rule_index": -7, "destination": []}], "enable_nqa": true, "name": "<\u2028\ud800\u0000\"\\é>"}}`))
	f.Add([]byte(`{"error_code": "VPN.0001", "error_msg": "", "code": "x&y"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var answer CreateVpnConnectionResponseBody
		if json.Unmarshal(data, &answer) == nil {
			same(t, appendCreateVpnConnectionResponseBody(nil, &answer), answer)
		}
		var refusal ErrorResponse
		if json.Unmarshal(data, &refusal) == nil {
			same(t, appendErrorResponse(nil, &refusal), refusal)
		}
	})
}

func same(t *testing.T, got []byte, value any) {
	t.Helper()
	want, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEncodeBehind(t *testing.T) {
	answer := CreateVpnConnectionResponseBody{RequestID: "a"}
	got := appendCreateVpnConnectionResponseBody([]byte("before"), &answer)
	same(t, got[len("before"):], answer)
}
