package suite

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/testdata"
)

// Suite is all cases of a document, with the values that a seed draws.
type Suite struct {
	Cases []Case // in a fixed order: those of the first operation, those of the second, ...

	doc    *openapi.Document
	parts  map[string]*part // by the id of the operation
	index  map[string]int   // of the cases, by id
	digest func() string

	released bool // it is of the embedded document
}

// part is the cases of one operation: its examples, its rules, the ways to send
// its request, its duties.
type part struct {
	Cases []Case

	*base
	drawn map[string]string // the blocks of a seed, by the documented blocks that they replace
}

// base is what the parts of one operation share, whatever the seed. It is derived
// once, because deriving takes longer than drawing.
type base struct {
	doc     *openapi.Document
	op      openapi.Operation
	printed fs.FS          // the documented examples, see [Derive]; nil for none
	decoded map[string]any // the documented requests, by name
	kind    string         // JSON Pointer of the member that says which kind a request is of
	kinds   []variant
	anchors []*anchor

	requestNames []openapi.Named           // members of the request
	answerNames  []openapi.Named           // members of the answer
	secret       string                    // JSON Pointer of the secret member; empty if there is none
	targets      []openapi.Facts           // see [part.differentTargets]
	doubtful     map[*openapi3.Schema]bool // see [part.doubtfulMembers]
	fixed        []Case                    // the cases without those in drawn surroundings, with the values of the seed 0
	setUp        []Step                    // see [setUpSteps]
	gaps         []Gap                     // rules without a case
	first        bool                      // the first operation has the duties of all operations
}

// Gap is a rule that has no case, or no case from one side.
type Gap struct{ Operation, Rule, Why string }

// Gaps returns the rules that lack a case from a side that needs one, in the order
// of the document.
func (s *Suite) Gaps() []Gap {
	var out []Gap
	for _, op := range s.doc.Operations() {
		out = append(out, s.parts[op.OperationID].gaps...)
	}
	return out
}

// successStatuses are the statuses of an answer to a request that is carried out.
func (b *base) successStatuses() []int { return []int{b.op.Success()} }

// Derived is what all suites of a document share. It is safe for concurrent use.
type Derived struct {
	doc      *openapi.Document
	bases    []*base
	released bool // it is of the embedded document

	drawing sync.Mutex
	kept    []*drawnSuite // the suites drawn last
}

// Load returns the suite of the embedded document with the values of a seed. The
// suite is shared: callers must not change it.
func Load(seed uint64) (*Suite, error) {
	d, err := loadDerived()
	if err != nil {
		return nil, err
	}
	return d.Draw(seed)
}

// loadDerived is state of the package because deriving takes longer than a small
// run.
var loadDerived = sync.OnceValues(func() (*Derived, error) {
	doc, err := openapi.Load()
	if err != nil {
		return nil, err
	}
	printed, err := fs.Sub(testdata.Examples, "examples")
	if err != nil {
		return nil, err
	}
	d, err := Derive(doc, printed)
	if err != nil {
		return nil, err
	}
	d.released = true
	return d, nil
})

// New derives the suite of a document and draws the values of a seed: see [Derive].
func New(doc *openapi.Document, printed fs.FS, seed uint64) (*Suite, error) {
	d, err := Derive(doc, printed)
	if err != nil {
		return nil, err
	}
	return d.Draw(seed)
}

// Derive derives what every suite of a document shares, and checks every request
// against the document. Printed has the examples as a page prints them, a
// directory each: request.json, response.json, and errata.json, a JSON Patch that
// corrects the response. It is nil if the document's own examples are all there
// are.
func Derive(doc *openapi.Document, printed fs.FS) (*Derived, error) {
	d := &Derived{doc: doc}
	for i, op := range doc.Operations() {
		b, err := deriveBase(doc, op, printed, i == 0)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.OperationID, err)
		}
		d.bases = append(d.bases, b)
	}
	return d, nil
}

// deriveBase derives what every part of an operation shares.
func deriveBase(doc *openapi.Document, op openapi.Operation, printed fs.FS, first bool) (*base, error) {
	s := &part{base: &base{doc: doc, op: op, printed: printed, first: first, setUp: setUpSteps(doc, op), decoded: map[string]any{}}}
	s.requestNames, s.answerNames = doc.Named(op.JSON()), doc.Named(op.Answer(op.Success()))
	s.secret, _ = doc.Secret(op)
	for _, name := range doc.Examples(op) {
		var err error
		if s.decoded[name], err = doc.Violated(op, openapi.Violate{Example: name, Patch: []byte("[]")}); err != nil {
			return nil, fmt.Errorf("example %s: %w", name, err)
		}
	}
	if err := s.addDocumented(); err != nil {
		return nil, err
	}
	s.derive()
	for _, add := range []func() error{s.addListed, s.addBlockNotations} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	s.addUnclaimed()
	s.addEffects()
	s.addTransport()
	s.addDuties()
	s.fixed = s.Cases
	if len(s.decoded) == 0 {
		return s.base, nil
	}
	s.doubtful = s.doubtfulMembers()
	s.kinds, s.kind = s.variants()
	s.anchors, s.targets = s.anchorsOf(), s.differentTargets()
	return s.base, nil
}

// Document returns the document that the cases are derived from. A nil Derived
// stands for the embedded document.
func (d *Derived) Document() (*openapi.Document, error) {
	if d == nil {
		return openapi.Load()
	}
	return d.doc, nil
}

// Draw returns the suite with the values of a seed. The suite is shared: callers
// must not change it. A nil Derived stands for the embedded document.
func (d *Derived) Draw(seed uint64) (*Suite, error) {
	if d == nil {
		return Load(seed)
	}
	d.drawing.Lock()
	defer d.drawing.Unlock()
	for _, k := range d.kept {
		if k.seed == seed {
			return k.suite, nil
		}
	}
	s := &Suite{doc: d.doc, released: d.released, parts: map[string]*part{}, index: map[string]int{}}
	for _, b := range d.bases {
		p := &part{base: b, Cases: slices.Clone(b.fixed)}
		if len(b.decoded) > 0 {
			p.draw(seed)
			p.surround(seed)
		}
		for i := range p.Cases {
			p.Cases[i].Operation = b.op.OperationID
			if !p.Cases[i].Duty && p.Cases[i].SetUp == nil {
				p.Cases[i].SetUp = b.setUp
			}
			p.Cases[i].qualify()
		}
		s.parts[b.op.OperationID] = p
		if s.Cases == nil {
			s.Cases = p.Cases
		} else {
			s.Cases = append(s.Cases, p.Cases...)
		}
	}
	for i, c := range s.Cases {
		if _, twice := s.index[c.ID]; twice {
			return nil, fmt.Errorf("two cases have the id %s", c.ID)
		}
		s.index[c.ID] = i
	}
	s.digest = sync.OnceValue(s.computeDigest)
	if len(d.kept) == mostKept {
		d.kept = d.kept[1:]
	}
	d.kept = append(d.kept, &drawnSuite{seed, s})
	return s, nil
}

// Name returns the id of a case without its operation.
func (c Case) Name() string { return strings.TrimPrefix(c.ID, c.Operation+"/") }

// qualify puts the operation before the id of a case and of its twin, unless they
// begin with it.
func (c *Case) qualify() {
	for _, id := range []*string{&c.ID, &c.Twin} {
		if *id != "" && !strings.HasPrefix(*id, c.Operation+"/") && !strings.HasPrefix(*id, "duty/") {
			*id = c.Operation + "/" + *id
		}
	}
}

// mostKept is the number of suites that are kept. Drawing one takes seconds, and a
// program knows few seeds.
const mostKept = 4

// drawnSuite is a suite and the seed that it was drawn with.
type drawnSuite struct {
	seed  uint64
	suite *Suite
}

// addDuties adds a case for every duty.
func (s *part) addDuties() {
	for _, r := range s.doc.Rules {
		if r.Duty == "" || r.Operation != s.op.OperationID && (r.Operation != "" || !s.first) {
			continue
		}
		s.Cases = append(s.Cases, Case{
			ID: "duty/" + r.ID, Title: r.Message + ", in every answer", Level: string(r.Level), Source: r.Source, Errata: r.Errata,
			Rule: r, Duty: true,
		})
	}
}

// addUnclaimed adds the requests of which no source says whether they are accepted.
func (s *part) addUnclaimed() {
	for _, r := range s.doc.Unclaimed {
		at, ok := openapi.Find(s.op.JSON(), r.Schema)
		if !ok {
			continue
		}
		for i, v := range r.Violate {
			s.Cases = append(s.Cases, Case{
				ID: fmt.Sprintf("%s/open-%d", r.ID, i+1), Title: r.Message + ": a target that accepts it answers as usual",
				Level: string(r.Level), Source: r.Source, Errata: r.Errata, Place: at + r.Fields[0],
				Change: v, Twin: "example/" + v.Example, Statuses: append(s.successStatuses(), refusals(r)...), Open: true,
			})
		}
	}
}

// Case returns the case with that id. The id may lack the operation if only one
// operation has such a case.
func (s *Suite) Case(id string) (Case, bool) {
	i, ok := s.index[id]
	if ok {
		return s.Cases[i], true
	}
	var found []int
	for _, op := range s.doc.Operations() {
		if i, ok := s.index[op.OperationID+"/"+id]; ok {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		return Case{}, false
	}
	return s.Cases[found[0]], true
}

// Bind binds a case to an environment: see [part.Bind].
func (s *Suite) Bind(c Case, e environment.Environment, psk string) (Bound, error) {
	p, ok := s.parts[c.Operation]
	if !ok {
		return Bound{}, fmt.Errorf("%s: there is no operation %q", c.ID, c.Operation)
	}
	return p.Bind(c, e, psk)
}

// Digest returns the SHA-256 of all cases, in hexadecimal.
func (s *Suite) Digest() string { return s.digest() }

// computeDigest hashes everything that decides what a case sends and expects. It
// leaves out the requests that a seed draws, the place that such a case is about
// and the objects that it expects of the target: suites of different seeds have
// the same digest, because the seed is recorded beside it.
func (s *Suite) computeDigest() string {
	hash := sha256.New()
	facts := map[string]string{} // see factsOf
	for _, c := range s.Cases {
		patch, at, place := c.Change.Patch, s.factsOf(facts, c), c.Place
		if c.Draws() {
			patch, at, place = nil, "", ""
		}
		_, _ = fmt.Fprintf(hash, "%q %s %s %q %s %v %q %q %s\n", c.ID, c.Operation, c.Level, c.Change.Example, patch, c.Statuses, c.Golden, c.Request, at)
		_, _ = fmt.Fprintf(hash, " %q %q %q %q %v %v %d %v %v %s\n", c.Twin, ruleID(c), place, c.Also, c.Open, c.Duty, len(c.Further), c.Parameter, c.SetUp, c.Wire.describe())
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// factsOf returns what a case expects the target to have, as JSON. Most cases share
// one map, so that its address is a good key.
func (s *Suite) factsOf(encoded map[string]string, c Case) string {
	key := fmt.Sprintf("%p", c.Change.Facts)
	if _, ok := encoded[key]; !ok {
		data, _ := json.Marshal(c.Change.Facts) // decoded JSON always encodes
		encoded[key] = string(data)
	}
	return encoded[key]
}

// ruleID returns the id of a case's rule, empty if it has none.
func ruleID(c Case) string {
	if c.Rule == nil {
		return ""
	}
	return c.Rule.ID
}

// Document returns the document that the suite is derived from.
func (s *Suite) Document() *openapi.Document { return s.doc }

// Operation returns the operation that a case is of.
func (s *Suite) Operation(c Case) openapi.Operation { return s.parts[c.Operation].op }
