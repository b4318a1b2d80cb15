package generator

import (
	"maps"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// sentSchemas returns the schemas of the bodies of requests, and all schemas inside them.
func sentSchemas(paths *openapi3.Paths) map[*openapi3.Schema]bool {
	sent := map[*openapi3.Schema]bool{}
	for _, item := range paths.Map() {
		if item == nil {
			continue
		}
		for _, op := range item.Operations() {
			if op.RequestBody == nil || op.RequestBody.Value == nil {
				continue
			}
			for _, media := range op.RequestBody.Value.Content {
				if media != nil {
					gatherSchemas(media.Schema, sent)
				}
			}
		}
	}
	return sent
}

func gatherSchemas(ref *openapi3.SchemaRef, into map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || into[ref.Value] {
		return
	}
	s := ref.Value
	into[s] = true
	for _, inside := range slices.Concat(s.AllOf, slices.Collect(maps.Values(s.Properties))) {
		gatherSchemas(inside, into)
	}
	gatherSchemas(s.Items, into)
	gatherSchemas(s.AdditionalProperties.Schema, into)
}

// requiredMembers returns the members that an object must have. A required readOnly member of a schema in requests is
// left out: OpenAPI requires it in answers alone, and the generated code checks requests.
func (p *planner) requiredMembers(s *openapi3.Schema) []string {
	return slices.DeleteFunc(slices.Clone(s.Required), func(name string) bool {
		property := s.Properties[name]
		return p.sent[s] && property != nil && property.Value != nil && (property.Value.ReadOnly || unwrap(property).ReadOnly)
	})
}
