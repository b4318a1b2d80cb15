package conformance_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// lawfulRow is a behaviour that the sources allow, on top of the reference
// implementation. A run against it has to end in Conforms: a false alarm is a
// defect as grave as a fault that nobody notices.
type lawfulRow struct {
	name   string
	what   string // the behaviour, in a sentence
	source string // why it is allowed: a citation, and what it says or does not say
	level  string // the least binding level at which the run still conforms: must or should
	alarm  string // a pattern of the cases that once failed here, a false alarm; empty if none did

	wrap        wrapper                               // nil leaves the reference as it is
	serve       func(testing.TB, http.Handler) string // returns the base URL; nil is serve
	environment environment.Environment               // of both; one that is empty is the default one
	options     reference.Options                     // its Environment is the row's
	jobs        int                                   // as in conformance.Options
}

// wrapper puts a behaviour around an implementation.
type wrapper func(http.Handler) http.Handler

// lawfulRaced reports whether the race detector is at work.
var lawfulRaced bool

// lawfulParts is how many parts of the suite there are, one of which a row is
// tried on where there is no time for all: another part for the next row.
const lawfulParts = 32

// portion is how much of the suite runs against a row.
type portion struct {
	part report.Shard
	run  []string // patterns; empty runs all of the part
}

// whole reports whether it is all of the suite.
func (p portion) whole() bool { return p.part == report.Shard{} && len(p.run) == 0 }

// portions returns how much there is time for, given the row's place in the table:
// all of the suite, or with -short and with the race detector, which takes ten
// times as long, a part and the cases that raised a false alarm once.
func (row lawfulRow) portions(i int) []portion {
	if !testing.Short() && !lawfulRaced {
		return []portion{{}}
	}
	out := []portion{{part: report.Shard{Part: 1 + i%lawfulParts, Of: lawfulParts}}}
	if row.alarm != "" {
		out = append(out, portion{run: []string{row.alarm}})
	}
	return out
}

// lawfulAtOnce is how many runs there are at a time.
const lawfulAtOnce = 6

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
		lawfulChoices(t), lawfulWiderTexts(), lawfulNarrowerTexts(), lawfulEnvironments(t),
	)
}

// TestLawful runs the suite against every row.
func TestLawful(t *testing.T) {
	slots := make(chan struct{}, lawfulAtOnce)
	for i, row := range lawfulRows(t) {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			slots <- struct{}{}
			defer func() { <-slots }()
			for _, much := range row.portions(i) {
				r := row.run(t, much)
				if r.Verdict() != report.Conforms || r.Complete != much.whole() {
					t.Errorf("%s (%s)\nmust conform at %s\n%s", row.what, row.source, row.level, firstScreen(t, r))
				}
				if n := r.Count()[report.NotApplicable]; n*10 > len(r.Results) && len(much.run) == 0 {
					t.Errorf("%d of %d cases are not applicable, want at most a tenth", n, len(r.Results))
				}
			}
		})
	}
}

// run runs the suite against a row, at its level: all of it, or a part.
func (row lawfulRow) run(t *testing.T, much portion) *report.Report {
	t.Helper()
	return run(t, conformance.Options{
		Target: row.target(t), Environment: row.environment, Level: row.level, Jobs: row.jobs, Shard: much.part, Run: much.run,
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
