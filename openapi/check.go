package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi/rule"
	"github.com/vpnconform/vpnconform/openapi/source"
)

// Violation is a rule that a value breaks.
type Violation struct {
	Pointer string // JSON Pointer of the offending member in the value
	Header  string // name of the offending header field; then there is no Pointer
	Rule    *Rule  // nil for an obligation of JSON Schema that is no rule
	Message string // what is asked; never the value, which may be a secret
}

// Exchange is a request and its answer, as postconditions see them. Bodies are
// JSON as decoded with json.Number; header names are in lower case. Parameters
// are those that were sent, as texts, by name.
type Exchange struct {
	Request, Response any
	Headers           map[string]string
	Parameters        map[string]string
	Facts             Facts
}

// CheckRequest returns every rule that a request's body breaks: those of the
// schema first, in its order, then the cross-field rules. A rule whose facts
// are not given is left out, and so is a cross-field rule that reads a member
// which is not what its schema asks. An operation without a body has no such rule.
func (d *Document) CheckRequest(op Operation, body any, facts Facts) []Violation {
	if op.JSON() == nil {
		return nil
	}
	return d.check(op.JSON(), rule.Native(body), facts.native(), openapi3.VisitAsRequest())
}

// CheckResponse returns every rule that an answer breaks: those of its schema
// and of its header fields and, for the answer that the operation documents as its
// success, the echoes and the postconditions. An answer that is not documented
// breaks none, and one that is documented without a body has no body to break any.
func (d *Document) CheckResponse(op Operation, status int, x Exchange) []Violation {
	return d.checkResponse(op, status, x, false)
}

// CheckShown returns every rule of an operation that the body of an answer to a
// later request breaks, which shows what the operation was sent: all but those of
// header fields and parameters.
func (d *Document) CheckShown(op Operation, x Exchange) []Violation {
	return d.checkResponse(op, op.Success(), x, true)
}

// checkResponse can leave out what is said of header fields and parameters, which
// an example does not have.
func (d *Document) checkResponse(op Operation, status int, x Exchange, bodyAlone bool) []Violation {
	documented := op.Response(status)
	if documented == nil {
		return nil
	}
	x.Request, x.Response, x.Facts = rule.Native(x.Request), rule.Native(x.Response), x.Facts.native()
	var c checker
	schema := op.Answer(status)
	if schema != nil {
		c.broken = d.check(schema, x.Response, x.Facts, openapi3.VisitAsResponse())
	}
	c.keywords = keywordsOf(binding(c.broken))
	inBody := len(c.broken)
	if !bodyAlone {
		c.headers(d, documented, x.Headers)
	}
	unread := bodyAlone || len(c.broken) > inBody // what rules read of the header fields is wrong
	if status != op.Success() {
		return c.broken
	}
	if schema != nil && op.JSON() != nil {
		c.echoes(d, schema, x.Response, op, x.Request)
	}
	for _, s := range d.shown[op.OperationID] {
		value, there := valueAt(x.Response, s.pointer)
		if asked, sent := x.Parameters[s.parameter]; sent && there && !c.spoiled(s.pointer) && fmt.Sprint(value) != asked {
			c.add(s.rule, s.pointer)
		}
	}
	variables := x.Facts.variables("request", x.Request)
	variables["response"], variables["headers"], variables["parameters"] = x.Response, x.Headers, x.Parameters
	for _, r := range d.after[op.OperationID] {
		if unread && r.readsHeaders || bodyAlone && r.readsParameters {
			continue
		}
		c.judge(r, "", variables, x.Facts)
	}
	return c.broken
}

// headers holds the header fields of an answer against the documented ones.
func (c *checker) headers(d *Document, documented *openapi3.Response, fields map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(documented.Headers)) {
		header := documented.Headers[name].Value
		text, there := fields[strings.ToLower(name)]
		if r := d.headers[header]; !there && r != nil {
			c.broken = append(c.broken, Violation{Header: name, Rule: r, Message: r.Message})
		}
		if !there || header.Schema == nil {
			continue
		}
		before := len(c.broken)
		if err := header.Schema.Value.VisitJSON(ValueOf(header.Schema.Value, text), openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails()); err != nil {
			c.broken = d.violations(c.broken, err)
		}
		for i := range c.broken[before:] {
			c.broken[before+i].Pointer, c.broken[before+i].Header = "", name
		}
	}
}

// ValueOf is the value that a text in a parameter or a header field stands for: a
// number or a boolean if its schema asks for one and it is the literal of one,
// otherwise the text.
func ValueOf(s *openapi3.Schema, text string) any {
	if s.Type.Is("string") || s.Type.Slice() == nil {
		return text
	}
	value, err := decoded([]byte(text))
	if err != nil {
		return text
	}
	switch value.(type) {
	case json.Number, bool:
		return rule.Native(value)
	}
	return text
}

// check holds a value against a schema and the cross-field rules of every
// object in it. The way says whether it is sent or answered: what is only read
// need not be sent, what is only written need not come back.
func (d *Document) check(s *openapi3.SchemaRef, value any, facts Facts, way openapi3.SchemaValidationOption) []Violation {
	var c checker
	if err := s.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails(), way, openapi3.DisableReadOnlyValidation()); err != nil {
		c.broken = d.violations(nil, err)
	}
	c.literals(d, s, value, "")
	c.keywords = keywordsOf(c.broken)
	c.objects(d.byObject, d, s, value, "", facts)
	return c.broken
}

// literals finds integers that are written with a fraction or an exponent:
// JSON Schema takes 60.0 for an integer, the clients of this API do not. A
// number that is too large to be one is of the wrong type, and nothing else.
func (c *checker) literals(d *Document, s *openapi3.SchemaRef, value any, at string) {
	s = resolved(s)
	switch v := value.(type) {
	case float64:
		r := d.Keyword(s.Value, "type", "")
		tooLarge := math.Abs(v) == math.MaxFloat64 && (s.Value.Type.Is("integer") || s.Value.Type.Is("number"))
		if tooLarge {
			c.broken = slices.DeleteFunc(c.broken, func(b Violation) bool { return b.Pointer == at })
		}
		if r != nil && (tooLarge || s.Value.Type.Is("integer") && v == math.Trunc(v)) {
			c.add(r, at)
		}
	case map[string]any:
		for _, name := range d.members[s.Value] {
			member := v[name]
			if _, number := member.(float64); number || composite(member) {
				c.literals(d, s.Value.Properties[name], member, at+"/"+source.Escape(name))
			}
		}
		for name, schema := range d.furtherMembers(s, v) {
			c.literals(d, schema, v[name], at+"/"+source.Escape(name))
		}
	case []any:
		for i, item := range v {
			if _, number := item.(float64); s.Value.Items != nil && (number || composite(item)) {
				c.literals(d, s.Value.Items, item, at+"/"+strconv.Itoa(i))
			}
		}
	}
}

// violations reads kin-openapi's errors.
func (d *Document) violations(out []Violation, err error) []Violation {
	var several openapi3.MultiError
	if errors.As(err, &several) {
		for _, e := range several {
			out = d.violations(out, e)
		}
		return out
	}
	var e *openapi3.SchemaError
	if !errors.As(err, &e) {
		return append(out, Violation{Message: err.Error()})
	}
	if e.SchemaField == "allOf" && e.Origin != nil {
		return d.violations(out, e.Origin)
	}
	tokens := e.JSONPointer()
	v := Violation{Message: e.Reason}
	for _, token := range tokens {
		v.Pointer += "/" + source.Escape(token)
	}
	name, member := e.SchemaField, ""
	switch name {
	case "required":
		member = tokens[len(tokens)-1]
	case "nullable":
		name = "type" // null is one more wrong type
	case "properties":
		name = "additionalProperties"
	}
	if v.Rule = d.Keyword(e.Schema, name, member); v.Rule != nil {
		v.Message = v.Rule.Message
	} else if name == "format" {
		return out // a bound is tighter, and broken too
	}
	return append(out, v)
}

// checker gathers violations. keywords are the places where a member is not
// what its schema asks, each as its tokens.
type checker struct {
	broken   []Violation
	keywords [][]string
	changed  []string       // places that the rules to judge read; nil judges all
	moved    bool           // the facts are others as well
	judged   map[*Rule]bool // the rules that could be decided, and whether they hold; nil gathers none
}

func keywordsOf(broken []Violation) [][]string {
	var out [][]string
	for _, v := range broken {
		if v.Rule == nil || v.Rule.Kind == Keyword {
			out = append(out, strings.Split(v.Pointer, "/"))
		}
	}
	return out
}

// binding leaves out the values that are not listed where no more than should
// binds to that: a rule that binds more is not to be hidden by it.
func binding(broken []Violation) []Violation {
	return slices.DeleteFunc(slices.Clone(broken), func(v Violation) bool {
		return v.Rule != nil && v.Rule.Keyword == "enum" && v.Rule.Level != Must
	})
}

// spoiled tells whether what a pointer leads to, with * for any item, is not
// there as its schema asks: the member itself or what holds it is broken.
func (c *checker) spoiled(pointer string) bool {
	if len(c.keywords) == 0 {
		return false
	}
	tokens := strings.Split(pointer, "/")
	return slices.ContainsFunc(c.keywords, func(broken []string) bool {
		if len(broken) > len(tokens) {
			return false
		}
		for i, token := range broken {
			if token != tokens[i] && tokens[i] != "*" {
				return false
			}
		}
		return true
	})
}

// objects judges rules of the objects in a value, the outer ones first.
func (c *checker) objects(rulesOf map[*openapi3.Schema][]*Rule, d *Document, s *openapi3.SchemaRef, value any, at string, facts Facts) {
	s = resolved(s)
	switch v := value.(type) {
	case map[string]any:
		if rules := rulesOf[s.Value]; len(rules) > 0 {
			changed := c.within(at)
			var variables map[string]any // when they are asked for: most rules of most objects are left alone
			for _, r := range rules {
				if !c.touched(r, changed) {
					continue
				}
				if variables == nil {
					variables = facts.variables("self", v)
				}
				c.judge(r, at, variables, facts)
			}
		}
		for _, name := range d.members[s.Value] {
			if member := v[name]; composite(member) {
				c.objects(rulesOf, d, s.Value.Properties[name], member, at+"/"+source.Escape(name), facts)
			}
		}
		for name, schema := range d.furtherMembers(s, v) {
			c.objects(rulesOf, d, schema, v[name], at+"/"+source.Escape(name), facts)
		}
	case []any:
		if s.Value.Items == nil {
			break
		}
		for i, item := range v {
			if composite(item) {
				c.objects(rulesOf, d, s.Value.Items, item, at+"/"+strconv.Itoa(i), facts)
			}
		}
	}
}

// furtherMembers yields the members of an object that its schema does not name, if it
// says what they are, in the order of their names.
func (d *Document) furtherMembers(s *openapi3.SchemaRef, object map[string]any) iter.Seq2[string, *openapi3.SchemaRef] {
	return func(yield func(string, *openapi3.SchemaRef) bool) {
		values := s.Value.AdditionalProperties.Schema
		if values == nil {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			if s.Value.Properties[name] == nil && !yield(name, values) {
				return
			}
		}
	}
}

// composite reports whether a value is an object or a list. Any other is passed over
// before its place is written, which takes longer than all that is done with it.
func composite(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}

// judge evaluates a rule over the object at a place. A rule that cannot be
// decided is broken.
func (c *checker) judge(r *Rule, at string, variables map[string]any, facts Facts) {
	for _, need := range r.Needs {
		if !facts.has(need) {
			return
		}
	}
	if len(c.keywords) > 0 && slices.ContainsFunc(r.read, func(read string) bool { return c.spoiled(at + read) }) {
		return
	}
	holds, err := r.Program.Eval(variables)
	if c.judged != nil {
		if before, twice := c.judged[r]; err == nil {
			c.judged[r] = holds && (before || !twice)
		}
		return
	}
	if err == nil && holds || err != nil && r.Kind == Unclaimed { // a member that is not what its schema asks is wrong
		return
	}
	message := r.Message
	if err != nil {
		message = fmt.Sprintf("%s (undecidable: %v)", message, err)
	}
	for _, field := range r.Fields {
		v := Violation{Pointer: at + field, Rule: r, Message: message}
		if name, ok := strings.CutPrefix(field, inHeader); ok {
			v.Pointer, v.Header = "", name
		}
		c.broken = append(c.broken, v)
	}
}

// echoes holds the members of an answer that repeat those of the request
// against them. Of a request that creates something, what was not sent shows its
// default; a request that changes something leaves that as it is.
func (c *checker) echoes(d *Document, answer *openapi3.SchemaRef, value any, op Operation, request any) {
	c.echoesIn(d, answer, value, op.JSON(), request, "", op.Method == http.MethodPost)
}

func (c *checker) echoesIn(d *Document, s *openapi3.SchemaRef, value any, sent *openapi3.SchemaRef, request any, at string, creates bool) {
	s, sent = resolved(s), resolved(sent)
	answer, ok := value.(map[string]any)
	if !ok {
		return
	}
	asked, _ := request.(map[string]any)
	for _, name := range d.members[s.Value] {
		property, counterpart := s.Value.Properties[name], sent.Value.Properties[name]
		if counterpart == nil {
			continue
		}
		pointer := at + "/" + source.Escape(name)
		r, wasSent := d.Keyword(property.Value, "x-echo", ""), asked[name] != nil
		if r == nil { // it may stand beside a reference, or in what that leads to
			r = d.Keyword(resolved(property).Value, "x-echo", "")
		}
		if r != nil && (wasSent || creates) {
			chosen, _ := resolved(property).Value.Extensions["x-server-assigned"].(bool)
			c.echo(d, r, pointer, answer[name], asked[name], counterpart, chosen)
		}
		c.echoesIn(d, property, answer[name], counterpart, asked[name], pointer, creates)
	}
}

// echo judges one member. What was not sent shows its default, unless the
// server has chosen it, or does not come back. An empty array is the same as
// none.
func (c *checker) echo(d *Document, r *Rule, pointer string, got, sent any, counterpart *openapi3.SchemaRef, chosen bool) {
	if c.spoiled(pointer) {
		return
	}
	if sent == nil {
		if got == nil || chosen {
			return
		}
		standard := counterpart.Value.Default
		if byDefault := d.Keyword(counterpart.Value, "default", ""); byDefault != nil {
			r = byDefault
		} else if list, ok := got.([]any); ok && len(list) == 0 {
			return
		}
		if standard == nil || fmt.Sprint(got) != fmt.Sprint(standard) {
			c.add(r, pointer)
		}
		return
	}
	if list, ok := sent.([]any); ok && len(list) == 0 && got == nil {
		return
	}
	if !reflect.DeepEqual(got, known(counterpart, sent)) {
		c.add(r, pointer)
	}
}

// add gathers a broken rule.
func (c *checker) add(r *Rule, pointer string) {
	c.broken = append(c.broken, Violation{Pointer: pointer, Rule: r, Message: r.Message})
}

// known leaves out the members of a value that its schema does not name: they
// need not come back.
func known(s *openapi3.SchemaRef, value any) any {
	s = resolved(s)
	switch v := value.(type) {
	case map[string]any:
		if len(s.Value.Properties) == 0 {
			return v
		}
		out := map[string]any{}
		for name, property := range s.Value.Properties {
			if member, ok := v[name]; ok {
				out[name] = known(property, member)
			}
		}
		return out
	case []any:
		if s.Value.Items == nil {
			return v
		}
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = known(s.Value.Items, item)
		}
		return out
	}
	return value
}

// CheckParameter returns every rule of an operation that a text breaks as the
// value of one of its parameters.
func (d *Document) CheckParameter(op Operation, v *openapi3.Parameter, text string) []Violation {
	if v.Schema == nil {
		return nil
	}
	var out []Violation
	err := v.Schema.Value.VisitJSON(ValueOf(v.Schema.Value, text), openapi3.MultiErrors(), openapi3.DisableSchemaErrorDetails())
	if err == nil {
		return nil
	}
	for _, broken := range d.violations(nil, err) {
		if broken.Rule != nil { // of a schema that several parameters share, the rule is that of this one
			if r := d.Rule(op.OperationID + "." + v.Name + "." + broken.Rule.Keyword); r != nil {
				broken.Rule = r
			}
		}
		out = append(out, broken)
	}
	return out
}
