package generator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// constantsKey is the extension of the private copy with the constants of an enumeration.
const constantsKey = "x-vpngen-constants"

// siteKeys returns the extensions that stay at the place of a schema when it moves to the components.
func siteKeys() []string {
	return []string{"x-order", "x-go-name", "x-go-type-skip-optional-pointer", "x-omitempty", "x-omitzero", "x-oapi-codegen-extra-tags"}
}

// copyDocument returns a copy of the document with the decisions of the plan, for oapi-codegen, which changes the
// document that it is given.
func (p *plan) copyDocument() (*openapi3.T, error) {
	var c privateCopy
	if err := json.Unmarshal(p.document.JSON(), &c.root); err != nil {
		return nil, err
	}
	for _, n := range p.notes {
		if n.value == nil {
			delete(c.object(n.at), n.key)
		} else {
			c.object(n.at)[n.key] = n.value
		}
	}
	for _, at := range p.bytes {
		c.makeBytes(at)
	}
	for _, op := range p.operations {
		c.object(op.at)["summary"] = verbMark + " " + op.summary + "."
		c.inlineResponses(op.at)
	}
	for _, t := range slices.Backward(p.types) { // the inner ones first
		c.move(t)
	}
	if c.err != nil {
		return nil, c.err
	}
	delete(c.member(c.object(nil), "components"), "responses") // all of them stand in the operations now
	strip(c.root)
	data, err := json.Marshal(c.root)
	if err != nil {
		return nil, err
	}
	return openapi3.NewLoader().LoadFromData(data)
}

// privateCopy is a document as encoding/json decodes it.
type privateCopy struct {
	root any
	err  error
}

// value returns the value at a place, nil if there is none.
func (c *privateCopy) value(at path) any {
	value, _ := source.Lookup(c.root, at.String())
	return value
}

// object returns the object at a place. The plan was made from the same document, so it is there.
func (c *privateCopy) object(at path) map[string]any {
	object, ok := c.value(at).(map[string]any)
	if !ok {
		c.err = fmt.Errorf("the private copy has no object at %s", at)
		return map[string]any{}
	}
	return object
}

// makeBytes makes a body one that oapi-codegen hands on unread: that of a request whatever its media type is, that of an
// answer under the name of its media type.
func (c *privateCopy) makeBytes(at path) {
	content := c.object(at[:len(at)-1])
	name := at[len(at)-1]
	delete(content, name)
	if isRequest := at[len(at)-3] == "requestBody" || at[1] == "requestBodies"; isRequest || strings.Contains(name, "*") {
		name = "application/octet-stream"
	}
	switch {
	case name == "text/plain":
		content[name] = map[string]any{"schema": map[string]any{"type": "string"}}
	case strings.HasSuffix(name, "xml") || strings.HasSuffix(name, "yaml"):
		content[name] = map[string]any{} // with a schema, the client would decode it
	default:
		content[name] = map[string]any{"schema": map[string]any{"type": "string", "format": "binary"}}
	}
}

// inlineResponses replaces references to responses by the responses. oapi-codegen would give the first reference another
// type than the second.
func (c *privateCopy) inlineResponses(operation path) {
	responses := c.object(operation.join("responses"))
	for status, response := range responses {
		object, _ := response.(map[string]any)
		if ref, ok := object["$ref"].(string); ok {
			responses[status] = c.object(path{"components", "responses", strings.TrimPrefix(ref, "#/components/responses/")})
		}
	}
}

// move turns an inline schema into a component and a reference to it.
func (c *privateCopy) move(t namedType) {
	schema := c.object(t.at)
	site := map[string]any{"$ref": "#/components/schemas/" + t.name}
	for _, key := range siteKeys() {
		if value, ok := schema[key]; ok {
			site[key] = value
			delete(schema, key)
		}
	}
	schema["x-order"] = t.order
	delete(schema, "x-go-type-name")
	if goName(t.name) != t.name {
		schema["x-go-name"] = t.name
	}
	components := c.member(c.member(c.object(nil), "components"), "schemas")
	components[t.name] = schema
	last := t.at[len(t.at)-1]
	switch around := c.value(t.at[:len(t.at)-1]).(type) {
	case map[string]any:
		around[last] = site
	case []any:
		if i, err := strconv.Atoi(last); err == nil {
			around[i] = site
		}
	}
}

// member returns an object within an object, and creates it if it is missing.
func (c *privateCopy) member(object map[string]any, name string) map[string]any {
	if _, ok := object[name]; !ok {
		object[name] = map[string]any{}
	}
	member, _ := object[name].(map[string]any)
	return member
}

// strip removes what oapi-codegen does not read and would take time to load, and makes comments of the texts that become
// some.
func strip(value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range []string{"x-validations", "x-postconditions", "x-sources"} {
			delete(v, key)
		}
		if text, ok := v["description"].(string); ok && !strings.HasPrefix(text, descriptionMark) {
			v["description"] = prose(text)
		}
		if text, ok := v["x-deprecated-reason"].(string); ok {
			v["x-deprecated-reason"] = strings.Join(strings.Fields(prose(text)), " ")
		}
		if _, ok := v["schema"]; ok { // a media type or a parameter
			delete(v, "examples")
		}
		for _, member := range v {
			strip(member)
		}
	case []any:
		for _, item := range v {
			strip(item)
		}
	}
}
