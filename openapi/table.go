package openapi

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// The kinds of tables.
const (
	OfParameters = "parameters" // the parameters of an operation
	OfRequest    = "request"    // an object in a request
	OfAnswer     = "answer"     // an object in an answer
	OfExchange   = "exchange"   // the rules of an operation for an answer as a whole
)

// Table is a list in the document: the parameters of an operation, the members of an
// object, or the rules for a whole answer. An object in requests and in answers has
// a table for each.
type Table struct {
	Kind  string
	Name  string // the beginning of the ids of its rules: IkePolicy
	Title string // ikepolicy, requested

	// Source is the common beginning of the citations of its members: Table 5. It is
	// empty if they have none.
	Source string

	// Places are the places of its object in bodies; none for parameters and whole
	// answers.
	Places []TablePlace

	// Members are the names of the members in the order of the document; for whole
	// answers, the ids of the rules.
	Members []string
}

// TablePlace is a place of an object in the bodies of an operation.
type TablePlace struct {
	Operation string
	Status    string // of the answer, as written in the document: 200, 4XX or default; empty for the request
	Pointer   string // JSON Pointer; * is any item of an array, or any value of a map
}

// Tables returns the tables of the document, in its order: for every operation the
// parameters, the objects in requests, those in answers, and the rules for answers as
// a whole. An object that several operations use has one table, at the first.
func (d *Document) Tables() []Table {
	t := &tables{doc: d, at: map[tableKey]int{}}
	for _, op := range d.operations {
		t.addParameters(op)
		if body := op.JSON(); body != nil {
			at := op.pointer() + requestAt + "/schema"
			t.addObjects(body, schemaPlace{op.OperationID + ".request", at}, TablePlace{Operation: op.OperationID}, nil)
		}
		responses := op.Responses.Map()
		for _, status := range Ordered(d, responses, op.pointer()+"/responses") {
			at := op.pointer() + "/responses/" + status
			if ref := responses[status].Ref; ref != "" {
				at = strings.TrimPrefix(ref, "#")
			}
			if body := jsonSchema(responses[status].Value.Content); body != nil {
				t.addObjects(body, schemaPlace{op.OperationID + ".responses." + status + ".body", at + jsonAt + "/schema"},
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
	at  map[tableKey]int // index of a table in all
}

type tableKey struct {
	schema *openapi3.Schema
	kind   string
}

// schemaPlace is the beginning of the ids of a schema's rules, and the JSON Pointer of the
// schema in the document.
type schemaPlace struct{ prefix, pointer string }

// addParameters adds the table of an operation's parameters.
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

// citedTable returns the citation of a parameter without its name at the end; empty if
// the citation does not end in the name.
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

// addObjects adds the tables of a schema's object and of those inside it; a table that
// exists gets another place. Around are the schemas that contain the schema, so that
// one that contains itself does not get a place for each depth.
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

// followReferences returns the schema behind references and behind an allOf of one.
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

// title describes the value at a place.
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

// addExchange adds the table of the rules for an answer as a whole: its status and
// header fields, and the postconditions whose ids begin with the operation.
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
