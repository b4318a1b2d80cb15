package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"

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

// Suite is all cases of an operation.
type Suite struct {
	Cases []Case // in a fixed order: the examples, the rules, the transport

	doc     *openapi.Document
	op      openapi.Operation
	decoded map[string]any // the documented requests, by name
	index   map[string]int // of the cases, by id
	digest  func() string
	last    atomic.Pointer[drawnSuite] // that was asked for
}

// Load returns the suite of the embedded document, which is derived once and
// shared: not to be changed.
func Load() (*Suite, error) { return load() }

// load is state of the package because deriving takes longer than a small run.
var load = sync.OnceValues(func() (*Suite, error) {
	doc, err := openapi.Load()
	if err != nil {
		return nil, err
	}
	return New(doc)
})

// Case returns the case with that id.
func (s *Suite) Case(id string) (Case, bool) {
	i, ok := s.index[id]
	if !ok {
		return Case{}, false
	}
	return s.Cases[i], true
}

// Digest returns the SHA-256 of all cases, in hexadecimal.
func (s *Suite) Digest() string { return s.digest() }

// sum makes the digest.
func (s *Suite) sum() string {
	hash := sha256.New()
	for _, c := range s.Cases {
		_, _ = fmt.Fprintf(hash, "%q %s %q %s %v %q\n", c.ID, c.Level, c.Change.Example, c.Change.Patch, c.Statuses, c.Golden)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Document returns the document that the suite is derived from, and Operation
// the operation.
func (s *Suite) Document() *openapi.Document { return s.doc }

// Operation returns the operation that the cases are of.
func (s *Suite) Operation() openapi.Operation { return s.op }
