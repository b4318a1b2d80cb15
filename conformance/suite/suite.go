package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// Suite is all cases of an operation, with the values that a seed determines.
type Suite struct {
	Cases []Case // in a fixed order: the examples, the rules, the transport, the duties

	*base
	index  map[string]int // of the cases, by id
	digest func() string
	drawn  map[string]string // texts that the seed puts in the place of documented ones
}

// base is what all suites of a document have in common.
type base struct {
	doc     *openapi.Document
	op      openapi.Operation
	decoded map[string]any // the documented requests, by name
	kind    string         // JSON Pointer of the member that makes a request of its kind
	kinds   []variant
	anchors []*anchor

	gatewayIs map[string]bool           // see [gatewayIs]
	targets   []openapi.Facts           // see [Suite.differentTargets]
	doubtful  map[*openapi3.Schema]bool // members that only other material knows
	fixed     []Case                    // but for those in drawn surroundings, and with values of the seed 0

	drawing sync.Mutex
	kept    []*drawnSuite // those drawn last
}

// Load returns the suite of the embedded document with the values of a seed. It
// is shared: not to be changed.
func Load(seed uint64) (*Suite, error) {
	b, err := load()
	if err != nil {
		return nil, err
	}
	return b.drawn(seed)
}

// load is state of the package because deriving takes longer than a small run.
var load = sync.OnceValues(func() (*base, error) {
	doc, err := openapi.Load()
	if err != nil {
		return nil, err
	}
	return derived(doc)
})

// New derives the suite of a document's operation CreateVpnConnection, with the
// values of a seed. Every request is held against the document; an error names a
// rule that has no case of a side and is not [Excluded].
func New(doc *openapi.Document, seed uint64) (*Suite, error) {
	b, err := derived(doc)
	if err != nil {
		return nil, err
	}
	return b.drawn(seed)
}

// derived derives what every suite of a document has.
func derived(doc *openapi.Document) (*base, error) {
	op, ok := doc.Operation("CreateVpnConnection")
	if !ok {
		return nil, fmt.Errorf("the document has no operation CreateVpnConnection")
	}
	s := &Suite{base: &base{doc: doc, op: op, decoded: map[string]any{}}}
	for _, name := range doc.Examples(op) {
		var err error
		if s.decoded[name], err = doc.Violated(op, openapi.Violate{Example: name, Patch: []byte("[]")}); err != nil {
			return nil, fmt.Errorf("example %s: %w", name, err)
		}
	}
	for _, add := range []func() error{s.documented, s.derive, s.listed, s.blocks} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	s.unclaimed()
	s.transport()
	s.duties()
	s.fixed = s.Cases
	s.doubtful = s.doubtfulMembers()
	s.gatewayIs = gatewayIs(doc)
	s.kinds, s.kind = s.variants()
	s.anchors, s.targets = s.anchorsOf(), s.differentTargets()
	return s.base, nil
}

// drawn is the suite with the values of a seed.
func (b *base) drawn(seed uint64) (*Suite, error) {
	b.drawing.Lock()
	defer b.drawing.Unlock()
	for _, k := range b.kept {
		if k.seed == seed {
			return k.suite, nil
		}
	}
	s := &Suite{base: b, Cases: slices.Clone(b.fixed), index: map[string]int{}}
	s.draw(seed)
	s.surround(seed)
	for i, c := range s.Cases {
		if _, twice := s.index[c.ID]; twice {
			return nil, fmt.Errorf("two cases have the id %s", c.ID)
		}
		s.index[c.ID] = i
	}
	s.digest = sync.OnceValue(s.sum)
	if len(b.kept) == mostKept {
		b.kept = b.kept[1:]
	}
	b.kept = append(b.kept, &drawnSuite{seed, s})
	return s, nil
}

// mostKept is the number of suites that are kept: drawing one takes seconds, and
// a program knows few seeds.
const mostKept = 4

// drawnSuite is a suite and the seed that it was drawn with.
type drawnSuite struct {
	seed  uint64
	suite *Suite
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
				ID: fmt.Sprintf("%s/open-%d", r.ID, i+1), Title: r.Message + ": a target that accepts it answers as usual",
				Level: string(r.Level), Source: r.Source, Errata: r.Errata, Place: at + r.Fields[0],
				Change: v, Twin: "example/" + v.Example, Statuses: append([]int{http.StatusCreated}, refusals(r)...), Open: true,
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

// sum makes the digest. The requests that a seed draws are not in it.
func (s *Suite) sum() string {
	hash := sha256.New()
	for _, c := range s.Cases {
		patch := c.Change.Patch
		if c.Draws() {
			patch = nil
		}
		_, _ = fmt.Fprintf(hash, "%q %s %q %s %v %q\n", c.ID, c.Level, c.Change.Example, patch, c.Statuses, c.Golden)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// Document returns the document that the suite is derived from, and Operation
// the operation.
func (s *Suite) Document() *openapi.Document { return s.doc }

// Operation returns the operation that the cases are of.
func (s *Suite) Operation() openapi.Operation { return s.op }
