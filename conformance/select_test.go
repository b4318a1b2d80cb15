package conformance_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// TestSelect holds what patterns select, in the suite's order.
func TestSelect(t *testing.T) {
	const maximum = "CreateVpnConnection/Dpd.timeout.maximum/"
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	// of the rule, the cases of all names but those that begin with one of these, and their twins
	edges := func(but ...string) (out []string) {
		wanted := map[string]bool{}
		for _, c := range s.Cases {
			name, ok := strings.CutPrefix(c.ID, maximum)
			if ok && !slices.ContainsFunc(but, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
				wanted[c.ID], wanted[c.Twin] = true, true
			}
		}
		for _, c := range s.Cases {
			if wanted[c.ID] {
				out = append(out, c.ID)
			}
		}
		return out
	}
	for _, id := range []string{"maximum", "below", "drawn", "kept", "above", "beyond-int32", "beyond-32-bits", "drawn-above", "in-policy-alone-1"} {
		if !slices.Contains(edges(), maximum+id) {
			t.Errorf("there is no %s%s", maximum, id)
		}
	}
	for name, row := range map[string]struct {
		run, skip []string
		want      []string
	}{
		"an id":                         {[]string{"CreateVpnConnection/example/static"}, nil, []string{"CreateVpnConnection/example/static"}},
		"a pattern with a slash":        {[]string{"example/*c*"}, nil, []string{"CreateVpnConnection/example/static", "CreateVpnConnection/example/policy"}},
		"a rule, and the twin":          {[]string{"Dpd.timeout.maximum"}, nil, edges()},
		"rules, without a slash":        {[]string{"Dpd.time*.max*"}, nil, edges()},
		"accepted, without a twin":      {[]string{maximum + "below"}, nil, []string{maximum + "below"}},
		"refused, with its twin":        {[]string{maximum + "above"}, nil, []string{maximum + "kept", maximum + "above"}},
		"twice":                         {[]string{maximum + "below", maximum + "b*w"}, nil, []string{maximum + "below"}},
		"skip":                          {[]string{"example"}, []string{"example/[sp]*"}, []string{"CreateVpnConnection/example/bgp"}},
		"skip does not take a twin":     {[]string{maximum + "above"}, []string{"CreateVpnConnection/Dpd.timeout.maximum/kept"}, []string{maximum + "kept", maximum + "above"}},
		"skip of what is not selected":  {[]string{"CreateVpnConnection/example/bgp"}, []string{"transport"}, []string{"CreateVpnConnection/example/bgp"}},
		"skip of the case, not the twn": {[]string{maximum + "*"}, []string{maximum + "b*", maximum + "d*", maximum + "k*", maximum + "in-*"}, edges("b", "d", "k", "in-")},
	} {
		if diff := cmp.Diff(row.want, ids(t, row.run, row.skip)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	drawn, err := foreign(t).Draw(1)
	if err != nil {
		t.Fatal(err)
	}
	of, err := conformance.Select(drawn, []string{"*.maximum", "example/*"}, nil, "listBooks", "createBook")
	for _, c := range of {
		if c.Operation != "listBooks" && c.Operation != "createBook" || c.Duty {
			t.Errorf("%s is selected with two other operations", c.ID)
		}
	}
	if err != nil || len(of) < 8 {
		t.Errorf("two operations: %d cases, %v", len(of), err)
	}
	all := len(ids(t, nil, nil))
	if star := len(ids(t, []string{"*"}, nil)); star != all || all < 1000 {
		t.Errorf("no pattern selects %d cases, * selects %d", all, star)
	}
	skipped := ids(t, nil, []string{"transport"})
	for _, id := range skipped {
		if strings.Contains(id, "/transport/") {
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
		`pattern "*/*/*/*" matches no case`:      {[]string{"*/*/*/*"}, nil},
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
