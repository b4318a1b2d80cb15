package inventory_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/internal/inventory"
	"github.com/vpnconform/vpnconform/openapi"
)

// clock returns a clock that is a minute further whenever it is read.
func clock() func() time.Time {
	now := time.Date(2024, 3, 1, 8, 30, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Minute)
		return now
	}
}

// replies sends the walk to a server with a fault and returns the answers, a line each.
func replies(t *testing.T, doc *openapi.Document, fault string) string {
	t.Helper()
	server := httptest.NewServer(inventory.NewAt(fault, clock()))
	defer server.Close()
	var all strings.Builder
	for _, s := range walk() {
		_, got := s.send(t, doc, server.URL)
		if err := json.NewEncoder(&all).Encode(got); err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// Every fault shows in an answer, and no two in the same way.
func TestFaults(t *testing.T) {
	if len(inventory.Faults) < 30 {
		t.Errorf("there are %d faults, want 30 at least", len(inventory.Faults))
	}
	doc := document(t)
	healthy := replies(t, doc, "")
	if diff := cmp.Diff(healthy, replies(t, doc, "")); diff != "" {
		t.Fatalf("the healthy server answers otherwise when it is asked again:\n%s", diff)
	}
	seen := map[string]string{healthy: "no fault"}
	for _, fault := range inventory.Faults {
		got := replies(t, doc, fault.Name)
		if other, ok := seen[got]; ok {
			t.Errorf("%s (%s) shows as %s does", fault.Name, fault.Says, other)
		}
		seen[got] = fault.Name
	}
}

// A fault that is in no row is no healthy server.
func TestNoFault(t *testing.T) {
	w := httptest.NewRecorder()
	inventory.New("none").ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/books", http.NoBody))
	if want := "no fault is called \"none\"\n"; w.Code != http.StatusInternalServerError || w.Body.String() != want {
		t.Errorf("%d %s, want %s", w.Code, w.Body, want)
	}
}
