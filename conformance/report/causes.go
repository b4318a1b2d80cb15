package report

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Cause is what differs, said once, with the cases that show it. A reader who
// mends the causes of a report has mended its failures.
type Cause struct {
	Level string `json:"level"`          // the most binding of its differences
	Rule  string `json:"rule,omitempty"` // id of the rule or the duty; empty if there is none
	Why   string `json:"why"`            // what is asked, in a sentence

	// Member is the member of the request that it is about, where the status of
	// an answer is what differs: a JSON Pointer into the body of the request.
	// Empty for anything else, and for a request that is about no member.
	Member string `json:"member,omitempty"`

	// Sent is what the first case has there: JSON text, empty if it has nothing
	// there or its request is not in the report.
	Sent string `json:"sent,omitempty"`

	// Pointer is the place in the answer, as in a [Difference]. A last token of *
	// stands for many places side by side.
	Pointer string `json:"pointer"`

	Want string `json:"want"`          // JSON text, or words; never empty
	Got  string `json:"got,omitempty"` // of the first case; empty when nothing came

	Cases    int      `json:"cases"`             // that show it
	Answers  int      `json:"answers,omitempty"` // of a duty: that break it
	Every    bool     `json:"every,omitempty"`   // of a duty: every answer breaks it
	Examples []string `json:"examples"`          // ids of a few of the cases

	Source string   `json:"source"` // citation
	Errata []string `json:"errata,omitempty"`

	// Known is why its cases are expected to fail; empty unless all of them are.
	Known string `json:"known,omitempty"`

	Flaky bool `json:"flaky,omitempty"` // all of its cases passed when they were tried again
}

// Place is where a reader looks first: the member of the request, or the place in
// the answer. It is empty for a request that is about no member.
func (c *Cause) Place() string {
	if c.Member != "" || c.Pointer == "/status" {
		return c.Member
	}
	return strings.TrimPrefix(c.Pointer, "/body")
}

// duty begins the ids of results that are of a duty.
const duty = "duty/"

// examples is how many cases a cause names.
const examples = 3

// Causes says what differs, once each: the most binding causes first, of those
// the widest. Causes whose cases are known failures come last.
//
// Differences belong together by what they ask for. For a request that was not
// refused, that is its rule and the member that it is about; one whose refusal
// blames another member belongs to that member. For the rest of an answer it is
// the place and the rule. What follows from a cause is none of its own: what a
// request created that was not refused, and a refusal that shows nothing because
// its twin is refused as well.
func Causes(r *Report) []Cause {
	g := newGrouping(r)
	for i := range r.Results {
		g.result(&r.Results[i])
	}
	g.join(r)
	causes := make([]Cause, 0, len(g.groups))
	for _, group := range g.groups {
		causes = append(causes, group.cause(g.requests))
	}
	slices.SortStableFunc(causes, func(a, b Cause) int {
		return cmp.Or(
			boolean(a.Known != "")-boolean(b.Known != ""),
			rank(a.Level)-rank(b.Level),
			max(b.Cases, b.Answers)-max(a.Cases, a.Answers),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Member+a.Pointer, b.Member+b.Pointer),
		)
	})
	return causes
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// form is the kind of thing that a cause asks for.
type form string

const (
	formDuty   form = "duty"          // of every answer
	formRefuse form = "refuse"        // a request that had to be refused was not
	formStatus form = "status"        // it was refused or accepted as it had to be, with another status
	formAccept form = "accept"        // a request that had to be accepted was not
	formBlame  form = "blame"         // the same, and the refusal blames another member
	formElse   form = "else"          // anything else of an answer
	formUnsaid form = "no difference" // a failure that does not say by what
)

// item is a difference of a case, in a group.
type item struct {
	result      *Result
	difference  Difference
	consequence bool // it follows from another difference of the case
}

// group is the differences that have a cause in common.
type group struct {
	form   form
	key    string
	beside string // groups with the same are one cause if there are many of them
	about  string // of a blame: the pointer of the member that is blamed
	joined bool   // it is of many groups
	items  []item
}

// grouping puts differences into groups.
type grouping struct {
	groups   []*group
	at       map[string]*group
	failed   map[string]bool     // by case: it failed by itself
	members  map[string][]string // pointers of the members that cases are about, by their last token
	requests int                 // that were sent
}

func newGrouping(r *Report) *grouping {
	g := &grouping{at: map[string]*group{}, failed: map[string]bool{}, members: map[string][]string{}}
	for _, result := range r.Results {
		g.requests += result.Requests
		g.failed[result.Case] = slices.ContainsFunc(result.Differences, func(d Difference) bool { return d.Kind != "twin" })
		if name := last(result.Member); name != "" && !slices.Contains(g.members[name], result.Member) {
			g.members[name] = append(g.members[name], result.Member)
		}
	}
	return g
}

// result adds the differences of a case that failed.
func (g *grouping) result(r *Result) {
	if r.Outcome != Fail && r.Outcome != Flaky {
		return
	}
	if len(r.Differences) == 0 {
		g.add(&group{form: formUnsaid, key: cmp.Or(r.Rule, r.Title)}, item{result: r, difference: Difference{Why: cmp.Or(r.Reason, r.Title)}})
		return
	}
	var status *group // that the other differences may follow from
	if i := slices.IndexFunc(r.Differences, func(d Difference) bool { return d.Pointer == "/status" }); i >= 0 && !strings.HasPrefix(r.Case, duty) {
		status = g.status(r, r.Differences[i])
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

// add adds an item to the group of a key, which is made if it is new.
func (g *grouping) add(like *group, i item) {
	key := string(like.form) + "\n" + like.key
	if g.at[key] == nil {
		g.at[key] = like
		g.groups = append(g.groups, like)
	}
	g.at[key].items = append(g.at[key].items, i)
}

// status is the group of a status that is not what it should be.
func (g *grouping) status(r *Result, d Difference) *group {
	code := statusOf(d.Got)
	rule := cmp.Or(r.Rule, d.Rule, d.Why)
	switch {
	case refusable(r, d) && crash(code):
		return &group{form: formRefuse, key: code + "\n" + rule + "\n" + r.Member, beside: code}
	case refusable(r, d) && !strings.HasPrefix(code, "4"):
		return &group{form: formRefuse, key: rule + "\n" + r.Member, beside: code}
	case refusable(r, d), strings.HasPrefix(code, "2"):
		if rule = d.Rule; rule == r.Rule { // the status is that of any other
			rule = ""
		}
		return &group{form: formStatus, key: rule + "\n" + code}
	}
	if name := g.blamed(r, d.Got); name != "" {
		return &group{form: formBlame, key: code + "\n" + name, beside: code, about: g.members[name][0]}
	}
	return &group{form: formAccept, key: rule + "\n" + r.Member, beside: code}
}

// refusable reports whether a request had to be refused.
func refusable(r *Result, d Difference) bool {
	return r.Twin != "" || d.Want != "" && !strings.HasPrefix(d.Want, "2") && !strings.HasPrefix(d.Want, "accepted")
}

// crash reports whether a status says that the server failed.
func crash(code string) bool { return strings.HasPrefix(code, "5") }

// statusOf is the code that a status line begins with; behind it may stand what
// the answer says.
func statusOf(got string) string {
	code, _, _ := strings.Cut(got, ",")
	code, _, _ = strings.Cut(code, " ")
	return code
}

// blamed is the member that a refusal names, if it is another one than the case
// is about: a target that refuses one value refuses it in the cases of many
// rules. It is empty if the refusal names none, or the case's own as well.
func (g *grouping) blamed(r *Result, got string) string {
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

// follows reports whether a difference of a case follows from a status that is
// not what it should be: what the request created that was not refused, and that
// the answer to it is of another shape.
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
	if d.Rule == r.Rule && r.Twin != "" { // whatever the request was refused for
		rule = d.Why
	}
	place, name := parent(d.Pointer)
	return &group{form: formElse, key: place + "\n" + name + "\n" + rule, beside: place + "\n" + rule}
}

// parent is the place of what holds the last token of a pointer, and that token,
// both without the positions in lists.
func parent(pointer string) (place, name string) {
	at := generic(pointer)
	i := max(strings.LastIndexByte(at, '/'), 0)
	return at[:i], at[i:]
}

// generic is a pointer in which every position in a list is the same.
func generic(pointer string) string {
	tokens := strings.Split(pointer, "/")
	for i, token := range tokens {
		if token != "" && strings.Trim(token, "0123456789") == "" {
			tokens[i] = "*"
		}
	}
	return strings.Join(tokens, "/")
}

// last is the last token of a pointer.
func last(pointer string) string { return pointer[strings.LastIndexByte(pointer, '/')+1:] }
