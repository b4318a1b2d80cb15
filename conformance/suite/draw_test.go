package suite_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestDrawn draws the suite with many seeds: every case still breaks what it
// says and nothing else, and is another request than with any other seed.
func TestDrawn(t *testing.T) {
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	env, err := environment.Default(s.Document())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]map[string]bool{} // requests, by case
	const seeds = 4
	for seed := range uint64(seeds) {
		drawn, err := suite.Load(seed)
		if err != nil {
			t.Fatal(err)
		}
		if drawn.Digest() != s.Digest() {
			t.Errorf("seed %d changes the digest", seed)
		}
		if diff := cmp.Diff(ids(s), ids(drawn)); diff != "" {
			t.Fatalf("seed %d has other cases (-seed 1 +got):\n%s", seed, diff)
		}
		for i, c := range drawn.Cases {
			of := s.Cases[i]
			if c.Twin != of.Twin || c.Rule != of.Rule || c.Draws() != of.Draws() {
				t.Fatalf("seed %d: %s is of another twin or rule", seed, c.Name())
			}
			if !c.Draws() {
				if string(c.Change.Patch) != string(of.Change.Patch) {
					t.Errorf("seed %d changes %s", seed, c.Name())
				}
				continue
			}
			body, err := s.Document().Violated(s.Operation(c), c.Change)
			if err != nil {
				t.Fatalf("seed %d: %s: %v", seed, c.Name(), err)
			}
			broken := s.Document().Broken(s.Operation(c), body, c.Change.Facts)
			slices.Sort(broken)
			if !slices.Equal(broken, c.Breaks()) {
				t.Errorf("seed %d: %s breaks %v, want %v: %s", seed, c.Name(), broken, c.Breaks(), c.Change.Patch)
			}
			if open := s.Document().LeavesOpen(s.Operation(c), body, c.Change.Facts); len(open) > 0 {
				t.Errorf("seed %d: %s leaves open %v: %s", seed, c.Name(), open, c.Change.Patch)
			}
			if seen[c.Name()] == nil {
				seen[c.Name()] = map[string]bool{}
			}
			bound, err := drawn.Bind(c, env, "Some-Key-1")
			if err != nil {
				continue // its environment is another
			}
			seen[c.Name()][string(bound.Body)] = true
		}
	}
	if len(seen) < 2000 {
		t.Errorf("%d cases draw their values", len(seen))
	}
	few := 0
	for _, requests := range seen {
		if len(requests) < seeds/2 { // nothing that may be left out has no values
			few++
		}
	}
	if few > len(seen)/50 {
		t.Errorf("%d of %d cases hardly differ between seeds", few, len(seen))
	}
}

// TestDrawnAgain draws with one seed twice, and with two at the same time.
func TestDrawnAgain(t *testing.T) {
	patches := func(seed uint64) string {
		var b strings.Builder
		s, err := suite.Load(seed)
		if err != nil {
			t.Error(err)
			return ""
		}
		for _, c := range s.Cases {
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
