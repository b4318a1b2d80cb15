package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// command runs the command in the process, in a directory with files.
func command(t *testing.T, files map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// TestWrongFiles lists what may be wrong in a file that the command reads. The
// command says which file and where, and sends nothing.
func TestWrongFiles(t *testing.T) {
	var asked atomic.Int32
	target := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	for name, row := range map[string]struct {
		flag, content, want string
	}{
		"environment, unknown key":       {"--config", "token_env: p\ngateway: []\n", "file:2:1: /gateway: there is no such member"},
		"environment, key twice":         {"--config", "token_env: p\ntoken_env: q\n", "file:2:1: /token_env: the member stands in line 1 already"},
		"environment, list for a text":   {"--config", "token_env: []\n", "file:1:12: /token_env: want a text, got a list"},
		"environment, number for a text": {"--config", "parameters: {project_id: 0123}\n", "file:1:26: /parameters/project_id: want a text, put 0123 in quotes"},
		"environment, broken":            {"--config", "token_env: [p\n", "file:1: did not find expected ',' or ']'"},
		"environment, empty":             {"--config", "", "file: empty file"},
		"environment, two documents":     {"--config", "token_env: p\n---\ntoken_env: q\n", "file:2:1: more than one document"},
		"known, unknown key":             {"--known-failing", "- case: CreateVpnConnection/example/bgp\n  because: r\n", "file:2:3: /0/because: there is no such member"},
		"known, wrong type":              {"--known-failing", "- case: [a]\n  reason: r\n", "file:1:9: /0/case: want a text, got a list"},
		"known, no list":                 {"--known-failing", "case: CreateVpnConnection/example/bgp\n", "file:1:1: want a list, got a mapping"},
		"known, broken":                  {"--known-failing", "- {case: a\n", "file:1: did not find expected ',' or '}'"},
		"known, without a reason":        {"--known-failing", "- case: CreateVpnConnection/example/bgp\n", "file:1:3: /0/reason: a known failure has a reason"},
		"known, twice":                   {"--known-failing", "- {case: a, reason: r}\n- {case: a, reason: r}\n", `file:2:4: /1/case: want the id of a case that no other entry names, got "a"`},
		"patterns, empty file":           {"--run", "", "file: no patterns"},
		"patterns, comments alone":       {"--skip", "# nothing\n\n", "file: no patterns"},
		"patterns, a typo":               {"--run", "example\nexmaple/bgp\n", `pattern "exmaple/bgp" matches no case`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			value := "file"
			if strings.HasPrefix(name, "patterns") {
				value = "@file"
			}
			code, out, errs := command(t, map[string]string{"file": row.content}, "run", "--target", target, row.flag, value)
			if code != exitUsage || out != "" || errs != "vpnconform: "+row.want+"\n" {
				t.Errorf("exit status %d, want %d; stdout %q; stderr\n%swant\n%s", code, exitUsage, out, errs, row.want)
			}
		})
	}
	if asked.Load() > 0 {
		t.Error("a request was sent")
	}
}

// TestListFiles shows that several files of patterns add up, whatever else is
// given.
func TestListFiles(t *testing.T) {
	t.Chdir(t.TempDir())
	files := map[string]string{"a": "CreateVpnConnection/example/static\n", "b": "CreateVpnConnection/example/bgp # twice\nexample/bgp", "c": "CreateVpnConnection/Dpd.timeout.maximum/bel*\n"}
	code, out, errs := command(t, files, "list", "--run", "@a", "--run", "CreateVpnConnection/example/policy", "--run", "@b", "--run", "@c", "--skip", "@a")
	var ids []string
	for line := range strings.Lines(out) {
		ids = append(ids, strings.Fields(line)[0])
	}
	if got, want := strings.Join(ids, " "), "CreateVpnConnection/example/policy CreateVpnConnection/example/bgp CreateVpnConnection/Dpd.timeout.maximum/below"; code != 0 || errs != "" || got != want {
		t.Errorf("exit status %d, %s, want %s; stderr %s", code, got, want, errs)
	}
}

// TestFailures256 shows that an exit status is never a count.
func TestFailures256(t *testing.T) {
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, c := range s.Cases {
		if c.Accepted() && len(ids) < 256 {
			ids = append(ids, c.ID)
		}
	}
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	t.Chdir(t.TempDir())
	code, out, _ := command(t, map[string]string{"ids": strings.Join(ids, "\n")}, "run", "-q", "--level", "may", "--target", target, "--run", "@ids") // and two duties
	if want := "DOES NOT CONFORM: of 258 cases 258 fail; "; code != 1 || !strings.HasPrefix(out, want) {
		t.Errorf("exit status %d, %q, want 1, %q", code, out, want)
	}
}

// raw is a server that reads what comes and answers with bytes, or hangs up
// after none. With reset, it hangs up rudely.
func raw(t *testing.T, answer string, reset bool) string {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(c, answer)
		if reset {
			_ = c.(*net.TCPConn).SetLinger(0)
		}
		_ = c.Close()
	}))
}

// hang answers with a piece, if any, and nothing more.
func hang(t *testing.T, piece string) string {
	t.Helper()
	return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the client leaves
		if piece != "" {
			_, _ = io.WriteString(w, piece)
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}))
}

// TestWrongTargets runs the suite, or hundreds of its cases, against what is no
// implementation. The report file has every case, whatever happens. On stderr is
// progress alone, if anything.
func TestWrongTargets(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	big := strings.Repeat(" ", 1<<20)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	answerTo(z, big, 16)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := packed.String()
	healthy, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const ok = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
	for name, row := range map[string]struct {
		target string
		run    string
		code   int
		says   string
		duties []string // that are broken and that nobody selected
	}{
		"down":             {down.URL, "*", 3, "connection refused", nil},
		"hanging":          {hang(t, ""), "*", 3, "no complete answer within 100ms", nil},
		"hanging inside":   {hang(t, `{"vpn_`), "Dpd.*", 3, "no complete answer within 100ms", nil},
		"resetting":        {raw(t, "", true), "Dpd.*", 3, "", nil},
		"resetting inside": {raw(t, ok+"Content-Length: 100\r\n\r\n{", true), "Dpd.*", 3, "", nil},
		"closing":          {raw(t, "", false), "Dpd.*", 3, "EOF", nil},
		"HTML":             {raw(t, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", false), "example", 1, "want 201   got 200", nil},
		"garbage":          {raw(t, "\x00\xff\x1b[2J\r\n\r\n", false), "Dpd.*", 3, "malformed HTTP", nil},
		"half an answer":   {raw(t, ok+"Content-Length: 100\r\n\r\n{\"vpn_", false), "Dpd.*", 3, "broke off after 6 bytes", nil},
		"100 MB":           {serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, big, 100) })), "example", 1, "more than 1 MiB", nil},
		"a gzip bomb":      {raw(t, ok+"Content-Encoding: gzip\r\nContent-Length: "+strconv.Itoa(len(bomb))+"\r\n\r\n"+bomb, false), "example", 1, "got more than 1 MiB", nil},
		"an endless redirect": {serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		})), "example", 1, "got 307 to /v5/", nil},
		"another path":         {serve(t, http.StripPrefix("/api", healthy)), "example", 1, "404", []string{"duty/Refusal.content", "duty/Refusal.identified"}},
		"right, but elsewhere": {serve(t, healthy) + "/api", "example", 1, "404", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			timeout := "10s" // the others end by themselves
			if strings.HasPrefix(name, "hanging") {
				timeout = "100ms"
			}
			code, out, errs := command(t, nil, "run", "--target", row.target, "--run", row.run, "--timeout", timeout, "--report", "json=report.json")
			if code != row.code || strings.Contains(errs, "vpnconform: ") || !strings.Contains(out, row.says) || strings.ContainsAny(out, "\x00\x1b") {
				t.Errorf("exit status %d, want %d; want %q in\n%.600s\nstderr %s", code, row.code, row.says, out, errs)
			}
			want := row.duties
			for _, c := range selectedBy(t, row.run) {
				want = append(want, c.ID)
			}
			wantReport(t, "report.json", row.code, want)
		})
	}
}

func answer(w http.ResponseWriter, piece string, times int) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	answerTo(w, piece, times)
}

func answerTo(w io.Writer, piece string, times int) {
	for range times {
		if _, err := io.WriteString(w, piece); err != nil {
			return
		}
	}
}

func selectedBy(t *testing.T, pattern string) []suite.Case {
	t.Helper()
	s, err := suite.Load(1)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := conformance.Select(s, []string{pattern}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return cases
}

// wantReport wants a JSON file that says what the exit status says, and has
// these cases, none of which passes.
func wantReport(t *testing.T, file string, code int, cases []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	r, err := report.ReadJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, c := range r.Results {
		if found = append(found, c.Case); c.Outcome == report.Pass {
			t.Errorf("%s passes", c.Case)
		}
	}
	slices.Sort(found)
	slices.Sort(cases)
	if diff := cmp.Diff(cases, found); diff != "" || int(r.Verdict()) != code {
		t.Errorf("the report says %d, want %d; cases (-want +got):\n%s", r.Verdict(), code, diff)
	}
}

// TestInterrupted interrupts a run in the middle: the report has every case,
// and what passed before.
func TestInterrupted(t *testing.T) {
	t.Chdir(t.TempDir())
	healthy, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int32
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == 80 {
			cancel()
		}
		healthy.ServeHTTP(w, r)
	}))
	var out, errs bytes.Buffer
	code := run(ctx, []string{"run", "--target", target, "--jobs", "1", "--report", "json=r.json"}, &out, &errs)
	data, err := os.ReadFile("r.json")
	if err != nil {
		t.Fatal(err)
	}
	found, err := report.ReadJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	if code != 3 || strings.Contains(errs.String(), "vpnconform: ") || len(found.Results) != len(selectedBy(t, "*")) || found.Count()[report.Pass] < 40 || found.Count()[report.CouldNotRun] < 900 {
		t.Errorf("exit status %d, %s %s", code, fmt.Sprint(found.Count()), errs.String())
	}
}

// TestEndless reads no more of a file than one can have.
func TestEndless(t *testing.T) {
	if _, err := os.Stat("/dev/zero"); err != nil {
		t.Skip("there is no file without an end")
	}
	for _, args := range [][]string{{"run", "--config", "/dev/zero"}, {"run", "--known-failing", "/dev/zero"}, {"list", "--run", "@/dev/zero"}, {"baseline", "--file", "/dev/zero", "--reason", "r"}} {
		if code, _, errs := command(t, nil, args...); code != 2 || errs != "vpnconform: /dev/zero: more than 16 MiB\n" {
			t.Errorf("%q: exit status %d: %s", args, code, errs)
		}
	}
}

// TestLargeReport reads no report that is larger than one can be: its size says so,
// before a byte is read. The file has a hole for its content.
func TestLargeReport(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("r.json", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate("r.json", report.MostBytes+1); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"report", "r.json"}, {"verify", "r.json"}, {"merge", "r.json", "r.json"}, {"compare", "r.json", "r.json"},
		{"replay", "r.json", "CreateVpnConnection/example/static"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		code, out, errs := command(t, nil, args...)
		runtime.ReadMemStats(&after)
		if code != exitUsage || out != "" || errs != "vpnconform: r.json: more than 128 MiB\n" {
			t.Errorf("%q: exit status %d, %q %q", args, code, out, errs)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > report.MostBytes/4 {
			t.Errorf("%q: %d bytes are allocated", args, took)
		}
	}
}

// TestUnsendable gives what no request can be made of: it is a wrong command line.
func TestUnsendable(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("MY_TOKEN", "secret\nsecret")
	files := map[string]string{"token.yaml": "parameters: {project_id: p}\ntoken_env: MY_TOKEN\n"}
	for _, args := range [][]string{
		{"--target", "http://127.0.0.1:70000"}, {"--config", "token.yaml"}, {"--user-agent", "a\nb"},
	} {
		code, out, errs := command(t, files, append([]string{"run", "--run", "example"}, args...)...)
		if code != exitUsage || out != "" || strings.Contains(errs, "secret") || !strings.HasPrefix(errs, "vpnconform: ") {
			t.Errorf("%q: exit status %d, %q %q", args, code, out, errs)
		}
	}
}
