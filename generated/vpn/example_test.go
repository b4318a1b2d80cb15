package vpn_test

import (
	"fmt"

	"github.com/vpnconform/vpnconform/generated/vpn"
)

func ExampleDecodeCreateVpnConnectionRequestBody() {
	_, violations := vpn.DecodeCreateVpnConnectionRequestBody([]byte(`{
		"vpn_connection": {
			"vgw_id": "b32d91a4-demo-a8df-va86-e907174eb11d",
			"vgw_ip": "0c464dad-demo-a8df-va86-c22bb0eb0bde",
			"cgw_id": "5247ae10-demo-a8df-va86-dd36659a7f5d",
			"style": "bgp",
			"enable_nqa": true,
			"psk": "Example-Key-1",
			"ikepolicy": {"lifetime_seconds": 10}
		}
	}`))
	for _, v := range violations {
		fmt.Printf("%s: %s (%s)\n", v.Pointer, v.Message, v.Rule)
	}
	// Output:
	// /vpn_connection/ikepolicy/lifetime_seconds: lifetime_seconds is at least 60 (IkePolicy.lifetime_seconds.minimum)
	// /vpn_connection/enable_nqa: enable_nqa must not be filled if style is not static (CreateVpnConnection.enable_nqa-static-only)
}

func ExampleCreateVpnConnectionRequestBody_ValidateFacts() {
	body, violations := vpn.DecodeCreateVpnConnectionRequestBody([]byte(`{
		"vpn_connection": {
			"vgw_id": "b32d91a4-demo-a8df-va86-e907174eb11d",
			"vgw_ip": "0c464dad-demo-a8df-va86-c22bb0eb0bde",
			"cgw_id": "5247ae10-demo-a8df-va86-dd36659a7f5d",
			"peer_subnets": ["192.168.44.0/24"],
			"psk": "Example-Key-1"
		}
	}`))
	if violations != nil {
		fmt.Println(violations)
		return
	}
	// Some rules depend on the gateway that the request names.
	gateway := &vpn.Gateway{NetworkType: vpn.GatewayNetworkTypePrivate}
	for _, v := range body.ValidateFacts(vpn.Facts{Gateway: gateway}) {
		fmt.Printf("%s: %s (%s)\n", v.Pointer, v.Message, v.Rule)
	}
	// Output:
	// /vpn_connection/vgw_ip: vgw_ip must be an EIP's identifier if the gateway is public and an IPv4 address if it is private (CreateVpnConnection.vgw_ip-network-type)
}
