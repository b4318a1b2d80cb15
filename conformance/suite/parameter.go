package suite

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// excludedParameter returns why there is no case of a parameter's rule from a side.
func excludedParameter(r *openapi.Rule, accepted bool) string {
	v := r.Parameter
	switch {
	case r.Keyword == "type" && v.Schema.Value.Type.Is("string"):
		return "whatever stands in a " + v.In + " is a string"
	case v.Schema.Value.Type.Is("array"), v.In == openapi3.ParameterInCookie:
		return "a list, or a cookie, of which the kit makes no case"
	case v.In == openapi3.ParameterInPath && accepted:
		return "every accepted case shows it"
	case r.Keyword == "nullable":
		return "nothing that is sent in a " + v.In + " is null"
	case r.Keyword == "default" && !accepted:
		return "a parameter that is absent cannot be wrong"
	}
	return ""
}

// deriveParameter adds the cases of a parameter's rule: the texts at the edge of a
// keyword and those beyond it; or its presence and its absence.
func (d *deriver) deriveParameter() error {
	v := d.rule.Parameter
	switch d.rule.Keyword {
	case "required":
		d.addParameterCase("present", "", &Parameter{In: v.In, Name: v.Name, Value: usualText(v)}, true)
		d.addParameterCase("missing", "", &Parameter{In: v.In, Name: v.Name, Absent: true}, false)
		return nil
	case "default":
		d.addParameterCase("absent", "", &Parameter{In: v.In, Name: v.Name, Absent: true}, true)
		return nil
	}
	found := edgesOf(d.rule, &openapi3.SchemaRef{Value: v.Schema.Value}, nil)
	for _, side := range []struct {
		accepted bool
		choices  []choice
	}{{true, found.accepted}, {false, found.refused}} {
		if Excluded(d.part.op, d.rule, side.accepted) != "" {
			continue
		}
		before := len(d.out)
		for _, c := range side.choices {
			d.addParameterChoice(c, side.accepted)
		}
		if len(d.out) == before {
			return fmt.Errorf("no text shows it (accepted: %v)", side.accepted)
		}
	}
	return nil
}

// addParameterChoice adds the first text that is accepted, or refused for this rule
// alone.
func (d *deriver) addParameterChoice(c choice, accepted bool) {
	for _, value := range c.values {
		text, ok := textOf(value)
		if !ok {
			continue
		}
		broken := d.part.brokenBy(d.rule.Parameter, text)
		if accepted && len(broken) == 0 || !accepted && slices.Equal(broken, []string{d.rule.ID}) {
			d.addParameterCase(c.name, c.level, &Parameter{In: d.rule.Parameter.In, Name: d.rule.Parameter.Name, Value: text}, accepted)
			return
		}
	}
}

// textOf is a scalar as a path, a query or a header field has it; false for a value that
// cannot be written there.
func textOf(value any) (string, bool) {
	switch value.(type) {
	case nil, []any, map[string]any:
		return "", false
	}
	text := fmt.Sprint(value)
	printable := text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
	return text, printable && strings.TrimSpace(text) == text // header fields allow no other text
}

// brokenBy are the ids of the rules that a text breaks as a parameter's value, sorted.
func (b *base) brokenBy(v *openapi3.Parameter, text string) []string {
	var out []string
	for _, broken := range b.doc.CheckParameter(b.op, v, text) {
		if broken.Rule != nil && !slices.Contains(out, broken.Rule.ID) {
			out = append(out, broken.Rule.ID)
		}
	}
	return sortIDs(out)
}

// addParameterCase adds a case that sends a parameter with the documented request.
func (d *deriver) addParameterCase(name string, level openapi.Level, p *Parameter, accepted bool) {
	c := d.part.usualCase()
	c.ID, c.Level, c.Source, c.Errata = d.rule.ID+"/"+name, string(cmp.Or(level, d.rule.Level)), d.rule.Source, d.rule.Errata
	c.Rule, c.Parameter, c.Place = d.rule, p, p.In+"/"+p.Name
	c.Title, c.Statuses = d.rule.Message+": "+words(name)+" is accepted", d.part.successStatuses()
	if !accepted {
		c.Twin, c.Statuses = d.part.usualID(), refusals(d.rule)
		c.Title = d.rule.Message + ": " + words(name) + " is refused"
	}
	d.out = append(d.out, c)
}

// usualCase is the case of the documented request, without an id.
func (b *base) usualCase() Case {
	c := Case{Change: openapi.Violate{Facts: b.doc.Facts}}
	if names := b.doc.Examples(b.op); len(names) > 0 {
		c.Change.Example, c.Change.Patch = names[0], []byte("[]")
	}
	return c
}

// usualID is the id of that case.
func (b *base) usualID() string {
	return "example/" + cmp.Or(b.usualCase().Change.Example, "usual")
}

// usualText is the text of a parameter that has to be sent.
func usualText(v *openapi3.Parameter) string {
	value := v.Example
	for _, name := range slices.Sorted(maps.Keys(v.Examples)) {
		if value == nil && v.Examples[name].Value != nil {
			value = v.Examples[name].Value.Value
		}
	}
	if value == nil && v.Schema != nil {
		if value = v.Schema.Value.Default; value == nil {
			value = sampleOf(&openapi3.SchemaRef{Value: v.Schema.Value}, 0)
		}
	}
	return fmt.Sprint(value)
}

// Parameters are the values that are sent beside the body of a case. Given are the values
// of the environment and of the set-up's answers, by name. A required parameter that
// nobody gives has its documented example.
func (c Case) Parameters(op openapi.Operation, given map[string]string) []Parameter {
	var out []Parameter
	for _, ref := range op.Parameters {
		v := ref.Value
		p := Parameter{In: v.In, Name: v.Name}
		value, known := given[v.Name]
		switch {
		case c.Parameter != nil && c.Parameter.In == v.In && c.Parameter.Name == v.Name:
			p = *c.Parameter
		case known && (v.Required || v.In == openapi3.ParameterInPath):
			p.Value = value
		case v.Required:
			p.Value = usualText(v)
		default:
			continue
		}
		if !p.Absent {
			out = append(out, p)
		}
	}
	return out
}
