package openapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

//go:embed vpn.yaml
var vpn []byte

//go:embed cases.yaml
var vpnCases []byte

//go:embed environment.yaml
var vpnEnvironment []byte

// Source returns a copy of the document of the VPN connection API, in YAML.
func Source() []byte { return bytes.Clone(vpn) }

// Document is an OpenAPI document and its rules. It is not changed after
// Parse and is safe for concurrent use.
type Document struct {
	// T is kin-openapi's model; a value of x-default-shown has become the default
	// of its schema.
	T *openapi3.T

	// Rules holds every rule, in the order of the document.
	Rules []*Rule

	// Unclaimed holds the rules of x-unclaimed. No source says whether a request
	// that breaks one of them is accepted, so neither verdict on it is judged.
	Unclaimed []*Rule

	// Errors says how an answer refuses a request; nil without x-errors.
	Errors *Errors

	// Facts are the examples of the facts, by name: the objects of the target of
	// the documented examples.
	Facts Facts

	// Sources are the publications that citations name, by id; empty for a document
	// that lists none.
	Sources map[string]Publication

	// Transport is x-transport: the citations for cases of HTTP and JSON, by kind.
	Transport map[string]string

	// Cases lists cases that no rule yields, in YAML; empty if there are none.
	Cases []byte

	// Environment describes the target of the documented examples, in YAML; if empty,
	// the examples of the facts do.
	Environment []byte

	file         *source.File
	adapted      []byte // the document as Read has adapted it, nil for Parse
	digest       string
	pages        []page // the sources that citations name without their id
	byID         map[string]*Rule
	byKeyword    map[keyword]*Rule
	byObject     map[*openapi3.Schema][]*Rule         // the cross-field rules, by their object
	unclaimed    map[*openapi3.Schema][]*Rule         // the rules of Unclaimed, by their object
	openPatterns map[*openapi3.Schema]*regexp.Regexp  // the x-unclaimed of members
	members      map[*openapi3.Schema][]string        // the sorted names of the properties of an object in a body
	operations   []Operation                          // in the order of the document
	after        map[string][]*Rule                   // the postconditions, by the id of their operation
	kinds        []Fact                               // in the order of the document
	shown        map[string][]shown                   // the parameters that an answer repeats, by the id of its operation
	links        map[string][]Link                    // of the success of an operation, by its id
	headers      map[*openapi3.Header]*Rule           // that a header field of an answer is present
	examples     map[string]map[string]requestExample // of requests, by the id of their operation and their name
}

// keyword is a keyword of one schema; member is set for `required` alone, which
// yields one rule for each member.
type keyword struct {
	schema       *openapi3.Schema
	name, member string
}

// Load returns the embedded document. It is parsed once and shared; do not change it.
func Load() (*Document, error) { return load() }

// load is the only state of the package. Parsing the document takes longer than a
// small run, and it is needed in many places.
var load = sync.OnceValues(func() (*Document, error) {
	doc, err := parse("vpn.yaml", vpn, true)
	if err != nil {
		return nil, err
	}
	doc.Cases, doc.Environment = vpnCases, vpnEnvironment
	return doc, nil
})

// Parse reads a document in YAML or JSON. The name is used in messages only.
// The error is [Faults].
func Parse(name string, data []byte) (*Document, error) { return parse(name, data, false) }

// parse reads a document. The examples and violations of a trusted one, which is the
// embedded document, are not judged again: a test does that.
func parse(name string, data []byte, trusted bool) (*Document, error) {
	p, err := newParser(name, data)
	if err != nil {
		return nil, err
	}
	p.trusted = trusted
	if err := findDeepCircles(p.doc.file); err != nil {
		return nil, err
	}
	return p.parse(data, p.doc.file.JSON(), openapi3.DisableExamplesValidation())
}

// newParser reads the text of a document.
func newParser(name string, data []byte) (*parser, error) {
	file, err := source.Read(name, data)
	if err != nil {
		return nil, err
	}
	if file.Empty() {
		return nil, Faults{{File: name, Message: "want one YAML document"}}
	}
	return &parser{doc: &Document{
		file:         file,
		digest:       fmt.Sprintf("%x", sha256.Sum256(data)),
		byID:         map[string]*Rule{},
		byKeyword:    map[keyword]*Rule{},
		byObject:     map[*openapi3.Schema][]*Rule{},
		unclaimed:    map[*openapi3.Schema][]*Rule{},
		openPatterns: map[*openapi3.Schema]*regexp.Regexp{},
		members:      map[*openapi3.Schema][]string{},
		after:        map[string][]*Rule{},
		links:        map[string][]Link{},
		shown:        map[string][]shown{},
		headers:      map[*openapi3.Header]*Rule{},
		examples:     map[string]map[string]requestExample{},
	}}, nil
}

// parse makes the model and the rules of the document in json; data is the text that
// it was read from.
func (p *parser) parse(data, json []byte, options ...openapi3.ValidationOption) (*Document, error) {
	p.early = parseEarly(ruleTexts(p.doc.file))
	t, err := openapi3.NewLoader().LoadFromData(json)
	if err != nil {
		p.addUnresolved(err, data)
		return nil, p.faults.Sorted()
	}
	p.doc.T = t
	if !strings.HasPrefix(t.OpenAPI, "3.0.") {
		p.fault("/openapi", "version %q is not supported, want OpenAPI 3.0", t.OpenAPI)
		return nil, p.faults.Sorted()
	}
	if err := t.Validate(context.Background(), append(options, openapi3.EnableMultiError())...); err != nil {
		p.addInvalid(err)
		return nil, p.faults.Sorted()
	}
	if t.Components == nil {
		t.Components = &openapi3.Components{}
	}
	if p.findCircles(); len(p.faults) > 0 {
		return nil, p.faults.Sorted()
	}
	if err := p.declareTypes(); err != nil {
		p.fault("/components/schemas", "%v", err)
		return nil, p.faults.Sorted()
	}
	p.gatherOperations()
	p.readSources()
	p.nameSchemas()
	p.gatherFacts()
	p.readErrors()
	p.gatherOperationRules()
	p.gatherComponents()
	p.compile()
	p.markDuties()
	if len(p.faults) > 0 {
		return nil, p.faults.Sorted()
	}
	if p.checkViolations(); len(p.faults) > 0 {
		return nil, p.faults.Sorted()
	}
	return p.doc, nil
}

// Digest returns the SHA-256 of the document as it was read, in hexadecimal.
func (d *Document) Digest() string { return d.digest }

// JSON returns a copy of the document in JSON: as it was read, or as [Read] has
// adapted it.
func (d *Document) JSON() []byte {
	if d.adapted != nil {
		return bytes.Clone(d.adapted)
	}
	return d.file.JSON()
}

// Rule returns the rule with that id, nil when there is none.
func (d *Document) Rule(id string) *Rule { return d.byID[id] }

// Keyword returns the rule that a keyword of a schema states, nil if there is none.
// The member is the required one for `required`, and empty for any other keyword.
func (d *Document) Keyword(schema *openapi3.Schema, name, member string) *Rule {
	return d.byKeyword[keyword{schema, name, member}]
}

// Validations returns the cross-field rules of a schema's object.
func (d *Document) Validations(s *openapi3.Schema) []*Rule { return d.byObject[s] }

// Judged reports whether a postcondition of an operation blames the member of its
// answer at a JSON Pointer.
func (d *Document) Judged(op Operation, pointer string) bool {
	return slices.ContainsFunc(d.after[op.OperationID], func(r *Rule) bool { return slices.Contains(r.Fields, pointer) })
}
