package suite_test

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/testdata"
)

// TestSuite holds what the suite promises: nothing is wrong with a case, ids
// come once, and every rule is tried from both sides unless there is a reason
// why not.
func TestSuite(t *testing.T) {
	s := load(t)
	faults, err := s.Lint()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string(nil), faults); diff != "" {
		t.Errorf("lint (-want +got):\n%s", diff)
	}
	if len(s.Cases) < 900 {
		t.Errorf("%d cases, want at least 900", len(s.Cases))
	}
	seen, sides := map[string]bool{}, map[string]map[bool]bool{}
	for _, c := range s.Cases {
		if seen[c.ID] {
			t.Errorf("%s comes twice", c.ID)
		}
		seen[c.ID] = true
		for _, id := range []string{c.ID, c.Name()} {
			if found, ok := s.Case(id); !ok || found.ID != c.ID {
				t.Errorf("%s is found as %q (%v), want %s", id, found.ID, ok, c.ID)
			}
		}
		if c.Rule == nil || c.Duty {
			continue
		}
		if sides[c.Rule.ID] == nil {
			sides[c.Rule.ID] = map[bool]bool{}
		}
		sides[c.Rule.ID][c.Accepted()] = true
	}
	for _, r := range s.Document().Rules {
		for _, accepted := range []bool{true, false} {
			if reason := s.Excluded(r, accepted); (reason == "") != sides[r.ID][accepted] {
				t.Errorf("%s: cases with accepted %v: %v, excluded for %q", r.ID, accepted, sides[r.ID][accepted], reason)
			}
		}
	}
	if c, ok := s.Case("example/none"); ok {
		t.Errorf("a case that does not exist is found: %+v", c)
	}
}

// TestOrder holds the order of the groups: the examples, the rules in the
// document's order, what is listed, what is around a request, the duties, the
// surroundings.
func TestOrder(t *testing.T) {
	s := load(t)
	place := map[*openapi.Rule]int{}
	for i, r := range s.Document().Rules {
		place[r] = i
	}
	const examples, derived, listed, open, transport, duties, around = 0, 1, 2, 3, 4, 5, 6
	group, rule := examples, 0
	for _, c := range s.Cases {
		own := listed
		switch name, _, _ := strings.Cut(c.Name(), "/"); {
		case name == "example":
			own = examples
		case c.Open:
			own = open
		case name == "transport" || name == "concurrency":
			own = transport
		case c.Duty:
			own = duties
		case name == "around" || name == "again" || name == "largest":
			own = around
		case c.Rule != nil && name == c.Rule.ID:
			own = derived
			if place[c.Rule] < rule {
				t.Errorf("%s stands behind a case of a later rule", c.Name())
			}
			rule = place[c.Rule]
		}
		if own < group {
			t.Errorf("%s stands in group %d, want %d", c.Name(), group, own)
		}
		group = own
	}
	if group != around {
		t.Errorf("the last group is %d, want %d", group, around)
	}
}

// TestRequired holds the ids of the suite in their order. An id is permanent:
// lists of known failures name it.
func TestRequired(t *testing.T) {
	goldie.New(t, goldie.WithFixtureDir("requirements")).Assert(t, "2024", []byte(strings.Join(ids(load(t)), "\n")+"\n"))
}

// TestRequiredThere fails for each required id that the suite has no longer,
// whatever is new.
func TestRequiredThere(t *testing.T) {
	required := load(t).Required()
	if len(required) < 900 {
		t.Fatalf("%d cases are required, want at least 900", len(required))
	}
	for _, id := range required {
		if _, ok := load(t).Case(id); !ok {
			t.Errorf("the case %s is gone: users name it in lists of known failures and reports; keep its id, or say in the change log that it is dropped", id)
		}
	}
	data, err := os.ReadFile("requirements/2024.golden")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSuffix(string(data), "\n"), "\n"), required); diff != "" {
		t.Errorf("required (-file +embedded):\n%s", diff)
	}
}

// ids are those of all cases.
func ids(s *suite.Suite) []string {
	var out []string
	for _, c := range s.Cases {
		out = append(out, c.ID)
	}
	return out
}

// line is all of a case that is derived, in words.
func line(c suite.Case) string {
	rule := ""
	if c.Rule != nil {
		rule = c.Rule.ID
	}
	wire := c.Wire
	wire.Edit = nil // functions do not compare
	return fmt.Sprintf("%s | %s | %s | %s | %v | %s | %s | %s %s %v | %v | %+v | %v",
		c.Name(), c.Title, c.Level, c.Source, c.Errata, rule, c.Twin, c.Change.Example, c.Change.Patch, c.Change.Facts, c.Statuses, wire, c.Wire.Edit != nil)
}

// lines are all cases in words.
func lines(s *suite.Suite) []string {
	var out []string
	for _, c := range s.Cases {
		out = append(out, line(c))
	}
	return out
}

// TestNewAgain derives the suite several times at once: the cases are the same
// ones in the same order, and the document is not changed.
func TestNewAgain(t *testing.T) {
	want := lines(load(t))
	suites, errs := make([]*suite.Suite, 2), make([]error, 2)
	var workers sync.WaitGroup
	for i := range suites {
		workers.Go(func() { suites[i], errs[i] = suite.New(load(t).Document(), printed(t), 1) })
	}
	workers.Wait()
	for i, s := range suites {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if diff := cmp.Diff(want, lines(s)); diff != "" {
			t.Errorf("cases (-first +again):\n%s", diff)
		}
	}
	doc, err := openapi.Parse("vpn.yaml", openapi.Source())
	if err != nil {
		t.Fatal(err)
	}
	doc.Cases = load(t).Document().Cases
	s, err := suite.New(doc, printed(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, lines(s)); diff != "" {
		t.Errorf("cases (-first +of another reading):\n%s", diff)
	}
}

// printed are the documented examples as the page prints them.
func printed(t testing.TB) fs.FS {
	t.Helper()
	tree, err := fs.Sub(testdata.Examples, "examples")
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// TestLoadShared shows that a suite is derived once.
func TestLoadShared(t *testing.T) {
	if first := load(t); load(t) != first {
		t.Error("Load derives a suite again")
	}
}

// TestNewLinear removes cross-field rules from the document, a few at a time:
// the cases of all others stay, but for those in surroundings, which may be
// other ones then, so that the suite grows by a rule's own cases alone.
func TestNewLinear(t *testing.T) {
	s := load(t)
	rules := removable(s)
	const groups = 4
	if len(rules) < 10 {
		t.Fatalf("%d rules can be removed, want at least 10", len(rules))
	}
	surrounded := func(id string) bool {
		return strings.Contains(id, "/in-") || strings.Contains(id, "/sent-") || strings.Contains(id, "/around/") || strings.Contains(id, "/again/")
	}
	for group := range groups {
		removed := map[string]bool{}
		for i, r := range rules {
			if i%groups == group {
				removed[r.ID] = true
			}
		}
		t.Run(fmt.Sprint(group), func(t *testing.T) {
			fewer := reduced(t, removed)
			own := 0
			for _, id := range ids(s) {
				c, _ := s.Case(id)
				rule, _, _ := strings.Cut(c.Name(), "/")
				if removed[rule] {
					own++
					continue
				}
				if _, there := fewer.Case(id); !there && !surrounded(id) {
					t.Errorf("%s is gone without %v", id, removed)
				}
			}
			if more := len(fewer.Cases) - len(s.Cases) + own; more > len(s.Cases)/20 {
				t.Errorf("%d cases more without %v, beside their own", more, removed)
			}
		})
	}
}

// removable returns the cross-field rules of the request that no entry of
// cases.yaml names.
func removable(s *suite.Suite) []*openapi.Rule {
	return slices.DeleteFunc(slices.Clone(s.Document().Rules), func(r *openapi.Rule) bool {
		named := func(c suite.Case) bool {
			return c.Rule == r && !strings.HasPrefix(c.Name(), r.ID+"/") || slices.Contains(c.Also, r.ID)
		}
		return r.Kind != openapi.Validation || s.Excluded(r, true) != "" || slices.ContainsFunc(s.Cases, named)
	})
}

// reduced returns the suite of the document without some rules.
func reduced(t *testing.T, removed map[string]bool) *suite.Suite {
	t.Helper()
	all := load(t).Document().Rules
	lines := strings.SplitAfter(string(openapi.Source()), "\n")
	for _, r := range slices.Backward(all) { // so that the lines of those before stay
		if removed[r.ID] {
			lines = without(t, lines, r)
		}
	}
	doc, err := openapi.Parse("vpn.yaml", []byte(strings.Join(lines, "")))
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Rules) != len(all)-len(removed) {
		t.Fatalf("%d rules, want all but %d of %d", len(doc.Rules), len(removed), len(all))
	}
	doc.Cases = load(t).Document().Cases
	s, err := suite.New(doc, printed(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// without returns the lines of the document without an entry of x-validations.
func without(t *testing.T, lines []string, r *openapi.Rule) []string {
	t.Helper()
	indent := func(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
	first := r.Line - 1
	if !strings.HasPrefix(strings.TrimSpace(lines[first]), "- id: ") {
		t.Fatalf("line %d of the document is no rule: %s", r.Line, lines[first])
	}
	end := first + 1
	for strings.TrimSpace(lines[end]) == "" || indent(lines[end]) > indent(lines[first]) {
		end++
	}
	if strings.TrimSpace(lines[first-1]) == "x-validations:" && indent(lines[end]) < indent(lines[first]) {
		first-- // it is the last one left
	}
	return slices.Delete(lines, first, end)
}

// TestGaps shows that a rule of which no case can be made is named.
func TestGaps(t *testing.T) {
	const from = "x-context: {patch: [{op: add, path: /copies, value: 99}]}"
	data, err := os.ReadFile("../../testdata/inventory/inventory.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), from, "", 1)
	if text == string(data) {
		t.Fatalf("%q is not in the document", from)
	}
	doc, err := openapi.Parse("inventory.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := suite.New(doc, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := []suite.Gap{{Operation: "createBook", Rule: "NewBook.lent.maximum", Why: "no request shows maximum (accepted: true)"}}
	if diff := cmp.Diff(want, s.Gaps()); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	faults, err := s.Lint()
	if err != nil || !slices.Contains(faults, "NewBook.lent.maximum: no case is refused") {
		t.Errorf("lint says %q, %v", faults, err)
	}
}
