package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Cause is one thing that differs, with the cases that show it. A reader who mends the
// causes of a report has mended its failures: one wrong member may fail hundreds of cases.
type Cause struct {
	Level string `json:"level"`          // the most binding of its differences
	Rule  string `json:"rule,omitempty"` // id of the rule or the duty; empty if there is none
	Why   string `json:"why"`            // the demand, in a sentence

	// Member is the member of the request that the cause is about, a JSON Pointer into
	// its body, if the status of the answer differs. Empty otherwise, and for a request
	// that is about no member.
	Member string `json:"member,omitempty"`

	// Sent is the value of that member in the first case, a JSON text; empty if it has
	// none or its request is not in the report.
	Sent string `json:"sent,omitempty"`

	// Pointer is the place in the answer, as in a [Difference]. A last token of *
	// stands for many places side by side.
	Pointer string `json:"pointer"`

	Want string `json:"want"`          // JSON text, or words; never empty
	Got  string `json:"got,omitempty"` // of the first case; empty when nothing came

	Cases    int      `json:"cases"`             // number of cases that show it
	Answers  int      `json:"answers,omitempty"` // of a duty: number of answers that break it
	Every    bool     `json:"every,omitempty"`   // of a duty: every answer breaks it
	Examples []string `json:"examples"`          // ids of a few of the cases

	Source string   `json:"source"` // citation
	Errata []string `json:"errata,omitempty"`

	// Known is why its cases are expected to fail; empty unless all of them are.
	Known string `json:"known,omitempty"`

	Flaky bool `json:"flaky,omitempty"` // all of its cases passed when tried again
}

// Place is where a reader looks first: the member of the request, or the place in the
// answer. It is empty for a request that is about no member.
func (c *Cause) Place() string {
	if c.Member != "" || c.Pointer == "/status" {
		return c.Member
	}
	return strings.TrimPrefix(c.Pointer, "/body")
}

// duty begins the ids of the results of duties.
const duty = "duty/"

// examples is the number of cases that a cause names.
const examples = 3

// Causes lists what differs, once each: the most binding causes first, among those the
// widest. Causes whose cases are all known failures come last.
//
// Differences belong together if they demand the same. A request that was not refused
// belongs to its rule and its member; a refusal that blames another member belongs to
// that member. Any other difference of an answer belongs to its place and rule. A
// consequence is no cause of its own: an object that a request created because it was not
// refused, and a refusal that shows nothing because its twin is refused as well.
func Causes(r *Report) []Cause {
	g := newGrouping(r)
	for i := range r.Results {
		g.addResult(&r.Results[i])
	}
	g.joinGroups(r)
	causes := make([]Cause, 0, len(g.groups))
	for _, group := range g.groups {
		causes = append(causes, group.cause(g.requests))
	}
	slices.SortStableFunc(causes, func(a, b Cause) int {
		return cmp.Or(
			intOf(a.Known != "")-intOf(b.Known != ""),
			rank(a.Level)-rank(b.Level),
			max(b.Cases, b.Answers)-max(a.Cases, a.Answers),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Member+a.Pointer, b.Member+b.Pointer),
		)
	})
	return causes
}

// intOf is 1 for true, so that booleans can be compared.
func intOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// form is the kind of demand of a cause.
type form string

const (
	formDuty   form = "duty"          // of every answer
	formRefuse form = "refuse"        // a request that had to be refused was not
	formStatus form = "status"        // it was rightly refused or accepted, with another status
	formAccept form = "accept"        // a request that had to be accepted was not
	formBlame  form = "blame"         // the same, and the refusal blames another member
	formElse   form = "else"          // any other demand on an answer
	formUnsaid form = "no difference" // a failure without a difference
)

// item is a difference of a case in a group.
type item struct {
	result      *Result
	difference  Difference
	consequence bool // it follows from another difference of the case
}

// group is the differences that have one cause.
type group struct {
	form    form
	key     string
	joinKey string // many groups with the same key are one cause
	about   string // of a blame: the pointer of the blamed member
	joined  bool   // it is made of many groups
	items   []item
}

// grouping puts differences into groups.
type grouping struct {
	groups   []*group
	at       map[string]*group
	failed   map[string]bool     // by case: it has a difference of its own
	members  map[string][]string // pointers of the members that cases are about, by their last token
	requests int                 // number of requests that were sent
}

// newGrouping returns the grouping of a report's differences, without groups.
func newGrouping(r *Report) *grouping {
	g := &grouping{at: map[string]*group{}, failed: map[string]bool{}, members: map[string][]string{}}
	for _, result := range r.Results {
		g.requests += result.Requests
		g.failed[result.Case] = slices.ContainsFunc(result.Differences, func(d Difference) bool { return d.Kind != "twin" })
		if name := lastToken(result.Member); name != "" && !slices.Contains(g.members[name], result.Member) {
			g.members[name] = append(g.members[name], result.Member)
		}
	}
	return g
}

// addResult adds the differences of a case that failed.
func (g *grouping) addResult(r *Result) {
	if r.Outcome != Fail && r.Outcome != Flaky {
		return
	}
	if len(r.Differences) == 0 {
		g.add(&group{form: formUnsaid, key: cmp.Or(r.Rule, r.Title)}, item{result: r, difference: Difference{Why: cmp.Or(r.Reason, r.Title)}})
		return
	}
	var status *group // the other differences may follow from it
	if i := slices.IndexFunc(r.Differences, func(d Difference) bool { return d.Pointer == "/status" }); i >= 0 && !strings.HasPrefix(r.Case, duty) {
		status = g.statusGroup(r, r.Differences[i])
	}
	for _, d := range r.Differences {
		switch {
		case d.Kind == "twin" && g.failed[r.Twin]:
		case status != nil && d.Pointer == "/status":
			g.add(status, item{result: r, difference: d})
		case status != nil && status.follows(r, d):
			g.add(status, item{r, d, true})
		default:
			g.add(groupOf(r, d), item{result: r, difference: d})
		}
	}
}

// add adds an item to the group with the same form and key.
func (g *grouping) add(like *group, i item) {
	key := string(like.form) + "\n" + like.key
	if g.at[key] == nil {
		g.at[key] = like
		g.groups = append(g.groups, like)
	}
	g.at[key].items = append(g.at[key].items, i)
}

// statusGroup is the group of an unexpected status.
func (g *grouping) statusGroup(r *Result, d Difference) *group {
	code := statusOf(d.Got)
	rule := cmp.Or(r.Rule, d.Rule, d.Why)
	switch {
	case hadToBeRefused(r, d) && isServerError(code):
		return &group{form: formRefuse, key: code + "\n" + rule + "\n" + r.Member, joinKey: code}
	case hadToBeRefused(r, d) && !strings.HasPrefix(code, "4"):
		return &group{form: formRefuse, key: rule + "\n" + r.Member, joinKey: code}
	case hadToBeRefused(r, d), strings.HasPrefix(code, "2"):
		if rule = d.Rule; rule == r.Rule { // the status is that of any other
			rule = ""
		}
		return &group{form: formStatus, key: rule + "\n" + code}
	}
	if name := g.blamedMember(r, d.Got); name != "" {
		return &group{form: formBlame, key: code + "\n" + name, joinKey: code, about: g.members[name][0]}
	}
	return &group{form: formAccept, key: rule + "\n" + r.Member, joinKey: code}
}

// hadToBeRefused reports whether a request had to be refused.
func hadToBeRefused(r *Result, d Difference) bool {
	return r.Twin != "" || d.Want != "" && !strings.HasPrefix(d.Want, "2") && !strings.HasPrefix(d.Want, "accepted")
}

// isServerError reports whether a status says that the server failed.
func isServerError(code string) bool { return strings.HasPrefix(code, "5") }

// statusOf is the status code that a text begins with; the answer's message may follow.
func statusOf(got string) string {
	code, _, _ := strings.Cut(got, ",")
	code, _, _ = strings.Cut(code, " ")
	return code
}

// blamedMember is the member that a refusal names, if the case is about another one: a
// target that refuses one value refuses it in the cases of many rules. It is empty if the
// refusal names no member, or names the member of the case too.
func (g *grouping) blamedMember(r *Result, got string) string {
	_, says, _ := strings.Cut(got, ",")
	found := ""
	for _, word := range strings.FieldsFunc(says, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		switch {
		case slices.Contains(strings.Split(r.Member, "/"), word):
			return ""
		case found == "" && len(g.members[word]) > 0:
			found = word
		}
	}
	return found
}

// follows reports whether a difference of a case follows from an unexpected status: the
// answer has another shape, or shows the object that the request created because it was
// not refused.
func (g *group) follows(r *Result, d Difference) bool {
	switch {
	case d.Pointer == "/body":
		return true
	case g.form == formRefuse:
		return strings.HasPrefix(d.Pointer, "/body/") && d.Rule == r.Rule
	}
	return false
}

// groupOf is the group of a difference of an answer.
func groupOf(r *Result, d Difference) *group {
	rule := cmp.Or(d.Rule, d.Why)
	if strings.HasPrefix(r.Case, duty) {
		return &group{form: formDuty, key: r.Case + "\n" + d.Pointer + "\n" + rule}
	}
	if d.Rule == r.Rule && r.Twin != "" { // the rule of the request does not matter
		rule = d.Why
	}
	place, name := splitPlace(d.Pointer)
	return &group{form: formElse, key: place + "\n" + name + "\n" + rule, joinKey: place + "\n" + rule}
}

// splitPlace splits a pointer into the place of the container and the last token, both
// without indexes of lists.
func splitPlace(pointer string) (place, name string) {
	at := withoutIndexes(pointer)
	i := max(strings.LastIndexByte(at, '/'), 0)
	return at[:i], at[i:]
}

// withoutIndexes replaces every index of a list in a pointer by the same token.
func withoutIndexes(pointer string) string {
	tokens := strings.Split(pointer, "/")
	for i, token := range tokens {
		if token != "" && strings.Trim(token, "0123456789") == "" {
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, "/")
}

// lastToken is the last token of a pointer.
func lastToken(pointer string) string { return pointer[strings.LastIndexByte(pointer, '/')+1:] }
