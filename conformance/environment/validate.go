package environment

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Validate says what is wrong in an environment, all of it, each by its JSON
// Pointer. The name stands in messages.
func (e Environment) Validate(doc *openapi.Document, name string) error {
	return e.validate(doc, func(pointer, format string, args ...any) source.Fault {
		return source.Fault{File: name, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
	})
}

// validate says what is wrong in an environment; fault makes it something said
// of the value at a place.
func (e Environment) validate(doc *openapi.Document, fault func(pointer, format string, args ...any) source.Fault) error {
	c := checker{doc: doc, fault: fault}
	if e.TokenEnv != "" && !variableName.MatchString(e.TokenEnv) { // most likely the token itself
		c.wrong("/token_env", "want the name of an environment variable: letters, digits and _, no digit first")
	}
	c.headers(e.Headers)
	c.parameters(e.Parameters)
	c.objects(e.Objects)
	if len(c.faults) > 0 {
		return c.faults
	}
	return nil
}

// checker gathers the wrong values of an environment.
type checker struct {
	doc    *openapi.Document
	fault  func(pointer, format string, args ...any) source.Fault
	faults source.Faults
}

func (c *checker) wrong(pointer, format string, args ...any) {
	c.faults = append(c.faults, withoutSecret(c.fault(pointer, format, args...)))
}

// variableName matches the name of an environment variable as a shell can name it
// (POSIX.1-2024, 3.216), in the printed command of a request too.
var variableName = regexp.MustCompile("^[A-Za-z_][A-Za-z0-9_]*$")

// headerName matches the name of a header field (RFC 9110, 5.6.2).
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (c *checker) headers(headers map[string]string) {
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		at := "/headers/" + match.Escape(name)
		if !headerName.MatchString(name) {
			c.wrong(at, "no valid header field")
			continue
		}
		if first, ok := fields[strings.ToLower(name)]; ok {
			c.wrong(at, "the same header field as %s", first)
		}
		fields[strings.ToLower(name)] = name
		if strings.ContainsFunc(headers[name], unicode.IsControl) {
			c.wrong(at, "no valid header field")
		}
		if slices.Contains([]string{"host", "content-length", "content-type", "transfer-encoding"}, strings.ToLower(name)) {
			c.wrong(at, "the runner sets this header itself")
		}
	}
}

func (c *checker) parameters(values map[string]string) {
	known := map[string]string{} // where each is sent
	for _, op := range c.doc.Operations() {
		for _, p := range op.Parameters {
			if known[p.Value.Name] != openapi3.ParameterInPath {
				known[p.Value.Name] = p.Value.In
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		at, value := "/parameters/"+match.Escape(name), values[name]
		switch in, ok := known[name]; {
		case !ok:
			c.wrong(at, "no operation has such a parameter, only %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case in == openapi3.ParameterInPath:
			c.segment(at, value)
		case value == "" || strings.ContainsFunc(value, unicode.IsControl):
			c.wrong(at, "want a non-empty text without control characters, got %q", value)
		}
	}
}

// segment checks what becomes a segment of a path.
func (c *checker) segment(at, s string) {
	switch {
	case s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("/?#%", r) }):
		c.wrong(at, "want a non-empty text without blanks, control characters and / ? # %%, got %q", s)
	case s == "." || s == "..":
		c.wrong(at, "%q is no name in a path", s)
	}
}

// objects checks each object against its schema, the texts by which requests name it
// against the schemas of the members that do, and that no two have the same.
func (c *checker) objects(objects map[string][]Object) {
	kinds, seen := c.doc.Kinds(), map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		i := slices.IndexFunc(kinds, func(f openapi.Fact) bool { return f.Name == name })
		if i < 0 {
			c.wrong("/objects/"+match.Escape(name), "the document knows no such objects, only %s", c.known())
			continue
		}
		for n, object := range objects[name] {
			at := fmt.Sprintf("/objects/%s/%d", match.Escape(name), n)
			before := len(c.faults)
			if c.object(at, kinds[i], object); len(c.faults) == before {
				c.names(seen, at, kinds[i], object)
			}
		}
	}
}

func (c *checker) known() string {
	var names []string
	for _, f := range c.doc.Kinds() {
		names = append(names, f.Name)
	}
	if names == nil {
		return "parameters"
	}
	return strings.Join(names, " and ")
}

// object holds an object against its schema.
func (c *checker) object(at string, f openapi.Fact, object Object) {
	for _, v := range c.doc.CheckFact(f, Fact(f, object)) {
		found, there := match.Lookup(object, v.Pointer)
		keyword := ""
		if v.Rule != nil && v.Rule.Kind == openapi.Keyword {
			keyword = v.Rule.Keyword
		}
		switch value := found.(type) {
		case Object:
			if keyword == "additionalProperties" {
				c.unknown(at+v.Pointer, openapi.Member(f.Schema, v.Pointer), value)
				continue
			}
		case string:
			if keyword != "" && there {
				v.Message += fmt.Sprintf(", got %q", value)
			}
		case json.Number, float64, bool:
			v.Message += fmt.Sprintf(", got %v: put it in quotes", value)
		}
		c.wrong(at+v.Pointer, "%s", v.Message)
	}
}

// unknown names the members that an object's schema does not have.
func (c *checker) unknown(at string, s *openapi3.SchemaRef, object Object) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if s.Value.Properties[name] == nil {
			c.wrong(at+"/"+match.Escape(name), "there is no such member")
		}
	}
}

// names checks the texts by which requests name an object, and what it lists.
func (c *checker) names(seen map[string]string, at string, f openapi.Fact, object Object) {
	for _, op := range c.doc.Operations() {
		for _, n := range c.doc.Named(op.JSON()) {
			if n.Fact != f.Name {
				continue
			}
			place := strings.Join(append([]string{at}, n.Path...), "/")
			for _, text := range n.Texts(c.doc, Fact(f, object)) {
				if n.Schema.VisitJSON(text) != nil {
					c.wrong(place, "%q cannot be named by %s: %s", text, n.Pointer, says(n.Schema))
				}
				among := n.Pointer + " " + text // of all objects, or of what one of them lists
				if len(n.Path) > 0 {
					among = place + " " + text
				}
				if first, ok := seen[among]; ok {
					c.wrong(place, "%q is also the name at %s", text, first)
				}
				seen[among] = place
			}
		}
	}
}

// says is what a schema asks of a text.
func says(s *openapi3.Schema) string {
	var out []string
	for _, keyword := range []string{"enum", "minLength", "maxLength", "pattern"} {
		if text := openapi.Says(s, keyword); text != "" {
			out = append(out, "it "+text)
		}
	}
	return strings.Join(out, ", ")
}
