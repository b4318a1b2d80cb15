package openapi

import (
	"cmp"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// expression is an entry of x-validations, x-postconditions or x-unclaimed.
type expression struct {
	ID        string `json:"id"`
	Rule      string `json:"rule"`
	FieldPath texts  `json:"fieldPath"`
	Message   string `json:"message"`
	Level     Level  `json:"level"`
	Source    string `json:"source"`
	Erratum   texts  `json:"erratum"`
	Needs     texts  `json:"needs"`
	Statuses  []int  `json:"statuses"`
	Violate   []struct {
		Example string         `json:"example"`
		Patch   []patchStep    `json:"patch"`
		With    map[string]any `json:"with"`
		Level   Level          `json:"level"`
		Also    texts          `json:"also"`
	} `json:"violate"`
}

// inHeader begins the field path of a postcondition that blames a header field of the
// answer, and the expression of a link that reads one.
const inHeader = "$response.header."

// patchStep is an operation of a JSON Patch.
type patchStep struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from,omitempty"`
	Value any    `json:"value"`
}

// gatherExpressions gathers the entries of an extension. They are compiled together
// afterwards, on all processors. An id without a period gets the prefix; field paths
// start at object.
func (p *parser) gatherExpressions(extensions map[string]any, at, name, prefix string, scope *rule.Scope, object *openapi3.SchemaRef) []*Rule {
	var entries []expression
	if !p.readExtension(extensions, name, at, &entries) {
		return nil
	}
	kind := Validation
	switch name {
	case "x-postconditions":
		kind = Postcondition
	case "x-unclaimed":
		kind = Unclaimed
	}
	var rules []*Rule
	for i, e := range entries {
		pointer := fmt.Sprintf("%s/%s/%d", at, name, i)
		r := &Rule{
			ID: e.ID, Kind: kind, Pointer: pointer, Level: e.Level, Source: e.Source,
			Errata: e.Erratum, Message: e.Message, Fields: e.FieldPath, Needs: e.Needs, Statuses: e.Statuses,
		}
		if kind != Postcondition {
			r.Schema = object.Value
		}
		r.ID = qualify(r.ID, prefix)
		if len(p.doc.Sources) == 0 && kind != Unclaimed { // a document without sources is its own authority
			e.Level = cmp.Or(e.Level, Must)
			r.Level = e.Level
		}
		if kind == Unclaimed && e.Level == "" {
			e.Level, r.Level = Should, Should // binds the answer of a target that accepts an unclaimed request
		}
		p.checkEntry(e, pointer, object)
		p.entries = append(p.entries, entry{rule: r, expression: e, object: object, scope: scope, prefix: prefix})
		if e.ID != "" {
			p.add(r)
			rules = append(rules, r)
		}
	}
	return rules
}

// qualify puts the prefix before an id without a period.
func qualify(id, prefix string) string {
	if strings.Contains(id, ".") {
		return id
	}
	return prefix + "." + id
}

// earlyParsed waits for the expressions of a document to be parsed and returns them by
// pointer.
type earlyParsed func() (*rule.Parser, map[string]*rule.Parsed, error)

// parseEarly parses the expressions of a document while the document itself is read.
// Parsing them takes half of the time of compiling them, and Load is the start of every
// run.
func parseEarly(expressions map[string]string) earlyParsed {
	var (
		parser  *rule.Parser
		out     = make(map[string]*rule.Parsed, len(expressions))
		err     error
		parsing sync.WaitGroup
	)
	parsing.Go(func() {
		if parser, err = rule.NewParser(); err != nil {
			return
		}
		for pointer, expression := range expressions {
			out[pointer] = parser.Parse(expression)
		}
	})
	return func() (*rule.Parser, map[string]*rule.Parsed, error) {
		parsing.Wait()
		return parser, out, err
	}
}

// declareTypes makes the document's types known to its rules.
func (p *parser) declareTypes() error {
	parser, _, err := p.early()
	if err == nil {
		p.scopes, err = parser.Env(p.doc.T.Components.Schemas)
	}
	return err
}

// compile compiles all cross-field rules.
func (p *parser) compile() {
	parser, expressions, _ := p.early()
	errs := make([]error, len(p.entries))
	var checks errgroup.Group
	checks.SetLimit(runtime.GOMAXPROCS(0))
	for i, w := range p.entries {
		checks.Go(func() error {
			parsed, ok := expressions[w.rule.Pointer+"/rule"]
			if !ok { // it is in an alias, or not a text
				parsed = parser.Parse(w.expression.Rule)
			}
			w.rule.Program, errs[i] = w.scope.Check(parsed)
			return nil // all faults are wanted, not the first
		})
	}
	_ = checks.Wait()
	for i, w := range p.entries {
		if errs[i] != nil {
			for _, line := range strings.Split(errs[i].Error(), "\n") {
				p.fault(w.rule.Pointer+"/rule", "%s", line)
			}
			continue
		}
		if w.rule.read = w.rule.Program.Reads("self"); w.rule.Kind == Postcondition {
			w.rule.read = w.rule.Program.Reads("response")
			w.rule.readsHeaders, w.rule.readsParameters = len(w.rule.Program.Reads("headers")) > 0, len(w.rule.Program.Reads("parameters")) > 0
		}
		w.rule.about = slices.Compact(slices.Sorted(slices.Values(slices.Concat(w.rule.read, w.rule.Fields))))
		if w.expression.ID != "" {
			p.checkNeeds(w.rule, w.rule.Pointer)
		}
	}
}

// checkEntry checks that an entry has all required members.
func (p *parser) checkEntry(e expression, pointer string, object *openapi3.SchemaRef) {
	for _, key := range []struct{ name, value string }{{"id", e.ID}, {"message", e.Message}, {"level", string(e.Level)}, {"source", e.Source}} {
		if key.value == "" && (key.name != "source" || len(p.doc.Sources) > 0) {
			p.fault(pointer, "%s is missing", key.name)
		}
	}
	if e.Source != "" {
		p.checkCitation(e.Source, pointer+"/source")
	}
	levels := map[string]Level{pointer: e.Level}
	for i, v := range e.Violate {
		levels[fmt.Sprintf("%s/violate/%d", pointer, i)] = v.Level
	}
	for _, at := range slices.Sorted(maps.Keys(levels)) {
		switch levels[at] {
		case Must, Should, May, "":
		default:
			p.fault(at+"/level", "level %q is none of must, should, may", levels[at])
		}
	}
	if len(e.FieldPath) == 0 {
		p.fault(pointer, "fieldPath is missing")
	}
	for _, path := range e.FieldPath {
		if strings.HasPrefix(path, inHeader) && strings.Contains(pointer, "/x-postconditions/") {
			continue
		}
		if path == "" || object == nil || Member(object, path) == nil {
			p.fault(pointer+"/fieldPath", "there is no member %s", path)
		}
	}
}

// checkNeeds checks that a rule reads exactly the facts that it lists under needs.
func (p *parser) checkNeeds(r *Rule, pointer string) {
	reads := map[string]bool{}
	for name := range p.doc.Facts {
		for _, path := range r.Program.Reads(name) {
			member, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
			reads[name+"."+member] = true
		}
	}
	for _, need := range r.Needs {
		if !reads[need] {
			p.fault(pointer+"/needs", "the rule does not read %s", need)
		}
		delete(reads, need)
	}
	for _, read := range slices.Sorted(maps.Keys(reads)) {
		p.fault(pointer, "the rule reads %s, which needs does not list", read)
	}
}

// Member returns the schema of the member at a JSON Pointer in a value of the schema,
// nil if there is none. An index of an array, or *, leads to its items.
func Member(s *openapi3.SchemaRef, pointer string) *openapi3.SchemaRef {
	if s == nil {
		return nil
	}
	s = unwrap(s)
	if pointer == "" {
		return s
	}
	rest, ok := strings.CutPrefix(pointer, "/")
	if !ok {
		return nil
	}
	for token := range strings.SplitSeq(rest, "/") {
		token = source.Unescape(token)
		if items := s.Value.Items; items != nil {
			if _, err := strconv.ParseUint(token, 10, 32); err != nil && token != "*" {
				return nil
			}
			s = unwrap(items)
			continue
		}
		property, ok := s.Value.Properties[token]
		if !ok {
			return nil
		}
		s = unwrap(property)
	}
	return s
}

// unwrap returns the schema inside an allOf of one. OpenAPI 3.0 ignores what stands
// beside a reference, so documents wrap a reference that they describe.
func unwrap(s *openapi3.SchemaRef) *openapi3.SchemaRef {
	for len(s.Value.AllOf) == 1 {
		s = s.Value.AllOf[0]
	}
	return s
}
