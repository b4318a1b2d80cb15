package suite

import (
	"math/rand/v2"
	"net/http"

	"github.com/vpnconform/vpnconform/openapi"
)

// Case is one request and the answer expected to it.
type Case struct {
	ID    string // permanent: example/static, IkePolicy.lifetime_seconds.maximum/above
	Title string // a sentence that says what the case shows

	// Operation is the id of the operation that the request calls.
	Operation string

	Level  string // how binding it is: must, should or may
	Source string // citation
	Errata []string

	// Rule is the rule that the case shows; nil for a documented example and for
	// a case that no rule yields.
	Rule *openapi.Rule

	// Twin is the id of an accepted case. A refused case differs from it in one
	// place, so that its refusal says something about its rule alone; the refusal
	// of an open case says nothing unless the twin is accepted. Twin is empty for
	// an accepted case.
	Twin string

	// Change makes the request: a documented example, a patch, and the objects
	// that the target is expected to have.
	Change openapi.Violate

	Request  []byte // body as the page prints it; nil unless the case is an example
	Golden   []byte // body of the documented answer, corrected; nil unless the case is an example
	Wire     Wire   // how the request is sent
	Statuses []int  // accepted statuses of the answer, the documented one first

	// Also are the ids of other rules that a refused request breaks: see
	// [openapi.Violate].
	Also []string

	// Parameter is a parameter that is sent in another way than usual, or left
	// out; nil if there is none.
	Parameter *Parameter

	// SetUp are the requests that are sent before. Their answers have the values
	// of the operation's path.
	SetUp []Step

	// Place is the member of the request that the case is about, a JSON Pointer;
	// empty if it is about none.
	Place string

	// Open says that no source claims whether the request is accepted. An answer
	// that accepts it must still repeat this request.
	Open bool

	// Duty says that the case sends nothing: it judges all answers of a run by
	// Rule, which is a duty. See [openapi.Duty].
	Duty bool

	// Further are other requests that are sent at the same time as that of Change.
	Further []openapi.Violate

	// Turn is the number of objects of the environment to skip before the first
	// suitable one is taken. Cases with different turns use different objects, so
	// that a rule that is enforced for one object alone is noticed.
	Turn int

	// Unknown is the member whose value names nothing that the target has,
	// although it breaks no rule; empty if there is none.
	Unknown string

	draw           func(*rand.Rand) []byte // draws the patch of Change; nil for one that is fixed
	inSurroundings bool                    // the whole request is drawn with its surroundings
}

// Parameter is a value of a parameter of the operation.
type Parameter struct {
	In, Name string // path, query or header
	Value    string
	Absent   bool
}

// Step is a documented request that is sent before the one under test.
type Step struct {
	Operation, Example string
	Take               map[string]openapi.Value // values of its answer, by the name of the parameter that takes them
}

// Accepted reports whether the request has to be accepted.
func (c Case) Accepted() bool { return c.hasVerdict() && c.Statuses[0] < http.StatusMultipleChoices }

// Refused reports whether the request has to be refused.
func (c Case) Refused() bool { return c.hasVerdict() && !c.Accepted() }

// hasVerdict reports whether the case says that its request is accepted or refused.
func (c Case) hasVerdict() bool { return !c.Duty && !c.Open && len(c.Statuses) > 0 }

// Breaks returns the ids of the rules that the request breaks, sorted: the rule of
// a refused case and those of Also; none for any other case.
func (c Case) Breaks() []string {
	if c.Rule == nil || !c.Refused() {
		return nil
	}
	return openapi.Violate{Also: c.Also}.Breaks(c.Rule)
}

// Nth returns the case with its nth request alone, counted from 0.
func (c Case) Nth(n int) Case {
	if n > 0 && n <= len(c.Further) {
		c.Change, c.Golden, c.Request = c.Further[n-1], nil, nil
	}
	c.Further = nil
	return c
}

// brokenPlaces are the places of a refused request that break their schema.
func (c Case) brokenPlaces() []string {
	if c.Rule == nil || c.Rule.Kind != openapi.Keyword || !c.Refused() {
		return nil
	}
	return []string{c.Place}
}
