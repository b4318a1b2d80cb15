package report

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// format names the form of the JSON, which [Schema] describes.
const format = "vpnconform report 2"

// MostBytes is the size of a report as JSON up to which it is worth reading. One
// of a run, or of its parts joined, has at most half of it.
const MostBytes = 128 << 20

// mostInJSON is how many causes the JSON lists. Nobody reads more, and a hostile
// target can make one of every difference.
const mostInJSON = 500

// file is a report as JSON.
type file struct {
	Format string   `json:"format"`
	Header header   `json:"header"`
	Causes []Cause  `json:"causes"` // drawn from the cases again when a report is read
	More   int      `json:"more_causes,omitempty"`
	Tables []Table  `json:"tables,omitempty"`
	Cases  []Result `json:"cases"`

	Errata   []string `json:"errata"` // that were met
	Missing  []string `json:"missing"`
	Baseline []string `json:"baseline"`

	Footer   footer   `json:"footer"`
	Volatile volatile `json:"volatile"`
}

// header is what a run was.
type header struct {
	Kit         string       `json:"kit"`
	KitDigest   string       `json:"kit_sha256,omitempty"`
	Suite       string       `json:"suite_sha256"`
	Document    string       `json:"document_sha256"`
	Calibration *Calibration `json:"calibration"`
	Environment any          `json:"environment"`
	Level       string       `json:"level"`
	Seed        uint64       `json:"seed"`
	Shuffled    bool         `json:"shuffled"`
	Strict      bool         `json:"strict"`
	Whole       bool         `json:"whole"` // all cases of the suite were selected, and this is no part of them
	Shard       Shard        `json:"shard,omitzero"`
	Named       []string     `json:"named_duties,omitempty"`
	Golden      string       `json:"golden_sha256,omitempty"`
	LeftOut     int          `json:"left_out,omitempty"` // cases of the suite that were not selected
}

// volatile is what differs from run to run: the target, which may be a server
// on a port of the day, times, and what was exchanged.
type volatile struct {
	Target    string                `json:"target"`
	Started   time.Time             `json:"started"`
	Took      time.Duration         `json:"took_ns"`
	Curl      map[string]string     `json:"curl"`      // by case
	Exchanges map[string][]Exchange `json:"exchanges"` // by case
	SHA256    string                `json:"sha256"`    // of this object with this member empty
}

// footer ends a report. One without it is a part of one.
type footer struct {
	Verdict  string          `json:"verdict"`
	Exit     Verdict         `json:"exit"`
	Count    map[Outcome]int `json:"count"`
	Complete bool            `json:"complete"` // always true
	SHA256   string          `json:"sha256"`   // of the report without volatile, and with this member empty
}

// WriteJSON writes a report as JSON. What differs between two runs of one
// target with one seed stands under the key volatile. A byte that is no part of a
// character of UTF-8 is replaced, as JSON has none.
func WriteJSON(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	if err := writeFile(out, fileOf(inUTF8(r))); err != nil {
		return err
	}
	return out.Flush()
}

// fileOf is a report as JSON, without its digests.
func fileOf(r *Report) *file {
	f := &file{
		Format: format,
		Header: header{r.Kit, r.KitDigest, r.Suite, r.Document, r.Calibration, r.Environment, Levels[rank(r.Level)], r.Seed, r.Shuffled, r.Strict, r.Complete, r.Shard, r.Named, r.Golden, r.LeftOut},
		Causes: Causes(r), Tables: r.Tables,
		Cases: r.Results, Errata: append([]string{}, r.Errata()...),
		Missing: append([]string{}, r.Missing...), Baseline: append([]string{}, r.Baseline...),
		Volatile: volatile{r.Target, r.Started, r.Took, map[string]string{}, map[string][]Exchange{}, ""},
		Footer:   footer{Verdict: r.Summary(), Exit: r.Verdict(), Count: r.Count(), Complete: true},
	}
	if f.More = len(f.Causes) - mostInJSON; f.More > 0 {
		f.Causes = f.Causes[:mostInJSON]
	}
	f.More = max(f.More, 0)
	for _, result := range r.Results {
		if result.Curl != "" {
			f.Volatile.Curl[result.Case] = result.Curl
		}
		if len(result.Exchanges) > 0 {
			f.Volatile.Exchanges[result.Case] = result.Exchanges
		}
	}
	return f
}

// ReadJSON reads what [WriteJSON] wrote, byte for byte: one that is cut off or
// was edited is refused, and so is one of another form.
func ReadJSON(data []byte) (*Report, error) {
	var named struct {
		Format string `json:"format"`
		Footer struct {
			Complete bool `json:"complete"`
		} `json:"footer"`
	}
	switch err := json.Unmarshal(data, &named); {
	case err != nil:
		return nil, fmt.Errorf("no whole report: %w", err)
	case named.Format != format:
		return nil, fmt.Errorf("the format is %q, want %q", named.Format, format)
	case !named.Footer.Complete:
		return nil, errors.New("the report has no footer: it is not whole")
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, fmt.Errorf("no report: %w", err)
	}
	r := f.report()
	again := repeated{rest: data}
	if err := WriteJSON(&again, r); err != nil || len(again.rest) > 0 {
		return nil, errors.New("the report was edited: it is not what its digest says")
	}
	return r, nil
}

// repeated takes what is written as long as it is the same as the rest.
type repeated struct{ rest []byte }

func (r *repeated) Write(p []byte) (int, error) {
	rest, same := bytes.CutPrefix(r.rest, p)
	if !same {
		return 0, errors.New("it is not the same")
	}
	r.rest = rest
	return len(p), nil
}

// report turns the JSON into a report.
func (f *file) report() *Report {
	h, v := f.Header, f.Volatile
	r := &Report{
		Kit: h.Kit, KitDigest: h.KitDigest, Suite: h.Suite, Document: h.Document, Calibration: h.Calibration, Target: v.Target, Environment: h.Environment,
		Level: h.Level, Seed: h.Seed, Shuffled: h.Shuffled, Strict: h.Strict, Complete: h.Whole, Shard: h.Shard, Named: h.Named, Golden: h.Golden, LeftOut: h.LeftOut,
		Missing: f.Missing, Tables: f.Tables, Results: slices.Clone(f.Cases), Baseline: f.Baseline, Started: v.Started, Took: v.Took,
	}
	for i := range r.Results {
		result := &r.Results[i]
		result.Curl, result.Exchanges = v.Curl[result.Case], v.Exchanges[result.Case]
	}
	return r
}
