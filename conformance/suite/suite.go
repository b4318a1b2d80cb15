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

// Suite is all cases of a document, with the values that a seed determines.
type Suite struct {
	Cases []Case // in a fixed order: those of the first operation, those of the second, ...

	doc    *openapi.Document
	parts  map[string]*part // by the id of the operation
	index  map[string]int   // of the cases, by id
	digest func() string

	released bool // it is of the embedded document
}

// part is the cases of one operation: the examples, the rules, the transport, the
// duties.
type part struct {
	Cases []Case

	*base
	drawn map[string]string // texts that the seed puts in the place of documented ones
}

// base is what all parts of an operation have in common.
type base struct {
	doc     *openapi.Document
	op      openapi.Operation
	printed fs.FS          // the documented examples, see [Derive]; nil for none
	decoded map[string]any // the documented requests, by name
	kind    string         // JSON Pointer of the member that makes a request of its kind
	kinds   []variant
	anchors []*anchor

	named    []openapi.Named           // members of the request
	shows    []openapi.Named           // members of the answer
	secret   string                    // JSON Pointer of the member that is one; empty if there is none
	targets  []openapi.Facts           // see [part.differentTargets]
	doubtful map[*openapi3.Schema]bool // members that only other material knows
	fixed    []Case                    // but for those in drawn surroundings, and with values of the seed 0
	setUp    []Step                    // see [setUp]
	gaps     []Gap                     // rules without a case
	first    bool                      // operation of the document, which has what is about all of them
}

// Gap is a rule of which no case could be made, or none of a side.
type Gap struct{ Operation, Rule, Why string }

// Gaps returns the rules that no case shows from a side that it should be shown
// from, in the order of the document.
func (s *Suite) Gaps() []Gap {
	var out []Gap
	for _, op := range s.doc.Operations() {
		out = append(out, s.parts[op.OperationID].gaps...)
	}
	return out
}

// statuses are those of an answer to a request that is carried out.
func (b *base) statuses() []int { return []int{b.op.Success()} }

// Derived is what all suites of a document have in common. It is safe for
// concurrent use.
type Derived struct {
	doc      *openapi.Document
	bases    []*base
	released bool // it is of the embedded document

	drawing sync.Mutex
	kept    []*drawnSuite // those drawn last
}

// Load returns the suite of the embedded document with the values of a seed. It
// is shared: not to be changed.
func Load(seed uint64) (*Suite, error) {
	d, err := load()
	if err != nil {
		return nil, err
	}
	return d.Draw(seed)
}

// load is state of the package because deriving takes longer than a small run.
var load = sync.OnceValues(func() (*Derived, error) {
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

// New derives the suite of a document, with the values of a seed: see [Derive]. Every request
// is held against the document. [Suite.Gaps] names the rules of which no case could
// be made.
func New(doc *openapi.Document, printed fs.FS, seed uint64) (*Suite, error) {
	d, err := Derive(doc, printed)
	if err != nil {
		return nil, err
	}
	return d.Draw(seed)
}

// Derive derives what every suite of a document has. Printed has the examples as
// they are printed on a page, a directory each: request.json, response.json, and
// errata.json, a JSON Patch of what is wrong there. It is nil if the document's own
// are all there is.
func Derive(doc *openapi.Document, printed fs.FS) (*Derived, error) {
	d := &Derived{doc: doc}
	for i, op := range doc.Operations() {
		b, err := derived(doc, op, printed, i == 0)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op.OperationID, err)
		}
		d.bases = append(d.bases, b)
	}
	return d, nil
}

// derived derives what every part of an operation has.
func derived(doc *openapi.Document, op openapi.Operation, printed fs.FS, first bool) (*base, error) {
	s := &part{base: &base{doc: doc, op: op, printed: printed, first: first, setUp: setUp(doc, op), decoded: map[string]any{}}}
	s.named, s.shows = doc.Named(op.JSON()), doc.Named(op.Answer(op.Success()))
	s.secret, _ = doc.Secret(op)
	for _, name := range doc.Examples(op) {
		var err error
		if s.decoded[name], err = doc.Violated(op, openapi.Violate{Example: name, Patch: []byte("[]")}); err != nil {
			return nil, fmt.Errorf("example %s: %w", name, err)
		}
	}
	if err := s.documented(); err != nil {
		return nil, err
	}
	s.derive()
	for _, add := range []func() error{s.listed, s.blocks} {
		if err := add(); err != nil {
			return nil, err
		}
	}
	s.unclaimed()
	s.afterwards()
	s.transport()
	s.duties()
	s.fixed = s.Cases
	if len(s.decoded) == 0 {
		return s.base, nil
	}
	s.doubtful = s.doubtfulMembers()
	s.kinds, s.kind = s.variants()
	s.anchors, s.targets = s.anchorsOf(), s.differentTargets()
	return s.base, nil
}

// Document returns the document that the cases are derived from. A nil Derived is
// that of the embedded document.
func (d *Derived) Document() (*openapi.Document, error) {
	if d == nil {
		return openapi.Load()
	}
	return d.doc, nil
}

// Draw returns the suite with the values of a seed. It is shared: not to be
// changed. A nil Derived is that of the embedded document.
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
	s.digest = sync.OnceValue(s.sum)
	if len(d.kept) == mostKept {
		d.kept = d.kept[1:]
	}
	d.kept = append(d.kept, &drawnSuite{seed, s})
	return s, nil
}

// Name is the id of a case without its operation.
func (c Case) Name() string { return strings.TrimPrefix(c.ID, c.Operation+"/") }

// qualify puts the operation before the ids of a case, unless they begin with it.
func (c *Case) qualify() {
	for _, id := range []*string{&c.ID, &c.Twin} {
		if *id != "" && !strings.HasPrefix(*id, c.Operation+"/") && !strings.HasPrefix(*id, "duty/") {
			*id = c.Operation + "/" + *id
		}
	}
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
func (s *part) duties() {
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

// unclaimed adds the requests of which nobody says whether they are accepted.
func (s *part) unclaimed() {
	for _, r := range s.doc.Unclaimed {
		at, ok := openapi.Find(s.op.JSON(), r.Schema)
		if !ok {
			continue
		}
		for i, v := range r.Violate {
			s.Cases = append(s.Cases, Case{
				ID: fmt.Sprintf("%s/open-%d", r.ID, i+1), Title: r.Message + ": a target that accepts it answers as usual",
				Level: string(r.Level), Source: r.Source, Errata: r.Errata, Place: at + r.Fields[0],
				Change: v, Twin: "example/" + v.Example, Statuses: append(s.statuses(), refusals(r)...), Open: true,
			})
		}
	}
}

// Case returns the case with that id. The id may lack the operation if only one has
// such a case.
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

// sum makes the digest of everything that decides what a case sends and expects.
// The requests that a seed draws are not in it, nor the facts that a drawn case
// takes the target to have and the place that it is about.
func (s *Suite) sum() string {
	hash := sha256.New()
	facts := map[string]string{} // most cases have the same
	for _, c := range s.Cases {
		patch, at, place := c.Change.Patch, s.factsOf(facts, c), c.Place
		if c.Draws() {
			patch, at, place = nil, "", ""
		}
		_, _ = fmt.Fprintf(hash, "%q %s %s %q %s %v %q %q %s\n", c.ID, c.Operation, c.Level, c.Change.Example, patch, c.Statuses, c.Golden, c.Request, at)
		_, _ = fmt.Fprintf(hash, " %q %q %q %q %v %v %d %v %v %s\n", c.Twin, ruleID(c), place, c.Also, c.Open, c.Duty, len(c.Further), c.Parameter, c.SetUp, c.Wire.text())
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// factsOf is what a case takes the target to have, as JSON.
func (s *Suite) factsOf(known map[string]string, c Case) string {
	key := fmt.Sprintf("%p", c.Change.Facts)
	if _, ok := known[key]; !ok {
		data, _ := json.Marshal(c.Change.Facts) // decoded JSON always encodes
		known[key] = string(data)
	}
	return known[key]
}

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
