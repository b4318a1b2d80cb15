package suite

import (
	"math/rand/v2"
	"net/http"

	"github.com/vpnconform/vpnconform/openapi"
)

// Case is one request and the answer expected to it.
type Case struct {
	ID    string // permanent: example/static, IkePolicy.lifetime_seconds.maximum/above
	Title string // what the case shows, in a sentence

	// Operation is the id of the operation that the request is of.
	Operation string

	Level  string // how binding it is: must, should or may
	Source string // citation
	Errata []string

	// Rule is the one that the case shows; nil for a documented example and
	// for what no rule says.
	Rule *openapi.Rule

	// Twin is the id of the accepted case from which a refused one differs in
	// one place, and of the one without which the refusal of an open one shows
	// nothing. It is empty for an accepted case.
	Twin string

	// Change makes the request: a documented example and a patch, and what the
	// target is taken to have.
	Change openapi.Violate

	Request  []byte // body as the page prints it; nil but for an example
	Golden   []byte // body of the documented answer, corrected; nil but for an example
	Wire     Wire   // how the request is sent
	Statuses []int  // of an answer that is right, the documented one first

	// Also are the ids of other rules that a refused request breaks: see
	// [openapi.Violate].
	Also []string

	// Parameter is what is sent, or left out, beside the body; nil for what is
	// usual.
	Parameter *Parameter

	// SetUp are the requests that come before: the answers to them have the values
	// of the operation's path.
	SetUp []Step

	// Place is the member of the request that the case is about, a JSON Pointer;
	// empty if it is about none.
	Place string

	// Open says that nobody claims whether the request is accepted. An answer
	// that accepts it has to be one to this request all the same.
	Open bool

	// Duty says that the case sends nothing: it is about all answers of a run,
	// and Rule is a duty of them. See [openapi.Duty].
	Duty bool

	// Further are requests beside that of Change, each another one, which are
	// sent at the same time.
	Further []openapi.Violate

	// Turn is the number of objects of the environment to pass over before the
	// first that will do is taken: cases that differ in it are tried at
	// different ones.
	Turn int

	// Unknown is the member whose value names nothing that the target has,
	// though it breaks no rule; empty if there is none.
	Unknown string

	draw   func(*rand.Rand) []byte // makes the patch of Change anew; nil for one that is fixed
	around bool                    // it is drawn with its surroundings
}

// Parameter is a value of a parameter of the operation.
type Parameter struct {
	In, Name string // path, query or header
	Value    string
	Absent   bool
}

// Step is a request that is sent so that another can be: the documented one of
// an operation.
type Step struct {
	Operation, Example string
	Take               map[string]openapi.Value // of its answer, by the name of the parameter
}

// Accepted reports whether the request has to be accepted.
func (c Case) Accepted() bool { return c.claims() && c.Statuses[0] < http.StatusMultipleChoices }

// Refused reports whether the request has to be refused.
func (c Case) Refused() bool { return c.claims() && !c.Accepted() }

func (c Case) claims() bool { return !c.Duty && !c.Open && len(c.Statuses) > 0 }

// Breaks returns the ids of the rules that the request breaks, sorted: that of
// the case and those beside it if it is refused for it, otherwise none.
func (c Case) Breaks() []string {
	if c.Rule == nil || !c.Refused() {
		return nil
	}
	return openapi.Violate{Also: c.Also}.Breaks(c.Rule)
}

// Nth returns the case of the nth of its requests alone, counted from 0.
func (c Case) Nth(n int) Case {
	if n > 0 && n <= len(c.Further) {
		c.Change, c.Golden, c.Request = c.Further[n-1], nil, nil
	}
	c.Further = nil
	return c
}

// wrong are the places of a refused request that are not what their schema asks.
func (c Case) wrong() []string {
	if c.Rule == nil || c.Rule.Kind != openapi.Keyword || !c.Refused() {
		return nil
	}
	return []string{c.Place}
}
