package vpn_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/generated/vpn"
	"github.com/vpnconform/vpnconform/openapi"
)

// factsOf turns what the document says of a target into the generated type.
func factsOf(t *testing.T, facts openapi.Facts) vpn.Facts {
	t.Helper()
	data, err := json.Marshal(facts)
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Gateway         *vpn.Gateway         `json:"gateway"`
		CustomerGateway *vpn.CustomerGateway `json:"customer_gateway"`
	}
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return vpn.Facts{Gateway: out.Gateway, CustomerGateway: out.CustomerGateway}
}

// way is a request that breaks one rule over several members, those that have
// to be broken with it, and nothing else.
type way struct {
	rule  *openapi.Rule
	all   []string // ids, the rule's own among them
	body  []byte
	facts openapi.Facts
}

// ways returns those that the document has.
func ways(t *testing.T) []way {
	t.Helper()
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	op, _ := doc.Operation("CreateVpnConnection")
	examples := op.RequestBody.Value.Content["application/json"].Examples
	var out []way
	for _, r := range doc.Rules {
		for _, v := range r.Violate {
			body, err := json.Marshal(examples[v.Example].Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			patch, err := jsonpatch.DecodePatch(v.Patch)
			if err != nil {
				t.Fatal(err)
			}
			if body, err = patch.Apply(body); err != nil {
				t.Fatal(err)
			}
			facts := doc.Facts
			if v.Facts != nil {
				facts = v.Facts
			}
			out = append(out, way{rule: r, all: v.Breaks(r), body: body, facts: facts})
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %d ways to break rules", len(out))
	}
	return out
}

// Every way to break a rule over several members breaks what it says, and nothing else.
func TestCrossField(t *testing.T) {
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range ways(t) {
		v, violations := vpn.DecodeCreateVpnConnectionRequestBody(way.body)
		if v != nil {
			if diff := cmp.Diff(vpn.Violations(nil), v.Validate()); diff != "" {
				t.Errorf("%s: Validate (-want +got):\n%s", way.rule.ID, diff)
			}
			violations = v.ValidateFacts(factsOf(t, way.facts))
		}
		want := map[finding]bool{}
		for _, id := range way.all {
			r := doc.Rule(id)
			for _, field := range r.Fields {
				want[finding{pointerOf(t, doc, r) + field, id}] = true
			}
		}
		got := map[finding]bool{}
		for f := range set(violations) {
			f.pointer = strings.NewReplacer("/0/", "/*/", "/1/", "/*/").Replace(f.pointer)
			got[f] = true
		}
		if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", way.rule.ID, way.body, diff)
		}
	}
}

// pointerOf is where the object of a rule stands in the request.
func pointerOf(t *testing.T, doc *openapi.Document, r *openapi.Rule) string {
	t.Helper()
	for name, pointer := range map[string]string{
		"CreateVpnConnectionRequestBodyContent": "/vpn_connection", "IkePolicy": "/vpn_connection/ikepolicy",
		"PolicyRule": "/vpn_connection/policy_rules/*",
	} {
		if doc.T.Components.Schemas[name].Value == r.Schema {
			return pointer
		}
	}
	t.Fatalf("%s: the place of its object is not known", r.ID)
	return ""
}

// Rules that need facts are not judged without them.
func TestFacts(t *testing.T) {
	v, violations := vpn.DecodeCreateVpnConnectionRequestBody(request(t, "static"))
	if violations != nil {
		t.Fatal(violations)
	}
	v.VpnConnection.PeerSubnets = nil
	for name, test := range map[string]struct {
		facts vpn.Facts
		want  string
	}{
		"none":    {vpn.Facts{}, ""},
		"unknown": {vpn.Facts{Gateway: &vpn.Gateway{}}, ""},
		"vpc":     {vpn.Facts{Gateway: &vpn.Gateway{AttachmentType: vpn.GatewayAttachmentTypeVpc}}, "/vpn_connection/peer_subnets CreateVpnConnection.peer_subnets-required"},
	} {
		got := strings.Join(lines(set(v.ValidateFacts(test.facts))), ", ")
		if got != test.want {
			t.Errorf("%s: got %s, want %s", name, got, test.want)
		}
	}
}

// The tables break every rule of a body.
func TestEveryRule(t *testing.T) {
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	missing := map[string]bool{}
	for _, r := range doc.Rules {
		switch {
		case r.Kind == openapi.Keyword && r.Schema == nil, r.Kind == openapi.Postcondition, r.Kind == openapi.Refusal, strings.HasPrefix(r.Keyword, "x-"),
			r.Keyword == "default", r.Keyword == "format": // of the exchange
		case r.Level == openapi.May: // a permission
		case strings.HasPrefix(r.Pointer, "/paths"): // parameters
		case strings.HasPrefix(r.ID, "Gateway"), strings.HasPrefix(r.ID, "CustomerGateway"): // of no body
		default:
			missing[r.ID] = true
		}
	}
	for _, p := range paths(t) {
		p.bodies(t, func(data []byte) {
			_, violations := p.decode(data)
			for _, v := range violations {
				delete(missing, v.Rule)
			}
		})
	}
	for _, way := range ways(t) {
		delete(missing, way.rule.ID) // see TestCrossField
	}
	for _, id := range slices.Sorted(maps.Keys(missing)) {
		t.Errorf("no body breaks %s", id)
	}
}
