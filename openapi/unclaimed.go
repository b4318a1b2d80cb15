package openapi

import (
	"encoding/json"
	"regexp"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// LeavesOpen returns the reasons why no source says whether a request's body is
// accepted: the ids of the broken rules of [Document.Unclaimed], each once, and the
// JSON Pointers of the values that match the x-unclaimed of their member. Without a
// reason the body is claimed.
func (d *Document) LeavesOpen(op Operation, body any, facts Facts) []string {
	if op.JSON() == nil {
		return nil
	}
	body, facts = rule.Native(body), facts.toNative()
	var c checker
	c.judgeObjects(d.unclaimed, d, op.JSON(), body, "", facts)
	var out []string
	seen := map[string]bool{}
	for _, v := range c.broken {
		if !seen[v.Rule.ID] {
			seen[v.Rule.ID] = true
			out = append(out, v.Rule.ID)
		}
	}
	return append(out, d.openValues(op.JSON(), body)...)
}

// openValues returns the places of the values that match an x-unclaimed. Nearly always
// there are none, so a place is only written on the way back.
func (d *Document) openValues(s *openapi3.SchemaRef, value any) []string {
	var out []string
	if d.Unsettled(s.Value, value) || d.Unsettled(unwrap(s).Value, value) {
		out = append(out, "")
	}
	s = unwrap(s)
	switch v := value.(type) {
	case map[string]any:
		for _, name := range d.members[s.Value] {
			if member, ok := v[name]; ok {
				for _, at := range d.openValues(s.Value.Properties[name], member) {
					out = append(out, "/"+source.Escape(name)+at)
				}
			}
		}
	case []any:
		if s.Value.Items != nil {
			for i, item := range v {
				for _, at := range d.openValues(s.Value.Items, item) {
					out = append(out, "/"+strconv.Itoa(i)+at)
				}
			}
		}
	}
	return out
}

// Unsettled reports whether a value matches the x-unclaimed of its schema: no source
// says whether it is accepted. A value that is not a text is matched as JSON.
func (d *Document) Unsettled(s *openapi3.Schema, value any) bool {
	pattern := d.openPatterns[s]
	if pattern == nil {
		return false
	}
	text, isText := value.(string)
	if !isText {
		data, err := json.Marshal(value)
		if err != nil {
			return false
		}
		text = string(data)
	}
	return pattern.MatchString(text)
}

// readOpenPattern reads the x-unclaimed of a member, a regular expression.
func (p *parser) readOpenPattern(s *openapi3.Schema, pointer string) {
	text, ok := s.Extensions["x-unclaimed"].(string)
	if !ok {
		return
	}
	pattern, err := regexp.Compile(text)
	if err != nil {
		p.fault(pointer+"/x-unclaimed", "%v", err)
		return
	}
	p.doc.openPatterns[s] = pattern
}
