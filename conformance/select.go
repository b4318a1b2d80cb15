package conformance

import (
	"path"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/suite"
)

// Select returns the cases that the patterns of run select and those of skip
// do not, in the suite's order; no pattern of run selects all. A refused case
// brings its twin with it, whatever skip says, since it shows nothing without.
//
// A pattern is one of path.Match. One with a slash selects by the id of a case,
// one without by what stands before the slash there: IkePolicy.* selects every
// case of every rule of that object. A malformed pattern, one that matches no
// case, and patterns that leave nothing to run are a *[UsageError].
func Select(s *suite.Suite, run, skip []string) ([]suite.Case, error) {
	if len(run) == 0 {
		run = []string{"*"}
	}
	selected, err := matched(s, run)
	if err != nil {
		return nil, err
	}
	skipped, err := matched(s, skip)
	if err != nil {
		return nil, err
	}
	cases := withTwins(s, func(_ int, c suite.Case) bool { return selected[c.ID] && !skipped[c.ID] })
	if len(cases) == 0 {
		return nil, usage("the patterns leave no case to run")
	}
	return cases, nil
}

// sends reports whether a case sends requests: any that is no duty.
func sends(c suite.Case) bool { return !c.Duty }

// withDuties adds the duties that the patterns of skip leave: they are about
// every answer, so that they come with any case. Alone they show nothing.
func withDuties(s *suite.Suite, cases []suite.Case, skip []string) ([]suite.Case, error) {
	if !slices.ContainsFunc(cases, sends) {
		return nil, usage("the patterns select nothing but duties, and other cases have to show them: select some as well")
	}
	skipped, err := matched(s, skip)
	if err != nil {
		return nil, err
	}
	selected := map[string]bool{}
	for _, c := range cases {
		selected[c.ID] = true
	}
	return withTwins(s, func(_ int, c suite.Case) bool { return selected[c.ID] || c.Duty && !skipped[c.ID] }), nil
}

// matched returns the ids that patterns match.
func matched(s *suite.Suite, patterns []string) (map[string]bool, error) {
	ids := map[string]bool{}
	for _, pattern := range patterns {
		found, ofIDs, literal := false, strings.Contains(pattern, "/"), !strings.ContainsAny(pattern, `*?[\`)
		for i := range s.Cases {
			id := s.Cases[i].ID
			name := id
			if !ofIDs {
				name, _, _ = strings.Cut(name, "/")
			}
			ok := name == pattern
			if !literal {
				var err error
				if ok, err = path.Match(pattern, name); err != nil {
					return nil, usage("pattern %q is malformed", pattern)
				}
			}
			if ok {
				found, ids[id] = true, true
			}
		}
		if !found {
			return nil, usage("pattern %q matches no case", pattern)
		}
	}
	return ids, nil
}
