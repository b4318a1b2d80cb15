package browser

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// inDevTools are functions for the page of the developer tools: elements and
// words, those in shadow trees too; the requests of the network panel; and what
// shows one of them in a tab.
const inDevTools = `
	const every = (root, selector) => Array.from(root.querySelectorAll('*')).flatMap((e) =>
		[...(e.matches(selector) ? [e] : []), ...(e.shadowRoot ? every(e.shadowRoot, selector) : [])]);
	const all = (node) => node.nodeType === 3 ? node.data : node.nodeType !== 1 || node.matches('style, script') ? '' :
		Array.from(node.matches('slot') ? node.assignedNodes() : (node.shadowRoot || node).childNodes, all).join(' ');
	const words = (selector) => every(document, selector).map((e) => all(e).replace(/\s+/g, ' ').trim());
	const until = async (what) => { for (;;) { const got = await what(); if (got) return got; await new Promise((done) => setTimeout(done, 50)) } };
	const of = (path) => import('devtools://devtools/bundled/' + path);
	const requests = async () => (await of('models/logs/logs.js')).NetworkLog.NetworkLog.instance().requests();
	const show = async (i, name) => (await of('panels/network/network.js')).NetworkPanel.NetworkPanel.instance().selectAndActivateRequest((await requests())[i], name).then(() => '');
	undefined`

// imported opens the browser's own developer tools at the network panel, and
// gives the file of a report's HAR to the panel's import button.
func imported(t *testing.T, browser context.Context, r *report.Report) *tab {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteHAR(&b, r); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "run.har")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	var tools target.ID
	inspected, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	err := chromedp.Do(inspected, chromedp.Navigate("about:blank"), chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		found, err := cdp.Call(ctx, chromedp.FromContext(ctx).Browser, target.OpenDevTools, target.OpenDevToolsParams{TargetID: tab.TargetID, PanelID: "network"})
		tools = found.TargetID
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(inspected, chromedp.WithTargetID(tools))
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	p := &tab{Context: ctx, t: t}
	js[any](p, inDevTools)
	js[bool](p, `until(() => every(document, 'input[type=file]').length === 1)`)
	p.run(chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		button, err := cdp.Call(ctx, tab, runtime.Evaluate, runtime.EvaluateParams{Expression: `every(document, 'input[type=file]')[0]`})
		if err != nil {
			return err
		}
		_, err = cdp.Call(ctx, tab, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: []string{file}, ObjectID: button.Result.ObjectID})
		return err
	}))
	all := 0
	for _, result := range r.Results {
		all += len(result.Exchanges)
	}
	js[bool](p, fmt.Sprintf(`until(async () => (await requests()).length === %d)`, all))
	return p
}

// imports is a request as the network panel has it.
type imports struct {
	Method, URL                   string
	Status                        int
	Type, MIME                    string
	RequestHeaders, AnswerHeaders []string
	Request, Answer               string
	Size                          int
	Started                       string
	Took                          float64 // ms
}

// TestHAR imports a report into the network panel, which has every exchange.
func TestHAR(t *testing.T) {
	r := mixed()
	binary := []byte("\xff\xfe\x00not text")
	for i, change := range []func(e *report.Exchange){
		func(*report.Exchange) {},
		func(e *report.Exchange) {
			e.URL += "?limit=2&name=a%20b"
			e.Status, e.Answer = 400, `{"error_code":"VPN.0001","error_msg":"invalid request: name is wrong, größer","request_id":"1"}`
		},
		func(e *report.Exchange) {
			e.Answer, e.Encoding, e.AnswerHeader = base64.StdEncoding.EncodeToString(binary), "base64", []string{"Content-Type: application/octet-stream"}
		},
		func(e *report.Exchange) {
			e.Status, e.AnswerHeader, e.Answer, e.Error = 0, nil, "", "no answer in 10s"
			e.Took = 10 * time.Second
		},
		func(e *report.Exchange) { e.Method, e.Request, e.RequestHeader = "GET", "", []string{"Accept: */*"} },
	} {
		e := &r.Results[i].Exchanges[0]
		e.After = time.Duration(i+1) * time.Second
		change(e)
	}
	r.Results = r.Results[:5]
	p := imported(t, chromium(t), r)
	got := js[[]imports](p, `requests().then((all) => Promise.all(all.map(async (r) => {
		const content = await r.requestContentData(), header = (h) => h.name + ': ' + h.value;
		return {Method: r.requestMethod, URL: r.url(), Status: r.statusCode, Type: r.resourceType().name(), MIME: r.mimeType,
			RequestHeaders: r.requestHeaders().map(header), AnswerHeaders: r.responseHeaders.map(header),
			Request: await r.requestFormData() || '', Answer: content.isTextContent ? content.text : 'base64 ' + content.base64, Size: r.resourceSize,
			Started: new Date(r.issueTime() * 1000).toISOString(), Took: Math.round(r.duration * 1000)}
	})))`)
	for i, result := range r.Results {
		e := result.Exchanges[0]
		want := imports{
			Method: e.Method, URL: e.URL, Status: e.Status, Type: "fetch", MIME: "application/json", RequestHeaders: e.RequestHeader, AnswerHeaders: e.AnswerHeader,
			Request: e.Request, Answer: e.Answer, Size: len(e.Answer), Started: r.Started.Add(e.After).Format("2006-01-02T15:04:05.000Z"), Took: float64(e.Took.Milliseconds()),
		}
		switch {
		case e.Encoding != "":
			want.Answer, want.MIME, want.Size = "base64 "+e.Answer, "application/octet-stream", len(binary)
		case e.Error != "":
			want.MIME = ""
		}
		if fmt.Sprintf("%+v", got[i]) != fmt.Sprintf("%+v", want) {
			t.Errorf("request %d is\n%+v, want\n%+v", i+1, got[i], want)
		}
	}
	const at = "vpn-connection 127.0.0.1/v5/0605767ae480d51b2f0bc00d8e7a9b3f "
	rows := js[[]string](p, `until(() => { const rows = words('tr.data-grid-data-grid-node'); return rows.length >= 5 && rows })`)
	wantRows := []string{
		at + "201 Created fetch Other 0.2 kB 0.2 kB 1 ms 1 ms",
		strings.Replace(at, " ", "?limit=2&name=a%20b ", 1) + "400 Bad Request fetch Other 0.1 kB 0.1 kB 1 ms 1 ms",
		at + "201 Created fetch Other 0.0 kB 0.0 kB 1 ms 1 ms",
		at + "Finished fetch Other 0.0 kB 0.0 kB 10.00 s 10.00 s", // the panel asks nobody why there was no answer
		at + "201 Created fetch Other 0.2 kB 0.2 kB 1 ms 1 ms",
	}
	if !slices.Equal(rows, wantRows) {
		t.Errorf("the rows are\n%q, want\n%q", rows, wantRows)
	}
	for name, want := range map[string]string{
		"headers-component": "Request Method POST Status Code 400 Bad Request",
		"payload":           `{name: "vpn-1234", vgw_id: "b32d91a4-demo-a8df-va86-e907174eb11d"`,
		"response":          `"error_msg" : "invalid request: name is wrong, größer"`,
	} {
		js[string](p, `show(1, '`+name+`')`)
		js[bool](p, fmt.Sprintf(`until(() => words('.network-item-view').join().includes(%q))`, want))
	}
	picture(p, "har")
}

// TestHARHostile shows what a hostile target answered in every tab of the network
// panel: nothing runs, nothing is asked for, and no request is missing.
func TestHARHostile(t *testing.T) {
	var asked atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(thief.Close)
	r := &report.Report{}
	for i, attack := range attacks {
		attack = strings.ReplaceAll(attack, "/stolen", thief.URL+"/stolen")
		for _, kind := range []string{"text/html", []string{"image/svg+xml", "application/json", "text/event-stream", attack}[i%4]} {
			r.Results = append(r.Results, report.Result{Case: attack, Exchanges: []report.Exchange{{
				Method: "POST", URL: thief.URL + "/v5/" + attack, RequestHeader: []string{"X: " + attack}, Request: attack,
				Status: 201, AnswerHeader: []string{"Content-Type: " + kind, "Location: " + attack, "Set-Cookie: " + attack}, Answer: attack, Took: time.Millisecond,
			}}})
		}
	}
	p := imported(t, chromium(t), r)
	for i := range r.Results {
		for _, name := range []string{"headers-component", "payload", "response", "preview"} {
			js[string](p, fmt.Sprintf(`show(%d, %q)`, i, name))
		}
		if i%2 == 0 { // HTML is shown as HTML
			js[bool](p, `until(() => every(document, 'iframe').length > 0).then(() => new Promise((done) => setTimeout(() => done(true), 150)))`)
		}
	}
	if js[bool](p, `'pwned' in window`) {
		t.Error("a script of an answer has run")
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests were sent because of an answer", n)
	}
	if _, err := http.Get(thief.URL); err != nil || asked.Load() == 0 {
		t.Errorf("nobody would have noticed: %v", err)
	}
}
