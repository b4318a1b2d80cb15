package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// mostMemory is how many bytes a run may take of a hostile target.
const mostMemory = 128 << 20

// longest is how long a run may take, as --run-timeout has it; there is a second
// more to report. What costs much takes a second by itself, and others may use the
// machine.
func (h attack) longest() time.Duration {
	if h.large {
		return 10 * time.Second
	}
	return 5 * time.Second
}

// hostileParts is the number of processes that share the rows. Most of what a row
// takes is the time of one processor, and some of it is waiting.
const hostileParts = 3

// hostilePart is the variable that tells a process of this program which rows its
// parent leaves to it.
const hostilePart = "HOSTILE_PART"

// TestHostile runs against every hostile target. Each run ends in time, with the
// outcome and exit status that it should have; it takes little memory and leaves
// nothing behind. Its report is verified, or says that it cannot be, and no
// artefact has a piece of a secret.
//
// The rows are shared among processes that run at the same time, each one row after
// another: what a run takes of memory, what it leaves, and which key it draws cannot
// be told while another one runs in the same process.
func TestHostile(t *testing.T) {
	part, err := strconv.Atoi(cmp.Or(os.Getenv(hostilePart), "0"))
	if err != nil {
		t.Fatal(err)
	}
	for other := 1; part == 0 && other < hostileParts; other++ {
		defer runHostilePart(t, other)()
	}
	cryptotest.SetGlobalRandom(t, 1) // a key that has a piece by chance would come once in many runs
	defer log.SetOutput(log.Writer())
	log.SetOutput(io.Discard)        // as main does
	usual := debug.SetGCPercent(400) // nobody measures what it takes to load the suite, which each process does
	_, err = suite.Load(1)
	if debug.SetGCPercent(usual); err != nil {
		t.Fatal(err)
	}
	debug.FreeOSMemory() // or what was used before would hide what a row uses
	var visits atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer other.Close()
	t.Setenv("HTTP_PROXY", other.URL)
	secrets, config := plant(t)
	env, token, err := readEnvironment(t.Context(), config, nil)
	if err != nil {
		t.Fatal(err)
	}
	right, err := reference.New(reference.Options{Environment: env, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	honest := attack{name: "an honest target", serves: answers(rightly + closing + "{right}"), outcome: report.Pass}
	for i, row := range append([]attack{honest}, hostileTargets()...) {
		if i%hostileParts != part {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			row.test(t, newHostileServer(t, right, secrets, other.URL), config)
		})
	}
	if visits.Load() > 0 {
		t.Errorf("the other host was visited %d times", visits.Load())
	}
}

// runHostilePart starts the process that runs a part of the selected rows. What it
// returns waits for it, and tells how the rows ended.
func runHostilePart(t *testing.T, part int) (wait func()) {
	t.Helper()
	_, rows, _ := strings.Cut(flag.Lookup("test.run").Value.String(), "/")
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run=^TestHostile$/"+rows) // that context lasts until the deferred calls are over
	cmd.Env = append(os.Environ(), hostilePart+"="+strconv.Itoa(part))
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := cmd.Wait(); err != nil || !strings.Contains(said.String(), "--- PASS: TestHostile ") {
			t.Errorf("part %d: %v\n%s", part, err, said.String())
			return
		}
		t.Logf("part %d:\n%s", part, said.String())
	}
}

// unsynced is the disk of the process, on which nobody waits for what is written.
// What reports ask of a disk has tests of its own.
type unsynced struct{}

func (unsynced) Open(name string, flag int, perm fs.FileMode) (files.File, error) {
	file, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err // and no File that holds a nil
	}
	return unsyncedFile{file}, nil
}

func (unsynced) Rename(from, to string) error { return os.Rename(from, to) }

func (unsynced) Remove(name string) error { return os.Remove(name) }

type unsyncedFile struct{ *os.File }

func (unsyncedFile) Sync() error { return nil }

func (h attack) test(t *testing.T, s *hostileServer, config string) {
	dir, before := t.TempDir(), goroutines()
	s.begin(h.serves)
	exit, said := h.run(t, strings.Replace(cmp.Or(h.target, "http://HOST"), "HOST", s.listener.Addr().String(), 1), config, dir)
	s.end()
	for end := time.Now().Add(10 * time.Second); goroutines() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			var stacks strings.Builder
			_ = pprof.Lookup("goroutine").WriteTo(&stacks, 1)
			t.Errorf("%d goroutines, and %d before:\n%s", goroutines(), before, stacks.String())
			break
		}
	}
	artefacts := map[string]string{"terminal": said, "verify": h.verified(t, filepath.Join(dir, "json"))}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		data, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if artefacts[entry.Name()] = string(data); formats[entry.Name()] == nil {
			t.Errorf("%s is left", entry.Name())
		}
	}
	if len(entries) != len(formats) {
		t.Errorf("%d files, want %d", len(entries), len(formats))
	}
	for name, text := range artefacts {
		if secret, before := s.secrets.find(text); secret != "" {
			t.Errorf("%s shows a piece of %q: ...%q", name, secret, before)
		}
	}
	h.judged(t, exit, artefacts["json"])
}

// run runs, and returns the exit status and what is printed. A report in every
// format goes to a directory.
func (h attack) run(t *testing.T, target, config, dir string) (exit int, said string) {
	args := []string{
		"run", "--target", target, "--config", config, "--secret", "DECLARED", "--verbose",
		"--run-timeout", h.longest().String(), "--max-wait", "2s", "--run", "CreateVpnConnection/example/static",
	}
	if !h.alone {
		args = append(args, "--run", "CreateVpnConnection/Dpd.timeout.maximum/above", "--run", "CreateVpnConnection/transport/method-put")
	}
	for format := range formats {
		args = append(args, "--report", format+"="+filepath.Join(dir, format))
	}
	if h.large {
		defer debug.SetGCPercent(debug.SetGCPercent(25)) // as main has it
		debug.FreeOSMemory()                             // or what was used before would hide what is used now
	}
	var stdout, stderr strings.Builder
	grown, began := memory(), time.Now()
	exit = run(files.With(t.Context(), files.New(unsynced{})), append(args, h.args...), &stdout, &stderr)
	if took := time.Since(began); took > h.longest()+time.Second {
		t.Errorf("it took %v", took)
	}
	if bytes := grown(); bytes > mostMemory {
		t.Errorf("it took %d MiB", bytes>>20)
	}
	return exit, stdout.String() + stderr.String()
}

// verified verifies a report, which is right or says that it cannot be verified.
func (h attack) verified(t *testing.T, name string) string {
	var stdout, stderr strings.Builder
	exit := run(t.Context(), []string{"verify", name}, &stdout, &stderr)
	said := stdout.String() + stderr.String()
	if open := strings.Contains(said, "not judged again"); exit != 0 || open != h.open {
		t.Errorf("verify: exit status %d, %s", exit, said)
	}
	return said
}

// judged looks at the exit status of a run, and at the example in its report.
func (h attack) judged(t *testing.T, exit int, data string) {
	found, err := report.ReadJSON([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(found.Results, func(r report.Result) bool { return r.Case == "CreateVpnConnection/example/static" })
	if at < 0 {
		t.Fatal("the example is not there")
	}
	example := found.Results[at]
	if want, ok := exitOf[example.Outcome]; !ok || exit != int(want) || found.Verdict() != want {
		t.Errorf("%s: exit status %d, verdict %d, want %d", example.Outcome, exit, found.Verdict(), want)
	}
	if strings.Contains(example.Reason, "%!") {
		t.Errorf("the reason is one for nobody: %s", example.Reason)
	}
	var text bytes.Buffer
	fmt.Fprintln(&text, example.Reason)
	for _, d := range slices.Concat(example.Differences, example.Notes) {
		fmt.Fprintln(&text, d.Pointer, d.Want, d.Got, d.Why)
	}
	if want := cmp.Or(h.outcome, example.Outcome); example.Outcome != want || !strings.Contains(text.String(), h.says) {
		t.Errorf("%s, want %s and %q: %.2000s", example.Outcome, want, h.says, text.String())
	}
}

// exitOf has the exit statuses of run where the example ends so: none of these
// targets answers anything else to another case.
var exitOf = map[report.Outcome]report.Verdict{report.Pass: report.Conforms, report.Fail: report.Differs, report.CouldNotRun: report.Incomplete}

// memory watches how much more memory the process uses than at first, until it is
// asked.
func memory() func() int64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	use := func() int64 {
		metrics.Read(samples)
		return int64(samples[0].Value.Uint64() - samples[1].Value.Uint64())
	}
	begin, done, most := use(), make(chan struct{}), make(chan int64)
	go func() {
		var highest int64
		for {
			highest = max(highest, use()-begin)
			select {
			case <-done:
				most <- highest
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(done); return <-most }
}
