package openapi

import "github.com/vpnconform/vpnconform/openapi/rule"

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

	// Fields are the JSON Pointers of the members that a cross-field rule
	// speaks of, relative to its object, the first the one to blame. A keyword
	// has none: it speaks of the member it stands on.
	Fields []string

	program *rule.Program
}

// Publication is something that citations name.
type Publication struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}
