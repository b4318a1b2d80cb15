package fault

import (
	"math/rand/v2"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
)

// newServer returns a server whose clock stands still and whose random numbers
// are the same in every run.
func newServer(tb testing.TB, opts reference.Options) *reference.Server {
	tb.Helper()
	if opts.Now == nil {
		opts.Now = harness.Now
	}
	if opts.Rand == nil {
		opts.Rand = rand.NewChaCha8([32]byte{})
	}
	s, err := reference.New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// forgetful returns a server and what makes it like a new one, only faster.
func forgetful(tb testing.TB, opts reference.Options) (s *reference.Server, forget func()) {
	tb.Helper()
	random := rand.NewChaCha8([32]byte{})
	opts.Rand = random
	s = newServer(tb, opts)
	return s, func() {
		random.Seed([32]byte{})
		s.Reset()
	}
}
