package openapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// Operation is one method on one path, with its parameters, request and answers.
// The zero Operation stands for none.
type Operation struct {
	*openapi3.Operation
	Path   string // template: /v5/{project_id}/vpn-connection
	Method string // upper case

	// Parameters are the operation's own, followed by those of its path that have
	// another place or name.
	Parameters openapi3.Parameters
}

// jsonType is the media type of the bodies that rules are about; jsonAt is its place
// in a response and requestAt the one in an operation.
const (
	jsonType  = "application/json"
	jsonAt    = "/content/application~1json"
	requestAt = "/requestBody" + jsonAt
)

// Operations returns every operation, in the order of the document.
func (d *Document) Operations() []Operation { return slices.Clone(d.operations) }

// Operation returns the operation with that id.
func (d *Document) Operation(id string) (Operation, bool) {
	for _, op := range d.operations {
		if op.OperationID == id {
			return op, true
		}
	}
	return Operation{}, false
}

// JSON returns the schema of the request's JSON body, nil if the operation has none.
func (o Operation) JSON() *openapi3.SchemaRef {
	if o.RequestBody == nil {
		return nil
	}
	return jsonSchema(o.RequestBody.Value.Content)
}

// Response returns the documented response for a status: of that status, of its class
// (2XX) or the default. It is nil if there is none.
func (o Operation) Response(status int) *openapi3.Response {
	response := o.Responses.Status(status)
	if response == nil {
		response = o.Responses.Default()
	}
	if response == nil {
		return nil
	}
	return response.Value
}

// Answer returns the schema of the answer's JSON body for a status, nil if none is
// documented.
func (o Operation) Answer(status int) *openapi3.SchemaRef {
	response := o.Response(status)
	if response == nil {
		return nil
	}
	return jsonSchema(response.Content)
}

// Success returns the lowest documented 2xx status, which an answer to a request
// that was carried out has. It is 0 if none is documented, or only the class 2XX.
func (o Operation) Success() int {
	for status := http.StatusOK; status < http.StatusMultipleChoices; status++ {
		if o.Responses.Value(strconv.Itoa(status)) != nil {
			return status
		}
	}
	return 0
}

func jsonSchema(content openapi3.Content) *openapi3.SchemaRef {
	if media := content.Get(jsonType); media != nil {
		return media.Schema
	}
	return nil
}

// Source returns the citation of an operation's success; empty if there is none.
func (d *Document) Source(op Operation) string {
	if r := d.Rule(op.OperationID + ".responses." + strconv.Itoa(op.Success())); r != nil {
		return r.Source
	}
	return ""
}

// Parameter returns the operation's parameter of a place (path, query, header,
// cookie) and name, nil if there is none. The case of a header's name is ignored.
func (o Operation) Parameter(in, name string) *openapi3.Parameter {
	for _, p := range o.Parameters {
		if p.Value.In == in && (p.Value.Name == name || in == openapi3.ParameterInHeader && strings.EqualFold(p.Value.Name, name)) {
			return p.Value
		}
	}
	return nil
}

// gatherOperations lists the operations in the order of the document.
func (p *parser) gatherOperations() {
	paths := p.doc.T.Paths.Map()
	for _, path := range Ordered(p.doc, paths, "/paths") {
		item := paths[path]
		methods := map[string]*openapi3.Operation{}
		for method, operation := range item.Operations() {
			methods[strings.ToLower(method)] = operation
		}
		for _, method := range Ordered(p.doc, methods, "/paths/"+source.Escape(path)) {
			op := Operation{Operation: methods[method], Path: path, Method: strings.ToUpper(method)}
			op.Parameters = slices.Clone(op.Operation.Parameters)
			for _, shared := range item.Parameters {
				if op.Parameter(shared.Value.In, shared.Value.Name) == nil {
					op.Parameters = append(op.Parameters, shared)
				}
			}
			p.doc.operations = append(p.doc.operations, op)
		}
	}
}

// pointer is the JSON Pointer of an operation in the document.
func (o Operation) pointer() string {
	return "/paths/" + source.Escape(o.Path) + "/" + strings.ToLower(o.Method)
}
