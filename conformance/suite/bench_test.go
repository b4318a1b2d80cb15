package suite_test

import (
	"testing"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

func BenchmarkVariants(b *testing.B) {
	doc, err := openapi.Load()
	if err != nil {
		b.Fatal(err)
	}
	op, _ := doc.Operation("CreateVpnConnection")
	for b.Loop() {
		if _, err := suite.Variants(doc, op); err != nil {
			b.Fatal(err)
		}
	}
}
