package testdata_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// count is what became of some faults.
type count struct {
	Tried      int `json:"tried"`
	Noticed    int `json:"noticed"`
	Equivalent int `json:"equivalent"`
}

// tester is an entry of calibration/peers.json.
type tester struct {
	Name    string           `json:"name"`
	Version string           `json:"version"`
	Mode    string           `json:"mode"`
	Command string           `json:"command"`
	Missing string           `json:"missing"` // why it was not measured
	Healthy bool             `json:"healthy"`
	Faults  count            `json:"faults"`
	Kinds   map[string]count `json:"kinds"`
	Nulls   struct {
		Tried    int      `json:"tried"`
		Accepted []string `json:"accepted"`
	} `json:"nulls"`
}

// TestPeers shows that the results of make peers name every tester, and that
// their numbers add up.
func TestPeers(t *testing.T) {
	data, err := os.ReadFile("calibration/peers.json")
	if err != nil {
		t.Fatal(err)
	}
	var results struct {
		Sample  string   `json:"sample"`
		Testers []tester `json:"testers"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&results); err != nil {
		t.Fatal(err)
	}
	if results.Sample == "" {
		t.Error("the results do not say of which sample they are")
	}
	var names []string
	for _, p := range results.Testers {
		names = append(names, p.Name)
		if p.Version == "" || p.Mode == "" || p.Command == "" {
			t.Errorf("%s lacks a version, a mode or a command", p.Name)
		}
	}
	want := []string{"vpnconform", "vpnconform-all", "dredd", "portman", "stepci", "respect", "specmatic"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Fatalf("testers (-want +got):\n%s", diff)
	}
	sampled := results.Testers[0]
	for _, p := range results.Testers {
		if p.Missing != "" {
			continue
		}
		for _, problem := range p.problems() {
			t.Errorf("%s: %s", p.Name, problem)
		}
		if p.Name != "vpnconform-all" && !p.sameServers(sampled) {
			t.Errorf("%s was not measured on the servers of the others", p.Name)
		}
	}
}

// problems says where the numbers of a tester do not add up.
func (p tester) problems() []string {
	var sum count
	var out []string
	for kind, c := range p.Kinds {
		sum = count{sum.Tried + c.Tried, sum.Noticed + c.Noticed, sum.Equivalent + c.Equivalent}
		if c.Tried < 1 || c.Noticed < 0 || c.Equivalent < 0 || c.Noticed+c.Equivalent > c.Tried {
			out = append(out, "the counts of "+kind+" are impossible")
		}
	}
	if sum != p.Faults || sum.Tried == 0 {
		out = append(out, "the kinds do not add up to the whole")
	}
	accepted := slices.Compact(slices.Sorted(slices.Values(p.Nulls.Accepted)))
	if p.Nulls.Tried < 1 || len(accepted) != len(p.Nulls.Accepted) || len(accepted) > p.Nulls.Tried {
		out = append(out, "the null servers that it accepts are not of those tried")
	}
	return out
}

// sameServers tells whether two testers met the same number of servers of every
// kind.
func (p tester) sameServers(other tester) bool {
	for kind, c := range p.Kinds {
		if other.Kinds[kind].Tried != c.Tried {
			return false
		}
	}
	return len(p.Kinds) == len(other.Kinds) && p.Nulls.Tried == other.Nulls.Tried
}

// TestPeersProblems shows that numbers that do not add up are noticed.
func TestPeersProblems(t *testing.T) {
	right := func() tester {
		p := tester{Faults: count{3, 1, 1}, Kinds: map[string]count{"a": {1, 1, 0}, "b": {2, 0, 1}}}
		p.Nulls.Tried, p.Nulls.Accepted = 2, []string{"x"}
		return p
	}
	if got := right().problems(); len(got) > 0 {
		t.Errorf("right numbers: %q", got)
	}
	for name, spoil := range map[string]func(*tester){
		"sum":        func(p *tester) { p.Faults.Noticed++ },
		"no kinds":   func(p *tester) { p.Faults, p.Kinds = count{}, nil },
		"too many":   func(p *tester) { p.Kinds["a"], p.Faults = count{1, 2, 0}, count{3, 2, 1} },
		"null twice": func(p *tester) { p.Nulls.Accepted = []string{"x", "x"} },
		"null more":  func(p *tester) { p.Nulls.Accepted = []string{"x", "y", "z"} },
	} {
		p := right()
		if spoil(&p); len(p.problems()) != 1 {
			t.Errorf("%s: %q", name, p.problems())
		}
	}
}
