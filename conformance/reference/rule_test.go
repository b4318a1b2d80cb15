package reference

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// TestEveryRule sends a request for each side of every rule: accepted is 201,
// refused is 400 with the rule's field in the message. A rule without both is
// an error, unless there is a reason why.
func TestEveryRule(t *testing.T) {
	s := newServer(t, Options{})
	sides, tried := map[string]map[bool]int{}, 0
	for _, c := range ruled(t, s) {
		if sides[c.Rule.ID] == nil {
			sides[c.Rule.ID] = map[bool]int{}
		}
		sides[c.Rule.ID][c.Accepted()]++
		tried++
		wantOutcome(t, s, c)
	}
	for _, r := range s.Document.Rules {
		for _, accepted := range []bool{true, false} {
			reason := suite.Excluded(s.operation, r, accepted)
			if (reason == "") != (sides[r.ID][accepted] > 0) {
				t.Errorf("%s: %d requests with accepted %v, excluded for %q", r.ID, sides[r.ID][accepted], accepted, reason)
			}
		}
	}
	if len(sides) < 140 || tried < 900 {
		t.Errorf("%d cases of %d rules, want at least 900 of 140", tried, len(sides))
	}
}

// ruledCase is a case of a rule, and the body that is sent.
type ruledCase struct {
	suite.Case
	sent []byte
}

// ruled returns the cases of the rules, bound to the server's environment.
func ruled(t testing.TB, s *Server) []ruledCase {
	t.Helper()
	cases, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	var out []ruledCase
	for _, c := range cases.Cases {
		if c.Rule == nil || c.Duty {
			continue
		}
		bound, err := cases.Bind(c, s.environment, "Abcd-1234")
		if err != nil {
			t.Errorf("%s: %v", c.ID, err)
			continue
		}
		out = append(out, ruledCase{c, bound.Body})
	}
	return out
}

// wantOutcome sends a case and holds the answer against what it says.
func wantOutcome(t *testing.T, s *Server, c ruledCase) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v5/"+s.project.ID+"/vpn-connection", bytes.NewReader(c.sent))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if c.Accepted() {
		if w.Code != http.StatusCreated {
			t.Errorf("%s: %d %s\n%s", c.ID, w.Code, w.Body, c.sent)
		}
		return
	}
	var refusal struct {
		Code    string `json:"error_code"`
		Message string `json:"error_msg"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &refusal); err != nil || w.Code != http.StatusBadRequest || refusal.Code != "VPN.0001" {
		t.Errorf("%s: %d %s (%v)\n%s", c.ID, w.Code, w.Body, err, c.sent)
		return
	}
	if field := fieldOf(s, c); !strings.HasPrefix(refusal.Message, "invalid request: ") || !strings.Contains(refusal.Message, field) {
		t.Errorf("%s: %q does not name %s", c.ID, refusal.Message, field)
	}
}

// fieldOf is the name of the member that a rule blames: the body, where it is
// none.
func fieldOf(s *Server, c ruledCase) string {
	at, _ := openapi.Find(s.operation.JSON(), c.Rule.Schema)
	if c.Rule.Member != "" {
		at += "/" + c.Rule.Member
	}
	if len(c.Rule.Fields) > 0 {
		at += c.Rule.Fields[0]
	}
	if at = strings.TrimSuffix(at, "/0"); at == "" {
		return "body"
	}
	return at[strings.LastIndexByte(at, '/')+1:]
}

// everyRefused are requests that are refused, by the ids of their cases.
func everyRefused(t testing.TB, s *Server) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, c := range ruled(t, s) {
		if c.Refused() {
			out[c.ID] = c.sent
		}
	}
	if len(out) < 400 {
		t.Fatalf("%d requests are refused, want at least 400", len(out))
	}
	return out
}
