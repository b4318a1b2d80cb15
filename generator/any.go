package generator

import (
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A schema without type limits values of every type, each by the keywords for that type. Its Go type is any; the value is
// read first and checked afterwards.

// limitsAny reports whether a schema without type limits its values.
func limitsAny(s *openapi3.Schema) bool { return hasLimits(s) || s.Items != nil }

// checkUntyped reports the keywords inside a schema without type that generated code cannot enforce.
func (p *planner) checkUntyped(ref *openapi3.SchemaRef, at path, above []*openapi3.Schema) {
	if p.refuseNull(ref == nil || ref.Value == nil, at) {
		return
	}
	if slices.Contains(above, ref.Value) {
		return
	}
	if ref.Ref != "" {
		p.checkReference(ref, at)
		at = strings.Split(strings.TrimPrefix(ref.Ref, "#/"), "/")
	}
	s, above := ref.Value, append(above, ref.Value)
	refuse := func(present bool, keyword string) {
		if present {
			p.fault(at.join(keyword), "%s is not supported in a schema without type, nor inside one", keyword)
		}
	}
	_, isForeign := textExtension(ref, "x-go-type")
	refuse(isForeign, "x-go-type")
	refuse(len(s.OneOf) > 0, "oneOf")
	refuse(len(s.AnyOf) > 0, "anyOf")
	refuse(s.Not != nil, "not")
	refuse(len(s.AllOf) > 0, "allOf")
	refuse(len(s.Enum) > 0, "enum")
	refuse(s.UniqueItems, "uniqueItems")
	refuse(s.Format != "", "format")
	refuse(len(p.document.Validations(s)) > 0, "x-validations")
	for keyword, limit := range map[string]*float64{"minimum": s.Min, "maximum": s.Max} {
		refuse(limit != nil && (*limit >= inexact || *limit <= -inexact), keyword)
	}
	p.required[s] = p.requiredMembers(s)
	p.members[s] = orderedNames(&p.plan, s.Properties, at.join("properties"))
	for _, name := range p.members[s] {
		p.checkUntyped(s.Properties[name], at.join("properties", name), above)
	}
	if s.Items != nil {
		p.checkUntyped(s.Items, at.join("items"), above)
	}
	if s.AdditionalProperties.Schema != nil {
		p.checkUntyped(s.AdditionalProperties.Schema, at.join("additionalProperties"), above)
	}
}

// holderOf returns the name of the function that checks a value of any type by a schema; a new one is written later.
func (e *emitter) holderOf(ref *openapi3.SchemaRef, stem, path string) string {
	if name, ok := e.holders[ref.Value]; ok {
		return name
	}
	for e.written["hold"+stem] {
		stem += "2"
	}
	name := "hold" + stem
	e.written[name], e.holders[ref.Value] = true, name
	s := &shape{schema: ref.Value, stem: stem, path: path, more: e.plan.required[ref.Value]}
	e.deferred = append(e.deferred, func() { e.writeHold(s) })
	return name
}

func (e *emitter) writeHold(s *shape) {
	v := s.schema
	var cases strings.Builder
	refuse := func() { e.line("f.add(%s)", e.rule(s, "type")) }
	of := func(goType string, write func(), types ...string) {
		is := v.Type.Slice() == nil || slices.ContainsFunc(types, v.Type.Is)
		if !is && (goType != "nil" || !v.Nullable) {
			write = refuse
		}
		if body := e.capture(write); body != "" {
			cases.WriteString("case " + goType + ":\n" + body)
		}
	}
	of("nil", func() {})
	of("bool", func() {}, "boolean")
	of("float64", func() {
		if v.Type.Is("integer") {
			e.line("if v != math.Trunc(v) {")
			refuse()
			e.line("}")
		}
		if limitsNumber(v) {
			e.line("check%sNumber(f, v)", s.stem)
		}
	}, "number", "integer")
	of("string", func() {
		if limitsText(v) {
			e.line("check%sText(f, v)", s.stem)
		}
	}, "string")
	of("[]any", func() { e.writeHoldItems(s) }, "array")
	of("map[string]any", func() { e.writeHoldMembers(s) }, "object")
	e.comment("hold%s checks a value of any type against %s.", s.stem, s.path)
	e.line("func hold%s(f *findings, value any) {", s.stem)
	variable := ""
	if usesValue.MatchString(cases.String()) {
		variable = "v := "
	}
	e.line("switch %splain(value).(type) {\n%s}\n}\n", variable, cases.String())
	number, text := *s, *s
	number.kind, number.stem, text.stem = integer, s.stem+"Number", s.stem+"Text"
	number.basic = "int32" // the check takes a float64
	e.writeNumberCheck(&number)
	e.writeTextCheck(&text)
}

// usesValue matches a use of the variable v.
var usesValue = regexp.MustCompile(`(^|[ (])v([ ,)[]|$)`)

// capture returns the text that a function writes, and takes it back.
func (e *emitter) capture(write func()) string {
	before := e.text.String()
	e.text.Reset()
	write()
	written := e.text.String()
	e.text.Reset()
	e.text.WriteString(before)
	return written
}

func (e *emitter) writeHoldItems(s *shape) {
	v := s.schema
	if v.MinItems > 0 {
		e.line("if len(v) < %d {\nf.add(%s)\n}", v.MinItems, e.rule(s, "minItems"))
	}
	if v.MaxItems != nil {
		e.line("if len(v) > %d {\nf.add(%s)\n}", *v.MaxItems, e.rule(s, "maxItems"))
	}
	if v.Items != nil {
		e.line("for i, item := range v {\nmark := len(f.found)\n%s(f, item)\nf.withinItem(mark, i)\n}", e.holderOf(v.Items, s.stem+"Item", s.path+".items"))
	}
}

func (e *emitter) writeHoldMembers(s *shape) {
	v := s.schema
	if v.MinProps > 0 {
		e.line("if len(v) < %d {\nf.add(%s)\n}", v.MinProps, e.rule(s, "minProperties"))
	}
	if v.MaxProps != nil {
		e.line("if len(v) > %d {\nf.add(%s)\n}", *v.MaxProps, e.rule(s, "maxProperties"))
	}
	more := v.AdditionalProperties
	if len(v.Properties) > 0 || more.Schema != nil || isClosed(s) {
		e.line("for _, name := range slices.Sorted(maps.Keys(v)) {\nmark := len(f.found)\nswitch name {")
		for _, name := range e.plan.members[v] {
			e.line("case %q:\n%s(f, v[name])", name, e.holderOf(v.Properties[name], s.stem+goName(name), s.path+"."+name))
		}
		switch {
		case more.Schema != nil:
			e.line("default:\n%s(f, v[name])", e.holderOf(more.Schema, s.stem+"Value", s.path+".*"))
		case isClosed(s):
			e.line("default:\nf.add(%s)\ncontinue", e.rule(s, "additionalProperties"))
		}
		e.line("}\nf.within(mark, name)\n}")
	}
	e.writeRequiredKeys(s, "f", "v")
}

// holderName returns the name of the function that checks a value of any type, empty if its schema has no limits.
func (e *emitter) holderName(s *shape) string {
	if !limitsAny(s.schema) {
		return ""
	}
	return "hold" + s.stem
}
