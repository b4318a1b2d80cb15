package conformance

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// ParseShard reads a part of a run such as 2/4, the second of four. The error is a
// *[UsageError].
func ParseShard(text string) (report.Shard, error) {
	first, second, _ := strings.Cut(text, "/")
	part, _ := strconv.Atoi(first) // 0 if it is no number; parts count from 1
	of, _ := strconv.Atoi(second)
	shard := report.Shard{Part: part, Of: of}
	if shard.String() != text || checkShard(shard) != nil {
		return report.Shard{}, usage.Errorf("%q is no part: want one such as 2/4, the second of four", text)
	}
	return shard, nil
}

// checkShard returns an error for a part that cannot exist.
func checkShard(s report.Shard) error {
	if s.Part < 1 || s.Part > s.Of {
		return usage.Errorf("part %v: there is no such part", s)
	}
	return nil
}

// Cases returns the cases of a run with these options, in the suite's order: those that
// [Select] returns, and the duties, which come with any case; or the part Shard of them.
//
// The position of a case in the whole suite decides its part, whatever the patterns are,
// so that every case belongs to exactly one part. A refused case brings its twin with
// it, whose part may be another, and every part has the duties. The error is a
// *[UsageError]: that of Select, a part that cannot exist, or a part without a case.
func (o Options) Cases(s *suite.Suite) ([]suite.Case, error) {
	cases, err := Select(s, o.Run, o.Skip, o.Operations...)
	if err != nil {
		return nil, err
	}
	if cases, err = addDuties(s, cases, o.Skip); err != nil || o.Shard == (report.Shard{}) {
		return cases, err
	}
	if err := checkShard(o.Shard); err != nil {
		return nil, err
	}
	if o.Shard.Of > len(s.Cases) {
		return nil, usage.Errorf("part %v: the suite has %d cases", o.Shard, len(s.Cases))
	}
	selected := map[string]bool{}
	for _, c := range cases {
		selected[c.ID] = true
	}
	part := selectWithTwins(s, func(i int, c suite.Case) bool { return (owns(o.Shard, i) || c.Duty) && selected[c.ID] })
	if !slices.ContainsFunc(part, sends) {
		cases = slices.DeleteFunc(cases, func(c suite.Case) bool { return c.Duty })
		return nil, usage.Errorf("part %v: it has none of the cases that the patterns select, %d in all", o.Shard, len(cases))
	}
	return part, nil
}

// owns reports whether the case at a position of the whole suite belongs to a part.
func owns(s report.Shard, position int) bool { return position%s.Of == s.Part-1 }

// selectWithTwins returns the wanted cases and their twins, in the suite's order.
func selectWithTwins(s *suite.Suite, wanted func(position int, c suite.Case) bool) []suite.Case {
	needed := map[string]bool{}
	for i, c := range s.Cases {
		if wanted(i, c) {
			needed[c.ID], needed[c.Twin] = true, true
		}
	}
	out := make([]suite.Case, 0, len(needed))
	for i := range s.Cases { // by index: a case is large
		if needed[s.Cases[i].ID] {
			out = append(out, s.Cases[i])
		}
	}
	return out
}
