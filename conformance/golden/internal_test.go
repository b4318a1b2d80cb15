package golden

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance/internal/usage"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// refusedCase is one that the tests record by hand, and goldenFile its file.
const (
	refusedCase = "CreateVpnConnection/Dpd.timeout.maximum/above"
	refusedFile = refusedCase + ".json"
)

// goldenText is a golden file of that case with a body.
func goldenText(body string) string {
	return fmt.Sprintf(`{"case": %q, "status": 400, "content_type": "application/json", %s}`, refusedCase, body)
}

// exchanged is an exchange with an answer of JSON.
func exchanged(status int, request, answer string) report.Exchange {
	return report.Exchange{
		Method: "POST", Request: request, Status: status, Answer: answer,
		AnswerHeader: []string{"Content-Length: 9", "Content-Type: application/json", "X-Request-Id: f91082d4"},
	}
}

// TestGoldenDifferences holds answers against golden files.
func TestGoldenDifferences(t *testing.T) {
	differs := func(pointer, kind, want, got string) report.Difference {
		return report.Difference{
			Pointer: pointer, Kind: kind, Want: want, Got: got,
			Why: "the recorded answer", Level: "must", Source: refusedFile,
		}
	}
	long := strings.Repeat("x", mostOfAnswer+1)
	for name, row := range map[string]struct {
		golden string
		edit   func(*report.Exchange) // of the answer {"a":1}
		want   []report.Difference
	}{
		"the same":          {`"body": {"a": 1}`, func(*report.Exchange) {}, nil},
		"another status":    {`"body": {"a": 1}`, func(e *report.Exchange) { e.Status = 201 }, []report.Difference{differs("/status", "changed", "400", "201")}},
		"no content type":   {`"body": {"a": 1}`, func(e *report.Exchange) { e.AnswerHeader = nil }, []report.Difference{differs("/headers/Content-Type", "missing", "application/json", "")}},
		"a parameter":       {`"body": {"a": 1}`, func(e *report.Exchange) { e.AnswerHeader = []string{"Content-Type: text/html"} }, []report.Difference{differs("/headers/Content-Type", "changed", "application/json", "text/html")}},
		"two content types": {`"body": {"a": 1}`, func(e *report.Exchange) { e.AnswerHeader = append(e.AnswerHeader, "Content-Type: b/c") }, []report.Difference{differs("/headers/Content-Type", "changed", "application/json", "application/json, b/c")}},
		"another value":     {`"body": {"a": 2}`, func(*report.Exchange) {}, []report.Difference{differs("/body/a", "changed", "2", "1")}},
		"another form":      {`"body": {"a": 1.0}`, func(*report.Exchange) {}, []report.Difference{differs("/body/a", "changed", "1.0", "1")}},
		"another type":      {`"body": {"a": "1"}`, func(*report.Exchange) {}, []report.Difference{differs("/body/a", "changed", `"1"`, "1")}},
		"null":              {`"body": {"a": null}`, func(*report.Exchange) {}, []report.Difference{differs("/body/a", "changed", "null", "1")}},
		"all at once":       {`"body": {"b": null}`, func(*report.Exchange) {}, []report.Difference{differs("/body/a", "unexpected", "", "1"), differs("/body/b", "missing", "null", "")}},
		"no object":         {`"body": null`, func(*report.Exchange) {}, []report.Difference{differs("/body", "changed", "null", `{"a":1}`)}},

		"any":                 {`"body": {"a": "<any number>"}`, func(*report.Exchange) {}, nil},
		"any object":          {`"body": "<any object>"`, func(*report.Exchange) {}, nil},
		"any of another type": {`"body": {"a": "<any string>"}`, func(*report.Exchange) {}, []report.Difference{differs("/body/a", "changed", `"<any string>"`, "1")}},
		"any, and null":       {`"body": {"a": "<any number>"}`, func(e *report.Exchange) { e.Answer = `{"a":null}` }, []report.Difference{differs("/body/a", "changed", `"<any number>"`, "null")}},
		"any, and its text":   {`"body": {"a": "<any number>"}`, func(e *report.Exchange) { e.Answer = `{"a":"<any number>"}` }, []report.Difference{differs("/body/a", "changed", `"<any number>"`, `"<any number>"`)}},
		"any, and absent":     {`"body": {"a": "<any number>"}`, func(e *report.Exchange) { e.Answer = `{}` }, []report.Difference{differs("/body/a", "missing", `"<any number>"`, "")}},

		"a text":              {`"text": "{\"a\":1"`, func(e *report.Exchange) { e.Answer = `{"a":1` }, nil},
		"another text":        {`"text": "<html>"`, func(e *report.Exchange) { e.Answer = "<body>" }, []report.Difference{differs("/body", "changed", `"<html>"`, `"<body>"`)}},
		"any text":            {`"text": "<any string>"`, func(e *report.Exchange) { e.Answer = "<body>" }, nil},
		"JSON for a text":     {`"text": "<html>"`, func(*report.Exchange) {}, []report.Difference{differs("/body", "changed", `no JSON: "<html>"`, `{"a":1}`)}},
		"a text for JSON":     {`"body": "<html>"`, func(e *report.Exchange) { e.Answer = "<html>" }, []report.Difference{differs("/body", "changed", `"<html>"`, `no JSON: "<html>"`)}},
		"bytes":               {`"text": "/w==", "encoding": "base64"`, func(e *report.Exchange) { e.Answer, e.Encoding = "/w==", "base64" }, nil},
		"bytes for a text":    {`"text": "/w=="`, func(e *report.Exchange) { e.Answer, e.Encoding = "/w==", "base64" }, []report.Difference{differs("/body", "changed", `no JSON: "/w=="`, `base64 "/w=="`)}},
		"too much":            {`"text": "x"`, func(e *report.Exchange) { e.Answer = long }, []report.Difference{differs("/body", "changed", `no JSON: "x"`, "more than 32 KiB")}},
		"too much, and known": {`"text": "` + long + `"`, func(e *report.Exchange) { e.Answer = long }, []report.Difference{differs("/body", "changed", `no JSON: "`+long[:200]+`"... (32769 bytes)`, "more than 32 KiB")}},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := Load(fstest.MapFS{refusedFile: {Data: []byte(goldenText(row.golden))}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			e := exchanged(400, "{}", `{"a":1}`)
			row.edit(&e)
			if diff := cmp.Diff(row.want, g.Differences(refusedCase, e)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLoadGoldenRefuses lists what may be wrong in a tree of golden files.
func TestLoadGoldenRefuses(t *testing.T) {
	file := func(text string) fstest.MapFS { return fstest.MapFS{refusedFile: {Data: []byte(text)}} }
	whole := goldenText(`"body": {}`)
	with := func(old, instead string) fstest.MapFS { return file(strings.Replace(whole, old, instead, 1)) }
	for want, files := range map[string]fstest.MapFS{
		"notes.txt: no golden file: want the id of a case and .json":                                                                                                {"notes.txt": {}},
		"example/ospf.json: no golden file: want the id of a case and .json":                                                                                        {"example/ospf.json": {Data: []byte(whole)}},
		"duty/Refusal.status.json: no golden file: want the id of a case and .json":                                                                                 {"duty/Refusal.status.json": {Data: []byte(whole)}},
		"CreateVpnConnection/example/static: no golden file: want the id of a case and .json":                                                                       {"CreateVpnConnection/example/static": {}},
		"example/.static.json.1: no golden file: want the id of a case and .json":                                                                                   {"example/.static.json.1": {}},
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: no regular file":                                                                                       {refusedFile: {Data: []byte(whole), Mode: fs.ModeSymlink}},
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: more than 1 MiB":                                                                                       file(whole + strings.Repeat(" ", mostOfGolden)),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: no JSON: the body is empty":                                                                            file(""),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: no JSON at byte 20 (in /case): unexpected EOF":                                                         file(whole[:20]),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: want an object":                                                                                        file("[]"),
		`CreateVpnConnection/Dpd.timeout.maximum/above.json: /case: want "CreateVpnConnection/Dpd.timeout.maximum/above", got "CreateVpnConnection/example/static"`: with(refusedCase, "CreateVpnConnection/example/static"),
		`CreateVpnConnection/Dpd.timeout.maximum/above.json: /case: want "CreateVpnConnection/Dpd.timeout.maximum/above", got null`:                                 with(`"case": "CreateVpnConnection/Dpd.timeout.maximum/above", `, ""),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: /status is missing":                                                                                    with(`"status": 400, `, ""),
		`CreateVpnConnection/Dpd.timeout.maximum/above.json: /status: want the status of an answer, got "400"`:                                                      with("400", `"400"`),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: /status: want the status of an answer, got 4":                                                          with("400", "4"),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: /content_type is missing":                                                                              with(`"content_type": "application/json", `, ""),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: /content_type: want a text, got null":                                                                  with(`"application/json"`, "null"),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: /header: there is no such member":                                                                      with(`"body"`, `"header": {}, "body"`),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: want a /body or a /text":                                                                               with(`, "body": {}`, ""),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: want a /body or a /text, and not both":                                                                 with(`"body"`, `"text": "", "body"`),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: /text: want a text, got {}":                                                                            with("body", "text"),
		"CreateVpnConnection/Dpd.timeout.maximum/above.json: /encoding: only a /text has one":                                                                       with(`"body"`, `"encoding": "base64", "body"`),
		`CreateVpnConnection/Dpd.timeout.maximum/above.json: /encoding: want "base64", got "hex"`:                                                                   with(`"body": {}`, `"encoding": "hex", "text": ""`),
		`CreateVpnConnection/Dpd.timeout.maximum/above.json: no JSON at byte 58 (in /case): duplicate object member name`:                                           with(`"status"`, `"case": 1, "status"`),
	} {
		g, err := Load(files, nil)
		if err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
		if err != nil && g != nil {
			t.Errorf("%s: golden files beside an error", want)
		}
	}
	broken := fstest.MapFS{}
	if g, err := Load(broken, nil); err != nil || len(g.Files()) != 0 {
		t.Errorf("an empty tree: %v", err)
	}
}

// TestRecord makes golden files of answers, and reads them again.
func TestRecord(t *testing.T) {
	const accepted, both = "CreateVpnConnection/Dpd.timeout.maximum/below", `"request_id":"r","vpn_connection":`
	for name, row := range map[string]struct {
		exchange report.Exchange
		varies   []string
		want     string // without what all have
	}{
		"assigned":               {exchanged(201, `{}`, `{`+both+`{"id":"i","name":"n","style":"BGP"}}`), nil, `{"request_id":"<any string>","vpn_connection":{"id":"<any string>","name":"<any string>","style":"BGP"}}`},
		"sent":                   {exchanged(201, `{"vpn_connection":{"id":"i","name":"n"}}`, `{`+both+`{"id":"i","name":"n"}}`), nil, `{"request_id":"<any string>","vpn_connection":{"id":"<any string>","name":"n"}}`},
		"a request that is none": {exchanged(201, `{"vpn_connection":{"name":"n"`, `{`+both+`{"name":"n"}}`), nil, `{"request_id":"<any string>","vpn_connection":{"name":"<any string>"}}`},
		"every type":             {exchanged(201, `{}`, `{"request_id":1,"vpn_connection":{"id":true,"name":{"a":1},"created_at":[1],"updated_at":null}}`), nil, `{"request_id":"<any number>","vpn_connection":{"created_at":"<any array>","id":"<any boolean>","name":"<any object>","updated_at":null}}`},
		"in an array":            {exchanged(201, `{}`, `{"vpn_connection":{"policy_rules":[{"rule_index":1,"source":"s"},{"rule_index":2}]}}`), nil, `{"vpn_connection":{"policy_rules":[{"rule_index":"<any number>","source":"s"},{"rule_index":"<any number>"}]}}`},
		"a refusal":              {exchanged(400, `{}`, `{"error_code":"VPN.0001","request_id":"r","id":"i"}`), nil, `{"error_code":"VPN.0001","id":"i","request_id":"<any string>"}`},
		"an unknown status":      {exchanged(418, `{}`, `{"id":"i","request_id":"r"}`), nil, `{"id":"i","request_id":"<any string>"}`},
		"varies":                 {exchanged(400, `{}`, `{"a":[{"n":1},{"n":2}],"n":3}`), []string{"/body/a/*/n"}, `{"a":[{"n":"<any number>"},{"n":"<any number>"}],"n":3}`},
		"all varies":             {exchanged(400, `{}`, `[1]`), []string{"/body"}, `"<any array>"`},
		"numbers as they are":    {exchanged(400, `{}`, `[1,1.0,1e2,-0]`), nil, `[1,1.0,1e2,-0]`},
		"what hides":             {exchanged(400, `{}`, "{\"<\u202e>\":\"\u200b\\u001b\"}"), nil, `{"<\u202e>":"\u200b\u001b"}`},
		"null":                   {exchanged(400, `{}`, `null`), nil, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			result := report.Result{Case: accepted, Outcome: report.Pass, Exchanges: []report.Exchange{row.exchange, row.exchange}}
			g, err := Record([]report.Result{result}, nil, row.varies)
			if err != nil {
				t.Fatal(err)
			}
			data := g.Files()[accepted+".json"]
			want := fmt.Sprintf(`{"case":%q,"status":%d,"content_type":"application/json","body":%s}`, accepted, row.exchange.Status, row.want)
			if got := strings.NewReplacer("\n", "", "  ", "", `": `, `":`).Replace(string(data)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			again, err := Load(fstest.MapFS{accepted + ".json": {Data: data}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if found := again.Differences(accepted, row.exchange); found != nil {
				t.Errorf("an answer differs from its own golden file: %v", found)
			}
		})
	}
}

// TestRecordText records what is no JSON.
func TestRecordText(t *testing.T) {
	for name, row := range map[string]struct {
		answer, encoding string
		varies           []string
		want             string
	}{
		"a text":         {"<html>", "", nil, "  \"text\": \"<html>\"\n"},
		"nothing":        {"", "", nil, "  \"text\": \"\"\n"},
		"bytes":          {"/w==", "base64", nil, "  \"text\": \"/w==\",\n  \"encoding\": \"base64\"\n"},
		"a text varies":  {"<html>", "", []string{"/body"}, "  \"text\": \"<any string>\"\n"},
		"too many parts": {strings.Repeat("[", 33) + strings.Repeat("]", 33), "", nil, "  \"text\": \"" + strings.Repeat("[", 33) + strings.Repeat("]", 33) + "\"\n"},
	} {
		e := report.Exchange{Status: 400, Answer: row.answer, Encoding: row.encoding}
		g, err := Record([]report.Result{{Case: refusedCase, Outcome: report.Pass, Exchanges: []report.Exchange{e}}}, nil, row.varies)
		if err != nil {
			t.Fatal(err)
		}
		want := "{\n  \"case\": \"" + refusedCase + "\",\n  \"status\": 400,\n  \"content_type\": \"\",\n" + row.want + "}\n"
		data := g.Files()[refusedFile]
		if diff := cmp.Diff(want, string(data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		again, err := Load(fstest.MapFS{refusedFile: {Data: data}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if found := again.Differences(refusedCase, e); found != nil {
			t.Errorf("%s: %v", name, found)
		}
	}
}

// TestRecordRefuses lists what cannot be recorded.
func TestRecordRefuses(t *testing.T) {
	answers := func(texts ...string) []report.Exchange {
		var out []report.Exchange
		for _, text := range texts {
			out = append(out, exchanged(400, "{}", text))
		}
		return out
	}
	unlike := answers(`{}`, `{}`)
	unlike[1].Status, unlike[1].AnswerHeader = 500, nil
	for name, row := range map[string]struct {
		exchanges []report.Exchange
		varies    []string
		want      string
	}{
		"a value varies":        {answers(`{"a":1}`, `{"a":1}`, `{"a":2}`), nil, refusedCase + ": /body/a varies from answer to answer"},
		"presence varies":       {answers(`{"a":1,"b":1}`, `{"b":2}`), nil, refusedCase + ": /body/a varies from answer to answer\n" + refusedCase + ": /body/b varies from answer to answer"},
		"what is new":           {answers(`{}`, `{"a":1}`), nil, refusedCase + ": /body/a varies from answer to answer"},
		"the type varies":       {answers(`{"request_id":"r"}`, `{"request_id":1}`), nil, refusedCase + ": /body/request_id varies from answer to answer"},
		"null or not":           {answers(`{"request_id":null}`, `{"request_id":"r"}`), nil, refusedCase + ": /body/request_id varies from answer to answer"},
		"what else varies":      {answers(`{"a":1,"b":1}`, `{"a":2,"b":2}`), []string{"/body/b"}, refusedCase + ": /body/a varies from answer to answer"},
		"around the body":       {unlike, nil, refusedCase + ": /status varies from answer to answer\n" + refusedCase + ": /headers/Content-Type varies from answer to answer"},
		"a placeholder":         {answers(`{"a":"<any number>"}`), nil, refusedCase + `: /body/a is "<any number>", which stands for another value in a golden file`},
		"a text, any":           {answers(`<any string>`), nil, refusedCase + `: /body is "<any string>", which stands for another value in a golden file`},
		"a text, a placeholder": {answers(`<any number>`), nil, refusedCase + `: /body is "<any number>", which stands for another value in a golden file`},
		"too much":              {answers(strings.Repeat(" ", mostOfAnswer) + "{}"), nil, refusedCase + ": /body has more than 32 KiB"},
		"no answer":             {[]report.Exchange{{Status: 400}, {Error: "interrupted"}}, nil, refusedCase + ": interrupted"},
		"a pattern of nothing":  {answers(`{"a":1}`), []string{"/body/b"}, `pattern "/body/b" matches no member of the answers`},
		"a malformed pattern":   {answers(`{}`), []string{"/body/["}, `pattern "/body/[": want the pointer of a member, as /body/name`},
		"a pattern of another":  {answers(`{}`), []string{"/status"}, `pattern "/status": want the pointer of a member, as /body/name`},
	} {
		_, err := Record([]report.Result{{Case: refusedCase, Outcome: report.Fail, Exchanges: row.exchanges}}, nil, row.varies)
		if err == nil || err.Error() != row.want {
			t.Errorf("%s: error %v, want %s", name, err, row.want)
		}
		var usage *usage.Error
		if errors.As(err, &usage) != strings.HasPrefix(row.want, "pattern") {
			t.Errorf("%s: error %T", name, err)
		}
	}
	for _, outcome := range []report.Outcome{report.NotApplicable, report.CouldNotRun, report.KitError} {
		g, err := Record([]report.Result{{Case: refusedCase, Outcome: outcome, Exchanges: answers("{}")}}, nil, nil)
		if err != nil || len(g.Files()) != 0 {
			t.Errorf("%s: %v, %d files", outcome, err, len(g.Files()))
		}
	}
}

// TestGoldenNames shows that every case can have a file, on a disk that does not
// tell small letters from large ones too.
func TestGoldenNames(t *testing.T) {
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, c := range s.Cases {
		name := strings.ToLower(fileName(c.ID))
		if seen[name] != "" || !fs.ValidPath(name) || strings.Count(name, "/") < 1 || strings.ContainsAny(name, `\:*?"<>| `) {
			t.Errorf("%s has no file of its own: %s, %s", c.ID, name, seen[name])
		}
		seen[name] = c.ID
	}
}

// FuzzParseGolden reads any file. What was read is written in one form, which
// reads as the same.
func FuzzParseGolden(f *testing.F) {
	for _, seed := range []string{
		goldenText(`"body": {"a": [1.0, "<any string>", null, "\u202e"]}`), goldenText(`"text": "/w==", "encoding": "base64"`),
		goldenText(`"body": null`), goldenText(`"text": "<any string>"`), goldenText(`"body": {}, "a": 1`), "[]", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := parseAnswer(refusedCase, data)
		if err != nil {
			return
		}
		once, err := a.encode()
		if err != nil {
			t.Fatal(err)
		}
		b, err := parseAnswer(refusedCase, once)
		if err != nil {
			t.Fatalf("%s: %v", once, err)
		}
		if diff := cmp.Diff(a.content(), b.content()); diff != "" || a.Status != b.Status || a.ContentType != b.ContentType || a.Encoding != b.Encoding {
			t.Errorf("%s (-read +read again):\n%s", once, diff)
		}
	})
}
