package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// many is a report of more cases than are listed one by one, of every level.
func many() *report.Report {
	r := &report.Report{
		Target: "https://vpn.example.com", Level: "should", Seed: 7, Complete: true, Golden: strings.Repeat("0a", 32),
		Missing: []string{"example/ospf"}, Baseline: []string{"example/old is no case"},
		Tables: []report.Table{
			{Kind: report.OfParameters, Name: "create", Title: "path parameters", Source: "Table 1", Members: []string{"project"}},
			{Kind: report.OfRequest, Name: "Body", Title: "body of the request", Places: []report.TablePlace{{Operation: "create"}}},
		},
	}
	for _, id := range strings.Fields("a b c d e f g h i j k l") {
		r.Results = append(r.Results, report.Result{
			Case: "rule/" + id, Title: "Shows <" + id + ">", Level: "must", Rule: "rule", Source: "Table 1", Outcome: report.Pass,
			Members: report.Members{ByValue: 2}, Requests: 1,
			Exchanges: []report.Exchange{{Method: "POST", URL: "/", Request: "{}", Status: 201, Answer: "{}", After: time.Millisecond, Took: time.Microsecond}},
		})
	}
	wrong := func(level string) []report.Difference {
		return []report.Difference{{Pointer: "/status", Kind: "changed", Want: "400", Got: "500", Why: "it is refused", Level: level, Source: "Table 1"}}
	}
	r.Results = append(r.Results,
		report.Result{Case: "rule/noted", Level: "must", Outcome: report.Pass, Notes: []report.Difference{{Pointer: "/body/x", Kind: "unexpected", Got: "1"}}},
		report.Result{
			Case: "rule/flaky", Level: "should", Twin: "rule/a", Outcome: report.Flaky, Reason: "it failed, and passed when it was tried again alone", Differences: wrong("should"), Requests: 2,
			Exchanges: []report.Exchange{{Method: "POST", Status: 500}, {Method: "POST", Status: 400}}, Curl: "curl https://vpn.example.com",
		},
		report.Result{Case: "rule/below", Level: "may", Outcome: report.Fail, Differences: wrong("may"), Requests: 2},
		report.Result{Case: "rule/er-1", Level: "may", Outcome: report.NotApplicable, Reason: "the environment has no gateway with attachment_type er"},
		report.Result{Case: "rule/er-2", Level: "may", Outcome: report.NotApplicable, Reason: "the environment has no gateway with attachment_type er"},
		report.Result{Case: "rule/down", Level: "must", Outcome: report.CouldNotRun, Reason: "interrupted", Requests: 1, Exchanges: []report.Exchange{{Method: "POST", Error: "interrupted"}}},
	)
	return r
}

// TestMany holds the text of a long report: what passed is counted, what was
// not applicable is said once for each reason.
func TestMany(t *testing.T) {
	goldie.New(t).Assert(t, "many", []byte(write(t, many(), report.TextOptions{})))
}

// TestWriteJSON holds reports as JSON.
func TestWriteJSON(t *testing.T) {
	g := goldie.New(t, goldie.WithNameSuffix(".json"))
	for name, r := range map[string]*report.Report{"many": many(), "empty": {}} {
		var b bytes.Buffer
		if err := report.WriteJSON(&b, r); err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) { g.Assert(t, name, b.Bytes()) })
	}
}

// fullAfter is a disk that is full after a number of bytes.
type fullAfter struct {
	left int
	err  error
}

func (w *fullAfter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	if w.left -= n; n < len(p) {
		return n, w.err
	}
	return n, nil
}

// TestFull fills the disk at the first byte, in the middle, and at the last.
func TestFull(t *testing.T) {
	full := errors.New("no space left on device")
	for name, render := range map[string]func(*fullAfter) error{
		"json": func(w *fullAfter) error { return report.WriteJSON(w, many()) },
		"text": func(w *fullAfter) error { return report.WriteText(w, many(), report.TextOptions{}) },
	} {
		enough := &fullAfter{left: 1 << 20}
		if err := render(enough); err != nil {
			t.Fatal(err)
		}
		size := 1<<20 - enough.left
		for _, left := range []int{0, 1, size / 2, size - 1} {
			if err := render(&fullAfter{left, full}); !errors.Is(err, full) {
				t.Errorf("%s after %d of %d bytes: error %v", name, left, size, err)
			}
		}
	}
}

// TestLevels holds the verdict on a failure of each level, at each level.
func TestLevels(t *testing.T) {
	for _, outcome := range []report.Outcome{report.Fail, report.Flaky} {
		for i, broken := range report.Levels {
			for k, level := range append([]string{""}, report.Levels...) {
				binding, want := max(k-1, 0), report.Conforms
				if i <= binding {
					want = report.Differs
				}
				r := &report.Report{Level: level, Results: []report.Result{
					{Outcome: report.Pass}, {Outcome: outcome, Differences: []report.Difference{{Level: broken}}},
				}}
				if got := r.Verdict(); got != want {
					t.Errorf("%s of level %s at level %q: verdict %d, want %d", outcome, broken, level, got, want)
				}
			}
		}
	}
}

// TestMissing shows that a case that has to be there and is not leaves the
// verdict open.
func TestMissing(t *testing.T) {
	for found, want := range map[string]report.Verdict{"pass": report.Incomplete, "pass stale": report.Incomplete, "pass fail": report.Differs, "pass kit-error": report.Mistaken} {
		r := of(t, found)
		r.Missing = []string{"example/ospf"}
		if got := r.Verdict(); got != want {
			t.Errorf("%q: verdict %d, want %d", found, got, want)
		}
	}
}

// TestReadJSON reads what was written, and nothing else: cut off anywhere,
// edited anywhere, or of another form.
func TestReadJSON(t *testing.T) {
	var b bytes.Buffer
	if err := report.WriteJSON(&b, many()); err != nil {
		t.Fatal(err)
	}
	r, err := report.ReadJSON(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(many(), r, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	for i := 0; i < b.Len(); i += 37 {
		if _, err := report.ReadJSON(b.Bytes()[:i]); err == nil {
			t.Fatalf("the first %d bytes were read", i)
		}
	}
	whole := b.String()
	for name, edited := range map[string]string{
		"outcome":        strings.Replace(whole, `"outcome": "fail"`, `"outcome": "pass"`, 1),
		"answer":         strings.Replace(whole, `"status": 500`, `"status": 201`, 1),
		"verdict":        strings.Replace(whole, `"exit": `, `"exit": 1`, 1),
		"blank":          whole + " ",
		"another member": strings.Replace(whole, `"cases": [`, `"note": "", "cases": [`, 1),
		"newer":          strings.Replace(whole, "vpnconform report 2", "vpnconform report 3", 1),
		"foreign":        `{"tests": 3}`,
		"no footer":      `{"format": "vpnconform report 2"}`,
		"nothing":        "",
	} {
		if edited == whole {
			t.Fatalf("%s: nothing was edited", name)
		}
		if _, err := report.ReadJSON([]byte(edited)); err == nil {
			t.Errorf("%s: it was read", name)
		}
	}
}

// checkJSON wants what encoding/json makes of the same values: it is written
// piece by piece.
func checkJSON(t testing.TB, text string) {
	t.Helper()
	var compact, whole bytes.Buffer
	if err := json.Compact(&compact, []byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := json.Indent(&whole, compact.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole.String()+"\n", text); diff != "" {
		t.Errorf("(-encoding/json +written):\n%s", diff)
	}
}

// TestDigests computes the digests of a report as a script would: of the text in
// which the digest is empty, for the report without its volatile part.
func TestDigests(t *testing.T) {
	for name, r := range map[string]*report.Report{"full": full(), "many": many(), "nothing": {}} {
		text := render(t, report.WriteJSON, r)
		checkJSON(t, text)
		head, alone, _ := strings.Cut(text, "\n  \"volatile\": ")
		alone = strings.ReplaceAll(strings.TrimSuffix(alone, "\n}\n"), "\n  ", "\n") + "\n"
		head += "\n  \"volatile\": {\n    \"target\": \"\",\n    \"started\": \"0001-01-01T00:00:00Z\",\n    \"took_ns\": 0,\n    \"curl\": null,\n    \"exchanges\": null,\n    \"sha256\": \"\"\n  }\n}\n"
		for part, text := range map[string]string{"report": head, "volatile": alone} {
			at := strings.LastIndex(text, `"sha256": "`)
			if part == "report" {
				at = strings.LastIndex(text[:strings.LastIndex(text, "\n  \"volatile\"")], `"sha256": "`)
			}
			at += len(`"sha256": "`)
			sum := sha256.Sum256([]byte(text[:at] + text[at+64:]))
			if got, want := text[at:at+64], hex.EncodeToString(sum[:]); got != want {
				t.Errorf("%s: the digest of the %s is %s, want %s", name, part, got, want)
			}
		}
	}
}
