package generator

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/generator/celgo"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// factKey is the extension that names a fact.
const factKey = "x-fact"

// fact is an object beside the value that rules may read.
type fact struct {
	name   string // in rules: customer_gateway
	schema *openapi3.Schema
}

// findFacts finds the facts of the document.
func (p *planner) findFacts() {
	schemas := p.document.T.Components.Schemas
	for _, name := range orderedNames(&p.plan, schemas, path{"components", "schemas"}) {
		if ref := schemas[name]; ref != nil && ref.Value != nil && ref.Ref == "" {
			if given, ok := ref.Value.Extensions[factKey].(string); ok {
				p.factList = append(p.factList, fact{given, ref.Value})
			}
		}
	}
}

// crossField is a rule over several members of an object, translated.
type crossField struct {
	*openapi.Rule
	object    *shape
	function  string
	reads     []string
	variables []celgo.Variable
	result    celgo.Result
}

// ruler writes rules.gen.go: a function for every cross-field rule, one for every object that has such rules, and the
// type of the facts.
type ruler struct {
	emitter
	types map[*shape]*celgo.Type
	facts map[string]*shape
}

// newRuler translates the rules.
func newRuler(p *plan, b *shapes) (*ruler, error) {
	w := &ruler{emitter: newEmitter(p, b), types: map[*shape]*celgo.Type{}, facts: map[string]*shape{}}
	for _, fact := range p.factList {
		w.facts[fact.name] = b.named[fact.schema]
	}
	var rules []*crossField
	taken := map[string]bool{}
	for _, r := range p.document.Rules {
		s := b.named[r.Schema]
		if r.Kind != openapi.Validation || s == nil || s.kind != object {
			continue
		}
		c := &crossField{Rule: r, object: s, function: "rule" + goName(r.ID), reads: r.Program.Reads("self"), variables: w.variablesOf(s, r)}
		for taken[c.function] {
			c.function += "2"
		}
		taken[c.function] = true
		rules = append(rules, c)
	}
	errs, _ := mapConcurrently(rules, func(c *crossField) (error, error) { return c.translate(), nil })
	var faults openapi.Faults
	for i, err := range errs {
		faults = append(faults, p.translationFaults(rules[i].Rule, err)...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	for _, c := range rules {
		c.object.rules = append(c.object.rules, *c)
		for _, read := range c.reads {
			c.object.markRead(strings.Split(read, "/")[1:])
		}
	}
	return w, nil
}

// translate translates the rule to Go.
func (c *crossField) translate() (err error) {
	c.result, err = celgo.Translate(c.Program.AST(), c.variables)
	return err
}

// translationFaults returns the error of a translation as faults of the document.
func (p *plan) translationFaults(r *openapi.Rule, err error) openapi.Faults {
	var several celgo.Faults
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &several):
		return openapi.Faults{p.document.Fault(r.Pointer+"/rule", "%v", err)}
	}
	var faults openapi.Faults
	for _, f := range several {
		faults = append(faults, p.document.Fault(r.Pointer+"/rule", "%s cannot become Go: %d:%d: %s", r.ID, f.Line, f.Column, f.Message))
	}
	return faults
}

// factNames returns the names of the facts in the needs of a rule, sorted.
func factNames(needs []string) []string {
	var out []string
	for _, need := range needs {
		name, _, _ := strings.Cut(need, ".")
		out = append(out, name)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// variablesOf returns the variables that a rule may read.
func (w *ruler) variablesOf(s *shape, r *openapi.Rule) []celgo.Variable {
	out := []celgo.Variable{{Name: "self", Go: "self", Type: w.celType(s)}}
	for _, name := range factNames(r.Needs) {
		if w.facts[name] != nil {
			out = append(out, celgo.Variable{Name: name, Go: lowerFirst(goName(name)), Type: w.factType(name, r)})
		}
	}
	return out
}

// factType describes a fact for a rule. The members that the rule needs are not optional: without them it is not judged.
func (w *ruler) factType(name string, r *openapi.Rule) *celgo.Type {
	t := *w.celType(w.facts[name])
	t.Fields = maps.Clone(t.Fields)
	for _, need := range r.Needs {
		if member, ok := strings.CutPrefix(need, name+"."); ok {
			field := t.Fields[member]
			field.Optional = false
			t.Fields[member] = field
		}
	}
	return &t
}

// markRead marks the shapes that a rule reads. Of such a list the decoder keeps all items, even after a violation.
func (s *shape) markRead(tokens []string) {
	s.read = true
	if s.item != nil && len(tokens) > 0 {
		s.item.markRead(tokens[1:])
	}
	for _, m := range s.members {
		if len(tokens) > 0 && source.Escape(m.name) == tokens[0] {
			m.markRead(tokens[1:])
		}
	}
}

// hasRules reports whether there are rules over the object, or over objects inside the shape.
func (s *shape) hasRules() bool {
	return s.contains(func(s *shape) bool { return len(s.rules) > 0 }, map[*shape]bool{})
}

// contains reports whether asked is true of the shape or of one inside it.
func (s *shape) contains(asked func(*shape) bool, seen map[*shape]bool) bool {
	if seen[s] {
		return false
	}
	seen[s] = true
	return asked(s) || s.item != nil && s.item.contains(asked, seen) ||
		slices.ContainsFunc(s.members, func(m member) bool { return m.contains(asked, seen) })
}

// celType describes the Go type of a shape for the translator.
func (w *ruler) celType(s *shape) *celgo.Type {
	if t, ok := w.types[s]; ok {
		return t
	}
	t := &celgo.Type{GoName: s.goType}
	w.types[s] = t
	switch s.kind {
	case boolean:
		t.Kind = celgo.Bool
	case integer, numberEnum:
		t.Kind = celgo.Int
	case number:
		t.Kind = celgo.Double
	case text, textEnum:
		t.Kind = celgo.String
	case list:
		if !s.pointer {
			t.Kind, t.Elem = celgo.List, w.celType(s.item)
		}
	case object:
		t.Kind, t.Fields = celgo.Object, map[string]celgo.Field{}
		for _, m := range s.members {
			t.Fields[m.name] = celgo.Field{GoName: m.field, Type: w.celType(m.shape), Optional: !m.required, Pointer: m.pointer}
		}
	}
	return t
}

// write returns the text of the file, empty without rules.
func (w *ruler) write() string {
	if !slices.ContainsFunc(w.shapes.order, func(s *shape) bool { return len(s.rules) > 0 }) {
		return ""
	}
	w.writeFactsType()
	var results []celgo.Result
	var ids []string
	for _, s := range w.shapes.order {
		for _, c := range s.rules {
			w.writeRule(s, c)
			results = append(results, c.result)
			ids = append(ids, strconv.Quote(c.ID))
		}
		if len(s.rules) > 0 {
			w.writeJudge(s)
		}
	}
	for _, s := range w.shapes.order {
		if s.kind == object && s.needsFacts() {
			w.writeValidateFacts(s)
		}
	}
	w.comment("isCrossField reports whether a rule is one over several members of an object.")
	w.line("func isCrossField(id string) bool {\nswitch id {\ncase %s:\nreturn true\n}\nreturn false\n}\n", strings.Join(ids, ",\n"))
	support, _ := celgo.Support(results...)
	return w.text.String() + support
}

// writeFactsType writes the type of the facts.
func (w *ruler) writeFactsType() {
	if len(w.facts) == 0 {
		return
	}
	w.comment("Facts are the objects beside the value that rules read. A rule that reads a nil one is not judged.")
	w.line("type Facts struct {")
	for _, f := range w.plan.factList {
		w.line("%s *%s", goName(f.name), w.facts[f.name].goType)
	}
	w.line("}\n")
}

// writeRule writes the function that decides a rule.
func (w *ruler) writeRule(s *shape, c crossField) {
	cite := ""
	if c.Source != "" {
		cite = " Source: " + c.Source + "."
	}
	w.comment("%s reports whether the rule %s holds: %s.%s", c.function, c.ID, strings.TrimSuffix(c.Message, "."), cite)
	w.line("//")
	for line := range strings.Lines(strings.TrimSpace(c.Program.Expression())) {
		w.line("//\t%s", strings.TrimSpace(line))
	}
	parameters := "self *" + s.goType
	for _, name := range factNames(c.Needs) {
		parameters += ", " + lowerFirst(goName(name)) + " *" + w.facts[name].goType
	}
	w.line("func %s(%s) bool {\n%s}\n", c.function, parameters, c.result.Body)
}

// writeJudge writes the function that judges the rules over an object, those that need facts apart.
func (w *ruler) writeJudge(s *shape) {
	w.comment("judge%s judges the rules over several members of %s, except those that read a member which breaks its "+
		"schema, as found since start.", s.stem, withArticle(s.goType))
	w.line("func judge%s(f *findings, start int, self *%s) {", s.stem, s.goType)
	for _, c := range s.rules {
		if len(c.Needs) > 0 {
			continue
		}
		w.line("if !%s(self) && !f.spoiled(start, %s) {", c.function, quoteAll(c.reads))
		w.writeViolations(c)
		w.line("}")
	}
	w.line("}\n")
}

// writeViolations writes statements that add the violations of a rule, one for each member that it blames.
func (w *ruler) writeViolations(c crossField) {
	for _, field := range c.Fields {
		w.line("f.addAt(%q, %s)", field, rule{c.ID, c.Message}.args())
	}
}

func quoteAll(texts []string) string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = strconv.Quote(text)
	}
	return strings.Join(out, ", ")
}

// needsFacts reports whether a rule over the object or one inside it needs facts.
func (s *shape) needsFacts() bool {
	needs := func(c crossField) bool { return len(c.Needs) > 0 }
	return s.contains(func(s *shape) bool { return slices.ContainsFunc(s.rules, needs) }, map[*shape]bool{})
}

// writeValidateFacts writes the method that judges the rules that need facts.
func (w *ruler) writeValidateFacts(s *shape) {
	w.comment("ValidateFacts judges a value that Validate accepts by the rules that need facts. It returns all " +
		"violations, nil if there are none.")
	w.line("func (v *%s) ValidateFacts(facts Facts) Violations {", s.goType)
	w.line("var f findings\nfacts%s(&f, v, &facts)\nreturn f.result()\n}\n", s.stem)
	w.comment("facts%s judges the rules over %s that need facts.", s.stem, withArticle(s.goType))
	w.line("func facts%s(f *findings, self *%s, facts *Facts) {", s.stem, s.goType)
	for _, c := range s.rules {
		if len(c.Needs) > 0 {
			w.line("if %s && !%s(self, %s) {", w.factsPresent(c), c.function, w.factArguments(c))
			w.writeViolations(c)
			w.line("}")
		}
	}
	for _, m := range s.members {
		if m.kind == object && m.needsFacts() {
			w.line("mark%s := len(f.found)", m.field)
			if m.pointer {
				w.line("if self.%s != nil {\nfacts%s(f, self.%s, facts)\n}", m.field, m.stem, m.field)
			} else {
				w.line("facts%s(f, &self.%s, facts)", m.stem, m.field)
			}
			w.line("f.within(mark%s, %q)", m.field, m.name)
		}
		if m.kind == list && m.item.kind == object && m.item.needsFacts() {
			w.line("mark%s := len(f.found)\nfor i := range self.%s {\nmark := len(f.found)", m.field, m.field)
			w.line("facts%s(f, &self.%s[i], facts)\nf.withinItem(mark, i)\n}", m.item.stem, m.field)
			w.line("f.within(mark%s, %q)", m.field, m.name)
		}
	}
	w.line("}\n")
}

// factsPresent returns the condition that the facts of a rule are present.
func (w *ruler) factsPresent(c crossField) string {
	conditions := map[string]bool{}
	for _, need := range c.Needs {
		name, member, _ := strings.Cut(need, ".")
		place := "facts." + goName(name)
		conditions[place+" != nil"] = true
		for _, m := range w.facts[name].members {
			if m.name == member {
				conditions[place+"."+m.field+" != "+m.absentValue()] = true
			}
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(conditions)), " && ")
}

// factArguments returns the facts of a rule as arguments.
func (w *ruler) factArguments(c crossField) string {
	var out []string
	for _, name := range factNames(c.Needs) {
		out = append(out, "facts."+goName(name))
	}
	return strings.Join(out, ", ")
}
