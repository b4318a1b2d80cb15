package generator

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
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
	bytes      []path                                 // the media types of bodies that are not JSON
	bodies     []namedSchema                          // of requests, by the names that oapi-codegen gives them
	required   map[*openapi3.Schema][]string          // the members that an object must have
	exact      map[*openapi3.Schema]map[string]string // limits of integers as they are written, by keyword
	factList   []fact

	ofParameters map[parameterOwner][]*openapi.Rule // those of the document

	refusal *refusal
	maxBody int

	needsRouter bool // net/http cannot route the paths
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
	calls  map[string]string         // Go names of operations, which become methods, by their places
	faults openapi.Faults

	components map[string]string // Go names of the schemas in the components
	avoided    map[string]bool   // Go names that the generated package needs for itself

	numbers any // the document, with numbers as they are written
}

func newPlan(doc *openapi.Document, avoided map[string]bool) (*plan, error) {
	document := doc.T
	p := &planner{
		plan:  plan{document: doc, ofParameters: rulesOfParameters(doc), goTypes: map[string]namedSchema{}, members: map[*openapi3.Schema][]string{}, constants: map[*openapi3.Schema][]constant{}, exact: map[*openapi3.Schema]map[string]string{}, required: map[*openapi3.Schema][]string{}},
		taken: map[string]path{}, calls: map[string]string{}, components: map[string]string{}, avoided: maps.Clone(avoided),
	}
	p.sent = sentSchemas(document.Paths)
	p.nameOperations(document.Paths)
	p.avoidComponents(document.Components)
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
		p.nameComponent(c.Schemas[name], at.join("schemas", name), name)
	}
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
	name := p.calls[at.String()]
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
	p.nameParameters(planned)
	if op.RequestBody != nil {
		p.planRequestBody(op.RequestBody, at.join("requestBody"), name)
		if body := op.RequestBody.Value; body != nil && body.Content[jsonType] != nil && body.Content[jsonType].Schema != nil {
			p.bodies = append(p.bodies, namedSchema{name: name + "JSONRequestBody", ref: body.Content[jsonType].Schema, prefix: name})
		}
	}
	responses := op.Responses.Map()
	for _, status := range orderedNames(&p.plan, responses, at.join("responses")) {
		p.planResponse(responses[status], at.join("responses", status), name+strings.ToUpper(status[:1])+status[1:])
	}
}

// parameterInPath matches a parameter in the template of a path.
var parameterInPath = regexp.MustCompile(`\{[^{}/]*\}`)

// checkRoutes reports paths that no router can serve: with a parameter twice, or like another path but for the names of
// parameters. It finds out whether http.ServeMux can serve the others: it panics if a parameter is not a whole segment, or
// if of two patterns that match the same request none is more specific. Then the generated package has its own router.
func (p *planner) checkRoutes() {
	mux, forms := http.NewServeMux(), map[string]path{}
	for _, op := range p.operations {
		url, method := op.at[1], strings.ToUpper(op.at[2])
		names := parameterInPath.FindAllString(url, -1)
		slices.Sort(names)
		if len(slices.Compact(slices.Clone(names))) < len(names) {
			p.fault(op.at[:2], "the path %s has a parameter twice", url)
			continue
		}
		form := method + " " + parameterInPath.ReplaceAllString(url, "{}")
		if other, taken := forms[form]; taken {
			p.fault(op.at[:2], "the path %s serves the same requests as %s", url, other)
			continue
		}
		forms[form] = op.at[:2]
		func() {
			defer func() {
				if recover() != nil {
					p.needsRouter = true
				}
			}()
			mux.HandleFunc(method+" "+codegen.SwaggerUriToStdHttpUri(url), http.NotFound)
		}()
	}
}

// nameOperations chooses the Go names of the operations, and reserves those of the types that oapi-codegen makes of them.
func (p *planner) nameOperations(paths *openapi3.Paths) {
	if p.avoided == nil {
		p.avoided = map[string]bool{}
	}
	for _, name := range []string{"RequestEditorFn", "ServerInterface"} { // where the parts of oapi-codegen's text begin
		p.avoided[name] = true
	}
	taken := map[string]bool{}
	items := paths.Map()
	for _, url := range orderedNames(&p.plan, items, path{"paths"}) {
		if items[url] == nil {
			continue
		}
		at, methods := path{"paths", url}, items[url].Operations()
		for _, method := range orderedNames(&p.plan, methods, at) {
			op, here := methods[method], at.join(strings.ToLower(method))
			wanted := goName(op.OperationID)
			name := freeName(wanted, wanted, func(name string) bool { return taken[name] })
			if name != camelName(op.OperationID) {
				p.note(here, "operationId", name)
			}
			taken[name], p.calls[here.String()] = true, name
			for _, suffix := range []string{"Response", "RequestObject", "ResponseObject", "Params"} {
				p.avoided[name+suffix] = true
			}
		}
	}
}

// avoidComponents reserves the names of the types that oapi-codegen makes of parameters and bodies in the components.
func (p *planner) avoidComponents(c *openapi3.Components) {
	if c == nil {
		return
	}
	for name := range c.Parameters {
		p.avoided[goName(name)] = true
	}
	for name := range c.RequestBodies {
		p.avoided[goName(name)] = true
	}
}

// nameParameters gives the parameters of an operation that would have the same field another name.
func (p *planner) nameParameters(op operation) {
	fields := map[string]string{}
	for _, v := range op.parameters {
		wanted := goName(v.Name)
		if given, ok := v.Extensions["x-go-name"].(string); ok {
			wanted = given
		}
		inPath := strconv.FormatBool(v.In == openapi3.ParameterInPath)
		name := freeName(wanted, spell(v.Name), func(name string) bool { return fields[inPath+name] != "" })
		if fields[inPath+name] = v.at.String(); name == wanted {
			continue
		}
		if !slices.Equal(v.at[:min(len(v.at), len(op.at))], op.at) {
			p.fault(v.at, "the Go name %s is taken by %s; choose another with x-go-name", wanted, fields[inPath+wanted])
			continue
		}
		p.note(v.at, "x-go-name", name)
	}
}

// orderedNames returns the names of an object's members as the document orders them.
func orderedNames[V any](p *plan, members map[string]V, at path) []string {
	return openapi.Ordered(p.document, members, at.String())
}
