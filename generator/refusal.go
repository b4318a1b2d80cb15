package generator

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// refusal is the value of x-refusal of a response: how the server answers a request that breaks a rule. The body has
// texts in the objects and lists of the response. In a text, {messages} stands for the messages of the broken rules and
// {header} for the value of the header, which identifies the request.
type refusal struct {
	Header string `json:"header"` // the name of that header; may be empty
	Body   any    `json:"body"`

	schema *openapi3.SchemaRef
}

// readRefusal reads x-refusal of a response.
func (p *planner) readRefusal(response *openapi3.ResponseRef, at path) {
	data, err := json.Marshal(response.Value.Extensions[refusalKey])
	r := &refusal{}
	if err == nil {
		decoder := json.NewDecoder(strings.NewReader(string(data)))
		decoder.DisallowUnknownFields()
		err = decoder.Decode(r)
	}
	if err != nil {
		p.fault(at, "want header, a text, and body, an object of texts: %v", err)
		return
	}
	media := response.Value.Content[jsonType]
	if media == nil || media.Schema == nil {
		p.fault(at, "the response has no body")
		return
	}
	object, ok := r.Body.(map[string]any)
	if !ok {
		p.fault(at.join("body"), "want an object")
		return
	}
	r.schema = media.Schema
	p.checkRefusalObject(r, object, media.Schema, at.join("body"))
	p.refusal = r
}

// checkRefusalValue checks a part of the body of a refusal by its schema.
func (p *planner) checkRefusalValue(r *refusal, value any, ref *openapi3.SchemaRef, at path) {
	_, isForeign := textExtension(ref, "x-go-type")
	switch value := value.(type) {
	case string:
		p.checkRefusalText(r, value, ref, at)
	case map[string]any:
		if isForeign || !unwrap(ref).Type.Is("object") && len(unwrap(ref).Properties) == 0 {
			p.fault(at, "the body has no object here")
			return
		}
		p.checkRefusalObject(r, value, ref, at)
	case []any:
		items := unwrap(ref).Items
		if isForeign || items == nil || !unwrap(ref).Type.Is("array") {
			p.fault(at, "the body has no list here")
			return
		}
		for i, item := range value {
			p.checkRefusalValue(r, item, items, at.join(strconv.Itoa(i)))
		}
	default:
		p.fault(at, "want a text, or an object or a list of texts")
	}
}

func (p *planner) checkRefusalObject(r *refusal, value map[string]any, ref *openapi3.SchemaRef, at path) {
	schema := unwrap(ref)
	for _, name := range slices.Sorted(maps.Keys(value)) {
		member := cmp.Or(schema.Properties[name], schema.AdditionalProperties.Schema)
		if member == nil {
			p.fault(at.join(name), "the body has no member %s", name)
			continue
		}
		p.checkRefusalValue(r, value[name], member, at.join(name))
	}
	for _, name := range schema.Required {
		if _, ok := value[name]; !ok {
			p.fault(at, "the body lacks the member %s, which is required", name)
		}
	}
}

func (p *planner) checkRefusalText(r *refusal, text string, ref *openapi3.SchemaRef, at path) {
	schema := unwrap(ref)
	_, isForeign := textExtension(ref, "x-go-type")
	filled := placeholders.MatchString(text)
	switch {
	case !schema.Type.Is("string") || isForeign:
		p.fault(at, "the body has no text here")
	case filled && len(schema.Enum) > 0, schema.Format != "" && len(schema.Enum) == 0:
		p.fault(at, "the body has no free text here")
	case !filled && schema.VisitJSON(text) != nil:
		p.fault(at, "the schema does not allow %q", text)
	case r.Header == "" && strings.Contains(text, "{header}"):
		p.fault(at, "{header} needs the name of a header")
	}
}

// writeRefuse returns the function that answers a request that breaks a rule, empty without x-refusal.
func (p *plan) writeRefuse(b *shapes) (string, error) {
	r := p.refusal
	if r == nil {
		return "", nil
	}
	s := b.named[unwrap(r.schema)]
	if s == nil {
		return "", fmt.Errorf("%s: the body has no Go type", refusalKey)
	}
	w := refusalWriter{variables: map[string]bool{}}
	body := w.value(r.Body, s)
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	line("// refuse answers a request that cannot be decoded, or breaks a rule, as the document says.")
	line("func refuse(w http.ResponseWriter, _ *http.Request, err error) {")
	line("status, messages := refusal(err)")
	if r.Header != "" {
		line("header := identify(w.Header(), %q)", r.Header)
	}
	line("%swriteJSON(w, status, %s)\n}", w.before.String(), body)
	return text.String(), nil
}

// refusalWriter writes the body of a refusal as a Go expression, and the variables to which the expression points.
type refusalWriter struct {
	before    strings.Builder
	variables map[string]bool
}

func (w *refusalWriter) value(value any, s *shape) string {
	var b strings.Builder
	switch value := value.(type) {
	case string:
		for _, c := range s.values {
			if c.Literal == strconv.Quote(value) {
				return c.Name
			}
		}
		return convert(s, "string", fillPlaceholders(value))
	case []any:
		fmt.Fprintf(&b, "%s{\n", s.goType)
		for i, item := range value {
			b.WriteString(w.addressOf(s.pointer, "Item"+strconv.Itoa(i+1), w.value(item, s.item)) + ",\n")
		}
	case map[string]any:
		fmt.Fprintf(&b, "%s{\n", s.goType)
		for _, m := range s.members {
			if part, ok := value[m.name]; ok {
				fmt.Fprintf(&b, "%s: %s,\n", m.field, w.addressOf(m.pointer, m.field, w.value(part, m.shape)))
			}
		}
		if s.kind == mapping {
			for _, name := range slices.Sorted(maps.Keys(value)) {
				fmt.Fprintf(&b, "%q: %s,\n", name, w.addressOf(s.pointer, "Value", w.value(value[name], s.item)))
			}
		}
	}
	return b.String() + "}"
}

// addressOf returns an expression, or the address of a variable with its value if a pointer is needed.
func (w *refusalWriter) addressOf(pointer bool, name, expression string) string {
	if !pointer {
		return expression
	}
	variable := "its" + name
	for n := 2; w.variables[variable]; n++ {
		variable = fmt.Sprint("its", name, n)
	}
	w.variables[variable] = true
	fmt.Fprintf(&w.before, "%s := %s\n", variable, expression)
	return "&" + variable
}

// placeholders matches the placeholders in a text.
var placeholders = regexp.MustCompile(`\{(messages|header)\}`)

// fillPlaceholders returns the Go expression for a text with placeholders.
func fillPlaceholders(template string) string {
	var parts []string
	put := func(text string) {
		if text != "" {
			parts = append(parts, strconv.Quote(text))
		}
	}
	done := 0
	for _, at := range placeholders.FindAllStringSubmatchIndex(template, -1) {
		put(template[done:at[0]])
		parts = append(parts, template[at[2]:at[3]])
		done = at[1]
	}
	put(template[done:])
	return cmp.Or(strings.Join(parts, " + "), `""`)
}
