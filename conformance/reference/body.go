package reference

import (
	stdjson "encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxBody is how many bytes a request's body may have. source: OTC-AUTH
const maxBody = 12 << 20

// checkContentType refuses what does not say that it is JSON in UTF-8. The
// page says nothing of a wrong Content-Type: the choice is to refuse one like
// any other wrong value.
func checkContentType(header http.Header) *problem {
	values := header.Values("Content-Type")
	if len(values) == 1 {
		kind, parameters, err := mime.ParseMediaType(values[0])
		charset, sent := parameters["charset"]
		if err == nil && kind == "application/json" && (!sent || strings.EqualFold(charset, "utf-8")) {
			return nil
		}
	}
	return invalid("Content-Type must be application/json in UTF-8")
}

// readBody reads the whole body of a request.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, *problem) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		p := invalid(fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit))
		p.status = http.StatusRequestEntityTooLarge
		return nil, p
	case err != nil:
		return nil, invalid("the body ends too early")
	}
	return data, nil
}

// decode reads one JSON value, with its numbers as they are written: what
// follows it, invalid UTF-8 and a member that comes twice are refused. The
// problem never quotes the body, which may hold a key.
func decode(data []byte) (any, *problem) {
	numbers := json.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
		if dec.PeekKind() != jsontext.KindNumber {
			return errors.ErrUnsupported
		}
		raw, err := dec.ReadValue()
		*v = stdjson.Number(raw)
		return err
	})
	var value any
	err := json.Unmarshal(data, &value, json.WithUnmarshalers(numbers))
	if err == nil {
		return value, nil
	}
	says, offset := "the body is no JSON", int64(0)
	if errors.Is(err, jsontext.ErrDuplicateName) {
		says = "the body has a member twice"
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		offset = syntax.ByteOffset
	}
	return nil, invalid(fmt.Sprintf("%s, at byte %d", says, offset))
}

// known returns what a schema knows of a value, without the members that it
// does not name, which the service ignores. They have to go: the generated
// types would take VGW_ID for vgw_id. Of a list one item more is left than the
// schema allows, so that a huge one costs no more to refuse than a small one.
func known(s *openapi3.Schema, value any) any {
	s = plain(s)
	switch v := value.(type) {
	case map[string]any:
		if closed := s.AdditionalProperties.Has; closed != nil && !*closed {
			return v // an unknown member is to be refused, not ignored
		}
		out := make(map[string]any, len(v))
		for name, member := range v {
			if property, ok := s.Properties[name]; ok {
				out[name] = known(property.Value, member)
			}
		}
		return out
	case []any:
		if s.MaxItems != nil && uint64(len(v)) > *s.MaxItems+1 {
			v = v[:*s.MaxItems+1]
		}
		if s.Items == nil {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = known(s.Items.Value, item)
		}
		return out
	}
	return value
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

// at follows member names into a value; nil when there is no such member.
func at(value any, names ...string) any {
	for _, name := range names {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// text is a member that is a string; empty when it is absent.
func text(value any, names ...string) string {
	s, _ := at(value, names...).(string)
	return s
}

// list is a member that is a list; nil when it is absent.
func list(value any, names ...string) []any {
	l, _ := at(value, names...).([]any)
	return l
}
