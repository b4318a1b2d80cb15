package openapi

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
)

// Level says how binding a rule is.
type Level string

// The levels, from the most binding.
const (
	Must   Level = "must"   // the documentation page says so
	Should Level = "should" // only other public material says so
	May    Level = "may"    // a reader is well advised
)

// Kind says how a rule is stated.
type Kind string

// The kinds of rules.
const (
	Keyword       Kind = "keyword"       // by a keyword of OpenAPI
	Validation    Kind = "validation"    // by a CEL expression over one object
	Postcondition Kind = "postcondition" // by a CEL expression over an exchange
	Refusal       Kind = "refusal"       // by x-errors, of every answer that refuses a request
	Unclaimed     Kind = "unclaimed"     // by a CEL expression over one object, which is false where nothing is claimed
)

// Duty is a kind of answers.
type Duty string

// The kinds of answers that have duties.
const (
	OfSuccess Duty = "success" // to a request that was carried out
	OfRefusal Duty = "refusal"
)

// Rule is one documented obligation.
type Rule struct {
	// ID is permanent: IkePolicy.lifetime_seconds.maximum.
	ID   string
	Kind Kind

	// Pointer is the JSON Pointer of the rule in the document, Line its line.
	Pointer string
	Line    int

	Level   Level
	Source  string   // citation: Table 5, lifetime_seconds
	Errata  []string // ids in errata.yaml
	Message string   // what is asked, in a sentence

	// Schema is the one that states the rule: of the member for a keyword, of
	// the object for `required` and for a cross-field rule; nil for any other.
	// Keyword is its name, Member the one that `required` speaks of.
	Schema          *openapi3.Schema
	Keyword, Member string

	// Operation is the id of the operation that the rule binds; empty for one that
	// binds wherever its schema is used. Parameter is what it speaks of, nil
	// for what stands in a body or in an answer.
	Operation string
	Parameter *openapi3.Parameter

	// Fields are the JSON Pointers of the members that a cross-field rule
	// speaks of, relative to its object, the first the one to blame. A keyword
	// has none: it speaks of the member it stands on.
	Fields []string

	// Needs are the facts that a cross-field rule reads: gateway.ha_mode.
	Needs []string

	// Statuses are those of an answer that refuses what breaks the rule; none
	// means 400 alone.
	Statuses []int

	// Violate are ways to break a cross-field rule of a request, and nothing
	// else.
	Violate []Violate

	// Program is the compiled expression of a cross-field rule.
	Program *rule.Program

	// Duty says of which answers every one has this obligation, whatever was
	// asked; empty for any other rule. A duty is about what the server chooses,
	// or about how it refuses. It is judged in every answer and reported once.
	Duty Duty

	read  []string // what the rule reads of its object, or of the answer
	about []string // that, and its fields, each once

	readsHeaders, readsParameters bool // of the exchange, if the rule is a postcondition
}

// Names are those of the members that a cross-field rule reads or speaks of.
func (r *Rule) Names() []string {
	var out []string
	for _, pointer := range slices.Concat(r.Fields, r.read) {
		for _, name := range strings.Split(pointer, "/") {
			if name != "" && name != "*" && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// Violate is a change of a documented request that breaks one rule.
type Violate struct {
	Example string // name of the request's example

	// Patch is a JSON Patch (RFC 6902) of the whole request.
	Patch []byte

	// Facts are what the target is taken to have. Nil values of its members
	// do not differ from [Document.Facts].
	Facts Facts

	// Level is how binding it is that the request is refused; empty means as
	// binding as the rule.
	Level Level

	// Also are the ids of other rules that the request breaks. Where a natural
	// implementation refuses a request for two rules, it shows neither of them:
	// then both ends are broken alike.
	Also []string
}

// Publication is something that citations name.
type Publication struct {
	Title string `json:"title"`
	URL   string `json:"url"`

	// Cited is a regular expression of the citations that mean it and do not begin
	// with its id: "Table 3, name" is of the page.
	Cited string `json:"cited"`

	// Own says that it is the operation's own page, whose word binds as must.
	Own bool `json:"own"`
}

// Reads returns what a cross-field rule reads of its object, or of the answer, as
// JSON Pointers in which * stands for any item.
func (r *Rule) Reads() []string { return slices.Clone(r.read) }
