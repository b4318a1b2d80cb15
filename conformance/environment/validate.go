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

// Validate returns all mistakes in an environment as [source.Faults], each with its
// JSON Pointer. The name is used in messages only.
func (e Environment) Validate(doc *openapi.Document, name string) error {
	return e.validate(doc, func(pointer, format string, args ...any) source.Fault {
		return source.Fault{File: name, Pointer: pointer, Message: fmt.Sprintf(format, args...)}
	})
}

// validate returns all mistakes in an environment; fault gives each its place in the
// file.
func (e Environment) validate(doc *openapi.Document, fault func(pointer, format string, args ...any) source.Fault) error {
	c := checker{doc: doc, fault: fault}
	if e.TokenEnv != "" && !variableName.MatchString(e.TokenEnv) { // most likely the token itself
		c.addFault("/token_env", "want the name of an environment variable: letters, digits and _, no digit first")
	}
	c.checkHeaders(e.Headers)
	c.checkParameters(e.Parameters)
	c.checkObjects(e.Objects)
	if len(c.faults) > 0 {
		return c.faults
	}
	return nil
}

// checker gathers the mistakes in an environment.
type checker struct {
	doc    *openapi.Document
	fault  func(pointer, format string, args ...any) source.Fault
	faults source.Faults
}

func (c *checker) addFault(pointer, format string, args ...any) {
	c.faults = append(c.faults, withoutSecret(c.fault(pointer, format, args...)))
}

// variableName matches the name of an environment variable as a shell can name it
// (POSIX.1-2024, 3.216), in the printed command of a request too.
var variableName = regexp.MustCompile("^[A-Za-z_][A-Za-z0-9_]*$")

// headerName matches the name of a header field (RFC 9110, 5.6.2).
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (c *checker) checkHeaders(headers map[string]string) {
	fields := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		at := "/headers/" + match.Escape(name)
		if !headerName.MatchString(name) {
			c.addFault(at, "not a valid header field")
			continue
		}
		if first, ok := fields[strings.ToLower(name)]; ok {
			c.addFault(at, "the same header field as %s", first)
		}
		fields[strings.ToLower(name)] = name
		if strings.ContainsFunc(headers[name], unicode.IsControl) {
			c.addFault(at, "not a valid header field")
		}
		if slices.Contains([]string{"host", "content-length", "content-type", "transfer-encoding"}, strings.ToLower(name)) {
			c.addFault(at, "the runner sets this header itself")
		}
	}
}

func (c *checker) checkParameters(values map[string]string) {
	known := map[string]string{} // the place of each: path, query or header
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
			c.addFault(at, "no operation has such a parameter, only %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		case in == openapi3.ParameterInPath:
			c.checkSegment(at, value)
		case value == "" || strings.ContainsFunc(value, unicode.IsControl):
			c.addFault(at, "want a non-empty text without control characters, got %q", value)
		}
	}
}

// checkSegment checks the value of a path parameter: a segment of the path that needs
// no escape, so that every server and proxy reads it alike.
func (c *checker) checkSegment(at, s string) {
	switch {
	case s == "" || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune("/?#%", r) }):
		c.addFault(at, "want a non-empty text without blanks, control characters and / ? # %%, got %q", s)
	case s == "." || s == "..":
		c.addFault(at, "%q is not a name in a path", s)
	}
}

// checkObjects checks each object against its schema, the texts by which requests name
// it against the schemas of the naming members, and that no two have the same.
func (c *checker) checkObjects(objects map[string][]Object) {
	kinds, seen := c.doc.Kinds(), map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(objects)) {
		i := slices.IndexFunc(kinds, func(f openapi.Fact) bool { return f.Name == name })
		if i < 0 {
			c.addFault("/objects/"+match.Escape(name), "the document knows no such objects, only %s", c.kindNames())
			continue
		}
		for n, object := range objects[name] {
			at := fmt.Sprintf("/objects/%s/%d", match.Escape(name), n)
			before := len(c.faults)
			if c.checkObject(at, kinds[i], object); len(c.faults) == before {
				c.checkNames(seen, at, kinds[i], object)
			}
		}
	}
}

// kindNames lists the kinds of objects that the document defines.
func (c *checker) kindNames() string {
	var names []string
	for _, f := range c.doc.Kinds() {
		names = append(names, f.Name)
	}
	if names == nil {
		return "parameters"
	}
	return strings.Join(names, " and ")
}

// checkObject checks an object against its schema.
func (c *checker) checkObject(at string, f openapi.Fact, object Object) {
	for _, v := range c.doc.CheckFact(f, Fact(f, object)) {
		found, there := match.Lookup(object, v.Pointer)
		keyword := ""
		if v.Rule != nil && v.Rule.Kind == openapi.Keyword {
			keyword = v.Rule.Keyword
		}
		switch value := found.(type) {
		case Object:
			if keyword == "additionalProperties" {
				c.reportUnknown(at+v.Pointer, openapi.Member(f.Schema, v.Pointer), value)
				continue
			}
		case string:
			if keyword != "" && there {
				v.Message += fmt.Sprintf(", got %q", value)
			}
		case json.Number, float64, bool:
			v.Message += fmt.Sprintf(", got %v: put it in quotes", value)
		}
		c.addFault(at+v.Pointer, "%s", v.Message)
	}
}

// reportUnknown reports the members that an object's schema does not have.
func (c *checker) reportUnknown(at string, s *openapi3.SchemaRef, object Object) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if s.Value.Properties[name] == nil {
			c.addFault(at+"/"+match.Escape(name), "there is no such member")
		}
	}
}

// checkNames checks the texts by which requests name an object, or an item of a list in
// it.
func (c *checker) checkNames(seen map[string]string, at string, f openapi.Fact, object Object) {
	for _, op := range c.doc.Operations() {
		for _, n := range c.doc.Named(op.JSON()) {
			if n.Fact != f.Name {
				continue
			}
			place := strings.Join(append([]string{at}, n.Path...), "/")
			for _, text := range n.Texts(c.doc, Fact(f, object)) {
				if n.Schema.VisitJSON(text) != nil {
					c.addFault(place, "%q cannot be named by %s: %s", text, n.Pointer, textLimits(n.Schema))
				}
				among := n.Pointer + " " + text // unique among all objects, or in the list of one
				if len(n.Path) > 0 {
					among = place + " " + text
				}
				if first, ok := seen[among]; ok {
					c.addFault(place, "%q is also the name at %s", text, first)
				}
				seen[among] = place
			}
		}
	}
}

// textLimits returns the limits of a schema for a text, in words.
func textLimits(s *openapi3.Schema) string {
	var out []string
	for _, keyword := range []string{"enum", "minLength", "maxLength", "pattern"} {
		if text := openapi.Says(s, keyword); text != "" {
			out = append(out, "it "+text)
		}
	}
	return strings.Join(out, ", ")
}
