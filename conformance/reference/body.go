package reference

import (
	"maps"
	"mime"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/reference/internal/problem"
)

// checkContentType refuses what does not say that it is JSON in UTF-8. The
// page says nothing of a wrong Content-Type: the choice is to refuse one like
// any other wrong value.
func checkContentType(header http.Header) *problem.Problem {
	values := header.Values("Content-Type")
	if len(values) == 1 {
		kind, parameters, err := mime.ParseMediaType(values[0])
		charset, sent := parameters["charset"]
		if err == nil && kind == "application/json" && (!sent || strings.EqualFold(charset, "utf-8")) {
			return nil
		}
	}
	return problem.Invalid("Content-Type must be application/json in UTF-8")
}

// filled returns a value of a schema with every default filled in, those of
// absent objects too. No schema of a request contains itself.
func filled(s *openapi3.Schema, value map[string]any) map[string]any {
	s = plain(s)
	out := maps.Clone(value)
	if out == nil {
		out = make(map[string]any)
	}
	for name, property := range s.Properties {
		member := plain(property.Value)
		sent, present := out[name]
		switch object, _ := sent.(map[string]any); {
		case member.Type.Is("object"):
			out[name] = filled(member, object)
		case !present && member.Default != nil:
			out[name] = member.Default
		}
	}
	return out
}

// plain follows an allOf of one schema, which is how the document says
// something beside a reference.
func plain(s *openapi3.Schema) *openapi3.Schema {
	for len(s.AllOf) == 1 {
		s = s.AllOf[0].Value
	}
	return s
}
