package known

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Failure is an expected failure. It is a contract: it is broken when the case passes or
// fails in another way, and it ends.
type Failure struct {
	Case        string `json:"case"`        // id
	Reason      string `json:"reason"`      // why it is expected
	Issue       string `json:"issue"`       // where it is tracked; may be empty
	Expires     string `json:"expires"`     // last day, as 2006-01-02; empty for none
	Fingerprint string `json:"fingerprint"` // see [Fingerprint]; empty for any
}

// Parse reads a list of known failures from YAML; an empty file is an empty list. The
// error is [source.Faults], with the place of every wrong value.
func Parse(name string, data []byte) ([]Failure, error) {
	file, err := source.Read(name, data)
	if err != nil {
		return nil, err
	}
	var list []Failure
	if err := file.Decode(&list); err != nil {
		return nil, err
	}
	var faults source.Faults
	seen := map[string]bool{}
	for i, k := range list {
		add := func(member, format string, args ...any) {
			faults = append(faults, file.Fault(fmt.Sprintf("/%d/%s", i, member), format, args...))
		}
		if k.Case == "" || seen[k.Case] {
			add("case", "want the id of a case that no other entry names, got %q", k.Case)
		}
		seen[k.Case] = true
		if k.Reason == "" {
			add("reason", "a known failure has a reason")
		}
		if _, err := time.Parse(time.DateOnly, k.Expires); k.Expires != "" && err != nil {
			add("expires", "want a day as 2006-01-02, got %q", k.Expires)
		}
	}
	if len(faults) > 0 {
		return nil, faults.Sorted()
	}
	return list, nil
}

// Fingerprint says how a case failed: its differences, each as kind and pointer, sorted
// and joined by commas.
func Fingerprint(differences []report.Difference) string {
	var parts []string
	for _, d := range differences {
		parts = append(parts, d.Kind+" "+d.Pointer)
	}
	slices.Sort(parts)
	return strings.Join(slices.Compact(parts), ", ")
}

// WithWholeIDs adds the operation to ids that lack it.
func WithWholeIDs(known []Failure, s *suite.Suite) []Failure {
	out := slices.Clone(known)
	for i, k := range out {
		if c, ok := s.Case(k.Case); ok {
			out[i].Case = c.ID
		}
	}
	return out
}

// Mark marks a failure that is in the list.
func Mark(result *report.Result, known []Failure) {
	for _, k := range known {
		if result.Outcome == report.Fail && k.Case == result.Case {
			result.Known = k.Reason
		}
	}
}

// Audit returns the faults of a list of known failures after a run. Entries of cases that
// were not selected are ignored, unless all cases were. The sentences are sorted, each
// beginning with the id of the case.
func Audit(known []Failure, s *suite.Suite, run *report.Report, today time.Time) []string {
	if today.IsZero() {
		today = time.Now()
	}
	var problems []string
	for _, k := range known {
		i := slices.IndexFunc(run.Results, func(r report.Result) bool { return r.Case == k.Case })
		add := func(format string, args ...any) {
			problems = append(problems, k.Case+" "+fmt.Sprintf(format, args...))
		}
		if i < 0 {
			if _, exists := s.Case(k.Case); !exists || run.Complete {
				add("is no case")
			}
			continue
		}
		if k.Expires != "" && today.Format(time.DateOnly) > k.Expires {
			add("expired on %s", k.Expires)
		}
		switch r := run.Results[i]; {
		case r.Outcome == report.Pass:
			add("passes")
		case r.Outcome == report.NotApplicable:
			add("was not tried: %s", r.Reason)
		case r.Outcome == report.Fail && k.Fingerprint != "" && k.Fingerprint != Fingerprint(r.Differences):
			add("fails in another way: %s", Fingerprint(r.Differences))
		}
	}
	slices.Sort(problems)
	return problems
}
