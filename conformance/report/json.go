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

// format is the version of the JSON, which [Schema] describes.
const format = "vpnconform report 2"

// MostBytes is the greatest size of a JSON report that is worth reading. A run, or its
// joined parts, make at most half of it.
const MostBytes = 128 << 20

// mostInJSON is the number of causes that the JSON lists. Nobody reads more, and a hostile
// target can turn every difference into a cause.
const mostInJSON = 500

// file is a report as JSON.
type file struct {
	Format string   `json:"format"`
	Header header   `json:"header"`
	Causes []Cause  `json:"causes"` // computed again from the cases when a report is read
	More   int      `json:"more_causes,omitempty"`
	Tables []Table  `json:"tables,omitempty"`
	Cases  []Result `json:"cases"`

	Errata   []string `json:"errata"` // cited errata
	Missing  []string `json:"missing"`
	Baseline []string `json:"baseline"`

	Footer   footer   `json:"footer"`
	Volatile volatile `json:"volatile"`
}

// header describes a run.
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

// volatile has everything that differs from run to run: the target, which may be a server
// on a random port, times, and exchanges.
type volatile struct {
	Target    string                `json:"target"`
	Started   time.Time             `json:"started"`
	Took      time.Duration         `json:"took_ns"`
	Curl      map[string]string     `json:"curl"`      // by case
	Exchanges map[string][]Exchange `json:"exchanges"` // by case
	SHA256    string                `json:"sha256"`    // of this object with this member empty
}

// footer ends a report. A report without it is not whole.
type footer struct {
	Verdict  string          `json:"verdict"`
	Exit     Verdict         `json:"exit"`
	Count    map[Outcome]int `json:"count"`
	Complete bool            `json:"complete"` // always true
	SHA256   string          `json:"sha256"`   // of the report without volatile, and with this member empty
}

// WriteJSON writes a report as JSON. Everything that differs between two runs of one
// target with one seed stands under the key volatile. Bytes that are not UTF-8 are
// replaced, because JSON cannot have them.
func WriteJSON(w io.Writer, r *Report) error {
	out := bufio.NewWriter(w)
	if err := writeFile(out, fileOf(toUTF8(r))); err != nil {
		return err
	}
	return out.Flush()
}

// fileOf is a report as JSON, without its digests.
func fileOf(r *Report) *file {
	f := &file{
		Format: format,
		Header: header{
			Kit: r.Kit, KitDigest: r.KitDigest, Suite: r.Suite, Document: r.Document, Calibration: r.Calibration, Environment: r.Environment,
			Level: Levels[rank(r.Level)], Seed: r.Seed, Shuffled: r.Shuffled, Strict: r.Strict, Whole: r.Complete, Shard: r.Shard,
			Named: r.Named, Golden: r.Golden, LeftOut: r.LeftOut,
		},
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

// ReadJSON reads the output of [WriteJSON], byte for byte: it refuses a report that was
// cut off or edited, and one of another format.
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
	again := comparer{rest: data}
	if err := WriteJSON(&again, r); err != nil || len(again.rest) > 0 {
		return nil, errors.New("the report was edited: it is not what its digest says")
	}
	return r, nil
}

// comparer compares written bytes with the rest of a text. It saves a second copy of a
// large report.
type comparer struct{ rest []byte }

// Write returns an error if p is not the next part of the text.
func (r *comparer) Write(p []byte) (int, error) {
	rest, same := bytes.CutPrefix(r.rest, p)
	if !same {
		return 0, errors.New("it is not the same")
	}
	r.rest = rest
	return len(p), nil
}

// report restores the report.
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
