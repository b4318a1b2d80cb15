package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// The sizes up to which files are read, in bytes. A device has no end.
const (
	mostOfText   = 16 << 20
	mostOfReport = 512 << 20
)

// readFile reads a file of at most so many bytes.
func readFile(name string, most int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // nothing was written
	var data bytes.Buffer
	if info, err := file.Stat(); err == nil && info.Size() < most {
		data.Grow(int(info.Size()) + bytes.MinRead) // so that it does not grow while it is read
	}
	_, err = data.ReadFrom(io.LimitReader(file, most+1))
	if err == nil && int64(data.Len()) > most {
		err = fmt.Errorf("%s: more than %d MiB", name, most>>20)
	}
	return data.Bytes(), err
}

// replaceFile writes a file whole or not at all.
func replaceFile(name string, data []byte) error {
	draft, err := newDraft(name)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(draft.Name()) }() // it may be renamed
	if _, err := draft.Write(data); err != nil {
		return errors.Join(err, draft.Close())
	}
	return publish(draft, name)
}

// sameFile tells whether a file that is there is the one of another name, which
// may not be there.
func sameFile(there, other string) (bool, error) {
	a, err := os.Stat(there)
	if err != nil {
		return false, err
	}
	b, err := os.Stat(other)
	return err == nil && os.SameFile(a, b), nil
}

// newDraft opens a file beside one that is to be written whole or not at all.
func newDraft(name string) (*os.File, error) {
	return os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
}

// publish closes a draft that is whole and gives it its name.
func publish(draft *os.File, name string) error {
	if err := finish(draft, name); err != nil {
		return err
	}
	return os.Rename(draft.Name(), name)
}

// finish closes a draft that is whole.
func finish(draft *os.File, name string) error {
	if err := errors.Join(draft.Chmod(0o644), draft.Close()); err != nil { // that of a draft is 0600
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// replaceFiles writes files below a folder, by their names with slashes. No file
// is touched before every one is on the disk.
func replaceFiles(dir string, files map[string][]byte) error {
	drafts := map[string]string{} // by the file that it becomes
	defer func() {
		for _, draft := range drafts {
			_ = os.Remove(draft)               // it may be renamed
			_ = os.Remove(filepath.Dir(draft)) // which stays if it has a file
		}
	}()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if info, err := os.Lstat(file); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s is no file", file)
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return err
		}
		draft, err := newDraft(file)
		if err != nil {
			return err
		}
		drafts[file] = draft.Name()
		if _, err := draft.Write(files[name]); err != nil {
			return errors.Join(err, draft.Close())
		}
		if err := finish(draft, file); err != nil {
			return err
		}
	}
	for _, file := range slices.Sorted(maps.Keys(drafts)) {
		if err := os.Rename(drafts[file], file); err != nil {
			return err
		}
	}
	return nil
}
