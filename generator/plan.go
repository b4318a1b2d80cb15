package generator

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// plan is every decision about names and order. No text is written before it is complete.
type plan struct {
	document   *openapi.Document
	notes      []note
	types      []namedType
	operations []operation
	goTypes    map[string]namedSchema                 // by Go name
	members    map[*openapi3.Schema][]string          // in order
	constants  map[*openapi3.Schema][]constant        // of enumerations
	bodies     []namedSchema                          // of requests, by the names that oapi-codegen gives them
	required   map[*openapi3.Schema][]string          // the members that an object must have
	exact      map[*openapi3.Schema]map[string]string // limits of integers as they are written, by keyword
	factList   []fact

	ofParameters map[parameterOwner][]*openapi.Rule // those of the document

	refusal *refusal
	maxBody int
}

// namedSchema is a schema with a Go type.
type namedSchema struct {
	name   string
	ref    *openapi3.SchemaRef
	schema *openapi3.Schema // the same, unwrapped
	prefix string           // the beginning of the names of the schemas inside it
}

// note sets a member of an object in the private copy; nil deletes it.
type note struct {
	at    path
	key   string
	value any
}

// namedType is an inline schema that gets a type of its own: it moves to the components of the private copy.
type namedType struct {
	at    path
	name  string
	order int // its place among the types
}

// operation is one call that the generated client makes and the generated server answers.
type operation struct {
	at         path
	name       string // in Go
	id         string
	summary    string // a noun phrase
	parameters []parameter
}

// path is the place of a value in the document, the tokens of its JSON Pointer unescaped.
type path []string

func (p path) join(tokens ...string) path { return append(slices.Clip(p), tokens...) }

func (p path) String() string {
	var b strings.Builder
	for _, token := range p {
		b.WriteString("/" + source.Escape(token))
	}
	return b.String()
}

// planner makes a plan, and gathers the faults of the document.
type planner struct {
	plan
	sent   map[*openapi3.Schema]bool // the schemas in requests
	taken  map[string]path           // Go names at package level, and the places of their schemas
	calls  map[string]path           // Go names of operations, which become methods
	faults openapi.Faults

	numbers any // the document, with numbers as they are written
}

func newPlan(doc *openapi.Document) (*plan, error) {
	document := doc.T
	p := &planner{
		plan:  plan{document: doc, ofParameters: rulesOfParameters(doc), goTypes: map[string]namedSchema{}, members: map[*openapi3.Schema][]string{}, constants: map[*openapi3.Schema][]constant{}, exact: map[*openapi3.Schema]map[string]string{}, required: map[*openapi3.Schema][]string{}},
		taken: map[string]path{}, calls: map[string]path{},
	}
	p.sent = sentSchemas(document.Paths)
	if document.Components != nil {
		p.planComponents(document.Components)
		p.findFacts()
	}
	p.planPaths(document.Paths)
	p.checkRoutes()
	p.planRefusal()
	if len(p.faults) > 0 {
		slices.SortStableFunc(p.faults, func(a, b openapi.Fault) int { return cmp.Compare(a.Line, b.Line) })
		return nil, p.faults
	}
	return &p.plan, nil
}

func (p *planner) fault(at path, format string, args ...any) {
	p.faults = append(p.faults, p.document.Fault(at.String(), format, args...))
}

// refuseNull reports whether there is null instead of an object, and then adds a fault; YAML has null wherever a value
// was left out.
func (p *planner) refuseNull(isNull bool, at path) bool {
	if isNull {
		p.fault(at, "null is not supported")
	}
	return isNull
}

func (p *planner) note(at path, key string, value any) {
	p.notes = append(p.notes, note{at, key, value})
}

// reserveName reserves a Go name at package level; remedy is the extension that chooses another name. A name is never
// changed silently: it would change for users when somebody adds a schema.
func (p *planner) reserveName(name string, at path, remedy string) {
	other, taken := p.taken[name]
	switch {
	case !isExported(name):
		p.fault(at, "%q is not an exported Go name; choose one with %s", name, remedy)
	case taken:
		p.fault(at, "the Go name %s is taken by %s; choose another with %s", name, other, remedy)
	default:
		p.taken[name] = at
	}
}

func (p *planner) planComponents(c *openapi3.Components) {
	at := path{"components"}
	for _, name := range orderedNames(&p.plan, c.Schemas, at.join("schemas")) {
		p.planComponent(c.Schemas[name], at.join("schemas", name), name)
	}
	for _, name := range orderedNames(&p.plan, c.Parameters, at.join("parameters")) {
		p.planParameter(c.Parameters[name], at.join("parameters", name), "")
	}
	for _, name := range orderedNames(&p.plan, c.Headers, at.join("headers")) {
		p.planHeader(c.Headers[name], at.join("headers", name))
	}
	for _, name := range orderedNames(&p.plan, c.RequestBodies, at.join("requestBodies")) {
		p.planRequestBody(c.RequestBodies[name], at.join("requestBodies", name), goName(name))
	}
	for _, name := range orderedNames(&p.plan, c.Responses, at.join("responses")) {
		p.planResponse(c.Responses[name], at.join("responses", name), goName(name))
	}
}

func (p *planner) planPaths(paths *openapi3.Paths) {
	at := path{"paths"}
	items := paths.Map()
	for _, url := range orderedNames(&p.plan, items, at) {
		item, here := items[url], at.join(url)
		if p.refuseNull(item == nil, here) {
			continue
		}
		if item.Ref != "" {
			p.fault(here, "a reference to a path is not supported")
			continue
		}
		var shared []parameter
		for i, ref := range item.Parameters {
			place := here.join("parameters", strconv.Itoa(i))
			p.planParameter(ref, place, goName(url))
			shared = appendParameter(shared, ref, place)
		}
		methods := item.Operations()
		for _, method := range orderedNames(&p.plan, methods, here) {
			p.planOperation(methods[method], here.join(strings.ToLower(method)), shared)
		}
	}
	if len(p.operations) == 0 && len(p.faults) == 0 {
		p.fault(at, "there are no operations")
	}
}

func (p *planner) planOperation(op *openapi3.Operation, at path, shared []parameter) {
	name := goName(op.OperationID)
	switch other, ok := p.calls[name]; {
	case !isExported(name):
		p.fault(at.join("operationId"), "no exported Go name can be made of %q", op.OperationID)
	case ok:
		p.fault(at.join("operationId"), "the Go name %s is taken by %s", name, other)
	}
	p.calls[name] = at
	summary := "the operation " + op.OperationID
	if text := strings.Join(strings.Fields(op.Summary), " "); text != "" {
		summary = fmt.Sprintf("the operation %q", strings.TrimSuffix(text, "."))
	}
	planned := operation{at: at, name: name, id: op.OperationID, summary: summary, parameters: slices.Clip(shared)}
	if len(op.Callbacks) > 0 {
		p.fault(at.join("callbacks"), "callbacks are not supported")
	}
	for i, ref := range op.Parameters {
		place := at.join("parameters", strconv.Itoa(i))
		p.planParameter(ref, place, name)
		planned.parameters = appendParameter(planned.parameters, ref, place)
	}
	p.operations = append(p.operations, planned)
	p.checkOperationTypes(planned)
	if op.RequestBody != nil {
		p.planRequestBody(op.RequestBody, at.join("requestBody"), name)
		if body := op.RequestBody.Value; body != nil && body.Content.Get(jsonType) != nil && body.Content.Get(jsonType).Schema != nil {
			p.bodies = append(p.bodies, namedSchema{name: name + "JSONRequestBody", ref: body.Content.Get(jsonType).Schema, prefix: name})
		}
	}
	responses := op.Responses.Map()
	for _, status := range orderedNames(&p.plan, responses, at.join("responses")) {
		p.planResponse(responses[status], at.join("responses", status), name+strings.ToUpper(status[:1])+status[1:])
	}
}

// checkRoutes reports the paths at which the router of the generated server would panic: http.ServeMux wants each
// parameter to be a whole segment, and of two patterns that match the same request one that is more specific.
func (p *planner) checkRoutes() {
	mux := http.NewServeMux()
	for _, op := range p.operations {
		url, method := op.at[1], strings.ToUpper(op.at[2])
		func() {
			defer func() {
				if recover() != nil {
					p.fault(op.at[:2], "net/http cannot route %s %s, by itself or beside the other paths", method, url)
				}
			}()
			mux.HandleFunc(method+" "+codegen.SwaggerUriToStdHttpUri(url), http.NotFound)
		}()
	}
}

// checkOperationTypes reports the schemas whose Go name is that of a type that oapi-codegen makes of an operation.
func (p *planner) checkOperationTypes(op operation) {
	suffixes := []string{"Response", "RequestObject", "ResponseObject"}
	if slices.ContainsFunc(op.parameters, func(v parameter) bool { return v.In != openapi3.ParameterInPath }) {
		suffixes = append(suffixes, "Params")
	}
	for _, suffix := range suffixes {
		if other, taken := p.taken[op.name+suffix]; taken {
			p.fault(other, "the Go name %s is taken by a type of %s; choose another with x-go-name", op.name+suffix, op.at)
		}
	}
}

// orderedNames returns the names of an object's members as the document orders them.
func orderedNames[V any](p *plan, members map[string]V, at path) []string {
	return openapi.Ordered(p.document, members, at.String())
}
