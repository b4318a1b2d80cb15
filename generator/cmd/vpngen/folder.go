package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pmezard/go-difflib/difflib"

	"github.com/vpnconform/vpnconform/generator"
)

// folder is the output directory and the Go files in it.
type folder struct {
	path  string
	files map[string][]byte
}

// change is a difference between the directory and the generated files. A nil content stands for no file.
type change struct {
	name     string
	old, new []byte
}

// readFolder reads the Go files of a directory that may not exist yet.
func readFolder(path string) (*folder, error) {
	f := &folder{path: path, files: map[string][]byte{}}
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if entry.IsDir() || !strings.HasSuffix(entry.Name(), ".go") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(path, entry.Name()))
		if err != nil {
			return nil, err
		}
		f.files[entry.Name()] = content
	}
	return f, nil
}

// packageName returns the package of the Go files, or the name of the directory.
func (f *folder) packageName() (string, error) {
	found := map[string]string{}
	for name, content := range f.files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		tree, err := parser.ParseFile(token.NewFileSet(), name, content, parser.PackageClauseOnly)
		if err != nil {
			continue // the compiler will report it
		}
		found[tree.Name.Name] = name
	}
	if len(found) > 1 {
		return "", fmt.Errorf("%s has files of several packages; choose one with --package", f.path)
	}
	for name := range found {
		return name, nil
	}
	path, err := filepath.Abs(f.path)
	if err != nil {
		return "", err
	}
	name := filepath.Base(path)
	if !token.IsIdentifier(name) {
		return "", fmt.Errorf("the name of the directory %s is not a package name; choose one with --package", name)
	}
	return name, nil
}

// compare returns the changes, sorted by name, after which the directory has the generated files and no older ones.
func (f *folder) compare(files []generator.File) []change {
	var changes []change
	wanted := map[string]bool{}
	for _, file := range files {
		wanted[file.Name] = true
		if old, ok := f.files[file.Name]; !ok || !bytes.Equal(old, file.Content) {
			changes = append(changes, change{file.Name, old, file.Content})
		}
	}
	for name, content := range f.files {
		if strings.HasSuffix(name, ".gen.go") && !wanted[name] && generator.Generated(content) {
			changes = append(changes, change{name, content, nil})
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return strings.Compare(a.name, b.name) })
	return changes
}

// list prints the names of the files that differ.
func list(stdout io.Writer, changes []change) error {
	for _, c := range changes {
		what := "differs"
		switch {
		case c.old == nil:
			what = "missing"
		case c.new == nil:
			what = "should not be there"
		}
		if _, err := fmt.Fprintf(stdout, "%s: %s\n", c.name, what); err != nil {
			return err
		}
	}
	return differs(changes)
}

// diff prints the changes as a patch.
func diff(stdout io.Writer, changes []change) error {
	for _, c := range changes {
		patch := difflib.UnifiedDiff{A: lines(c.old), B: lines(c.new), FromFile: "a/" + c.name, ToFile: "b/" + c.name, Context: 3}
		if c.old == nil {
			patch.FromFile = "/dev/null"
		}
		if c.new == nil {
			patch.ToFile = "/dev/null"
		}
		if err := difflib.WriteUnifiedDiff(stdout, patch); err != nil {
			return err
		}
	}
	return differs(changes)
}

func lines(content []byte) []string { return slices.Collect(strings.Lines(string(content))) }

func differs(changes []change) error {
	if len(changes) > 0 {
		return errDiffers
	}
	return nil
}

// write makes the changes. No file is replaced or removed before every new content is on the disk, so that a full disk
// leaves the old package whole.
func (f *folder) write(changes []change) error {
	for _, c := range changes {
		if c.old != nil && !generator.Generated(c.old) {
			return fmt.Errorf("%s was not written by vpngen and is not overwritten", filepath.Join(f.path, c.name))
		}
	}
	if err := os.MkdirAll(f.path, 0o777); err != nil {
		return err
	}
	temporary := map[string]string{}
	defer func() {
		for _, path := range temporary {
			_ = os.Remove(path) // one is left only after a failure
		}
	}()
	for _, c := range changes {
		if c.new == nil {
			continue
		}
		path, err := f.writeTemporary(c)
		if err != nil {
			return err
		}
		temporary[c.name] = path
	}
	for _, c := range changes {
		path, target := temporary[c.name], filepath.Join(f.path, c.name)
		var err error
		if c.new == nil {
			err = os.Remove(target)
		} else if err = os.Rename(path, target); err == nil {
			delete(temporary, c.name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeTemporary writes a new content beside its target and returns its path.
func (f *folder) writeTemporary(c change) (path string, err error) {
	file, err := os.CreateTemp(f.path, "."+c.name+".*")
	if err != nil {
		return "", err
	}
	_, err = file.Write(c.new)
	err = errors.Join(err, file.Chmod(0o644), file.Close())
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return file.Name(), err
}
