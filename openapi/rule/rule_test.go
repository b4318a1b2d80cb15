package rule_test

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi/rule"
)

// schemas: Tunnel {name, mtu, ratio, up, peers: [Peer], peer: Peer, extra}, Peer {address}.
func schemas() openapi3.Schemas {
	ref := func(name string, s *openapi3.Schema) *openapi3.SchemaRef {
		return &openapi3.SchemaRef{Ref: "#/components/schemas/" + name, Value: s}
	}
	peer := openapi3.NewObjectSchema().WithProperty("address", openapi3.NewStringSchema())
	tunnel := openapi3.NewObjectSchema().
		WithProperty("name", openapi3.NewStringSchema()).
		WithProperty("mtu", openapi3.NewIntegerSchema()).
		WithProperty("ratio", openapi3.NewFloat64Schema()).
		WithProperty("up", openapi3.NewBoolSchema()).
		WithProperty("extra", openapi3.NewObjectSchema()).
		WithPropertyRef("peer", openapi3.NewSchemaRef("", &openapi3.Schema{AllOf: openapi3.SchemaRefs{ref("Peer", peer)}})).
		WithPropertyRef("peers", openapi3.NewSchemaRef("", openapi3.NewArraySchema().WithItems(peer)))
	tunnel.Properties["peers"].Value.Items = ref("Peer", peer)
	return openapi3.Schemas{"Tunnel": ref("", tunnel), "Peer": ref("", peer)}
}

func scope(t testing.TB) *rule.Scope {
	t.Helper()
	s := schemas()
	env, err := rule.NewEnv(s)
	if err != nil {
		t.Fatal(err)
	}
	self := &openapi3.SchemaRef{Ref: "#/components/schemas/Tunnel", Value: s["Tunnel"].Value}
	scope, err := env.Scope(rule.Variable{Name: "self", Schema: self}, rule.Variable{Name: "headers"})
	if err != nil {
		t.Fatal(err)
	}
	return scope
}

func TestEval(t *testing.T) {
	value := map[string]any{
		"name": "a", "mtu": json.Number("1400"), "ratio": json.Number("0.5"), "up": true, "none": nil,
		"peer":  map[string]any{"address": "10.0.0.1"},
		"peers": []any{map[string]any{"address": "10.0.0.1"}, map[string]any{}},
		"extra": map[string]any{"free": json.Number("1.0")},
	}
	variables := map[string]any{"self": value, "headers": map[string]any{"etag": "x"}}
	s := scope(t)
	for _, row := range []struct {
		expression string
		want       bool
		failure    string // of the evaluation
	}{
		{"self.name == 'a'", true, ""},
		{"self.mtu == 1400 && self.ratio < 0.6", true, ""},
		{"self.mtu > 1400", false, ""},
		{"has(self.peer.address) && self.peers.exists(p, !has(p.address))", true, ""},
		{"self.peers[1].address == ''", false, "no such key: address"},
		{"self.extra.free == 1.0", true, ""},
		{"headers['etag'] == 'x' && !('age' in headers)", true, ""},
		{"isHostAddress(self.peer.address + '/30') && cidr('10.0.0.0/8').containsIP(self.peer.address)", true, ""},
		{"cidr(self.name).prefixLength() == 30", false, "CIDR Address 'a' parse error during conversion from string"},
	} {
		program, err := s.Compile(row.expression)
		if err != nil {
			t.Errorf("%s: %v", row.expression, err)
			continue
		}
		got, err := program.Eval(variables)
		failure := ""
		if err != nil {
			failure = err.Error()
		}
		if got != row.want || (failure == "") != (row.failure == "") {
			t.Errorf("%s = %v, %q; want %v, %q", row.expression, got, failure, row.want, row.failure)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	s := scope(t)
	for expression, want := range map[string]string{
		"self.nam == 'a'":         "1:5: undefined field 'nam'",
		"self.mtu == 'a'":         "1:10: found no matching overload for '_==_' applied to '(int, string)'",
		"self.mtu":                "1:1: a rule is true or false, this one is int",
		"self.peers[0].port":      "1:14: undefined field 'port'",
		"nobody":                  "1:1: undeclared reference to 'nobody'",
		"headers['a'] == 1":       "1:14: found no matching overload for '_==_' applied to '(string, int)'",
		"isHostAddress(self.mtu)": "1:14: found no matching overload for 'isHostAddress' applied to '(int)'",
	} {
		_, err := s.Compile(expression)
		switch {
		case err == nil:
			t.Errorf("%s compiles", expression)
		case err.Error() != want:
			t.Errorf("%s: %v, want %s", expression, err, want)
		}
	}
}

func TestIsHostAddress(t *testing.T) {
	got := map[string]bool{}
	want := map[string]bool{
		"169.254.76.0/30": false, "169.254.76.1/30": true, "169.254.76.2/30": true, "169.254.76.3/30": false,
		"169.254.76.1/29": true, "169.254.76.7/29": false, "10.0.0.1/31": false, "10.0.0.1/32": false, "0.0.0.1/0": true,
		"255.255.255.255/0": false, "169.254.76.1": false, "169.254.76.1/33": false, "169.254.076.1/30": false, "::1/30": false, "": false,
	}
	for block := range want {
		got[block] = rule.IsHostAddress(block)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("host addresses (-want +got):\n%s", diff)
	}
}

// FuzzIsHostAddress holds the function against the definition: an address is a
// host of its block if it is neither the first nor the last address in it.
func FuzzIsHostAddress(f *testing.F) {
	for _, seed := range []string{"169.254.76.1/30", "169.254.76.3/30", "10.0.0.1/31", "::1/64", "1.2.3.4", "x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, block string) {
		want := false
		if p, err := netip.ParsePrefix(block); err == nil && p.Addr().Is4() && p.Bits() <= 30 {
			first := p.Masked().Addr()
			last := !p.Contains(p.Addr().Next())
			want = p.Addr() != first && !last
		}
		if got := rule.IsHostAddress(block); got != want {
			t.Errorf("IsHostAddress(%q) = %v, want %v", block, got, want)
		}
	})
}
