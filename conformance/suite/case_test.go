package suite_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/testdata"
)

// cases returns the cases of the documented examples.
func cases(t testing.TB) []suite.Case {
	t.Helper()
	all, err := suite.Cases()
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(c suite.Case) bool { return !strings.HasPrefix(c.ID, "example/") })
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	data, err := testdata.Examples.ReadFile("examples/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestCases holds the list of the documented examples. An id that disappears from it breaks
// every list of known failures that names it.
func TestCases(t *testing.T) {
	want := []suite.Case{
		{ID: "example/static", Title: "Creates a connection with static routing", Level: "must", Source: "Example requests, static routing mode"},
		{ID: "example/policy", Title: "Creates a policy-based connection", Level: "must", Source: "Example requests, policy-based mode", Errata: []string{"policy-destination"}},
		{ID: "example/bgp", Title: "Creates a connection with BGP routing", Level: "must", Source: "Example requests, BGP routing mode"},
	}
	if diff := cmp.Diff(want, cases(t), cmpopts.IgnoreFields(suite.Case{}, "Request", "Golden")); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

// TestDocumented shows that a case holds what the page prints, and that only
// the erratum differs from it.
func TestDocumented(t *testing.T) {
	for _, c := range cases(t) {
		name := strings.TrimPrefix(c.ID, "example/")
		if diff := cmp.Diff(string(file(t, name+"/request.json")), string(c.Request)); diff != "" {
			t.Errorf("%s: request (-page +case):\n%s", c.ID, diff)
		}
		var want []match.Difference
		if name == "policy" {
			want = []match.Difference{{Pointer: "/vpn_connection/policy_rules/0/destination/0", Kind: match.Changed, Want: "192.168.44.0/24", Got: "192.168.0.0/24"}}
		}
		page, golden := decode(t, file(t, name+"/response.json")), decode(t, c.Golden)
		if diff := cmp.Diff(want, match.Compare(page, golden, func(string) bool { return false }).Differences); diff != "" {
			t.Errorf("%s: errata (-want +got):\n%s", c.ID, diff)
		}
	}
}

// otherEnvironment shares no value with the documented one.
func otherEnvironment(t testing.TB) suite.Environment {
	t.Helper()
	e, err := suite.Parse("environment.yaml", []byte(`
project_id: project
gateways:
  - {id: private, network_type: private, attachment_type: vpc, ha_mode: active-active, addresses: [{ip: 10.9.0.1}]}
  - {id: er, network_type: public, attachment_type: er, ha_mode: active-active, addresses: [{id: er-eip, ip: 10.9.0.2}]}
  - id: gateway
    network_type: public
    attachment_type: vpc
    ha_mode: active-active
    enterprise_project_id: enterprise
    addresses: [{id: eip, ip: 10.9.0.3}, {id: second-eip, ip: 10.9.0.4}]
  - {id: second, network_type: public, attachment_type: vpc, ha_mode: active-active, addresses: [{id: third-eip, ip: 10.9.0.5}]}
customer_gateways: [{id: customer, ip: 88.9.0.1}, {id: second-customer, ip: 88.9.0.2}]
`))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestBind holds what is sent and expected in two environments: the default
// one, in which only what the page masks is replaced, and another one.
func TestBind(t *testing.T) {
	g := goldie.New(t, goldie.WithFixtureDir("testdata/bind"))
	for name, e := range map[string]suite.Environment{"default": defaultEnvironment(t), "other": otherEnvironment(t)} {
		for _, c := range cases(t) {
			bound := bind(t, c, e, "Example-Key-1")
			text := fmt.Sprintf("%s\n\n%s\n", bound.Body, indented(t, bound.Golden))
			g.Assert(t, name+"-"+strings.TrimPrefix(c.ID, "example/"), []byte(text))
			if diff := cmp.Diff(decode(t, bound.Body), bound.Request); diff != "" {
				t.Errorf("%s: request (-body +decoded):\n%s", c.ID, diff)
			}
		}
	}
}

// TestBindDocumented holds the default environment against the page: whole
// request, byte for byte, and whole answer.
func TestBindDocumented(t *testing.T) {
	unmasked := strings.NewReplacer(
		`"abcd****"`, `"Example-Key-1"`, `"10.***.***.134"`, `"10.0.0.134"`, `"88.***.***.164"`, `"88.0.0.164"`,
	)
	for _, c := range cases(t) {
		name := strings.TrimPrefix(c.ID, "example/")
		bound := bind(t, c, defaultEnvironment(t), "Example-Key-1")
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(unmasked.Replace(string(file(t, name+"/request.json"))))); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(bound.Body)); diff != "" {
			t.Errorf("%s: body (-page +sent):\n%s", c.ID, diff)
		}
		answer := unmasked.Replace(string(file(t, name+"/response.json")))
		if name == "policy" {
			at := strings.LastIndex(answer, `"192.168.44.0/24"`) // peer_subnets come first
			answer = answer[:at] + strings.Replace(answer[at:], "192.168.44.0/24", "192.168.0.0/24", 1)
		}
		if diff := cmp.Diff(decode(t, []byte(answer)), bound.Golden); diff != "" {
			t.Errorf("%s: answer (-page +expected):\n%s", c.ID, diff)
		}
		if strings.Contains(string(bound.Body)+string(indented(t, bound.Golden)), "*.") {
			t.Errorf("%s: something is still masked", c.ID)
		}
	}
}

// TestBindOrder shows that members stay in the documented order, whatever
// takes the place of their values.
func TestBindOrder(t *testing.T) {
	for _, c := range cases(t) {
		bound := bind(t, c, otherEnvironment(t), `"},{"a":"b`)
		want := names(t, file(t, strings.TrimPrefix(c.ID, "example/")+"/request.json"))
		if len(want) < 6 {
			t.Fatalf("%s: names are %q: the test finds too few", c.ID, want)
		}
		if diff := cmp.Diff(want, names(t, bound.Body)); diff != "" {
			t.Errorf("%s: order of members (-page +sent):\n%s", c.ID, diff)
		}
	}
}

// names returns the names of all members in the order of the text.
func names(t *testing.T, text []byte) []string {
	t.Helper()
	var out []string
	dec := json.NewDecoder(bytes.NewReader(text))
	var object []bool // for each level, whether it is an object
	name := false     // whether the next text is a name
	for dec.More() || len(object) > 0 {
		token, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			object = append(object, token == json.Delim('{'))
			name = token == json.Delim('{')
			continue
		case json.Delim('}'), json.Delim(']'):
			object = object[:len(object)-1]
			name = len(object) > 0 && object[len(object)-1]
			continue
		}
		if name {
			out = append(out, token.(string))
		}
		if object[len(object)-1] {
			name = !name
		}
	}
	return out
}

// TestBindKey places keys that could break the text, or that are documented
// values themselves.
func TestBindKey(t *testing.T) {
	for _, key := range []string{
		"Example-Key-1", `"`, `\`, `\"},"a":"`, "<&>", "\x00\n\u2028", "abcd****", "0", "b32d91a4-demo-a8df-va86-e907174eb11d", "psk", `~!@#$%^()-_+={ },./:;`, "",
	} {
		for _, c := range cases(t) {
			bound := bind(t, c, otherEnvironment(t), key)
			want := decode(t, []byte(strings.NewReplacer(
				"b32d91a4-demo-a8df-va86-e907174eb11d", "gateway",
				"0c464dad-demo-a8df-va86-c22bb0eb0bde", "eip",
				"5247ae10-demo-a8df-va86-dd36659a7f5d", "customer",
			).Replace(string(c.Request)))).(map[string]any)
			want["vpn_connection"].(map[string]any)["psk"] = key
			if diff := cmp.Diff(any(want), bound.Request); diff != "" {
				t.Errorf("%s with key %q: request (-want +got):\n%s", c.ID, key, diff)
			}
			if strings.Contains(string(bound.Body), `\u003c`) {
				t.Errorf("%s with key %q: body %s", c.ID, key, bound.Body)
			}
			if text := string(indented(t, bound.Golden)); len(key) > 8 && strings.Contains(text, key) {
				t.Errorf("%s: key %q is in the answer:\n%s", c.ID, key, text)
			}
		}
	}
}

// TestBindChangesNothing shows that a case can be bound any number of times.
func TestBindChangesNothing(t *testing.T) {
	before := cases(t)
	all := cases(t)
	for _, c := range all {
		first := bind(t, c, otherEnvironment(t), "a")
		bind(t, c, defaultEnvironment(t), "b")
		if diff := cmp.Diff(first, bind(t, c, otherEnvironment(t), "a")); diff != "" {
			t.Errorf("%s (-first +again):\n%s", c.ID, diff)
		}
	}
	if diff := cmp.Diff(before, all); diff != "" {
		t.Errorf("cases (-before +after):\n%s", diff)
	}
}

// TestBindAbsent shows that what an example lacks is not put anywhere.
func TestBindAbsent(t *testing.T) {
	c := suite.Case{ID: "own", Request: []byte(`{"vpn_connection": {"name": "", "": ""}}`), Golden: []byte(`{"vpn_connection": {"name": ""}, "": []}`)}
	bound := bind(t, c, otherEnvironment(t), "Example-Key-1")
	want := suite.Bound{
		Body:    []byte(`{"vpn_connection":{"name":"","":""}}`),
		Request: map[string]any{"vpn_connection": map[string]any{"name": "", "": ""}},
		Golden:  map[string]any{"vpn_connection": map[string]any{"name": ""}, "": []any{}},
	}
	if diff := cmp.Diff(want, bound, cmpopts.IgnoreFields(suite.Bound{}, "Facts", "Key")); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
}

// TestBindActive shows that the active address of a gateway in active-standby
// mode is used, wherever it stands.
func TestBindActive(t *testing.T) {
	e := otherEnvironment(t)
	for i := range e.Gateways {
		g := &e.Gateways[i]
		g.NetworkType, g.AttachmentType, g.HAMode = "public", "vpc", "active-standby"
		g.Addresses = []suite.Address{{ID: "standby", IP: "10.0.0.1", Role: "standby"}, {ID: "active", IP: "10.0.0.2", Role: "active"}}
	}
	for _, c := range cases(t) {
		if body := string(bind(t, c, e, "key").Body); !strings.Contains(body, `"vgw_ip":"active"`) {
			t.Errorf("%s: %s", c.ID, body)
		}
	}
}

// TestBindFacts shows that the facts are those of the gateways in the request.
func TestBindFacts(t *testing.T) {
	e := otherEnvironment(t)
	for _, c := range cases(t) {
		if diff := cmp.Diff(e.Facts("gateway", "customer"), bind(t, c, e, "key").Facts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.ID, diff)
		}
	}
}

func TestBindMissing(t *testing.T) {
	const gateway = "the environment has no gateway with network_type public and attachment_type vpc"
	whole := otherEnvironment(t)
	for _, row := range []struct {
		name string
		env  suite.Environment
		want string
	}{
		{"nothing", suite.Environment{ProjectID: "p"}, gateway},
		{"no gateway", suite.Environment{ProjectID: "p", CustomerGateways: whole.CustomerGateways}, gateway},
		{"gateways of other kinds", suite.Environment{ProjectID: "p", Gateways: whole.Gateways[:2], CustomerGateways: whole.CustomerGateways}, gateway},
		{"no customer gateway", suite.Environment{ProjectID: "p", Gateways: whole.Gateways}, "the environment has no customer gateway"},
	} {
		for _, c := range cases(t) {
			bound, err := c.Bind(row.env, "key")
			var missing *suite.MissingError
			if !errors.As(err, &missing) || err.Error() != row.want {
				t.Errorf("%s: %s: error %v, want %s", row.name, c.ID, err, row.want)
			}
			if diff := cmp.Diff(suite.Bound{}, bound); diff != "" {
				t.Errorf("%s: %s: bound all the same:\n%s", row.name, c.ID, diff)
			}
		}
	}
}

func TestBindBroken(t *testing.T) {
	for _, row := range []struct{ request, golden, want string }{
		{`{`, `{}`, "own: request: unexpected end of JSON input"},
		{`{}`, `{`, "own: golden file: unexpected end of JSON input"},
		{`{"vpn_connection": []}`, `{}`, "own: request: json: cannot unmarshal array into Go struct field documented.vpn_connection of type struct"},
		{`{"a": 1, "a": 2}`, `{}`, "own: request: no JSON at byte 7 (in /a): duplicate object member name"},
		{`{}`, `{"a": 1, "a": 2}`, "own: golden file: no JSON at byte 9 (in /a): duplicate object member name"},
	} {
		c := suite.Case{ID: "own", Request: []byte(row.request), Golden: []byte(row.golden)}
		if _, err := c.Bind(otherEnvironment(t), "key"); err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%s and %s:\n got %v\nwant %s", row.request, row.golden, err, row.want)
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

func bind(t testing.TB, c suite.Case, e suite.Environment, psk string) suite.Bound {
	t.Helper()
	bound, err := c.Bind(e, psk)
	if err != nil {
		t.Fatal(err)
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
