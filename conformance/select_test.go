package conformance_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestSelect holds what patterns select, in the suite's order.
func TestSelect(t *testing.T) {
	const maximum = "Dpd.timeout.maximum/"
	edges := []string{
		maximum + "maximum", maximum + "below", maximum + "drawn", maximum + "kept", maximum + "above", maximum + "beyond-int32", maximum + "beyond-32-bits", maximum + "drawn-above",
	}
	surroundings := strings.Fields(`policy-alone-1 static-amid-1 bgp-complete-1 policy-complete-2 static-alone-2 bgp-amid-2 policy-amid-3 static-complete-3
		bgp-alone-3 policy-alone-4 static-amid-4 bgp-complete-4 policy-complete-5 static-alone-5 bgp-amid-5`)
	for _, begin := range []string{maximum + "in-", "around/vpn_connection.ikepolicy.dpd-in-"} { // each with its twin
		for _, end := range surroundings {
			edges = append(edges, begin+end)
		}
	}
	for name, row := range map[string]struct {
		run, skip []string
		want      []string
	}{
		"an id":                         {[]string{"example/static"}, nil, []string{"example/static"}},
		"a pattern with a slash":        {[]string{"example/*c*"}, nil, []string{"example/static", "example/policy"}},
		"a rule, and the twin":          {[]string{"Dpd.timeout.maximum"}, nil, edges},
		"rules, without a slash":        {[]string{"Dpd.time*.max*"}, nil, edges},
		"accepted, without a twin":      {[]string{maximum + "below"}, nil, []string{maximum + "below"}},
		"refused, with its twin":        {[]string{maximum + "above"}, nil, []string{maximum + "kept", maximum + "above"}},
		"twice":                         {[]string{maximum + "below", maximum + "b*w"}, nil, []string{maximum + "below"}},
		"skip":                          {[]string{"example"}, []string{"example/[sp]*"}, []string{"example/bgp"}},
		"skip does not take a twin":     {[]string{maximum + "above"}, []string{maximum + "kept"}, []string{maximum + "kept", maximum + "above"}},
		"skip of what is not selected":  {[]string{"example/bgp"}, []string{"transport"}, []string{"example/bgp"}},
		"skip of the case, not the twn": {[]string{maximum + "*"}, []string{maximum + "b*", maximum + "d*", maximum + "in-*", maximum + "k*"}, []string{maximum + "maximum", maximum + "kept", maximum + "above"}},
	} {
		if diff := cmp.Diff(row.want, ids(t, row.run, row.skip)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	all := len(ids(t, nil, nil))
	if star := len(ids(t, []string{"*"}, nil)); star != all || all < 1000 {
		t.Errorf("no pattern selects %d cases, * selects %d", all, star)
	}
	skipped := ids(t, nil, []string{"transport"})
	for _, id := range skipped {
		if strings.HasPrefix(id, "transport/") {
			t.Errorf("%s is not skipped", id)
		}
	}
}

func ids(t testing.TB, run, skip []string) []string {
	t.Helper()
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := conformance.Select(s, run, skip)
	if err != nil {
		t.Fatalf("%v without %v: %v", run, skip, err)
	}
	var out []string
	for _, c := range cases {
		out = append(out, c.ID)
	}
	return out
}

// TestSelectRefuses holds what is said of patterns that are a mistake.
func TestSelectRefuses(t *testing.T) {
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	for want, row := range map[string]struct{ run, skip []string }{
		`pattern "no/such" matches no case`:      {[]string{"example", "no/such"}, nil},
		`pattern "Example" matches no case`:      {[]string{"Example"}, nil},
		`pattern "example/" matches no case`:     {[]string{"example/"}, nil},
		`pattern "" matches no case`:             {[]string{""}, nil},
		`pattern "*/*/*" matches no case`:        {[]string{"*/*/*"}, nil},
		`pattern "nothing" matches no case`:      {nil, []string{"nothing"}},
		`pattern "[" is malformed`:               {[]string{"["}, nil},
		`pattern "example/[a" is malformed`:      {nil, []string{"example/[a"}},
		`the patterns leave no case to run`:      {[]string{"example"}, []string{"*"}},
		`pattern "example/stat" matches no case`: {[]string{"example/stat"}, []string{"*"}},
	} {
		_, err := conformance.Select(s, row.run, row.skip)
		var usage *conformance.UsageError
		if !errors.As(err, &usage) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}
