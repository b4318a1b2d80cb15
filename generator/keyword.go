package generator

import (
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// rule is the id and the message of a violation in generated code.
type rule struct{ id, message string }

// args writes the rule as two arguments of a call.
func (r rule) args() string { return strconv.Quote(r.id) + ", " + strconv.Quote(r.message) }

// keywordRule returns the rule that a keyword of a schema states. If the document gives it no id, the id is made of the
// names around it.
func (p *plan) keywordRule(s *shape, name string) rule {
	r := p.document.Keyword(s.schema, name, "")
	if s.owner.parameter != nil { // parameters may share a schema
		r = p.parameterRule(s.owner, s.schema, name)
	}
	if r != nil {
		return rule{r.ID, p.exactMessage(s.schema, name, r.Message)}
	}
	return rule{s.path + "." + name, subject(s.path) + " " + p.exactMessage(s.schema, name, keywordWords(s, name))}
}

// rulesOfParameters returns the rules that the document states for parameters.
func rulesOfParameters(doc *openapi.Document) map[parameterOwner][]*openapi.Rule {
	rules := map[parameterOwner][]*openapi.Rule{}
	for _, r := range doc.Rules {
		if r.Parameter != nil {
			owner := parameterOwner{r.Operation, r.Parameter}
			rules[owner] = append(rules[owner], r)
		}
	}
	return rules
}

// parameterRule returns the rule that a keyword of a schema states in a parameter.
func (p *plan) parameterRule(of parameterOwner, schema *openapi3.Schema, name string) *openapi.Rule {
	for _, r := range p.ofParameters[of] {
		if r.Keyword == name && (r.Schema == schema || r.Schema == nil) {
			return r
		}
	}
	return nil
}

// subject names the value that a rule is about, if the document does not.
func subject(path string) string {
	list, isItem := strings.CutSuffix(path, ".items")
	i := strings.LastIndexByte(list, '.')
	name, inside := list[i+1:], i >= 0
	switch {
	case isItem && inside:
		return "an item of " + name
	case isItem:
		return "an item"
	case !inside:
		return "the body"
	}
	return name
}

// requiredRule returns the rule that a required member is present.
func (p *plan) requiredRule(s *shape, member string) rule {
	if r := p.document.Keyword(s.schema, "required", member); r != nil {
		return rule{r.ID, r.Message}
	}
	return rule{s.path + "." + member + ".required", member + " is present"}
}

// keywordWords returns the obligation of a keyword in words, for a keyword that yields no rule in package openapi.
func keywordWords(s *shape, name string) string {
	switch says := openapi.Says(s.schema, name); {
	case says != "":
		return says
	case name == "nullable", name == "type" && s.schema.Type.Slice() == nil:
		return "is not null"
	case name == "format":
		return "has the format " + s.schema.Format
	}
	return "has the type " + strings.Join(s.schema.Type.Slice(), " or ")
}
