package report

// Outcome is how a case ended.
type Outcome string

// The outcomes.
const (
	Pass          Outcome = "pass"
	Fail          Outcome = "fail"
	NotApplicable Outcome = "not-applicable" // the environment lacks something
	CouldNotRun   Outcome = "could-not-run"  // the target or the network failed; the verdict is open
	KitError      Outcome = "kit-error"      // a mistake of the kit
)

// Outcomes lists all outcomes.
var Outcomes = []Outcome{Pass, Fail, NotApplicable, CouldNotRun, KitError}

// Report is what a run found.
type Report struct {
	Target  string   // base URL
	Results []Result // in the order of the cases

	// Baseline lists what is wrong with the list of known failures: entries
	// that name no case, whose case passed or failed in another way, or that
	// have expired.
	Baseline []string
}

// Result is what was found of one case.
type Result struct {
	Case   string // id
	Title  string
	Level  string // must, should or may
	Source string // citation of the page
	Errata []string

	Outcome Outcome
	Reason  string // of any outcome but pass and fail

	// Known is the reason why the failure is expected, from the list of known
	// failures; empty for any other failure.
	Known string

	// Differences are all of them, in the order of the answer.
	Differences []Difference

	// Notes are members of the answers that the page does not know.
	Notes []Difference

	Members  Members // of the answers
	Requests int     // that were sent

	// Curl is the command that repeats the first request that failed, with
	// secrets masked; empty unless the case failed.
	Curl string
}

// Difference is one place where an answer is not what it should be.
type Difference struct {
	// Pointer is the place, a JSON Pointer (RFC 6901) into the answer, seen as
	// an object of status, headers and body: /body/vpn_connection/style.
	Pointer string

	Kind string // missing, unexpected, changed or rule

	// Want and Got are JSON texts. Want is empty when a rule and no value was
	// wanted, Got when nothing came.
	Want, Got string

	Why    string   // what is asked, in a sentence
	Rule   string   // id; empty when the golden file alone asks it
	Also   []string // ids of further rules that are broken there
	Level  string   // must, should or may
	Source string   // citation
	Errata []string // ids
}

// Members counts the leaves of the answers by how they were looked at.
type Members struct {
	ByValue  int // compared with the golden file
	BySchema int // chosen by the target, held to their schema
	ByRule   int // chosen by the target, held to a rule beyond the schema
	Noted    int // not known to the page

	NotLookedAt int // always 0: anything else is a mistake of the kit
}

// Add adds the counts of another answer.
func (m *Members) Add(o Members) {
	m.ByValue += o.ByValue
	m.BySchema += o.BySchema
	m.ByRule += o.ByRule
	m.Noted += o.Noted
	m.NotLookedAt += o.NotLookedAt
}

// Total counts all leaves.
func (m Members) Total() int {
	return m.ByValue + m.BySchema + m.ByRule + m.Noted + m.NotLookedAt
}

// Verdict is the conclusion of a run. Its value is the exit status of the
// command.
type Verdict int

// The verdicts. 2 is the exit status for a wrong command line or file, when
// there is no run to judge.
const (
	Conforms   Verdict = 0
	Differs    Verdict = 1 // a case failed
	Incomplete Verdict = 3 // a case could not run, or none passed
	Mistaken   Verdict = 4 // the kit made a mistake
	Stale      Verdict = 5 // only the list of known failures is wrong
)

// Verdict draws the conclusion. A mistake of the kit voids everything else, and
// so does a result without an outcome; a difference is certain whatever else did
// not run.
func (r *Report) Verdict() Verdict {
	count, ended := r.Count(), 0
	for _, o := range Outcomes {
		ended += count[o]
	}
	switch {
	case count[KitError] > 0, ended < len(r.Results):
		return Mistaken
	case count[Fail] > r.known():
		return Differs
	case count[CouldNotRun] > 0, count[Pass]+r.known() == 0:
		return Incomplete
	case len(r.Baseline) > 0:
		return Stale
	}
	return Conforms
}

// Count counts the cases by outcome.
func (r *Report) Count() map[Outcome]int {
	count := map[Outcome]int{}
	for _, result := range r.Results {
		count[result.Outcome]++
	}
	return count
}

// known counts the failures that are expected.
func (r *Report) known() int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == Fail && result.Known != "" {
			n++
		}
	}
	return n
}
