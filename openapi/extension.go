package openapi

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// The extensions of a member.
const (
	shownKey    = "x-default-shown"
	namesKey    = "x-names"
	variantsKey = "x-variants"
)

// Variants returns the JSON Pointer of the member of an operation's request
// whose values make different kinds of requests: the style of a connection for
// instance. It is empty if there is none.
func (d *Document) Variants(op Operation) string {
	at, _ := findVariants(op)
	return at
}

// findVariants finds the first member with x-variants, and reports whether it is
// the only one.
func findVariants(op Operation) (first string, only bool) {
	only = true
	if op.JSON() == nil {
		return "", only
	}
	walk(op.JSON(), "", map[*openapi3.Schema]bool{}, func(s *openapi3.Schema, at string) bool {
		if marked, _ := s.Extensions[variantsKey].(bool); marked {
			only = first == ""
			if first == "" {
				first = at
			}
		}
		return only
	})
	return first, only
}

// checkNames checks x-names and x-variants of a member.
func (p *parser) checkNames(s *openapi3.Schema, pointer string) {
	var name string
	if p.readExtension(s.Extensions, namesKey, pointer, &name) && !p.isFact(name) {
		p.fault(pointer+"/"+namesKey, "there is no fact %q", name)
	}
	var marked bool
	if p.readExtension(s.Extensions, variantsKey, pointer, &marked) && marked && len(s.Enum) == 0 {
		p.fault(pointer+"/"+variantsKey, "want an enumeration beside it")
	}
}

// takeShownDefault makes x-default-shown the default of its schema, so that everything
// that reads the model finds one kind of default.
func (p *parser) takeShownDefault(s *openapi3.Schema, at string) {
	value, ok := s.Extensions[shownKey]
	if !ok {
		return
	}
	if s.Default != nil {
		p.fault(at+"/"+shownKey, "the schema already has a default")
		return
	}
	if s.VisitJSON(value) != nil {
		p.fault(at+"/"+shownKey, "the schema does not allow %v", value)
		return
	}
	s.Default = value
}

// keywordKey returns the member of a schema in the document that states a keyword.
func keywordKey(s *openapi3.Schema, keyword string) string {
	if _, ok := s.Extensions[shownKey]; ok && keyword == "default" {
		return shownKey
	}
	return keyword
}

// walk visits a schema and those inside it, each once, with the JSON Pointer
// of its value, which takes the first item of an array. It ends, and returns
// false, as soon as visit does.
func walk(s *openapi3.SchemaRef, at string, seen map[*openapi3.Schema]bool, visit func(*openapi3.Schema, string) bool) bool {
	s = unwrap(s)
	if seen[s.Value] {
		return true
	}
	seen[s.Value] = true
	if !visit(s.Value, at) {
		return false
	}
	if s.Value.Items != nil {
		return walk(s.Value.Items, at+"/0", seen, visit)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Value.Properties)) {
		if !walk(s.Value.Properties[name], at+"/"+source.Escape(name), seen, visit) {
			return false
		}
	}
	return true
}

// Secret returns the JSON Pointer of the first member of an operation's request that
// is a secret, and the rule that no answer repeats it. It is empty if there is none.
func (d *Document) Secret(op Operation) (pointer string, r *Rule) {
	if op.JSON() == nil {
		return "", nil
	}
	walk(op.JSON(), "", map[*openapi3.Schema]bool{}, func(s *openapi3.Schema, at string) bool {
		if s.Format == "password" {
			pointer, r = at, d.Keyword(s, "format", "")
		}
		return r == nil
	})
	return pointer, r
}

// TokenField returns the header field that carries a token, and the text before the
// token in it. It takes the first security scheme of an operation that is a key in a
// header field, or a bearer token. Both are empty if there is none.
func (d *Document) TokenField() (name, scheme string) {
	for _, op := range d.operations {
		security := op.Security
		if security == nil {
			security = &d.T.Security
		}
		for _, requirement := range *security {
			for _, id := range slices.Sorted(maps.Keys(requirement)) {
				s := d.T.Components.SecuritySchemes[id]
				switch {
				case s == nil:
				case s.Value.Type == "apiKey" && s.Value.In == openapi3.ParameterInHeader:
					return http.CanonicalHeaderKey(s.Value.Name), ""
				case s.Value.Type == "http" && strings.EqualFold(s.Value.Scheme, "bearer"):
					return "Authorization", "Bearer "
				}
			}
		}
	}
	return "", ""
}
