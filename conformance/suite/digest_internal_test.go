package suite

import (
	"slices"
	"testing"

	"github.com/vpnconform/vpnconform/openapi"
)

// TestDigest changes one thing of a case at a time: each makes another suite.
func TestDigest(t *testing.T) {
	s := copied(t)
	first := s.computeDigest()
	if s.computeDigest() != first {
		t.Fatal("the digest is another one every time")
	}
	seen := map[string]string{first: "nothing"}
	for name, change := range map[string]func(*Case){
		"id":         func(c *Case) { c.ID += "x" },
		"operation":  func(c *Case) { c.Operation += "x" },
		"level":      func(c *Case) { c.Level = "may" },
		"example":    func(c *Case) { c.Change.Example = "bgp" },
		"patch":      func(c *Case) { c.Change.Patch = []byte(`[{}]`) },
		"facts":      func(c *Case) { c.Change.Facts = openapi.Facts{"a": 1} },
		"statuses":   func(c *Case) { c.Statuses = []int{418} },
		"twin":       func(c *Case) { c.Twin += "x" },
		"rule":       func(c *Case) { c.Rule = s.doc.Rules[0] },
		"place":      func(c *Case) { c.Place += "x" },
		"also":       func(c *Case) { c.Also = []string{"x"} },
		"open":       func(c *Case) { c.Open = !c.Open },
		"golden":     func(c *Case) { c.Golden = []byte("{}") },
		"method":     func(c *Case) { c.Wire.Method = "PUT" },
		"header":     func(c *Case) { c.Wire.Header = map[string]string{"A": "b"} },
		"form":       func(c *Case) { c.Wire.Form = "pretty" },
		"edit":       func(c *Case) { c.Wire.Edit = func([]byte) []byte { return nil } },
		"other edit": func(c *Case) { c.Wire.Edit = func(b []byte) []byte { return append(slices.Clip(b), ' ') } },
		"parameter":  func(c *Case) { c.Parameter = &Parameter{In: "query", Name: "a", Value: "b"} },
		"set-up":     func(c *Case) { c.SetUp = []Step{{Operation: "x"}} },
	} {
		c := s.at(t, above)
		before := *c
		change(c)
		sum := s.computeDigest()
		if other, ok := seen[sum]; ok {
			t.Errorf("the digest is that of %s when another %s is changed", other, name)
		}
		seen[sum] = name
		*c = before
	}
}
