package conformancetest_test

import (
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/conformancetest"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/reference"
)

func ExampleRun() {
	// In a file that ends in _test.go, with the handler that is yours.
	TestConformance := func(t *testing.T) {
		server, err := reference.New(reference.Options{})
		if err != nil {
			t.Fatal(err)
		}
		conformancetest.Run(t, server, conformance.Options{})
	}
	_ = TestConformance // go test calls it
}

func ExampleRunURL() {
	TestConformance := func(t *testing.T) {
		conformancetest.RunURL(t, "http://127.0.0.1:8080", conformance.Options{
			Run:   []string{"example", "IkePolicy.*"},
			Level: "should",
			Known: []known.Failure{{Case: "CreateVpnConnection/example/bgp", Reason: "style comes in lower case"}},
		})
	}
	_ = TestConformance // go test calls it
}
