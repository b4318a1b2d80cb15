package conformance_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
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

func referenceIn(t testing.TB, env environment.Environment, token string) http.Handler {
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

// outcome is that of a case.
func outcome(r *report.Report, id string) report.Outcome {
	for _, result := range r.Results {
		if result.Case == id {
			return result.Outcome
		}
	}
	return ""
}

// sent are the results of a report without the duties, which send nothing.
func sent(r *report.Report) []report.Result {
	return slices.DeleteFunc(slices.Clone(r.Results), func(result report.Result) bool { return strings.HasPrefix(result.Case, "duty/") })
}

// duties are the ids of those rules that a report says are broken, each with the
// kinds and places of its differences, a line each.
func duties(r *report.Report) string {
	var out []string
	for _, result := range r.Results {
		if id, is := strings.CutPrefix(result.Case, "duty/"); is && result.Outcome == report.Fail {
			out = append(out, id+": "+known.Fingerprint(result.Differences))
		}
	}
	return strings.Join(out, "\n")
}

// examples selects the documented examples, for tests of what does not depend
// on the case.
var examples = []string{"example/*"}

// TestReferencePasses runs the whole suite.
func TestReferencePasses(t *testing.T) {
	r := run(t, conformance.Options{Target: serve(t, newReference(t)), Strict: true, Level: "may"})
	if len(r.Results) < 1000 || !r.Complete || r.Verdict() != report.Conforms {
		t.Errorf("%s", text(t, r))
	}
	for _, result := range r.Results {
		m, example := result.Members, strings.HasPrefix(result.Case, "CreateVpnConnection/example/")
		if m.NotLookedAt != 0 || example && (m.ByValue == 0 || m.ByRule == 0 || m.Total() < 60) {
			t.Errorf("%s looked at %+v", result.Case, m)
		}
		want := 1
		switch {
		case strings.HasPrefix(result.Case, "duty/"):
			want = 0
		case example:
			want = 2
		case strings.HasPrefix(result.Case, "CreateVpnConnection/concurrency/"):
			want = 16
		case result.Outcome == report.NotApplicable:
			want = 0
		}
		if result.Requests != want || len(result.Exchanges) != want {
			t.Errorf("%s sent %d requests and shows %d exchanges, want %d", result.Case, result.Requests, len(result.Exchanges), want)
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
			now := time.Now().UTC().Format("2006-01-02T15:04:05") + ".5Z"
			w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), fmt.Sprintf(`[{"op":"replace","path":"/vpn_connection/created_at","value":%q},{"op":"replace","path":"/vpn_connection/updated_at","value":%q}]`, now, now)))
		},
		"clock a quarter of an hour late, nearly": func(w *httptest.ResponseRecorder) {
			then := time.Now().UTC().Add(-14 * time.Minute).Format(time.RFC3339)
			w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), fmt.Sprintf(`[{"op":"replace","path":"/vpn_connection/created_at","value":%q},{"op":"replace","path":"/vpn_connection/updated_at","value":%q}]`, then, then)))
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
		if r := run(t, conformance.Options{Target: target, Run: examples}); r.Verdict() != report.Conforms {
			t.Errorf("%s: %s", name, r.Summary())
		}
		if r := run(t, conformance.Options{Target: target, Run: examples, Strict: true}); (r.Verdict() == report.Differs) != (name == "unknown member") {
			t.Errorf("%s, strict: %s", name, r.Summary())
		}
	}
}

// TestCurl runs the printed command with a curl that sends what it is given,
// and wants the answer that the runner saw.
func TestCurl(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal("no POSIX shell: ", err)
	}
	t.Setenv("MY_TOKEN", "secret token")
	env := environmentWith(t, func(*environment.Environment) {})
	env.TokenEnv = "MY_TOKEN"
	env.Headers = map[string]string{"X-Quote": "it's secret"}
	env.Objects["gateway"][0]["addresses"].([]any)[0].(object)["ip"] = "10.0.0.140" // so that the case fails
	target := serve(t, newReference(t))
	r := run(t, conformance.Options{Target: target, Environment: env, Token: "secret token", Run: []string{"CreateVpnConnection/example/static"}})
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
		"-i", "-X", "POST", target + "/v5/" + env.Parameters["project_id"] + "/vpn-connection",
		"-H", "Accept: application/json", "-H", "Accept-Encoding: identity", "-H", "Content-Type: application/json", "-H", "User-Agent: " + conformance.DefaultUserAgent,
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
		`target "" is no http or https URL`:                     {},
		`target "ftp://x" is no http or https URL`:              {Target: "ftp://x"},
		`target "http://***@x" has more than a host and a path`: {Target: "http://u:p@x"},
		`target "http://***" has more than a host and a path`:   {Target: "http://user:20241234#x@h/"},
		`target "https://***" has more than a host and a path`:  {Target: "https://admin:1234?pw@h/"},
		`target "http://x?***" has more than a host and a path`: {Target: "http://x?a=b"},
		`pattern "no/such" matches no case`:                     {Target: "http://x", Run: []string{"example/*", "no/such"}},
		`pattern "[" is malformed`:                              {Target: "http://x", Run: []string{"["}},
		`timeout -1s is negative`:                               {Target: "http://x", Timeout: -time.Second},
		`environment: /objects/gateway/0: "gw-1" cannot be named by /vpn_connection/vgw_id: it matches ^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$`: {
			Target: "http://x", Environment: environmentWith(t, func(e *environment.Environment) { e.Objects["gateway"][0]["id"] = "gw-1" }),
		},
		`environment: /objects/gateway/3: "gw-1" cannot be named by /vpn_connection/vgw_id: it matches ^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$`: {
			Target: "http://x", Environment: environmentWith(t, func(e *environment.Environment) { e.Objects["gateway"][3]["id"] = "gw-1" }),
		},
		`environment: /objects/customer_gateway/0: "gw-1" cannot be named by /vpn_connection/cgw_id: it matches ^[0-9A-Za-z]{8}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{12}$`: {
			Target: "http://x", Environment: environmentWith(t, func(e *environment.Environment) { e.Objects["customer_gateway"][0]["id"] = "gw-1" }),
		},
	} {
		_, err := conformance.Run(t.Context(), opts)
		var usage *conformance.UsageError
		if !errors.As(err, &usage) || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// embedded is the embedded document.
func embedded(t testing.TB) *openapi.Document {
	t.Helper()
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// environmentWith is the default one with a change.
func environmentWith(t testing.TB, change func(*environment.Environment)) environment.Environment {
	t.Helper()
	env, err := environment.Default(embedded(t))
	if err != nil {
		t.Fatal(err)
	}
	change(&env)
	return env
}
