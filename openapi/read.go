package openapi

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// ReadOptions says how [Read] reads a document. The zero value is ready.
type ReadOptions struct {
	// SkipPatterns leaves out the patterns that Go cannot match, with a warning for
	// each. Otherwise they are faults.
	SkipPatterns bool
}

// Read reads a document of somebody else, to generate code from it. It is laxer than
// [Parse]: a mistake that changes nothing in the code is a warning, for example an
// example or a default that breaks its schema, a link that leads nowhere, or a keyword
// beside $ref. Two rules with the same id are told apart by their places.
//
// Where OpenAPI allows several ways to write the same, Read takes the one that the
// generator knows: an allOf of several objects becomes one object, an operation without
// operationId gets one made of its method and path, and application/json;charset=utf-8
// becomes application/json. What is lost is a warning: another media type beside
// application/json, or a value of an enumeration that its type excludes.
//
// The error is [Faults], and so are the warnings.
func Read(name string, data []byte, opts ReadOptions) (doc *Document, warnings Faults, err error) {
	p, err := newParser(name, data)
	if err != nil {
		return nil, nil, err
	}
	p.lax = true
	a := adapter{file: p.doc.file, opts: opts}
	if p.doc.adapted, err = a.adapt(); err != nil {
		return nil, a.warnings.Sorted(), err
	}
	p.warnings = a.warnings
	doc, err = p.parse(data, p.doc.adapted,
		openapi3.DisableExamplesValidation(), openapi3.DisableSchemaDefaultsValidation(), openapi3.DisableSchemaPatternValidation())
	return doc, p.warnings.Sorted(), err
}

// warn adds a mistake that [Read] tolerates and [Parse] does not.
func (p *parser) warn(pointer, format string, args ...any) {
	if !p.lax {
		p.fault(pointer, format, args...)
		return
	}
	p.warnings = append(p.warnings, p.doc.Fault(pointer, format, args...))
}

// placeID returns the id of a rule whose usual id is taken, made of its place.
func (p *parser) placeID(r *Rule) string {
	id := strings.TrimPrefix(r.Pointer, "/")
	if r.Keyword == "exclusiveMinimum" || r.Keyword == "exclusiveMaximum" || p.doc.byID[id] != nil {
		id += "." + r.Keyword // two rules of one keyword
	}
	for unique, n := id, 2; ; n++ {
		if p.doc.byID[unique] == nil {
			return unique
		}
		unique = fmt.Sprint(id, ".", n) // a shared parameter has rules in every operation
	}
}

// clone returns a copy of decoded JSON.
func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, member := range v {
			out[name] = clone(member)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = clone(item)
		}
		return out
	}
	return value
}

// number returns a number of decoded JSON.
func decodedNumber(value any) (float64, bool) {
	n, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	x, err := n.Float64()
	return x, err == nil
}
