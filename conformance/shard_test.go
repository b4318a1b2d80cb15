package conformance_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestParseShard holds what is a part, and that nothing else is.
func TestParseShard(t *testing.T) {
	for text, want := range map[string]report.Shard{"1/1": {Part: 1, Of: 1}, "2/4": {Part: 2, Of: 4}, "12/12": {Part: 12, Of: 12}} {
		if got, err := conformance.ParseShard(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		"", "x", "2", "/", "2/", "/4", "0/4", "5/4", "2/0", "0/0", "-1/4", "2/-4", "+2/4", "02/4", "2/4/1", "2/4 ", " 2/4", "2.0/4", "0x1/4",
		"1/99999999999999999999", "99999999999999999999/99999999999999999999",
	} {
		var wrong *conformance.UsageError
		if got, err := conformance.ParseShard(text); !errors.As(err, &wrong) || got != (report.Shard{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}

// TestCases divides a selection: every case is in the part that its position in
// the suite gives, whatever the patterns are, and brings its twin with it.
func TestCases(t *testing.T) {
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	position := map[string]int{}
	for i, c := range s.Cases {
		position[c.ID] = i
	}
	for name, patterns := range map[string]struct{ run, skip []string }{
		"all": {}, "some": {run: []string{"Dpd.*", "IkePolicy.*"}, skip: []string{"Dpd.timeout.*"}}, "refused alone": {run: []string{"Dpd.*/above"}},
	} {
		for _, of := range []int{1, 2, 7} {
			all, err := conformance.Options{Run: patterns.run, Skip: patterns.skip}.Cases(s)
			if err != nil {
				t.Fatal(err)
			}
			parts := map[string]int{}
			for part := range of {
				cases, err := conformance.Options{Run: patterns.run, Skip: patterns.skip, Shard: report.Shard{Part: part + 1, Of: of}}.Cases(s)
				if err != nil {
					continue // there may be none: all are counted below
				}
				here := map[string]bool{}
				for i, c := range cases {
					if here[c.ID] = true; i > 0 && position[cases[i-1].ID] >= position[c.ID] {
						t.Errorf("%s, %d/%d: %s is not in the order of the suite", name, part+1, of, c.ID)
					}
				}
				needed := map[string]bool{}
				for _, c := range cases {
					switch {
					case c.Duty: // every part that sends anything has them all
						needed[c.ID] = true
					case position[c.ID]%of == part:
						parts[c.ID]++
						needed[c.ID], needed[c.Twin] = true, true
					}
				}
				for _, c := range all {
					if c.Duty && !here[c.ID] {
						t.Errorf("%s, %d/%d: %s is not there", name, part+1, of, c.ID)
					}
				}
				delete(needed, "")
				if diff := cmp.Diff(needed, here); diff != "" {
					t.Errorf("%s, %d/%d (-needed +there):\n%s", name, part+1, of, diff)
				}
			}
			want := map[string]int{}
			for _, c := range all {
				if !c.Duty {
					want[c.ID] = 1
				}
			}
			if diff := cmp.Diff(want, parts); diff != "" {
				t.Errorf("%s, of %d (-want +got):\n%s", name, of, diff)
			}
		}
	}
}

// TestCasesRefuses lists parts that there cannot be.
func TestCasesRefuses(t *testing.T) {
	everything := len(ids(t, nil, nil))
	for want, opts := range map[string]conformance.Options{
		"part 0/4: there is no such part":                                                                     {Shard: report.Shard{Of: 4}},
		"part 5/4: there is no such part":                                                                     {Shard: report.Shard{Part: 5, Of: 4}},
		"part 2/0: there is no such part":                                                                     {Shard: report.Shard{Part: 2}},
		"part -1/4: there is no such part":                                                                    {Shard: report.Shard{Part: -1, Of: 4}},
		fmt.Sprintf("part 1/1000000: the suite has %d cases", everything):                                     {Shard: report.Shard{Part: 1, Of: 1000000}},
		"part 4/4: it has none of the cases that the patterns select, 3 in all":                               {Run: examples, Shard: report.Shard{Part: 4, Of: 4}},
		`pattern "no/such" matches no case`:                                                                   {Run: []string{"no/such"}, Shard: report.Shard{Part: 1, Of: 4}},
		fmt.Sprintf("part %d/%[1]d: it has none of the cases that the patterns select, 3 in all", everything): {Run: examples, Shard: report.Shard{Part: everything, Of: everything}},
	} {
		opts.Target = "http://127.0.0.1:1" // nothing is sent
		_, ran := conformance.Run(t.Context(), opts)
		dry := conformance.DryRun(&bytes.Buffer{}, opts)
		for _, err := range []error{ran, dry} {
			var wrong *conformance.UsageError
			if !errors.As(err, &wrong) || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		}
	}
}
