package conformance_test

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// arrived is a request as a server sees it, and the status that it got. Header
// has all of its fields.
type arrived struct {
	Method, Target string
	Header         http.Header
	Length         int64
	Coding         []string
	Body           string
	Status         int
}

// recorder serves below /case/, where it keeps every request in the order in
// which they came, and below /N/, where it keeps the last of each number.
type recorder struct {
	next     http.Handler
	mu       sync.Mutex
	inOrder  []arrived
	byNumber map[int]arrived
}

func (rec *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.RequestURI, "/"), "/")
	a := arrived{Method: r.Method, Target: rest, Header: r.Header.Clone(), Length: r.ContentLength, Coding: r.TransferEncoding, Body: string(body)}
	r.URL.Path = strings.TrimPrefix(r.URL.Path, "/"+first)
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	rec.next.ServeHTTP(answer, r)
	a.Status = answer.Code
	rec.keep(first, a)
	for name, values := range answer.Header() {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.Code)
	_, _ = answer.Body.WriteTo(w)
}

func (rec *recorder) keep(first string, a arrived) {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	if number, err := strconv.Atoi(first); err == nil {
		rec.byNumber[number] = a
	} else {
		rec.inOrder = append(rec.inOrder, a)
	}
}

// TestCurlCommands runs the commands that DryRun writes with a shell and curl,
// and wants the same requests to arrive that the kit sends by itself: method,
// target, every header field, length and body, secrets apart. With -short these
// are some of the commands, otherwise all.
func TestCurlCommands(t *testing.T) {
	for _, name := range []string{"sh", "curl"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("%s is not installed, so no curl command is run: %v", name, err)
		}
	}
	const token = "open sesame"
	env := environmentWith(t, func(e *environment.Environment) {
		e.TokenEnv, e.Headers = "MY_TOKEN", map[string]string{"X-Trace": "it's a test"}
	})
	rec := &recorder{next: referenceIn(t, env, token), byNumber: map[int]arrived{}}
	opts := conformance.Options{Target: serve(t, rec) + "/case", Environment: env, Token: token, Jobs: 1, Ordered: true}
	want := sentByKit(t, rec, opts)
	commands := dryRun(t, opts, want)
	if testing.Short() {
		sample(commands)
	}
	runCommands(t, opts.Target, commands, token)
	for i, w := range want {
		if commands[i] == "" {
			continue
		}
		got, ok := rec.byNumber[i]
		if !ok {
			t.Errorf("%s: nothing arrived of\n%.2000s", w.Case, commands[i])
		}
		if strings.Contains(commands[i], "'X-Auth-Token: ***'") {
			w.Header.Set("X-Auth-Token", "***")
		}
		w.Header.Set("X-Trace", "***")
		if diff := gocmp.Diff(w.arrived, got); diff != "" {
			t.Errorf("%s (-want +got):\n%.2000s\n%.2000s", w.Case, diff, commands[i])
		}
	}
}

// caseSent is a case and the first request that the kit sent for it.
type caseSent struct {
	Case, Title string
	None        bool // nothing was sent
	arrived
}

// sentByKit runs the suite and returns the first request of every case, with the
// key of the run masked.
func sentByKit(t *testing.T, rec *recorder, opts conformance.Options) []caseSent {
	t.Helper()
	r := run(t, opts)
	key := regexp.MustCompile(`"psk":"([^"]{20})"`).FindStringSubmatch(rec.inOrder[0].Body)
	if key == nil {
		t.Fatalf("no key in %s", rec.inOrder[0].Body)
	}
	escaped := suite.Forms["escaped"]
	inEscapes := func(key string) string { return strings.Trim(string(escaped([]byte(`"`+key+`"`))), `"`) }
	var out []caseSent
	firsts := firstOfEach(rec, sent(r))
	for _, result := range sent(r) { // a duty sends nothing, and no command says so
		c := caseSent{Case: result.Case, Title: result.Title, None: result.Requests == 0, arrived: firsts[result.Case]}
		before := len(c.Body)
		c.Body = strings.NewReplacer(key[1], conformance.MaskedKey, inEscapes(key[1]), inEscapes(conformance.MaskedKey)).Replace(c.Body)
		if more := len(c.Body) - before; more != 0 {
			c.Length += int64(more)
			c.Header.Set("Content-Length", strconv.FormatInt(c.Length, 10))
		}
		if result.Outcome != report.Pass && result.Outcome != report.NotApplicable {
			t.Errorf("%s: %s", result.Case, result.Outcome)
		}
		out = append(out, c)
	}
	return out
}

// firstOfEach returns the first request of every case: some are sent when all
// others are answered.
func firstOfEach(rec *recorder, results []report.Result) map[string]arrived {
	inTime := slices.DeleteFunc(slices.Clone(results), func(r report.Result) bool { return r.Requests == 0 })
	slices.SortStableFunc(inTime, func(a, b report.Result) int { return cmp.Compare(a.Exchanges[0].After, b.Exchanges[0].After) })
	out := map[string]arrived{}
	next := 0
	for _, result := range inTime {
		came := rec.inOrder[next : next+result.Requests]
		i := 0
		if strings.Contains(result.Case, "/concurrency/") { // they came at once
			i = slices.IndexFunc(came, func(a arrived) bool { return len(a.Body) == len(result.Exchanges[0].Request) })
		}
		out[result.Case] = came[max(i, 0)]
		next += result.Requests
	}
	return out
}

// dryRun returns the command of every case that sends something.
func dryRun(t *testing.T, opts conformance.Options, cases []caseSent) []string {
	t.Helper()
	var out strings.Builder
	if err := conformance.DryRun(&out, opts); err != nil {
		t.Fatal(err)
	}
	script := out.String()
	for _, secret := range []string{opts.Token, "it's a test"} {
		if strings.Contains(script, secret) {
			t.Errorf("the commands have the secret %q", secret)
		}
	}
	commands := make([]string, len(cases))
	for i, c := range cases {
		before, rest, ok := strings.Cut(script, "# "+c.Case+": "+c.Title+"\n")
		if !ok || i == 0 && before != "" {
			t.Fatalf("%s is not where it should be", c.Case)
		}
		script = rest
		if i > 0 && !cases[i-1].None {
			commands[i-1] = before
		}
	}
	commands[len(commands)-1] = script
	for i, command := range commands {
		if odd := regexp.MustCompile(`[^ -~\n]`).FindString(command); odd != "" {
			t.Errorf("the command of %s has the character %q", cases[i].Case, odd)
		}
	}
	return commands
}

// sample leaves out the most of those commands that differ in the body alone.
func sample(commands []string) {
	const kept = 16 // one of so many
	seen := map[string]int{}
	for i, command := range commands {
		options, _, _ := strings.Cut(command, " --data")
		if seen[options]++; seen[options]%kept != 1 {
			commands[i] = ""
		}
	}
}

// runCommands runs commands, several shells at a time, each below its number in
// the place of the target's /case.
func runCommands(t *testing.T, target string, commands []string, token string) {
	t.Helper()
	dir := t.TempDir()
	scripts := make([]strings.Builder, 2*runtime.GOMAXPROCS(0))
	for i, command := range commands {
		if command == "" {
			continue
		}
		numbered := strings.Replace(command, target, fmt.Sprintf("%s/%d", strings.TrimSuffix(target, "/case"), i), 1)
		fmt.Fprintf(&scripts[i%len(scripts)], "%s[ $? -eq 0 ] || echo '%d failed' >&3\n", numbered, i)
	}
	var shells errgroup.Group
	for i := range scripts {
		shells.Go(func() error {
			name := filepath.Join(dir, strconv.Itoa(i))
			if err := os.WriteFile(name, []byte("exec 3>&1 >/dev/null 2>&1\n"+scripts[i].String()), 0o600); err != nil {
				return err
			}
			sh := exec.CommandContext(t.Context(), "sh", name)
			sh.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "MY_TOKEN=" + token} // no .curlrc, no proxy
			if out, err := sh.CombinedOutput(); err != nil || len(out) > 0 {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		})
	}
	if err := shells.Wait(); err != nil {
		t.Error(err)
	}
}

// TestDryRunIsStable shows that what is printed does not depend on the key of the
// run, whose length differs where letters are escaped.
func TestDryRunIsStable(t *testing.T) {
	var first, second bytes.Buffer
	for _, out := range []*bytes.Buffer{&first, &second} {
		if err := conformance.DryRun(out, conformance.Options{Seed: 7}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := gocmp.Diff(strings.Split(first.String(), "\n"), strings.Split(second.String(), "\n")); diff != "" {
		t.Errorf("(-first +second):\n%.2000s", diff)
	}
}
