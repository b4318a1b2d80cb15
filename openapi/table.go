package openapi

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// The kinds of tables.
const (
	OfParameters = "parameters" // what an operation is sent beside the body
	OfRequest    = "request"    // an object that is sent
	OfAnswer     = "answer"     // an object that is answered
	OfExchange   = "exchange"   // what an operation asks of an answer as a whole
)

// Table is what the document lists side by side: the parameters of an operation,
// the members of an object, or what is asked of a whole answer. An object that is
// both sent and answered has a table for each.
type Table struct {
	Kind  string
	Name  string // with which the ids of its rules begin: IkePolicy
	Title string // ikepolicy, requested

	// Source is what the citations of its members begin with: Table 5. It is empty
	// if the document cites nothing that lists them.
	Source string

	// Places are where its object stands in bodies. Parameters and whole answers have
	// none.
	Places []TablePlace

	// Members are the names, in the order of the document; the ids of the rules, if
	// the table is of whole answers.
	Members []string
}

// TablePlace is where an object stands in the bodies of an operation.
type TablePlace struct {
	Operation string
	Status    string // of the answer, as the document has it: 200, 4XX or default; empty for the request
	Pointer   string // JSON Pointer; * is any item of an array, or any value of a map
}

// Tables returns the tables of the document, in its order: for every operation the
// parameters, the objects that are sent, those that are answered, and what is asked
// of its answers as a whole. An object that several operations use has one table,
// at the first.
func (d *Document) Tables() []Table {
	t := &tables{doc: d, at: map[tableKey]int{}}
	for _, op := range d.operations {
		t.addParameters(op)
		if body := op.JSON(); body != nil {
			at := op.pointer() + "/requestBody/content/application~1json/schema"
			t.addObjects(body, schemaPlace{op.OperationID + ".request", at}, TablePlace{Operation: op.OperationID}, nil)
		}
		responses := op.Responses.Map()
		for _, status := range Ordered(d, responses, op.pointer()+"/responses") {
			at := op.pointer() + "/responses/" + status
			if ref := responses[status].Ref; ref != "" {
				at = strings.TrimPrefix(ref, "#")
			}
			if body := jsonSchema(responses[status].Value.Content); body != nil {
				t.addObjects(body, schemaPlace{op.OperationID + ".responses." + status + ".body", at + "/content/application~1json/schema"},
					TablePlace{Operation: op.OperationID, Status: status}, nil)
			}
		}
		t.addExchange(op)
	}
	return t.all
}

// tables gathers tables.
type tables struct {
	doc *Document
	all []Table
	at  map[tableKey]int // where a table is in all
}

type tableKey struct {
	schema *openapi3.Schema
	kind   string
}

// schemaPlace is the beginning of the ids of a schema's rules, and the JSON Pointer of the
// schema in the document.
type schemaPlace struct{ prefix, pointer string }

// addParameters adds the table of what an operation is sent beside the body.
func (t *tables) addParameters(op Operation) {
	if len(op.Parameters) == 0 {
		return
	}
	v := Table{Kind: OfParameters, Name: op.OperationID, Title: "parameters"}
	var in, cited []string
	for _, p := range op.Parameters {
		v.Members, in = append(v.Members, p.Value.Name), append(in, p.Value.In)
		cited = append(cited, t.citedTable(op, p.Value))
	}
	if in = slices.Compact(in); len(in) == 1 {
		v.Title = in[0] + " parameters"
	}
	if cited = slices.Compact(cited); len(cited) == 1 {
		v.Source = cited[0]
	}
	t.all = append(t.all, v)
}

// citedTable is what the citation of a parameter says before its name; empty if it does
// not end in that.
func (t *tables) citedTable(op Operation, p *openapi3.Parameter) string {
	for _, r := range t.doc.Rules {
		if r.Operation == op.OperationID && r.Parameter == p {
			if of, ok := strings.CutSuffix(r.Source, ", "+p.Name); ok {
				return of
			}
		}
	}
	return ""
}

// addObjects adds the tables of a schema's object and of those inside it, or the place
// to the table that is there. Around are the schemas that it stands in: one that
// contains itself has a table, and not one for each depth.
func (t *tables) addObjects(s *openapi3.SchemaRef, name schemaPlace, at TablePlace, around []*openapi3.Schema) {
	s, name = t.followReferences(s, name)
	v := s.Value
	if slices.Contains(around, v) {
		return
	}
	around = append(slices.Clone(around), v)
	if v.Type.Is("object") || len(v.Properties) > 0 {
		t.addObject(v, name, at)
	}
	for _, member := range Ordered(t.doc, v.Properties, name.pointer+"/properties") {
		inside := at
		inside.Pointer += "/" + source.Escape(member)
		t.addObjects(v.Properties[member], schemaPlace{name.prefix + "." + member, name.pointer + "/properties/" + source.Escape(member)}, inside, around)
	}
	at.Pointer += "/*"
	if v.Items != nil {
		t.addObjects(v.Items, schemaPlace{name.prefix + ".items", name.pointer + "/items"}, at, around)
	}
	if values := v.AdditionalProperties.Schema; values != nil {
		t.addObjects(values, schemaPlace{name.prefix + ".values", name.pointer + "/additionalProperties"}, at, around)
	}
}

// followReferences follows references, and an allOf of one schema as the rules do.
func (t *tables) followReferences(s *openapi3.SchemaRef, name schemaPlace) (*openapi3.SchemaRef, schemaPlace) {
	for {
		id, ok := strings.CutPrefix(s.Ref, "#"+componentsAt+"/")
		switch {
		case ok:
			s, name = t.doc.T.Components.Schemas[source.Unescape(id)], schemaPlace{source.Unescape(id), componentsAt + "/" + id}
			if s.Value.Title != "" {
				name.prefix = s.Value.Title
			}
		case len(s.Value.AllOf) == 1:
			s = s.Value.AllOf[0]
		default:
			return s, name
		}
	}
}

// addObject adds the table of a schema's object at a place.
func (t *tables) addObject(s *openapi3.Schema, name schemaPlace, at TablePlace) {
	kind := OfRequest
	if at.Status != "" {
		kind = OfAnswer
	}
	key := tableKey{s, kind}
	i, there := t.at[key]
	if !there {
		i, t.at[key] = len(t.all), len(t.all)
		v := Table{Kind: kind, Name: name.prefix, Title: title(at), Members: Ordered(t.doc, s.Properties, name.pointer+"/properties")}
		if r := t.doc.Rule(name.prefix + ".type"); r != nil && r.Source != ownWord && !strings.Contains(r.Source, ", ") {
			v.Source = r.Source
		}
		t.all = append(t.all, v)
	}
	t.all[i].Places = append(t.all[i].Places, at)
}

// title says what stands at a place.
func title(at TablePlace) string {
	name := ""
	for segment := range strings.SplitSeq(at.Pointer, "/") {
		if segment != "" && segment != "*" {
			name = source.Unescape(segment)
		}
	}
	switch {
	case name != "" && at.Status == "":
		return name + ", requested"
	case name != "":
		return name + ", answered"
	case at.Status == "":
		return "body of the request"
	case strings.HasPrefix(at.Status, "2"):
		return "body of the answer"
	}
	return "body of a refusal"
}

// addExchange adds the table of what an operation asks of an answer as a whole: its
// status and header fields, and the postconditions that carry the operation's name.
func (t *tables) addExchange(op Operation) {
	v := Table{Kind: OfExchange, Name: op.OperationID, Title: "the answer as a whole"}
	for _, r := range t.doc.Rules {
		if r.Operation == op.OperationID && r.Parameter == nil && r.Schema == nil && strings.HasPrefix(r.ID, op.OperationID+".") {
			v.Members = append(v.Members, r.ID)
		}
	}
	if len(v.Members) > 0 {
		t.all = append(t.all, v)
	}
}
