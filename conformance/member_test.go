package conformance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// mutation changes the answers of a handler.
type mutation func(w *httptest.ResponseRecorder)

// mutated answers as h does, and changes every answer.
func mutated(h http.Handler, mutate mutation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		mutate(recorder)
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	})
}

// TestEveryMember changes each member of each answer in every way, and wants
// the case, or a duty, to fail at that member.
func TestEveryMember(t *testing.T) {
	for _, c := range exampleCases(t) {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			golden, err := match.Decode(c.Golden)
			if err != nil {
				t.Fatal(err)
			}
			if tried := everyMember(t, c.ID, golden); tried < 150 {
				t.Errorf("%d mutants, want at least 150: the golden file is not walked", tried)
			}
		})
	}
}

// everyMember returns the number of changes that it tried.
func everyMember(t *testing.T, id string, golden any) int {
	t.Helper()
	healthy := newReference(t)
	tried := 0
	for _, pointer := range members(golden, "") {
		for kind, patch := range patches(pointer, value(t, golden, pointer)) {
			tried++
			target := mutated(healthy, func(w *httptest.ResponseRecorder) {
				w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), patch))
			})
			if slices.Contains(lawful[id+pointer], kind) {
				wantPass(t, target, id, kind, pointer)
				continue
			}
			wantFailure(t, target, id, kind, "/body"+pointer)
		}
	}
	return tried
}

// lawful are the changes that the page allows: an index of a rule may differ
// from the one that was sent (erratum rule-index-expansion), and a policy
// connection need not have tunnel addresses (erratum policy-tunnel-addresses).
var lawful = map[string][]string{
	"CreateVpnConnection/example/policy/vpn_connection/policy_rules/0/rule_index": {"dropped", "renamed", "other value", "as number"},
	"CreateVpnConnection/example/policy/vpn_connection/tunnel_local_address":      {"dropped", "renamed"},
	"CreateVpnConnection/example/policy/vpn_connection/tunnel_peer_address":       {"dropped", "renamed"},
}

// exampleCases are the cases of the documented examples.
func exampleCases(t testing.TB) []suite.Case {
	t.Helper()
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := conformance.Select(s, examples, nil)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(cases, func(c suite.Case) bool { return c.Duty })
}

func wantPass(t *testing.T, target http.Handler, id, kind, pointer string) {
	t.Helper()
	s := httptest.NewServer(target)
	defer s.Close()
	r := run(t, conformance.Options{Target: s.URL, Run: []string{id}})
	if result := r.Results[0]; result.Outcome != report.Pass || duties(r) != "" {
		t.Errorf("%s %s of %s: %s, %s; duties: %s", kind, pointer, id, result.Outcome, known.Fingerprint(result.Differences), duties(r))
	}
}

// wantFailure wants a case, or a duty of its answers, to fail at a place.
func wantFailure(t *testing.T, target http.Handler, id, kind, pointer string) {
	t.Helper()
	s := httptest.NewServer(target)
	defer s.Close()
	r := run(t, conformance.Options{Target: s.URL, Run: []string{id}})
	if !slices.ContainsFunc(r.Results, func(result report.Result) bool {
		return result.Outcome == report.Fail && named(result.Differences, pointer)
	}) {
		result := r.Results[0]
		t.Errorf("%s %s of %s is not named: %s, %s; duties: %s", kind, pointer, id, result.Outcome, known.Fingerprint(result.Differences), duties(r))
	}
}

func named(differences []report.Difference, pointer string) bool {
	for _, d := range differences {
		if d.Pointer == pointer {
			return true
		}
	}
	return false
}

// members lists the pointers of all members and items, containers included.
func members(v any, at string) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			out = append(out, at+"/"+name)
			out = append(out, members(member, at+"/"+name)...)
		}
	case []any:
		for i, item := range v {
			out = append(out, at+"/"+strconv.Itoa(i))
			out = append(out, members(item, at+"/"+strconv.Itoa(i))...)
		}
	}
	return out
}

// patches are the ways to change a member, as JSON Patches.
func patches(pointer string, old any) map[string]string {
	set := func(value string) string {
		return `[{"op":"replace","path":"` + pointer + `","value":` + value + `}]`
	}
	out := map[string]string{
		"dropped": `[{"op":"remove","path":"` + pointer + `"}]`,
		"null":    set("null"),
	}
	if _, item := strconv.Atoi(pointer[strings.LastIndex(pointer, "/")+1:]); item != nil {
		out["renamed"] = `[{"op":"move","from":"` + pointer + `","path":"` + pointer + `x"}]`
	}
	for kind, value := range map[string]string{"text": `"x"`, "number": "7", "boolean": "true", "object": `{"a":1}`, "array": `["x"]`} {
		out["as "+kind] = set(value)
	}
	switch old := old.(type) {
	case string:
		out["other value"] = set(other(pointer, old))
	case json.Number:
		delete(out, "as number")
		out["other value"] = set(old.String() + "0")
		out["with a fraction"] = set(old.String() + ".0")
		out["quoted"] = set(`"` + old.String() + `"`)
	case bool:
		out["other value"] = set(strconv.FormatBool(!old))
		delete(out, "as boolean")
	case map[string]any:
		delete(out, "as object") // its members are changed one by one
	case []any:
		delete(out, "as array")
	}
	return out
}

// other is another value of a text, which its schema allows where there is one.
func other(pointer, old string) string {
	switch pointer[strings.LastIndex(pointer, "/")+1:] {
	case "created_at", "updated_at":
		return `"2001-02-03T04:05:06.789Z"`
	case "tunnel_local_address":
		return `"169.254.1.1/30"`
	case "tunnel_peer_address":
		return `"169.254.1.2/30"`
	case "id", "request_id", "vgw_id", "vgw_ip", "cgw_id":
		return `"00000000-0000-4000-8000-000000000000"` // the same in both answers
	case "enterprise_project_id":
		return `"00000000-0000-4000-8000-000000000000"`
	case "name":
		return `"vpn-0g00"`
	case "style":
		return `"` + map[string]string{"STATIC": "BGP", "POLICY": "STATIC", "BGP": "POLICY"}[old] + `"`
	}
	return `"` + old + `x"`
}

func value(t testing.TB, v any, pointer string) any {
	t.Helper()
	found, ok := match.Lookup(v, pointer)
	if !ok {
		t.Fatalf("nothing at %s", pointer)
	}
	return found
}

func apply(t testing.TB, body []byte, patch string) []byte {
	t.Helper()
	p, err := jsonpatch.DecodePatch([]byte(patch))
	if err != nil {
		t.Fatalf("%s: %v", patch, err)
	}
	out, err := p.Apply(body)
	if err != nil {
		t.Fatalf("%s: %v", patch, err)
	}
	return out
}

// TestStatusAndHeaders changes what surrounds the body.
func TestStatusAndHeaders(t *testing.T) {
	healthy := newReference(t)
	for pointer, mutations := range map[string]map[string]mutation{
		"/status": {
			"200": func(w *httptest.ResponseRecorder) { w.Code = 200 },
			"202": func(w *httptest.ResponseRecorder) { w.Code = 202 },
			"302": func(w *httptest.ResponseRecorder) { w.Code = 302 },
			"400": func(w *httptest.ResponseRecorder) { w.Code = 400 },
			"500": func(w *httptest.ResponseRecorder) { w.Code = 500 },
		},
		"/headers/Content-Type": {
			"text":    func(w *httptest.ResponseRecorder) { w.Header().Set("Content-Type", "text/plain") },
			"dropped": func(w *httptest.ResponseRecorder) { w.Header()["Content-Type"] = nil },
			"latin-1": func(w *httptest.ResponseRecorder) {
				w.Header().Set("Content-Type", "application/json; charset=iso-8859-1")
			},
			"suffix": func(w *httptest.ResponseRecorder) { w.Header().Set("Content-Type", "application/json-seq") },
		},
		"/body/request_id": {
			"other header":   func(w *httptest.ResponseRecorder) { w.Header().Set("X-Request-Id", "other") },
			"dropped header": func(w *httptest.ResponseRecorder) { w.Header().Del("X-Request-Id") },
		},
		"/body": {
			"BOM":       func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString("\ufeff" + w.Body.String()) },
			"doubled":   func(w *httptest.ResponseRecorder) { w.Body.Write(w.Body.Bytes()) },
			"truncated": func(w *httptest.ResponseRecorder) { w.Body.Truncate(w.Body.Len() / 2) },
			"empty":     func(w *httptest.ResponseRecorder) { w.Body.Reset() },
			"array":     func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString("[" + w.Body.String() + "]") },
			"doubled member": func(w *httptest.ResponseRecorder) {
				w.Body = bytes.NewBufferString(strings.Replace(w.Body.String(), "{", `{"request_id":"x",`, 1))
			},
		},
	} {
		for kind, mutate := range mutations {
			for _, id := range []string{"CreateVpnConnection/example/static", "CreateVpnConnection/example/policy", "CreateVpnConnection/example/bgp"} {
				wantFailure(t, mutated(healthy, mutate), id, kind, pointer)
			}
		}
	}
}
