package openapi_test

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi"
)

func TestNamed(t *testing.T) {
	doc := load(t)
	op := operation(t, doc)
	got := map[string]string{}
	for _, n := range append(doc.Named(op.JSON()), doc.Named(op.Answer(http.StatusCreated))...) {
		got[n.Pointer] = n.Fact + ": " + strings.Join(n.Texts(doc, doc.Facts[n.Fact]), " ")
	}
	want := map[string]string{
		"/vpn_connection/vgw_id":                "gateway: b32d91a4-demo-a8df-va86-e907174eb11d",
		"/vpn_connection/vgw_ip":                "gateway: 0c464dad-demo-a8df-va86-c22bb0eb0bde 0c464dad-demo-a8df-va86-c22bb0eb0bdf",
		"/vpn_connection/cgw_id":                "customer_gateway: 5247ae10-demo-a8df-va86-dd36659a7f5d",
		"/vpn_connection/enterprise_project_id": "gateway: 0",
		"/vpn_connection/ikepolicy/local_id":    "gateway: 10.***.***.134 10.***.***.135",
		"/vpn_connection/ikepolicy/peer_id":     "customer_gateway: 88.***.***.164",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	private := map[string]any{"addresses": []any{map[string]any{"id": "", "ip": "192.168.45.7"}}}
	address := doc.Named(op.JSON())[2]
	if got := address.Texts(doc, private); !slices.Equal(got, []string{"192.168.45.7"}) {
		t.Errorf("%s of a private gateway: got %q, want its IP address", address.Pointer, got)
	}
}

func TestVariants(t *testing.T) {
	doc := load(t)
	if got := doc.Variants(operation(t, doc)); got != "/vpn_connection/style" {
		t.Errorf("got %q, want the pointer of style", got)
	}
	without := strings.Replace(string(openapi.Source()), "x-variants: true", "x-variants: false", 1)
	doc, err := openapi.Parse("vpn.yaml", []byte(without))
	if err != nil {
		t.Fatal(err)
	}
	if got := doc.Variants(operation(t, doc)); got != "" {
		t.Errorf("got %q of a document without variants", got)
	}
}

// TestDefaultShown shows that a default which other tools must not read is one
// like any other: a rule, and what an answer shows.
func TestDefaultShown(t *testing.T) {
	doc := load(t)
	for id, want := range map[string]any{
		"CreateVpnConnection.enable_nqa.default":    false,
		"CreateVpnConnection.ha_role.default":       "master",
		"IkePolicy.phase1_negotiation_mode.default": "main",
	} {
		r := doc.Rule(id)
		if r == nil {
			t.Errorf("there is no rule %s", id)
			continue
		}
		if r.Schema.Default != want || !strings.HasSuffix(r.Pointer, "/x-default-shown") || r.Line == 0 {
			t.Errorf("%s is %v in line %d, %s", id, r.Schema.Default, r.Line, r.Pointer)
		}
	}
	response := merge(t, requestExample(t, "static", "response.json"), `{"vpn_connection": {"enable_nqa": true}}`)
	exchange := openapi.Exchange{
		Request: requestExample(t, "static", "request.json"), Response: response,
		Headers: map[string]string{"x-request-id": response.(map[string]any)["request_id"].(string)},
	}
	want := []string{"/vpn_connection/enable_nqa CreateVpnConnection.enable_nqa.default"}
	if diff := cmp.Diff(want, ids(doc.CheckResponse(operation(t, doc), 201, exchange))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLevels holds that what binds as must is the page's word, and that what
// the page says and yet binds less has an erratum that tells why.
func TestLevels(t *testing.T) {
	page := regexp.MustCompile(`^(URI|Table [0-9]+|Example requests|Example responses|Response parameters|Status codes)(, |$)`)
	for _, r := range load(t).Rules {
		switch onPage := page.MatchString(r.Source); {
		case r.Level == openapi.Must && !onPage:
			t.Errorf("%s binds as must and cites %s, which is not the page", r.ID, r.Source)
		case r.Level != openapi.Must && onPage && (r.Kind == openapi.Keyword || len(r.Errata) == 0):
			t.Errorf("%s cites the page (%s) and binds as %s, without an erratum", r.ID, r.Source, r.Level)
		}
	}
}

// TestErrorStatuses holds that each error status says something of its own,
// and that its example is an error.
func TestErrorStatuses(t *testing.T) {
	doc := load(t)
	op := operation(t, doc)
	texts := map[string]string{}
	statuses := 0
	for status, response := range op.Responses.Map() {
		code, err := strconv.Atoi(status)
		if err != nil {
			t.Fatal(err)
		}
		if code < 400 {
			continue
		}
		statuses++
		if http.StatusText(code) == "" {
			t.Errorf("%s is no status of HTTP", status)
		}
		text := *response.Value.Description
		if other, twice := texts[text]; twice {
			t.Errorf("%s and %s both say: %s", other, status, text)
		}
		texts[text] = status
		example := response.Value.Content.Get("application/json").Example
		body, _ := example.(map[string]any)
		if body["error_code"] == nil || body["error_msg"] == nil || body["request_id"] == nil {
			t.Errorf("%s: the example is %v", status, example)
		}
		said, _, _ := doc.Errors.Said(example)
		if with := doc.Errors.StatusOf(said); len(with) > 0 && !slices.Contains(with, status) {
			t.Errorf("%s: the example has the code %s, which goes with %v", status, said, with)
		}
		if got := ids(doc.CheckResponse(op, code, openapi.Exchange{Response: example})); len(got) > 0 {
			t.Errorf("%s: the example breaks %v", status, got)
		}
	}
	if statuses != 16 {
		t.Errorf("%d error statuses, want the 16 that the lists of statuses have", statuses)
	}
}

// TestExtensionsAreNoSchemas holds that no other tool can take an object in an
// extension for a schema. Tools look into objects, and not into lists.
func TestExtensionsAreNoSchemas(t *testing.T) {
	ofSchemas := []string{
		"$id", "$ref", "allOf", "anyOf", "default", "enum", "format", "id", "items", "oneOf", "pattern", "properties",
		"required", "type",
	}
	looked := 0
	var look func(value any, at string, extension bool)
	look = func(value any, at string, extension bool) {
		switch v := value.(type) {
		case map[string]any:
			for _, key := range slices.Sorted(maps.Keys(v)) {
				if extension && slices.Contains(ofSchemas, key) {
					t.Errorf("%s has the key %s", at, key)
				}
				inside := extension || strings.HasPrefix(key, "x-")
				if inside {
					looked++
				}
				look(v[key], at+"/"+key, inside)
			}
		case []any:
			for i, item := range v {
				if !extension {
					look(item, at+"/"+strconv.Itoa(i), false)
				}
			}
		}
	}
	look(decode(t, load(t).JSON()), "", false)
	if looked < 100 {
		t.Errorf("%d extensions: the search is broken", looked)
	}
}

// TestPolicyRulesEcho holds what an answer may make of two rules: the page
// says that the service makes one of each destination.
func TestPolicyRulesEcho(t *testing.T) {
	const (
		echo  = "/vpn_connection/policy_rules ResponseVpnConnection.policy_rules-echo"
		whole = "/vpn_connection/policy_rules ResponseVpnConnection.policy_rules-whole"
	)
	doc := load(t)
	op := operation(t, doc)
	request := merge(t, requestExample(t, "policy", "request.json"), `{"vpn_connection": {"policy_rules": [
		{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]},
		{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]}]}}`)
	for name, row := range map[string]struct {
		rules string
		want  []string
	}{
		"as sent": {`[
			{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]},
			{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]}]`, nil},
		"in another order": {`[
			{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]},
			{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]}]`, nil},
		"one rule for each destination": {`[
			{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]},
			{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]},
			{"source": "10.0.0.0/24", "destination": ["192.168.2.0/24"]}]`, []string{whole}},
		"a destination is lost": {`[
			{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]},
			{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]}]`, []string{echo, whole}},
		"a destination has another source": {`[
			{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24"]},
			{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24", "192.168.2.0/24"]}]`, []string{echo, whole}},
		"a rule is added": {`[
			{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]},
			{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]},
			{"source": "10.0.9.0/24", "destination": ["192.168.3.0/24"]}]`, []string{echo, whole}},
		"a destination is added": {`[
			{"source": "10.0.0.0/24", "destination": ["192.168.1.0/24", "192.168.2.0/24"]},
			{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24", "192.168.9.0/24"]}]`, []string{echo, whole}},
		"the source is lost": {`[
			{"destination": ["192.168.1.0/24", "192.168.2.0/24"]},
			{"source": "10.0.1.0/24", "destination": ["192.168.3.0/24"]}]`, []string{echo, whole}},
		"none":   {`[]`, []string{echo, whole}},
		"absent": {`null`, []string{echo}},
	} {
		response := merge(t, requestExample(t, "policy", "response.json"), `{"vpn_connection": {"policy_rules": `+row.rules+`}}`)
		exchange := openapi.Exchange{
			Request: request, Response: response,
			Headers: map[string]string{"x-request-id": response.(map[string]any)["request_id"].(string)},
		}
		if diff := cmp.Diff(row.want, ids(doc.CheckResponse(op, 201, exchange))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestPeerSubnetsOfRouter holds that a gateway with an enterprise router
// returns no subnets, in either of two ways.
func TestPeerSubnetsOfRouter(t *testing.T) {
	doc := load(t)
	request := merge(t, requestExample(t, "bgp", "request.json"), `{"vpn_connection": {"peer_subnets": null}}`)
	for patch, want := range map[string][]string{
		`{"vpn_connection": {"peer_subnets": null}}`:                nil,
		`{"vpn_connection": {"peer_subnets": []}}`:                  nil,
		`{"vpn_connection": {"peer_subnets": ["192.168.44.0/24"]}}`: {"/vpn_connection/peer_subnets ResponseVpnConnection.peer_subnets-echo"},
	} {
		response := merge(t, requestExample(t, "bgp", "response.json"), patch)
		exchange := openapi.Exchange{
			Request: request, Response: response,
			Headers: map[string]string{"x-request-id": response.(map[string]any)["request_id"].(string)},
			Facts:   doc.Facts.With(map[string]any{"gateway": map[string]any{"attachment_type": "er"}}),
		}
		if diff := cmp.Diff(want, ids(doc.CheckResponse(operation(t, doc), 201, exchange))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", patch, diff)
		}
	}
}
