package openapi

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// requestExample is a documented example of a request.
type requestExample struct {
	body    []byte // as JSON
	decoded any
}

// readExamples reads the examples of an operation's request.
func (p *parser) readExamples(op Operation) {
	if op.JSON() == nil {
		return
	}
	if at, only := findVariants(op); !only {
		p.fault(op.pointer(), "%s is one of several members with %s, want one", at, variantsKey)
	}
	taken := map[string]requestExample{}
	for name, value := range op.examples() {
		body, err := json.Marshal(value)
		if err != nil {
			continue // cannot happen: it was read from JSON
		}
		if value, err := decodeJSON(body); err == nil {
			taken[name] = requestExample{body, value}
		}
	}
	p.doc.examples[op.OperationID] = taken
}

// Examples returns the names of the request's examples, in the order of the
// document. An example without a name, the only one then, is called example.
func (d *Document) Examples(op Operation) []string {
	return Ordered(d, op.examples(), op.pointer()+requestAt+"/examples")
}

// Example is an example of a request, and of the answer to it.
type Example struct {
	Summary string
	Source  string // citation
	Answer  []byte // body of the success's example of the same name, as JSON; nil if there is none
}

// Example returns an example of an operation's request, with its answer if one of the
// same name is documented.
func (d *Document) Example(op Operation, name string) Example {
	var out Example
	if example := op.RequestBody.Value.Content.Get(jsonType).Examples[name]; example != nil && example.Value != nil {
		out.Summary = example.Value.Summary
		out.Source, _ = example.Value.Extensions["x-source"].(string)
	}
	response := op.Responses.Value(strconv.Itoa(op.Success()))
	if response == nil || response.Value.Content.Get(jsonType) == nil {
		return out
	}
	if example := response.Value.Content.Get(jsonType).Examples[name]; example != nil && example.Value != nil {
		out.Answer, _ = json.Marshal(example.Value.Value) // it was read from JSON
	}
	return out
}

// examples are the examples of a request's JSON body.
func (o Operation) examples() map[string]any {
	if o.JSON() == nil {
		return nil
	}
	media, out := o.RequestBody.Value.Content.Get(jsonType), map[string]any{}
	for name, example := range media.Examples {
		if example.Value != nil {
			out[name] = example.Value.Value
		}
	}
	const unnamed = "example"
	switch {
	case len(out) > 0:
	case media.Example != nil:
		out[unnamed] = media.Example
	case media.Schema.Value.Example != nil:
		out[unnamed] = media.Schema.Value.Example
	}
	return out
}

// checkExamples reports examples that break a rule. An example of an answer is judged
// together with the example of the same name of a request; its header fields are not,
// because examples show bodies alone.
func (p *parser) checkExamples() {
	for _, op := range p.doc.operations {
		body := op.pointer() + requestAt + "/examples/"
		for _, name := range p.doc.Examples(op) {
			p.addExampleFaults(body+source.Escape(name), p.doc.CheckRequest(op, p.doc.examples[op.OperationID][name].decoded, p.doc.Facts))
		}
		for i, parameter := range op.Operation.Parameters {
			v := parameter.Value
			if v.Example != nil && v.Schema != nil && v.Schema.Value.VisitJSON(v.Example) != nil {
				p.warn(fmt.Sprintf("%s/parameters/%d/example", op.pointer(), i), "the parameter's schema does not allow %v", v.Example)
			}
		}
		for status, response := range op.Responses.Map() {
			if response.Ref == "" {
				p.checkAnswerExamples(op, status, response.Value)
			}
		}
	}
}

// checkAnswerExamples reports examples of an answer that break a rule.
func (p *parser) checkAnswerExamples(op Operation, status string, response *openapi3.Response) {
	code, err := strconv.Atoi(status)
	media := response.Content.Get(jsonType)
	if err != nil || media == nil || media.Schema == nil {
		return
	}
	at := op.pointer() + "/responses/" + status + jsonAt + "/examples"
	for _, name := range Ordered(p.doc, media.Examples, at) {
		data, err := json.Marshal(media.Examples[name].Value.Value)
		if err != nil {
			continue // cannot happen: it was read from JSON
		}
		answer, err := decodeJSON(data)
		if err != nil {
			continue
		}
		request, asked := p.doc.examples[op.OperationID][name]
		x := Exchange{Request: request.decoded, Response: answer, Facts: p.doc.Facts}
		if code == op.Success() && !asked && op.JSON() != nil { // its request is not known
			p.addExampleFaults(at+"/"+source.Escape(name), p.doc.check(op.Answer(code), rule.Native(answer), x.Facts.toNative(), openapi3.VisitAsResponse()))
			continue
		}
		p.addExampleFaults(at+"/"+source.Escape(name), p.doc.checkResponse(op, code, x, true))
	}
}

func (p *parser) addExampleFaults(pointer string, broken []Violation) {
	for _, v := range broken {
		p.warn(pointer+"/value"+v.Pointer, "the example breaks a rule: %s", v.Message)
	}
}
