package report

import (
	"fmt"
	"slices"
	"strings"
)

// writeCases lists the cases of a report.
func (t *text) writeCases(r *Report) {
	t.whole = len(r.Results) <= fewCases
	t.writeBlank()
	for _, g := range groupResults(r.Results) {
		t.writeResult(g[0])
		if len(g) > 1 {
			t.writeWrapped(indent+"the same: ", Inert(namesOfResults(g[1:])))
		}
	}
}

// groupResults puts equal results together, each group at the place of its first. It leaves
// out cases that passed without notes, unless the report has few cases.
func groupResults(results []Result) [][]Result {
	if len(results) <= fewCases {
		return slices.Collect(slices.Chunk(results, 1))
	}
	telling := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.Outcome == Pass && len(r.Notes) == 0 })
	return groupBy(telling, func(r Result) string {
		key := string(r.Outcome) + "\n" + r.Reason + "\n" + r.Known
		for _, d := range append(slices.Clone(r.Differences), r.Notes...) {
			key += "\n" + strings.Join([]string{d.Pointer, d.Kind, d.Rule, d.Want, d.Level}, "\t")
		}
		return key
	})
}

// groupBy puts items with the same key together, each group at the place of its first.
func groupBy[Item any](items []Item, key func(Item) string) [][]Item {
	var out [][]Item
	at := map[string]int{}
	for _, item := range items {
		i, ok := at[key(item)]
		if !ok {
			i = len(out)
			at[key(item)], out = i, append(out, nil)
		}
		out[i] = append(out[i], item)
	}
	return out
}

// namesOfResults lists a few ids of results.
func namesOfResults(results []Result) string {
	var ids []string
	for _, r := range results {
		ids = append(ids, r.Case)
	}
	return listSome(ids)
}

// listSome lists a few ids.
func listSome(ids []string) string {
	list := strings.Join(ids[:min(len(ids), fewCases)], ", ")
	if more := len(ids) - fewCases; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// writeLevels writes how many cases of each level ended how, and how the members of the
// answers were judged.
func (t *text) writeLevels(r *Report) {
	if len(r.Results) <= fewCases {
		return
	}
	t.writeBlank()
	var members Members
	requests, again := 0, 0
	for _, level := range Levels {
		part := &Report{Level: r.Level}
		for _, result := range r.Results {
			if result.Level == level {
				part.Results = append(part.Results, result)
				members.Add(result.Members)
				requests += result.Requests
				for _, e := range result.Exchanges {
					again += max(e.Sent-1, 0)
				}
			}
		}
		if len(part.Results) > 0 {
			t.writeWrapped(fmt.Sprintf("%-7s", level), plural(len(part.Results), "case")+": "+part.counts())
		}
	}
	sent := plural(requests, "request")
	if again > 0 {
		sent += fmt.Sprintf(" and %d sent again", again)
	}
	t.writeWrapped("       ", sent+"; "+members.String())
}

// String says how the members were judged.
func (m Members) String() string {
	return fmt.Sprintf("%s of the answers: %d by value, %d by schema, %d by rule, %d noted, %d not looked at",
		plural(m.Total(), "member"), m.ByValue, m.BySchema, m.ByRule, m.Noted, m.NotLookedAt)
}

// labels of the outcomes, padded to one width.
var labels = map[Outcome]string{
	Pass:          "pass           ",
	Fail:          "FAIL           ",
	Flaky:         "FLAKY          ",
	NotApplicable: "not applicable ",
	CouldNotRun:   "COULD NOT RUN  ",
	KitError:      "KIT ERROR      ",
}

// indent is the width of a label.
const indent = "               "

// writeResult writes a case with all its details.
func (t *text) writeResult(r Result) {
	t.writeLine(labels[r.Outcome], "%s", r.Case)
	if r.Reason != "" {
		t.writeWrapped(indent, Inert(r.Reason))
	}
	if r.Because != "" && !strings.Contains(r.Reason, r.Because) {
		t.writeWrapped(indent+"because of ", Inert(r.Because))
	}
	if m := r.Members; m.Total() > 0 {
		t.writeWrapped(indent, fmt.Sprintf("%s; %s", plural(r.Requests, "request"), m))
	}
	if r.Known != "" {
		t.writeWrapped(indent+"known: ", r.Known)
	}
	for _, n := range r.Notes {
		if n.AboutHTTP() {
			t.writeWrapped(indent+"note: ", fmt.Sprintf("%s is %s: %s", Inert(n.Pointer), Inert(n.Got), Inert(n.Why)))
		} else {
			t.writeWrapped(indent+"note: ", fmt.Sprintf("%s is no member that the page knows", Inert(n.Pointer)))
		}
	}
	if r.MoreNotes > 0 {
		t.writeWrapped(indent+"note: ", "and "+plural(r.MoreNotes, "more such member"))
	}
	for i, d := range r.Differences {
		t.writeDifference(d, i > 0 && d.question() == r.Differences[i-1].question())
	}
	if r.MoreDifferences > 0 {
		t.writeBlank()
		t.writeLine("  ", "and %s", plural(r.MoreDifferences, "more difference"))
	}
	if r.Outcome == CouldNotRun {
		t.writeRequest(r)
	}
	if r.Curl != "" {
		t.writeCurl(r.Curl)
		t.writeBlank()
	}
}

// writeRequest writes the request that had no answer, and the error of the connection.
func (t *text) writeRequest(r Result) {
	e, ok := lastUnanswered(r)
	if !ok {
		return
	}
	t.writeBlank()
	t.writeLine("  ", "%s %s", e.Method, clip(e.URL))
	if e.Request != "" {
		t.writeLine("    ", "sent  %s", clip(e.Request))
	}
	if e.Error != "" && e.Error != r.Reason && r.Reason != interrupted {
		t.writeWrapped("    got   ", Inert(e.Error))
	}
	if e.Sent > 1 {
		t.writeLine("    ", "sent %d times", e.Sent)
	}
}

// interrupted is the reason of a case that was stopped. The error of its connection is then
// not the target's fault.
const interrupted = "interrupted"

// lastUnanswered is the last exchange of a case without a complete answer.
func lastUnanswered(r Result) (Exchange, bool) {
	for _, e := range slices.Backward(r.Exchanges) {
		if e.Error != "" {
			return e, true
		}
	}
	return Exchange{}, false
}

// writeCurl writes the command that repeats a request.
func (t *text) writeCurl(line string) {
	t.writeBlank()
	t.writeLine("  ", "repeat it with (secrets masked)")
	t.buf.WriteString("  " + strings.Join(commandLines(line), "\n") + "\n")
}

// writeDifference writes a difference. Asked says that the difference before it had the same
// demand, which is then left out.
func (t *text) writeDifference(d Difference, asked bool) {
	t.writeBlank()
	t.writeLine("  ", "%s  %s", d.Pointer, d.Kind)
	if d.Want != "" {
		t.writeLine("    ", "want  %s", t.shorten(d.Want))
	}
	if d.Got != "" {
		t.writeLine("    ", "got   %s", t.shorten(d.Got))
	}
	if d.Answers > 0 {
		t.writeLine("    ", "in    %s, first in %s", plural(d.Answers, "answer"), d.Case)
	}
	if !asked {
		t.writeWrapped("    why   ", Inert(d.Why))
		t.writeWrapped("          ", d.cites())
	}
	if len(d.Also) > 0 {
		t.writeWrapped("    also  ", strings.Join(d.Also, ", "))
	}
}

// question is the whole text of the demand.
func (d *Difference) question() string { return d.Why + "\n" + d.cites() }

// cites names the rule of the demand, its source, and how binding it is.
func (d *Difference) cites() string {
	cite := fmt.Sprintf("%s (%s)", d.Source, d.Level)
	if d.Rule != "" {
		cite = d.Rule + ", " + cite
	}
	if len(d.Errata) > 0 {
		cite += ", erratum " + strings.Join(d.Errata, ", ")
	}
	return cite
}

// shorten is a value for a line, whole if a case was selected by name.
func (t *text) shorten(s string) string {
	if t.whole {
		return abridge(s)
	}
	return clip(s)
}
