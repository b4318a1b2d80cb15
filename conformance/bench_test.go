package conformance

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// times returns the cases n times over, each time with ids of their own.
func times(s *suite.Suite, n int) []suite.Case {
	var out []suite.Case
	for i := range n {
		for _, c := range s.Cases {
			if i > 0 {
				c.ID = fmt.Sprintf("%s-%d", c.ID, i)
				if c.Twin != "" {
					c.Twin = fmt.Sprintf("%s-%d", c.Twin, i)
				}
			}
			out = append(out, c)
		}
	}
	return out
}

// BenchmarkRun runs the suite once, four times and sixteen times over against
// the reference implementation in the same process. ns/case stays the same
// when a run grows with the number of its cases and no faster.
func BenchmarkRun(b *testing.B) {
	s, err := suite.Load(1)
	if err != nil {
		b.Fatal(err)
	}
	implementation, err := reference.New(reference.Options{})
	if err != nil {
		b.Fatal(err)
	}
	target := httptest.NewServer(implementation)
	defer target.Close()
	for _, n := range []int{1, 4, 16} {
		b.Run(fmt.Sprintf("suite=%dx", n), func(b *testing.B) {
			cases := times(s, n)
			runs := 0
			for b.Loop() {
				runs++
				found, err := run(b.Context(), Options{Target: target.URL}, s, cases)
				if err != nil || found.Verdict() != report.Conforms {
					b.Fatalf("%v: %s", err, found.Summary())
				}
			}
			each := float64(b.Elapsed().Nanoseconds()) / float64(runs*len(cases))
			b.ReportMetric(each, "ns/case")
			b.ReportMetric(1e9/each, "cases/s")
		})
	}
}
