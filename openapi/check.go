package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Violation is a rule that a value breaks.
type Violation struct {
	Pointer string // JSON Pointer of the offending member in the value
	Header  string // name of the offending header field; then there is no Pointer
	Rule    *Rule  // nil for an obligation of JSON Schema without a rule
	Message string // what the rule asks; never the value, which may be a secret
}

// Exchange is a request and its answer, as postconditions read them. Bodies are
// JSON decoded with json.Number; header names are in lower case. Parameters are
// the texts that were sent, by name.
type Exchange struct {
	Request, Response any
	Headers           map[string]string
	Parameters        map[string]string
	Facts             Facts
}

// CheckRequest returns every rule that a request's body breaks: those of the
// schema first, in its order, then the cross-field rules. A rule is left out if
// its facts are not given, or if it reads a member that does not keep its schema:
// the broken keyword is the one to report. An operation without a body has no
// such rules.
func (d *Document) CheckRequest(op Operation, body any, facts Facts) []Violation {
	if op.JSON() == nil {
		return nil
	}
	return d.check(op.JSON(), rule.Native(body), facts.toNative(), openapi3.VisitAsRequest())
}

// CheckResponse returns every rule that an answer breaks: those of its schema
// and of its header fields and, for the documented success of the operation, the
// echoes and the postconditions. An undocumented status breaks no rule here; the
// body of an answer that is documented without one is not judged.
func (d *Document) CheckResponse(op Operation, status int, x Exchange) []Violation {
	return d.checkResponse(op, status, x, false)
}

// CheckShown judges the answer to a later request that shows the same object, a GET
// after a POST for instance, as if its body came from the operation itself. It
// returns every broken rule but those of header fields and parameters.
func (d *Document) CheckShown(op Operation, x Exchange) []Violation {
	return d.checkResponse(op, op.Success(), x, true)
}

// checkResponse judges an answer; bodyAlone leaves out the rules of header fields and
// parameters, which an example does not have.
func (d *Document) checkResponse(op Operation, status int, x Exchange, bodyAlone bool) []Violation {
	documented := op.Response(status)
	if documented == nil {
		return nil
	}
	x.Request, x.Response, x.Facts = rule.Native(x.Request), rule.Native(x.Response), x.Facts.toNative()
	var c checker
	schema := op.Answer(status)
	if schema != nil {
		c.broken = d.check(schema, x.Response, x.Facts, openapi3.VisitAsResponse())
	}
	c.wrongPlaces = wrongPlacesOf(withoutWeakEnums(c.broken))
	inBody := len(c.broken)
	if !bodyAlone {
		c.checkHeaders(d, documented, x.Headers)
	}
	headersUnusable := bodyAlone || len(c.broken) > inBody // a rule that reads a wrong field would report it twice
	if status != op.Success() {
		return c.broken
	}
	if schema != nil && op.JSON() != nil {
		c.checkEchoes(d, schema, x.Response, op, x.Request)
	}
	for _, s := range d.shown[op.OperationID] {
		value, there := source.Lookup(x.Response, s.pointer)
		if asked, sent := x.Parameters[s.parameter]; sent && there && !c.hasWrongValue(s.pointer) && fmt.Sprint(value) != asked {
			c.add(s.rule, s.pointer)
		}
	}
	variables := x.Facts.asVariables("request", x.Request)
	variables["response"], variables["headers"], variables["parameters"] = x.Response, x.Headers, x.Parameters
	for _, r := range d.after[op.OperationID] {
		if headersUnusable && r.readsHeaders || bodyAlone && r.readsParameters {
			continue
		}
		c.judge(r, "", variables, x.Facts)
	}
	return c.broken
}

// checkHeaders judges the header fields of an answer by the documented ones.
func (c *checker) checkHeaders(d *Document, documented *openapi3.Response, fields map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(documented.Headers)) {
		header := documented.Headers[name].Value
		text, there := fields[strings.ToLower(name)]
		if r := d.headers[header]; !there && r != nil {
			c.broken = append(c.broken, Violation{Header: name, Rule: r, Message: r.Message})
		}
		if !there || header.Schema == nil {
			continue
		}
		before := len(c.broken)
		if err := header.Schema.Value.VisitJSON(ValueOf(header.Schema.Value, text), openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails()); err != nil {
			c.broken = d.readSchemaErrors(c.broken, err)
		}
		for i := range c.broken[before:] {
			c.broken[before+i].Pointer, c.broken[before+i].Header = "", name
		}
	}
}

// ValueOf returns the value of a text in a parameter or a header field: a number or
// a boolean if its schema asks for one and the text is such a literal, otherwise
// the text.
func ValueOf(s *openapi3.Schema, text string) any {
	if s.Type.Is("string") || s.Type.Slice() == nil {
		return text
	}
	value, err := decodeJSON([]byte(text))
	if err != nil {
		return text
	}
	switch value.(type) {
	case json.Number, bool:
		return rule.Native(value)
	}
	return text
}

// check judges a value by its schema and by the cross-field rules of every object
// in it. The way is VisitAsRequest or VisitAsResponse: a readOnly member need not
// be sent, a writeOnly member need not come back.
func (d *Document) check(s *openapi3.SchemaRef, value any, facts Facts, way openapi3.SchemaValidationOption) []Violation {
	var c checker
	if err := s.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails(), way, openapi3.DisableReadOnlyValidation()); err != nil {
		c.broken = d.readSchemaErrors(nil, err)
	}
	c.checkLiterals(d, s, value, "")
	c.wrongPlaces = wrongPlacesOf(c.broken)
	c.judgeObjects(d.byObject, d, s, value, "", facts)
	return c.broken
}

// readSchemaErrors appends the rules that kin-openapi's errors report.
func (d *Document) readSchemaErrors(out []Violation, err error) []Violation {
	var several openapi3.MultiError
	if errors.As(err, &several) {
		for _, e := range several {
			out = d.readSchemaErrors(out, e)
		}
		return out
	}
	var e *openapi3.SchemaError
	if !errors.As(err, &e) {
		return append(out, Violation{Message: err.Error()})
	}
	if e.SchemaField == "allOf" && e.Origin != nil {
		return d.readSchemaErrors(out, e.Origin)
	}
	tokens := e.JSONPointer()
	v := Violation{Message: e.Reason}
	for _, token := range tokens {
		v.Pointer += "/" + source.Escape(token)
	}
	name, member := e.SchemaField, ""
	switch name {
	case "required":
		member = tokens[len(tokens)-1]
	case "nullable":
		name = "type" // null is one more wrong type
	case "properties":
		name = "additionalProperties"
	}
	if v.Rule = d.Keyword(e.Schema, name, member); v.Rule != nil {
		v.Message = v.Rule.Message
	} else if name == "format" {
		return out // a bound is tighter, and broken too
	}
	return append(out, v)
}

// CheckParameter returns every rule that a text breaks as the value of one of the
// operation's parameters.
func (d *Document) CheckParameter(op Operation, v *openapi3.Parameter, text string) []Violation {
	if v.Schema == nil {
		return nil
	}
	var out []Violation
	err := v.Schema.Value.VisitJSON(ValueOf(v.Schema.Value, text), openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails())
	if err == nil {
		return nil
	}
	for _, broken := range d.readSchemaErrors(nil, err) {
		if broken.Rule != nil { // several parameters may share a schema; report the rule of this one
			if r := d.Rule(op.OperationID + "." + v.Name + "." + broken.Rule.Keyword); r != nil {
				broken.Rule = r
			}
		}
		out = append(out, broken)
	}
	return out
}
