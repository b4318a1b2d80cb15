package generator

import (
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

func (p *planner) header(ref *openapi3.HeaderRef, at path) {
	switch {
	case p.null(ref == nil, at):
	case ref.Ref != "":
		p.componentOnly(ref.Ref, "headers", at)
	case ref.Value.Schema == nil:
		p.fault(at, "a header without schema is not supported")
	case ref.Value.Schema.Ref != "":
		p.reference(ref.Value.Schema, at.to("schema"))
	default:
		p.supported(ref.Value.Schema, at.to("schema"))
	}
}

func (p *planner) requestBody(ref *openapi3.RequestBodyRef, at path, prefix string) {
	if p.null(ref == nil, at) {
		return
	}
	if ref.Ref != "" {
		p.componentOnly(ref.Ref, "requestBodies", at)
		return
	}
	p.content(ref.Value.Content, at, schemaName{wanted: prefix + "Body", prefix: prefix})
}

func (p *planner) response(ref *openapi3.ResponseRef, at path, prefix string) {
	if p.null(ref == nil, at) {
		return
	}
	if ref.Ref != "" {
		p.componentOnly(ref.Ref, "responses", at)
		return
	}
	headers := ref.Value.Headers
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		p.header(headers[name], at.to("headers", name))
	}
	p.content(ref.Value.Content, at, schemaName{wanted: prefix + "Body", prefix: prefix})
	if media := ref.Value.Content.Get(jsonType); media != nil && media.Schema != nil && media.Schema.Value != nil {
		if s := wrapped(media.Schema); s.Type.Slice() == nil && len(s.Properties) == 0 && s.AdditionalProperties.Schema == nil {
			p.fault(at.to("content", jsonType, "schema"), "a body without type is not supported in a response")
		}
	}
}

func (p *planner) content(content openapi3.Content, at path, name schemaName) {
	for _, mediaType := range slices.Sorted(maps.Keys(content)) {
		media, here := content[mediaType], at.to("content", mediaType)
		switch {
		case p.null(media == nil, here):
		case mediaType != jsonType:
			p.fault(here, "a body of type %s is not supported, only %s", mediaType, jsonType)
		case media.Schema == nil:
			p.fault(here, "a body without schema is not supported")
		default:
			p.schema(media.Schema, here.to("schema"), name)
		}
	}
}

// componentOnly refuses a reference that does not name a component of its kind.
func (p *planner) componentOnly(ref, kind string, at path) {
	name, ok := strings.CutPrefix(ref, "#/components/"+kind+"/")
	if !ok || strings.Contains(name, "/") {
		p.fault(at, "the reference %s is not supported, only #/components/%s/NAME", ref, kind)
	}
}
