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

// The extensions that say how a generated server refuses a request.
const (
	refusalKey = "x-refusal"
	maxBodyKey = "x-max-body"
)

// refusal is the value of x-refusal, which stands on a response: how the server answers a request that breaks a rule.
// In the texts of the body, {messages} stands for what is wrong and {header} for what the header says, which identifies
// the request.
type refusal struct {
	Header string            `json:"header"` // the name of that header; may be empty
	Body   map[string]string `json:"body"`

	schema *openapi3.SchemaRef
}

// serving plans how a request is refused.
func (p *planner) serving() {
	p.maxBody = 12 << 20
	document := p.document.T
	if value, ok := document.Extensions[maxBodyKey]; ok {
		n, isNumber := value.(float64)
		if p.maxBody = int(n); !isNumber || n < 1 || n > 1<<30 || n != float64(int(n)) {
			p.fault(path{maxBodyKey}, "want a number of bytes, at most %d", 1<<30)
		}
	}
	if document.Components == nil {
		return
	}
	for _, name := range inOrder(&p.plan, document.Components.Responses, path{"components", "responses"}) {
		response := document.Components.Responses[name]
		if response == nil || response.Value == nil || response.Ref != "" || response.Value.Extensions[refusalKey] == nil {
			continue
		}
		at := path{"components", "responses", name, refusalKey}
		if p.refusal != nil {
			p.fault(at, "another response has %s already", refusalKey)
			continue
		}
		p.refuses(response, at)
	}
}

// refuses takes the refusal that a response states.
func (p *planner) refuses(response *openapi3.ResponseRef, at path) {
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
	media := response.Value.Content.Get(jsonType)
	if media == nil || media.Schema == nil {
		p.fault(at, "the response has no body")
		return
	}
	r.schema = media.Schema
	schema := wrapped(media.Schema)
	for _, name := range slices.Sorted(maps.Keys(r.Body)) {
		if property := schema.Properties[name]; property == nil || !wrapped(property).Type.Is("string") || len(wrapped(property).Enum) > 0 {
			p.fault(at.to("body", name), "the body has no member %s that is a text", name)
		}
		if r.Header == "" && strings.Contains(r.Body[name], "{header}") {
			p.fault(at.to("body", name), "{header} needs the name of a header")
		}
	}
	p.refusal = r
}

// refuse writes the function that answers a request that breaks a rule, nothing if the document does not say how.
func (p *plan) refuse(b *shapes) (string, error) {
	r := p.refusal
	if r == nil {
		return "", nil
	}
	s := b.named[wrapped(r.schema)]
	if s == nil {
		return "", fmt.Errorf("%s: the body has no Go type", refusalKey)
	}
	var text strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&text, format+"\n", args...) }
	line("// refuse answers a request that cannot be decoded, or breaks a rule, as the document says.")
	line("func refuse(w http.ResponseWriter, _ *http.Request, err error) {")
	line("status, messages := refusal(err)")
	if r.Header != "" {
		line("header := identify(w.Header(), %q)", r.Header)
	}
	var fields strings.Builder
	for _, m := range s.members {
		template, ok := r.Body[m.name]
		if !ok {
			continue
		}
		if m.pointer {
			variable := "its" + m.field
			line("%s := %s", variable, fill(template))
			fmt.Fprintf(&fields, "%s: &%s,\n", m.field, variable)
		} else {
			fmt.Fprintf(&fields, "%s: %s,\n", m.field, fill(template))
		}
	}
	line("writeJSON(w, status, %s{\n%s})\n}", s.goType, fields.String())
	return text.String(), nil
}

// places are what is filled in a text.
var places = regexp.MustCompile(`\{(messages|header)\}`)

// fill writes a text with places to fill as a Go expression.
func fill(template string) string {
	var parts []string
	put := func(text string) {
		if text != "" {
			parts = append(parts, strconv.Quote(text))
		}
	}
	done := 0
	for _, at := range places.FindAllStringSubmatchIndex(template, -1) {
		put(template[done:at[0]])
		parts = append(parts, template[at[2]:at[3]])
		done = at[1]
	}
	put(template[done:])
	return cmp.Or(strings.Join(parts, " + "), `""`)
}
