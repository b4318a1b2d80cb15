package generator

import (
	"fmt"
	"strconv"
	"strings"
)

// rule is an obligation that the generated code names.
type rule struct{ id, message string }

// args writes the rule as two arguments of a call.
func (r rule) args() string { return strconv.Quote(r.id) + ", " + strconv.Quote(r.message) }

// keyword returns the rule that a keyword of a schema states. If the document gives it no id, one is made of the names
// around it.
func (p *plan) keyword(s *shape, name string) rule {
	if r := p.document.Keyword(s.schema, name, ""); r != nil {
		return rule{r.ID, r.Message}
	}
	return rule{s.path + "." + name, subject(s.path) + " " + asks(s, name)}
}

// subject names what a rule without words in the document speaks of.
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

// count writes a number of things.
func count(n uint64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// missing returns the rule that a member is present.
func (p *plan) missing(s *shape, member string) rule {
	if r := p.document.Keyword(s.schema, "required", member); r != nil {
		return rule{r.ID, r.Message}
	}
	return rule{s.path + "." + member + ".required", member + " is present"}
}

// asks says what a keyword asks, for one that the document does not put into words.
func asks(s *shape, name string) string {
	v := s.schema
	switch name {
	case "type":
		return "has the type " + strings.Join(v.Type.Slice(), " or ")
	case "nullable":
		return "is not null"
	case "enum":
		return fmt.Sprint("is one of ", v.Enum)
	case "format":
		return "has the format " + v.Format
	case "minimum", "exclusiveMinimum":
		return fmt.Sprintf("is at least %v", *v.Min) + exclusively(name)
	case "maximum", "exclusiveMaximum":
		return fmt.Sprintf("is at most %v", *v.Max) + exclusively(name)
	case "multipleOf":
		return fmt.Sprintf("is a multiple of %v", *v.MultipleOf)
	case "minLength":
		return "has at least " + count(v.MinLength, "character")
	case "maxLength":
		return "has at most " + count(*v.MaxLength, "character")
	case "pattern":
		return "matches " + v.Pattern
	case "minItems":
		return "has at least " + count(v.MinItems, "item")
	case "maxItems":
		return "has at most " + count(*v.MaxItems, "item")
	case "uniqueItems":
		return "has no item twice"
	case "minProperties":
		return "has at least " + count(v.MinProps, "member")
	case "maxProperties":
		return "has at most " + count(*v.MaxProps, "member")
	}
	return "has no other members" // additionalProperties, which kin-openapi calls properties
}

func exclusively(name string) string {
	if strings.HasPrefix(name, "exclusive") {
		return ", exclusively"
	}
	return ""
}
