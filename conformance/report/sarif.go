package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"time"
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// WriteSARIF renders the differences of a report as SARIF 2.1.0, the Static
// Analysis Results Interchange Format: the rules that are broken, with what they
// ask and where that is written, and a result for each difference. Its level is
// error for a must, warning for a should and note for a may; its logical
// locations are the case and the place in the answer. A known failure is a
// suppressed result. What could not be told is a notification of the tool.
func WriteSARIF(w io.Writer, r *Report) error {
	out := newPage(w)
	rules, index := sarifRules(r)
	if err := sarifHead(out, r, rules); err != nil {
		return err
	}
	n := 0
	for i := range r.Results {
		result := &r.Results[i]
		if result.Outcome != Fail && result.Outcome != Flaky {
			continue
		}
		for _, d := range result.sarifDifferences() {
			line, err := jsonLine(sarifResultOf(result, d, index))
			if err != nil {
				return err
			}
			out.put("%s%s", separator(n), line)
			n++
		}
	}
	out.put("\n]}]}\n")
	return out.Flush()
}

// sarifHead writes everything before the results.
func sarifHead(out page, r *Report, rules []*sarifRule) error {
	out.put("{\"$schema\": %q, \"version\": \"2.1.0\", \"runs\": [{\n", sarifSchema)
	out.put(`"tool": {"driver": {"name": "vpnconform"`)
	version, err := jsonLine(r.Kit)
	if err != nil {
		return err
	}
	if r.Kit != "" {
		out.put(`, "version": %s`, version)
	}
	out.put(`, "rules": [`)
	for i, rule := range rules {
		line, err := jsonLine(rule)
		if err != nil {
			return err
		}
		out.put("%s%s", separator(i), line)
	}
	invocation, err := jsonLine(sarifInvocationOf(r))
	if err != nil {
		return err
	}
	properties, err := jsonLine(map[string]any{
		"target": r.Target, "level": cmp.Or(r.Level, Levels[0]), "seed": r.Seed, "suite_sha256": r.Suite,
		"document_sha256": r.Document, "verdict": r.Summary(),
	})
	if err != nil {
		return err
	}
	out.put("\n]}},\n\"invocations\": [\n%s\n],\n\"properties\": %s,\n\"results\": [", invocation, properties)
	return nil
}

type sarifText struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type sarifRule struct {
	ID       string      `json:"id"`
	Short    sarifText   `json:"shortDescription"`
	Full     sarifText   `json:"fullDescription"`
	Help     sarifText   `json:"help"`
	Defaults sarifConfig `json:"defaultConfiguration"`
}

type sarifConfig struct {
	Level string `json:"level"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	Properties   map[string]any     `json:"properties"`
}

type sarifLocation struct {
	Logical []sarifLogical `json:"logicalLocations"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
	Kind string `json:"kind"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Exit          Verdict             `json:"exitCode"`
	Started       string              `json:"startTimeUtc,omitempty"`
	Ended         string              `json:"endTimeUtc,omitempty"`
	Notifications []sarifNotification `json:"toolExecutionNotifications"`
}

type sarifNotification struct {
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations"`
}

// sarifLevels are the levels of SARIF in the order of [Levels].
var sarifLevels = []string{"error", "warning", "note"}

// sarifDifferences are the differences of a case that failed: one that says
// nothing, if it does not say by what.
func (r *Result) sarifDifferences() []Difference {
	if len(r.Differences) > 0 {
		return r.Differences
	}
	return []Difference{{Why: r.sentence(), Rule: r.Rule, Level: r.Level, Source: r.Source}}
}

// sarifRules lists the rules that are broken, by id, and where each stands.
func sarifRules(r *Report) ([]*sarifRule, map[string]int) {
	byID := map[string]*sarifRule{}
	var rules []*sarifRule
	for i := range r.Results {
		result := &r.Results[i]
		if result.Outcome != Fail && result.Outcome != Flaky {
			continue
		}
		for _, d := range result.sarifDifferences() {
			id := sarifID(d)
			if rule := byID[id]; rule != nil {
				if slices.Index(sarifLevels, rule.Defaults.Level) > rank(d.Level) {
					rule.Defaults.Level = sarifLevels[rank(d.Level)]
				}
				continue
			}
			byID[id] = sarifRuleOf(id, d)
			rules = append(rules, byID[id])
		}
	}
	slices.SortFunc(rules, func(a, b *sarifRule) int { return cmp.Compare(a.ID, b.ID) })
	index := map[string]int{}
	for i, rule := range rules {
		index[rule.ID] = i
	}
	return rules, index
}

func sarifID(d Difference) string { return cmp.Or(abridge(d.Rule), noRule) }

func sarifRuleOf(id string, d Difference) *sarifRule {
	asked := cmp.Or(abridge(d.Why), id)
	if id == noRule {
		asked = "the answer is the one that the golden file of the case documents"
	}
	source := cmp.Or(abridge(d.cite()), "not cited")
	markdown := codeSpan(asked) + "\n\nSource: " + codeSpan(source) + "\n"
	if id != noRule {
		markdown += "\n" + codeSpan("vpnconform explain "+id) + "\n"
	}
	return &sarifRule{
		ID: id, Short: sarifText{Text: plain(shorten(asked))}, Full: sarifText{Text: plain(asked)},
		Help:     sarifText{plain(asked + "\nSource: " + source), markdown},
		Defaults: sarifConfig{sarifLevels[rank(d.Level)]},
	}
}

// plain keeps what is a link in a message of SARIF, [text](address), from being
// one.
func plain(s string) string { return strings.ReplaceAll(s, "](", "] (") }

func sarifResultOf(r *Result, d Difference, index map[string]int) sarifResult {
	id := sarifID(d)
	sum := sha256.Sum256([]byte(strings.Join([]string{r.Case, d.Pointer, d.Kind, id}, "\n")))
	out := sarifResult{
		RuleID: id, RuleIndex: index[id], Level: sarifLevels[rank(d.Level)],
		Message:      sarifText{Text: plain(shorten(r.Case) + ": " + d.sentence())},
		Locations:    []sarifLocation{{[]sarifLogical{{abridge(r.Case), "case"}, {abridge(d.Pointer), "pointer"}}}},
		Fingerprints: map[string]string{"vpnconform/v1": hex.EncodeToString(sum[:])},
		Properties:   map[string]any{"outcome": abridge(string(r.Outcome)), "source": abridge(d.cite())},
	}
	if len(d.Also) > 0 {
		out.Properties["also"] = abridge(strings.Join(d.Also, ", "))
	}
	if r.Curl != "" {
		out.Properties["curl"] = abridge(r.Curl)
	}
	if r.Outcome == Fail && r.Known != "" {
		out.Suppressions = []sarifSuppression{{"external", "accepted", abridge(r.Known)}}
	}
	return out
}

// sarifInvocationOf says how the run ended, and what could not be told.
func sarifInvocationOf(r *Report) sarifInvocation {
	out := sarifInvocation{Exit: r.Verdict(), Notifications: []sarifNotification{}}
	out.Successful = out.Exit == Conforms || out.Exit == Differs
	if !r.Started.IsZero() {
		out.Started = r.Started.UTC().Format(time.RFC3339)
		out.Ended = r.Started.Add(max(r.Took, 0)).UTC().Format(time.RFC3339)
	}
	for _, f := range r.findings() {
		if f.state != broken && (f.state != failed || f.result != nil) {
			continue
		}
		out.Notifications = append(out.Notifications, sarifNotification{
			"error", sarifText{Text: plain(shorten(f.id) + ": " + f.message)},
			[]sarifLocation{{[]sarifLogical{{abridge(f.id), "case"}}}},
		})
	}
	return out
}
