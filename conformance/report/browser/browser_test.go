package browser

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// chromium starts one browser for a test.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no chromium is found in PATH; on Debian: apt-get install chromium")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.WSURLReadTimeout(time.Minute))
	alloc, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	return ctx
}

// tab is a page that is watched: whatever it does beside being shown is noted.
type tab struct {
	context.Context
	t   *testing.T
	url string

	mu    sync.Mutex
	noted []string
}

// open serves a report, and opens it in a tab of its own.
func open(t *testing.T, browser context.Context, r *report.Report, fragment string, before ...step) *tab {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != "/r.html" {
			http.NotFound(w, req)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		if err := report.WriteHTML(w, r); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	ctx, cancel := chromedp.NewContext(browser)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, time.Minute)
	t.Cleanup(cancel)
	p := &tab{Context: ctx, t: t, url: server.URL + "/r.html"}
	if err := chromedp.Listen(ctx, p.watch); err != nil {
		t.Fatal(err)
	}
	p.run(call(log.Enable, cdp.Empty{}), call(runtime.Enable, cdp.Empty{}), call(network.Enable, network.EnableParams{}))
	p.run(before...)
	p.run(chromedp.Navigate(p.url + fragment))
	return p
}

func (p *tab) watch(event any) {
	note := ""
	switch event := event.(type) {
	case *page.EventJavascriptDialogOpening:
		note = "dialog: " + event.Message
		go func() {
			_, _ = chromedp.Call(p.Context, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
		}()
	case *network.EventRequestWillBeSent:
		address, _, _ := strings.Cut(event.Request.URL, "#")
		if address == p.url {
			return
		}
		note = "request: " + address
	case *log.EventEntryAdded:
		note = "log: " + event.Entry.Text
		if strings.Contains(event.Entry.URL, "favicon.ico") {
			return // the browser asks for it of its own accord
		}
	case *runtime.EventConsoleAPICalled:
		note = "console: " + string(event.Type)
	case *runtime.EventExceptionThrown:
		note = "exception: " + event.ExceptionDetails.Text
	default:
		return
	}
	if strings.HasSuffix(note, "/favicon.ico") {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.noted = append(p.noted, note)
}

// quiet wants nothing noted.
func (p *tab) quiet() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, note := range p.noted {
		p.t.Errorf("the page is not quiet: %.300s", note)
	}
}

// step is something to do in a tab.
type step = chromedp.Action[chromedp.Void]

// call is a command of the protocol.
func call[P, R any](command cdp.Command[P, R], params P) step {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

func (p *tab) run(steps ...step) {
	p.t.Helper()
	if err := chromedp.Do(p, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// js evaluates an expression, awaiting a promise.
func js[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%.200s: %v", expression, err)
	}
	return value
}

// shown lists the ids of the cases that are shown.
func (p *tab) shown() []string {
	p.t.Helper()
	return js[[]string](p, `new Promise((done) => setTimeout(done, 150)).then(() =>
		Array.from(document.querySelectorAll('#list > li:not([hidden]) h3'), (h) => h.textContent))`)
}

func scheme(name string) step {
	return call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}}})
}

func width(pixels int64) step {
	return call(emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: pixels, Height: 900, DeviceScaleFactor: 1})
}

func scripts(on bool) step {
	return call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}
