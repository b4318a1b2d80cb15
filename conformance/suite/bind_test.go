package suite_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// otherEnvironment shares no value with the documented one, and has gateways
// of the same kinds.
func otherEnvironment(t testing.TB) environment.Environment {
	t.Helper()
	e, err := environment.Parse(load(t).Document(), "environment.yaml", []byte(strings.ReplaceAll(`
parameters: {project_id: project}
objects:
  gateway:
    - {id: private1@, network_type: private, attachment_type: vpc, ha_mode: active-active, addresses: [{ip: 10.9.0.1}, {ip: 10.9.0.2}]}
    - {id: router01@, network_type: public, attachment_type: er, ha_mode: active-active, addresses: [{id: eip00001@, ip: 10.9.0.3}]}
    - id: gateway1@
      network_type: public
      attachment_type: vpc
      ha_mode: active-active
      enterprise_project_id: enterprise
      addresses: [{id: eip00002@, ip: 10.9.0.4}, {id: eip00003@, ip: 10.9.0.5}]
    - id: standby1@
      network_type: public
      attachment_type: vpc
      ha_mode: active-standby
      addresses: [{id: standby0@, ip: 10.9.0.6, role: standby}, {id: active00@, ip: 10.9.0.7, role: active}]
    - {id: gateway2@, network_type: public, attachment_type: vpc, ha_mode: active-active, addresses: [{id: eip00004@, ip: 10.9.0.8}]}
  customer_gateway: [{id: customer@, ip: 88.9.0.1}, {id: another1@, ip: 88.9.0.2}]
`, "@", tail)))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// factsOf are those of the objects with two names.
func factsOf(t testing.TB, e environment.Environment, vgwID, cgwID string) openapi.Facts {
	t.Helper()
	doc := load(t).Document()
	request := map[string]any{"vpn_connection": map[string]any{"vgw_id": vgwID, "cgw_id": cgwID}}
	return e.Facts(doc, doc.Named(doc.Operations()[0].JSON()), request)
}

// tail makes a name of eight characters an identifier.
const tail = "-0000-4000-8000-000000000000"

// TestBind holds what is sent and expected in two environments: the default
// one, in which only what the page masks is replaced, and another one.
func TestBind(t *testing.T) {
	g := goldie.New(t, goldie.WithFixtureDir("testdata/bind"))
	for name, e := range map[string]environment.Environment{"default": defaultEnvironment(t), "other": otherEnvironment(t)} {
		for _, c := range cases(t) {
			bound := bind(t, c, e, "Example-Key-1")
			text := fmt.Sprintf("%s\n\n%s\n", bound.Body, indented(t, bound.Golden))
			g.Assert(t, name+"-"+strings.TrimPrefix(c.Name(), "example/"), []byte(text))
			if diff := cmp.Diff(decode(t, bound.Body), bound.Request); diff != "" {
				t.Errorf("%s: request (-body +decoded):\n%s", c.Name(), diff)
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
		name := strings.TrimPrefix(c.Name(), "example/")
		bound := bind(t, c, defaultEnvironment(t), "Example-Key-1")
		var want bytes.Buffer
		if err := json.Compact(&want, []byte(unmasked.Replace(string(file(t, name+"/request.json"))))); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(bound.Body)); diff != "" {
			t.Errorf("%s: body (-page +sent):\n%s", c.Name(), diff)
		}
		answer := unmasked.Replace(string(file(t, name+"/response.json")))
		if name == "policy" {
			at := strings.LastIndex(answer, `"192.168.44.0/24"`) // peer_subnets come first
			answer = answer[:at] + strings.Replace(answer[at:], "192.168.44.0/24", "192.168.0.0/24", 1)
		}
		if diff := cmp.Diff(decode(t, []byte(answer)), bound.Golden); diff != "" {
			t.Errorf("%s: answer (-page +expected):\n%s", c.Name(), diff)
		}
		if strings.Contains(string(bound.Body)+string(indented(t, bound.Golden)), "*.") {
			t.Errorf("%s: something is still masked", c.Name())
		}
	}
}

// TestBindOrder shows that members stay in the documented order, whatever
// takes the place of their values.
func TestBindOrder(t *testing.T) {
	for _, c := range cases(t) {
		bound := bind(t, c, otherEnvironment(t), `"},{"a":"b`)
		want := names(t, file(t, strings.TrimPrefix(c.Name(), "example/")+"/request.json"))
		if len(want) < 6 {
			t.Fatalf("%s: names are %q: the test finds too few", c.Name(), want)
		}
		if diff := cmp.Diff(want, names(t, bound.Body)); diff != "" {
			t.Errorf("%s: order of members (-page +sent):\n%s", c.Name(), diff)
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
		"Example-Key-1", `"`, `\`, `\"},"a":"`, "<&>", "\x00\n\u2028", "abcd****", "0", "b32d91a4-demo-a8df-va86-e907174eb11d", "psk", `~!@#$%^()-_+={ },./:;`,
	} {
		for _, c := range cases(t) {
			bound := bind(t, c, otherEnvironment(t), key)
			want := decode(t, []byte(strings.NewReplacer(
				"b32d91a4-demo-a8df-va86-e907174eb11d", "gateway1"+tail,
				"0c464dad-demo-a8df-va86-c22bb0eb0bde", "eip00002"+tail,
				"5247ae10-demo-a8df-va86-dd36659a7f5d", "customer"+tail,
			).Replace(string(c.Request)))).(map[string]any)
			want["vpn_connection"].(map[string]any)["psk"] = key
			if diff := cmp.Diff(any(want), bound.Request); diff != "" {
				t.Errorf("%s with key %q: request (-want +got):\n%s", c.Name(), key, diff)
			}
			if strings.Contains(string(bound.Body), `\u003c`) {
				t.Errorf("%s with key %q: body %s", c.Name(), key, bound.Body)
			}
			if text := string(indented(t, bound.Golden)); len(key) > 8 && strings.Contains(text, key) {
				t.Errorf("%s: key %q is in the answer:\n%s", c.Name(), key, text)
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
			t.Errorf("%s (-first +again):\n%s", c.Name(), diff)
		}
	}
	if diff := cmp.Diff(before, all, cmpopts.IgnoreUnexported(suite.Case{})); diff != "" {
		t.Errorf("cases (-before +after):\n%s", diff)
	}
}

// own is a case of an example with the given texts.
func own(t testing.TB, request, golden string) suite.Case {
	t.Helper()
	return suite.Case{
		ID: "own", Operation: "CreateVpnConnection", Request: []byte(request), Golden: []byte(golden), Statuses: []int{http.StatusCreated},
		Change: openapi.Violate{Example: "static", Patch: []byte("[]"), Facts: load(t).Document().Facts},
	}
}

// TestBindAbsent shows that what an example lacks is not put anywhere.
func TestBindAbsent(t *testing.T) {
	c := own(t, `{"vpn_connection": {"name": "", "": ""}}`, `{"vpn_connection": {"name": ""}, "": []}`)
	bound := bind(t, c, otherEnvironment(t), "Example-Key-1")
	want := suite.Bound{
		Body:    []byte(`{"vpn_connection":{"name":"","":""}}`),
		Request: map[string]any{"vpn_connection": map[string]any{"name": "", "": ""}},
		Golden:  map[string]any{"vpn_connection": map[string]any{"name": ""}, "": []any{}},
		Facts:   factsOf(t, otherEnvironment(t), "gateway1"+tail, "customer"+tail),
	}
	if diff := cmp.Diff(want, bound); diff != "" {
		t.Errorf("bound (-want +got):\n%s", diff)
	}
}

// TestBindActive shows that the active address of a gateway in active-standby
// mode is used, wherever it stands.
func TestBindActive(t *testing.T) {
	e := otherEnvironment(t)
	for _, g := range e.Objects["gateway"] {
		g["network_type"], g["attachment_type"], g["ha_mode"] = "public", "vpc", "active-standby"
		g["addresses"] = []any{
			map[string]any{"id": "standby", "ip": "10.0.0.1", "role": "standby"}, map[string]any{"id": "active", "ip": "10.0.0.2", "role": "active"},
		}
	}
	for _, c := range cases(t) {
		if body := string(bind(t, c, e, "Example-Key-1").Body); !strings.Contains(body, `"vgw_ip":"active"`) {
			t.Errorf("%s: %s", c.Name(), body)
		}
	}
}

// TestBindFacts shows that the facts are those of the gateways in the request.
func TestBindFacts(t *testing.T) {
	e := otherEnvironment(t)
	for _, c := range cases(t) {
		if diff := cmp.Diff(factsOf(t, e, "gateway1"+tail, "customer"+tail), bind(t, c, e, "Example-Key-1").Facts); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.Name(), diff)
		}
	}
}

// TestBindRules shows that in every environment with gateways of all kinds a
// request breaks what its case says, judged by the facts of that environment.
func TestBindRules(t *testing.T) {
	s := load(t)
	for name, e := range map[string]environment.Environment{"default": defaultEnvironment(t), "other": otherEnvironment(t)} {
		e.TokenEnv = "TOKEN"
		kinds := map[string]bool{}
		for _, c := range s.Cases {
			if c.Duty {
				continue
			}
			bound := bind(t, c, e, "Example-Key-1")
			broken := s.Document().Broken(s.Operation(c), bound.Request, bound.Facts)
			slices.Sort(broken)
			if diff := cmp.Diff(c.Breaks(), broken); diff != "" {
				t.Errorf("%s: %s (-want +broken):\n%s%s", name, c.Name(), diff, bound.Body)
			}
			if open := s.Document().LeavesOpen(s.Operation(c), bound.Request, bound.Facts); len(open) > 0 != c.Open {
				t.Errorf("%s: %s leaves open %v: %s", name, c.Name(), open, bound.Body)
			}
			kinds[kind(bound.Facts)] = true
			decoded, err := match.Decode(bound.Body)
			if diff := cmp.Diff(decoded, bound.Request); err != nil || diff != "" {
				t.Errorf("%s: %s: %v, request (-body +decoded):\n%s", name, c.Name(), err, diff)
			}
			if (bound.Golden != nil) != strings.HasPrefix(c.Name(), "example/") {
				t.Errorf("%s: %s: golden file %v", name, c.Name(), bound.Golden)
			}
		}
		want := map[string]bool{"public vpc active-active": true, "public er active-active": true, "private vpc active-active": true, "public vpc active-standby": true}
		if diff := cmp.Diff(want, kinds); diff != "" {
			t.Errorf("%s: gateways (-want +got):\n%s", name, diff)
		}
	}
}

// TestBindEverywhere shows that where there are more gateways than a rule is
// broken at, every kind of them is tried, and every gateway by some case.
func TestBindEverywhere(t *testing.T) {
	e := otherEnvironment(t)
	for i := range 6 { // of the kind of the first
		g := maps.Clone(e.Objects["gateway"][0])
		g["id"] = fmt.Sprintf("another%d%s", i, tail)
		e.Objects["gateway"] = slices.Insert(e.Objects["gateway"], 0, g)
	}
	const rule = "CreateVpnConnection.vgw_id.pattern"
	kinds, gateways := map[string]bool{}, map[string]bool{}
	for _, c := range load(t).Cases {
		if c.Duty || c.Wire.Credentials != "" {
			continue
		}
		bound := bind(t, c, e, "Example-Key-1")
		if c.Rule != nil && c.Rule.ID == rule && c.Refused() {
			kinds[kind(bound.Facts)] = true
		}
		id, _ := match.Lookup(bound.Request, "/vpn_connection/vgw_id")
		gateways[fmt.Sprint(id)] = true
	}
	if len(kinds) != 4 {
		t.Errorf("%s is broken at %v, want every kind", rule, kinds)
	}
	for _, g := range e.Objects["gateway"] {
		if !gateways[fmt.Sprint(g["id"])] {
			t.Errorf("no case is tried at %s", g["id"])
		}
	}
}

// kind is what a case needs of a gateway.
func kind(facts openapi.Facts) string {
	g, _ := facts["gateway"].(map[string]any)
	return fmt.Sprint(g["network_type"], " ", g["attachment_type"], " ", g["ha_mode"])
}

// TestBindOwn shows that nothing of the documented gateways is sent elsewhere,
// in whatever form the request is.
func TestBindOwn(t *testing.T) {
	e := otherEnvironment(t)
	e.TokenEnv = "TOKEN"
	for _, c := range load(t).Cases {
		if c.Duty {
			continue
		}
		text := string(bind(t, c, e, "Example-Key-1").Body)
		for _, documented := range []string{
			"b32d91a4-demo-a8df-va86-e907174eb11d", "0c464dad-demo-a8df-va86", "5247ae10-demo-a8df-va86-dd36659a7f5d", "abcd****",
		} {
			part := c.Name() == "vgw_ip/shorter" || c.Rule != nil && c.Rule.Schema.Extensions["x-names"] != nil || c.Name() == "psk/mask-of-the-page" // what is sent is not the documented value, or is meant to be
			if strings.Contains(text, documented) && !part {
				t.Errorf("%s: %s is in %s", c.Name(), documented, text)
			}
		}
	}
}

// TestBindKeyKept shows that a key is told of only if it is long enough to be
// found again in an answer, whichever case it comes from.
func TestBindKeyKept(t *testing.T) {
	s, e := load(t), defaultEnvironment(t)
	for id, want := range map[string]string{
		"example/static": "Example-Key-1",
		"CreateVpnConnection.psk.minLength/shortest": "aB1-aB1-",
		"CreateVpnConnection.psk.minLength/shorter":  "",
		"CreateVpnConnection.psk-required/broken-1":  "",
		"CreateVpnConnection.psk.type/number":        "",
		"transport/body-empty":                       "Example-Key-1",
	} {
		c, ok := s.Case(id)
		if !ok {
			t.Fatalf("there is no case %s", id)
		}
		if got := bind(t, c, e, "Example-Key-1").Key; got != want {
			t.Errorf("%s: key %q, want %q", id, got, want)
		}
	}
}
