package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestReproducible builds both commands as a release does, from two copies of
// the checkout, and compares the programs byte by byte.
//
// The second build has an empty cache. With a common one it would take the
// packages that the first build compiled, since -trimpath keeps the directory
// out of the cache's keys, and nothing would be compared but the linker.
func TestReproducible(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles everything, the standard library too")
	}
	first := buildCopy(t, filepath.Join(t.TempDir(), "a"))
	second := buildCopy(t, filepath.Join(t.TempDir(), "another", "directory"), "GOCACHE="+t.TempDir())
	for _, name := range []string{"vpnconform", "vpngen"} {
		a, b := first[name], second[name]
		if len(a) == 0 {
			t.Errorf("%s was not built", name)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s: %d and %d bytes, which differ from byte %d on", name, len(a), len(b), common(a, b))
		}
	}
}

// buildCopy copies the checkout into a directory, builds both commands there and
// returns their bytes by name.
func buildCopy(t *testing.T, dir string, env ...string) map[string][]byte {
	t.Helper()
	copyCheckout(t, dir)
	out := t.TempDir()
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", out+string(filepath.Separator),
		"./conformance/cmd/vpnconform", "./generator/cmd/vpngen")
	build.Dir = dir
	build.Env = append(append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64"), env...)
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", dir, err, text)
	}
	programs := map[string][]byte{}
	for _, name := range []string{"vpnconform", "vpngen"} {
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			t.Fatal(err)
		}
		programs[name] = data
	}
	return programs
}

// copyCheckout copies what a build may read: all but hidden directories and what
// make writes.
func copyCheckout(t *testing.T, dir string) {
	t.Helper()
	root := repository(t)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		switch {
		case name == ".":
			return os.MkdirAll(dir, 0o755)
		case entry.IsDir() && (strings.HasPrefix(name, ".") || slices.Contains([]string{"bin", "dist"}, name)):
			return filepath.SkipDir
		case entry.IsDir():
			return os.Mkdir(filepath.Join(dir, name), 0o755)
		case !entry.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, name), data, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// common returns how many bytes two texts have in common at the beginning.
func common(a, b []byte) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}
