package openapi

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// operations gathers the rules of the operations: parameters, the success
// answer, postconditions.
func (p *parser) operations() {
	for _, op := range p.inOrder() {
		p.operation(op, "/paths/"+source.Escape(op.Path)+"/"+strings.ToLower(op.Method))
	}
}

// inOrder returns the operations in the order of the document. What is said of a schema that several use is said of
// the first, so that another order would give other words.
func (p *parser) inOrder() []Operation {
	var out []Operation
	paths := p.doc.T.Paths.Map()
	for _, path := range Ordered(p.doc, paths, "/paths") {
		operations := map[string]*openapi3.Operation{}
		for method, operation := range paths[path].Operations() {
			operations[strings.ToLower(method)] = operation
		}
		for _, method := range Ordered(p.doc, operations, "/paths/"+source.Escape(path)) {
			out = append(out, Operation{operations[method], path, strings.ToUpper(method)})
		}
	}
	return out
}

func (p *parser) operation(op Operation, at string) {
	prefix := op.OperationID
	if prefix == "" {
		p.fault(at, "an operation has an operationId")
		return
	}
	p.requests(op, at)
	for i, parameter := range op.Parameters {
		pointer := fmt.Sprintf("%s/parameters/%d", at, i)
		v := parameter.Value
		cites := p.cited(v.Extensions, pointer)
		p.keywords(v.Schema, prefix+"."+v.Name, pointer+"/schema", cites, p.errata(v.Extensions, pointer))
	}
	responses := op.Responses.Map()
	for _, status := range Ordered(p.doc, responses, at+"/responses") {
		pointer := at + "/responses/" + status
		response := responses[status]
		if response.Ref != "" {
			continue
		}
		cites := p.cited(response.Value.Extensions, pointer)
		p.add(&Rule{
			ID: prefix + ".responses." + status, Kind: Keyword, Pointer: pointer,
			Level: level(cites.of("")), Source: cites.of(""),
			Message: "the answer to an accepted request has status " + status,
		})
		p.add(&Rule{
			ID: prefix + ".responses." + status + ".content", Kind: Keyword, Pointer: pointer + "/content",
			Level: level(cites.of("content")), Source: cites.of("content"),
			Message: "the answer is JSON and says so in Content-Type",
		})
		if answer := jsonSchema(response.Value.Content); answer != nil && op.JSON() != nil {
			p.postconditions(op, prefix, at, answer)
		}
	}
}

// requests takes the examples of an operation's request; where is the operation.
func (p *parser) requests(op Operation, where string) {
	if op.JSON() == nil {
		return
	}
	if at, only := variants(op); !only {
		p.fault(where, "%s is one of several members with %s, want one", at, variantsKey)
	}
	for _, example := range op.RequestBody.Value.Content.Get("application/json").Examples {
		if example.Value == nil {
			continue
		}
		body, err := json.Marshal(example.Value.Value)
		if err != nil {
			continue // it was read from JSON
		}
		if value, err := decoded(body); err == nil {
			p.doc.examples[example.Value] = documented{body, value}
		}
	}
}

// postconditions compiles the operation's rules over an exchange; answer is
// the body that they speak of.
func (p *parser) postconditions(op Operation, prefix, at string, answer *openapi3.SchemaRef) {
	scope, err := p.scopes.Scope(append(p.known(),
		rule.Variable{Name: "request", Schema: op.JSON()},
		rule.Variable{Name: "response", Schema: answer},
		rule.Variable{Name: "headers"},
	)...)
	if err != nil {
		p.fault(at, "%v", err)
		return
	}
	p.doc.after = append(p.doc.after, p.expressions(op.Extensions, at, "x-postconditions", prefix, scope, answer)...)
}

// schemas gathers the rules of the components' schemas.
func (p *parser) schemas() {
	const at = "/components/schemas"
	for _, name := range Ordered(p.doc, p.doc.T.Components.Schemas, at) {
		s := p.doc.T.Components.Schemas[name]
		prefix := name
		if s.Value.Title != "" {
			prefix = s.Value.Title
		}
		pointer := at + "/" + source.Escape(name)
		cites := p.cited(s.Value.Extensions, pointer)
		p.keywords(s, prefix, pointer, cites, nil)
		p.idle(cites, s.Value, pointer)
		self := &openapi3.SchemaRef{Ref: "#" + pointer, Value: s.Value}
		scope, err := p.scopes.Scope(append(p.known(), rule.Variable{Name: "self", Schema: self})...)
		if err != nil {
			p.fault(pointer, "%v", err)
			continue
		}
		p.doc.byObject[s.Value] = p.expressions(s.Value.Extensions, pointer, "x-validations", prefix, scope, self)
		if _, ok := s.Value.Extensions["x-unclaimed"].([]any); ok {
			p.doc.unclaimed[s.Value] = p.expressions(s.Value.Extensions, pointer, "x-unclaimed", prefix, scope, self)
		}
	}
}

// keywords gathers the rules that a schema's keywords state, and those of the
// schemas inside it that have no name of their own.
func (p *parser) keywords(s *openapi3.SchemaRef, prefix, at string, cites citations, errata []string) {
	if s == nil || s.Ref != "" || len(s.Value.AllOf) > 0 {
		return
	}
	v := s.Value
	p.shown(v, at)
	for _, k := range sentences(v) {
		r := &Rule{
			ID: prefix + "." + k.keyword, Kind: Keyword, Schema: v, Keyword: k.keyword, Pointer: at + "/" + key(v, k.keyword),
			Level: level(cites.of(k.keyword)), Source: cites.of(k.keyword), Errata: errata,
			Message: p.subject(v, prefix) + " " + k.says,
		}
		p.add(r)
		p.doc.byKeyword[keyword{v, k.keyword, ""}] = r
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
		p.openPattern(property.Value, pointer)
		cites := p.cited(property.Value.Extensions, pointer)
		errata := p.errata(property.Value.Extensions, pointer)
		if slices.Contains(v.Required, name) {
			r := &Rule{
				ID: prefix + "." + name + ".required", Kind: Keyword, Schema: v, Keyword: "required", Member: name,
				Pointer: fmt.Sprintf("%s/required/%d", at, slices.Index(v.Required, name)),
				Level:   level(cites.of("required")), Source: cites.of("required"), Errata: errata,
				Message: name + " is present",
			}
			p.add(r)
			p.doc.byKeyword[keyword{v, "required", name}] = r
		}
		p.keywords(property, prefix+"."+name, pointer, cites, errata)
		p.idle(cites, resolved(property).Value, pointer)
		p.names(property.Value, pointer)
	}
	p.keywords(v.Items, prefix+".items", at+"/items", cites, errata)
}

// subject names what the keywords of a schema speak of: a member, an item, or
// for a schema of the components the first that has it.
func (p *parser) subject(s *openapi3.Schema, prefix string) string {
	if use, ok := p.uses[s]; ok {
		return use
	}
	list, isItem := strings.CutSuffix(prefix, ".items")
	name := list[strings.LastIndexByte(list, '.')+1:]
	if isItem {
		return "an item of " + name
	}
	return name
}

// usesOf finds the first use of every schema in the bodies of the operations, and its members.
func (p *parser) usesOf() {
	p.uses = map[*openapi3.Schema]string{}
	for _, op := range p.inOrder() {
		bodies := []*openapi3.SchemaRef{op.JSON()}
		for _, status := range slices.Sorted(maps.Keys(op.Responses.Map())) {
			bodies = append(bodies, jsonSchema(op.Responses.Value(status).Value.Content))
		}
		for _, body := range bodies {
			if body != nil {
				p.use(body, "the body")
			}
		}
	}
}

func (p *parser) use(s *openapi3.SchemaRef, as string) {
	s = resolved(s)
	if p.uses[s.Value] != "" {
		return
	}
	p.uses[s.Value] = as
	p.doc.members[s.Value] = slices.Sorted(maps.Keys(s.Value.Properties))
	for _, name := range p.doc.members[s.Value] {
		p.use(s.Value.Properties[name], name)
	}
	if s.Value.Items != nil {
		p.use(s.Value.Items, "an item of "+as)
	}
}

// sentence is what one keyword asks.
type sentence struct{ keyword, says string }

// Says returns what a keyword of a schema asks, to follow a subject: "is at most 60". It is empty for a keyword that asks
// nothing.
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
	say(kind != "" && len(s.Enum) == 0, "type", "is %s %s", article, kind) // an enumeration says it too
	say(len(s.Enum) > 0, "enum", "is one of %v", list(s.Enum))
	say(s.Format == "int32" && (s.Min == nil || s.Max == nil), "format", "is an int32") // else the bounds are tighter
	say(s.Format == "password", "format", "is a secret that no answer repeats")
	say(judged, "format", "has the format %s", s.Format)
	say(s.Min != nil, "minimum", "is at least %v", number(s.Min))
	say(s.Min != nil && s.ExclusiveMin.IsTrue(), "exclusiveMinimum", "is more than %v", number(s.Min))
	say(s.Max != nil, "maximum", "is at most %v", number(s.Max))
	say(s.Max != nil && s.ExclusiveMax.IsTrue(), "exclusiveMaximum", "is less than %v", number(s.Max))
	say(s.MultipleOf != nil, "multipleOf", "is a multiple of %v", number(s.MultipleOf))
	say(s.MinLength > 0, "minLength", "has at least %s", count(s.MinLength, "character"))
	say(s.MaxLength != nil, "maxLength", "has at most %s", count(value(s.MaxLength), "character"))
	say(s.Pattern != "", "pattern", "matches %s", s.Pattern)
	say(s.MinItems > 0, "minItems", "has at least %s", count(s.MinItems, "item"))
	say(s.MaxItems != nil, "maxItems", "has at most %s", count(value(s.MaxItems), "item"))
	say(s.UniqueItems, "uniqueItems", "has no item twice")
	say(s.MinProps > 0, "minProperties", "has at least %s", count(s.MinProps, "member"))
	say(s.MaxProps != nil, "maxProperties", "has at most %s", count(value(s.MaxProps), "member"))
	say(s.AdditionalProperties.Has != nil && !*s.AdditionalProperties.Has, "additionalProperties", "has no other members")
	say(s.Default != nil, "default", "is %v when absent", s.Default)
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
		texts[i] = fmt.Sprint(v)
	}
	return strings.Join(texts, ", ")
}

func count(n uint64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func value(n *uint64) uint64 {
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
