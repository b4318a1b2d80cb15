package calibrate_test

import (
	"testing"

	"github.com/vpnconform/vpnconform/conformance/calibrate"
)

// raced tells whether the race detector is at work.
var raced bool

// TestRunSampled measures the kit with a fault of every kind, and null servers
// of every status, and it holds.
func TestRunSampled(t *testing.T) {
	if raced {
		t.Skip("it takes ten times as long with the race detector, and the tests beside it have the same code; make check runs it without")
	}
	told, all := 0, 0
	m, err := calibrate.Run(t.Context(), calibrate.Options{Sample: 1, Each: func(done, of int) {
		if told++; done != told {
			t.Errorf("told of %d servers after %d", done, told-1)
		}
		all = of
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !m.Holds() {
		t.Errorf("%s\nvoid: %q\nwrong: %q\nsurvivors: %+v", m.Summary(), m.Void, m.Wrong, m.Survivors())
	}
	kinds := map[string]bool{}
	for _, k := range m.Kills {
		kinds[k.Kind] = true
		if k.Equivalent == "" && (k.Case == "" || k.Pointer == "" || k.Level == "" || k.Changed == 0) {
			t.Errorf("%+v: want a case, a place, a level and changed answers", k)
		}
	}
	if len(kinds) < 30 || len(m.Kills) != len(kinds)+1 && len(m.Kills) != len(kinds) {
		t.Errorf("%d faults of %d kinds, want one of each kind, and the canary", len(m.Kills), len(kinds))
	}
	if len(m.Nulls) != 13 {
		t.Errorf("%d null servers, want 12 statuses and one that is silent", len(m.Nulls))
	}
	if want := len(m.Kills) + len(m.Nulls); told != want || all != want {
		t.Errorf("told %d times of %d servers, want %d", told, all, want)
	}
}
