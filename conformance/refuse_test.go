package conformance_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// refusing answers as the reference implementation does, but for refusals.
func refusing(t testing.TB, mutate mutation) string {
	t.Helper()
	return serve(t, mutated(newReference(t), func(w *httptest.ResponseRecorder) {
		if w.Code == http.StatusBadRequest {
			mutate(w)
		}
	}))
}

func says(body string) mutation {
	return func(w *httptest.ResponseRecorder) { w.Body = bytes.NewBufferString(body) }
}

func answers(status int) mutation { return func(w *httptest.ResponseRecorder) { w.Code = status } }

// TestRefusedForTheRightReason breaks every refusal in one way. The case is
// still refused, and does not pass.
func TestRefusedForTheRightReason(t *testing.T) {
	for name, row := range map[string]struct {
		mutate  mutation
		pointer string // of the first difference
		level   string
		verdict report.Verdict
	}{
		"right":   {func(*httptest.ResponseRecorder) {}, "", "", report.Conforms},
		"no body": {says(""), "/body", "must", report.Differs},
		"HTML": {func(w *httptest.ResponseRecorder) {
			w.Header().Set("Content-Type", "text/html")
			says("<html>400 Bad Request, timeout</html>")(w)
		}, "/headers/Content-Type", "must", report.Differs},
		"{}":          {says("{}"), "/body/error_code", "must", report.Differs},
		"null":        {says("null"), "/body", "must", report.Differs},
		"empty code":  {says(`{"error_code":"","error_msg":"timeout is at most 60"}`), "/body/error_code", "must", report.Differs},
		"no code":     {says(`{"error_msg":"timeout is at most 60"}`), "/body/error_code", "must", report.Differs},
		"empty msg":   {says(`{"error_code":"VPN.0001","error_msg":""}`), "/body/error_msg", "must", report.Differs},
		"names none":  {says(`{"error_code":"VPN.0001","error_msg":"invalid request"}`), "/body/error_msg", "should", report.Conforms},
		"other form":  {says(`{"code":"VPN.0001","message":"timeout is at most 60"}`), "", "", report.Conforms},
		"and creates": {says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","vpn_connection":{"id":"x"}}`), "/body/vpn_connection", "must", report.Differs},
		"code OK":     {says(`{"error_code":"OK","error_msg":"timeout is at most 60"}`), "/body/error_code", "should", report.Conforms},
		"names many": {says(`{"error_code":"VPN.0001","error_msg":"check name, style, psk, tags, vgw_id, vgw_ip, cgw_id, timeout, interval"}`),
			"/body/error_msg", "should", report.Conforms},
		"names eight": {says(`{"error_code":"VPN.0001","error_msg":"check name, style, psk, tags, vgw_id, vgw_ip, cgw_id, timeout"}`), "", "", report.Conforms},
		"creates under another name": {says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","list":[{"item":{"id":"x","name":"y","style":"BGP"}}]}`),
			"/body/list/0/item", "must", report.Differs},
		"201": {answers(201), "/status", "must", report.Differs},
		"401": {answers(401), "/status", "must", report.Differs},
		"403": {answers(403), "/status", "must", report.Differs},
		"404": {answers(404), "/status", "must", report.Differs},
		"500": {answers(500), "/status", "must", report.Differs},
	} {
		t.Run(name, func(t *testing.T) {
			r := run(t, conformance.Options{Target: refusing(t, row.mutate), Run: []string{"Dpd.timeout.maximum/above"}})
			twin, refused := r.Results[0], r.Results[1]
			if twin.Outcome != report.Pass || r.Verdict() != row.verdict {
				t.Errorf("verdict %d, want %d; the twin: %s", r.Verdict(), row.verdict, twin.Outcome)
			}
			var first report.Difference
			if len(refused.Differences) > 0 {
				first = refused.Differences[0]
			}
			if first.Pointer != row.pointer || first.Level != row.level || (refused.Outcome == report.Pass) != (row.pointer == "") {
				t.Errorf("%s: %s (%s), want %s (%s)", refused.Outcome, first.Pointer, first.Level, row.pointer, row.level)
			}
		})
	}
}

// TestRefusalsHaveIdentifiers shows that every refusal has an identifier of its
// own: one of a created connection is none.
func TestRefusalsHaveIdentifiers(t *testing.T) {
	var created string
	healthy := newReference(t)
	for name, row := range map[string]struct {
		mutate mutation
		want   string // of every refusal
	}{
		"the same for all refusals": {func(w *httptest.ResponseRecorder) {
			if w.Code == http.StatusBadRequest {
				w.Header().Set("X-Request-Id", "1")
				says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","request_id":"1"}`)(w)
			}
		}, "rule /body/request_id"},
		"that of a connection": {func(w *httptest.ResponseRecorder) {
			if w.Code == http.StatusCreated {
				created = w.Header().Get("X-Request-Id")
				return
			}
			w.Header().Set("X-Request-Id", created)
			says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","request_id":"` + created + `"}`)(w)
		}, "rule /body/request_id"},
		"a new one": {func(*httptest.ResponseRecorder) {}, ""},
	} {
		r := run(t, conformance.Options{Target: serve(t, mutated(healthy, row.mutate)), Run: []string{"Dpd.timeout.maximum"}, Jobs: 1, Once: true})
		refused := 0
		for _, result := range r.Results {
			if result.Twin == "" {
				continue
			}
			refused++
			if got := conformance.Fingerprint(result.Differences); got != row.want {
				t.Errorf("%s: %s: %s, want %s", name, result.Case, got, row.want)
			}
			for _, d := range result.Differences {
				if d.Level != "should" || d.Rule != "ErrorResponse.request_id.x-unique" {
					t.Errorf("%s: %s: %+v", name, result.Case, d)
				}
			}
		}
		if refused < 2 {
			t.Errorf("%s: %d refusals", name, refused)
		}
	}
}

// TestTwin shows that a refusal is worth what its twin is.
func TestTwin(t *testing.T) {
	isTwin := func(w *httptest.ResponseRecorder) bool { return w.Code == http.StatusCreated }
	for name, row := range map[string]struct {
		mutate  mutation
		outcome report.Outcome
		says    string
	}{
		"refused": {func(w *httptest.ResponseRecorder) {
			if isTwin(w) {
				w.Code = http.StatusBadRequest
				says(`{"error_code":"VPN.0001","error_msg":"timeout is wrong"}`)(w)
			}
		}, report.Fail, "twin /twin"},
		"not found": {func(w *httptest.ResponseRecorder) {
			if isTwin(w) {
				w.Code = http.StatusNotFound
			}
		}, report.Fail, "twin /twin"},
		"too busy": {func(w *httptest.ResponseRecorder) {
			if isTwin(w) {
				w.Code = http.StatusTooManyRequests
			}
		}, report.CouldNotRun, "its twin example/bgp: could-not-run"},
		"accepted with a wrong answer": {func(w *httptest.ResponseRecorder) {
			if isTwin(w) {
				w.Body = bytes.NewBufferString(strings.Replace(w.Body.String(), `"BGP"`, `"bgp"`, 1))
			}
		}, report.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			target := serve(t, mutated(newReference(t), row.mutate))
			r := run(t, conformance.Options{Target: target, Run: []string{"Dpd.timeout.maximum/above"}, MaxWait: -1})
			refused := r.Results[1]
			if said := refused.Reason + conformance.Fingerprint(refused.Differences); refused.Outcome != row.outcome || said != row.says {
				t.Errorf("%s: %s, want %s: %s", refused.Outcome, said, row.outcome, row.says)
			}
			if r.Verdict() == report.Conforms {
				t.Errorf("%s", r.Summary())
			}
		})
	}
}

// levelOf has a case of each level, and what of the request to look for.
var levelOf = map[string]struct{ pattern, part string }{
	"must":   {"Dpd.timeout.maximum/below", `"timeout":59`},
	"should": {"IkePolicy.ike_version.enum/v1", `"ike_version":"v1"`},
	"may":    {"CreateVpnConnection.additionalProperties/unknown-member", "not_on_the_page"},
}

// TestLevels breaks one case of one level, and holds the verdict at each.
func TestLevels(t *testing.T) {
	levels := []string{"must", "should", "may"}
	for broken, c := range levelOf {
		healthy := newReference(t)
		target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body := peek(t, r)
			if strings.Contains(body, c.part) {
				w = &statusWriter{w, http.StatusAccepted}
			}
			healthy.ServeHTTP(w, r)
		}))
		binding := 0
		for i, level := range levels {
			if level == broken {
				binding = i
			}
		}
		for i, level := range levels {
			r := run(t, conformance.Options{Target: target, Run: []string{c.pattern, "example/static"}, Level: level})
			want, sentence := report.Conforms, "CONFORMS at level "+level+": of 2 cases 1 pass, 1 differs below "+level
			if i >= binding {
				want, sentence = report.Differs, "DOES NOT CONFORM: of 2 cases 1 pass, 1 fail"
			}
			if r.Verdict() != want || r.Summary() != sentence {
				t.Errorf("%s broken, at level %s: %d, %s; want %s", broken, level, r.Verdict(), r.Summary(), sentence)
			}
		}
	}
}

// statusWriter answers with another status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(int) { w.ResponseWriter.WriteHeader(w.status) }
