package openapi

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Violation is a rule that a value breaks.
type Violation struct {
	Pointer string // JSON Pointer of the offending member in the value
	Rule    *Rule  // nil for an obligation of JSON Schema that is no rule
	Message string // what is asked; never the value, which may be a secret
}

// Exchange is a request and its answer, as postconditions see them. Bodies are
// JSON as decoded with json.Number; header names are in lower case.
type Exchange struct {
	Request, Response any
	Headers           map[string]string
}

// CheckRequest returns every rule that a request's body breaks.
func (d *Document) CheckRequest(op Operation, body any) []Violation {
	return d.check(op.JSON(), body)
}

// CheckResponse returns every rule that an answer breaks: those of its schema
// and, for an answer that the operation documents as a success, the
// postconditions. An answer that is not documented breaks none.
func (d *Document) CheckResponse(op Operation, status int, x Exchange) []Violation {
	schema := op.Answer(status)
	if schema == nil {
		return nil
	}
	broken := d.check(schema, x.Response)
	if status >= 300 {
		return broken
	}
	variables := map[string]any{"request": x.Request, "response": x.Response, "headers": x.Headers}
	for _, r := range d.after {
		broken = appendBroken(broken, r, "", variables)
	}
	return broken
}

// check holds a value against a schema and the cross-field rules of every
// object in it.
func (d *Document) check(s *openapi3.SchemaRef, value any) []Violation {
	var broken []Violation
	if err := s.Value.VisitJSON(value, openapi3.MultiErrors()); err != nil {
		broken = d.violations(broken, err)
	}
	return d.crossField(broken, s, value, "")
}

// violations reads kin-openapi's errors.
func (d *Document) violations(out []Violation, err error) []Violation {
	var several openapi3.MultiError
	if errors.As(err, &several) {
		for _, e := range several {
			out = d.violations(out, e)
		}
		return out
	}
	var e *openapi3.SchemaError
	if !errors.As(err, &e) {
		return append(out, Violation{Message: err.Error()})
	}
	if e.SchemaField == "allOf" && e.Origin != nil {
		return d.violations(out, e.Origin)
	}
	tokens := e.JSONPointer()
	v := Violation{Message: e.Reason}
	for _, token := range tokens {
		v.Pointer += "/" + escape(token)
	}
	name, member := e.SchemaField, ""
	switch name {
	case "required":
		member = tokens[len(tokens)-1]
	case "nullable":
		name = "type" // null is one more wrong type
	}
	if v.Rule = d.Keyword(e.Schema, name, member); v.Rule != nil {
		v.Message = v.Rule.Message
	}
	return append(out, v)
}

// crossField adds the cross-field rules that the objects in a value break, the
// outer ones first.
func (d *Document) crossField(broken []Violation, s *openapi3.SchemaRef, value any, at string) []Violation {
	s = resolved(s)
	switch v := value.(type) {
	case map[string]any:
		for _, r := range d.byMember[s.Value] {
			broken = appendBroken(broken, r, at, map[string]any{"self": v})
		}
		for _, name := range slices.Sorted(maps.Keys(s.Value.Properties)) {
			if member, ok := v[name]; ok {
				broken = d.crossField(broken, s.Value.Properties[name], member, at+"/"+escape(name))
			}
		}
	case []any:
		if s.Value.Items == nil {
			break
		}
		for i, item := range v {
			broken = d.crossField(broken, s.Value.Items, item, at+"/"+strconv.Itoa(i))
		}
	}
	return broken
}

// appendBroken evaluates a rule and adds its violations. A rule that cannot be
// decided, because a member it reads is absent or is no address, is broken
// too, unless a violation at one of its members says the same more exactly.
func appendBroken(broken []Violation, r *Rule, at string, variables map[string]any) []Violation {
	holds, err := r.program.Eval(variables)
	if err == nil && holds {
		return broken
	}
	known := func(field string) bool {
		return slices.ContainsFunc(broken, func(v Violation) bool {
			return v.Rule != nil && v.Rule.Kind == Keyword && strings.HasPrefix(at+field+"/", v.Pointer+"/")
		})
	}
	if err != nil && slices.ContainsFunc(r.Fields, known) {
		return broken
	}
	message := r.Message
	if err != nil {
		message = fmt.Sprintf("%s (undecidable: %v)", message, err)
	}
	for _, field := range r.Fields {
		broken = append(broken, Violation{Pointer: at + field, Rule: r, Message: message})
	}
	return broken
}
