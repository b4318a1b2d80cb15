package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newReference(t testing.TB) http.Handler {
	t.Helper()
	s, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func referenceIn(t testing.TB, env suite.Environment, token string) http.Handler {
	t.Helper()
	s, err := reference.New(reference.Options{Environment: env, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func run(t testing.TB, opts conformance.Options) *report.Report {
	t.Helper()
	r, err := conformance.Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReferencePasses(t *testing.T) {
	r := run(t, conformance.Options{Target: serve(t, newReference(t)), Strict: true})
	if len(r.Results) != 3 || r.Verdict() != report.Conforms {
		t.Errorf("%s", r.Summary())
	}
	for _, result := range r.Results {
		if result.Requests != 2 {
			t.Errorf("%s sent %d requests, want 2", result.Case, result.Requests)
		}
		m := result.Members
		if m.NotLookedAt != 0 || m.ByValue == 0 || m.ByRule == 0 || m.Total() < 60 {
			t.Errorf("%s looked at %+v", result.Case, m)
		}
	}
}

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
// the case to fail at that member.
func TestEveryMember(t *testing.T) {
	cases, err := suite.Cases()
	if err != nil {
		t.Fatal(err)
	}
	healthy := newReference(t)
	tried := 0
	for _, c := range cases {
		golden, err := match.Decode(c.Golden)
		if err != nil {
			t.Fatal(err)
		}
		for _, pointer := range members(golden, "") {
			for kind, patch := range patches(pointer, value(t, golden, pointer)) {
				tried++
				target := mutated(healthy, func(w *httptest.ResponseRecorder) {
					w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), patch))
				})
				if slices.Contains(lawful[c.ID+pointer], kind) {
					wantPass(t, target, c.ID, kind, pointer)
					continue
				}
				wantFailure(t, target, c.ID, kind, "/body"+pointer)
			}
		}
	}
	if tried < 500 {
		t.Errorf("%d mutants, want at least 500: the golden files are not walked", tried)
	}
}

// lawful are the changes that the page allows: an index of a rule may differ
// from the one that was sent (erratum rule-index-expansion), and a policy
// connection need not have tunnel addresses (erratum policy-tunnel-addresses).
var lawful = map[string][]string{
	"example/policy/vpn_connection/policy_rules/0/rule_index": {"dropped", "renamed", "other value", "as number"},
	"example/policy/vpn_connection/tunnel_local_address":      {"dropped", "renamed"},
	"example/policy/vpn_connection/tunnel_peer_address":       {"dropped", "renamed"},
}

func wantPass(t *testing.T, target http.Handler, id, kind, pointer string) {
	t.Helper()
	s := httptest.NewServer(target)
	defer s.Close()
	if result := run(t, conformance.Options{Target: s.URL, Run: []string{id}}).Results[0]; result.Outcome != report.Pass {
		t.Errorf("%s %s of %s: %s, %s", kind, pointer, id, result.Outcome, conformance.Fingerprint(result.Differences))
	}
}

// wantFailure wants a case to fail at a place.
func wantFailure(t *testing.T, target http.Handler, id, kind, pointer string) {
	t.Helper()
	s := httptest.NewServer(target)
	defer s.Close()
	result := run(t, conformance.Options{Target: s.URL, Run: []string{id}}).Results[0]
	switch {
	case result.Outcome != report.Fail:
		t.Errorf("%s %s of %s: %s", kind, pointer, id, result.Outcome)
	case !named(result.Differences, pointer):
		t.Errorf("%s %s of %s is not named: %s", kind, pointer, id, conformance.Fingerprint(result.Differences))
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
			for _, id := range []string{"example/static", "example/policy", "example/bgp"} {
				wantFailure(t, mutated(healthy, mutate), id, kind, pointer)
			}
		}
	}
}

// TestAcceptsWhatThePageAllows shows that lawful variations pass.
func TestAcceptsWhatThePageAllows(t *testing.T) {
	healthy := newReference(t)
	for name, mutate := range map[string]mutation{
		"charset": func(w *httptest.ResponseRecorder) { w.Header().Set("Content-Type", "application/json;charset=UTF-8") },
		"unknown member": func(w *httptest.ResponseRecorder) {
			w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), `[{"op":"add","path":"/vpn_connection/status","value":"ACTIVE"}]`))
		},
		"empty lists": func(w *httptest.ResponseRecorder) {
			w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), `[{"op":"add","path":"/vpn_connection/tags","value":[]}]`))
		},
		"short fraction": func(w *httptest.ResponseRecorder) {
			w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), `[{"op":"replace","path":"/vpn_connection/created_at","value":"2025-02-21T06:50:25.5Z"},{"op":"replace","path":"/vpn_connection/updated_at","value":"2025-02-21T06:50:25.5Z"}]`))
		},
		"white space": func(w *httptest.ResponseRecorder) {
			var b bytes.Buffer
			if err := json.Indent(&b, w.Body.Bytes(), "", "\t"); err != nil {
				t.Error(err)
			}
			w.Body = &b
		},
	} {
		target := serve(t, mutated(healthy, mutate))
		if r := run(t, conformance.Options{Target: target}); r.Verdict() != report.Conforms {
			t.Errorf("%s: %s", name, r.Summary())
		}
		if r := run(t, conformance.Options{Target: target, Strict: true}); (r.Verdict() != report.Conforms) != (name == "unknown member") {
			t.Errorf("%s, strict: %s", name, r.Summary())
		}
	}
}

// TestNullServers runs against servers that give the same answer to
// everything.
func TestNullServers(t *testing.T) {
	cases, err := suite.Cases()
	if err != nil {
		t.Fatal(err)
	}
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	bodies := map[string][]byte{"empty": nil, "{}": []byte("{}"), "null": []byte("null")}
	for _, c := range cases {
		bound, err := c.Bind(env, "Masked-Key-1")
		if err != nil {
			t.Fatal(err)
		}
		if bodies[c.ID], err = json.Marshal(bound.Golden); err != nil {
			t.Fatal(err)
		}
	}
	for _, status := range []int{200, 201, 202, 204, 301, 400, 401, 404, 409, 429, 500, 503} {
		for name, body := range bodies {
			target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("X-Request-Id", "f91082d4-6d49-479c-ad1d-4e552a9f5cae")
				w.WriteHeader(status)
				_, _ = w.Write(body)
			}))
			r := run(t, conformance.Options{Target: target})
			if n := r.Count()[report.Pass]; n != 0 || r.Verdict() != report.Differs {
				t.Errorf("%d with %s: %d cases pass, verdict %d", status, name, n, r.Verdict())
			}
		}
	}
}

// TestIdentifiersComeOnce shows that the second creation is compared with the
// first.
func TestIdentifiersComeOnce(t *testing.T) {
	for pointer, patch := range map[string]string{
		"/body/vpn_connection/id": `[{"op":"replace","path":"/vpn_connection/id","value":"00000000-0000-4000-8000-000000000001"}]`,
		"/body/request_id":        `[{"op":"replace","path":"/request_id","value":"00000000-0000-4000-8000-000000000001"}]`,
	} {
		target := mutated(newReference(t), func(w *httptest.ResponseRecorder) {
			w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), patch))
			w.Header().Set("X-Request-Id", value(t, decode(t, w.Body.Bytes()), "/request_id").(string))
		})
		r := run(t, conformance.Options{Target: serve(t, target)})
		for i, result := range r.Results {
			wantRequests := 1 // the value is known from the first case
			if i == 0 {
				wantRequests = 2
			}
			if result.Outcome != report.Fail || result.Requests != wantRequests || !named(result.Differences, pointer) {
				t.Errorf("%s: %s after %d requests, %s", pointer, result.Outcome, result.Requests, conformance.Fingerprint(result.Differences))
			}
		}
	}
}

func decode(t testing.TB, data []byte) any {
	t.Helper()
	v, err := match.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestCurl runs the printed command with a curl that sends what it is given,
// and wants the answer that the runner saw.
func TestCurl(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal("no POSIX shell: ", err)
	}
	t.Setenv("MY_TOKEN", "secret token")
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	env.TokenEnv = "MY_TOKEN"
	env.Headers = map[string]string{"X-Quote": "it's secret"}
	env.Gateways[0].Addresses[0].IP = "10.0.0.140" // so that the case fails
	target := serve(t, newReference(t))
	r := run(t, conformance.Options{Target: target, Environment: env, Token: "secret token", Run: []string{"example/static"}})
	line := r.Results[0].Curl
	if line == "" || strings.Contains(line, "secret") {
		t.Fatalf("curl line %q", line)
	}
	out, err := exec.Command(sh, "-c", `curl() { for a; do printf '%s\n' "$a"; done; }; `+line).Output()
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	body := args[len(args)-1]
	want := []string{
		"-i", "-X", "POST", target + "/v5/" + env.ProjectID + "/vpn-connection",
		"-H", "Accept: application/json", "-H", "Content-Type: application/json",
		"-H", "X-Auth-Token: secret token", "-H", "X-Quote: ***", "--data-raw",
	}
	if diff := cmp.Diff(want, args[:len(args)-1]); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
	resp, err := http.Post(args[3], "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusCreated {
		t.Errorf("the repeated request is answered with %s", resp.Status)
	}
}

// TestOptions lists what Run refuses.
func TestOptions(t *testing.T) {
	for want, opts := range map[string]conformance.Options{
		`target "" is no http or https URL`:                         {},
		`target "ftp://x" is no http or https URL`:                  {Target: "ftp://x"},
		`target "http://u:xxxxx@x" has more than a host and a path`: {Target: "http://u:p@x"},
		`target "http://x?a=b" has more than a host and a path`:     {Target: "http://x?a=b"},
		`pattern "no/such" matches no case`:                         {Target: "http://x", Run: []string{"example/*", "no/such"}},
		`pattern "[" is malformed`:                                  {Target: "http://x", Run: []string{"["}},
		`timeout -1s is negative`:                                   {Target: "http://x", Timeout: -time.Second},
		`the environment's value for /vpn_connection/vgw_id is wrong: vgw_id matches ^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$`: {
			Target: "http://x", Environment: shortID(t),
		},
	} {
		_, err := conformance.Run(t.Context(), opts)
		var usage *conformance.UsageError
		if !errors.As(err, &usage) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func shortID(t *testing.T) suite.Environment {
	t.Helper()
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	env.Gateways[0].ID = "gw-1"
	return env
}
