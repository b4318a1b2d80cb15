package suite_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// TestBindMissing holds what is said of an environment that lacks something.
func TestBindMissing(t *testing.T) {
	const (
		active  = "CreateVpnConnection.ha_role-active-standby/kept"
		standby = "CreateVpnConnection.ha_role-active-standby/broken-2"
	)
	whole := otherEnvironment(t)
	one := func(position int) environment.Environment { // with one address of each gateway
		e := otherEnvironment(t)
		for _, g := range e.Objects["gateway"] {
			addresses := g["addresses"].([]any)
			g["addresses"] = addresses[min(position, len(addresses)-1):][:1]
		}
		return e
	}
	customers := whole.Objects["customer_gateway"]
	with := func(gateways, customers []environment.Object) environment.Environment {
		return environment.Environment{Objects: map[string][]environment.Object{"gateway": gateways, "customer_gateway": customers}}
	}
	for _, row := range []struct {
		name, id string
		env      environment.Environment
		want     string
	}{
		{"nothing", "example/static", environment.Environment{}, "gateway"},
		{"no gateway", "example/policy", with(nil, customers), "gateway"},
		{"gateways of other kinds", "CreateVpnConnection.ha_role-active-active/broken-1", with(whole.Objects["gateway"][3:4], customers), "gateway where the request breaks CreateVpnConnection.ha_role-active-active and nothing else"},
		{"no customer gateway", "example/static", with(whole.Objects["gateway"], nil), "customer gateway"},
		{"no credentials", "transport/credentials-wrong", whole, "credentials (token_env, or a header field such as Authorization)"},
		{"no private gateway", "CreateVpnConnection.vgw_ip-network-type/kept-2", with(whole.Objects["gateway"][1:], customers), "gateway with network_type private"},
		{"no enterprise router", "CreateVpnConnection.peer_subnets-required/kept-3", with(whole.Objects["gateway"][2:], customers), "gateway with attachment_type er"},
		{"no mode", active, with(whole.Objects["gateway"][:3], customers), "gateway with ha_mode active-standby"},
		{"no active address", active, one(0), "number 1 of the addresses of gateway standby1" + tail},
		{"no standby address", standby, one(1), "number 2 of the addresses of gateway standby1" + tail},
	} {
		s := load(t)
		c, ok := s.Case(row.id)
		if !ok {
			t.Errorf("%s: there is no case %s", row.name, row.id)
			continue
		}
		bound, err := s.Bind(c, row.env, "Example-Key-1")
		var missing *suite.MissingError
		if !errors.As(err, &missing) || missing.What != row.want || err.Error() != "the environment has no "+row.want {
			t.Errorf("%s:\n got %v\nwant %s", row.name, err, row.want)
		}
		if diff := cmp.Diff(suite.Bound{}, bound); diff != "" {
			t.Errorf("%s: bound all the same:\n%s", row.name, diff)
		}
	}
}

// TestBindCredentials shows that either kind of credentials will do.
func TestBindCredentials(t *testing.T) {
	s := load(t)
	c, _ := s.Case("transport/credentials-missing")
	for name, set := range map[string]func(*environment.Environment){
		"token": func(e *environment.Environment) { e.TokenEnv = "TOKEN" },
		"headers": func(e *environment.Environment) {
			e.Headers = map[string]string{"X-Account": "a", "authorization": "b"}
		},
		"neither": func(e *environment.Environment) { e.Headers = map[string]string{"X-Account": "a"} },
	} {
		e := defaultEnvironment(t)
		set(&e)
		if _, err := s.Bind(c, e, "Example-Key-1"); (err == nil) != (name != "neither") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBindBroken holds what is said of a case that is no request.
func TestBindBroken(t *testing.T) {
	type change = openapi.Violate
	for _, row := range []struct {
		request, golden string
		change          change
		want            string
	}{
		{`{`, `{}`, change{}, "own: request: no JSON at byte 1"},
		{`{}`, `{`, change{}, "own: golden file: no JSON at byte 1"},
		{`{"a": 1, "a": 2}`, `{}`, change{}, "own: request: no JSON at byte 9 (in /a): duplicate object member name"},
		{`{}`, `{"a": 1, "a": 2}`, change{}, "own: golden file: no JSON at byte 9 (in /a): duplicate object member name"},
		{`{}`, `{}`, change{Example: "none"}, `own: request: there is no example "none"`},
		{`{}`, `{}`, change{Patch: []byte(`{"op": 1}`)}, "own: request: json: cannot unmarshal object"},
		{`{}`, `{}`, change{Patch: []byte(`[{"op": "remove", "path": "/none"}]`)}, "own: request: error in remove for path: "},
	} {
		c := own(t, row.request, row.golden)
		if row.change.Example != "" {
			c.Change.Example = row.change.Example
		}
		if row.change.Patch != nil {
			c.Change.Patch = row.change.Patch
		}
		_, err := load(t).Bind(c, otherEnvironment(t), "Example-Key-1")
		if err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%s and %s:\n got %v\nwant %s", row.request, row.golden, err, row.want)
		}
	}
}
