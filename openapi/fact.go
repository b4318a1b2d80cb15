package openapi

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// The extensions of facts.
const (
	factKey = "x-fact"
	keyKey  = "x-key"
)

// Facts are the objects of the target that rules may read, by name, as decoded JSON.
// A rule is not judged if a fact that it needs is missing.
type Facts map[string]any

// toNative returns the facts with the values that rules read: see [rule.Native].
func (f Facts) toNative() Facts { return rule.Native(map[string]any(f)).(map[string]any) }

// asVariables returns the facts and one more variable.
func (f Facts) asVariables(name string, value any) map[string]any {
	out := make(map[string]any, len(f)+3)
	maps.Copy(out, f)
	out[name] = value
	return out
}

// has reports whether the facts have a value at a path: gateway.ha_mode.
func (f Facts) has(path string) bool {
	var v any = map[string]any(f)
	for name := range strings.SplitSeq(path, ".") {
		object, ok := v.(map[string]any)
		if !ok || object[name] == nil {
			return false
		}
		v = object[name]
	}
	return true
}

// With returns the facts with the members of others in place of their own.
func (f Facts) With(others map[string]any) Facts {
	out := maps.Clone(f)
	for name, fact := range others {
		out[name] = overlay(f[name], fact)
	}
	return out
}

// overlay returns an object with the members of another in place of its own.
func overlay(under, over any) any {
	a, okA := under.(map[string]any)
	b, okB := over.(map[string]any)
	if !okA || !okB {
		return over
	}
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// gatherFacts gathers the schemas with x-fact, and their examples.
func (p *parser) gatherFacts() {
	const at = componentsAt
	p.doc.Facts = Facts{}
	for _, component := range Ordered(p.doc, p.doc.T.Components.Schemas, at) {
		s := p.doc.T.Components.Schemas[component]
		pointer := at + "/" + source.Escape(component)
		var name string
		if !p.readExtension(s.Value.Extensions, factKey, pointer, &name) {
			continue
		}
		schema := &openapi3.SchemaRef{Ref: "#" + pointer, Value: s.Value}
		p.factVars = append(p.factVars, rule.Variable{Name: name, Schema: schema})
		p.doc.kinds = append(p.doc.kinds, Fact{name, schema})
		p.nameSchema(schema, name)
		if p.doc.Facts[name] = s.Value.Example; s.Value.Example == nil {
			p.fault(pointer, "the fact has no example")
		} else if Key(schema, s.Value.Example) == "" {
			p.fault(pointer, "%s names no member of the example, by which a request can name it", keyKey)
		}
	}
}

// factVariables returns the variables of the facts.
func (p *parser) factVariables() []rule.Variable { return slices.Clone(p.factVars) }

// Fact is a kind of object that a target has and requests name: a schema with x-fact.
// Rules read such an object by the name.
type Fact struct {
	Name   string
	Schema *openapi3.SchemaRef
}

// Kinds returns the kinds of objects that a target has, in the order of the document.
func (d *Document) Kinds() []Fact { return slices.Clone(d.kinds) }

// CheckFact returns every rule that an object of a kind breaks.
func (d *Document) CheckFact(f Fact, object any) []Violation {
	return d.check(f.Schema, rule.Native(object), nil, openapi3.VisitAsRequest())
}

// Key returns the text by which a request names an object: the first non-empty member
// of those in x-key of its schema. It is empty if there is none.
func Key(s *openapi3.SchemaRef, object any) string {
	members, _ := object.(map[string]any)
	for _, name := range keyMembers(unwrap(s).Value) {
		if text, _ := members[name].(string); text != "" {
			return text
		}
	}
	return ""
}

// keyMembers returns the names of the members that x-key lists.
func keyMembers(s *openapi3.Schema) []string {
	switch v := s.Extensions[keyKey].(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, name := range v {
			text, _ := name.(string)
			out = append(out, text)
		}
		return out
	}
	return nil
}

// Named is a member of a body that names a fact, or repeats a member of one.
type Named struct {
	Pointer string   // JSON Pointer, to the first item of an array
	Fact    string   // its name
	Path    []string // names of the members from the fact on, through the items of arrays; empty for the fact itself
	Schema  *openapi3.Schema
}

// Named returns the members of a body that name facts, in the order of their
// pointers; none for a nil schema.
func (d *Document) Named(body *openapi3.SchemaRef) []Named {
	var out []Named
	if body == nil {
		return nil
	}
	walk(body, "", map[*openapi3.Schema]bool{}, func(s *openapi3.Schema, at string) bool {
		if name, _ := s.Extensions[namesKey].(string); name != "" {
			path := strings.Split(name, ".")
			out = append(out, Named{Pointer: at, Fact: path[0], Path: path[1:], Schema: s})
		}
		return true
	})
	return out
}

// Texts returns the values that the member may have for one object of its fact, in the
// order of the object: the key of the object, or the texts at the path. A list has
// those of its items.
func (n Named) Texts(d *Document, object any) []string {
	i := slices.IndexFunc(d.kinds, func(f Fact) bool { return f.Name == n.Fact })
	if i < 0 {
		return nil
	}
	return textsIn(d.kinds[i].Schema, object, n.Path)
}

func textsIn(s *openapi3.SchemaRef, value any, path []string) []string {
	s = unwrap(s)
	if list, ok := value.([]any); ok && s.Value.Items != nil {
		var out []string
		for _, item := range list {
			out = append(out, textsIn(s.Value.Items, item, path)...)
		}
		return out
	}
	object, isObject := value.(map[string]any)
	if len(path) == 0 {
		text, _ := value.(string)
		if isObject {
			text = Key(s, object)
		}
		return []string{text}
	}
	member := s.Value.Properties[path[0]]
	if !isObject || member == nil {
		return nil
	}
	return textsIn(member, object[path[0]], path[1:])
}

// isFact reports whether a dotted name leads to a fact, or to a member of one.
func (p *parser) isFact(name string) bool {
	path := strings.Split(name, ".")
	i := slices.IndexFunc(p.doc.kinds, func(f Fact) bool { return f.Name == path[0] })
	if i < 0 {
		return false
	}
	s := unwrap(p.doc.kinds[i].Schema)
	for _, member := range path[1:] {
		for s.Value.Items != nil {
			s = unwrap(s.Value.Items)
		}
		if s.Value.Properties[member] == nil {
			return false
		}
		s = unwrap(s.Value.Properties[member])
	}
	return true
}
