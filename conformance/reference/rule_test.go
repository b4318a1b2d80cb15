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
	variants, err := suite.Variants(s.document, s.operation)
	if err != nil {
		t.Fatal(err)
	}
	sides := map[string]map[bool]int{}
	for _, v := range variants {
		bound, err := v.Bind(s.document, s.operation, s.environment, "Abcd-1234")
		if err != nil {
			t.Errorf("%s/%s: %v", v.Rule.ID, v.Name, err)
			continue
		}
		if sides[v.Rule.ID] == nil {
			sides[v.Rule.ID] = map[bool]int{}
		}
		sides[v.Rule.ID][v.Accepted]++
		wantVariant(t, s, v, bound)
	}
	for _, r := range s.document.Rules {
		for _, accepted := range []bool{true, false} {
			reason := suite.Excluded(s.operation, r, accepted)
			if (reason == "") != (sides[r.ID][accepted] > 0) {
				t.Errorf("%s: %d requests with accepted %v, excluded for %q", r.ID, sides[r.ID][accepted], accepted, reason)
			}
		}
	}
	if len(sides) < 130 || len(variants) < 600 {
		t.Errorf("%d variants of %d rules, want at least 600 of 130", len(variants), len(sides))
	}
}

func wantVariant(t *testing.T, s *Server, v suite.Variant, bound suite.Bound) {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/v5/"+s.projectID+"/vpn-connection", bytes.NewReader(bound.Body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if v.Accepted {
		if w.Code != http.StatusCreated {
			t.Errorf("%s/%s: %d %s\n%s", v.Rule.ID, v.Name, w.Code, w.Body, bound.Body)
		}
		return
	}
	var refusal struct {
		Code    string `json:"error_code"`
		Message string `json:"error_msg"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &refusal); err != nil || w.Code != http.StatusBadRequest || refusal.Code != "VPN.0001" {
		t.Errorf("%s/%s: %d %s (%v)\n%s", v.Rule.ID, v.Name, w.Code, w.Body, err, bound.Body)
		return
	}
	if field := fieldOf(s, v); !strings.HasPrefix(refusal.Message, "invalid request: ") || !strings.Contains(refusal.Message, field) {
		t.Errorf("%s/%s: %q does not name %s", v.Rule.ID, v.Name, refusal.Message, field)
	}
}

// fieldOf is the name of the member that a rule blames: the body, where it is
// none.
func fieldOf(s *Server, v suite.Variant) string {
	at, _ := openapi.Find(s.operation.JSON(), v.Rule.Schema)
	if v.Rule.Member != "" {
		at += "/" + v.Rule.Member
	}
	if len(v.Rule.Fields) > 0 {
		at += v.Rule.Fields[0]
	}
	if at = strings.TrimSuffix(at, "/0"); at == "" {
		return "body"
	}
	return at[strings.LastIndexByte(at, '/')+1:]
}

// everyRefused are requests that are refused, one for each way to break a
// rule.
func everyRefused(t testing.TB, s *Server) map[string][]byte {
	t.Helper()
	variants, err := suite.Variants(s.document, s.operation)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, v := range variants {
		if v.Accepted {
			continue
		}
		bound, err := v.Bind(s.document, s.operation, s.environment, "Abcd-1234")
		if err != nil {
			t.Fatal(err)
		}
		out[v.Rule.ID+"/"+v.Name] = bound.Body
	}
	return out
}
