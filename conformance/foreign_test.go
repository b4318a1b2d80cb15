package conformance_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/golden"
	"github.com/vpnconform/vpnconform/conformance/internal/inventory"
	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// foreign are the cases of a document of another domain, with several
// operations and without sources.
func foreign(t testing.TB) *suite.Derived {
	t.Helper()
	data, err := os.ReadFile("../testdata/inventory/inventory.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Parse("inventory.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	d, err := suite.Derive(doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// runForeign runs its cases against a handler.
func runForeign(t testing.TB, handler http.Handler, opts conformance.Options) *report.Report {
	t.Helper()
	target := httptest.NewServer(handler)
	defer target.Close()
	opts.Target = target.URL
	found, err := conformance.Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestForeign shows that the kit takes a document that it has never seen the whole
// way: every rule of it has its cases, the server of it passes them at every level,
// and the report is judged again.
func TestForeign(t *testing.T) {
	d := foreign(t)
	s, err := d.Draw(1)
	if err != nil {
		t.Fatal(err)
	}
	faults, err := s.Lint()
	if err != nil || len(faults)+len(s.Gaps()) > 0 {
		t.Errorf("lint: %v\n%s\n%v", err, strings.Join(faults, "\n"), s.Gaps())
	}
	of := map[string]int{}
	for _, c := range s.Cases {
		of[c.Operation]++
		if operation, _, _ := strings.Cut(c.ID, "/"); operation != c.Operation && !c.Duty {
			t.Errorf("the id of the case %s does not begin with its operation %s", c.ID, c.Operation)
		}
	}
	for _, op := range s.Document().Operations() {
		if of[op.OperationID] < 10 {
			t.Errorf("%s has %d cases", op.OperationID, of[op.OperationID])
		}
	}
	found := runForeign(t, inventory.New(""), conformance.Options{Derived: d, Level: "may"})
	for _, r := range found.Results {
		if r.Outcome != report.Pass {
			t.Errorf("%s: %s %s %v", r.Case, r.Outcome, r.Reason, r.Differences)
		}
	}
	read := written(t, found)
	if wrong, err := conformance.Verify(read, d, nil); err != nil || len(wrong) > 0 {
		t.Errorf("verify: %v, %v", wrong, err)
	}
	if _, err := conformance.Verify(read, nil, nil); err == nil || !strings.Contains(err.Error(), "another document") {
		t.Errorf("verified with another document: %v", err)
	}
	t.Logf("%d cases: %v", len(found.Results), of)
}

// TestForeignFaults holds which faults of the foreign server a run sees at must.
// Those that it does not see are about what several requests show together, in
// the order of a page for instance.
func TestForeignFaults(t *testing.T) {
	unseen := []string{}
	d := foreign(t)
	killed := 0
	for _, f := range inventory.Faults {
		if testing.Short() && slices.Contains(foreignUnseen, f.Name) {
			unseen = append(unseen, f.Name) // which takes all cases to see
			continue
		}
		found := runForeign(t, inventory.New(f.Name), conformance.Options{Derived: d, Once: true, FailFast: true})
		if found.Verdict() == report.Differs {
			killed++
			continue
		}
		unseen = append(unseen, f.Name)
	}
	if diff := cmp.Diff(foreignUnseen, unseen); diff != "" {
		t.Errorf("faults that no case sees (-want +got):\n%s", diff)
	}
	if killed < 30 {
		t.Errorf("%d of %d faults are seen", killed, len(inventory.Faults))
	}
	t.Logf("%d of %d faults are seen", killed, len(inventory.Faults))
}

var foreignUnseen = []string{
	"update-unmerged", "marker-unchecked", "null-ignored", "update-resets", "update-creates", "created-at-moves", "updated-at-kept", "limit-default",
	"marker-ignored", "marker-of-deleted", "page-too-long", "page-drops", "page-repeats", "page-backwards", "next-when-full", "next-never",
	"authors-reversed",
}

// TestForeignNull shows that no server that answers everything alike conforms, or
// passes a case.
func TestForeignNull(t *testing.T) {
	if testing.Short() {
		t.Skip("twenty whole runs")
	}
	d := foreign(t)
	book, err := json.Marshal(map[string]any{"book": map[string]any{"id": "bk-0000002a"}})
	if err != nil {
		t.Fatal(err)
	}
	for status, bodies := range map[int][]string{
		200: {"", "{}", string(book), "echo"}, 201: {"", "null", string(book), "echo"}, 204: {""}, 301: {""},
		400: {"", `{"error":{"code":"invalid_request","message":"title"}}`, "echo"}, 404: {"", `{"error":{"code":"not_found","message":"title"}}`}, 405: {""}, 500: {"{}"},
	} {
		for _, body := range bodies {
			t.Run(fmt.Sprintf("%d %s", status, body), func(t *testing.T) {
				found := runForeign(t, fixed(status, body), conformance.Options{Derived: d, Once: true, MaxWait: -1})
				if found.Verdict() == report.Conforms {
					t.Error("it conforms")
				}
				passed := slices.DeleteFunc(found.Results, func(r report.Result) bool { return r.Outcome != report.Pass })
				for _, r := range passed {
					t.Errorf("%s passes", r.Case)
				}
			})
		}
	}
}

// fixed answers everything alike, or with what was sent.
func fixed(status int, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/books/bk-0000002a")
		w.WriteHeader(status)
		if body == "echo" {
			_, _ = io.Copy(w, r.Body)
			return
		}
		_, _ = io.WriteString(w, body)
	})
}

// TestForeignSteps shows how a report has the requests that set a case up and clean
// up after it.
func TestForeignSteps(t *testing.T) {
	found := runForeign(t, inventory.New(""), conformance.Options{Derived: foreign(t), Run: []string{"getBook/after/*"}})
	want := map[string][]string{
		"getBook/after/createBook": {"set-up POST", "set-up POST", " GET", "clean-up DELETE", "clean-up DELETE"},
		"getBook/after/updateBook": {"set-up POST", "set-up PUT", " GET", "clean-up DELETE"},
		"getBook/after/deleteBook": {"set-up POST", "set-up DELETE", " GET"},
		"getBook/example/usual":    {"set-up POST", " GET", "clean-up DELETE"},
	}
	got := map[string][]string{}
	for _, r := range found.Results {
		for _, e := range r.Exchanges {
			got[r.Case] = append(got[r.Case], e.Step+" "+e.Method)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// TestForeignParts shows that what is recorded, expected, split and compared of a
// document of several operations is that of each operation.
func TestForeignParts(t *testing.T) {
	d := foreign(t)
	some := []string{"example/*", "*.copies.maximum", "listBooks/listBooks.limit.*/*", "after/*"}
	target := httptest.NewServer(inventory.New(""))
	defer target.Close()
	opts := conformance.Options{Target: target.URL, Derived: d, Run: some}
	whole, err := conformance.Run(t.Context(), opts)
	if err != nil || whole.Verdict() == report.Differs {
		t.Fatalf("%v, %s", err, whole.Summary())
	}
	recorded, err := golden.Record(whole.Results, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	operations := map[string]bool{}
	tree := fstest.MapFS{}
	for name, data := range recorded.Files() {
		operation, _, _ := strings.Cut(name, "/")
		operations[operation] = true
		tree[name] = &fstest.MapFile{Data: data}
	}
	if len(operations) < 4 {
		t.Errorf("answers of %v are recorded", operations)
	}
	if opts.Golden, err = golden.Load(tree, d); err != nil {
		t.Fatal(err)
	}
	again, err := conformance.Run(t.Context(), opts)
	if err != nil || again.Count()[report.Fail] > 0 {
		t.Errorf("%v, with its own golden files: %s", err, again.Summary())
	}
	other := runForeign(t, inventory.New("copies-unbounded"), opts)
	if other.Count()[report.Fail] == 0 {
		t.Errorf("golden files of another: %s", other.Summary())
	}

	var parts []conformance.Part
	for part := 1; part <= 2; part++ {
		opts.Shard = report.Shard{Part: part, Of: 2}
		found, err := conformance.Run(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, conformance.Part{Name: fmt.Sprintf("p%d.json", part), Report: written(t, found)})
	}
	merged, err := conformance.Merge(parts, d, opts.Golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(again.Count(), merged.Count()); diff != "" {
		t.Errorf("in two parts (-whole +merged):\n%s", diff)
	}

	opts.Shard, opts.Golden = report.Shard{}, nil
	wrong := runForeign(t, inventory.New("copies-unbounded"), opts)
	list, err := known.Update("known.yaml", nil, wrong.Results, "a ticket")
	if err != nil {
		t.Fatal(err)
	}
	if opts.Known, err = known.Parse("known.yaml", list); err != nil || len(opts.Known) == 0 {
		t.Fatalf("%v, known failures: %s", err, list)
	}
	expected := runForeign(t, inventory.New("copies-unbounded"), opts)
	if wrong.Verdict() != report.Differs || expected.Verdict() == report.Differs || len(expected.Baseline) > 0 {
		t.Errorf("without a list: %s, with it: %s, %q", wrong.Summary(), expected.Summary(), expected.Baseline)
	}
	answers, err := conformance.CompareAnswers(written(t, whole), written(t, wrong), d)
	if err != nil || len(answers) == 0 {
		t.Errorf("compared with another: %v, %v", answers, err)
	}
}
