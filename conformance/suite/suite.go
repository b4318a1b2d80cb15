package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/vpnconform/vpnconform/openapi"
)

// Suite is all cases of an operation.
type Suite struct {
	Cases []Case // in a fixed order: the examples, the rules, the transport

	doc     *openapi.Document
	op      openapi.Operation
	decoded map[string]any // the documented requests, by name
	index   map[string]int // of the cases, by id
	digest  func() string
	last    atomic.Pointer[drawnSuite] // that was asked for
	kind    string                     // JSON Pointer of the member that makes a request of its kind
	around  []ring
	drawn   map[string]string // texts that the seed puts in the place of documented ones
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

// New derives the suite of a document's operation CreateVpnConnection. Every
// request is held against the document; an error names a rule that has no
// case of a side and is not [Excluded].
func New(doc *openapi.Document) (*Suite, error) {
	op, ok := doc.Operation("CreateVpnConnection")
	if !ok {
		return nil, fmt.Errorf("the document has no operation CreateVpnConnection")
	}
	s := &Suite{doc: doc, op: op, decoded: map[string]any{}, index: map[string]int{}}
	for _, name := range doc.Examples(op) {
		var err error
		if s.decoded[name], err = doc.Violated(op, openapi.Violate{Example: name, Patch: []byte("[]")}); err != nil {
			return nil, fmt.Errorf("example %s: %w", name, err)
		}
	}
	if err := s.documented(); err != nil {
		return nil, err
	}
	if err := s.derive(); err != nil {
		return nil, err
	}
	if err := s.listed(); err != nil {
		return nil, err
	}
	if err := s.blocks(); err != nil {
		return nil, err
	}
	if err := s.surround(); err != nil {
		return nil, err
	}
	s.unclaimed()
	s.transport()
	s.duties()
	for i, c := range s.Cases {
		s.index[c.ID] = i
	}
	s.digest = sync.OnceValue(s.sum)
	return s, nil
}

// duties adds a case for every duty.
func (s *Suite) duties() {
	for _, r := range s.doc.Rules {
		if r.Duty == "" {
			continue
		}
		s.Cases = append(s.Cases, Case{
			ID: "duty/" + r.ID, Title: r.Message + ", in every answer", Level: string(r.Level), Source: r.Source, Errata: r.Errata,
			Rule: r, Duty: true,
		})
	}
}

// unclaimed adds the requests of which nobody says whether they are accepted.
func (s *Suite) unclaimed() {
	for _, r := range s.doc.Unclaimed {
		at, ok := openapi.Find(s.op.JSON(), r.Schema)
		if !ok {
			continue
		}
		for i, v := range r.Violate {
			s.Cases = append(s.Cases, Case{
				ID: fmt.Sprintf("%s/open-%d", r.ID, i+1), Title: r.Message + ": whoever accepts it answers it like any other request",
				Level: string(openapi.Must), Source: r.Source, Errata: r.Errata, Place: at + r.Fields[0],
				Change: v, Statuses: []int{http.StatusCreated}, Open: true,
			})
		}
	}
}

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
