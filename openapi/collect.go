package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// gatherOperationRules gathers the rules that bind one operation: of its parameters,
// its request, its answers and its postconditions.
func (p *parser) gatherOperationRules() {
	for _, op := range p.doc.operations {
		p.gatherOperation(op)
	}
}

func (p *parser) gatherOperation(op Operation) {
	at := op.pointer()
	if op.OperationID == "" {
		p.fault(at, "operationId is missing")
		return
	}
	p.readExamples(op)
	p.gatherParameters(op)
	if body := op.JSON(); body != nil {
		p.gatherKeywords(body, op.OperationID+".request", at+requestAt+"/schema", nil, nil)
	}
	responses := op.Responses.Map()
	for _, status := range Ordered(p.doc, responses, at+"/responses") {
		if responses[status].Ref == "" {
			p.gatherResponse(op, status, responses[status].Value, at+"/responses/"+status)
		}
	}
	p.gatherLinks(op)
	p.gatherPostconditions(op)
}

// gatherParameters gathers the rules of the path, query and header parameters.
func (p *parser) gatherParameters(op Operation) {
	for i, parameter := range op.Parameters {
		v, pointer := parameter.Value, fmt.Sprintf("%s/parameters/%d", op.pointer(), i)
		if i >= len(op.Operation.Parameters) { // shared by all operations of the path
			pointer = "/paths/" + source.Escape(op.Path) + "/parameters"
		}
		if name, ok := strings.CutPrefix(parameter.Ref, "#"); ok {
			pointer = name
		}
		if v.Schema == nil {
			continue // a parameter with content has no rules
		}
		cites, errata := p.readCitations(v.Extensions, pointer), p.readErrata(v.Extensions, pointer)
		prefix := op.OperationID + "." + v.Name
		before := len(p.doc.Rules)
		if v.Required && v.In != openapi3.ParameterInPath {
			r := p.newRule(prefix+".required", pointer+"/required", cites.of("required"), v.Name+" is present")
			r.Keyword, r.Errata = "required", errata
			p.add(r)
		}
		p.gatherKeywords(&openapi3.SchemaRef{Value: v.Schema.Value}, prefix, pointer+"/schema", cites, errata)
		for _, r := range p.doc.Rules[before:] {
			r.Operation, r.Parameter = op.OperationID, v
		}
	}
}

// gatherResponse gathers the rules of a response that is written in the operation
// itself. A shared response yields no rules of the operation: it describes answers
// that may come, and asks for none.
func (p *parser) gatherResponse(op Operation, status string, response *openapi3.Response, pointer string) {
	prefix := op.OperationID + ".responses." + status
	cites := p.readCitations(response.Extensions, pointer)
	before := len(p.doc.Rules)
	success, answer := status == strconv.Itoa(op.Success()), jsonSchema(response.Content)
	if success {
		p.add(p.newRule(prefix, pointer, cites.of(""), "the answer to an accepted request has status "+status))
	}
	if success && answer != nil {
		p.add(p.newRule(prefix+".content", pointer+"/content", cites.of("content"), "the answer is JSON and says so in Content-Type"))
	}
	if answer != nil {
		p.gatherKeywords(answer, prefix+".body", pointer+jsonAt+"/schema", cites, nil)
	}
	for _, name := range Ordered(p.doc, response.Headers, pointer+"/headers") {
		p.gatherHeader(response.Headers[name], prefix+".headers."+name, pointer+"/headers/"+source.Escape(name))
	}
	for _, r := range p.doc.Rules[before:] {
		r.Operation = op.OperationID
	}
}

// gatherHeader gathers the rules of a header field of an answer: that it is present,
// and its keywords. The type string yields no rule, because every field keeps it.
func (p *parser) gatherHeader(header *openapi3.HeaderRef, prefix, pointer string) {
	v := header.Value
	cites := p.readCitations(v.Extensions, pointer)
	if v.Required {
		r := p.newRule(prefix+".required", pointer+"/required", cites.of("required"), prefix[strings.LastIndexByte(prefix, '.')+1:]+" is present")
		r.Keyword = "required"
		p.add(r)
		p.doc.headers[v] = r
	}
	if v.Schema != nil && (!v.Schema.Value.Type.Is("string") || len(sentences(v.Schema.Value)) > 1) {
		p.gatherKeywords(&openapi3.SchemaRef{Value: v.Schema.Value}, prefix, pointer+"/schema", cites, nil)
	}
}

// gatherPostconditions gathers the operation's rules over an exchange. They judge only
// the answer to a request that was carried out, so an operation without a 2xx status
// can have none.
func (p *parser) gatherPostconditions(op Operation) {
	status := op.Success()
	if status == 0 {
		if _, ok := op.Extensions["x-postconditions"]; ok {
			p.fault(op.pointer()+"/x-postconditions", "the operation documents no 2xx status that they could judge")
		}
		return
	}
	variables := append(p.factVariables(), rule.Variable{Name: "headers"}, rule.Variable{Name: "parameters"})
	for name, schema := range map[string]*openapi3.SchemaRef{"request": op.JSON(), "response": op.Answer(status)} {
		if schema != nil {
			variables = append(variables, rule.Variable{Name: name, Schema: schema})
		}
	}
	scope, err := p.scopes.Scope(variables...)
	if err != nil {
		p.fault(op.pointer(), "%v", err)
		return
	}
	rules := p.gatherExpressions(op.Extensions, op.pointer(), "x-postconditions", op.OperationID, scope, op.Answer(status))
	for _, r := range rules {
		r.Operation = op.OperationID
	}
	p.doc.after[op.OperationID] = rules
}

// componentsAt is the place of the schemas that have names.
const componentsAt = "/components/schemas"

// gatherComponents gathers the rules of the components' schemas.
func (p *parser) gatherComponents() {
	const at = componentsAt
	for _, name := range Ordered(p.doc, p.doc.T.Components.Schemas, at) {
		s := p.doc.T.Components.Schemas[name]
		prefix := name
		if s.Value.Title != "" {
			prefix = s.Value.Title
		}
		pointer := at + "/" + source.Escape(name)
		cites := p.readCitations(s.Value.Extensions, pointer)
		p.gatherKeywords(s, prefix, pointer, cites, nil)
		p.checkCitedKeywords(cites, s.Value, pointer)
		p.gatherCrossField(&openapi3.SchemaRef{Ref: "#" + pointer, Value: s.Value}, prefix, pointer)
	}
}

// gatherCrossField gathers the rules over the object of a schema.
func (p *parser) gatherCrossField(self *openapi3.SchemaRef, prefix, pointer string) {
	extensions := self.Value.Extensions
	_, open := extensions["x-unclaimed"].([]any)
	if _, ok := extensions["x-validations"]; !ok && !open {
		return
	}
	scope, err := p.scopes.Scope(append(p.factVariables(), rule.Variable{Name: "self", Schema: self})...)
	if err != nil {
		p.fault(pointer, "%v", err)
		return
	}
	p.doc.byObject[self.Value] = p.gatherExpressions(extensions, pointer, "x-validations", prefix, scope, self)
	if open {
		p.doc.unclaimed[self.Value] = p.gatherExpressions(extensions, pointer, "x-unclaimed", prefix, scope, self)
	}
}

// gatherKeywords gathers the rules that a schema's keywords state, and those of the
// schemas inside it that have no name of their own. A reference yields nothing here:
// the rules of a component are gathered once, with the component.
func (p *parser) gatherKeywords(s *openapi3.SchemaRef, prefix, at string, cites citations, errata []string) {
	if s == nil || s.Ref != "" {
		return
	}
	v := s.Value
	if v.Example != nil && v.VisitJSON(v.Example) != nil {
		p.warn(at+"/example", "the schema does not allow its example")
	}
	if p.lax && v.Default != nil && v.VisitJSON(v.Default) != nil {
		p.warn(at+"/default", "the schema does not allow its default, so it is left out")
		v.Default = nil
	}
	p.takeShownDefault(v, at)
	for _, k := range sentences(v) {
		r := p.newRule(prefix+"."+k.keyword, at+"/"+keywordKey(v, k.keyword), cites.of(k.keyword), p.subject(v, prefix)+" "+k.says)
		r.Schema, r.Keyword, r.Errata = v, k.keyword, errata
		p.addKeyword(r)
	}
	if cite, ok := cites["additionalProperties"]; ok && v.AdditionalProperties.Has == nil {
		p.add(&Rule{
			ID: prefix + ".additionalProperties", Kind: Keyword, Schema: v, Keyword: "additionalProperties", Pointer: at + "/x-source",
			Level: May, Source: cite, Message: p.subject(v, prefix) + " may have members that the document does not know",
		})
	}
	for _, name := range Ordered(p.doc, v.Properties, at+"/properties") {
		property := v.Properties[name]
		pointer := at + "/properties/" + source.Escape(name)
		p.readOpenPattern(property.Value, pointer)
		cites := p.readCitations(property.Value.Extensions, pointer)
		errata := p.readErrata(property.Value.Extensions, pointer)
		if slices.Contains(v.Required, name) {
			place := fmt.Sprintf("%s/required/%d", at, slices.Index(v.Required, name))
			r := p.newRule(prefix+"."+name+".required", place, cites.of("required"), name+" is present")
			r.Schema, r.Keyword, r.Member, r.Errata = v, "required", name, errata
			p.addKeyword(r)
		}
		p.gatherKeywords(property, prefix+"."+name, pointer, cites, errata)
		p.checkCitedKeywords(cites, unwrap(property).Value, pointer)
		p.checkNames(property.Value, pointer)
	}
	p.gatherKeywords(v.Items, prefix+".items", at+"/items", cites, errata)
	p.gatherKeywords(v.AdditionalProperties.Schema, prefix+".values", at+"/additionalProperties", cites, errata)
	if !strings.HasPrefix(at, componentsAt) || strings.Count(at, "/") > strings.Count(componentsAt, "/")+1 { // those of a component are gathered with it
		p.gatherCrossField(s, prefix, at)
	}
}

// subject names the value that the keywords of a schema are about: a member, an item,
// or for a component the first member with that schema.
func (p *parser) subject(s *openapi3.Schema, prefix string) string {
	if use, ok := p.uses[s]; ok {
		return use
	}
	list, isItem := strings.CutSuffix(prefix, ".items")
	object, isValue := strings.CutSuffix(list, ".values")
	name := object[strings.LastIndexByte(object, '.')+1:]
	switch {
	case isItem:
		return "an item of " + name
	case isValue:
		return "a value of " + name
	}
	return name
}

// nameSchemas gives every schema in the bodies of the operations the name of its first
// use, and lists the members of each.
func (p *parser) nameSchemas() {
	p.uses = map[*openapi3.Schema]string{}
	for _, op := range p.doc.operations {
		bodies := []*openapi3.SchemaRef{op.JSON()}
		for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
			bodies = append(bodies, jsonSchema(op.Responses.Value(status).Value.Content))
		}
		for _, body := range bodies {
			if body != nil {
				p.nameSchema(body, "the body")
			}
		}
	}
}

func (p *parser) nameSchema(s *openapi3.SchemaRef, as string) {
	s = unwrap(s)
	if p.uses[s.Value] != "" {
		return
	}
	p.uses[s.Value] = as
	p.doc.members[s.Value] = slices.Sorted(maps.Keys(s.Value.Properties))
	for _, name := range p.doc.members[s.Value] {
		p.nameSchema(s.Value.Properties[name], name)
	}
	if s.Value.Items != nil {
		p.nameSchema(s.Value.Items, "an item of "+as)
	}
	if values := s.Value.AdditionalProperties.Schema; values != nil {
		p.nameSchema(values, "a value of "+as)
	}
}

// sentence is the obligation of one keyword, in words.
type sentence struct{ keyword, says string }

// Says returns the obligation of a keyword of a schema in words that follow a subject:
// "is at most 60". It is empty if the keyword is absent or obliges nobody.
func Says(s *openapi3.Schema, keyword string) string {
	for _, k := range sentences(s) {
		if k.keyword == keyword {
			return k.says
		}
	}
	return ""
}

// sentences lists the keywords of a schema that oblige, in a fixed order.
func sentences(s *openapi3.Schema) []sentence {
	var out []sentence
	say := func(present bool, keyword, format string, args ...any) {
		if present {
			out = append(out, sentence{keyword, fmt.Sprintf(format, args...)})
		}
	}
	kind := strings.Join(s.Type.Slice(), " or ")
	_, judged := openapi3.SchemaStringFormats[s.Format]
	article := "a"
	if strings.Contains("aeiou", kind[:min(1, len(kind))]) {
		article = "an"
	}
	say(kind != "" && len(s.Enum) == 0, "type", "is %s %s", article, kind) // an enumeration implies its type
	say(len(s.Enum) == 1, "enum", "is %v", list(s.Enum))
	say(len(s.Enum) > 1, "enum", "is one of %v", list(s.Enum))
	say(s.Format == "int32" && (s.Min == nil || s.Max == nil), "format", "is an int32") // otherwise the bounds imply it
	say(s.Format == "password", "format", "is a secret that no answer repeats")
	say(judged, "format", "has the format %s", s.Format)
	say(s.Min != nil, "minimum", "is at least %v", number(s.Min))
	say(s.Min != nil && s.ExclusiveMin.IsTrue(), "exclusiveMinimum", "is more than %v", number(s.Min))
	say(s.Max != nil, "maximum", "is at most %v", number(s.Max))
	say(s.Max != nil && s.ExclusiveMax.IsTrue(), "exclusiveMaximum", "is less than %v", number(s.Max))
	say(s.MultipleOf != nil, "multipleOf", "is a multiple of %v", number(s.MultipleOf))
	say(s.MinLength > 0, "minLength", "has at least %s", count(s.MinLength, "character"))
	say(s.MaxLength != nil, "maxLength", "has at most %s", count(orZero(s.MaxLength), "character"))
	say(s.Pattern != "", "pattern", "matches %s", s.Pattern)
	say(s.MinItems > 0, "minItems", "has at least %s", count(s.MinItems, "item"))
	say(s.MaxItems != nil, "maxItems", "has at most %s", count(orZero(s.MaxItems), "item"))
	say(s.UniqueItems, "uniqueItems", "has no item twice")
	say(s.MinProps > 0, "minProperties", "has at least %s", count(s.MinProps, "member"))
	say(s.MaxProps != nil, "maxProperties", "has at most %s", count(orZero(s.MaxProps), "member"))
	say(s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has, "additionalProperties", "has no other members")
	say(s.Nullable, "nullable", "may be null")
	say(s.Default != nil, "default", "is %s when absent", quoteEmpty(s.Default))
	unique, _ := s.Extensions["x-unique"].(bool)
	echo, _ := s.Extensions["x-echo"].(bool)
	clock, _ := s.Extensions["x-clock"].(bool)
	say(echo, "x-echo", "repeats what was sent")
	say(clock, "x-clock", "is the time of the request, give or take 15 minutes")
	say(unique, "x-unique", "never has the same value twice")
	return out
}

func list(values []any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = quoteEmpty(v)
	}
	return strings.Join(texts, ", ")
}

// quoteEmpty writes a value for a sentence, where an empty text would not be seen.
func quoteEmpty(v any) string {
	if v == "" {
		return `""`
	}
	return fmt.Sprint(v)
}

func count(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func orZero(n *uint64) uint64 {
	if n == nil {
		return 0
	}
	return *n
}

func number(n *float64) any {
	if n == nil {
		return nil
	}
	return fmt.Sprintf("%.16g", *n)
}
