package suite_test

import (
	"testing"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// BenchmarkNew derives the whole suite of a document that is parsed.
func BenchmarkNew(b *testing.B) {
	doc, err := openapi.Load()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := suite.New(doc, printed(b), 1); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBind binds every case once.
func BenchmarkBind(b *testing.B) {
	s, e := load(b), defaultEnvironment(b)
	e.TokenEnv = "TOKEN"
	for b.Loop() {
		for _, c := range s.Cases {
			if _, err := s.Bind(c, e, "Example-Key-1"); err != nil {
				b.Fatal(err)
			}
		}
	}
}
