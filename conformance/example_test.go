package conformance_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
)

func ExampleRun() {
	implementation, err := reference.New(reference.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(implementation) // yours, in any language, at any URL
	defer server.Close()

	r, err := conformance.Run(context.Background(), conformance.Options{
		Target: server.URL,
		Run:    []string{"CreateVpnConnection/example/*"}, // empty runs all cases
	})
	if err != nil {
		fmt.Println(err) // a target that is no URL, a pattern that selects nothing, ...
		return
	}
	for _, result := range r.Results {
		fmt.Println(result.Case, result.Outcome)
	}
	fmt.Println(r.Verdict() == report.Conforms)
	// Output:
	// CreateVpnConnection/example/static pass
	// CreateVpnConnection/example/policy pass
	// CreateVpnConnection/example/bgp pass
	// true
}
