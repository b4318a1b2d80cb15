package fault

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
)

// surrounded is a request to an implementation with a fault.
type surrounded struct {
	fault    string
	example  string
	changes  []harness.Change
	edit     func(*http.Request)
	write    func([]byte) []byte
	accepted bool
}

// bad are changes of the bgp example that break one rule: timeout is too large.
func bad(others ...harness.Change) []harness.Change {
	return append(harness.Do(harness.Set("/ikepolicy/dpd/timeout", 61)), others...)
}

// subnets replaces the list of subnets.
func subnets(items ...any) harness.Change { return harness.Set("/peer_subnets", items) }

// sources are policy rules with these sources.
func sources(blocks ...string) harness.Change {
	var rules []any
	for _, block := range blocks {
		rules = append(rules, harness.PolicyRule(block, "192.168.1.0/24"))
	}
	return harness.Set("/policy_rules", rules)
}

// wantStatuses sends requests to implementations with faults.
func wantStatuses(t *testing.T, rows []surrounded) {
	t.Helper()
	made := map[string]http.Handler{}
	for _, row := range rows {
		if made[row.fault] == nil {
			h, err := With(newServer(t, reference.Options{}), faultOf(t, row.fault), nil)
			if err != nil {
				t.Fatal(err)
			}
			made[row.fault] = h
		}
		body, err := json.Marshal(harness.Example(t, row.example, row.changes...))
		if err != nil {
			t.Fatal(err)
		}
		if row.write != nil {
			body = row.write(body)
		}
		edit := func(*http.Request) {}
		if row.edit != nil {
			edit = row.edit
		}
		if a := harness.Send(t, made[row.fault], string(body), edit); (a.Status == http.StatusCreated) != row.accepted {
			t.Errorf("%s: accepted is to be %v, and it is %d %s\n%s", row.fault, row.accepted, a.Status, a.Body, body)
		}
	}
}

// TestFaultsBeside shows what members beside the wrong one, and which gateway, a
// rule is not enforced for.
func TestFaultsBeside(t *testing.T) {
	const rule = "rule/Dpd.timeout.maximum/"
	er, private := harness.GatewayAt(harness.ErGateway, harness.ErEIP), harness.GatewayAt(harness.PrivateGateway, harness.PrivateIP)
	otherMsg := harness.Set("/ikepolicy/dpd/msg", "seq-hash-notify")
	alone := harness.Set("/ikepolicy/dpd", map[string]any{"timeout": 61})
	wantStatuses(t, []surrounded{
		{fault: rule + "only-at-gateway-1", example: "bgp", changes: bad()},
		{fault: rule + "only-at-gateway-1", example: "bgp", changes: bad(er), accepted: true},
		{fault: rule + "only-at-gateway-1", example: "bgp", changes: append(bad(er), harness.Set("/ikepolicy/dpd/interval", 9))}, // another rule is broken too
		{fault: rule + "only-at-attachment_type-vpc", example: "bgp", changes: bad()},
		{fault: rule + "only-at-attachment_type-vpc", example: "bgp", changes: bad(er), accepted: true},
		{fault: rule + "only-at-network_type-public", example: "bgp", changes: bad(private), accepted: true},
		{fault: rule + "only-at-network_type-public", example: "bgp", changes: bad(er)},
		{fault: rule + "only-at-ha_mode-active-standby", example: "bgp", changes: bad(harness.GatewayAt(harness.StandbyGateway, harness.ActiveEIP))},
		{fault: rule + "only-at-ha_mode-active-standby", example: "bgp", changes: bad(), accepted: true},
		{fault: rule + "not-at-gateway-1", example: "bgp", changes: bad(), accepted: true},
		{fault: rule + "not-at-gateway-1", example: "bgp", changes: bad(er)},
		{fault: rule + "only-for-msg-seq-hash-notify", example: "bgp", changes: bad(), accepted: true},
		{fault: rule + "only-for-msg-seq-hash-notify", example: "bgp", changes: bad(otherMsg)},
		{fault: rule + "only-for-msg-seq-hash-notify", example: "bgp", changes: bad(harness.Drop("/ikepolicy/dpd/msg"))}, // its default
		{fault: rule + "not-for-msg-seq-hash-notify", example: "bgp", changes: bad()},
		{fault: rule + "not-for-msg-seq-hash-notify", example: "bgp", changes: bad(otherMsg), accepted: true},
		{fault: rule + "only-for-style-static", example: "bgp", changes: bad(), accepted: true},
		{fault: rule + "only-for-style-static", example: "static", changes: bad()},
		{fault: rule + "only-with-interval", example: "bgp", changes: bad()},
		{fault: rule + "only-with-interval", example: "bgp", changes: bad(harness.Drop("/ikepolicy/dpd/interval")), accepted: true},
		{fault: rule + "only-without-interval", example: "bgp", changes: bad(), accepted: true},
		{fault: rule + "only-without-interval", example: "bgp", changes: bad(harness.Drop("/ikepolicy/dpd/interval"))},
		{fault: rule + "only-alone", example: "bgp", changes: bad(), accepted: true},
		{fault: rule + "only-alone", example: "bgp", changes: harness.Do(alone)},
		{fault: rule + "not-alone", example: "bgp", changes: bad()},
		{fault: rule + "not-alone", example: "bgp", changes: harness.Do(alone), accepted: true},
	})
}

// TestFaultsInLists shows at which places, and in lists of which lengths, a rule
// is not enforced.
func TestFaultsInLists(t *testing.T) {
	const block, unique, items = "rule/CreateVpnConnection.peer_subnets-block/peer_subnets-", "rule/CreateVpnConnection.policy_rules-source-unique/policy_rules-", "rule/CreateVpnConnection.peer_subnets.items.type/peer_subnets-"
	const good, wrong = "10.1.0.0/24", "10.1.0.0"
	in := func(list ...any) []harness.Change { return harness.Do(subnets(list...)) }
	of := func(list ...string) []harness.Change { return harness.Do(sources(list...)) }
	wantStatuses(t, []surrounded{
		{fault: block + "last-alone", example: "static", changes: in(wrong, good), accepted: true},
		{fault: block + "last-alone", example: "static", changes: in(good, wrong)},
		{fault: block + "last-alone", example: "static", changes: in(wrong, wrong)},
		{fault: block + "all-but-last", example: "static", changes: in(good, wrong), accepted: true},
		{fault: block + "all-but-last", example: "static", changes: in(wrong)},
		{fault: block + "all-but-last", example: "static", changes: in(wrong, good)},
		{fault: block + "even-alone", example: "static", changes: in(good, wrong, good, wrong), accepted: true},
		{fault: block + "even-alone", example: "static", changes: in(good, good, wrong)},
		{fault: block + "middle-not", example: "static", changes: in(good, wrong, good), accepted: true},
		{fault: block + "middle-not", example: "static", changes: in(good, good, wrong)},
		{fault: block + "not-of-2", example: "static", changes: in(good, wrong), accepted: true},
		{fault: block + "not-of-2", example: "static", changes: in(good, good, wrong)},
		{fault: block + "only-of-1", example: "static", changes: in(good, wrong), accepted: true},
		{fault: block + "only-of-1", example: "static", changes: in(wrong)},
		{fault: items + "all-but-last", example: "static", changes: in(good, 7), accepted: true},
		{fault: items + "all-but-last", example: "static", changes: in(7, good)},
		{fault: unique + "neighbours-alone", example: "policy", changes: of("10.0.0.0/24", "10.1.0.0/24", "10.0.0.0/24"), accepted: true},
		{fault: unique + "neighbours-alone", example: "policy", changes: of("10.1.0.0/24", "10.0.0.0/24", "10.0.0.0/24")},
		{fault: unique + "with-first-alone", example: "policy", changes: of("10.1.0.0/24", "10.0.0.0/24", "10.0.0.0/24"), accepted: true},
		{fault: unique + "with-first-alone", example: "policy", changes: of("10.0.0.0/24", "10.0.0.0/24", "10.1.0.0/24")},
		{fault: unique + "with-last-alone", example: "policy", changes: of("10.0.0.0/24", "10.0.0.0/24", "10.1.0.0/24"), accepted: true},
		{fault: unique + "with-last-alone", example: "policy", changes: of("10.0.0.0/24", "10.1.0.0/24", "10.0.0.0/24")},
	})
}

// TestFaultsInTransports shows in which ways a request comes when a rule is
// forgotten.
func TestFaultsInTransports(t *testing.T) {
	const rule = "rule/Dpd.timeout.maximum/not-"
	charset := func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") }
	chunked := func(r *http.Request) { r.ContentLength, r.TransferEncoding = -1, []string{"chunked"} }
	other := func(r *http.Request) { r.RemoteAddr = "192.0.2.9:9" }
	var rows []surrounded
	for _, way := range []struct {
		one, other string
		edit       func(*http.Request)
		write      func([]byte) []byte
	}{
		{one: "with-charset", other: "without-charset", edit: charset},
		{one: "chunked", other: "in-one-piece", edit: chunked},
		{one: "pretty", other: "compact", write: pretty},
		{one: "in-other-order", other: "in-order", write: backwards},
		{one: "escaped", other: "unescaped", write: escaped},
	} {
		rows = append(rows,
			surrounded{fault: rule + way.one, example: "bgp", changes: bad(), edit: way.edit, write: way.write, accepted: true},
			surrounded{fault: rule + way.one, example: "bgp", changes: bad()},
			surrounded{fault: rule + way.other, example: "bgp", changes: bad(), edit: way.edit, write: way.write},
			surrounded{fault: rule + way.other, example: "bgp", changes: bad(), accepted: true},
		)
	}
	wantStatuses(t, append(rows,
		surrounded{fault: rule + "kept", example: "bgp", changes: bad()},
		surrounded{fault: rule + "kept", example: "bgp", changes: bad(), accepted: true},
		surrounded{fault: rule + "kept", example: "bgp", changes: bad(), edit: other},
		surrounded{fault: rule + "fresh", example: "bgp", changes: bad(), accepted: true},
		surrounded{fault: rule + "fresh", example: "bgp", changes: bad()},
		surrounded{fault: rule + "fresh", example: "bgp", changes: bad(), edit: other, accepted: true},
	))
}

// TestWritten holds the other ways to write a body against texts.
func TestWritten(t *testing.T) {
	const body = `{"a":{"c":[1,{"x":"y\"a\":"}],"b":2}}`
	if got := string(escaped([]byte(body))); got != strings.NewReplacer(`"a":{`, `"\u0061":{`, `"c":`, `"\u0063":`, `"x":`, `"\u0078":`, `"b":`, `"\u0062":`).Replace(body) {
		t.Errorf("escaped: %s", got)
	}
	if got, want := string(backwards([]byte(body))), `{"a":{"c":[1,{"x":"y\"a\":"}],"b":2}}`; got != want {
		t.Errorf("backwards: %s", got)
	}
	for text, sorted := range map[string]bool{body: false, `{"a":{"b":2,"c":[1,{"x":{}}]},"d":1}`: true, `{"b":[],"a":1}`: false, `[]`: true, `{"a":[{"b":1,"c":2},{"a":1}]}`: true} {
		if got := sortedNames([]byte(text)); got != sorted {
			t.Errorf("%s: sorted is %v, want %v", text, got, sorted)
		}
	}
}

// TestFaultsOfPairs shows that a rule which is forgotten for both ends of a pair
// is seen only where both are broken.
func TestFaultsOfPairs(t *testing.T) {
	const fault = "rule/CreateVpnConnection.tunnel_local_address-mask/not-enforced-with-tunnel_peer_address-mask"
	local, peer := "/tunnel_local_address", "/tunnel_peer_address"
	wantStatuses(t, []surrounded{
		{fault: fault, example: "bgp", changes: harness.Do(harness.Set(local, "169.254.56.225/29"))},
		{fault: fault, example: "bgp", changes: harness.Do(harness.Set(peer, "169.254.56.226/29"))},
		{fault: fault, example: "bgp", changes: harness.Do(harness.Set(local, "169.254.56.225/29"), harness.Set(peer, "169.254.56.226/29")), accepted: true},
		{fault: fault, example: "bgp", changes: harness.Do(harness.Set(local, "169.254.56.225/29"), harness.Set(peer, "169.254.56.226/28"))},
		{fault: fault, example: "bgp", changes: harness.Do(harness.Set(local, "169.254.56.225/29"), harness.Set(peer, "169.254.56.225/29"))},
	})
}

// TestFaultsOfValues shows which values that are none are taken for one of an
// enumeration.
func TestFaultsOfValues(t *testing.T) {
	const rule = "rule/IkePolicy.dh_group.enum/takes-"
	var rows []surrounded
	for name, values := range map[string][2][]string{ // that are taken, and that are not
		"beginnings": {{"group1x"[:5], "grou"}, {"roup1", "group3", "unknown"}}, "endings": {{"roup14", "4"}, {"group", "x"}},
		"longer": {{"group14x", "group14\n"}, {"xgroup14"}}, "longer-before": {{"xgroup14"}, {"group14x"}}, "other-case": {{"GROUP14", "Group14"}, {"group3"}},
		"other-number": {{"group3", "group24"}, {"group", "modp14"}}, "line-feed": {{"group14\n"}, {"group14 ", "group3\n"}}, "blanks": {{" group14", "group14 "}, {"group14\n"}},
		"numbers": {{"14"}, {"3"}}, "values-of-others": {{"disable", "md5"}, {"none"}}, "aliases": {{"group24", "none"}, {"group99"}},
	} {
		for i, list := range values {
			for _, value := range list {
				rows = append(rows, surrounded{fault: rule + name, example: "bgp", changes: harness.Do(harness.Set("/ikepolicy/dh_group", value)), accepted: i == 0})
			}
		}
	}
	wantStatuses(t, rows)
}
