package conformance_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// peek reads a request's body and puts it back.
func peek(t testing.TB, r *http.Request) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return string(body)
}

// TestFlaky runs against a server that fails two requests the first time.
func TestFlaky(t *testing.T) {
	healthy := newReference(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := peek(t, r)
		mu.Lock()
		first := !seen[body] && (strings.Contains(body, `"timeout":59`) || strings.Contains(body, `"timeout":61`))
		seen[body] = true
		mu.Unlock()
		if first {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		healthy.ServeHTTP(w, r)
	}))
	known := []known.Failure{{Case: "CreateVpnConnection/Dpd.timeout.maximum/below", Reason: "never green"}}
	r := run(t, conformance.Options{Target: target, Run: []string{"Dpd.timeout.maximum"}, Skip: []string{"CreateVpnConnection/Dpd.timeout.maximum/in-*"}, Known: known})
	want := map[string][]int{"CreateVpnConnection/Dpd.timeout.maximum/below": {500, 201}, "CreateVpnConnection/Dpd.timeout.maximum/above": {500, 400}}
	for _, result := range r.Results {
		statuses, flaky := want[result.Case]
		if flaky != (result.Outcome == report.Flaky) || flaky != (result.Curl != "") || result.Known != "" {
			t.Errorf("%s: %s", result.Case, result.Outcome)
		}
		for i, status := range statuses {
			if e := result.Exchanges[i]; e.Status != status {
				t.Errorf("%s: exchange %d has status %d, want %d", result.Case, i, e.Status, status)
			}
		}
	}
	if r.Verdict() != report.Differs {
		t.Errorf("%s", r.Summary())
	}
	if out := text(t, r); !strings.Contains(out, "case, flaky: CreateVpnConnection/Dpd.timeout.maximum/above") {
		t.Errorf("the report does not show it:\n%s", out)
	}
}

// TestFlakyTwin shows that a refusal whose twin was not accepted at once does
// not count either.
func TestFlakyTwin(t *testing.T) {
	healthy := newReference(t)
	var asked atomic.Int32
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(peek(t, r), `"timeout":61`) && asked.Add(1) == 1 {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		healthy.ServeHTTP(w, r)
	}))
	r := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/Dpd.timeout.maximum/above"}})
	if twin, refused := r.Results[0], r.Results[1]; twin.Outcome != report.Flaky || refused.Outcome != report.CouldNotRun || refused.Because != twin.Case {
		t.Errorf("twin %s, case %s: %s", twin.Outcome, refused.Outcome, refused.Reason)
	}
}

// TestFailsTwice shows both exchanges of a failure that stays.
func TestFailsTwice(t *testing.T) {
	var asked atomic.Int32
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(505 + int(asked.Add(1)))
	}))
	result := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/example/static"}}).Results[0]
	if len(result.Exchanges) != 2 || result.Exchanges[0].Status != 506 || result.Exchanges[1].Status != 507 || result.Outcome != report.Fail {
		t.Errorf("%s after %d requests: %+v", result.Outcome, result.Requests, result.Exchanges)
	}
}

// TestBusy counts the requests of one case: a target that asks to come back is
// asked again, within bounds, and no other answer is.
func TestBusy(t *testing.T) {
	const busy, right = `{"error_code":"%s","error_msg":"later"}`, ""
	code := func(code string) string { return fmt.Sprintf(busy, code) }
	for name, row := range map[string]struct {
		status   int
		body     string
		times    int32 // this answer, then the right one
		later    string
		maxWait  time.Duration
		outcome  report.Outcome
		requests int32
	}{
		"right at once":           {status: 500, times: 0, outcome: report.Pass, requests: 1},
		"429":                     {status: 429, times: 1, later: "0", outcome: report.Pass, requests: 2},
		"429 four times":          {status: 429, times: 4, later: "0", outcome: report.Pass, requests: 5},
		"429, a date that passed": {status: 429, times: 1, later: "Mon, 02 Jan 2006 15:04:05 GMT", outcome: report.Pass, requests: 2},
		"429 without Retry-After": {status: 429, times: 1, outcome: report.Pass, requests: 2},
		"503 with Retry-After":    {status: 503, times: 1, later: "0", outcome: report.Pass, requests: 2},
		"VPN.0016":                {status: 409, body: code("VPN.0016"), times: 1, later: "0", outcome: report.Pass, requests: 2},
		"VPN.0030":                {status: 400, body: code("VPN.0030"), times: 1, later: "0", outcome: report.Pass, requests: 2},
		"VPN.0429 with 400":       {status: 400, body: code("VPN.0429"), times: 99, later: "0", outcome: report.Fail, requests: 2}, // which contradict each other
		"VPN.0016 in other form":  {status: 409, body: `{"code":"VPN.0016","message":"later"}`, times: 1, later: "0", outcome: report.Pass, requests: 2},

		"429 endless":         {status: 429, times: 99, later: "0", outcome: report.CouldNotRun, requests: 5},
		"VPN.0030 endless":    {status: 400, body: code("VPN.0030"), times: 99, later: "0", outcome: report.CouldNotRun, requests: 5},
		"429 for an hour":     {status: 429, times: 1, later: "3600", outcome: report.CouldNotRun, requests: 1},
		"429 and no patience": {status: 429, times: 1, maxWait: -1, outcome: report.CouldNotRun, requests: 1},

		// A failure is tried once more alone. No answer is asked for again, but
		// for those of a proxy that did not reach the target.
		"500":                     {status: 500, times: 99, outcome: report.Fail, requests: 2},
		"503 without Retry-After": {status: 503, times: 99, outcome: report.Fail, requests: 5}, // thrice, and twice more alone: then the budget is spent
		"502 once":                {status: 502, times: 1, outcome: report.Pass, requests: 2},
		"504 twice":               {status: 504, times: 2, outcome: report.Pass, requests: 3},
		"400":                     {status: 400, body: code("VPN.0001"), times: 99, later: "0", outcome: report.Fail, requests: 2},
		"404":                     {status: 404, times: 99, later: "0", outcome: report.Fail, requests: 2},
		"302":                     {status: 302, times: 99, later: "0", outcome: report.Fail, requests: 2},
		"201 that says VPN.0016":  {status: 201, body: code("VPN.0016"), times: 99, later: "0", outcome: report.Fail, requests: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			healthy := newReference(t)
			var asked atomic.Int32
			target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) > row.times {
					healthy.ServeHTTP(w, r)
					return
				}
				w.Header().Set("Content-Type", "application/json")
				if row.later != "" {
					w.Header().Set("Retry-After", row.later)
				}
				w.WriteHeader(row.status)
				_, _ = io.WriteString(w, row.body)
			}))
			result := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/Dpd.timeout.maximum/below"}, MaxWait: row.maxWait}).Results[0]
			if result.Outcome != row.outcome || asked.Load() != row.requests {
				t.Errorf("%s after %d requests, want %s after %d: %s", result.Outcome, asked.Load(), row.outcome, row.requests, result.Reason)
			}
			if result.Outcome == report.CouldNotRun && !strings.HasPrefix(result.Reason, fmt.Sprintf("the target is too busy: it answered %d", row.status)) {
				t.Errorf("reason %q", result.Reason)
			}
		})
	}
}

// TestLengthRequired shows that a target may ask for the length of a body: what
// comes in chunks is then sent again with it, and judged.
func TestLengthRequired(t *testing.T) {
	healthy := newReference(t)
	var unsaid atomic.Int32
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength < 0 {
			unsaid.Add(1)
			w.WriteHeader(http.StatusLengthRequired)
			return
		}
		healthy.ServeHTTP(w, r)
	}))
	result := run(t, conformance.Options{Target: target, Run: []string{"CreateVpnConnection/transport/chunked"}}).Results[0]
	if result.Outcome != report.Pass || unsaid.Load() != 1 {
		t.Errorf("%s, %d requests without a length, want that it passes after one: %s", result.Outcome, unsaid.Load(), result.Reason)
	}
	always := run(t, conformance.Options{Target: serve(t, null(http.StatusLengthRequired, nil)), Run: []string{"CreateVpnConnection/transport/chunked"}}).Results[0]
	if always.Outcome != report.Fail {
		t.Errorf("%s, want that a target fails that asks for a length which is there", always.Outcome)
	}
}

// TestAlwaysBusy shows that a target that is always busy is not called silent.
func TestAlwaysBusy(t *testing.T) {
	r := run(t, conformance.Options{Target: serve(t, null(http.StatusTooManyRequests, []byte("{}"))), Run: some, MaxWait: -1})
	for _, result := range sent(r) {
		if result.Outcome == report.CouldNotRun && !strings.Contains(result.Reason, "the target is too busy: it answered 429") && result.Twin == "" {
			t.Errorf("%s: %s", result.Case, result.Reason)
		}
	}
	if r.Verdict() != report.Incomplete {
		t.Errorf("%s", r.Summary())
	}
}

// TestRepetition has a server that answers an identifier that is not new, to
// all or to every tenth request. The duty says how many answers have it, and the
// cases with one of them are left open.
func TestRepetition(t *testing.T) {
	const id = "00000000-0000-4000-8000-000000000001"
	for every, pattern := range map[int32]string{1: "CreateVpnConnection.name.pattern", 10: "IkePolicy.*"} {
		for pointer, patch := range map[string]string{
			"/body/vpn_connection/id": `[{"op":"replace","path":"/vpn_connection/id","value":"` + id + `"}]`,
			"/body/request_id":        `[{"op":"replace","path":"/request_id","value":"` + id + `"}]`,
		} {
			var created atomic.Int32
			target := serve(t, mutated(newReference(t), func(w *httptest.ResponseRecorder) {
				if w.Code != http.StatusCreated || created.Add(1)%every != 0 {
					return
				}
				w.Body = bytes.NewBuffer(apply(t, w.Body.Bytes(), patch))
				w.Header().Set("X-Request-Id", requestID(t, w.Body.Bytes()))
			}))
			r := run(t, conformance.Options{Target: target, Run: []string{pattern}, Jobs: 8})
			holders := 0
			for _, result := range sent(r) {
				for _, e := range result.Exchanges {
					if strings.Contains(e.Answer, id) {
						holders++
					}
				}
				if result.Outcome != report.Pass { // the answers differ in all else
					t.Errorf("every %d: %s is %s: %s", every, result.Case, result.Outcome, known.Fingerprint(result.Differences))
				}
			}
			broken := slices.DeleteFunc(slices.Clone(r.Results), func(result report.Result) bool { return result.Outcome != report.Fail })
			if holders < 5 || r.Verdict() != report.Differs || len(broken) != 1 || len(broken[0].Differences) != 1 {
				t.Fatalf("every %d, %s: %d answers hold the value: %s\n%s", every, pointer, holders, r.Summary(), duties(r))
			}
			if d := broken[0].Differences[0]; d.Pointer != pointer || d.Answers != holders {
				t.Errorf("every %d, %s: %d answers hold the value: %+v", every, pointer, holders, d)
			}
		}
	}
}

func requestID(t testing.TB, body []byte) string {
	t.Helper()
	decoded, err := match.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	return value(t, decoded, "/request_id").(string)
}

// TestRepetitionNamesTheOthers holds the sentence.
func TestRepetitionNamesTheOthers(t *testing.T) {
	target := serve(t, null(201, nullBodies(t)["CreateVpnConnection/example/bgp"]))
	for pattern, want := range map[string]string{
		"CreateVpnConnection/example/bgp": ", to another request of this case as well",
		"example":                         ", to CreateVpnConnection/example/policy, CreateVpnConnection/example/bgp as well",
		"Dpd.*":                           " more as well",
	} {
		r, found := run(t, conformance.Options{Target: target, Run: []string{pattern, "CreateVpnConnection/example/bgp"}}), false
		for _, result := range r.Results {
			if result.Case != "duty/ResponseVpnConnection.id.x-unique" {
				continue
			}
			if got := result.Differences[0].Got; !strings.HasSuffix(got, want) {
				t.Errorf("%s: %s, want %s", pattern, got, want)
			}
			found = true
		}
		if !found {
			t.Errorf("%s: there is no such duty", pattern)
		}
	}
}
