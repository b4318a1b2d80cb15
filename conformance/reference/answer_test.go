package reference

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/reference/internal/harness"
	"github.com/vpnconform/vpnconform/openapi"
)

// golden compares with a file of testdata/answers; GOLDIE_UPDATE=1 writes it.
// The folder is not testdata itself, because goldie's -clean empties it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	goldie.New(t, goldie.WithFixtureDir("testdata/answers")).Assert(t, name, got)
}

// wantDocumented holds an answer to the rules of the document.
func wantDocumented(tb testing.TB, s *Server, request any, a harness.Answer) {
	tb.Helper()
	headers := make(map[string]string)
	for name, values := range a.Header {
		headers[strings.ToLower(name)] = values[0]
	}
	exchange := openapi.Exchange{Request: request, Response: a.Decoded(tb), Headers: headers}
	for _, v := range s.Document.CheckResponse(s.operation, a.Status, exchange) {
		tb.Errorf("%s: %s", v.Pointer, v.Message)
	}
}

// TestAnswers compares whole answers of success, each the first of a server.
func TestAnswers(t *testing.T) {
	s := newServer(t, Options{})
	for _, test := range []struct {
		name    string
		example string
		changes []harness.Change
	}{
		{"static", "static", nil},
		{"policy", "policy", nil},
		{"bgp", "bgp", nil},
		{"static-named", "static", []harness.Change{
			harness.Set("/name", "a.B_c-9"), harness.Set("/style", "static"), harness.Set("/enable_nqa", true),
			harness.Set("/vgw_ip", harness.VpcSecondEIP), harness.Set("/ha_role", "master"),
		}},
		{"static-with-empty-objects", "static", []harness.Change{
			harness.Set("/ikepolicy", map[string]any{"dpd": map[string]any{}}), harness.Set("/ipsecpolicy", map[string]any{}), harness.Set("/tags", []any{}),
		}},
		{"static-er", "static", []harness.Change{harness.GatewayAt(harness.ErGateway, harness.ErEIP)}},
		{"policy-er", "policy", []harness.Change{harness.GatewayAt(harness.ErGateway, harness.ErEIP), harness.Drop("/peer_subnets")}},
		{"bgp-er-with-subnets", "bgp", []harness.Change{harness.GatewayAt(harness.ErGateway, harness.ErEIP)}},
		{"bgp-private-v1", "bgp", []harness.Change{
			harness.GatewayAt(harness.PrivateGateway, harness.PrivateIP), harness.Set("/ikepolicy/ike_version", "v1"),
			harness.Set("/ikepolicy/local_id_type", "ip"), harness.Drop("/ikepolicy/dpd"), harness.Set("/ipsecpolicy/pfs", "disable"),
		}},
		{"static-v1-aggressive", "static", []harness.Change{
			harness.Set("/ikepolicy/ike_version", "v1"), harness.Set("/ikepolicy/phase1_negotiation_mode", "aggressive"),
			harness.Set("/ikepolicy/local_id", "dropped"), harness.Set("/ikepolicy/dpd/timeout", 2),
		}},
		{"static-standby-tagged", "static", []harness.Change{
			harness.GatewayAt(harness.StandbyGateway, harness.StandbyEIP), harness.Set("/ha_role", "slave"),
			harness.Set("/tags", []any{map[string]any{"key": "año", "value": ""}, map[string]any{"key": "a", "value": "b"}}),
		}},
		{"policy-rules", "policy", []harness.Change{
			harness.Set("/tunnel_peer_address", "169.254.0.1/30"),
			harness.Set("/policy_rules", []any{
				harness.PolicyRule("10.1.0.9/24", "192.168.9.0/24", "192.168.8.7/24"),
				map[string]any{"rule_index": 1, "source": "0.0.0.0/0", "destination": []any{"10.0.0.0/8"}},
				harness.PolicyRule("10.3.0.0/24"),
				map[string]any{"rule_index": 0},
				map[string]any{"rule_index": 3},
			}),
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.forget()
			request := harness.Example(t, test.example, test.changes...)
			a := harness.Send(t, s, request)
			wantCreated(t, a, s, request)
			golden(t, test.name, a.Dump(t))
		})
	}
}

// TestErrors compares whole answers of refusal, each from a new server.
func TestErrors(t *testing.T) {
	method := func(name string) func(*http.Request) {
		return func(r *http.Request) { r.Method = name }
	}
	for _, test := range []struct {
		name  string
		edit  func(*http.Request)
		token string
	}{
		{"error-method", method(http.MethodGet), ""},
		{"error-path", func(r *http.Request) { r.URL.Path = "/v5/p/vpn-connections" }, ""},
		{"error-project", func(r *http.Request) { r.URL.Path = "/v5/p/vpn-connection" }, ""},
		{"error-token", func(*http.Request) {}, "t"},
		{"error-content-type", func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newServer(t, Options{Token: test.token})
			request := harness.Example(t, "static")
			a := harness.Send(t, s, request, test.edit)
			a.Check(t)
			wantDocumented(t, s, request, a)
			golden(t, test.name, a.Dump(t))
		})
	}
}

// TestPage compares the answers with those that the page prints, but for what
// the server chooses and the addresses that the page masks.
func TestPage(t *testing.T) {
	s := newServer(t, Options{})
	chosen := []string{"id", "name", "created_at", "updated_at", "request_id", "tunnel_local_address", "tunnel_peer_address"}
	masked := []string{"local_id", "peer_id"}
	for name, free := range map[string][]string{
		"static": slices.Concat(chosen, masked),
		"policy": slices.Concat(chosen, masked),
		"bgp":    {"id", "created_at", "updated_at", "request_id"},
	} {
		t.Run(name, func(t *testing.T) {
			page := harness.File(t, name, "response.json")
			if name == "policy" {
				patch, err := jsonpatch.DecodePatch(harness.File(t, name, "errata.json"))
				if err != nil {
					t.Fatal(err)
				}
				if page, err = patch.Apply(page); err != nil {
					t.Fatal(err)
				}
			}
			var want, got any
			if err := json.Unmarshal(page, &want); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(harness.Send(t, s, harness.Example(t, name)).Body, &got); err != nil {
				t.Fatal(err)
			}
			compared := 0
			ignored := cmpopts.IgnoreMapEntries(func(member string, _ any) bool {
				compared++
				return slices.Contains(free, member)
			})
			if diff := cmp.Diff(want, got, ignored); diff != "" {
				t.Errorf("-page +answer\n%s", diff)
			}
			if compared < 30 {
				t.Errorf("only %d members were looked at", compared)
			}
		})
	}
}

// TestDefaults takes the defaults from the document and looks for them in the
// answer to a request that sets nothing.
func TestDefaults(t *testing.T) {
	s := newServer(t, Options{})
	request := harness.Example(t, "static")
	connection := wantCreated(t, harness.Send(t, s, request), s, request)
	found := 0
	var compare func(want, got any, pointer string)
	compare = func(want, got any, pointer string) {
		object, ok := want.(map[string]any)
		if !ok {
			found++
			if g, _ := json.Marshal(got); !bytes.EqualFold(g, encoded(t, want)) && pointer != "/ikepolicy/phase1_negotiation_mode" {
				t.Errorf("%s: got %s, want %s", pointer, g, encoded(t, want))
			}
			return
		}
		for name, member := range object {
			compare(member, harness.At(got, name), pointer+"/"+name)
		}
	}
	compare(filled(content(s), nil), connection, "")
	if found < 20 {
		t.Errorf("the document has only %d defaults", found)
	}
}

func encoded(tb testing.TB, value any) []byte {
	tb.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// TestTunnelAddresses looks at the pair of an answer.
func TestTunnelAddresses(t *testing.T) {
	s := newServer(t, Options{})
	for _, test := range []struct {
		name                                 string
		local, peer                          any
		wantLocal, wantPeer, wantLocalOfNext string
	}{
		{"none sent", nil, nil, "169.254.0.1/30", "169.254.0.2/30", "169.254.0.5/30"},
		{"both sent, the upper one local", "169.254.56.226/30", "169.254.56.225/30", "169.254.56.226/30", "169.254.56.225/30", "169.254.0.1/30"},
		{"lower local alone", "169.254.255.253/30", nil, "169.254.255.253/30", "169.254.255.254/30", "169.254.0.1/30"},
		{"upper local alone", "169.254.0.2/30", nil, "169.254.0.2/30", "169.254.0.1/30", "169.254.0.5/30"},
		{"lower peer alone", nil, "169.254.194.253/30", "169.254.194.254/30", "169.254.194.253/30", "169.254.0.1/30"},
		{"upper peer alone", nil, "169.254.196.2/30", "169.254.196.1/30", "169.254.196.2/30", "169.254.0.1/30"},
	} {
		for _, style := range []string{"static", "policy", "bgp"} {
			t.Run(test.name+" "+style, func(t *testing.T) {
				s.forget()
				changes := []harness.Change{harness.Set("/tunnel_local_address", test.local), harness.Set("/tunnel_peer_address", test.peer)}
				if test.local == nil {
					changes = append(changes, harness.Drop("/tunnel_local_address"))
				}
				if test.peer == nil {
					changes = append(changes, harness.Drop("/tunnel_peer_address"))
				}
				request := harness.Example(t, style, changes...)
				connection := wantCreated(t, harness.Send(t, s, request), s, request)
				next := wantCreated(t, harness.Send(t, s, harness.Example(t, "static")), s, harness.Example(t, "static"))
				got := [3]string{
					harness.Text(connection, "tunnel_local_address"), harness.Text(connection, "tunnel_peer_address"),
					harness.Text(next, "tunnel_local_address"),
				}
				if want := [3]string{test.wantLocal, test.wantPeer, test.wantLocalOfNext}; got != want {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		}
	}
}
