package report

import (
	"encoding/json"
	"io"
)

// WriteJSON writes a report as JSON. What differs between two runs of one
// target with one seed stands under the key volatile.
func WriteJSON(w io.Writer, r *Report) error {
	file := struct {
		Level    string          `json:"level"`
		Seed     uint64          `json:"seed"`
		Complete bool            `json:"complete"`
		Verdict  string          `json:"verdict"`
		Exit     Verdict         `json:"exit"`
		Count    map[Outcome]int `json:"count"`
		Cases    []Result        `json:"cases"`
		Missing  []string        `json:"missing"`
		Baseline []string        `json:"baseline"`
		Volatile volatile        `json:"volatile"`
	}{
		Level: Levels[rank(r.Level)], Seed: r.Seed, Complete: r.Complete, Verdict: r.Summary(), Exit: r.Verdict(), Count: r.Count(),
		Cases: append([]Result{}, r.Results...), Missing: append([]string{}, r.Missing...), Baseline: append([]string{}, r.Baseline...),
		Volatile: volatile{Target: r.Target, Exchanges: map[string][]Exchange{}},
	}
	for _, result := range r.Results {
		file.Volatile.Exchanges[result.Case] = result.Exchanges
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(file)
}

// volatile is what differs from run to run: the target, which may be a server
// on a port of the day, and what was exchanged with it.
type volatile struct {
	Target    string                `json:"target"`
	Exchanges map[string][]Exchange `json:"exchanges"` // by case
}
