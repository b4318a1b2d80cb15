package conformance_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/known"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// ended returns results, each written as CASE OUTCOME [KIND POINTER].
func ended(t testing.TB, texts ...string) []report.Result {
	t.Helper()
	var results []report.Result
	for _, text := range texts {
		words := strings.Fields(text)
		r := report.Result{Case: words[0], Outcome: report.Outcome(words[1])}
		if len(words) > 2 {
			r.Differences = []report.Difference{{Kind: words[2], Pointer: words[3]}}
		}
		results = append(results, r)
	}
	return results
}

// TestUpdateKnown shows what becomes of lists: testdata/update/*.txt hold the
// results, the list before and the list after.
func TestUpdateKnown(t *testing.T) {
	files, err := filepath.Glob("testdata/update/*.txt")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d lists: %v", len(files), err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(string(data), "========\n")
		if len(parts) != 3 {
			t.Fatalf("%s has %d parts, want results, before and after", file, len(parts))
		}
		results := ended(t, strings.Split(strings.TrimSpace(parts[0]), "\n")...)
		got, err := known.Update("known.yaml", []byte(parts[1]), results, "new")
		if err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if diff := cmp.Diff(parts[2], string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		again, err := known.Update("known.yaml", got, results, "another")
		if diff := cmp.Diff(string(got), string(again)); err != nil || diff != "" {
			t.Errorf("%s, updated twice: %v (-once +twice):\n%s", file, err, diff)
		}
	}
}

// TestUpdateKnownBytes holds what no file of text shows well.
func TestUpdateKnownBytes(t *testing.T) {
	const added = "- case: a\n  reason: new\n  fingerprint: missing /body\n"
	fails := []string{"a fail missing /body"}
	for _, row := range []struct {
		name, before string
		results      []string
		want         string
	}{
		{"no data", "", fails, added},
		{"no data, nothing failed", "", []string{"a pass"}, ""},
		{"no results", "- {case: a, reason: r}", nil, "- {case: a, reason: r}"},
		{"no end of the last line", "- {case: b, reason: r}", fails, "- {case: b, reason: r}\n" + added},
		{"no end of a comment", "# c", fails, "# c\n" + added},
		{"an explicit start", "---\n", fails, added},
		{"null", "null\n", fails, added},
		{"an empty list", "# c\n[]\n", fails, "# c\n" + added},
		{"the only entry", "- {case: a, reason: r}\n", []string{"a pass"}, ""},
		{"Windows line ends", "- case: a\r\n  reason: r\r\n- case: b\r\n  reason: r\r\n", []string{"a pass"}, "- case: b\r\n  reason: r\r\n"},
		{"byte order mark, which goes", "\ufeff- case: b\n  reason: r\n", fails, "- case: b\n  reason: r\n" + added},
		{"tags", "- case: !!str b\n  reason: ! r\n", fails, "- case: !!str b\n  reason: ! r\n" + added},
	} {
		var before []byte
		if row.before != "" {
			before = []byte(row.before)
		}
		got, err := known.Update("known.yaml", before, ended(t, row.results...), "new")
		if err != nil {
			t.Errorf("%s: %v", row.name, err)
		}
		if diff := cmp.Diff(row.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

// TestUpdateKnownFaults holds what is refused.
func TestUpdateKnownFaults(t *testing.T) {
	for _, row := range []struct {
		name, before, reason string
		results              []string
		want                 string
	}{
		{"no list", "case: a", "new", nil, "known.yaml:1:1: want a list, got a mapping"},
		{"no entry", "- a", "new", nil, "known.yaml:1:3: /0: want a mapping, got a text"},
		{"twice", "- {case: a, reason: r}\n- {case: a, reason: r}", "new", []string{"a pass"},
			`known.yaml:2:4: /1/case: want the id of a case that no other entry names, got "a"`},
		{"entry without a reason", "- case: a", "new", []string{"a pass"}, "known.yaml:1:3: /0/reason: a known failure has a reason"},
		{"no reason", "- {case: a, reason: r}", "", []string{"c fail", "a fail", "b fail", "c fail", "d pass"},
			"known.yaml: c and 1 more fail and are not in the list: a known failure has a reason"},
		{"no text", "", "\xff", []string{"a fail"}, "known.yaml: the list cannot be written: a case or the reason is no text of YAML"},
	} {
		got, err := known.Update("known.yaml", []byte(row.before), ended(t, row.results...), row.reason)
		if err == nil || err.Error() != row.want || got != nil {
			t.Errorf("%s:\n got %q, %v\nwant %s", row.name, got, err, row.want)
		}
	}
}

// TestUpdateKnownNoReason needs none when nothing is new.
func TestUpdateKnownNoReason(t *testing.T) {
	got, err := known.Update("known.yaml", []byte("- {case: a, reason: r}\n"), ended(t, "a fail missing /body", "b pass"), "")
	if want := "- {case: a, reason: r, fingerprint: missing /body}\n"; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

// FuzzUpdateKnown shows that every list that can be read can be updated: what
// passed is gone, what failed is there with its fingerprint, everything else is
// as it was, and nothing is left to update.
func FuzzUpdateKnown(f *testing.F) {
	files, err := filepath.Glob("testdata/update/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range strings.Split(string(data), "========\n")[1:] {
			f.Add([]byte(part))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := known.Parse("fuzz.yaml", data)
		if err != nil {
			return
		}
		results := ended(t, "new fail missing /body")
		var want []known.Failure
		for i, k := range before {
			outcome := []report.Outcome{report.Fail, report.Pass, report.CouldNotRun}[i%3]
			r := report.Result{Case: k.Case, Outcome: outcome, Differences: []report.Difference{{Kind: "changed", Pointer: "/a: #b"}}}
			if results = append(results, r); outcome == report.Fail {
				k.Fingerprint = "changed /a: #b"
			}
			if outcome != report.Pass {
				want = append(want, k)
			}
			if k.Case == "new" {
				return // it both failed and did not
			}
		}
		want = append(want, known.Failure{Case: "new", Reason: "reason", Fingerprint: "missing /body"})
		got, err := known.Update("fuzz.yaml", data, results, "reason")
		if err != nil {
			t.Fatal(err)
		}
		after, err := known.Parse("fuzz.yaml", got)
		if diff := cmp.Diff(want, after); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", got, err, diff)
		}
		again, err := known.Update("fuzz.yaml", got, results, "reason")
		if err != nil || string(again) != string(got) {
			t.Errorf("updated twice: %v: %q, then %q", err, got, again)
		}
	})
}
