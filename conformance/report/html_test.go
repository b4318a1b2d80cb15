package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/report"
)

func htmlPage(t testing.TB, r *report.Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteHTML(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestWriteHTML holds pages, byte for byte.
func TestWriteHTML(t *testing.T) {
	g := goldie.New(t, goldie.WithNameSuffix(".html"))
	for name, r := range map[string]*report.Report{
		"many": many(), "everything": everything(), "empty": {},
		"hostile": hostile("a\x1b[2J\u202eb\xff</script><script>alert(1)</script><img src=x onerror='alert(1)'>{{.Style}}\" onload=\"x"),
	} {
		t.Run(name, func(t *testing.T) {
			first := htmlPage(t, r)
			if diff := cmp.Diff(first, htmlPage(t, r)); diff != "" {
				t.Errorf("(-first +again):\n%s", diff)
			}
			g.Assert(t, name, []byte(first))
		})
	}
}

// TestWriteHTMLIsInert holds that the page of a report has the elements that
// are ours and no others, whatever the texts are.
func TestWriteHTMLIsInert(t *testing.T) {
	tags := func(s string) string {
		return strings.Join(regexp.MustCompile(`<[a-z!/][^\s>]*`).FindAllString(htmlPage(t, hostile(s)), -1), " ")
	}
	want := tags("harmless")
	for _, s := range []string{
		"<script>alert(1)</script>", "</script></style>", `"><img src=x onerror=alert(1)>`, "' onclick='x", "{{.Script}}", "<!--", "]]>", "javascript:x",
		"\x1b]8;;x\x1b\\", "\u202e\u2066", "\x00<b>", "\xff<b",
	} {
		if diff := cmp.Diff(want, tags(s)); diff != "" {
			t.Errorf("%q changes the elements (-want +got):\n%s", s, diff)
		}
		_, text, _ := strings.Cut(htmlPage(t, hostile(s)), "<body>")
		text, _, _ = strings.Cut(text, "<script>")
		checkInert(t, s, text)
	}
}

// TestWriteHTMLPolicy holds that the policy names the script and the style that
// are there.
func TestWriteHTMLPolicy(t *testing.T) {
	text := htmlPage(t, many())
	for _, element := range []string{"script", "style"} {
		_, source, _ := strings.Cut(text, "<"+element+">")
		source, _, ok := strings.Cut(source, "</"+element+">")
		sum := sha256.Sum256([]byte(source))
		if want := element + "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !ok || source == "" || !strings.Contains(text, want) {
			t.Errorf("the policy has no %s", want)
		}
	}
}

// TestWriteHTMLIsSmall holds the size of a page of 500 cases, whatever they
// hold.
func TestWriteHTMLIsSmall(t *testing.T) {
	for name, spoil := range map[string]func(*report.Result){
		"as they are": func(*report.Result) {},
		"many differences": func(r *report.Result) {
			for range 60 {
				r.Differences = append(r.Differences, report.Difference{Pointer: "/body/x", Kind: "changed", Want: `"a"`, Got: `"b"`, Why: "it is a"})
			}
		},
		"long values": func(r *report.Result) {
			long := strings.Repeat(`<"&`, 1<<16)
			r.Differences = []report.Difference{{Pointer: "/body", Kind: "changed", Want: long, Got: long + "x", Why: "it is a"}}
			r.Curl = long
			r.Exchanges = []report.Exchange{{Method: "POST", Status: 200, Answer: long, Request: long}}
		},
		"deep": func(r *report.Result) {
			r.Exchanges[0].Answer = strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := longReport(500)
			for i := range r.Results {
				r.Results[i].Outcome = report.Fail
				spoil(&r.Results[i])
			}
			if n := len(htmlPage(t, r)); n >= 2_000_000 {
				t.Errorf("the page has %d bytes, want less than 2 MB", n)
			}
		})
	}
}

// TestWriteHTMLCuts holds that a text is whole, or says that it is cut.
func TestWriteHTMLCuts(t *testing.T) {
	r := longReport(1)
	r.Results[0].Exchanges[0].Answer = strings.Repeat("é", 1<<20)
	text := htmlPage(t, r)
	if !strings.Contains(text, strings.Repeat("é", 2000)+"… cut: 1048576 characters in all") {
		t.Error("a line of 1 MB does not say that it is cut")
	}
	r.Results[0].Exchanges[0].Answer = strings.Repeat("x\n", 5000)
	if text := htmlPage(t, r); !strings.Contains(text, "… cut: 5000 lines in all") {
		t.Error("5000 lines do not say that they are cut")
	}
}

// TestWriteHTMLBytes says of an answer that is no text what is shown of it.
func TestWriteHTMLBytes(t *testing.T) {
	r := longReport(1)
	e := &r.Results[0].Exchanges[0]
	e.Answer, e.Encoding = "//4A", "base64"
	if text := htmlPage(t, r); !strings.Contains(text, "no text and shown in base64, after") || !strings.Contains(text, "//4A") {
		t.Error("the page does not say that an answer is in base64")
	}
}

// TestWriteHTMLMarks holds what is marked in a difference.
func TestWriteHTMLMarks(t *testing.T) {
	for _, row := range []struct{ want, got, marked string }{
		{`400`, `201`, "<mark>400</mark> | <mark>201</mark>"},
		{`"192.168.0.0/24"`, `"192.168.44.0/24"`, "\"192.168.<mark>0</mark>.0/24\" | \"192.168.<mark>44</mark>.0/24\""},
		{`"bgp"`, `"bgp "`, "\"bgp\" | \"bgp<mark> </mark>\""},
		{`"BGP"`, `"bgp"`, "<mark>\"BGP\"</mark> | <mark>\"bgp\"</mark>"},
		{`["10.0.0.0/24","10.0.1.0/24"]`, `["10.0.1.0/24"]`, "[\n<mark>  \"10.0.0.0/24\",\n</mark>  \"10.0.1.0/24\"\n] | [\n  \"10.0.1.0/24\"\n]"},
		{`"x"`, ``, "\"x\" | "},
	} {
		r := longReport(1)
		r.Results[0].Exchanges = nil
		r.Results[0].Differences = []report.Difference{{Pointer: "/body/x", Kind: "changed", Want: row.want, Got: row.got}}
		var sides []string
		for _, side := range []string{"want", "got"} {
			_, text, _ := strings.Cut(htmlPage(t, r), `<div class="`+side+`">`)
			text, _, _ = strings.Cut(text, "</div>")
			_, text, _ = strings.Cut(text, "<pre>")
			text, _, _ = strings.Cut(text, "</pre>")
			sides = append(sides, strings.ReplaceAll(text, "&#34;", `"`))
		}
		if got := strings.Join(sides, " | "); got != row.marked {
			t.Errorf("%s and %s: marked is %s, want %s", row.want, row.got, got, row.marked)
		}
	}
}

// TestWriteHTMLChangesNothing shows that a page leaves the report as it is.
func TestWriteHTMLChangesNothing(t *testing.T) {
	r := many()
	htmlPage(t, r)
	if diff := cmp.Diff(many(), r); diff != "" {
		t.Errorf("report (-before +after):\n%s", diff)
	}
}

// TestWriteHTMLFull fills the disk at the first byte, in the middle, and at the
// last.
func TestWriteHTMLFull(t *testing.T) {
	full := errors.New("no space left on device")
	size := len(htmlPage(t, many()))
	for _, left := range []int{0, 1, size / 2, size - 1} {
		if err := report.WriteHTML(&fullAfter{left, full}, many()); !errors.Is(err, full) {
			t.Errorf("after %d of %d bytes: error %v", left, size, err)
		}
	}
}

// FuzzWriteHTML looks for a text that reaches the page raw.
func FuzzWriteHTML(f *testing.F) {
	f.Add("a\x1b[2J\u202eb\u200b<script>{{.}}</script>\xffc")
	f.Fuzz(func(t *testing.T, s string) {
		_, text, _ := strings.Cut(htmlPage(t, hostile(s)), "<body>")
		text, _, _ = strings.Cut(text, "<script>")
		checkInert(t, s, text)
		if strings.Count(text, "<li data-outcome") != 1 {
			t.Errorf("%q: the list of cases is not of one", s)
		}
	})
}
