package files_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/internal/files/filestest"
)

// failing names the variable with the disk of a process that the tests start.
const failing = "FILES_FAILING"

func TestMain(m *testing.M) {
	if text := os.Getenv(failing); text != "" {
		disk, err := filestest.Parse(text)
		if err == nil {
			err = writeBoth(disk)
		}
		if err != nil {
			panic(err) // the process has no other way to say so
		}
		return
	}
	m.Run()
}

// The contents of the files. They are longer than a buffer.
var (
	oldText = strings.Repeat("old\n", 4<<10)
	newText = strings.Repeat("new\n", 4<<10)
)

// writeBoth replaces a file and writes one that is not there.
func writeBoth(disk files.Disk) error {
	return files.New(disk).Write(files.Text("there", []byte(newText)), files.Text("other/fresh", []byte(newText)))
}

// TestFailures lets every operation fail once, in every way. Each file is the old
// one or the new one, and whole; without an error both are new. Of a process that
// was not killed, no draft stays.
func TestFailures(t *testing.T) {
	for _, operation := range filestest.Operations {
		met := 0
		for _, failure := range filestest.Failures {
			for number := 1; ; number++ {
				disk := &filestest.Disk{Operation: operation, Number: number, Failure: failure}
				if !fails(t, disk) {
					break
				}
				met++
			}
		}
		if met == 0 && operation != "read" && operation != "remove" { // nothing is read here, and nothing removed that went well
			t.Errorf("%s is never met", operation)
		}
	}
}

// fails writes to a disk, looks at what is there, and reports whether its failure
// was met.
func fails(t *testing.T, disk *filestest.Disk) (met bool) {
	t.Helper()
	t.Chdir(t.TempDir())
	prepare(t)
	var err error
	if disk.Failure == "kill" {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), failing+"="+disk.String())
		err = cmd.Run()
		var ended *exec.ExitError
		met = errors.As(err, &ended) && ended.ExitCode() == -1
		if err != nil && !met {
			t.Errorf("%v: %v", disk, err)
		}
	} else {
		err = writeBoth(disk)
		met = disk.Met()
	}
	there, _ := os.ReadFile("there")
	fresh, missing := os.ReadFile("other/fresh")
	switch {
	case string(there) != oldText && string(there) != newText:
		t.Errorf("%v: the file is torn: %d bytes", disk, len(there))
	case missing == nil && string(fresh) != newText:
		t.Errorf("%v: the fresh file is torn: %d bytes", disk, len(fresh))
	case err == nil && (missing != nil || string(there) != newText):
		t.Errorf("%v: no error, and not both are new", disk)
	case err == nil && met:
		t.Errorf("%v: no error", disk)
	}
	if disk.Failure != "kill" {
		wantNoDraft(t, disk)
	}
	return met
}

func prepare(t *testing.T) {
	t.Helper()
	if err := os.WriteFile("there", []byte(oldText), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("other", 0o700); err != nil {
		t.Fatal(err)
	}
}

func wantNoDraft(t *testing.T, when any) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && files.IsDraft(name) {
			t.Errorf("%v: %s stays", when, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWriterFails has a content that cannot be written: the old file stays.
func TestWriterFails(t *testing.T) {
	t.Chdir(t.TempDir())
	prepare(t)
	broken := errors.New("broken")
	err := files.New(nil).Write(files.Output{Name: "there", Write: func(w io.Writer) error {
		_, _ = io.WriteString(w, newText)
		return broken
	}})
	if there, _ := os.ReadFile("there"); !errors.Is(err, broken) || string(there) != oldText {
		t.Errorf("%v, %d bytes", err, len(there))
	}
	wantNoDraft(t, "a writer that fails")
}

// TestAbandon removes a draft while it is written, as a process does that ends.
func TestAbandon(t *testing.T) {
	t.Chdir(t.TempDir())
	prepare(t)
	s := files.New(nil)
	err := s.Write(files.Output{Name: "there", Write: func(w io.Writer) error {
		s.Abandon()
		wantNoDraft(t, "abandoned")
		_, err := io.WriteString(w, newText)
		return err
	}})
	if there, _ := os.ReadFile("there"); err == nil || string(there) != oldText {
		t.Errorf("%v, %d bytes", err, len(there))
	}
	if err := s.Check("other/fresh"); err == nil {
		t.Error("a store that is abandoned takes a file")
	}
	wantNoDraft(t, "abandoned")
}

// TestSame lists names of one file.
func TestSame(t *testing.T) {
	t.Chdir(t.TempDir())
	prepare(t)
	if err := os.Mkdir("other/sub", 0o700); err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{"link": "there", "folder": "other", "dangling": "nothing", "deep": "other/sub"} {
		if err := os.Symlink(to, from); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Link("there", "hard"); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"there", "./there", true},
		{"there", "link", true},
		{"there", "hard", true},
		{"other/fresh", "folder/fresh", true},
		{"other/../fresh", "fresh", true},
		{"deep/../fresh", "other/fresh", true}, // above where the link leads
		{"deep/../fresh", "fresh", false},
		{"other/fresh", "fresh", false},
		{"there", "fresh", false},
		{"none/fresh", "other/fresh", false},
	} {
		if got := files.Same(row.a, row.b); got != row.want || files.Same(row.b, row.a) != row.want {
			t.Errorf("%s and %s: %t, want %t", row.a, row.b, got, row.want)
		}
	}
}

// TestRefused lists what is never written to.
func TestRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	prepare(t)
	if err := os.Symlink("there", "link"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"link":       "link is a symbolic link",
		"other":      "other is a directory",
		"/dev/null":  "/dev/null is no regular file",
		"none/fresh": "open none/fresh: no such file or directory",
	} {
		s := files.New(nil)
		if err := s.Check(name); err == nil || err.Error() != want {
			t.Errorf("Check: %v, want %s", err, want)
		}
		if err := s.Write(files.Text(name, nil)); err == nil || err.Error() != want {
			t.Errorf("Write: %v, want %s", err, want)
		}
	}
	if err := files.New(nil).Check(strings.Repeat("n", 255)); err != nil {
		t.Errorf("a name as long as one can be: %v", err)
	}
	wantNoDraft(t, "refused")
}

// TestRead reads what has an end and what has none.
func TestRead(t *testing.T) {
	t.Chdir(t.TempDir())
	prepare(t)
	if err := os.WriteFile("larger", make([]byte, 1<<20+1), 0o600); err != nil {
		t.Fatal(err)
	}
	s := files.New(nil)
	for name, want := range map[string]string{
		"there":     "",
		"larger":    "larger: more than 1 MiB",
		"none":      "open none: no such file or directory",
		"/dev/zero": "/dev/zero: more than 1 MiB",
		"other":     "read other: is a directory",
	} {
		data, err := s.Read(t.Context(), name, 1<<20)
		if want == "" && (err != nil || string(data) != oldText) || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if err := os.Truncate("larger", 1<<20); err != nil {
		t.Fatal(err)
	}
	if data, err := s.Read(t.Context(), "larger", 1<<20); err != nil || len(data) != 1<<20 {
		t.Errorf("as large as may be: %d bytes, %v", len(data), err)
	}
	for _, operation := range []string{"open", "read", "close"} {
		disk := &filestest.Disk{Operation: operation, Number: 1, Failure: "error"}
		if _, err := files.New(disk).Read(t.Context(), "there", 1<<20); err == nil {
			t.Errorf("%v: no error", disk)
		}
	}
}

// endless never ends to be opened, as a pipe whose other end nobody opens.
type endless struct{ files.Disk }

func (endless) Open(string, int, fs.FileMode) (files.File, error) { select {} }

// TestReadInterrupted ends while a file is opened.
func TestReadInterrupted(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := files.New(endless{}).Read(ctx, "pipe", 1); !errors.Is(err, files.ErrInterrupted) || err.Error() != "pipe: interrupted" {
		t.Errorf("%v", err)
	}
}
