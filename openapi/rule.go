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
	Must   Level = "must"   // the operation's own page says so
	Should Level = "should" // only other public material says so
	May    Level = "may"    // advice
)

// Kind says how a rule is stated.
type Kind string

// The kinds of rules.
const (
	Keyword       Kind = "keyword"       // by a keyword of OpenAPI
	Validation    Kind = "validation"    // by a CEL expression over one object
	Postcondition Kind = "postcondition" // by a CEL expression over an exchange
	Refusal       Kind = "refusal"       // by x-errors, of every answer that refuses a request
	Unclaimed     Kind = "unclaimed"     // by a CEL expression over one object; where it is false nothing is claimed
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
	Message string   // the obligation, in a sentence

	// Schema states the rule: it is the schema of the member for a keyword, and of
	// the object for `required` and for a cross-field rule; nil for any other.
	// Keyword is the name of the keyword, Member the required member.
	Schema          *openapi3.Schema
	Keyword, Member string

	// Operation is the id of the operation that the rule binds; empty if it binds
	// wherever its schema is used. Parameter is the parameter that it binds, nil for
	// a rule about a body or an answer.
	Operation string
	Parameter *openapi3.Parameter

	// Fields are the JSON Pointers, relative to its object, of the members that a
	// cross-field rule blames, the first above all. A keyword has none: it blames
	// the member of its schema.
	Fields []string

	// Needs are the facts that a cross-field rule reads: gateway.ha_mode.
	Needs []string

	// Statuses are the documented ones of a refusal for breaking the rule; none
	// means 400 alone.
	Statuses []int

	// Violate are ways to break a cross-field rule of a request and no other rule.
	Violate []Violate

	// Program is the compiled expression of a cross-field rule.
	Program *rule.Program

	// Duty is the kind of answers that all have this obligation, whatever was
	// requested; empty for any other rule. A duty is about values that the server
	// chooses, or about the form of a refusal. It is judged in every answer and
	// reported once.
	Duty Duty

	read  []string // pointers of the members that the rule reads, in its object or in the answer
	about []string // read and Fields, each once

	readsHeaders, readsParameters bool // for a postcondition
}

// Names returns the names of the members that a cross-field rule reads or blames.
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

	// Facts are the facts that the rule is judged with: [Document.Facts] unless the
	// violation states others.
	Facts Facts

	// Level is how binding the refusal of the request is; empty means the level of
	// the rule.
	Level Level

	// Also are the ids of other rules that the request breaks. If one address of a
	// pair is out of range, the two no longer lie in one block, and the refusal may
	// be for that: so both addresses are out of range, and both rules are broken.
	Also []string
}

// Publication is a source that citations name.
type Publication struct {
	Title string `json:"title"`
	URL   string `json:"url"`

	// Cited is a regular expression of citations of this publication that do not
	// begin with its id: "Table 3, name" cites the page.
	Cited string `json:"cited"`

	// Own says that it is the operation's own page, which binds at the level must.
	Own bool `json:"own"`
}

// Reads returns the members that a cross-field rule reads in its object, or in the
// answer, as JSON Pointers with * for any item.
func (r *Rule) Reads() []string { return slices.Clone(r.read) }
