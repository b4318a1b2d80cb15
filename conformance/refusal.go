package conformance

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/match"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// refusal judges the body of an answer that refuses a request.
func (j *judge) refusal(f *findings, c suite.Case, a *answer, body any) {
	if _, created := match.Lookup(body, "/vpn_connection"); created {
		f.add(report.Difference{
			Pointer: "/body/vpn_connection", Kind: "unexpected", Got: encode(lookup(body, "/vpn_connection")),
			Why: "a request that is refused creates nothing", Level: c.Level, Source: c.Source,
		}, c.Rule)
	}
	if j.op.Answer(a.status) == nil {
		return
	}
	for _, v := range j.doc.CheckResponse(j.op, a.status, openapi.Exchange{Response: body}) {
		d := report.Difference{Pointer: "/body" + v.Pointer, Kind: "rule", Why: v.Message, Level: c.Level}
		if got := lookup(body, v.Pointer); got != nil {
			d.Got = encode(got)
		}
		f.add(d, v.Rule)
	}
	j.identified(f, a, body)
	var e refusalBody
	_ = json.Unmarshal(a.body, &e) // the rules have said what is wrong with it
	field := fieldOf(j.op, c)
	if text := e.message(); text != "" && field != "" && !strings.Contains(text, field) {
		f.add(report.Difference{
			Pointer: "/body" + e.pointer(), Kind: "rule", Want: encode(field), Got: encode(text),
			Why: "a refusal names the member that it is about", Level: string(openapi.Should), Source: "OTC-DEL, error_msg",
		}, nil)
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

// fieldOf is the name of the member that a refused case is about; empty where
// it is none.
func fieldOf(op openapi.Operation, c suite.Case) string {
	if c.Rule == nil {
		return ""
	}
	at, _ := openapi.Find(op.JSON(), c.Rule.Schema)
	if c.Rule.Member != "" {
		at += "/" + c.Rule.Member
	}
	if len(c.Rule.Fields) > 0 {
		at += c.Rule.Fields[0]
	}
	at = strings.TrimSuffix(at, "/0")
	return at[strings.LastIndexByte(at, '/')+1:]
}

// said is what an answer of an error says, in either documented form.
func said(body []byte) string {
	var e refusalBody
	if json.Unmarshal(body, &e) != nil || e == (refusalBody{}) {
		return ""
	}
	return fmt.Sprintf(", %s: %s", e.ErrorCode+e.Code, e.ErrorMsg+e.Message)
}
