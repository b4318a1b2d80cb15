package suite_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestDrawn draws the suite with many seeds: every case still breaks what it
// says and nothing else, and is another request than with any other seed.
func TestDrawn(t *testing.T) {
	s, err := suite.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]map[string]bool{} // requests, by case
	const seeds = 10
	for seed := range uint64(seeds) {
		drawn := s.Drawn(seed)
		if drawn.Digest() != s.Digest() {
			t.Errorf("seed %d changes the digest", seed)
		}
		for i, c := range drawn.Cases {
			of := s.Cases[i]
			if c.ID != of.ID || c.Twin != of.Twin || c.Level != of.Level || c.Rule != of.Rule {
				t.Fatalf("seed %d: case %d is %s, want %s", seed, i, c.ID, of.ID)
			}
			if !strings.Contains(c.ID, "/drawn") && !strings.HasPrefix(c.ID, "drawn/") {
				if string(c.Change.Patch) != string(of.Change.Patch) {
					t.Errorf("seed %d changes %s", seed, c.ID)
				}
				continue
			}
			if same, ok := drawn.Case(c.ID); !ok || string(same.Change.Patch) != string(c.Change.Patch) {
				t.Errorf("seed %d: Case(%s) is another", seed, c.ID)
			}
			body, err := s.Document().Violated(s.Operation(), c.Change)
			if err != nil {
				t.Fatalf("seed %d: %s: %v", seed, c.ID, err)
			}
			if broken := s.Document().Broken(s.Operation(), body, c.Change.Facts); !slices.Equal(broken, c.Breaks()) {
				t.Errorf("seed %d: %s breaks %v, want %v: %s", seed, c.ID, broken, c.Breaks(), c.Change.Patch)
			}
			if seen[c.ID] == nil {
				seen[c.ID] = map[string]bool{}
			}
			seen[c.ID][string(c.Change.Patch)] = true
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d cases draw their values", len(seen))
	}
	for id, requests := range seen {
		if len(requests) < seeds/2 { // a small range has few values
			t.Errorf("%s: %d requests with %d seeds", id, len(requests), seeds)
		}
	}
}

// TestDrawnAgain draws with one seed twice, and with two at the same time.
func TestDrawnAgain(t *testing.T) {
	s, err := suite.Load()
	if err != nil {
		t.Fatal(err)
	}
	patches := func(seed uint64) string {
		var b strings.Builder
		for _, c := range s.Drawn(seed).Cases {
			b.Write(c.Change.Patch)
		}
		return b.String()
	}
	one, two := patches(1), patches(2)
	if one == two {
		t.Fatal("two seeds draw the same")
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if patches(1) != one {
				t.Error("seed 1 draws something else")
			}
		})
		all.Go(func() {
			if patches(2) != two {
				t.Error("seed 2 draws something else")
			}
		})
	}
	all.Wait()
}
