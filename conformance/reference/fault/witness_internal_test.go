package fault

import (
	"net/http"
	"runtime"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
)

// TestWitnesses shows that every fault that is derived from a request is shown
// by it, and by the last request alone where it takes several.
func TestWitnesses(t *testing.T) {
	w, err := newWorld(environment.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	healthy := newServer(t, reference.Options{})
	var trying errgroup.Group
	trying.SetLimit(runtime.GOMAXPROCS(0))
	witnessed := 0
	for _, f := range faults(t) {
		if f.witness == nil {
			continue
		}
		witnessed++
		trying.Go(func() error {
			changed := 0
			h := f.make(&wrong{healthy, w, func() { changed++ }})
			probes := f.witness()
			for i, p := range probes {
				r, err := w.requestOf(p)
				if err != nil {
					t.Errorf("%s: %v", f.ID, err)
					return nil
				}
				a := &reply{header: http.Header{}}
				h(a, r)
				if last := i == len(probes)-1; (changed > 0) != last {
					t.Errorf("%s: after request %d of %d, %d changed answers: %d %s", f.ID, i+1, len(probes), changed, a.status, a.body)
				}
			}
			return nil
		})
	}
	_ = trying.Wait() // errors are told to t
	if witnessed < 5000 {
		t.Errorf("%d faults have a request that shows them, want at least 5000", witnessed)
	}
}

// TestWitness has requests that others can send, and none where any would do.
func TestWitness(t *testing.T) {
	requests, err := faultOf(t, "rule/Dpd.timeout.maximum/not-kept").Witness()
	if err != nil || len(requests) != 2 || requests[0].URL.Path != harness.Target || requests[0].Method != http.MethodPost {
		t.Errorf("got %v and %v, want two requests to %s", requests, err, harness.Target)
	}
	if requests, err := faultOf(t, "body/null").Witness(); requests != nil || err != nil {
		t.Errorf("got %v and %v, want none", requests, err)
	}
}
