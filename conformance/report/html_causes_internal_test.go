package report

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCauses groups what cases have in common.
func TestCauses(t *testing.T) {
	style := func(level, kind string) Difference {
		return Difference{Pointer: "/body/vpn_connection/style", Kind: kind, Rule: "Style.enum", Why: "style is one of three", Level: level}
	}
	status := Difference{Pointer: "/status", Kind: "changed", Why: "name is accepted", Level: "must"}
	failed := func(id string, differences ...Difference) Result {
		return Result{Case: id, Outcome: Fail, Differences: differences}
	}
	r := &Report{Results: []Result{
		failed("a/one", status, style("may", "rule")), {Case: "a/passes", Outcome: Pass},
		failed("a/two", style("should", "missing"), style("should", "missing")), failed("a/three", style("may", "rule")),
	}}
	p := newHTMLPage(r)
	var got []string
	for _, c := range p.Causes {
		got = append(got, fmt.Sprintf("%s %s %s %d %s %s", c.Pointer, c.Why, c.Level, c.Cases, c.First, c.At))
	}
	want := []string{"/body/vpn_connection/style style is one of three should 3 a/one case/a/one", "/status name is accepted must 1 a/one case/a/one"}
	if diff := cmp.Diff(want, got); diff != "" || p.MoreCauses != 0 {
		t.Errorf("%d more (-want +got):\n%s", p.MoreCauses, diff)
	}
	r.Results = r.Results[:2]
	if p := newHTMLPage(r); len(p.Causes) > 0 {
		t.Errorf("one case that failed has %d causes", len(p.Causes))
	}
	for i := range 2 * mostCauses {
		r.Results = append(r.Results, failed(fmt.Sprintf("b/%d", i), Difference{Pointer: fmt.Sprintf("/body/%d", i), Why: "w", Level: "must"}))
	}
	if p := newHTMLPage(r); len(p.Causes) != mostCauses || p.MoreCauses != mostCauses+2 {
		t.Errorf("%d causes and %d more", len(p.Causes), p.MoreCauses)
	}
}
