package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
)

// expression is an entry of x-validations or x-postconditions.
type expression struct {
	ID        string `json:"id"`
	Rule      string `json:"rule"`
	FieldPath texts  `json:"fieldPath"`
	Message   string `json:"message"`
	Level     Level  `json:"level"`
	Source    string `json:"source"`
	Erratum   texts  `json:"erratum"`
	Needs     texts  `json:"needs"`
	Violate   []struct {
		Example string         `json:"example"`
		Patch   []patchStep    `json:"patch"`
		With    map[string]any `json:"with"`
	} `json:"violate"`
}

// patchStep is an operation of a JSON Patch.
type patchStep struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	From  string `json:"from,omitempty"`
	Value any    `json:"value"`
}

// expressions compiles the entries of an extension. An id without a period
// gets the prefix; field paths are followed from object.
func (p *parser) expressions(extensions map[string]any, at, name, prefix string, scope *rule.Scope, object *openapi3.SchemaRef) []*Rule {
	var entries []expression
	if !p.extension(extensions, name, at, &entries) {
		return nil
	}
	kind := Validation
	if name == "x-postconditions" {
		kind = Postcondition
	}
	var rules []*Rule
	for i, e := range entries {
		pointer := fmt.Sprintf("%s/%s/%d", at, name, i)
		r := &Rule{
			ID: e.ID, Kind: kind, Pointer: pointer, Level: e.Level, Source: e.Source,
			Errata: e.Erratum, Message: e.Message, Fields: e.FieldPath, Needs: e.Needs,
		}
		if kind == Validation {
			r.Schema = object.Value
		}
		if !strings.Contains(r.ID, ".") {
			r.ID = prefix + "." + r.ID
		}
		p.complete(e, pointer, object)
		program, err := scope.Compile(e.Rule)
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				p.fault(pointer+"/rule", "%s", line)
			}
			continue
		}
		r.Program = program
		if r.read = program.Reads("self"); kind == Postcondition {
			r.read = program.Reads("response")
		}
		if e.ID == "" {
			continue
		}
		p.needs(r, pointer)
		p.add(r)
		p.written = append(p.written, written{r, e, object})
		rules = append(rules, r)
	}
	return rules
}

// complete checks that an entry says all it has to.
func (p *parser) complete(e expression, pointer string, object *openapi3.SchemaRef) {
	for _, key := range []struct{ name, value string }{{"id", e.ID}, {"message", e.Message}, {"level", string(e.Level)}, {"source", e.Source}} {
		if key.value == "" {
			p.fault(pointer, "%s is missing", key.name)
		}
	}
	if e.Source != "" {
		p.resolve(e.Source, pointer+"/source")
	}
	switch e.Level {
	case Must, Should, May, "":
	default:
		p.fault(pointer+"/level", "level %q is none of must, should, may", e.Level)
	}
	if len(e.FieldPath) == 0 {
		p.fault(pointer, "fieldPath is missing")
	}
	for _, path := range e.FieldPath {
		if path == "" || Member(object, path) == nil {
			p.fault(pointer+"/fieldPath", "there is no member %s", path)
		}
	}
}

// needs checks that a rule reads the facts that it says it needs, and no
// others.
func (p *parser) needs(r *Rule, pointer string) {
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

// Member follows a JSON Pointer from a schema's object to one of its members,
// nil when there is none. An index of an array, or *, leads to its items.
func Member(s *openapi3.SchemaRef, pointer string) *openapi3.SchemaRef {
	s = resolved(s)
	if pointer == "" {
		return s
	}
	rest, ok := strings.CutPrefix(pointer, "/")
	if !ok {
		return nil
	}
	for _, token := range strings.Split(rest, "/") {
		token = unescaper.Replace(token)
		if items := s.Value.Items; items != nil {
			if _, err := strconv.ParseUint(token, 10, 32); err != nil && token != "*" {
				return nil
			}
			s = resolved(items)
			continue
		}
		property, ok := s.Value.Properties[token]
		if !ok {
			return nil
		}
		s = resolved(property)
	}
	return s
}

// resolved looks through an allOf of one, which OpenAPI 3.0 needs to describe
// a reference.
func resolved(s *openapi3.SchemaRef) *openapi3.SchemaRef {
	for len(s.Value.AllOf) == 1 {
		s = s.Value.AllOf[0]
	}
	return s
}
