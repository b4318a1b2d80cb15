//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

func makePipe(t *testing.T, name string) {
	t.Helper()
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
}

// start starts the program in the working directory.
func start(t *testing.T, stdout io.Writer, args ...string) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	cmd, stderr = exec.CommandContext(t.Context(), "vpnconform", args...), &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stderr
}

// ending waits for a program and returns its exit status.
func ending(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		t.Error(err)
	}
	return cmd.ProcessState.ExitCode()
}

// signalled sends a signal and returns the exit status and the time until then.
func signalled(t *testing.T, cmd *exec.Cmd, s os.Signal) (code int, took time.Duration) {
	t.Helper()
	begun := time.Now()
	if err := cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
	code = ending(t, cmd)
	return code, time.Since(begun)
}

// busy keeps a program at work from the first signal on: it does not look at its
// context while it waits for a pipe to be written to.
func busy(t *testing.T, stdout io.Writer) (cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	asked := make(chan struct{}, 1)
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case asked <- struct{}{}:
		default:
		}
		w.WriteHeader(http.StatusTeapot)
	}))
	cmd, stderr = start(t, stdout, "run", "--target", target, "--run", "example", "--verbose", "--report", "json=r.json")
	<-asked
	return cmd, stderr
}

// TestSecondSignal ends a program whose text nobody reads: it waits for the
// terminal, and the first signal is not heard there. The report is there.
func TestSecondSignal(t *testing.T) {
	for first, second := range map[syscall.Signal]syscall.Signal{syscall.SIGINT: syscall.SIGINT, syscall.SIGTERM: syscall.SIGHUP} {
		t.Chdir(t.TempDir())
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		fill(t, writer)
		cmd, stderr := busy(t, writer)
		until(t, "the report", func() bool { _, err := os.Stat("r.json"); return err == nil })
		if err := cmd.Process.Signal(first); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond) // two signals of a kind at once are one
		code, took := signalled(t, cmd, second)
		if code != 128+int(second) || took > time.Second {
			t.Errorf("%v: exit status %d after %v, %s", second, code, took, stderr)
		}
		wantReadable(t, "r.json", report.Differs)
		wantNoDrafts(t)
		_, _ = reader.Close(), writer.Close()
	}
}

// fill fills a pipe, so that writing to it waits for who reads it.
func fill(t *testing.T, pipe *os.File) {
	t.Helper()
	if err := pipe.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := pipe.Write(make([]byte, 4096)); err != nil {
			break
		}
	}
	if err := syscall.SetNonblock(int(pipe.Fd()), false); err != nil { // which the program shares
		t.Fatal(err)
	}
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("there is no end of waiting for %s", what)
		}
	}
}

func wantReadable(t *testing.T, name string, verdict report.Verdict) {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	found, err := report.ReadJSON(data)
	if err != nil || found.Verdict() != verdict {
		t.Errorf("%v; want a report of verdict %d", err, verdict)
	}
}

// TestClosedPipe runs programs whose text nobody reads: it costs the text alone.
func TestClosedPipe(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, row := range []struct {
		code int
		args []string
	}{
		{0, []string{"run", "--run", "example", "--report", "json=r.json", "--report", "md=r.md"}},
		{0, []string{"report", "r.json"}},
		{0, []string{"compare", "r.json", "r.json", "--report", "json=c.json"}},
		{0, []string{"record", "--golden", "golden", "--run", "example"}},
		{0, []string{"list"}},
		{2, []string{"walk"}},
	} {
		reader, writer, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		_ = reader.Close()
		cmd := exec.CommandContext(t.Context(), "vpnconform", row.args...)
		cmd.Stdout, cmd.Stderr = writer, writer
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if code := ending(t, cmd); code != row.code {
			t.Errorf("%q: exit status %d, want %d", row.args, code, row.code)
		}
		_ = writer.Close()
	}
	wantReadable(t, "r.json", report.Conforms)
	for _, name := range []string{"r.md", "c.json", "golden/CreateVpnConnection/example/static.json"} {
		if info, err := os.Stat(name); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// inputs are the command lines that read a file.
var inputs = [][]string{
	{"run", "--config", "pipe"}, {"run", "--known-failing", "pipe"}, {"run", "--run", "@pipe"}, {"run", "--skip", "@pipe"},
	{"list", "--run", "@pipe"}, {"serve", "--config", "pipe", "--listen", "127.0.0.1:0"}, {"baseline", "--file", "pipe", "--reason", "r"},
	{"report", "pipe"}, {"verify", "pipe"}, {"merge", "pipe"}, {"compare", "pipe", "pipe"}, {"replay", "pipe", "CreateVpnConnection/example/static"},
	{"explain", "--config", "pipe", "CreateVpnConnection/example/static"}, {"record", "--golden", "golden", "--config", "pipe"},
	{"lint", "--document", "pipe"}, {"rules", "--document", "pipe"}, {"compare", "--target", "http://h", "--target", "http://h", "--config", "pipe"},
}

// TestSilentPipes waits for a pipe to which nobody writes: opened by none, or
// opened and silent. The first signal ends it.
func TestSilentPipes(t *testing.T) {
	t.Chdir(t.TempDir())
	makePipe(t, "pipe")
	for i, args := range inputs {
		cmd, stderr := start(t, nil, args...)
		var writer *os.File
		if i == 0 {
			time.Sleep(2 * time.Second) // until it waits for somebody to open the pipe, which nothing shows
		} else {
			until(t, "a reader", func() (read bool) {
				var err error
				writer, err = os.OpenFile("pipe", os.O_WRONLY|syscall.O_NONBLOCK, 0)
				return err == nil
			})
		}
		code, took := signalled(t, cmd, syscall.SIGINT)
		if want := "vpnconform: pipe: interrupted\n"; code != int(report.Incomplete) || took > time.Second || stderr.String() != want {
			t.Errorf("%q: exit status %d after %v, %q", args, code, took, stderr)
		}
		_ = writer.Close()
	}
}

// examplesOf makes a directory of a document's examples whose requests are links to
// a file.
func examplesOf(t *testing.T, document, dir, file string) (args []string) {
	t.Helper()
	doc, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range doc.Examples(doc.Operations()[0]) {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(file, filepath.Join(dir, name, "request.json")); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"list", "--document", document, "--examples", dir}
}

// TestPipeAmongExamples waits for a pipe in a directory, and reads no more of a
// file in it than one can have.
func TestPipeAmongExamples(t *testing.T) {
	document := filepath.Join(repository(t), "openapi/vpn.yaml")
	t.Chdir(t.TempDir())
	makePipe(t, "pipe")
	pipe, err := filepath.Abs("pipe")
	if err != nil {
		t.Fatal(err)
	}
	cmd, stderr := start(t, nil, examplesOf(t, document, "silent", pipe)...)
	var writer *os.File
	until(t, "a reader", func() (read bool) {
		writer, err = os.OpenFile("pipe", os.O_WRONLY|syscall.O_NONBLOCK, 0)
		return err == nil
	})
	code, took := signalled(t, cmd, syscall.SIGINT)
	if code != int(report.Incomplete) || took > time.Second || !strings.HasSuffix(stderr.String(), "/request.json: interrupted\n") {
		t.Errorf("exit status %d after %v, %q", code, took, stderr)
	}
	_ = writer.Close()
	if code, _, errs := command(t, nil, examplesOf(t, document, "endless", "/dev/zero")...); code != exitUsage || !strings.HasSuffix(errs, "/request.json: more than 16 MiB\n") {
		t.Errorf("exit status %d, %q", code, errs)
	}
}

// TestPipes reads a pipe as if it were a file.
func TestPipes(t *testing.T) {
	t.Chdir(t.TempDir())
	makePipe(t, "pipe")
	for _, row := range []struct {
		args    []string
		content string
		code    int
		errs    string
	}{
		{[]string{"list", "--run", "@pipe"}, "CreateVpnConnection/example/static\n", 0, ""},
		{[]string{"run", "--known-failing", "pipe", "--run", "example"}, "[]", 0, ""},
		{[]string{"run", "--config", "pipe"}, "token_env: []\n", exitUsage, "vpnconform: pipe:1:12: /token_env: want a text, got a list\n"},
		{[]string{"report", "pipe"}, "{}", exitUsage, "vpnconform: pipe: the format is \"\", want \"vpnconform report 2\"\n"},
	} {
		go func() { _ = os.WriteFile("pipe", []byte(row.content), 0) }()
		code, _, errs := command(t, nil, row.args...)
		if code != row.code || errs != row.errs && !strings.HasPrefix(errs, "seed") {
			t.Errorf("%q: exit status %d, %q", row.args, code, errs)
		}
	}
}
