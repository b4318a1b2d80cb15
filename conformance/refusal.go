package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// refusal judges the body of an answer that refuses a request.
func (j *judge) refusal(f *findings, c suite.Case, a *answer, body any) {
	if pointer, connection := j.connection(body, ""); connection != nil {
		f.add(report.Difference{
			Pointer: "/body" + pointer, Kind: "unexpected", Got: encode(connection),
			Why: "a request that is refused creates nothing", Level: c.Level, Source: c.Source,
		}, c.Rule)
	}
	schema := j.op.Answer(a.status)
	if schema == nil || a.status == success { // which says enough
		return
	}
	for _, v := range j.doc.CheckResponse(j.op, a.status, openapi.Exchange{Response: body}) {
		d := report.Difference{Pointer: "/body" + v.Pointer, Kind: "rule", Why: v.Message, Level: c.Level}
		if v.Rule != nil && v.Rule.Keyword == "pattern" { // the shape makes it a refusal, whatever its code
			d.Level = string(v.Rule.Level)
		}
		if got := lookup(body, v.Pointer); got != nil {
			d.Got = encode(got)
		}
		f.add(d, v.Rule)
	}
	j.identified(f, a, body)
	f.unique = j.mustBeNew(schema, body, match.Leaves(body))
	var e refusalBody
	_ = json.Unmarshal(a.body, &e) // the rules have said what is wrong with it
	j.named(f, e, fieldsOf(j.op, c))
}

// mostNamed is the number of members that a message may name and still say
// which one it is about. None of the document's own names more than two.
const mostNamed = 8

// named holds the message of a refusal against the members that it is about, one
// of which it names.
func (j *judge) named(f *findings, e refusalBody, fields []string) {
	text := e.message()
	if text == "" || len(fields) == 0 {
		return
	}
	d := report.Difference{
		Pointer: "/body" + e.pointer(), Kind: "rule", Want: encode(fields[0]), Got: encode(text),
		Why: "a refusal names the member that it is about", Level: string(openapi.Should), Source: "OTC-DEL, error_msg",
	}
	named := map[string]bool{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if j.members[word] {
			named[word] = true
		}
	}
	switch {
	case len(named) > mostNamed:
		d.Why = fmt.Sprintf("%s, and not %d of them", d.Why, len(named))
	case slices.ContainsFunc(fields, func(field string) bool { return strings.Contains(text, field) }):
		return
	}
	f.add(d, nil)
}

// connection finds a connection in the body of a refusal, under whatever name:
// an object that has several of the members that every connection has.
func (j *judge) connection(body any, at string) (string, any) {
	if _, ok := match.Lookup(body, "/vpn_connection"); ok && at == "" {
		return "/vpn_connection", lookup(body, "/vpn_connection")
	}
	required := openapi.Member(j.schema, "/vpn_connection").Value.Required
	switch v := body.(type) {
	case map[string]any:
		has := 0
		for _, name := range required {
			if _, ok := v[name]; ok {
				has++
			}
		}
		if has >= 3 {
			return at, v
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if pointer, found := j.connection(v[name], at+"/"+match.Escape(name)); found != nil {
				return pointer, found
			}
		}
	case []any:
		for i, item := range v {
			if pointer, found := j.connection(item, fmt.Sprintf("%s/%d", at, i)); found != nil {
				return pointer, found
			}
		}
	}
	return "", nil
}

// namesIn gathers the names of all members below a schema.
func namesIn(s *openapi3.SchemaRef, names map[string]bool) {
	s = openapi.Member(s, "")
	for name, member := range s.Value.Properties {
		names[name] = true
		namesIn(member, names)
	}
	if s.Value.Items != nil {
		namesIn(s.Value.Items, names)
	}
}

// identified holds the identifier of a refusal in its header against the one in
// its body: clients show the header.
func (j *judge) identified(f *findings, a *answer, body any) {
	header := a.header.Get("X-Request-Id")
	inBody, _ := lookup(body, "/request_id").(string)
	d := report.Difference{
		Pointer: "/headers/X-Request-Id", Kind: "changed", Got: header, Level: string(openapi.Should), Source: "SDK, core/sdkerr",
		Why: "a refusal has an identifier in X-Request-Id, the one of its body if that has any",
	}
	switch {
	case header == "":
		d.Kind = "missing"
	case inBody == "" || inBody == header:
		return
	default:
		d.Want = inBody
	}
	f.add(d, nil)
}

// refusalBody is the body of an answer that refuses, in either documented form.
type refusalBody struct {
	ErrorCode string `json:"error_code"`
	ErrorMsg  string `json:"error_msg"`
	Code      string `json:"code"`
	Message   string `json:"message"`
}

func (e refusalBody) message() string { return cmp.Or(e.ErrorMsg, e.Message) }

func (e refusalBody) pointer() string {
	if e.ErrorMsg != "" {
		return "/error_msg"
	}
	return "/message"
}

// fieldsOf are the names of the members that a refused case is about, the one to
// blame first; none where it is about no member.
func fieldsOf(op openapi.Operation, c suite.Case) []string {
	if c.Rule == nil {
		return nil
	}
	if len(c.Rule.Fields) > 0 {
		return c.Rule.Names()
	}
	at, _ := openapi.Find(op.JSON(), c.Rule.Schema)
	if c.Rule.Member != "" {
		at += "/" + c.Rule.Member
	}
	at = strings.TrimSuffix(at, "/0")
	if at == "" {
		return nil
	}
	return []string{at[strings.LastIndexByte(at, '/')+1:]}
}

// said is what an answer of an error says, in either documented form.
func said(body []byte) string {
	var e refusalBody
	if json.Unmarshal(body, &e) != nil || e == (refusalBody{}) {
		return ""
	}
	return fmt.Sprintf(", %s: %s", e.ErrorCode+e.Code, e.ErrorMsg+e.Message)
}
