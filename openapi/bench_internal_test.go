package openapi

import "testing"

// BenchmarkLoad parses as Load does the first time.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := parse("vpn.yaml", vpn, true); err != nil {
			b.Fatal(err)
		}
	}
}
