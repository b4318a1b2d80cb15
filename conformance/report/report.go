package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Outcome is how a case ended.
type Outcome string

// The outcomes.
const (
	Pass          Outcome = "pass"
	Fail          Outcome = "fail"
	Flaky         Outcome = "flaky"          // failed, and passed when tried again alone
	NotApplicable Outcome = "not-applicable" // the environment lacks something
	CouldNotRun   Outcome = "could-not-run"  // the target or the network failed; the verdict is open
	KitError      Outcome = "kit-error"      // a mistake of the kit
)

// Outcomes lists all outcomes.
var Outcomes = []Outcome{Pass, Fail, Flaky, NotApplicable, CouldNotRun, KitError}

// Levels lists the levels of cases, from the most binding.
var Levels = []string{"must", "should", "may"}

// Report is the result of a run.
type Report struct {
	Kit       string // version of vpnconform
	KitDigest string // SHA-256 of the program, in hexadecimal; empty if unknown
	Suite     string // SHA-256 of the cases, in hexadecimal
	Document  string // SHA-256 of the OpenAPI document, in hexadecimal

	// Calibration says how the suite was measured; nil if it was not.
	Calibration *Calibration

	Target      string // base URL
	Environment any    // objects and limits of the target, as JSON, without secrets

	// Level is the least binding one that counts for the verdict; empty means
	// must.
	Level string

	Seed     uint64 // of drawn values, and of a shuffled order
	Shuffled bool
	Strict   bool
	Complete bool // all cases of the suite were selected, and the report has all of them

	// Shard is the part of the cases that the report has; zero if it has all.
	Shard Shard

	// Named are the duties that the patterns of a part name: duties that nothing
	// breaks count only if they are named. Nil for a run that is no part.
	Named []string

	// Golden is the SHA-256 of the recorded answers that the target had to repeat,
	// in hexadecimal; empty if there were none.
	Golden string

	// LeftOut is the number of cases of the suite that were not selected.
	LeftOut int

	// Missing are the required cases that the suite lacks.
	Missing []string

	Tables []Table // tables of the document, for the coverage map

	Results []Result // in the order of the cases

	// Baseline lists the faults of the list of known failures: entries that name no
	// case, whose case passed or failed in another way, or that have expired. It is
	// sorted.
	Baseline []string

	Started time.Time
	Took    time.Duration
}

// Shard is one of several parts of the cases of a run.
type Shard struct {
	Part  int  `json:"part"` // from 1
	Of    int  `json:"of"`
	Whole bool `json:"whole"` // all cases of the suite were selected, and divided
}

// String returns the part as 2/4.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Part, s.Of) }

// Calibration says how a suite fared against servers that do nothing, and against
// deliberate faults.
type Calibration struct {
	Cases       int    `json:"cases"`        // of the suite
	NullServers int    `json:"null_servers"` // that were tried
	NullScore   int    `json:"null_score"`   // the most cases that any of them passes
	Faults      int    `json:"faults"`
	Killed      int    `json:"killed"`     // noticed by a named case
	Equivalent  int    `json:"equivalent"` // that nobody could notice, or that the page allows
	Command     string `json:"command"`    // that repeats it
}

// Errata lists the errata of the page that the cases and differences cite, sorted.
func (r *Report) Errata() []string {
	met := map[string]bool{}
	for _, result := range r.Results {
		for _, id := range result.Errata {
			met[id] = true
		}
		for _, d := range result.Differences {
			for _, id := range d.Errata {
				met[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(met))
}

// Result is the result of one case.
type Result struct {
	Case   string   `json:"id"`
	Title  string   `json:"title"`
	Level  string   `json:"level"` // must, should or may
	Rule   string   `json:"rule,omitempty"`
	Twin   string   `json:"twin,omitempty"` // of a refused case: the accepted one from which it differs
	Source string   `json:"source"`         // citation
	Errata []string `json:"errata,omitempty"`

	// Member is the member of the request that a case is about, a JSON Pointer
	// into its body; empty for a case that is about no member.
	Member string `json:"member,omitempty"`

	// Because is the twin whose failure leaves this case open: a refusal shows
	// nothing unless its twin is accepted. The outcome is then could-not-run, as a
	// consequence of that failure. Empty otherwise.
	Because string `json:"because,omitempty"`

	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"` // of any outcome but pass and fail

	// Known is the reason why the failure is expected, from the list of known
	// failures; empty for any other failure.
	Known string `json:"known,omitempty"`

	// Differences are in the order of the answer. If there are very many, it has the
	// most binding ones, and MoreDifferences counts the others.
	Differences     []Difference `json:"differences,omitempty"`
	MoreDifferences int          `json:"more_differences,omitempty"`

	// Notes are a few undocumented members of the answers. MoreNotes counts the
	// others.
	Notes     []Difference `json:"notes,omitempty"`
	MoreNotes int          `json:"more_notes,omitempty"`

	Members  Members `json:"members"`  // of the answers
	Requests int     `json:"requests"` // that were sent

	// Curl is the command that repeats the first request that failed or had no
	// answer, with secrets masked; empty for any other case.
	Curl string `json:"-"` // in JSON it is with the exchanges, which differ from run to run

	Exchanges []Exchange `json:"-"`
}

// Cut reports whether the report does not keep enough of an answer, so that the case
// cannot be judged again.
func (r Result) Cut() bool {
	return slices.ContainsFunc(r.Exchanges, func(e Exchange) bool { return e.Cut })
}

// FailsAt reports whether a case failed, or was flaky, by a difference of a level or a
// more binding one. A failure without a difference fails at every level.
func (r Result) FailsAt(level string) bool {
	if r.Outcome != Fail && r.Outcome != Flaky {
		return false
	}
	return len(r.Differences) == 0 || slices.ContainsFunc(r.Differences, func(d Difference) bool { return rank(d.Level) <= rank(level) })
}

// rank orders the levels; an empty one is must.
func rank(level string) int { return max(slices.Index(Levels, level), 0) }

// Tested returns the exchanges under test, without those of set-up and clean-up.
func (r Result) Tested() []Exchange {
	if !slices.ContainsFunc(r.Exchanges, func(e Exchange) bool { return e.Step != "" }) {
		return r.Exchanges
	}
	return slices.DeleteFunc(slices.Clone(r.Exchanges), func(e Exchange) bool { return e.Step != "" })
}

// Exchange is a request and its answer, secrets masked.
type Exchange struct {
	// Step says that the exchange is not the one under test: set-up comes before it,
	// clean-up after it. Neither is judged.
	Step string `json:"step,omitempty"`

	Method        string        `json:"method"`
	URL           string        `json:"url"`
	RequestHeader []string      `json:"request_header"` // name: value
	Request       string        `json:"request"`        // body
	Status        int           `json:"status,omitempty"`
	AnswerReason  string        `json:"answer_reason,omitempty"`  // of the status line; empty for the usual one, or none
	AnswerEarly   []string      `json:"answer_early,omitempty"`   // header fields of earlier answers, with a status of 1xx
	AnswerHeader  []string      `json:"answer_header,omitempty"`  // name: value
	AnswerTrailer []string      `json:"answer_trailer,omitempty"` // header fields after the body
	Answer        string        `json:"answer,omitempty"`
	Encoding      string        `json:"answer_encoding,omitempty"` // base64 for an answer that is not text
	Cut           bool          `json:"cut,omitempty"`             // the answer is masked or shortened, so that it cannot be judged again
	Error         string        `json:"error,omitempty"`           // why there is no complete answer
	Sent          int           `json:"sent,omitempty"`            // how often, if more than once: the target was busy, or had closed the connection
	After         time.Duration `json:"after_ns"`                  // since the run began
	Took          time.Duration `json:"took_ns"`
}

// Difference is one place where an answer is not as expected.
type Difference struct {
	// Pointer is the place, a JSON Pointer (RFC 6901) into the answer, seen as
	// an object of status, headers and body: /body/vpn_connection/style.
	Pointer string `json:"pointer"`

	Kind string `json:"kind"` // missing, unexpected, changed, rule or twin

	// Want and Got are JSON texts, or the beginning of one and how long it is.
	// Want is empty when a rule and no value was wanted, Got when nothing came.
	Want string `json:"want,omitempty"`
	Got  string `json:"got,omitempty"`

	Why    string   `json:"why"`            // the demand, in a sentence
	Rule   string   `json:"rule,omitempty"` // id; empty if only the golden file demands it
	Also   []string `json:"also,omitempty"` // ids of further rules that are broken at this place
	Level  string   `json:"level"`          // must, should or may
	Source string   `json:"source"`         // citation
	Errata []string `json:"errata,omitempty"`

	// Answers and Case belong to a duty, which is judged in every answer and reported
	// once: how many answers break it, and the first case with one.
	Answers int    `json:"answers,omitempty"`
	Case    string `json:"case,omitempty"`
}

// AboutHTTP reports whether a note is about the message around the body: it violates HTTP,
// and the page does not speak of it.
func (d Difference) AboutHTTP() bool {
	return d.Pointer == "/status" || strings.HasPrefix(d.Pointer, "/headers/")
}

// Members counts the leaves of the answers by how they were judged.
type Members struct {
	ByValue  int `json:"by_value"`  // compared with the golden file, or with the request
	BySchema int `json:"by_schema"` // chosen by the target, judged by their schema
	ByRule   int `json:"by_rule"`   // chosen by the target, judged by a rule beyond the schema
	Noted    int `json:"noted"`     // undocumented

	NotLookedAt int `json:"not_looked_at"` // always 0: anything else is a mistake of the kit
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

// Verdict draws the conclusion. A mistake of the kit voids everything else, and so does a
// result without an outcome. A difference is certain, whatever else did not run. A case
// that could not run leaves the verdict open only if its level counts: a case at should
// cannot decide whether the target conforms at must.
func (r *Report) Verdict() Verdict {
	count, ended, differs := r.Count(), 0, 0
	for _, o := range Outcomes {
		ended += count[o]
	}
	for _, result := range r.Results {
		if result.FailsAt(r.Level) && (result.Outcome != Fail || result.Known == "") {
			differs++
		}
	}
	switch {
	case count[KitError] > 0, ended < len(r.Results):
		return Mistaken
	case differs > 0:
		return Differs
	case slices.ContainsFunc(r.Results, r.openCheck()), !slices.ContainsFunc(r.Results, r.isGood), len(r.Missing) > 0, r.Complete && !r.hasGoodExample():
		return Incomplete
	case len(r.Baseline) > 0:
		return Stale
	}
	return Conforms
}

// openCheck returns a function that reports whether a case leaves the verdict open: it
// could not run, and its level counts. A refusal that shows nothing because its twin is
// refused as well is not open by itself, because the result of the twin decides. That
// twin has to be in the report, and must not have passed.
func (r *Report) openCheck() func(Result) bool {
	ended := map[string]Outcome{}
	for _, result := range r.Results {
		ended[result.Case] = result.Outcome
	}
	return func(result Result) bool {
		if result.Outcome != CouldNotRun || rank(result.Level) > rank(r.Level) {
			return false
		}
		twin, tried := ended[result.Because]
		return result.Because == "" || !tried || twin == Pass
	}
}

// isGood reports whether a case speaks for the target: it passed, or its differences are
// below the level that counts. A known failure does not.
func (r *Report) isGood(result Result) bool {
	return result.Outcome == Pass || result.Outcome == Fail && result.Known == "" && !result.FailsAt(r.Level)
}

// hasGoodExample reports whether a documented example speaks for the target and no
// example was not applicable: a whole run without the examples shows too little.
func (r *Report) hasGoodExample() bool {
	good := false
	for _, result := range r.Results {
		_, behind, _ := strings.Cut(result.Case, "/") // the operation, where there are several
		if strings.HasPrefix(result.Case, "example/") || strings.HasPrefix(behind, "example/") {
			if result.Outcome == NotApplicable {
				return false
			}
			good = good || r.isGood(result)
		}
	}
	return good
}

// Count counts the cases by outcome.
func (r *Report) Count() map[Outcome]int {
	count := map[Outcome]int{}
	for _, result := range r.Results {
		count[result.Outcome]++
	}
	return count
}

// Untried counts the cases that could not be tried: mistakes of the kit, and cases that
// could not run, unless only because their twin failed.
func (r *Report) Untried() int {
	n := 0
	for _, result := range r.Results {
		if result.Outcome == KitError || result.Outcome == CouldNotRun && result.Because == "" {
			n++
		}
	}
	return n
}
