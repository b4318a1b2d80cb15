package openapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/testdata"
)

func load(t testing.TB) *openapi.Document {
	t.Helper()
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func operation(t testing.TB, doc *openapi.Document) openapi.Operation {
	t.Helper()
	op, ok := doc.Operation("CreateVpnConnection")
	if !ok {
		t.Fatal("no operation CreateVpnConnection")
	}
	return op
}

// TestRules holds the list of all rules. An id that disappears from it breaks
// every list of known failures that names it.
func TestRules(t *testing.T) {
	var b bytes.Buffer
	for _, r := range load(t).Rules {
		fmt.Fprintf(&b, "%s\n  %s, %s\n  %s\n", r.ID, r.Level, r.Source, r.Message)
	}
	goldie.New(t, goldie.WithFixtureDir(".")).Assert(t, "rules", b.Bytes())
}

// TestEveryParameter holds the document against the list of the page's
// parameters: each is there, with its type, its mandatory flag and a citation
// of its own row, and nothing else is.
func TestEveryParameter(t *testing.T) {
	data, err := os.ReadFile("testdata/parameters.txt")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(data)) {
		if !strings.HasPrefix(line, "#") {
			// The document keeps the page's names but for request and answer being two schemas.
			line = strings.TrimSuffix(strings.TrimSpace(line), "s") // "PolicyRule objects", "VpnResourceTag object"
			want = append(want, line)
		}
	}
	doc := load(t)
	op := operation(t, doc)
	got := []string{"1 project_id Yes " + typeName(op.Parameters[0].Value.Schema)}
	for _, schema := range []string{
		"CreateVpnConnectionRequestBody", "CreateVpnConnectionRequestBodyContent", "PolicyRule", "IkePolicy", "Dpd",
		"IpsecPolicy", "VpnResourceTag", "CreateVpnConnectionResponseBody", "ResponseVpnConnection",
		"ResponsePolicyRule", "ResponseIkePolicy", "ResponseDpd", "ResponseIpsecPolicy", "ResponseVpnResourceTag",
	} {
		s := doc.T.Components.Schemas[schema].Value
		for name, property := range s.Properties {
			table, parameter := cited(t, property.Value.Extensions["x-source"])
			if parameter != name {
				t.Errorf("%s.%s cites the row of %s", schema, name, parameter)
			}
			mandatory := "No"
			if slices.Contains(s.Required, name) {
				mandatory = "Yes"
			}
			kind := typeName(property)
			switch {
			case len(table) == 2 || table == "9":
				mandatory = "-" // Tables 9 to 15 have no such column
			case table == "2":
				kind = "-"
			}
			got = append(got, strings.Join([]string{table, name, mandatory, kind}, " "))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameters (-page +document):\n%s", diff)
	}
}

// cited splits the citation of a parameter: Table 3, name.
func cited(t *testing.T, source any) (table, parameter string) {
	t.Helper()
	if list, ok := source.([]any); ok {
		source = list[0] // the others are those of keywords
	}
	text, _ := source.(string)
	table, parameter, ok := strings.Cut(strings.TrimPrefix(text, "Table "), ", ")
	if !ok {
		t.Fatalf("citation %q names no table and parameter", source)
	}
	return table, parameter
}

// typeName is the page's word for a schema's type.
func typeName(s *openapi3.SchemaRef) string {
	v := s.Value
	switch {
	case len(v.AllOf) == 1:
		return pageName(v.AllOf[0].Ref) + " object"
	case s.Ref != "":
		return pageName(s.Ref) + " object"
	case v.Type.Is("array"):
		return "Array of " + typeName(v.Items)
	}
	return strings.ToUpper(v.Type.Slice()[0][:1]) + v.Type.Slice()[0][1:]
}

func pageName(ref string) string {
	name := strings.TrimPrefix(ref, "#/components/schemas/")
	if name == "ResponseVpnConnection" {
		return name
	}
	return strings.TrimPrefix(name, "Response")
}

// TestExamples holds the document's examples against the page's, with the
// errata applied and a valid key in the place of the masked one.
func TestExamples(t *testing.T) {
	op := operation(t, load(t))
	content := map[string]openapi3.Examples{
		"request.json":  op.RequestBody.Value.Content.Get("application/json").Examples,
		"response.json": op.Responses.Status(201).Value.Content.Get("application/json").Examples,
	}
	for _, name := range []string{"static", "policy", "bgp"} {
		for file, examples := range content {
			want := requestExample(t, name, file)
			got := decode(t, encode(t, examples[name].Value.Value))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s/%s (-page +document):\n%s", name, file, diff)
			}
		}
	}
}

func requestExample(t *testing.T, name, file string) any {
	t.Helper()
	data, err := testdata.Examples.ReadFile("examples/" + name + "/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if errata, err := testdata.Examples.ReadFile("examples/" + name + "/errata.json"); err == nil && file == "response.json" {
		patch, err := jsonpatch.DecodePatch(errata)
		if err != nil {
			t.Fatal(err)
		}
		if data, err = patch.Apply(data); err != nil {
			t.Fatal(err)
		}
	}
	return decode(t, bytes.ReplaceAll(data, []byte("abcd****"), []byte("Example-Key-1")))
}

// TestPageExamples shows that the page's own requests keep every rule but
// those of the masked key, and its answers, corrected, keep every rule.
func TestPageExamples(t *testing.T) {
	doc := load(t)
	op := operation(t, doc)
	for _, name := range []string{"static", "policy", "bgp"} {
		data, err := testdata.Examples.ReadFile("examples/" + name + "/request.json")
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(doc.CheckRequest(op, decode(t, data), doc.Facts)); !slices.Contains(got, "/vpn_connection/psk CreateVpnConnection.psk.pattern") {
			t.Errorf("%s: the masked key breaks %v, want its pattern", name, got)
		}
		request, response := requestExample(t, name, "request.json"), requestExample(t, name, "response.json")
		if got := doc.CheckRequest(op, request, doc.Facts); len(got) > 0 {
			t.Errorf("%s: request breaks %v", name, ids(got))
		}
		id := response.(map[string]any)["request_id"].(string)
		exchange := openapi.Exchange{Request: request, Response: response, Headers: map[string]string{"x-request-id": id}, Facts: maskedFacts(doc)}
		if got := doc.CheckResponse(op, 201, exchange); len(got) > 0 {
			t.Errorf("%s: answer breaks %v", name, ids(got))
		}
	}
}

// maskedFacts are the facts with the addresses as the page masks them.
func maskedFacts(doc *openapi.Document) openapi.Facts {
	gateway := maps.Clone(doc.Facts["gateway"].(map[string]any))
	gateway["addresses"] = []any{map[string]any{"id": "0c464dad-demo-a8df-va86-c22bb0eb0bde", "ip": "10.***.***.134", "role": "active"}}
	return openapi.Facts{"gateway": gateway, "customer_gateway": map[string]any{"ip": "88.***.***.164"}}
}

// TestCheckRequest and TestCheckResponse change one member of an example and
// name the rules that are broken then, with the pointer.
func TestCheckRequest(t *testing.T) {
	doc := load(t)
	op := operation(t, doc)
	for patch, want := range map[string][]string{
		`{"vpn_connection": null}`:                                          {"/vpn_connection CreateVpnConnectionRequestBody.vpn_connection.required"},
		`{"vpn_connection": {"name": ""}}`:                                  {"/vpn_connection/name CreateVpnConnection.name.minLength"},
		`{"vpn_connection": {"name": "a b"}}`:                               {"/vpn_connection/name CreateVpnConnection.name.pattern"},
		`{"vpn_connection": {"vgw_id": null}}`:                              {"/vpn_connection/vgw_id CreateVpnConnection.vgw_id.required"},
		`{"vpn_connection": {"vgw_ip": "1.2.3.256"}}`:                       {"/vpn_connection/vgw_ip CreateVpnConnection.vgw_ip.pattern"},
		`{"vpn_connection": {"style": "BGP"}}`:                              {"/vpn_connection/style CreateVpnConnection.style.enum"},
		`{"vpn_connection": {"enable_nqa": "true"}}`:                        {"/vpn_connection/enable_nqa CreateVpnConnection.enable_nqa.type"},
		`{"vpn_connection": {"ikepolicy": {"lifetime_seconds": 172800.0}}}`: {"/vpn_connection/ikepolicy/lifetime_seconds IkePolicy.lifetime_seconds.type"},
		`{"vpn_connection": {"ikepolicy": {"lifetime_seconds": 6e4}}}`:      {"/vpn_connection/ikepolicy/lifetime_seconds IkePolicy.lifetime_seconds.type"},
		`{"vpn_connection": {"ikepolicy": {"lifetime_seconds": 1e10}}}`: {
			"/vpn_connection/ikepolicy/lifetime_seconds IkePolicy.lifetime_seconds.maximum",
			"/vpn_connection/ikepolicy/lifetime_seconds IkePolicy.lifetime_seconds.type",
		},
		`{"vpn_connection": {"psk": "short"}}`: {"/vpn_connection/psk CreateVpnConnection.psk.minLength"},
		`{"vpn_connection": {"ikepolicy": {"dpd": {"timeout": 61, "interval": 9}}}}`: {
			"/vpn_connection/ikepolicy/dpd/interval Dpd.interval.minimum",
			"/vpn_connection/ikepolicy/dpd/timeout Dpd.timeout.maximum",
		},
		`{"vpn_connection": {"tags": [{"key": "a"}, {"key": "", "value": "*"}]}}`: {
			"/vpn_connection/tags/0/value VpnResourceTag.value.required",
			"/vpn_connection/tags/1/key VpnResourceTag.key.minLength",
			"/vpn_connection/tags/1/value VpnResourceTag.value.pattern",
		},
		`{"unknown": 1}`: nil,
	} {
		body := merge(t, requestExample(t, "bgp", "request.json"), patch)
		if diff := cmp.Diff(want, ids(doc.CheckRequest(op, body, doc.Facts))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", patch, diff)
		}
	}
}

func TestCheckResponse(t *testing.T) {
	doc := load(t)
	op := operation(t, doc)
	for patch, want := range map[string][]string{
		`{"vpn_connection": {"style": "STATIC"}}`:                        {"/vpn_connection/style ResponseVpnConnection.style-upper-case"},
		`{"vpn_connection": {"enable_nqa": false}}`:                      {"/vpn_connection/enable_nqa ResponseVpnConnection.enable_nqa-static-only"},
		`{"vpn_connection": {"policy_rules": []}}`:                       nil,
		`{"vpn_connection": {"policy_rules": [{}]}}`:                     {"/vpn_connection/policy_rules ResponseVpnConnection.policy_rules-policy-only"},
		`{"vpn_connection": {"updated_at": "2022-11-26T13:41:34.627Z"}}`: {"/vpn_connection/created_at ResponseVpnConnection.created-equals-updated", "/vpn_connection/updated_at ResponseVpnConnection.created-equals-updated"},
		`{"vpn_connection": {"created_at": "yesterday"}}`:                {"/vpn_connection/created_at ResponseVpnConnection.created_at.pattern"},
		`{"vpn_connection": {"tunnel_local_address": "169.254.56.227/30"}}`: {
			"/vpn_connection/tunnel_local_address ResponseVpnConnection.tunnel_local_address.x-echo",
			"/vpn_connection/tunnel_local_address ResponseVpnConnection.tunnel_local_address-host",
		},
		`{"vpn_connection": {"tunnel_peer_address": "169.254.56.230/30"}}`: {
			"/vpn_connection/tunnel_peer_address ResponseVpnConnection.tunnel_peer_address.x-echo",
			"/vpn_connection/tunnel_local_address ResponseVpnConnection.tunnel-addresses-pair",
			"/vpn_connection/tunnel_peer_address ResponseVpnConnection.tunnel-addresses-pair",
		},
		`{"vpn_connection": {"tunnel_peer_address": "169.254.56.225/30"}}`: {
			"/vpn_connection/tunnel_peer_address ResponseVpnConnection.tunnel_peer_address.x-echo",
			"/vpn_connection/tunnel_local_address ResponseVpnConnection.tunnel-addresses-differ",
			"/vpn_connection/tunnel_peer_address ResponseVpnConnection.tunnel-addresses-differ",
		},
		`{"vpn_connection": {"tunnel_peer_address": null}}`: {
			"/vpn_connection/tunnel_peer_address ResponseVpnConnection.tunnel_peer_address.x-echo",
			"/vpn_connection/tunnel_peer_address ResponseVpnConnection.tunnel_peer_address-returned",
		},
		`{"vpn_connection": {"name": null}}`: {"/vpn_connection/name ResponseVpnConnection.name.required"},
		`{"request_id": "other"}`:            {"/request_id CreateVpnConnectionResponseBody.request_id-equals-header"},
		`{"vpn_connection": null}`:           {"/vpn_connection CreateVpnConnectionResponseBody.vpn_connection.required"},
	} {
		response := requestExample(t, "bgp", "response.json")
		id := response.(map[string]any)["request_id"].(string)
		exchange := openapi.Exchange{
			Request:  requestExample(t, "bgp", "request.json"),
			Response: merge(t, response, patch),
			Headers:  map[string]string{"x-request-id": id},
			Facts:    doc.Facts,
		}
		if diff := cmp.Diff(want, ids(doc.CheckResponse(op, 201, exchange))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", patch, diff)
		}
	}
}

// TestCheckResponseNameGenerated needs a request without a name.
func TestCheckResponseNameGenerated(t *testing.T) {
	doc := load(t)
	op := operation(t, doc)
	for name, want := range map[string][]string{
		"vpn-b2cb":  nil,
		"vpn-B2CB":  {"/vpn_connection/name ResponseVpnConnection.name-generated-hex"},
		"vpn-b2cb0": {"/vpn_connection/name ResponseVpnConnection.name-generated"},
	} {
		response := merge(t, requestExample(t, "static", "response.json"), `{"vpn_connection": {"name": "`+name+`"}}`)
		id := response.(map[string]any)["request_id"].(string)
		exchange := openapi.Exchange{
			Request: requestExample(t, "static", "request.json"), Response: response, Headers: map[string]string{"x-request-id": id},
		}
		if diff := cmp.Diff(want, ids(doc.CheckResponse(op, 201, exchange))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestViolationKeepsSecrets shows that no message repeats the value.
func TestViolationKeepsSecrets(t *testing.T) {
	doc := load(t)
	const secret = "planted secret*"
	body := merge(t, requestExample(t, "static", "request.json"), `{"vpn_connection": {"psk": "`+secret+`", "style": "`+secret+`", "vgw_id": "`+secret+`"}}`)
	broken := doc.CheckRequest(operation(t, doc), body, doc.Facts)
	if len(broken) != 3 {
		t.Errorf("%d rules are broken, want 3", len(broken))
	}
	if text := fmt.Sprint(broken); strings.Contains(text, secret) {
		t.Errorf("a message repeats the value: %s", text)
	}
}

func TestUndocumentedStatus(t *testing.T) {
	doc := load(t)
	op := operation(t, doc)
	refusal := decode(t, []byte(`{"error_code": "VPN.0001", "error_msg": "invalid request: x"}`))
	older := decode(t, []byte(`{"code": "VPN.0001", "message": "invalid request: x"}`))
	neither := decode(t, []byte(`{"error_code": "VPN.0001", "message": "invalid request: x"}`))
	for _, row := range []struct {
		status int
		body   any
		want   []string
	}{
		{400, refusal, nil},
		{400, older, nil},
		{400, neither, []string{"/error_code ErrorResponse.code-and-message"}},
		{400, "text", []string{" ErrorResponse.type"}},
		{299, neither, nil},
	} {
		if diff := cmp.Diff(row.want, ids(doc.CheckResponse(op, row.status, openapi.Exchange{Response: row.body}))); diff != "" {
			t.Errorf("%d %v (-want +got):\n%s", row.status, row.body, diff)
		}
	}
}

// TestFaults holds what Parse says of wrong documents: testdata/faults/*.yaml
// and the golden file beside each.
func TestFaults(t *testing.T) {
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no faulty documents: %v", err)
	}
	g := goldie.New(t, goldie.WithFixtureDir("testdata/faults"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		t.Run(name, func(t *testing.T) {
			_, err := openapi.Parse(name+".yaml", data)
			if err == nil {
				t.Fatal("no fault")
			}
			g.Assert(t, name, []byte(err.Error()+"\n"))
		})
	}
}

func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/faults/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := openapi.Parse("fuzz.yaml", data)
		if err == nil {
			if doc == nil {
				t.Fatal("neither a document nor a fault")
			}
			return
		}
		lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 1
		for _, fault := range err.(openapi.Faults) { //nolint:errorlint // Parse promises Faults
			if fault.Message == "" || fault.Line > lines {
				t.Errorf("fault %q in line %d of %d", fault.Message, fault.Line, lines)
			}
		}
	})
}

// TestLoad shows that the embedded document needs no trust.
func TestLoad(t *testing.T) {
	parsed, err := openapi.Parse("vpn.yaml", openapi.Source())
	if err != nil {
		t.Fatal(err)
	}
	loaded := load(t)
	if len(parsed.Rules) != len(loaded.Rules) {
		t.Errorf("%d rules when parsed, %d when loaded", len(parsed.Rules), len(loaded.Rules))
	}
	for i, r := range loaded.Rules {
		if r.ID != parsed.Rules[i].ID || len(r.Violate) != len(parsed.Rules[i].Violate) {
			t.Errorf("%s with %d violations when loaded, %s with %d when parsed", r.ID, len(r.Violate), parsed.Rules[i].ID, len(parsed.Rules[i].Violate))
		}
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := openapi.Parse("vpn.yaml", openapi.Source()); err != nil {
			b.Fatal(err)
		}
	}
}

// ids renders violations as pointer and rule.
func ids(violations []openapi.Violation) []string {
	var out []string
	for _, v := range violations {
		id := "?"
		if v.Rule != nil {
			id = v.Rule.ID
		}
		out = append(out, v.Pointer+" "+id)
	}
	return out
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

func encode(t testing.TB, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// merge applies a JSON Merge Patch (RFC 7386).
func merge(t testing.TB, body any, patch string) any {
	t.Helper()
	data, err := jsonpatch.MergePatch(encode(t, body), []byte(patch))
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, data)
}

// TestErrata holds errata.yaml and everything that names an erratum together.
func TestErrata(t *testing.T) {
	errata, err := openapi.LoadErrata()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, e := range errata {
		if known[e.ID] {
			t.Errorf("%s is there twice", e.ID)
		}
		known[e.ID] = true
		if e.Title == "" || e.Conflict == "" || e.Verdict == "" || len(e.Places) == 0 || len(e.Evidence) == 0 {
			t.Errorf("%s lacks a title, a place, a conflict, a verdict or evidence", e.ID)
		}
		for _, p := range e.Places {
			if len(p.Lines) == 0 || p.Place == "" || p.Says == "" {
				t.Errorf("%s: a place lacks lines, a name or what it says: %+v", e.ID, p)
			}
		}
	}
	if len(errata) < 40 {
		t.Errorf("%d errata, want at least the 40 that were found first", len(errata))
	}
	named := map[string]bool{}
	for _, m := range strings.Split(string(openapi.Source()), "\n") {
		if _, ids, ok := strings.Cut(m, "x-erratum: "); ok {
			for _, id := range strings.FieldsFunc(ids, func(r rune) bool { return strings.ContainsRune("[], ", r) }) {
				named[id] = true
			}
		}
	}
	for _, r := range load(t).Rules {
		for _, id := range r.Errata {
			named[id] = true
		}
	}
	var steps []struct{ Erratum string }
	data, err := testdata.Examples.ReadFile("examples/policy/errata.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &steps); err != nil || len(steps) == 0 {
		t.Fatalf("errata.json has %d steps: %v", len(steps), err)
	}
	for _, s := range steps {
		named[s.Erratum] = true
	}
	for _, id := range slices.Sorted(maps.Keys(named)) {
		if !known[id] {
			t.Errorf("erratum %s is named and not in errata.yaml", id)
		}
	}
	if len(named) < 20 {
		t.Errorf("%d errata are named: the search is broken", len(named))
	}
}

// TestYAML holds that a document means the same in every form of YAML.
func TestYAML(t *testing.T) {
	const plain = `{"openapi": "3.0.3", "info": {"title": "T", "version": "1.10", "x-a": [1.50, 255, 2022, true, null, "yes", "2022-11-26"], "x-b": {"0": "z"}, "x-c": {"0": "z"}}, "paths": {}}`
	const written = `
openapi: 3.0.3
info:
  title: "T"
  version: '1.10'
  x-a: [1.50, 0xff, 2_022, True, ~, yes, 2022-11-26]
  x-b: &b {0: z}
  x-c: *b
paths: {}
`
	a, err := openapi.Parse("plain", []byte(plain))
	if err != nil {
		t.Fatal(err)
	}
	b, err := openapi.Parse("written", []byte(written))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a.T.Info, b.T.Info); diff != "" {
		t.Errorf("(-JSON +YAML):\n%s", diff)
	}
}

// A schema that several operations of a path use is called what the first of the document calls it, every time.
func TestFirstUse(t *testing.T) {
	const document = `
openapi: 3.0.3
info: {title: Two operations, version: '1'}
paths:
  /things:
    put:
      operationId: setThings
      requestBody: {content: {application/json: {schema: {properties: {things: {items: {$ref: '#/components/schemas/Thing'}}}}}}}
      responses: {'204': {description: Set}}
    get:
      operationId: getThing
      responses: {'200': {description: One, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}}
components:
  schemas:
    Thing: {type: object}
`
	for range 20 {
		doc, err := openapi.Parse("two.yaml", []byte(document))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := doc.Rule("Thing.type").Message, "an item of things is an object"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}
