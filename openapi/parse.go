package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// parser gathers the rules of a document, and all its faults.
type parser struct {
	doc    *Document
	early  earlyParsed
	scopes *rule.Env
	faults Faults

	trusted  bool
	lax      bool // see Read
	warnings Faults

	uses map[*openapi3.Schema]string // the name of a schema's value in messages

	factVars []rule.Variable // the facts
	entries  []entry         // the cross-field rules
}

func (p *parser) fault(pointer, format string, args ...any) {
	p.faults = append(p.faults, p.doc.Fault(pointer, format, args...))
}

// addInvalid adds the mistakes that kin-openapi found as faults.
func (p *parser) addInvalid(err error) {
	var several openapi3.MultiError
	if errors.As(err, &several) {
		for _, e := range several {
			p.addInvalid(e)
		}
		return
	}
	message := err.Error()
	if schema, _, found := strings.Cut(message, "\nSchema:"); found {
		message = schema // the rest prints the schema and the value
	}
	p.fault(place(err), "%s", strings.TrimSpace(message))
}

// findCircles reports schemas whose allOf leads back to themselves. Following them
// would never end.
func (p *parser) findCircles() {
	const at = componentsAt
	for _, name := range Ordered(p.doc, p.doc.T.Components.Schemas, at) {
		seen := map[*openapi3.Schema]bool{}
		for s := p.doc.T.Components.Schemas[name]; len(s.Value.AllOf) == 1; s = s.Value.AllOf[0] {
			if seen[s.Value] {
				p.fault(at+"/"+source.Escape(name), "allOf leads back to the schema itself")
				break
			}
			seen[s.Value] = true
		}
	}
}

// place returns the JSON Pointer of the value that kin-openapi's error is about, or of
// the nearest one around it that the error names.
func place(err error) string {
	var component *openapi3.ComponentValidationError
	if errors.As(err, &component) {
		return "/components/" + component.Section + "s/" + source.Escape(component.Name)
	}
	var section *openapi3.SectionValidationError
	var path *openapi3.PathValidationError
	var operation *openapi3.OperationValidationError
	pointer := ""
	if errors.As(err, &section) {
		pointer = "/" + section.Section
	}
	if errors.As(err, &path) {
		pointer += "/" + source.Escape(path.Path)
	}
	if errors.As(err, &operation) {
		pointer += "/" + strings.ToLower(operation.Method)
	}
	return pointer
}

// addUnresolved adds the error of a reference that leads nowhere. The error names the
// reference and not its place, which is looked for in the text.
func (p *parser) addUnresolved(err error, data []byte) {
	p.fault("", "%v", err)
	_, ref, found := strings.Cut(err.Error(), `"#/`)
	if !found {
		return
	}
	if before, _, found := bytes.Cut(data, []byte("#/"+strings.TrimRight(ref, `"`))); found {
		fault := &p.faults[len(p.faults)-1]
		fault.Line = bytes.Count(before, []byte("\n")) + 1
		fault.Column = len(before) - bytes.LastIndexByte(before, '\n')
	}
}

// readExtension decodes an extension into out, strictly. It reports whether there is
// one that could be decoded.
func (p *parser) readExtension(extensions map[string]any, name, pointer string, out any) bool {
	v, ok := extensions[name]
	if !ok {
		return false
	}
	data, err := json.Marshal(v)
	if err == nil {
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		err = dec.Decode(out)
	}
	if err != nil {
		p.fault(pointer+"/"+name, "%s", strings.TrimPrefix(err.Error(), "json: "))
		return false
	}
	return true
}

// texts is one text, or a list of texts.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// citations are the sources of a parameter's keywords; the empty key stands
// for the parameter itself.
type citations map[string]string

// keywordCited matches the citation of one keyword: "enum: OTC, style".
var keywordCited = regexp.MustCompile(`^([A-Za-z-]+): (.+)$`)

// UnmarshalJSON reads one citation, or a list: first that of the parameter, then those
// of single keywords. An object by keyword would be easier to read, but other tools
// take an object with keys such as enum for a schema.
func (c *citations) UnmarshalJSON(data []byte) error {
	var list texts
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	*c = citations{}
	for i, text := range list {
		keyword := keywordCited.FindStringSubmatch(text)
		switch {
		case i == 0 && keyword == nil:
			(*c)[""] = text
		case i == 0:
			return fmt.Errorf("the first citation is that of the parameter, got %q", text)
		case keyword == nil:
			return fmt.Errorf("want a keyword, a colon and a citation, got %q", text)
		case (*c)[keyword[1]] != "":
			return fmt.Errorf("%s is cited twice", keyword[1])
		default:
			(*c)[keyword[1]] = keyword[2]
		}
	}
	return nil
}

// of returns the citation of a keyword.
func (c citations) of(keyword string) string {
	if s, ok := c[keyword]; ok {
		return s
	}
	return c[""]
}

// levelOf returns how binding a citation is: must if it names the operation's own page.
// A document without sources is its own authority, so all its rules are must.
func (p *parser) levelOf(citation string) Level {
	if len(p.doc.Sources) == 0 {
		return Must
	}
	if _, own := p.doc.publication(citation); own {
		return Must
	}
	return Should
}

func (p *parser) readSources() {
	p.readExtension(p.doc.T.Extensions, "x-sources", "", &p.doc.Sources)
	p.readExtension(p.doc.T.Extensions, "x-transport", "", &p.doc.Transport)
	for _, id := range Ordered(p.doc, p.doc.Sources, "/x-sources") {
		if cited := p.doc.Sources[id].Cited; cited != "" {
			pattern, err := regexp.Compile(cited)
			if err != nil {
				p.fault("/x-sources/"+source.Escape(id)+"/cited", "%v", err)
				continue
			}
			p.doc.pages = append(p.doc.pages, page{id, pattern})
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(p.doc.Transport)) {
		p.checkCitation(p.doc.Transport[kind], "/x-transport/"+source.Escape(kind))
	}
}

// page is a publication that citations name without its id.
type page struct {
	id    string
	cited *regexp.Regexp
}

// publication returns the id of the source that a citation names, empty if there
// is none, and reports whether the source is the operation's own page.
func (d *Document) publication(citation string) (id string, own bool) {
	for _, p := range d.pages {
		if p.cited.MatchString(citation) {
			return p.id, d.Sources[p.id].Own
		}
	}
	id, _, _ = strings.Cut(citation, ",")
	if _, ok := d.Sources[id]; !ok {
		return "", false
	}
	return id, d.Sources[id].Own
}

// readCitations reads x-source and checks that every citation resolves.
func (p *parser) readCitations(extensions map[string]any, pointer string) citations {
	var c citations
	p.readExtension(extensions, "x-source", pointer, &c)
	for _, key := range slices.Sorted(maps.Keys(c)) {
		p.checkCitation(c[key], pointer+"/x-source")
	}
	return c
}

// checkCitedKeywords reports citations of keywords that a schema does not have.
func (p *parser) checkCitedKeywords(c citations, s *openapi3.Schema, pointer string) {
	for _, key := range slices.Sorted(maps.Keys(c)) {
		switch {
		case key == "" || key == "required" || key == "additionalProperties" || Says(s, key) != "":
		case s.Items != nil && Says(s.Items.Value, key) != "":
		default:
			p.fault(pointer+"/x-source", "there is no keyword %s to cite", key)
		}
	}
}

func (p *parser) checkCitation(citation, pointer string) {
	if len(p.doc.Sources) > 0 && !p.doc.Cites(citation) {
		p.fault(pointer, "citation %q names no source of x-sources", citation)
	}
}

// Cites reports whether a citation names one of the document's sources.
func (d *Document) Cites(citation string) bool {
	id, _ := d.publication(citation)
	return id != ""
}

// readErrata reads x-erratum.
func (p *parser) readErrata(extensions map[string]any, pointer string) []string {
	var ids texts
	p.readExtension(extensions, "x-erratum", pointer, &ids)
	return ids
}

// ownWord is the source of every rule of a document without sources.
const ownWord = "the document"

// newRule returns a rule that a keyword states, with the level of its citation.
func (p *parser) newRule(id, pointer, citation, message string) *Rule {
	return &Rule{ID: id, Kind: Keyword, Pointer: pointer, Level: p.levelOf(citation), Source: citation, Message: message}
}

// addKeyword adds the rule of a keyword of a schema, so that [Document.Keyword] finds it.
func (p *parser) addKeyword(r *Rule) {
	p.add(r)
	p.doc.byKeyword[keyword{r.Schema, r.Keyword, r.Member}] = r
}

// add adds a rule to the document; its place is r.Pointer.
func (p *parser) add(r *Rule) {
	r.Line, _ = p.doc.file.Place(r.Pointer)
	if r.Source == "" && len(p.doc.Sources) == 0 {
		r.Source = ownWord
	}
	if r.Source == "" && r.Kind == Keyword {
		p.fault(r.Pointer, "%s cites nothing: x-source is missing", r.ID)
	}
	if first, ok := p.doc.byID[r.ID]; ok && p.lax && r.Kind == Keyword {
		r.ID = p.placeID(r)
	} else if ok {
		p.fault(r.Pointer, "id %s is taken by the rule in line %d", r.ID, first.Line)
		return
	}
	p.doc.byID[r.ID] = r
	if r.Kind == Unclaimed {
		p.doc.Unclaimed = append(p.doc.Unclaimed, r)
		return
	}
	p.doc.Rules = append(p.doc.Rules, r)
}
