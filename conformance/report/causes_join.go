package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
)

// joinGroups makes one group of several that a reader would rather see as one: many
// neighbouring places with the same demand; a target that fails where it should refuse,
// one that refuses nothing, and one that accepts nothing.
func (g *grouping) joinGroups(r *Report) {
	refuses := slices.ContainsFunc(r.Results, func(r Result) bool {
		return r.Twin != "" && (r.Outcome == Pass || r.Outcome == Flaky)
	})
	accepts := slices.ContainsFunc(r.Results, func(r Result) bool { return r.Members.Total() > 0 })
	joining := func(one *group) string {
		switch one.form {
		case formElse:
			return "places " + one.joinKey
		case formRefuse:
			if !refuses || isServerError(one.joinKey) {
				return "refuses " + one.joinKey
			}
		case formAccept, formBlame:
			if !accepts {
				return "accepts " + one.joinKey
			}
		}
		return ""
	}
	count := map[string]int{}
	for _, one := range g.groups {
		count[joining(one)]++
	}
	first := map[string]*group{}
	var kept []*group
	for _, one := range g.groups {
		key := joining(one)
		switch {
		case key == "" || count[key] <= fewCases:
			kept = append(kept, one)
		case first[key] == nil:
			one.joined = true
			first[key], kept = one, append(kept, one)
		default:
			first[key].items = append(first[key].items, one.items...)
		}
	}
	g.groups = kept
}

// cause says what the differences of a group have in common. Known failures are ignored
// unless all are known.
func (g *group) cause(requests int) Cause {
	items := slices.DeleteFunc(slices.Clone(g.items), func(i item) bool { return i.result.Known != "" })
	c := Cause{Flaky: true}
	if len(items) == 0 {
		items, c.Known = g.items, g.items[0].result.Known
	}
	binding := len(Levels)
	for _, i := range items {
		binding = min(binding, rank(i.difference.Level))
	}
	// The most binding difference speaks for the cause; a consequence never does.
	shown := slices.Clone(items)
	slices.SortStableFunc(shown, func(a, b item) int {
		return cmp.Or(intOf(a.consequence)-intOf(b.consequence), rank(a.difference.Level)-rank(b.difference.Level))
	})
	first := shown[0]
	d := first.difference
	c.Level, c.Rule, c.Pointer, c.Got = Levels[binding], d.Rule, d.Pointer, abbreviate(d.Got)
	c.Source, c.Errata = cmp.Or(d.Source, first.result.Source), d.Errata
	c.Why = cmp.Or(g.commonBeginning(first), d.Why, first.result.Title, "it is as documented")
	c.Want = abbreviate(wantOf(d, c.Why))
	g.phrase(&c, first)
	counted := map[string]bool{}
	for _, i := range shown {
		c.Flaky = c.Flaky && i.result.Outcome == Flaky
		c.Answers += i.difference.Answers
		if !counted[i.result.Case] {
			counted[i.result.Case] = true
			if id := cmp.Or(i.difference.Case, i.result.Case); len(c.Examples) < examples {
				c.Examples = append(c.Examples, id)
			}
		}
	}
	c.Cases = len(counted)
	c.Sent = sentValue(first.result, c.Member)
	c.Every = c.Answers > 0 && c.Answers >= requests
	return c
}

// sentValue is the value of a member in the request of a case, as JSON.
func sentValue(r *Result, member string) string {
	exchanges := r.Tested()
	if member == "" || len(exchanges) == 0 {
		return ""
	}
	request, err := match.Decode([]byte(exchanges[0].Request))
	if err != nil {
		return ""
	}
	value, there := match.Lookup(request, member)
	if !there {
		return ""
	}
	data, err := match.Encode(value)
	if err != nil {
		return ""
	}
	return abbreviate(string(data))
}

// commonBeginning is the beginning that the sentences of a group share, up to a colon. The
// rest of each sentence describes its own request.
func (g *group) commonBeginning(first item) string {
	if g.form != formRefuse && g.form != formAccept {
		return ""
	}
	shared, same := first.difference.Why, true
	for _, i := range g.items {
		if i.consequence {
			continue
		}
		n := 0
		for n < min(len(shared), len(i.difference.Why)) && shared[n] == i.difference.Why[n] {
			n++
		}
		same = same && i.difference.Why == first.difference.Why
		shared = shared[:n]
	}
	if same {
		return ""
	}
	return shared[:max(strings.LastIndex(shared, ": "), 0)]
}

// phrase states the demand in the words of the group's form.
func (g *group) phrase(c *Cause, first item) {
	r := first.result
	switch g.form {
	case formDuty:
		c.Rule = cmp.Or(c.Rule, strings.TrimPrefix(r.Case, duty))
	case formRefuse:
		c.Member, c.Want, c.Got = r.Member, "refused", statusOf(first.difference.Got)
		c.Rule = cmp.Or(r.Rule, c.Rule)
		if g.joined {
			c.Why, c.Rule, c.Member = "a request that breaks a rule is refused", "", ""
		}
	case formStatus:
		if slices.ContainsFunc(g.items, func(i item) bool { return !i.consequence && i.difference.Why != c.Why }) {
			c.Why = "an answer has the status that is documented for it"
		}
		if c.Rule == r.Rule {
			c.Rule = ""
		}
	case formAccept, formBlame:
		c.Member, c.Want = r.Member, "accepted"
		c.Rule = cmp.Or(r.Rule, c.Rule)
		if g.form == formBlame {
			c.Member, c.Rule = g.about, ""
			c.Why = "a request is accepted that is right in " + lastToken(g.about)
		}
		if g.joined {
			c.Why, c.Rule, c.Member = "a request that keeps every rule is accepted", "", ""
		}
	case formElse:
		if g.joined {
			place, _ := splitPlace(c.Pointer)
			c.Pointer = place + "/*"
		}
		if c.Rule == r.Rule && r.Twin != "" {
			c.Rule = ""
		}
	}
}

// wantOf is the wanted value of a difference. If no value is wanted, it is the sentence of
// the rule.
func wantOf(d Difference, why string) string {
	switch {
	case d.Want != "":
		return d.Want
	case d.Kind == "unexpected":
		return "nothing"
	}
	return why
}

// mostOfCause is the number of bytes of a value that a cause shows; the case has all.
const mostOfCause = 2 << 10

// abbreviate is a value, or the beginning of a long one.
func abbreviate(s string) string {
	if len(s) <= mostOfCause {
		return s
	}
	return strings.ToValidUTF8(s[:mostOfCause], "") + "..."
}
