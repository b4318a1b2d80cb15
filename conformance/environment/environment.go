// Package environment says what a target has: the values of parameters, the objects
// that requests name, and who asks. [Parse] reads that from a file, [Default] is what
// the documented examples take a target to have. Which objects there are, and what is
// asked of them, the document says: see its x-fact.
package environment

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/openapi"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Environment is what a target has for the cases to be tried on.
type Environment struct {
	// TokenEnv names the environment variable that holds the token to send; empty
	// means that none is sent. The document says in which header field it goes.
	TokenEnv string `json:"token_env"`

	// Headers are sent with every request. Their values count as secrets.
	Headers map[string]string `json:"headers"`

	// Parameters are the values of parameters of operations, by their names.
	Parameters map[string]string `json:"parameters"`

	// Objects are what requests can name, by the name of their fact. What is used
	// of several alike is the first.
	Objects map[string][]Object `json:"objects"`
}

// Object is one of a target's, as decoded JSON.
type Object = map[string]any

// CredentialWords is a regular expression of what is in the names of header
// fields that say who asks, in lower case.
const CredentialWords = `token|authorization|secret|signature|cookie|passw|credential|api.?key`

var credentialNames = regexp.MustCompile(`(?i)` + CredentialWords)

// IsCredential reports whether a header field of the environment says who asks.
// Others, for tracing for instance, are sent by a stranger too.
func IsCredential(name string) bool { return credentialNames.MatchString(name) }

// HasCredentials reports whether requests of a stranger can be told from others.
func (e Environment) HasCredentials() bool {
	for name := range e.Headers {
		if IsCredential(name) {
			return true
		}
	}
	return e.TokenEnv != ""
}

// Given returns a copy of the parameters, to which answers can add.
func (e Environment) Given() map[string]string {
	out := map[string]string{}
	maps.Copy(out, e.Parameters)
	return out
}

// IsZero reports whether the environment says nothing.
func (e Environment) IsZero() bool {
	return e.TokenEnv == "" && len(e.Headers)+len(e.Parameters)+len(e.Objects) == 0
}

// Clone returns a copy that has nothing in common with the environment.
func (e Environment) Clone() Environment {
	e.Headers, e.Parameters = maps.Clone(e.Headers), maps.Clone(e.Parameters)
	objects := maps.Clone(e.Objects)
	for name, list := range objects {
		objects[name], _ = cloned(list).([]Object)
	}
	e.Objects = objects
	return e
}

func cloned(value any) any {
	switch v := value.(type) {
	case []Object:
		out := slices.Clone(v)
		for i := range out {
			out[i], _ = cloned(out[i]).(Object)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = cloned(out[i])
		}
		return out
	case Object:
		out := maps.Clone(v)
		for name := range out {
			out[name] = cloned(out[name])
		}
		return out
	}
	return value
}

// Facts are what rules may know of the objects that the members of a request name. An
// object that is not there is no fact.
func (e Environment) Facts(doc *openapi.Document, named []openapi.Named, request any) openapi.Facts {
	out := openapi.Facts{}
	for _, f := range doc.Kinds() {
		for _, n := range named {
			found, _ := match.Lookup(request, n.Pointer)
			asked, ok := found.(string)
			if n.Fact != f.Name || len(n.Path) > 0 || !ok {
				continue
			}
			for _, object := range e.Objects[f.Name] {
				if openapi.Key(f.Schema, object) == asked {
					out[f.Name] = Fact(f, object)
				}
			}
		}
	}
	return out
}

// Fact is what rules may know of an object: it, with the defaults of its schema.
func Fact(f openapi.Fact, object Object) Object {
	out, _ := withDefaults(f.Schema, object).(Object)
	return out
}

// withDefaults returns a value with the members that are absent and have a default.
func withDefaults(s *openapi3.SchemaRef, value any) any {
	s = openapi.Member(s, "")
	switch v := value.(type) {
	case Object:
		out := maps.Clone(v)
		if out == nil {
			out = Object{}
		}
		for name, property := range s.Value.Properties {
			member := openapi.Member(property, "")
			if _, there := out[name]; !there && member.Value.Default != nil {
				out[name] = member.Value.Default
			}
			if _, there := out[name]; there {
				out[name] = withDefaults(member, out[name])
			}
		}
		return out
	case []any:
		if s.Value.Items == nil {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = withDefaults(s.Value.Items, item)
		}
		return out
	}
	return value
}

// Default returns the environment of the document's examples: the one that goes with
// the document, otherwise the examples of its facts.
func Default(doc *openapi.Document) (Environment, error) {
	if doc.Environment != nil {
		return Parse(doc, "environment.yaml", doc.Environment)
	}
	var e Environment
	for _, f := range doc.Kinds() {
		if e.Objects == nil {
			e.Objects = map[string][]Object{}
		}
		example, _ := doc.Facts[f.Name].(Object)
		e.Objects[f.Name] = []Object{example}
	}
	return e.Clone(), nil
}

// Parse reads an environment from YAML. Every error names the file and the
// line, or the JSON Pointer of the value; all wrong values are reported. A
// number where a text is wanted is refused: YAML takes 0123 for eighty-three.
func Parse(doc *openapi.Document, name string, data []byte) (Environment, error) {
	var e Environment
	file, err := source.Read(name, data)
	if err != nil {
		return e, withoutSecrets(err)
	}
	if file.Empty() {
		return e, fmt.Errorf("%s: empty file", name)
	}
	if err := file.Decode(&e); err != nil {
		return e, withoutSecrets(err)
	}
	if e.IsZero() {
		return e, file.Fault("", "want what the target has, such as parameters")
	}
	return e, e.validate(doc, file.Fault)
}

// withoutSecrets leaves out of an error what may be a secret: a number that is not
// quoted in the place of a header field or of the token's variable, a name of a
// header field that is none, such as "X-Auth-Token: secret", and a text that begins
// with an asterisk, which is an alias in YAML.
func withoutSecrets(err error) error {
	var faults source.Faults
	var one source.Fault
	switch {
	case errors.As(err, &one):
		return withoutSecret(one)
	case !errors.As(err, &faults):
		return err
	}
	for i, f := range faults {
		faults[i] = withoutSecret(f)
	}
	return faults
}

func withoutSecret(f source.Fault) source.Fault {
	name, isHeader := strings.CutPrefix(f.Pointer, "/headers/")
	if (isHeader || f.Pointer == "/token_env") && strings.HasPrefix(f.Message, "want a text, put ") {
		f.Message = "want a text, put it in quotes"
	}
	if isHeader && !headerName.MatchString(match.Unescape(name)) {
		f.Pointer = "/headers"
	}
	if strings.HasPrefix(f.Message, "unknown anchor ") {
		f.Message = "an alias of nothing: put a text that begins with * in quotes"
	}
	return f
}
