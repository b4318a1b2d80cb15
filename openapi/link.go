package openapi

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// Link says that values of an operation's success are parameters of another
// operation: OpenAPI's links.
type Link struct {
	Name      string
	Operation string // id of the operation that takes the values

	// Parameters are the places of the values, by the name of the parameter.
	Parameters map[string]Value
}

// Value is a place in an exchange: a member of the answer's body, or one of its
// header fields.
type Value struct {
	Pointer string // JSON Pointer into the body; empty for a header field
	Header  string
}

// Links returns the links of the operation's success, in the order of the
// document.
func (d *Document) Links(op Operation) []Link { return d.links[op.OperationID] }

// gatherLinks reads the links of an operation's success. A link to an unknown operation
// or from a member that the answer does not have is a fault.
func (p *parser) gatherLinks(op Operation) {
	response := op.Responses.Value(fmt.Sprint(op.Success()))
	if response == nil {
		return
	}
	at := fmt.Sprintf("%s/responses/%d/links", op.pointer(), op.Success())
	for _, name := range Ordered(p.doc, response.Value.Links, at) {
		link := response.Value.Links[name].Value
		pointer := at + "/" + source.Escape(name)
		to, ok := p.doc.Operation(link.OperationID)
		if !ok {
			p.warn(pointer+"/operationId", "there is no operation %q", link.OperationID)
			continue
		}
		out := Link{Name: name, Operation: to.OperationID, Parameters: map[string]Value{}}
		for _, parameter := range slices.Sorted(maps.Keys(link.Parameters)) {
			place := pointer + "/parameters/" + source.Escape(parameter)
			if !slices.ContainsFunc(to.Parameters, func(r *openapi3.ParameterRef) bool { return r.Value.Name == parameter }) {
				p.warn(place, "%s has no parameter %s", to.OperationID, parameter)
				continue
			}
			value, message := parseExpression(op, fmt.Sprint(link.Parameters[parameter]))
			if message != "" {
				p.warn(place, "%s", message)
				continue
			}
			out.Parameters[parameter] = value
		}
		p.doc.links[op.OperationID] = append(p.doc.links[op.OperationID], out)
		for _, parameter := range slices.Sorted(maps.Keys(out.Parameters)) {
			p.addShownRule(to, parameter, out.Parameters[parameter], pointer)
		}
	}
}

// shown is a member of an answer that repeats a parameter of its request.
type shown struct {
	parameter, pointer string
	rule               *Rule
}

// addShownRule adds the rule that an operation answers with the object that was asked
// for. If a link takes a parameter from a member of an answer, the answer to the
// request with the parameter has the same value in that member.
func (p *parser) addShownRule(op Operation, parameter string, at Value, pointer string) {
	answer := op.Answer(op.Success())
	if op.Method == http.MethodPost || at.Pointer == "" || Member(answer, at.Pointer) == nil || op.Parameter("path", parameter) == nil {
		return
	}
	r := &Rule{
		ID: op.OperationID + "." + parameter + ".shown", Kind: Keyword, Keyword: "x-shown", Pointer: pointer, Operation: op.OperationID,
		Level: p.levelOf(""), Message: at.Pointer[strings.LastIndexByte(at.Pointer, '/')+1:] + " is the " + parameter + " that was asked for",
	}
	if len(p.doc.Sources) > 0 { // the link says so, no page does
		r.Source = "OPENAPI, links"
	}
	if p.doc.byID[r.ID] == nil { // unless another link has added it
		p.add(r)
		p.doc.shown[op.OperationID] = append(p.doc.shown[op.OperationID], shown{parameter, at.Pointer, r})
	}
}

// parseExpression reads a runtime expression of OpenAPI; otherwise it returns what is
// wrong with it.
func parseExpression(op Operation, expression string) (Value, string) {
	if pointer, ok := strings.CutPrefix(expression, "$response.body#"); ok {
		answer := op.Answer(op.Success())
		if answer == nil || Member(answer, pointer) == nil {
			return Value{}, fmt.Sprintf("the answer has no member %s", pointer)
		}
		return Value{Pointer: pointer}, ""
	}
	if name, ok := strings.CutPrefix(expression, inHeader); ok {
		for documented := range op.Response(op.Success()).Headers {
			if strings.EqualFold(documented, name) {
				return Value{Header: name}, ""
			}
		}
		return Value{}, fmt.Sprintf("the answer has no header field %s", name)
	}
	return Value{}, fmt.Sprintf("the expression %q is not supported, want $response.body#/… or $response.header.…", expression)
}
