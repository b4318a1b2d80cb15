package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/internal/files/filestest"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// failing names the variable with the disk of mainFailing.
const failing = "VPNCONFORM_TESTS_FAILING"

// mainFailing is main on a disk that fails once.
func mainFailing() {
	disk, err := filestest.Parse(os.Getenv(failing))
	if err != nil {
		os.Exit(exitUsage)
	}
	os.Exit(run(files.With(context.Background(), files.New(disk)), os.Args[1:], os.Stdout, os.Stderr))
}

// TestDiskFails lets every operation on a disk fail once, in every way, while
// commands read and write: each file is the old one or the new one, and the exit
// status says that something failed. 2: a file could not be read, or not be
// written before anything was sent; 4: not written afterwards.
func TestDiskFails(t *testing.T) {
	found := filepath.Join(t.TempDir(), "r.json")
	if code, out, errs := command(t, nil, "run", "--run", "example", "--report", "json="+found); code != 0 {
		t.Fatalf("%d %s %s", code, out, errs)
	}
	healthy, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	broken := serve(t, lower(healthy))
	for name, row := range map[string]struct {
		args   []string
		writes []string // beginning with one that is there
		kill   bool     // also by a process of its own, which takes long for some
		code   int      // if nothing fails
	}{
		"report":   {[]string{"report", found, "--format", "tap", "-o", "old"}, []string{"old"}, true, 0},
		"run":      {[]string{"run", "-q", "--run", "example", "--known-failing", "known.yaml", "--report", "md=old", "--report", "tap=new"}, []string{"old", "new"}, false, 0},
		"compare":  {[]string{"compare", found, found, "--report", "md=old"}, []string{"old"}, false, 0},
		"record":   {[]string{"record", "--run", "example", "--golden", "golden"}, []string{"golden/CreateVpnConnection/example/static.json", "golden/CreateVpnConnection/example/bgp.json", "golden/CreateVpnConnection/example/policy.json"}, false, 0},
		"update":   {[]string{"run", "-q", "--run", "example", "--golden", "golden", "--update", "--target", broken, "--allow-failing"}, []string{"golden/CreateVpnConnection/example/static.json"}, false, 1},
		"baseline": {[]string{"baseline", "--file", "known.yaml", "--reason", "r", "--target", broken, "--run", "example"}, []string{"known.yaml"}, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			d := diskCase{args: row.args, writes: row.writes, code: row.code}
			d.prepare(t)
			if code, errs := d.run(t, files.New(nil)); code != row.code {
				t.Fatalf("without a failure: exit status %d, %s", code, errs)
			}
			for _, name := range row.writes {
				d.done = append(d.done, content(name))
			}
			for _, operation := range filestest.Operations {
				for _, failure := range filestest.Failures {
					if failure == "kill" && !row.kill || testing.Short() && (failure == "error" || failure == "full") {
						continue // a short write is an error of any other operation
					}
					for number := 1; d.fails(t, &filestest.Disk{Operation: operation, Number: number, Failure: failure}); number++ {
					}
				}
			}
		})
	}
}

// diskCase is a command that is run on a disk that fails.
type diskCase struct {
	args   []string
	writes []string
	code   int      // if nothing fails
	done   []string // contents of the files that it writes
}

const oldContent = "[]\n"

// prepare writes the files that are there before, and nothing else is: who was
// killed leaves a draft.
func (d *diskCase) prepare(t *testing.T) {
	t.Helper()
	stale, err := filepath.Glob(".*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(stale, "golden", "new") {
		if err := os.RemoveAll(name); err != nil {
			t.Fatal(err)
		}
	}
	texts := map[string]string{"old": oldContent, "known.yaml": oldContent}
	if d.args[0] == "record" || slices.Contains(d.args, "--update") {
		texts["golden/CreateVpnConnection/example/static.json"] = `{"case":"CreateVpnConnection/example/static","status":201,"content_type":"","text":"old"}`
	}
	for name, text := range texts {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs the command in this process.
func (d *diskCase) run(t *testing.T, store *files.Store) (int, string) {
	t.Helper()
	var out, errs bytes.Buffer
	code := run(files.With(t.Context(), store), d.args, &out, &errs)
	return code, out.String() + errs.String()
}

// fails runs the command on a disk, looks at what is there, and reports whether
// its failure was met.
func (d *diskCase) fails(t *testing.T, disk *filestest.Disk) bool {
	t.Helper()
	d.prepare(t)
	before := make([]string, len(d.writes))
	for i, name := range d.writes {
		before[i] = content(name)
	}
	met := false
	if disk.Failure == "kill" {
		cmd := exec.CommandContext(t.Context(), "vpnconform-failing", d.args...)
		cmd.Env = append(os.Environ(), failing+"="+disk.String())
		var ended *exec.ExitError
		met = errors.As(cmd.Run(), &ended) && ended.ExitCode() == -1
	} else {
		code, said := d.run(t, files.New(disk))
		if met = disk.Met(); met && code != exitUsage && code != int(report.Mistaken) || !met && code != d.code {
			t.Errorf("%v: exit status %d\n%s", disk, code, said)
		}
		wantNoDrafts(t)
	}
	for i, name := range d.writes {
		if is := content(name); is != before[i] && !sameBut(is, d.done[i]) {
			t.Errorf("%v: %s is neither the old file nor the new one: %.200q", disk, name, is)
		}
	}
	return met
}

// content is that of a file, empty for none.
func content(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(data)
}

// sameBut reports whether two texts are the same but for the ports of servers.
func sameBut(a, b string) bool {
	return loopback.ReplaceAllString(a, "PORT") == loopback.ReplaceAllString(b, "PORT")
}
