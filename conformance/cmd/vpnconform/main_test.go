package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

func TestMain(m *testing.M) {
	if err := endTogether(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	testscript.Main(m, map[string]func(){"vpnconform": main})
}

// TestScripts runs testdata/script/*.txtar. Each script has $TARGET, the
// reference implementation behind a token, $HEALTHY, which is open, $BROKEN, which
// answers styles in lower case, $VARYING, which numbers its answers, $HANGING,
// which never answers, and $DOWN, where nobody listens.
func TestScripts(t *testing.T) {
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	healthy, err := reference.New(reference.Options{Environment: env, Token: "open sesame"})
	if err != nil {
		t.Fatal(err)
	}
	open, err := reference.New(reference.Options{Environment: env})
	if err != nil {
		t.Fatal(err)
	}
	down := httptest.NewServer(nil)
	down.Close()
	asked := make(chan struct{}, 16)
	hanging := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the client leaves
		asked <- struct{}{}
		<-r.Context().Done()
	})
	targets := map[string]string{
		"TARGET": serve(t, healthy), "HEALTHY": serve(t, open), "BROKEN": serve(t, lower(open)), "VARYING": serve(t, numbered(open)),
		"HANGING": serve(t, hanging), "DOWN": down.URL,
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		UpdateScripts:       os.Getenv("GOLDIE_UPDATE") != "",
		Setup: func(e *testscript.Env) error {
			for name, url := range targets {
				e.Setenv(name, url)
			}
			e.Setenv(tests, os.Getenv(tests))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"scrub": scrub, "status": status, "edit": edit, "same": same,
			"await-request": func(*testscript.TestScript, bool, []string) { <-asked }, // to $HANGING
		},
	})
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// lower answers as h does, with the style in lower case.
func lower(h http.Handler) http.Handler {
	return edited(h, func(body string) string {
		return strings.NewReplacer(`"STATIC"`, `"static"`, `"POLICY"`, `"policy"`, `"BGP"`, `"bgp"`).Replace(body)
	})
}

// numbered answers as h does, with a member more that counts the answers.
func numbered(h http.Handler) http.Handler {
	var answers atomic.Int32
	return edited(h, func(body string) string { return fmt.Sprintf(`{"revision":%d,%s`, answers.Add(1), body[1:]) })
}

// edited answers as h does, with another body.
func edited(h http.Handler, edit func(body string) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		for name, values := range recorder.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(recorder.Code)
		_, _ = io.WriteString(w, edit(recorder.Body.String()))
	})
}

// scrub replaces the addresses in a script's file, or its stdout or stderr, by
// the names of their variables: scrub stdout out.
func scrub(ts *testscript.TestScript, _ bool, args []string) {
	out := ts.ReadFile(args[0])
	for _, name := range []string{"TARGET", "HEALTHY", "BROKEN", "VARYING", "HANGING", "DOWN"} {
		host := strings.TrimPrefix(ts.Getenv(name), "http://")
		out = strings.ReplaceAll(out, host, name)
	}
	out = loopback.ReplaceAllString(out, "127.0.0.1:PORT")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out), 0o600))
}

// loopback matches the address of a server that chose its port.
var loopback = regexp.MustCompile(`127\.0\.0\.1:\d{2,5}`)

// edit copies a JSON report and makes its first failure a pass: edit r.json out.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	whole := ts.ReadFile(args[0])
	edited := strings.Replace(whole, `"outcome": "fail"`, `"outcome": "pass"`, 1)
	if edited == whole {
		ts.Fatalf("%s has no failure", args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(edited), 0o600))
}

// same wants two JSON reports that differ at most in what is volatile: same a.json b.json.
func same(ts *testscript.TestScript, _ bool, args []string) {
	a, _, ok := strings.Cut(ts.ReadFile(args[0]), "\n  \"volatile\": {")
	b, _, _ := strings.Cut(ts.ReadFile(args[1]), "\n  \"volatile\": {")
	if !ok || a != b {
		ts.Fatalf("%s and %s are not the same (-first +second):\n%s", args[0], args[1], cmp.Diff(a, b))
	}
}

// status runs a command and wants its exit status: status 3 vpnconform run.
func status(ts *testscript.TestScript, _ bool, args []string) {
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if want := args[0]; want != strconv.Itoa(code) {
		ts.Fatalf("exit status %d, want %s", code, want)
	}
}

// TestReadme holds the transcripts of the README against those of the scripts.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range []string{"pass", "fail"} {
		data, err := os.ReadFile("testdata/script/" + script + ".txtar")
		if err != nil {
			t.Fatal(err)
		}
		_, want, _ := strings.Cut(string(data), "\n-- want --\n")
		want, _, _ = strings.Cut(want, "\n-- ")
		want = strings.ReplaceAll(want, "http://BROKEN", "https://vpn.example.com")
		if want = strings.TrimSpace(want); want == "" || !strings.Contains(string(readme), want) {
			t.Errorf("README.md does not show the transcript of %s.txtar:\n%s", script, want)
		}
	}
}
