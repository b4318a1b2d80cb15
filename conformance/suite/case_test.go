package suite_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/testdata"
)

func load(t testing.TB) *suite.Suite {
	t.Helper()
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cases returns the cases of the documented examples.
func cases(t testing.TB) []suite.Case {
	t.Helper()
	return slices.DeleteFunc(slices.Clone(load(t).Cases), func(c suite.Case) bool { return c.Request == nil })
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := testdata.Examples.ReadFile("examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestExamples holds the list of the documented examples, which come first.
func TestExamples(t *testing.T) {
	facts := load(t).Document().Facts
	example := func(name string) openapi.Violate {
		return openapi.Violate{Example: name, Patch: []byte("[]"), Facts: facts}
	}
	created, twice := []int{http.StatusCreated}, suite.Wire{Requests: 2}
	want := []suite.Case{
		{Operation: "CreateVpnConnection", ID: "CreateVpnConnection/example/static", Title: "Creates a connection with static routing", Level: "must", Source: "Example requests, static routing mode",
			Change: example("static"), Statuses: created, Wire: twice},
		{Operation: "CreateVpnConnection", ID: "CreateVpnConnection/example/policy", Title: "Creates a policy-based connection", Level: "must", Source: "Example requests, policy-based mode", Errata: []string{"policy-destination"},
			Change: example("policy"), Statuses: created, Wire: twice},
		{Operation: "CreateVpnConnection", ID: "CreateVpnConnection/example/bgp", Title: "Creates a connection with BGP routing", Level: "must", Source: "Example requests, BGP routing mode",
			Change: example("bgp"), Statuses: created, Wire: twice},
	}
	if diff := cmp.Diff(want, load(t).Cases[:3], cmpopts.IgnoreFields(suite.Case{}, "Request", "Golden"), cmpopts.IgnoreUnexported(suite.Case{})); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

// TestDocumented shows that a case holds what the page prints, and that only
// the erratum differs from it.
func TestDocumented(t *testing.T) {
	for _, c := range cases(t) {
		name := strings.TrimPrefix(c.Name(), "example/")
		if diff := cmp.Diff(string(file(t, name+"/request.json")), string(c.Request)); diff != "" {
			t.Errorf("%s: request (-page +case):\n%s", c.Name(), diff)
		}
		var want []match.Difference
		if name == "policy" {
			want = []match.Difference{{Pointer: "/vpn_connection/policy_rules/0/destination/0", Kind: match.Changed, Want: "192.168.44.0/24", Got: "192.168.0.0/24"}}
		}
		page, golden := decode(t, file(t, name+"/response.json")), decode(t, c.Golden)
		if diff := cmp.Diff(want, match.Compare(page, golden, func(string) bool { return false }).Differences); diff != "" {
			t.Errorf("%s: errata (-want +got):\n%s", c.Name(), diff)
		}
	}
}

// TestGoldenFilesAreUsed finds golden files that no test asks for any more.
func TestGoldenFilesAreUsed(t *testing.T) {
	entries, err := os.ReadDir("testdata/bind")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	want := []string{
		"default-bgp.golden", "default-policy.golden", "default-static.golden", "other-bgp.golden", "other-policy.golden", "other-static.golden",
	}
	if !slices.Equal(got, want) {
		t.Errorf("golden files are %q, want %q", got, want)
	}
}

func bind(t testing.TB, c suite.Case, e environment.Environment, psk string) suite.Bound {
	t.Helper()
	bound, err := load(t).Bind(c, e, psk)
	if err != nil {
		t.Fatalf("%s: %v", c.Name(), err)
	}
	return bound
}

func decode(t testing.TB, data []byte) any {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func indented(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return data
}
