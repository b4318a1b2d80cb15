package openapi

import (
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/source"
)

// Errors is the x-errors of a document: how an answer refuses a request. An answer
// need not look like this to be a refusal, because a page without an error side binds
// nobody to a form; each deviation is a broken duty with its own level.
type Errors struct {
	// Header is the field that holds the identifier of the request, and ID its
	// JSON Pointer in the body.
	Header string `json:"header"`
	ID     string `json:"identifier"`

	// Code and Message are the JSON Pointers of the error's code and sentence,
	// in each documented form.
	Code    []string `json:"code"`
	Message []string `json:"message"`

	// Codes are the documented codes, by the status that they go with.
	Codes map[string][]string `json:"codes"`

	// Words are the beginnings of error sentences, by the status that they go with.
	Words map[string][]string `json:"words"`

	// Busy are the codes of errors that go away when the request is repeated later.
	Busy []string `json:"busy"`

	// The duties of a refusal, nil where the document cites no source: it has a
	// documented status; it is JSON; its header has the same identifier as its
	// body; its code goes with its status; it names the member to blame.
	Status, Content, Identified, InClass, Names *Rule
}

// readErrors reads x-errors.
func (p *parser) readErrors() {
	var entry struct {
		Errors
		Cites   map[string]string `json:"cites"`
		Erratum texts             `json:"erratum"`
	}
	if !p.readExtension(p.doc.T.Extensions, "x-errors", "", &entry) {
		return
	}
	e := entry.Errors
	p.doc.Errors = &e
	for _, r := range []struct {
		name, message string
		rule          **Rule
	}{
		{"status", "a request that is refused gets a documented status", &e.Status},
		{"content", "a refusal is JSON and says so in Content-Type", &e.Content},
		{"identified", "a refusal has an identifier in " + e.Header + ", the one of its body if that has any", &e.Identified},
		{"in-class", "the code and the words of an error go with its status", &e.InClass},
		{"names", "a refusal names the member that it is about", &e.Names},
	} {
		cite, ok := entry.Cites[r.name]
		if !ok {
			continue
		}
		pointer := "/x-errors/cites/" + r.name
		p.checkCitation(cite, pointer)
		*r.rule = &Rule{
			ID: "Refusal." + r.name, Kind: Refusal, Pointer: pointer, Level: p.levelOf(cite), Source: cite,
			Errata: entry.Erratum, Message: r.message, Duty: OfRefusal,
		}
		p.add(*r.rule)
	}
}

// Said returns the code and the sentence of an error's decoded body, and the
// JSON Pointer of the sentence. Each is empty if the body has it in none of the
// documented forms.
func (e *Errors) Said(body any) (code, sentence, at string) {
	if e == nil {
		return "", "", ""
	}
	for _, pointer := range e.Code {
		if code == "" {
			code = textAt(body, pointer)
		}
	}
	for _, pointer := range e.Message {
		if sentence == "" {
			sentence, at = textAt(body, pointer), pointer
		}
	}
	return code, sentence, at
}

// textAt returns the text at a JSON Pointer, empty if there is none.
func textAt(value any, pointer string) string {
	found, _ := source.Lookup(value, pointer)
	text, _ := found.(string)
	return text
}

// StatusOf returns the statuses that an error code is documented with, sorted; none
// for an undocumented code.
func (e *Errors) StatusOf(code string) []string {
	var out []string
	for status, codes := range e.Codes {
		if slices.Contains(codes, code) {
			out = append(out, status)
		}
	}
	slices.Sort(out)
	return out
}

// StatusOfWords returns the statuses whose documented words begin the sentence, sorted;
// none if the sentence goes with any status.
func (e *Errors) StatusOfWords(sentence string) []string {
	var out []string
	for status, list := range e.Words {
		if slices.ContainsFunc(list, func(words string) bool {
			return len(sentence) >= len(words) && strings.EqualFold(sentence[:len(words)], words)
		}) {
			out = append(out, status)
		}
	}
	slices.Sort(out)
	return out
}

// markDuties marks the rules that every answer of a kind has to keep, whatever was
// requested: the rules of refusals, and those that read nothing but values that the
// server chooses. Such a rule is reported once instead of for every case.
func (p *parser) markDuties() {
	refusals := map[*openapi3.Schema]bool{}
	for _, op := range p.doc.operations {
		for status, response := range op.Responses.Map() {
			if answer := jsonSchema(response.Value.Content); answer != nil && status >= "3" {
				gatherSchemas(answer, refusals)
			}
		}
	}
	for _, r := range p.doc.Rules {
		switch {
		case r.Kind != Keyword && r.Kind != Validation:
		case refusals[r.Schema]:
			r.Duty = OfRefusal
		case p.isServerDuty(r):
			r.Duty = OfSuccess
		}
	}
	for _, w := range p.entries {
		if w.rule.Kind == Postcondition && w.rule.Program != nil && w.readsOnlyServerChosen() {
			w.rule.Duty = OfSuccess
		}
	}
}

// gatherSchemas adds a schema and those inside it to seen.
func gatherSchemas(s *openapi3.SchemaRef, seen map[*openapi3.Schema]bool) {
	if s = unwrap(s); seen[s.Value] {
		return
	}
	seen[s.Value] = true
	for _, property := range s.Value.Properties {
		gatherSchemas(property, seen)
	}
	if s.Value.Items != nil {
		gatherSchemas(s.Value.Items, seen)
	}
}

// isServerDuty reports whether a keyword limits a member that the server chooses, or
// the form of an answer. The presence of such a member is a duty for the request
// identifier alone; an answer without another one does not show that the request was
// carried out, which is a failure of its case.
func (p *parser) isServerDuty(r *Rule) bool {
	switch {
	case r.Keyword == "x-unique", r.Keyword == "x-clock", r.Schema == nil && strings.HasSuffix(r.ID, ".content"):
		return true
	case r.Schema == nil:
		return false
	case r.Keyword == "required":
		return p.doc.Errors != nil && "/"+r.Member == p.doc.Errors.ID && isServerChosen(r.Schema.Properties[r.Member])
	}
	return isServerChosen(&openapi3.SchemaRef{Value: r.Schema})
}

// readsOnlyServerChosen reports whether a postcondition reads nothing but header fields and
// members that the server chooses.
func (w entry) readsOnlyServerChosen() bool {
	if len(w.rule.Needs) > 0 || len(w.rule.Program.Reads("request")) > 0 {
		return false
	}
	for _, read := range w.rule.read {
		if member := Member(w.object, read); member == nil || !isServerChosen(member) {
			return false
		}
	}
	return true
}

// isServerChosen reports whether the server alone chooses the value of a member, which
// then repeats nothing from the request.
func isServerChosen(s *openapi3.SchemaRef) bool {
	assigned, _ := unwrap(s).Value.Extensions["x-server-assigned"].(bool)
	echo, _ := unwrap(s).Value.Extensions["x-echo"].(bool)
	return assigned && !echo
}
