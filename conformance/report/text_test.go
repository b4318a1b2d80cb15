package report_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/report"
)

const long = "the target closed the connection before it had sent the header of an answer, which happens when it is overloaded or being restarted; " +
	"a-single-word-that-is-longer-than-any-line-of-the-terminal-and-cannot-be-broken-anywhere-at-all stands here"

// everything is a report with every outcome and every kind of difference.
func everything() *report.Report {
	return &report.Report{
		Target: "http://127.0.0.1:8080/vpn",
		Tables: []report.Table{
			{
				Kind: report.OfAnswer, Name: "ResponseVpnConnection", Title: "vpn_connection, answered", Source: "Table 10",
				Places:  []report.TablePlace{{Operation: "CreateVpnConnection", Status: "201", Pointer: "/vpn_connection"}},
				Members: []string{"id", "style", "policy_rules"},
			},
			{Kind: report.OfExchange, Name: "CreateVpnConnection", Title: "the answer as a whole", Members: []string{"CreateVpnConnection.responses.201"}},
		},
		Results: []report.Result{
			{
				Case: "example/static", Title: "Creates a connection", Level: "must", Source: "Example requests", Outcome: report.Pass,
				Members: report.Members{ByValue: 40, BySchema: 12, ByRule: 10}, Requests: 2,
			},
			{
				Case: "example/policy", Outcome: report.Fail, Errata: []string{"policy-destination"},
				Members: report.Members{ByValue: 1, Noted: 1, NotLookedAt: 1}, Requests: 1,
				Notes: []report.Difference{
					{Pointer: "/body/vpn_connection/region", Kind: "unexpected", Got: `"eu"`},
					{Pointer: "/body/a~1b", Kind: "unexpected", Got: `{}`},
				},
				Differences: []report.Difference{
					{
						Pointer: "/status", Kind: "changed", Want: "201", Got: "200", Why: "the answer to an accepted request has status 201",
						Rule: "CreateVpnConnection.responses.201", Level: "must", Source: "Response parameters, 201",
					},
					{
						Pointer: "/headers/Content-Type", Kind: "missing", Want: "application/json", Why: "the answer is JSON and says so in Content-Type",
						Level: "must", Source: "Response parameters, 201",
					},
					{
						Pointer: "/body/vpn_connection/policy_rules/0/destination/0", Kind: "changed", Want: `"192.168.0.0/24"`, Got: `"192.168.44.0/24"`,
						Why: "the documented answer to this request", Level: "must", Source: "Example requests, policy-based mode", Errata: []string{"policy-destination"},
					},
					{
						Pointer: "/body/extra", Kind: "unexpected", Got: `null`, Why: "the page knows no such member", Level: "may", Source: "Response parameters",
					},
					{
						Pointer: "/body/request_id", Kind: "rule", Why: "request_id equals the X-Request-Id header",
						Rule: "CreateVpnConnectionResponseBody.request_id-equals-header", Level: "should", Source: "SDK, core/sdkerr", Errata: []string{"one", "two"},
					},
					{Pointer: "/body", Kind: "changed", Want: "JSON", Got: strings.Repeat("x", 300), Why: long, Level: "must", Source: "Response parameters"},
					{Pointer: "", Kind: "changed", Got: strings.Repeat("é", 301), Why: "a value at the root", Level: "must", Source: "Table 9"},
				},
				Curl: `curl -i -X POST 'http://127.0.0.1:8080/vpn/v5/0605767ae480d51b2f0bc00d8e7a9b3f/vpn-connection' -H 'Accept: application/json' --data-raw '{"vpn_connection":{}}'`,
			},
			{
				Case: "example/bgp", Outcome: report.Fail, Known: "upper case is not answered yet; " + long, Members: report.Members{ByValue: 1}, Requests: 1,
				Differences: []report.Difference{{
					Pointer: "/body/vpn_connection/style", Kind: "changed", Want: `"BGP"`, Got: `"bgp"`,
					Why: "style answers the requested style in upper case", Rule: "ResponseVpnConnection.style-upper-case", Level: "must", Source: "Example responses",
				}},
				Curl: "curl http://127.0.0.1:8080",
			},
			{Case: "example/er", Outcome: report.NotApplicable, Reason: "the environment has no gateway with network_type public and attachment_type er"},
			{Case: "example/slow", Outcome: report.CouldNotRun, Reason: long, Requests: 1},
			{Case: "example/broken", Outcome: report.KitError, Reason: "panic: runtime error"},
		},
		Baseline: []string{"example/old is no case", "example/static fails in another way: changed /body/vpn_connection/style, missing /body/vpn_connection/ikepolicy/dpd"},
	}
}

// TestWriteText holds reports as they are read.
func TestWriteText(t *testing.T) {
	passing := &report.Report{Target: "https://vpn.example.com", Results: everything().Results[:1]}
	g := goldie.New(t, goldie.WithFixtureDir("testdata"))
	for name, row := range map[string]struct {
		report *report.Report
		opts   report.TextOptions
	}{
		"everything-80": {everything(), report.TextOptions{Width: 80}},
		"everything-40": {everything(), report.TextOptions{Width: 40}},
		"passing":       {passing, report.TextOptions{}},
		"nothing":       {&report.Report{Target: "https://vpn.example.com"}, report.TextOptions{}},
		"hostile":       {hostile("a\x1b[2J\x07\r\n\u202eb\u200b\u0085\u2028\xffc"), report.TextOptions{}},
	} {
		t.Run(name, func(t *testing.T) {
			g.Assert(t, name, []byte(write(t, row.report, row.opts)))
		})
	}
}

func TestWriteTextDefaultWidth(t *testing.T) {
	want := write(t, everything(), report.TextOptions{Width: 80})
	for _, width := range []int{0, -1} {
		if diff := cmp.Diff(want, write(t, everything(), report.TextOptions{Width: width})); diff != "" {
			t.Errorf("width %d (-80 +got):\n%s", width, diff)
		}
	}
}

func write(t testing.TB, r *report.Report, opts report.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.WriteText(&b, r, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// hostile is a report in which every text comes from a target, or from a file
// that repeats what a target sent.
func hostile(s string) *report.Report {
	d := report.Difference{Pointer: "/" + s, Kind: s, Want: s, Got: s, Why: s, Rule: s, Level: s, Source: s, Errata: []string{s, s}}
	return &report.Report{
		Target: s,
		Tables: []report.Table{
			{Kind: report.OfParameters, Name: s, Title: s, Source: s, Members: []string{s}},
			{Kind: report.OfAnswer, Name: s, Title: s, Places: []report.TablePlace{{Operation: s, Status: s, Pointer: "/" + s}}, Members: []string{s}},
			{Kind: report.OfExchange, Name: s, Title: s, Members: []string{s}},
		},
		Results: []report.Result{{
			Case: s, Title: s, Level: s, Source: s, Errata: []string{s}, Outcome: report.Fail, Reason: s, Known: s,
			Differences: []report.Difference{d}, Notes: []report.Difference{d}, Members: report.Members{ByValue: 1}, Curl: s,
		}},
		Baseline: []string{s},
	}
}

// checkInert wants no rune but a newline that could steer a terminal or hide
// text.
func checkInert(t *testing.T, from, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("%q: invalid UTF-8 in %q", from, text)
	}
	for _, r := range text {
		if r != '\n' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Cs, unicode.Zl, unicode.Zp)) {
			t.Errorf("%q: %U in %q", from, r, text)
			return
		}
	}
}

// TestWriteTextIsInert writes reports of random bytes and of random runes that
// terminals or readers stumble over.
func TestWriteTextIsInert(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{}))
	dangerous := []rune("\x00\a\b\t\n\v\f\r\x1b\x7f\u0080\u0085\u009b\u009d\u00ad\u061c\u180e\u200b\u200d\u200e\u202a\u202e\u2028\u2029\u2066\u2069\ufeff\ufff9\U000e0041 a")
	for range 2000 {
		var s strings.Builder
		for range random.IntN(40) {
			if random.IntN(2) == 0 {
				s.WriteByte(byte(random.IntN(256)))
			} else {
				s.WriteRune(dangerous[random.IntN(len(dangerous))])
			}
		}
		checkInert(t, s.String(), write(t, hostile(s.String()), report.TextOptions{Width: random.IntN(100)}))
	}
}

// FuzzWriteText looks for a text that reaches the output raw.
func FuzzWriteText(f *testing.F) {
	f.Add("a\x1b[2J\u202eb\u200b\u0085\u2028\xffc", 80)
	f.Add(strings.Repeat("\u009b", 301), 1)
	f.Fuzz(func(t *testing.T, s string, width int) {
		checkInert(t, s, write(t, hostile(s), report.TextOptions{Width: width}))
	})
}

func TestInert(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "",
		`plain "text" \u001b é 中 😀`:              `plain "text" \u001b é 中 😀`,
		"\x00":                                   `\u0000`,
		"a\nb\r\tc":                              `a\u000ab\u000d\u0009c`,
		"\x1b[31mred\x1b[0m":                     `\u001b[31mred\u001b[0m`,
		"\x1b]8;;http://a\x1b\\":                 `\u001b]8;;http://a\u001b\`,
		"\x7f":                                   `\u007f`,
		"\u0085\u009b31m\u009d":                  `\u0085\u009b31m\u009d`,
		"\u202egnp.exe\u202c":                    `\u202egnp.exe\u202c`,
		"\u2066a\u2069\u200e\u200f\u061c":        `\u2066a\u2069\u200e\u200f\u061c`,
		"a\u200bb\u200c\u200d\u2060\ufeff\u00ad": `a\u200bb\u200c\u200d\u2060\ufeff\u00ad`,
		"a\u034fb\u3164\u115f\ufe0f\U000e0100":   `a\u034fb\u3164\u115f\ufe0f\udb40\udd00`,
		"\u2028\u2029":                           `\u2028\u2029`,
		"\U000e0041":                             `\udb40\udc41`,
		"a\xffb\xc3":                             `a\ufffdb\ufffd`,
		"\xed\xa0\x80":                           `\ufffd\ufffd\ufffd`,
		"\ufffd":                                 `\ufffd`,
		"\u00a0\u3000":                           "\u00a0\u3000",
	} {
		got := report.Inert(text)
		if got != want {
			t.Errorf("Inert(%q) = %q, want %q", text, got, want)
		}
		if again := report.Inert(got); again != got {
			t.Errorf("Inert(Inert(%q)) = %q, want %q", text, again, got)
		}
	}
}

// TestWrapping wraps sentences of random words. No line is longer than the
// width unless it has a single word, every line has as many words as fit, and
// no word is lost.
func TestWrapping(t *testing.T) {
	random := rand.New(rand.NewChaCha8([32]byte{}))
	const indent = 15
	for range 500 {
		var words []string
		for range 1 + random.IntN(60) {
			words = append(words, strings.Repeat("é", 1+random.IntN(12)*random.IntN(3)+random.IntN(3)))
		}
		width := 1 + random.IntN(100)
		r := &report.Report{Results: []report.Result{{Case: "case", Outcome: report.CouldNotRun, Reason: strings.Join(words, "  ")}}}
		_, text, _ := strings.Cut(write(t, r, report.TextOptions{Width: width}), "case\n")
		text, _, _ = strings.Cut(text, "\n\n")
		lines := strings.Split(text, "\n")
		var got []string
		for i, line := range lines {
			inside, found := strings.CutPrefix(line, strings.Repeat(" ", indent))
			here := strings.Split(inside, " ")
			if !found || utf8.RuneCountInString(line) > width && len(here) > 1 {
				t.Errorf("width %d: line %q", width, line)
			}
			if i > 0 && len(strings.Split(lines[i-1], " "))-indent > 0 && utf8.RuneCountInString(lines[i-1])+1+utf8.RuneCountInString(here[0]) <= width {
				t.Errorf("width %d: line %q has room for %q", width, lines[i-1], here[0])
			}
			got = append(got, here...)
		}
		if diff := cmp.Diff(words, got); diff != "" {
			t.Errorf("width %d (-words +lines):\n%s", width, diff)
		}
	}
}

// TestClip holds the length up to which a value is shown whole.
func TestClip(t *testing.T) {
	for _, row := range []struct{ got, want string }{
		{strings.Repeat("x", 300), strings.Repeat("x", 300)},
		{strings.Repeat("x", 301), strings.Repeat("x", 300) + "... (301 characters in all)"},
		{strings.Repeat("中", 300), strings.Repeat("中", 300)},
		{strings.Repeat("中", 1000), strings.Repeat("中", 300) + "... (1000 characters in all)"},
		{strings.Repeat("\x00", 51), strings.Repeat(`\u0000`, 50) + "... (306 characters in all)"},
	} {
		for _, n := range []int{1, 20} {
			r, want := &report.Report{Results: slices.Repeat([]report.Result{{Case: "a/b", Outcome: report.Pass}}, n)}, row.want
			r.Results[0] = report.Result{Case: "a/a", Outcome: report.Fail, Differences: []report.Difference{{Got: row.got}}}
			if n == 1 { // a case that is asked for by name
				want = report.Inert(row.got)
			}
			if text := write(t, r, report.TextOptions{Verbose: true}); !strings.Contains(text, "\n    got   "+want+"\n") {
				t.Errorf("%.20q in %d cases, want %q in\n%s", row.got, n, want, text)
			}
		}
	}
}

// TestWriteTextChangesNothing shows that a report can be written twice.
func TestWriteTextChangesNothing(t *testing.T) {
	r := everything()
	first, again := write(t, r, report.TextOptions{}), write(t, r, report.TextOptions{})
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("text (-first +again):\n%s", diff)
	}
	if diff := cmp.Diff(everything(), r); diff != "" {
		t.Errorf("report (-before +after):\n%s", diff)
	}
}

type brokenWriter struct{ error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.error }

func TestWriteTextFails(t *testing.T) {
	full := errors.New("disk full")
	if err := report.WriteText(brokenWriter{full}, everything(), report.TextOptions{}); !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}

func BenchmarkWriteText(b *testing.B) {
	r := everything()
	for b.Loop() {
		if err := report.WriteText(new(bytes.Buffer), r, report.TextOptions{}); err != nil {
			b.Fatal(fmt.Errorf("everything: %w", err))
		}
	}
}

// TestNextFits shows that the command to look further goes on in another line where it
// is too long for one.
func TestNextFits(t *testing.T) {
	for id, want := range map[string]string{
		"lend/example/usual": "next: vpnconform explain lend/example/usual",
		"lend/" + strings.Repeat("long.", 10) + "rule/below": "next: vpnconform explain \\\n      lend/" + strings.Repeat("long.", 10) + "rule/below",
	} {
		r := &report.Report{Target: "http://x", Level: "must", Results: []report.Result{{
			Case: id, Outcome: report.Fail, Level: "must", Differences: []report.Difference{{Pointer: "/status", Kind: "changed", Want: "201", Got: "500", Level: "must"}},
		}}}
		var out strings.Builder
		if err := report.WriteText(&out, r, report.TextOptions{Width: 80}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "\n"+want) {
			t.Errorf("%s: no %q in\n%s", id, want, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if len(strings.TrimSuffix(line, "\n")) > 80 && !strings.Contains(line, id) {
				t.Errorf("%s: a line of more than 80 columns: %s", id, line)
			}
		}
	}
}
