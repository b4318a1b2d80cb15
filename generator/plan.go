package generator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// plan is every decision about names and order. No text is written before it is complete.
type plan struct {
	document   *openapi.Document
	notes      []note
	types      []namedType
	operations []operation
	goTypes    map[string]namedSchema          // by Go name
	constants  map[*openapi3.Schema][]constant // of enumerations
	bodies     []namedSchema                   // of requests, by the names that oapi-codegen gives them
	factList   []fact
	refusal    *refusal
	maxBody    int
}

// namedSchema is a schema that has a Go type.
type namedSchema struct {
	name   string
	ref    *openapi3.SchemaRef
	schema *openapi3.Schema // the same, through allOf
	prefix string           // what the names of the schemas inside it begin with
}

// note sets a member of an object in the private copy.
type note struct {
	at    path
	key   string
	value any
}

// namedType is a schema that is written in place and gets a type of its own: it moves to the components of the
// private copy.
type namedType struct {
	at    path
	name  string
	order int // its place among the types
}

// operation is one call that the generated client makes and the generated server answers.
type operation struct {
	at      path
	summary string // a noun phrase
}

// path is the place of a value in the document, the tokens of its JSON Pointer unescaped.
type path []string

func (p path) to(tokens ...string) path { return append(slices.Clip(p), tokens...) }

func (p path) String() string {
	var b strings.Builder
	for _, token := range p {
		b.WriteString("/" + escapeToken(token))
	}
	return b.String()
}

// planner makes a plan, and gathers what stands in its way.
type planner struct {
	plan
	taken  map[string]path // Go names at package level, and the schemas that have them
	calls  map[string]path // Go names of operations, which are methods
	faults openapi.Faults
}

func newPlan(doc *openapi.Document) (*plan, error) {
	document := doc.T
	p := &planner{
		plan:  plan{document: doc, goTypes: map[string]namedSchema{}, constants: map[*openapi3.Schema][]constant{}},
		taken: map[string]path{}, calls: map[string]path{},
	}
	if !document.IsOpenAPI30() {
		p.fault(path{"openapi"}, document.Origin, "version %s is not supported, only OpenAPI 3.0", document.OpenAPI)
		return nil, p.faults
	}
	if document.Components != nil {
		p.components(document.Components)
		p.facts()
	}
	p.paths(document.Paths)
	p.serving()
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b openapi.Fault) int { return cmp.Compare(a.Line, b.Line) })
		return nil, p.faults
	}
	return &p.plan, nil
}

func (p *planner) fault(at path, origin *openapi3.Origin, format string, args ...any) {
	fault := openapi.Fault{File: "document", Pointer: at.String(), Message: fmt.Sprintf(format, args...)}
	if origin != nil && origin.Key != nil {
		fault.Line, fault.Column = origin.Key.Line, origin.Key.Column
	}
	p.faults = append(p.faults, fault)
}

// null refuses a null in the place of an object; YAML has one wherever a value was left out.
func (p *planner) null(isNull bool, at path) bool {
	if isNull {
		p.fault(at, nil, "null is not supported")
	}
	return isNull
}

func (p *planner) note(at path, key string, value any) {
	p.notes = append(p.notes, note{at, key, value})
}

// take reserves a Go name at package level; remedy is the extension that chooses another.
func (p *planner) take(name string, at path, origin *openapi3.Origin, remedy string) {
	other, taken := p.taken[name]
	switch {
	case !isExported(name):
		p.fault(at, origin, "%q is no exported Go name; choose one with %s", name, remedy)
	case taken:
		p.fault(at, origin, "the Go name %s is that of %s; choose another with %s", name, other, remedy)
	default:
		p.taken[name] = at
	}
}

func (p *planner) components(c *openapi3.Components) {
	at := path{"components"}
	for _, name := range inOrder(c.Schemas, schemaOrigin) {
		p.component(c.Schemas[name], at.to("schemas", name), name)
	}
	for _, name := range inOrder(c.Parameters, func(r *openapi3.ParameterRef) *openapi3.Origin { return r.Origin }) {
		p.parameter(c.Parameters[name], at.to("parameters", name), "")
	}
	for _, name := range inOrder(c.Headers, func(r *openapi3.HeaderRef) *openapi3.Origin { return r.Origin }) {
		p.header(c.Headers[name], at.to("headers", name))
	}
	for _, name := range inOrder(c.RequestBodies, func(r *openapi3.RequestBodyRef) *openapi3.Origin { return r.Origin }) {
		p.requestBody(c.RequestBodies[name], at.to("requestBodies", name), goName(name))
	}
	for _, name := range inOrder(c.Responses, responseOrigin) {
		p.response(c.Responses[name], at.to("responses", name), goName(name))
	}
}

func (p *planner) paths(paths *openapi3.Paths) {
	at := path{"paths"}
	items := paths.Map()
	for _, url := range inOrder(items, func(i *openapi3.PathItem) *openapi3.Origin { return i.Origin }) {
		item, here := items[url], at.to(url)
		if p.null(item == nil, here) {
			continue
		}
		if item.Ref != "" {
			p.fault(here, item.Origin, "a reference to a path is not supported")
			continue
		}
		for i, parameter := range item.Parameters {
			p.parameter(parameter, here.to("parameters", strconv.Itoa(i)), goName(url))
		}
		methods := item.Operations()
		for _, method := range inOrder(methods, func(o *openapi3.Operation) *openapi3.Origin { return o.Origin }) {
			p.operation(methods[method], here.to(strings.ToLower(method)))
		}
	}
	if len(p.operations) == 0 && len(p.faults) == 0 {
		p.fault(at, p.document.T.Origin, "there are no operations")
	}
}

func (p *planner) operation(op *openapi3.Operation, at path) {
	if op.OperationID == "" {
		p.fault(at, op.Origin, "an operation without operationId is not supported")
		return
	}
	name := goName(op.OperationID)
	switch other, ok := p.calls[name]; {
	case !isExported(name):
		p.fault(at.to("operationId"), op.Origin, "no exported Go name can be made of %q", op.OperationID)
	case ok:
		p.fault(at.to("operationId"), op.Origin, "the Go name %s is that of %s", name, other)
	}
	p.calls[name] = at
	summary := "the operation " + op.OperationID
	if text := strings.Join(strings.Fields(op.Summary), " "); text != "" {
		summary = fmt.Sprintf("the operation %q", strings.TrimSuffix(text, "."))
	}
	p.operations = append(p.operations, operation{at, summary})
	if len(op.Callbacks) > 0 {
		p.fault(at.to("callbacks"), op.Origin, "callbacks are not supported")
	}
	for i, parameter := range op.Parameters {
		p.parameter(parameter, at.to("parameters", strconv.Itoa(i)), name)
	}
	if op.RequestBody != nil {
		p.requestBody(op.RequestBody, at.to("requestBody"), name)
		if body := op.RequestBody.Value; body != nil && body.Content.Get(jsonType) != nil && body.Content.Get(jsonType).Schema != nil {
			p.bodies = append(p.bodies, namedSchema{name: name + "JSONRequestBody", ref: body.Content.Get(jsonType).Schema, prefix: name})
		}
	}
	responses := op.Responses.Map()
	for _, status := range inOrder(responses, responseOrigin) {
		p.response(responses[status], at.to("responses", status), name+strings.ToUpper(status[:1])+status[1:])
	}
}

// inOrder returns the keys of a map as the document orders them.
func inOrder[V comparable](m map[string]V, origin func(V) *openapi3.Origin) []string {
	var null V
	place := func(key string) (line, column int) {
		if m[key] == null {
			return 0, 0
		}
		if o := origin(m[key]); o != nil && o.Key != nil {
			return o.Key.Line, o.Key.Column
		}
		return 0, 0
	}
	keys := slices.Collect(maps.Keys(m))
	slices.SortFunc(keys, func(a, b string) int {
		aLine, aColumn := place(a)
		bLine, bColumn := place(b)
		return cmp.Or(cmp.Compare(aLine, bLine), cmp.Compare(aColumn, bColumn), cmp.Compare(a, b))
	})
	return keys
}

func schemaOrigin(r *openapi3.SchemaRef) *openapi3.Origin     { return r.Origin }
func responseOrigin(r *openapi3.ResponseRef) *openapi3.Origin { return r.Origin }
