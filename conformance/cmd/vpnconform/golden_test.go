package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tree is what a folder holds: the files by their names, and folders as empty.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		found[name] = ""
		if entry.Type().IsRegular() {
			data, err := os.ReadFile(filepath.Join(dir, name))
			found[name] = string(data)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestReplaceFiles writes files, or leaves everything as it was.
func TestReplaceFiles(t *testing.T) {
	files := map[string][]byte{"a/1": []byte("new"), "b/2": []byte("new"), "c/3": []byte("new")}
	for name, row := range map[string]struct {
		folder string // that is in the way
		link   string
		want   map[string]string
		fails  string
	}{
		"all":            {"", "", map[string]string{"a": "", "a/1": "new", "a/other": "old", "b": "", "b/2": "new", "c": "", "c/3": "new"}, ""},
		"a folder":       {"c/3", "", map[string]string{"a": "", "a/1": "old", "a/other": "old", "c": "", "c/3": ""}, "DIR/c/3 is a directory"},
		"a link":         {"c", "c/3", map[string]string{"a": "", "a/1": "old", "a/other": "old", "c": "", "c/3": ""}, "DIR/c/3 is a symbolic link"},
		"a file between": {"", "", map[string]string{"a": "", "a/1": "old", "a/other": "old", "c": "file"}, "mkdir DIR/c: not a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, dir := range []string{"DIR/a", "DIR/" + row.folder} {
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			for _, file := range []string{"DIR/a/1", "DIR/a/other"} {
				if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if row.link != "" {
				if err := os.Symlink("../a/other", "DIR/"+row.link); err != nil {
					t.Fatal(err)
				}
			}
			if row.want["c"] != "" {
				if err := os.WriteFile("DIR/c", []byte(row.want["c"]), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			err := replaceFiles(t.Context(), "DIR", files)
			if (err == nil) != (row.fails == "") || err != nil && err.Error() != row.fails {
				t.Errorf("error %v, want %q", err, row.fails)
			}
			if diff := cmp.Diff(row.want, tree(t, "DIR")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
