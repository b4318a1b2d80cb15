package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// TestReportFiles lists what may be wrong with the file of a report.
func TestReportFiles(t *testing.T) {
	for name, row := range map[string]struct {
		reports []string
		want    string // on stderr; empty when the report is written
	}{
		"no directory":       {[]string{"json=none/r.json"}, "--report: open none/"},
		"directory":          {[]string{"json=dir"}, "--report: dir is a directory"},
		"file for directory": {[]string{"json=old.json/r.json"}, "--report: "},
		"device":             {[]string{"json=full"}, "--report: full is a symbolic link"},
		"link":               {[]string{"json=link"}, "--report: link is a symbolic link"},
		"twice":              {[]string{"json=r.json", "json=./r.json"}, "--report: two reports go to ./r.json"},
		"twice, linked":      {[]string{"json=dir/r", "html=link-to-dir/r"}, "--report: two reports go to link-to-dir/r"},
		"twice, hard link":   {[]string{"json=old.json", "html=hard"}, "--report: two reports go to hard"},
		"pipe":               {[]string{"json=pipe"}, "--report: pipe is no regular file"},
		"in place of input":  {[]string{"json=patterns"}, "--report: patterns is to be read, and a report cannot take its place"},
		"no format":          {[]string{"r.json"}, `--report "r.json": want FORMAT=FILE, with a FORMAT of github, har, html, json, junit, md, tap, text`},
		"unknown format":     {[]string{"xml=r.xml"}, `--report "xml=r.xml": want FORMAT=FILE, with `},
		"no name":            {[]string{"json="}, `--report "json=": want FORMAT=FILE, with `},
		"sealed directory":   {[]string{"json=sealed/r.json"}, "--report: open sealed/"},
		"second is wrong":    {[]string{"json=r.json", "json=dir"}, "--report: dir is a directory"},
		"already there":      {[]string{"json=old.json"}, ""},
		"two":                {[]string{"json=r.json", "json=old.json"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "sealed directory" && os.Geteuid() == 0 {
				t.Skip("root writes anywhere; see the row: file for directory")
			}
			t.Chdir(t.TempDir())
			old := strings.Repeat("old", 1<<20)
			if err := os.WriteFile("old.json", []byte(old), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir("dir", 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir("sealed", 0o500); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("/dev/full", "full"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("old.json", "link"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("dir", "link-to-dir"); err != nil {
				t.Fatal(err)
			}
			if err := os.Link("old.json", "hard"); err != nil {
				t.Fatal(err)
			}
			makePipe(t, "pipe")
			if err := os.WriteFile("patterns", []byte("example"), 0o600); err != nil {
				t.Fatal(err)
			}
			args := []string{"run", "--run", "@patterns"}
			for _, value := range row.reports {
				args = append(args, "--report", value)
			}
			code, out, errs := command(t, nil, args...)
			if row.want != "" {
				kept, err := os.ReadFile("old.json")
				if code != exitUsage || out != "" || !strings.HasPrefix(errs, "vpnconform: "+row.want) || err != nil || string(kept) != old {
					t.Errorf("exit status %d, want %d; stdout %q; stderr %s", code, exitUsage, out, errs)
				}
			} else {
				for _, value := range row.reports {
					wantWritten(t, strings.TrimPrefix(value, "json="))
				}
				if code != 0 || strings.Contains(errs, "vpnconform: ") {
					t.Errorf("exit status %d: %s", code, errs)
				}
			}
			wantNoDrafts(t)
		})
	}
}

// wantNoDrafts wants no draft of a file in the working directory and below.
func wantNoDrafts(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(".", func(name string, _ fs.DirEntry, err error) error {
		if files.IsDraft(name) {
			t.Errorf("%s stays", name)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
}

func wantWritten(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil || !json.Valid(data) || !bytes.Contains(data, []byte(`"exit": 0`)) {
		t.Errorf("%s: %v, %.100q", file, err, data)
	}
}

// TestReportCannotBeWritten takes the directory away while the run goes on: the
// text is there, the exit status is that of a failure around the kit.
func TestReportCannotBeWritten(t *testing.T) {
	t.Chdir(t.TempDir())
	healthy, err := reference.New(reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("dir", 0o700); err != nil {
		t.Fatal(err)
	}
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = os.RemoveAll("dir")
		healthy.ServeHTTP(w, r)
	}))
	code, out, errs := command(t, nil, "run", "--target", target, "--run", "example", "--report", "json=dir/r.json")
	if code != int(report.Mistaken) || !strings.Contains(out, "3 cases: 3 pass, ") || !strings.HasPrefix(errs, "vpnconform: ") {
		t.Errorf("exit status %d\n%s\nstderr %s", code, out, errs)
	}
}
