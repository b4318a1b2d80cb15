package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/generated/bench"
)

// TestVerdict shows that a target is missed by a little, and by no measurement at all.
func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		name            string
		ours, ogen, kin time.Duration
		allocs          uint64
		reached         int
	}{
		{"all", 600, 1000, 3000, 6, 3},
		{"kin-openapi", 601, 1010, 3000, 6, 2},
		{"ogen", 601, 1000, 4000, 6, 2},
		{"allocations", 600, 1000, 3000, 7, 2},
		{"nothing measured", 0, 0, 0, 0, 1},
	} {
		text, err := verdict(map[string]testing.BenchmarkResult{
			bench.Ours:      {N: 1, T: test.ours},
			bench.Ogen:      {N: 1, T: test.ogen},
			bench.Validated: {N: 1, T: test.kin},
			bench.Decode:    {N: 1, MemAllocs: test.allocs},
		})
		if strings.Count(text, ": reached\n") != test.reached || (err == nil) != (test.reached == 3) {
			t.Errorf("%s: %v%s", test.name, err, text)
		}
	}
}

// TestMeasure shows that a work that fails is not measured.
func TestMeasure(t *testing.T) {
	_, err := measure([]bench.Work{{Name: "broken", Do: func() error { return bench.Server{Name: "x", Handler: nothing{}}.Check() }}})
	if err == nil || !strings.HasPrefix(err.Error(), "broken: x: status 0") {
		t.Error(err)
	}
}

// nothing is a handler that never answers.
type nothing struct{}

func (nothing) ServeHTTP(http.ResponseWriter, *http.Request) {}
