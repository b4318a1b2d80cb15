package fault

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// tag is a list of one tag.
func tag(value string) harness.Change {
	return harness.Set("/tags", []any{map[string]any{"key": "k", "value": value}})
}

// TestFaultsOfTexts shows which texts, blocks and sizes are refused that are
// right.
func TestFaultsOfTexts(t *testing.T) {
	const name, id, value = "text/vpn_connection/name/refuses-", "text/vpn_connection/ikepolicy/local_id/refuses-", "text/vpn_connection/tags/0/value/refuses-"
	named := func(text string) []harness.Change { return harness.Do(harness.Set("/name", text)) }
	ided := func(text string) []harness.Change { return harness.Do(harness.Set("/ikepolicy/local_id", text)) }
	rules := func(destinations ...int) harness.Change {
		var list []any
		for i, n := range destinations {
			rule := harness.PolicyRule(fmt.Sprintf("10.%d.0.0/24", i))
			for k := range n {
				rule["destination"] = append(rule["destination"].([]any), fmt.Sprintf("192.168.%d.0/24", k))
			}
			list = append(list, rule)
		}
		return harness.Set("/policy_rules", list)
	}
	const public, mask = "block/vpn_connection/peer_subnets/0/refuses-public", "block/vpn_connection/policy_rules/0/source/refuses-mask-31"
	wantStatuses(t, []surrounded{
		{fault: name + "digits", example: "bgp", changes: named("123")}, {fault: name + "digits", example: "bgp", changes: named("123a"), accepted: true},
		{fault: name + "number", example: "bgp", changes: named("-1.5")}, {fault: name + "number", example: "bgp", changes: named("1.5.1"), accepted: true},
		{fault: name + "boolean", example: "bgp", changes: named("true")}, {fault: name + "boolean", example: "bgp", changes: named("truee"), accepted: true},
		{fault: name + "null", example: "bgp", changes: named("null")}, {fault: name + "null", example: "bgp", changes: named("nul"), accepted: true},
		{fault: name + "ipv4", example: "bgp", changes: named("10.0.0.1")}, {fault: name + "ipv4", example: "bgp", changes: named("10.0.0"), accepted: true},
		{fault: name + "leading-hyphen", example: "bgp", changes: named("-a")}, {fault: name + "leading-hyphen", example: "bgp", changes: named("a-"), accepted: true},
		{fault: name + "u007a-last", example: "bgp", changes: named("abz")}, {fault: name + "u007a-last", example: "bgp", changes: named("zza"), accepted: true},
		{fault: name + "digit-first", example: "bgp", changes: named("1ab")}, {fault: name + "digit-first", example: "bgp", changes: named("a1b"), accepted: true},
		{fault: name + "special-middle", example: "bgp", changes: named("a-b")}, {fault: name + "special-middle", example: "bgp", changes: named("-ab"), accepted: true},
		{fault: id + "email", example: "bgp", changes: ided("a@b.example")}, {fault: id + "email", example: "bgp", changes: ided("b.example"), accepted: true},
		{fault: value + "long-in-bytes", example: "bgp", changes: harness.Do(tag(strings.Repeat("ü", 128)))},
		{fault: value + "long-in-bytes", example: "bgp", changes: harness.Do(tag(strings.Repeat("ü", 127))), accepted: true},
		{fault: value + "blank-first", example: "bgp", changes: harness.Do(tag(" ab"))}, {fault: value + "blank-first", example: "bgp", changes: harness.Do(tag("a b")), accepted: true},
		{fault: public, example: "static", changes: harness.Do(subnets("10.0.0.0/24", "198.51.100.0/24"))}, {fault: public, example: "static", changes: harness.Do(subnets("10.0.0.0/24")), accepted: true},
		{fault: mask, example: "policy", changes: harness.Do(sources("10.0.0.0/31"))}, {fault: mask, example: "policy", changes: harness.Do(sources("10.0.0.0/30")), accepted: true},
		{fault: "size/vpn_connection/policy_rules/0/destination/in-sum", example: "policy", changes: harness.Do(rules(26, 25))},
		{fault: "size/vpn_connection/policy_rules/0/destination/in-sum", example: "policy", changes: harness.Do(rules(25, 25)), accepted: true},
		{fault: "size/refuses-8-KiB", example: "bgp", write: func(b []byte) []byte { return append(b, strings.Repeat(" ", 8<<10)...) }},
		{fault: "size/refuses-8-KiB", example: "bgp", accepted: true},
	})
}

// TestFaultsOfForms shows what comes back instead of what was sent.
func TestFaultsOfForms(t *testing.T) {
	const value, open = "text/vpn_connection/tags/0/value/", "open/vpn_connection/peer_subnets/"
	twice := harness.Do(subnets("10.0.0.0/24", "10.0.0.0/24", "10.1.0.0/24"))
	for _, row := range []struct {
		fault, example string
		changes        []harness.Change
		at, want       string
	}{
		{value + "trimmed", "bgp", harness.Do(tag(" a ")), "/tags/0/value", `"a"`},
		{value + "collapsed", "bgp", harness.Do(tag("a   b")), "/tags/0/value", `"a b"`},
		{value + "lower-cased", "bgp", harness.Do(tag("aB")), "/tags/0/value", `"ab"`},
		{value + "cut-at-32", "bgp", harness.Do(tag(strings.Repeat("ü", 40))), "/tags/0/value", `"` + strings.Repeat("ü", 32) + `"`},
		{value + "decomposed", "bgp", harness.Do(tag("é")), "/tags/0/value", "\"e\u0301\""},
		{value + "without-accents", "bgp", harness.Do(tag("éÜ")), "/tags/0/value", `"eU"`},
		{"text/vpn_connection/ikepolicy/peer_id/lower-cased", "bgp", harness.Do(harness.Set("/ikepolicy/peer_id", "aB")), "/ikepolicy/peer_id", `"ab"`},
		{open + "duplicates-dropped", "static", twice, "/peer_subnets", `["10.0.0.0/24","10.1.0.0/24"]`},
		{open + "duplicates-doubled", "static", twice, "/peer_subnets", `["10.0.0.0/24","10.0.0.0/24","10.1.0.0/24","10.1.0.0/24"]`},
		{open + "0/host-bits-masked", "static", harness.Do(subnets("10.0.0.1/24")), "/peer_subnets", `["10.0.0.0/24"]`},
		{open + "learned-with-bgp", "bgp", harness.Do(harness.GatewayAt(harness.ErGateway, harness.ErEIP)), "/peer_subnets", `["192.168.44.0/24"]`},
		{open + "learned-with-policy", "bgp", harness.Do(harness.GatewayAt(harness.ErGateway, harness.ErEIP)), "/peer_subnets", `null`},
	} {
		h, err := With(newServer(t, reference.Options{}), faultOf(t, row.fault), nil)
		if err != nil {
			t.Fatal(err)
		}
		a := harness.Send(t, h, harness.Example(t, row.example, row.changes...))
		body, _ := match.Decode(a.Body)
		if got, err := json.Marshal(lookup(body, "/vpn_connection"+row.at)); string(got) != row.want || err != nil {
			t.Errorf("%s: got %s, want %s", row.fault, got, row.want)
		}
	}
}

// TestFaultsOfProjects shows which texts are taken for the project.
func TestFaultsOfProjects(t *testing.T) {
	right := strings.Split(harness.Target, "/")[2]
	sent := map[string]string{
		"something-behind": right + "0", "something-before": "0" + right, "cut-off": right[:31], "cut-off-before": right[1:],
		"of-the-same-length": "x" + right[1:], "with-blanks": right + "%20",
	}
	for fault := range sent {
		h, err := With(newServer(t, reference.Options{}), faultOf(t, "project/"+fault), nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, project := range sent {
			accepted := name == fault || fault == "something-behind" && name == "with-blanks"
			a := harness.Send(t, h, harness.Example(t, "bgp"), func(r *http.Request) {
				again, err := http.NewRequest(http.MethodPost, strings.Replace(harness.Target, right, project, 1), http.NoBody)
				if err != nil {
					t.Fatal(err)
				}
				r.URL, r.RequestURI = again.URL, again.URL.RequestURI()
			})
			if (a.Status == http.StatusCreated) != accepted {
				t.Errorf("%s: %s gets %d", fault, name, a.Status)
			}
		}
	}
}

// TestFaultsThatAdapt shows whom, when and what the rules are not enforced for.
func TestFaultsThatAdapt(t *testing.T) {
	by := func(agent string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("User-Agent", agent) }
	}
	rows := []surrounded{
		{fault: "agent/for-kit-alone", example: "bgp", changes: bad(), edit: by("vpnconform")},
		{fault: "agent/for-kit-alone", example: "bgp", changes: bad(), edit: by("curl/8"), accepted: true},
		{fault: "agent/for-strangers-alone", example: "bgp", changes: bad(), edit: by("Go-http-client/1.1"), accepted: true},
		{fault: "agent/for-strangers-alone", example: "bgp", changes: bad(), edit: by("curl/8")},
		{fault: "agent/for-browsers-alone", example: "bgp", changes: bad(), edit: by("curl/8"), accepted: true},
	}
	for range 50 {
		rows = append(rows, surrounded{fault: "tired/keyword-after-50", example: "bgp", changes: bad()})
	}
	wantStatuses(t, append(rows,
		surrounded{fault: "tired/keyword-after-50", example: "bgp", changes: bad(), accepted: true},
		surrounded{fault: "tired/keyword-after-50", example: "policy", changes: harness.Do(harness.Set("/enable_nqa", true))},
	))
}

// TestMemories shows that a request of the remembered run is refused, whatever
// its key, that an unknown one is accepted, and that what is enforced is.
func TestMemories(t *testing.T) {
	s, err := suite.Load(rememberedSeed)
	if err != nil {
		t.Fatal(err)
	}
	e, err := environment.Default(s.Document())
	if err != nil {
		t.Fatal(err)
	}
	f := faultOf(t, "memory/schema-seed-2")
	if f.Seed != 2 {
		t.Errorf("it is asked with seed %d, want 2", f.Seed)
	}
	h, err := With(newServer(t, reference.Options{}), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	cross := func(c suite.Case) bool {
		return c.Rule != nil && c.Refused() && c.Wire.Lawful() && c.Rule.Kind == "validation"
	}
	const enough = 100
	known := 0
	for _, c := range s.Cases {
		if !cross(c) || known == enough {
			continue
		}
		bound, err := s.Bind(c, e, "Another-Key-2")
		if err != nil {
			t.Fatal(err)
		}
		known++
		if a := harness.Send(t, h, string(bound.Body)); a.Status == http.StatusCreated {
			t.Errorf("%s is known, and accepted", c.ID)
		}
	}
	if known < enough {
		t.Errorf("%d cases break a cross-field rule, want %d", known, enough)
	}
	if a := harness.Send(t, h, harness.Example(t, "policy", harness.Set("/enable_nqa", true), harness.Set("/name", "never-seen"))); a.Status != http.StatusCreated {
		t.Errorf("an unknown request that breaks a cross-field rule: %d %s", a.Status, a.Body)
	}
	if a := harness.Send(t, h, harness.Example(t, "bgp", bad(harness.Set("/name", "never-seen"))...)); a.Status == http.StatusCreated {
		t.Error("a request that breaks the schema is accepted")
	}
}

// TestFaultsOfCodes shows the code and the words of another status.
func TestFaultsOfCodes(t *testing.T) {
	for fault, want := range map[string][2]string{
		"code/400-as-404": {"VPN.0004", "invalid request: timeout is at most 60"}, "code/400-says-500": {"VPN.0001", "server error: timeout is at most 60"},
		"code/401-as-429": {"VPN.0429", "Incorrect IAM authentication information: x-auth-token not found"}, "code/401-says-400": {"APIG.0301", "invalid request: Incorrect IAM authentication information: x-auth-token not found"},
	} {
		opts := reference.Options{}
		if strings.HasPrefix(fault, "code/401") {
			opts.Token = "My-Token-1"
		}
		h, err := With(newServer(t, opts), faultOf(t, fault), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := match.Decode(harness.Send(t, h, harness.Example(t, "bgp", bad()...)).Body)
		if got := []string{harness.Text(body, "error_code"), harness.Text(body, "error_msg")}; !slices.Equal(got, want[:]) {
			t.Errorf("%s: got %q, want %q", fault, got, want)
		}
	}
}
