package main

import (
	"context"
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
)

func TestMain(m *testing.M) {
	if err := endTogether(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	testscript.Main(tidy{m}, map[string]func(){"vpnconform": main, "vpnconform-failing": mainFailing})
}

// tidy removes what all tests have built when they are over.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	defer func() {
		if folder != "" {
			_ = os.RemoveAll(folder) // of the system's temporary files
		}
	}()
	return m.M.Run()
}

// TestScripts runs testdata/script/*.txtar. Each script has $TARGET, the
// reference implementation behind a token, $HEALTHY, which is open, $BROKEN, which
// answers styles in lower case, $VARYING, which numbers its answers, $HANGING,
// which never answers, and $DOWN, where nobody listens; faulty adds another.
//
// exec vpnconform runs the program, and status the same command in the process of
// the test: drawing the suite takes longer than most commands do.
func TestScripts(t *testing.T) {
	healthy, err := reference.New(reference.Options{Token: "open sesame"})
	if err != nil {
		t.Fatal(err)
	}
	open, err := reference.New(reference.Options{})
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
	for _, name := range variables {
		t.Setenv(name, "") // and back at the end
	}
	deadline, _ := t.Deadline()
	testscript.RunT(inTurn{t}, testscript.Params{
		Deadline:            deadline,
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
			"scrub": scrub, "status": status, "edit": edit, "same": same, "faulty": faultyServer, "variable": variable,
			"await-requests": func(ts *testscript.TestScript, _ bool, args []string) { // to $HANGING
				number, err := strconv.Atoi(args[0])
				ts.Check(err)
				for range number {
					<-asked
				}
			},
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
	out = duration.ReplaceAllString(out, "1.9$1")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(out), 0o600))
}

// loopback matches the address of a server that chose its port.
var loopback = regexp.MustCompile(`127\.0\.0\.1:\d{2,5}`)

// duration matches how long a run took, wherever its line is wrapped.
var duration = regexp.MustCompile(`(?:\d+\s+min\s+)?\d+(?:\.\d)?(\s+s,\s+seed)`)

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

// inTurn runs scripts one after another: the working directory of a command is
// that of the process.
type inTurn struct{ *testing.T }

func (inTurn) Parallel() {}

func (t inTurn) Verbose() bool { return testing.Verbose() }

func (t inTurn) Run(name string, script func(testscript.T)) {
	t.T.Run(name, func(t *testing.T) { script(inTurn{t}) })
}

// variables are those of a script that the command reads.
var variables = []string{"MY_TOKEN", "OTHER_TOKEN", "NO_COLOR", "CLICOLOR_FORCE"}

// status runs the command in this process and wants its exit status:
// status 3 vpnconform run. Another program than vpnconform is executed.
func status(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	if args[1] == "vpnconform" {
		code = inProcess(ts, args[2:])
	} else {
		err := ts.Exec(args[1], args[2:]...)
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			code = exit.ExitCode()
		} else if err != nil {
			ts.Fatalf("%v", err)
		}
	}
	if want := args[0]; want != strconv.Itoa(code) {
		ts.Fatalf("exit status %d, want %s", code, want)
	}
}

func inProcess(ts *testscript.TestScript, args []string) int {
	before, err := os.Getwd()
	ts.Check(err)
	ts.Check(os.Chdir(ts.MkAbs(".")))
	defer func() { ts.Check(os.Chdir(before)) }()
	for _, name := range variables {
		ts.Check(os.Setenv(name, ts.Getenv(name))) // an empty one is as good as none
	}
	return run(context.Background(), args, ts.Stdout(), ts.Stderr())
}

// variable sets a variable to the last word of a file: variable SEED stderr.
func variable(ts *testscript.TestScript, _ bool, args []string) {
	words := strings.Fields(ts.ReadFile(args[1]))
	if len(words) == 0 {
		ts.Fatalf("%s is empty", args[1])
	}
	ts.Setenv(args[0], words[len(words)-1])
}

// faultyServer sets a variable to the address of a reference implementation with a
// fault: faulty REFUSING rule/Dpd.timeout.maximum/refuses-maximum.
func faultyServer(ts *testscript.TestScript, _ bool, args []string) {
	healthy, err := reference.New(reference.Options{})
	ts.Check(err)
	handler, err := faulty(healthy, args[1])
	ts.Check(err)
	s := httptest.NewServer(handler)
	ts.Defer(s.Close)
	ts.Setenv(args[0], s.URL)
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
