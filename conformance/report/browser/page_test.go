package browser

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestFilters narrows the cases by each filter, and by all.
func TestFilters(t *testing.T) {
	r := mixed()
	p := open(t, chromium(t), r, "")
	if n := len(p.shown()); n != len(r.Results) {
		t.Fatalf("%d of %d cases are shown", n, len(r.Results))
	}
	untick := func(name, keep string) string {
		return fmt.Sprintf(`for (const b of document.querySelectorAll('input[name=%s]')) if (b.checked !== (b.value === '%s')) b.click()`, name, keep)
	}
	for _, row := range []struct {
		name, do string
		want     []string
	}{
		{"outcome", untick("outcome", "fail"), []string{"CreateVpnConnection.name.maxLength/longer", "VpnResourceTag.key.pattern/space", "VpnResourceTag.key.pattern/known"}},
		{"level", untick("level", "may"), []string{"name/panic", "name/er"}},
		{"rule", `rule.value = 'VpnResourceTag.key.pattern'; rule.dispatchEvent(new Event('input', {bubbles: true}))`, []string{"VpnResourceTag.key.pattern/space", "VpnResourceTag.key.pattern/known"}},
		{"text", `text.focus(); text.value = 'CLOSED  connection'; text.dispatchEvent(new Event('input', {bubbles: true}))`, []string{"name/down"}},
		{"text and outcome", untick("outcome", "pass") + `; text.value = 'longest'; text.dispatchEvent(new Event('input', {bubbles: true}))`, []string{"CreateVpnConnection.name.maxLength/longest"}},
		{"nothing", `text.value = 'zebra'; text.dispatchEvent(new Event('input', {bubbles: true}))`, []string{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p.t = t
			js[any](p, "(() => { const text = document.getElementById('text'), rule = document.getElementById('rule'); "+row.do+" })()")
			if got := p.shown(); !slices.Equal(got, row.want) {
				t.Errorf("shown are %q, want %q", got, row.want)
			}
			want := fmt.Sprintf("%d of %d cases are shown", len(row.want), len(r.Results))
			if got := js[string](p, `document.getElementById('shown').textContent`); got != want {
				t.Errorf("the status is %q, want %q", got, want)
			}
			p.run(chromedp.Click(chromedp.CSS(`button[type=reset]`)))
			if n := len(p.shown()); n != len(r.Results) {
				t.Errorf("after the reset %d of %d cases are shown", n, len(r.Results))
			}
		})
	}
	p.t = t
	p.quiet()
}

// TestLink follows links to a case, from outside and inside, and to one that a
// filter hides.
func TestLink(t *testing.T) {
	browser := chromium(t)
	const id = "case/CreateVpnConnection.name.rule7/case-157"
	isOpen := fmt.Sprintf(`(() => { const d = document.getElementById('%s').closest('details'); const box = d.getBoundingClientRect();
		return d.open && !d.parentElement.hidden && box.top > -50 && box.top < innerHeight && document.activeElement === d.lastElementChild })()`, id)
	p := open(t, browser, many(300, 10), "#"+id)
	if !js[bool](p, isOpen) {
		t.Error("a link from outside does not open the case")
	}
	js[any](p, `document.getElementById('close').click(); document.querySelector('input[value=pass]').click()`)
	if slices.Contains(p.shown(), "CreateVpnConnection.name.rule7/case-157") {
		t.Error("the case is not hidden")
	}
	js[any](p, `(() => { const a = document.createElement('a'); a.href = '#`+id+`'; document.body.prepend(a); a.click() })()`)
	p.shown()
	if !js[bool](p, isOpen) {
		t.Error("a link does not open a case that a filter hides")
	}
	p.quiet()

	p = open(t, browser, many(300, 10), "#"+id, scripts(false))
	p.run(scripts(true))
	if !js[bool](p, fmt.Sprintf(`document.getElementById('%s').closest('details').open`, id)) {
		t.Error("without script a link does not open the case")
	}
	if js[bool](p, `document.getElementById('filter').checkVisibility()`) {
		t.Error("without script the filters, which do nothing, are shown")
	}
	if n := js[int](p, `document.querySelectorAll('#list > li[hidden]').length`); n > 0 {
		t.Errorf("without script %d cases are hidden", n)
	}
}

// TestCoverage follows the link to the map of a long page.
func TestCoverage(t *testing.T) {
	p := open(t, chromium(t), many(500, 10), "#coverage", width(1280))
	p.shown()
	if top := js[float64](p, `document.getElementById('coverage').getBoundingClientRect().top`); top < 0 || top > 200 {
		t.Errorf("the heading is at %.0f of the window", top)
	}
	if !js[bool](p, `!!document.elementFromPoint(300, 400).closest('.table')`) {
		t.Error("below the heading there is no table")
	}
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		png, err := chromedp.Run(p, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "coverage.png"), png, 0o644); err != nil {
			t.Error(err)
		}
	}
	p.quiet()
}

// TestCopy copies a curl line.
func TestCopy(t *testing.T) {
	p := open(t, chromium(t), mixed(), "")
	js[any](p, `document.querySelector('button.copy').click()`)
	p.shown()
	if got := js[string](p, `document.querySelector('button.copy').textContent`); got == "Copy" {
		t.Errorf("the button says %q after it was pressed", got)
	}
	p.quiet()
}

// TestHostile opens a report that attacks whoever reads it.
func TestHostile(t *testing.T) {
	r := hostile()
	p := open(t, chromium(t), r, "", width(360))
	js[any](p, `document.querySelectorAll('details').forEach((d) => { d.open = true })`)
	js[any](p, `document.querySelectorAll('a, summary, li, pre').forEach((e) => {
		for (const name of ['mouseover', 'focus']) e.dispatchEvent(new Event(name, {bubbles: true})) })`)
	p.shown()
	if got := js[string](p, `String(window.pwned)`); got != "undefined" {
		t.Errorf("an attack ran: window.pwned is %s", got)
	}
	if n := js[int](p, `document.querySelectorAll('script').length`); n != 1 {
		t.Errorf("the page has %d scripts, want its one", n)
	}
	if n := js[int](p, `document.querySelectorAll('img, svg, iframe, link, base, object, embed, b:not(.sum b)').length`); n > 0 {
		t.Errorf("the page has %d elements of an attack", n)
	}
	if n := js[int](p, `Array.from(document.querySelectorAll('*')).flatMap((e) => e.getAttributeNames()).filter((n) => n.startsWith('on')).length`); n > 0 {
		t.Errorf("the page has %d handlers", n)
	}
	if n := js[int](p, `Array.from(document.links).filter((a) => !a.getAttribute('href').startsWith('#')).length`); n > 0 {
		t.Errorf("%d links lead out of the page", n)
	}
	if got := js[string](p, `(document.body.innerText.match(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/) || [''])[0]`); got != "" {
		t.Errorf("%+q is in the text raw", got)
	}
	for _, want := range []string{`\u001b[2J`, `\u202egnp.exe`, "characters in all"} {
		if !js[bool](p, fmt.Sprintf(`document.body.textContent.includes(String.raw`+"`%s`"+`)`, want)) {
			t.Errorf("%s is not in the text", want)
		}
	}
	if n := js[int](p, `document.querySelectorAll('#list > li').length`); n != len(r.Results) {
		t.Errorf("the list has %d cases, want %d", n, len(r.Results))
	}
	sideways(p)
	p.quiet()
}

// sideways wants a page that does not scroll sideways.
func sideways(p *tab) {
	p.t.Helper()
	if got := js[[]int](p, `[document.documentElement.scrollWidth, innerWidth]`); got[0] > got[1] {
		p.t.Errorf("the page is %d pixels wide in a window of %d", got[0], got[1])
	}
}

// TestAxe asks axe-core for violations, at two widths and in two colours.
func TestAxe(t *testing.T) {
	browser := chromium(t)
	source, err := os.ReadFile(os.Getenv("AXE_CORE"))
	if err != nil {
		t.Fatal("AXE_CORE is not the path of axe.min.js, which make browser installs: ", err)
	}
	for _, pixels := range []int64{360, 1280} {
		for _, colours := range []string{"light", "dark"} {
			t.Run(fmt.Sprintf("%s-%d", colours, pixels), func(t *testing.T) {
				p := open(t, browser, mixed(), "", width(pixels), scheme(colours))
				js[any](p, `document.querySelectorAll('details').forEach((d) => { d.open = true });
					document.styleSheets[0].insertRule('.cases > li, .table { content-visibility: visible !important }', document.styleSheets[0].cssRules.length)`)
				js[any](p, string(source)+"; 0")
				found := js[[]string](p, `axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.flatMap((v) =>
					v.nodes.slice(0, 3).map((n) => v.id + ': ' + v.help + ': ' + n.target.join(' ') + ': ' + n.failureSummary)))`)
				for _, violation := range found {
					t.Error(violation)
				}
				if n := js[int](p, `axe.run(document).then((r) => r.passes.length)`); n < 20 {
					t.Errorf("only %d rules of axe pass: it has not looked", n)
				}
				sideways(p)
				p.quiet()
				picture(p, fmt.Sprintf("%s-%d", colours, pixels))
			})
		}
	}
}

// picture keeps a picture of the page if SCREENSHOTS names a directory.
func picture(p *tab, name string) {
	dir := os.Getenv("SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(p, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		p.t.Error(err)
	}
}

// TestLoad holds the size of the page of 500 cases and the time until it can be
// used, when few and when all of them failed. A slow machine may say
// BROWSER_LOAD=5s.
func TestLoad(t *testing.T) {
	browser, limit := chromium(t), time.Second
	if text := os.Getenv("BROWSER_LOAD"); text != "" {
		var err error
		if limit, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	for name, r := range map[string]*report.Report{"some failed": many(500, 10), "all failed": many(500, 1)} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := report.WriteHTML(&b, r); err != nil {
				t.Fatal(err)
			}
			if b.Len() >= 2_000_000 {
				t.Errorf("the page has %d bytes, want less than 2 MB", b.Len())
			}
			file := filepath.Join(t.TempDir(), "r.html")
			if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
			p := open(t, browser, &report.Report{}, "", width(1280))
			var ready float64
			for range 3 { // the best of them: others use the machine too
				p.run(chromedp.Navigate("file://" + file))
				now := js[float64](p, `new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))`)
				if !js[bool](p, `document.documentElement.dataset.ready === 'yes' && performance.getEntriesByType('navigation')[0].domInteractive > 0`) {
					t.Fatal("the script has not run")
				}
				if ready == 0 || now < ready {
					ready = now
				}
			}
			t.Logf("%d bytes, used after %.0f ms", b.Len(), ready)
			if took := time.Duration(ready * float64(time.Millisecond)); took >= limit {
				t.Errorf("the page can be used after %s, want less than %s", took, limit)
			}
		})
	}
}

// TestPrint shows on paper what did not pass.
func TestPrint(t *testing.T) {
	p := open(t, chromium(t), many(300, 100), "")
	js[any](p, `document.getElementById('close').click(); dispatchEvent(new Event('beforeprint'))`)
	p.run(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
	if n := js[int](p, `document.querySelectorAll('details.case[open]').length`); n != 3 {
		t.Errorf("%d cases are open on paper, want the 3 that failed", n)
	}
	if js[bool](p, `document.getElementById('filter').checkVisibility()`) {
		t.Error("the filters are on paper")
	}
	js[any](p, `dispatchEvent(new Event('afterprint'))`)
	if n := js[int](p, `document.querySelectorAll('details.case[open]').length`); n != 0 {
		t.Errorf("%d cases are open after printing", n)
	}
	if text := js[string](p, `document.querySelector('main').innerText`); !strings.Contains(text, "By level") {
		t.Error("the page is empty")
	}
	p.quiet()
}
