package conformance

import (
	"path"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// Select returns the cases that the patterns of run select and those of skip do not, in
// the suite's order; without a pattern of run it returns all. If ids of operations are
// given, it leaves out the cases of others. A refused case brings its twin with it,
// whatever skip says, because it shows nothing without.
//
// A pattern is one of path.Match. It selects by the id of a case, or by the id without its
// operation. A pattern without a slash selects by the rule between them: Book.* selects
// every case of every rule of the schema Book. The error is a *[UsageError] for a
// malformed pattern, for one that matches no case, and for patterns that leave nothing to
// run.
func Select(s *suite.Suite, run, skip []string, operations ...string) ([]suite.Case, error) {
	if err := checkOperations(s, operations); err != nil {
		return nil, err
	}
	if len(run) == 0 {
		run = []string{"*"}
	}
	selected, err := matchPatterns(s, run)
	if err != nil {
		return nil, err
	}
	skipped, err := matchPatterns(s, skip)
	if err != nil {
		return nil, err
	}
	cases := selectWithTwins(s, func(_ int, c suite.Case) bool {
		return selected[c.ID] && !skipped[c.ID] && (len(operations) == 0 || !c.Duty && slices.Contains(operations, c.Operation))
	})
	if len(cases) == 0 {
		return nil, usage.Errorf("the patterns leave no case to run")
	}
	return cases, nil
}

// checkOperations returns an error if the document lacks one of the operations.
func checkOperations(s *suite.Suite, ids []string) error {
	for _, id := range ids {
		if _, ok := s.Document().Operation(id); !ok {
			var there []string
			for _, op := range s.Document().Operations() {
				there = append(there, op.OperationID)
			}
			return usage.Errorf("there is no operation %q, only %s", id, strings.Join(there, ", "))
		}
	}
	return nil
}

// sends reports whether a case sends requests: every case except a duty.
func sends(c suite.Case) bool { return !c.Duty }

// addDuties adds the duties, except those that the patterns of skip match: they are about
// every answer, so that they come with any case. Alone they show nothing.
func addDuties(s *suite.Suite, cases []suite.Case, skip []string) ([]suite.Case, error) {
	if !slices.ContainsFunc(cases, sends) {
		return nil, usage.Errorf("the patterns select nothing but duties, and other cases have to show them: select some as well")
	}
	skipped, err := matchPatterns(s, skip)
	if err != nil {
		return nil, err
	}
	selected := map[string]bool{}
	for _, c := range cases {
		selected[c.ID] = true
	}
	return selectWithTwins(s, func(_ int, c suite.Case) bool { return selected[c.ID] || c.Duty && !skipped[c.ID] }), nil
}

// matchPatterns returns the ids that patterns match.
func matchPatterns(s *suite.Suite, patterns []string) (map[string]bool, error) {
	ids := map[string]bool{}
	for _, pattern := range patterns {
		matches := func(name string) bool { return name == pattern }
		if strings.ContainsAny(pattern, `*?[\`) {
			if _, err := path.Match(pattern, ""); err != nil {
				return nil, usage.Errorf("pattern %q is malformed", pattern)
			}
			matches = func(name string) bool { ok, _ := path.Match(pattern, name); return ok }
		}
		found := false
		for i := range s.Cases {
			name := s.Cases[i].Name()
			if !strings.Contains(pattern, "/") {
				name, _, _ = strings.Cut(name, "/")
			}
			if id := s.Cases[i].ID; matches(name) || matches(id) {
				found, ids[id] = true, true
			}
		}
		if !found {
			return nil, usage.Errorf("pattern %q matches no case", pattern)
		}
	}
	return ids, nil
}

// caseIDs are the ids of cases.
func caseIDs(cases []suite.Case) []string {
	var out []string
	for _, c := range cases {
		out = append(out, c.ID)
	}
	return out
}
