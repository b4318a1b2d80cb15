package report

import (
	"fmt"
	"slices"
	"strings"
)

// cases lists the cases of a report.
func (t *text) cases(r *Report) {
	t.whole = len(r.Results) <= few
	t.blank()
	for _, g := range groups(r.Results) {
		t.result(g[0])
		if len(g) > 1 {
			t.wrapped(indent+"the same: ", Inert(names(g[1:])))
		}
	}
}

// groups puts results together that say the same, each group where its first
// stands. Those that passed and say nothing are left out unless there are few.
func groups(results []Result) [][]Result {
	if len(results) <= few {
		return slices.Collect(slices.Chunk(results, 1))
	}
	telling := slices.DeleteFunc(slices.Clone(results), func(r Result) bool { return r.Outcome == Pass && len(r.Notes) == 0 })
	return grouped(telling, func(r Result) string {
		key := string(r.Outcome) + "\n" + r.Reason + "\n" + r.Known
		for _, d := range append(slices.Clone(r.Differences), r.Notes...) {
			key += "\n" + strings.Join([]string{d.Pointer, d.Kind, d.Rule, d.Want, d.Level}, "\t")
		}
		return key
	})
}

// grouped puts items of one key together, each group where its first stands.
func grouped[Item any](items []Item, key func(Item) string) [][]Item {
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

// names lists the ids of results, not more than a few.
func names(results []Result) string {
	var ids []string
	for _, r := range results {
		ids = append(ids, r.Case)
	}
	return someOf(ids)
}

// someOf lists not more than a few ids.
func someOf(ids []string) string {
	list := strings.Join(ids[:min(len(ids), few)], ", ")
	if more := len(ids) - few; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// levels writes how many cases of each level ended how, and how the members of
// the answers were looked at.
func (t *text) levels(r *Report) {
	if len(r.Results) <= few {
		return
	}
	t.blank()
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
			t.wrapped(fmt.Sprintf("%-7s", level), plural(len(part.Results), "case")+": "+part.counts())
		}
	}
	sent := plural(requests, "request")
	if again > 0 {
		sent += fmt.Sprintf(" and %d sent again", again)
	}
	t.wrapped("       ", sent+"; "+members.String())
}

// String says how the members were looked at.
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

func (t *text) result(r Result) {
	t.line(labels[r.Outcome], "%s", r.Case)
	if r.Reason != "" {
		t.wrapped(indent, Inert(r.Reason))
	}
	if r.Because != "" && !strings.Contains(r.Reason, r.Because) {
		t.wrapped(indent+"because of ", Inert(r.Because))
	}
	if m := r.Members; m.Total() > 0 {
		t.wrapped(indent, fmt.Sprintf("%s; %s", plural(r.Requests, "request"), m))
	}
	if r.Known != "" {
		t.wrapped(indent+"known: ", r.Known)
	}
	for _, n := range r.Notes {
		if n.AboutHTTP() {
			t.wrapped(indent+"note: ", fmt.Sprintf("%s is %s: %s", Inert(n.Pointer), Inert(n.Got), Inert(n.Why)))
		} else {
			t.wrapped(indent+"note: ", fmt.Sprintf("%s is no member that the page knows", Inert(n.Pointer)))
		}
	}
	if r.MoreNotes > 0 {
		t.wrapped(indent+"note: ", "and "+plural(r.MoreNotes, "more such member"))
	}
	for i, d := range r.Differences {
		t.difference(d, i > 0 && d.question() == r.Differences[i-1].question())
	}
	if r.MoreDifferences > 0 {
		t.blank()
		t.line("  ", "and %s", plural(r.MoreDifferences, "more difference"))
	}
	if r.Outcome == CouldNotRun {
		t.request(r)
	}
	if r.Curl != "" {
		t.curl(r.Curl)
		t.blank()
	}
}

// request shows the request that had no answer, and what the connection did.
func (t *text) request(r Result) {
	e, ok := unanswered(r)
	if !ok {
		return
	}
	t.blank()
	t.line("  ", "%s %s", e.Method, clip(e.URL))
	if e.Request != "" {
		t.line("    ", "sent  %s", clip(e.Request))
	}
	if e.Error != "" && e.Error != r.Reason && r.Reason != interrupted {
		t.wrapped("    got   ", Inert(e.Error))
	}
	if e.Sent > 1 {
		t.line("    ", "sent %d times", e.Sent)
	}
}

// interrupted is the reason of a case that was stopped: what the connection did
// then is no doing of the target.
const interrupted = "interrupted"

// unanswered is the last exchange of a case that had no whole answer.
func unanswered(r Result) (Exchange, bool) {
	for _, e := range slices.Backward(r.Exchanges) {
		if e.Error != "" {
			return e, true
		}
	}
	return Exchange{}, false
}

// curl writes the command that repeats a request.
func (t *text) curl(line string) {
	t.blank()
	t.line("  ", "repeat it with (secrets masked)")
	t.buf.WriteString("  " + strings.Join(commandLines(line), "\n") + "\n")
}

// difference writes a difference. What is asked is left out where the difference
// before it asks the same.
func (t *text) difference(d Difference, asked bool) {
	t.blank()
	t.line("  ", "%s  %s", d.Pointer, d.Kind)
	if d.Want != "" {
		t.line("    ", "want  %s", t.value(d.Want))
	}
	if d.Got != "" {
		t.line("    ", "got   %s", t.value(d.Got))
	}
	if d.Answers > 0 {
		t.line("    ", "in    %s, first in %s", plural(d.Answers, "answer"), d.Case)
	}
	if !asked {
		t.wrapped("    why   ", Inert(d.Why))
		t.wrapped("          ", d.cites())
	}
	if len(d.Also) > 0 {
		t.wrapped("    also  ", strings.Join(d.Also, ", "))
	}
}

// question is everything that says what is asked.
func (d *Difference) question() string { return d.Why + "\n" + d.cites() }

// cites says which rule asks for it, where that stands, and how binding it is.
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

// value is a value as a line shows it, whole where a case was asked for by name.
func (t *text) value(s string) string {
	if t.whole {
		return abridge(s)
	}
	return clip(s)
}
