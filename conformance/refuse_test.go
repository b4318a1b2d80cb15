package conformance_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/known"
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

// TestRefusedForTheRightReason breaks every refusal in one way. A case fails only
// if the request is not refused, or something was created; how it is refused is a
// duty.
func TestRefusedForTheRightReason(t *testing.T) {
	const refused = "CreateVpnConnection/Dpd.timeout.maximum/above"
	for name, row := range map[string]struct {
		mutate mutation
		fails  string // fingerprint of the case
		breaks string // the duties that are broken, none of which binds at level must
	}{
		"right":   {func(*httptest.ResponseRecorder) {}, "", ""},
		"no body": {says(""), "", "Refusal.content: changed /body"},
		"HTML": {func(w *httptest.ResponseRecorder) {
			w.Header().Set("Content-Type", "text/html")
			says("<html>400 Bad Request, timeout</html>")(w)
		}, "", "Refusal.content: changed /body, changed /headers/Content-Type"},
		"{}":                         {says("{}"), "", "ErrorResponse.code-and-message: rule /body/error_code"},
		"null":                       {says("null"), "", "ErrorResponse.type: rule /body"},
		"empty code":                 {says(`{"error_code":"","error_msg":"timeout is at most 60"}`), "", "ErrorResponse.error_code.minLength: rule /body/error_code\nErrorResponse.error_code.pattern: rule /body/error_code"},
		"no code":                    {says(`{"error_msg":"timeout is at most 60"}`), "", "ErrorResponse.code-and-message: rule /body/error_code"},
		"empty msg":                  {says(`{"error_code":"VPN.0001","error_msg":""}`), "", "ErrorResponse.error_msg.minLength: rule /body/error_msg"},
		"names none":                 {says(`{"error_code":"VPN.0001","error_msg":"invalid request"}`), "", "Refusal.names: rule /body/error_msg"},
		"other form":                 {says(`{"code":"VPN.0001","message":"timeout is at most 60"}`), "", ""},
		"and creates":                {says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","vpn_connection":{"id":"x","name":"y","style":"BGP"}}`), "unexpected /body/vpn_connection", ""},
		"code OK":                    {says(`{"error_code":"OK","error_msg":"timeout is at most 60"}`), "", "ErrorResponse.error_code.pattern: rule /body/error_code"},
		"names many":                 {says(`{"error_code":"VPN.0001","error_msg":"check name, style, psk, tags, vgw_id, vgw_ip, cgw_id, timeout, interval"}`), "", "Refusal.names: rule /body/error_msg"},
		"names eight":                {says(`{"error_code":"VPN.0001","error_msg":"check name, style, psk, tags, vgw_id, vgw_ip, cgw_id, timeout"}`), "", ""},
		"and an id":                  {says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","vpn_connection":{"id":"x"}}`), "unexpected /body/vpn_connection", ""},
		"and an echo":                {says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","vpn_connection":{"style":"bgp","id":null}}`), "", ""},
		"creates under another name": {says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","list":[{"item":{"id":"x","name":"y","style":"BGP"}}]}`), "unexpected /body/list/0/item", ""},
		"201":                        {answers(201), "changed /status", ""},
		"401":                        {answers(401), "", "Refusal.status: changed /status\nRefusal.in-class: changed /status"},
		"403":                        {answers(403), "", "Refusal.status: changed /status\nRefusal.in-class: changed /status"},
		"404":                        {answers(404), "", "Refusal.status: changed /status"},
		"500":                        {answers(500), "changed /status", ""},
	} {
		t.Run(name, func(t *testing.T) {
			target := refusing(t, row.mutate)
			for level, also := range map[string]string{"must": "", "should": row.breaks} {
				r := run(t, conformance.Options{Target: target, Run: []string{refused}, Level: level})
				twin, result := r.Results[0], r.Results[1]
				want := report.Conforms
				if row.fails+also != "" {
					want = report.Differs
				}
				if twin.Outcome != report.Pass || r.Verdict() != want {
					t.Errorf("%s: verdict %d, want %d; the twin: %s", level, r.Verdict(), want, twin.Outcome)
				}
				if got := known.Fingerprint(result.Differences); got != row.fails || (result.Outcome == report.Pass) != (got == "") || result.Case != refused {
					t.Errorf("%s: %s: %s, want %s", result.Case, result.Outcome, got, row.fails)
				}
				if got := duties(r); got != row.breaks {
					t.Errorf("duties (-want +got):\n%s", cmp.Diff(row.breaks, got))
				}
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
		want   string // the duties that are broken, one a line
	}{
		"the same for all refusals": {func(w *httptest.ResponseRecorder) {
			if w.Code == http.StatusBadRequest {
				w.Header().Set("X-Request-Id", "1")
				says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","request_id":"1"}`)(w)
			}
		}, "ErrorResponse.request_id.x-unique: rule /body/request_id"},
		"that of a connection": {func(w *httptest.ResponseRecorder) { // of one before it
			if w.Code == http.StatusCreated {
				created = w.Header().Get("X-Request-Id")
				return
			}
			w.Header().Set("X-Request-Id", created)
			says(`{"error_code":"VPN.0001","error_msg":"timeout is at most 60","request_id":"` + created + `"}`)(w)
		}, "CreateVpnConnectionResponseBody.request_id.x-unique: rule /body/request_id\nErrorResponse.request_id.x-unique: rule /body/request_id"},
		"a new one": {func(*httptest.ResponseRecorder) {}, ""},
	} {
		r := run(t, conformance.Options{Target: serve(t, mutated(healthy, row.mutate)), Run: []string{"Dpd.timeout.maximum"}, Jobs: 1, Once: true})
		refused := 0
		for _, result := range sent(r) {
			if result.Twin != "" {
				refused++
			}
			if result.Outcome != report.Pass {
				t.Errorf("%s: %s: %s", name, result.Case, result.Outcome)
			}
		}
		if got := duties(r); got != row.want || refused < 2 {
			t.Errorf("%s: %d refusals: %s, want %s", name, refused, got, row.want)
		}
		for _, result := range r.Results {
			for _, d := range result.Differences {
				if strings.HasPrefix(d.Rule, "ErrorResponse") && (d.Level != "should" || d.Answers != refused) {
					t.Errorf("%s: %s: %d refusals: %+v", name, result.Case, refused, d)
				}
			}
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
		}, report.CouldNotRun, "a refusal shows nothing unless CreateVpnConnection/Dpd.timeout.maximum/kept is accepted, from which it differs in one place"},
		"not found": {func(w *httptest.ResponseRecorder) {
			if isTwin(w) {
				w.Code = http.StatusNotFound
			}
		}, report.CouldNotRun, "a refusal shows nothing unless CreateVpnConnection/Dpd.timeout.maximum/kept is accepted, from which it differs in one place"},
		"too busy": {func(w *httptest.ResponseRecorder) {
			if isTwin(w) {
				w.Code = http.StatusTooManyRequests
			}
		}, report.CouldNotRun, "its twin CreateVpnConnection/Dpd.timeout.maximum/kept: could-not-run"},
		"accepted with a wrong answer": {func(w *httptest.ResponseRecorder) {
			if isTwin(w) {
				w.Body = bytes.NewBufferString(strings.NewReplacer(`"STATIC"`, `"BGP"`, `"POLICY"`, `"BGP"`, `"BGP"`, `"STATIC"`).Replace(w.Body.String()))
			}
		}, report.Pass, ""},
	} {
		t.Run(name, func(t *testing.T) {
			target := serve(t, mutated(newReference(t), row.mutate))
			r := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/Dpd.timeout.maximum/above"}, MaxWait: -1})
			refused := r.Results[1]
			if said := refused.Reason + known.Fingerprint(refused.Differences); refused.Outcome != row.outcome || said != row.says {
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
	"must":   {"CreateVpnConnection/Dpd.timeout.maximum/below", `"timeout":59`},
	"should": {"CreateVpnConnection/CreateVpnConnection.ha_role.enum/slave", `"ha_role":"slave"`},
	"may":    {"CreateVpnConnection/CreateVpnConnection.additionalProperties/unknown-member", "not_on_the_page"},
}

// TestLevels breaks one case of one level, and holds the verdict at each.
func TestLevels(t *testing.T) {
	levels := []string{"must", "should", "may"}
	everything := len(ids(t, nil, nil))
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
			r := run(t, conformance.Options{Target: target, Run: []string{c.pattern, "CreateVpnConnection/example/static"}, Level: level})
			want, sentence := report.Conforms, fmt.Sprintf("CONFORMS at level %s: of 2 cases 1 pass, 1 differs below %[1]s; %d left out", level, everything-2)
			if i >= binding {
				want, sentence = report.Differs, fmt.Sprintf("DOES NOT CONFORM: of 2 cases 1 pass, 1 fail; %d left out", everything-2)
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
