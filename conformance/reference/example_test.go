package reference_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/reference"
)

func ExampleNew() {
	server, err := reference.New(reference.Options{Token: "my-token"})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := httptest.NewRequest(http.MethodPost, "/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection", strings.NewReader(`{
		"vpn_connection": {
			"vgw_id": "b32d91a4-demo-a8df-va86-e907174eb11d",
			"vgw_ip": "0c464dad-demo-a8df-va86-c22bb0eb0bde",
			"cgw_id": "5247ae10-demo-a8df-va86-dd36659a7f5d",
			"peer_subnets": ["192.168.44.0/24"],
			"style": "bgp",
			"enable_nqa": false,
			"psk": "Example-Key-1"
		}
	}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Auth-Token", "my-token")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, r)
	fmt.Println(w.Code)
	_, rest, _ := strings.Cut(w.Body.String(), `"error_msg":`)
	message, _, _ := strings.Cut(rest, `,"request_id"`)
	fmt.Println(message)
	// Output:
	// 400
	// "invalid request: enable_nqa must not be filled if style is not static"
}
