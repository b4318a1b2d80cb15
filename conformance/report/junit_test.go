package report_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/joshdk/go-junit"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// readJUnit reads JUnit with a parser that is not ours, and counts what it
// found.
func readJUnit(t testing.TB, text string) junit.Totals {
	t.Helper()
	suites, err := junit.Ingest([]byte(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	var total junit.Totals
	for _, s := range suites {
		total.Tests += s.Totals.Tests
		total.Failed += s.Totals.Failed
		total.Error += s.Totals.Error
		total.Skipped += s.Totals.Skipped
		total.Passed += s.Totals.Passed
	}
	return total
}

// junitCounts are the counts that the attributes claim.
type junitCounts struct {
	Tests    int           `xml:"tests,attr"`
	Failures int           `xml:"failures,attr"`
	Errors   int           `xml:"errors,attr"`
	Skipped  int           `xml:"skipped,attr"`
	Suites   []junitCounts `xml:"testsuite"`
}

// checkJUnit wants XML, whose attributes count what another parser finds.
func checkJUnit(t testing.TB, text string) {
	t.Helper()
	for dec := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
	}
	var claimed, sum junitCounts
	if err := xml.Unmarshal([]byte(text), &claimed); err != nil {
		t.Fatal(err)
	}
	for _, s := range claimed.Suites {
		sum.Tests += s.Tests
		sum.Failures += s.Failures
		sum.Errors += s.Errors
		sum.Skipped += s.Skipped
	}
	found := readJUnit(t, text)
	counted := junitCounts{Tests: found.Tests, Failures: found.Failed, Errors: found.Error, Skipped: found.Skipped}
	claimed.Suites = nil
	if diff := cmp.Diff(counted, claimed); diff != "" {
		t.Errorf("the root's attributes (-counted +claimed):\n%s", diff)
	}
	if diff := cmp.Diff(counted, sum); diff != "" {
		t.Errorf("the attributes of the testsuites (-counted +claimed):\n%s", diff)
	}
}

// TestJUnit reads a report back with another parser.
func TestJUnit(t *testing.T) {
	text := render(t, report.WriteJUnit, full())
	checkJUnit(t, text)
	suites, err := junit.Ingest([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, s := range suites {
		for _, c := range s.Tests {
			kind := ""
			var failure junit.Error
			if errors.As(c.Error, &failure) {
				kind = " " + failure.Type
				if !strings.Contains(failure.Body, "\n") && c.Status == junit.StatusFailed && failure.Type != "known-failures" {
					t.Errorf("%s: the failure has no body", c.Name)
				}
			}
			got[s.Name+" "+c.Name] = string(c.Status) + kind
		}
	}
	want := map[string]string{
		"must example/static": "passed", "must Body.psk.minLength/below": "failed fail", "must Body.psk.minLength/empty": "failed fail",
		"must Body.name/hostile": "failed fail", "should Body.name/flaky": "failed flaky", "must Body.name/known": "skipped", "may Body.name/may": "skipped",
		"must Body.er/one": "skipped", "may Body.er/two": "skipped", "must Body.slow/one": "error could-not-run", "should Body.kit/one": "error kit-error",
		"verdict example/ospf": "error", "verdict known failures, 1": "failed known-failures", "verdict known failures, 2": "failed known-failures",
	}
	for name, status := range got {
		got[name] = strings.TrimSpace(status)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("tests (-want +got):\n%s", diff)
	}
}
