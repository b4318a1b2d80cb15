// Package environment describes a target: the values of parameters, the objects that
// requests name, and the credentials. [Parse] reads a description from a file,
// [Default] returns that of the documented examples. The document defines the kinds of
// objects and their members: see its x-fact.
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

// Environment is the part of a target that cases need to know.
type Environment struct {
	// TokenEnv names the environment variable with the token to send; if empty, none
	// is sent. The document defines the header field for it.
	TokenEnv string `json:"token_env"`

	// Headers are sent with every request. Their values count as secrets.
	Headers map[string]string `json:"headers"`

	// Parameters are the values of parameters of operations, by their names.
	Parameters map[string]string `json:"parameters"`

	// Objects are the objects that requests can name, by the name of their fact. Of
	// several that fit a case the first is used.
	Objects map[string][]Object `json:"objects"`
}

// Object is an object of the target, as decoded JSON.
type Object = map[string]any

// CredentialWords is a regular expression that matches in the lower-case names of
// header fields with credentials.
const CredentialWords = `token|authorization|secret|signature|cookie|passw|credential|api.?key`

var credentialNames = regexp.MustCompile(`(?i)` + CredentialWords)

// IsCredential reports whether a header field of the environment is a credential by
// its name. A case without credentials leaves it out, and keeps the others: a gateway
// before the target may need them.
func IsCredential(name string) bool { return credentialNames.MatchString(name) }

// HasCredentials reports whether the environment has credentials, so that requests
// without them can be told apart.
func (e Environment) HasCredentials() bool {
	for name := range e.Headers {
		if IsCredential(name) {
			return true
		}
	}
	return e.TokenEnv != ""
}

// Given returns a copy of the parameters, to which a caller can add values from
// answers.
func (e Environment) Given() map[string]string {
	out := map[string]string{}
	maps.Copy(out, e.Parameters)
	return out
}

// IsZero reports whether the environment is empty.
func (e Environment) IsZero() bool {
	return e.TokenEnv == "" && len(e.Headers)+len(e.Parameters)+len(e.Objects) == 0
}

// Clone returns a copy that shares nothing with the environment.
func (e Environment) Clone() Environment {
	e.Headers, e.Parameters = maps.Clone(e.Headers), maps.Clone(e.Parameters)
	objects := maps.Clone(e.Objects)
	for name, list := range objects {
		objects[name], _ = clone(list).([]Object)
	}
	e.Objects = objects
	return e
}

func clone(value any) any {
	switch v := value.(type) {
	case []Object:
		out := slices.Clone(v)
		for i := range out {
			out[i], _ = clone(out[i]).(Object)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i := range out {
			out[i] = clone(out[i])
		}
		return out
	case Object:
		out := maps.Clone(v)
		for name := range out {
			out[name] = clone(out[name])
		}
		return out
	}
	return value
}

// Facts returns the objects that the members of a request name, as rules read them. If
// the environment has no such object the fact is missing, and the rules that need it
// are not judged.
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

// Fact returns an object as rules read it: with the defaults of its schema.
func Fact(f openapi.Fact, object Object) Object {
	out, _ := withDefaults(f.Schema, object).(Object)
	return out
}

// withDefaults returns a value with the defaults of its absent members.
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

// Default returns the environment of the documented examples: the one embedded with the
// document, otherwise the examples of its facts.
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
