package conformance_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// lawfulRow is a behaviour that the sources allow, on top of the reference
// implementation. A run against it has to end in Conforms: a false alarm is a
// defect as grave as a fault that nobody notices.
type lawfulRow struct {
	name   string
	what   string // the behaviour, in a sentence
	source string // why it is allowed: a citation, and what it says or does not say
	level  string // the least binding level at which the run still conforms: must or should

	wrap        wrapper                               // nil leaves the reference as it is
	serve       func(testing.TB, http.Handler) string // returns the base URL; nil is serve
	environment suite.Environment                     // of both; one that is empty is the default one
	options     reference.Options                     // its Environment is the row's
	jobs        int                                   // as in conformance.Options
}

// wrapper puts a behaviour around an implementation.
type wrapper func(http.Handler) http.Handler

// lawfulRaced tells whether the race detector is at work.
var lawfulRaced bool

// sampled returns the rows that there is time for: all of them, every tenth with
// -short, and every fifth with the race detector, which takes ten times as long:
// then each has a fifth of the cases, since other code runs in none of them.
func sampled[R any](rows []R) []R {
	step := 1
	switch {
	case testing.Short():
		step = 10
	case lawfulRaced:
		step = 5
	}
	var sample []R
	for i := 0; i < len(rows); i += step {
		sample = append(sample, rows[i])
	}
	return sample
}

// lawfulAtOnce is how many runs there are at a time.
const lawfulAtOnce = 4

// lawfulRows are all rows of the table.
func lawfulRows(t *testing.T) []lawfulRow {
	return slices.Concat(
		[]lawfulRow{{
			name: "reference", what: "The reference implementation is left as it is", level: "should",
			source: "the whole page: what is changed below was right before",
		}},
		lawfulRefusals(), lawfulRefusalForms(), lawfulStatuses(), lawfulOrders(), lawfulScalars(), lawfulReaders(),
		lawfulMessages(), lawfulTransports(), lawfulRouters(), lawfulSizes(), lawfulHiccups(),
		lawfulTimes(), lawfulIdentifiers(), lawfulMembers(), lawfulTunnels(),
		lawfulChoices(), lawfulWiderTexts(), lawfulNarrowerTexts(), lawfulEnvironments(t),
	)
}

// TestLawful runs the suite against every row.
func TestLawful(t *testing.T) {
	slots := make(chan struct{}, lawfulAtOnce)
	for i, row := range sampled(lawfulRows(t)) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			var part report.Shard
			if lawfulRaced {
				part = report.Shard{Part: 1 + i%5, Of: 5}
			}
			r := row.run(t, part)
			if r.Verdict() != report.Conforms || r.Complete == lawfulRaced {
				t.Errorf("%s (%s)\nmust conform at %s\n%s", row.what, row.source, row.level, firstScreen(t, r))
			}
			if n := r.Count()[report.NotApplicable]; n*10 > len(r.Results) {
				t.Errorf("%d of %d cases are not applicable, want at most a tenth", n, len(r.Results))
			}
		})
	}
}

// run runs the suite against a row, at its level: all of it, or a part.
func (row lawfulRow) run(t *testing.T, part report.Shard) *report.Report {
	t.Helper()
	return run(t, conformance.Options{
		Target: row.target(t), Environment: row.environment, Level: row.level, Jobs: row.jobs, Shard: part,
	})
}

// target serves a row and returns its base URL.
func (row lawfulRow) target(t *testing.T) string {
	t.Helper()
	row.options.Environment = row.environment
	s, err := reference.New(row.options)
	if err != nil {
		t.Fatal(err)
	}
	var h http.Handler = s
	if row.wrap != nil {
		h = row.wrap(h)
	}
	if row.serve != nil {
		return row.serve(t, h)
	}
	return serve(t, h)
}

// TestLawfulTable shows that every row says all that a reader needs to judge it.
func TestLawfulTable(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range lawfulRows(t) {
		if row.name == "" || row.what == "" || row.source == "" {
			t.Errorf("%+v: want a name, a sentence and a source", row)
		}
		if row.level != "must" && row.level != "should" {
			t.Errorf("%s: level %q, want must or should", row.name, row.level)
		}
		if seen[row.name] {
			t.Errorf("%s: there are two rows of that name", row.name)
		}
		seen[row.name] = true
	}
	if len(seen) < 70 {
		t.Errorf("%d rows, want at least 70", len(seen))
	}
}

// firstScreen is the beginning of what a person sees of a report.
func firstScreen(t *testing.T, r *report.Report) string {
	t.Helper()
	lines := strings.Split(text(t, r), "\n")
	lines = lines[:min(40, len(lines))]
	for i, line := range lines {
		lines[i] = line[:min(300, len(line))] // a curl line is longer than a screen is high
	}
	return r.Summary() + "\n" + strings.Join(lines, "\n")
}
