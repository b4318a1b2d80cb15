package suite

import (
	"math/rand/v2"
	"net/http"

	"github.com/vpnconform/vpnconform/openapi"
)

// Case is one request and the answer expected to it.
type Case struct {
	ID     string // permanent: example/static, IkePolicy.lifetime_seconds.maximum/above
	Title  string // what the case shows, in a sentence
	Level  string // how binding it is: must, should or may
	Source string // citation
	Errata []string

	// Rule is the one that the case shows; nil for a documented example and
	// for what no rule says.
	Rule *openapi.Rule

	// Twin is the id of the accepted case from which a refused one differs in
	// one place. It is empty for an accepted case.
	Twin string

	// Change makes the request: a documented example and a patch, and what the
	// target is taken to have.
	Change openapi.Violate

	Request  []byte // body as the page prints it; nil but for an example
	Golden   []byte // body of the documented answer, corrected; nil but for an example
	Wire     Wire   // how the request is sent
	Statuses []int  // of an answer that is right, the documented one first

	// Unknown is the member whose value names nothing that the target has,
	// though it breaks no rule; empty if there is none.
	Unknown string

	draw func(*rand.Rand) []byte // makes the patch of Change anew; nil for one that is fixed
}

// Accepted tells whether the request is to be accepted.
func (c Case) Accepted() bool { return c.Statuses[0] == http.StatusCreated }

// Breaks returns the ids of the rules that the request breaks: that of the case
// if it is refused for it, otherwise none.
func (c Case) Breaks() []string {
	if c.Rule == nil || c.Accepted() {
		return nil
	}
	return []string{c.Rule.ID}
}
