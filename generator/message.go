package generator

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// anyAnswer is the Go type of an answer of any type: it is written as JSON by the methods of its member, which a type made
// from it has too.
const anyAnswer = "struct{ json.RawMessage }"

func (p *planner) planHeader(ref *openapi3.HeaderRef, at path) {
	switch {
	case p.refuseNull(ref == nil, at):
	case ref.Ref != "":
		p.checkComponentReference(ref.Ref, "headers", at)
	case ref.Value.Schema == nil:
		p.fault(at, "a header without schema is not supported")
	case ref.Value.Schema.Ref != "":
		p.checkReference(ref.Value.Schema, at.join("schema"))
	default:
		p.checkKeywords(ref.Value.Schema, at.join("schema"))
	}
}

func (p *planner) planRequestBody(ref *openapi3.RequestBodyRef, at path, prefix string) {
	if p.refuseNull(ref == nil, at) {
		return
	}
	if ref.Ref != "" {
		p.checkComponentReference(ref.Ref, "requestBodies", at)
		return
	}
	p.planContent(ref.Value.Content, at, schemaName{wanted: prefix + "Body", prefix: prefix})
}

func (p *planner) planResponse(ref *openapi3.ResponseRef, at path, prefix string) {
	if p.refuseNull(ref == nil, at) {
		return
	}
	if ref.Ref != "" {
		p.checkComponentReference(ref.Ref, "responses", at)
		return
	}
	headers := ref.Value.Headers
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		p.planHeader(headers[name], at.join("headers", name))
	}
	p.planContent(ref.Value.Content, at, schemaName{wanted: prefix + "Body", prefix: prefix})
	if media := ref.Value.Content[jsonType]; media != nil && media.Schema != nil && media.Schema.Value != nil {
		if s := unwrap(media.Schema); s.Type.Slice() == nil && len(s.Properties) == 0 && s.AdditionalProperties.Schema == nil {
			here := at.join("content", jsonType, "schema")
			if limitsAny(s) {
				p.fault(here, "a body without type, but with limits, is not supported in a response")
			}
			p.note(here, "$ref", nil)
			p.note(here, "x-go-type", anyAnswer) // a type that is an interface has no methods
		}
	}
}

func (p *planner) planContent(content openapi3.Content, at path, name schemaName) {
	for _, mediaType := range slices.Sorted(maps.Keys(content)) {
		media, here := content[mediaType], at.join("content", mediaType)
		switch {
		case p.refuseNull(media == nil, here):
		case mediaType != jsonType:
			p.planBytes(content, media, here)
		case media.Schema == nil:
			p.fault(here, "a body without schema is not supported")
		default:
			p.planSchema(media.Schema, here.join("schema"), name)
		}
	}
}

// planBytes plans a body that is not JSON. The server hands it on as it comes, unread and unchecked, so its schema must not
// limit it.
func (p *planner) planBytes(content openapi3.Content, media *openapi3.MediaType, at path) {
	mediaType := at[len(at)-1]
	switch {
	case content[jsonType] != nil:
		p.fault(at, "a body of type %s beside one of type %s is not supported", mediaType, jsonType)
	case media.Schema != nil && (media.Schema.Value == nil || !media.Schema.Value.Type.Is("string") || hasLimits(media.Schema.Value) || limitsText(media.Schema.Value)):
		p.fault(at.join("schema"), "a body of type %s is bytes, so the only schema supported is one of type string without limits", mediaType)
	case strings.HasPrefix(mediaType, "multipart/") && at[len(at)-3] != "requestBody" && at[1] != "requestBodies":
		p.fault(at, "an answer of type %s is not supported", mediaType)
	default:
		p.bytes = append(p.bytes, at)
	}
}

// checkComponentReference reports a reference that does not name a component of the kind.
func (p *planner) checkComponentReference(ref, kind string, at path) {
	name, ok := strings.CutPrefix(ref, "#/components/"+kind+"/")
	if !ok || strings.Contains(name, "/") {
		p.fault(at, "the reference %s is not supported, only #/components/%s/NAME", ref, kind)
	}
}
