// Package filestest has a disk that fails once, for tests of what becomes of
// files then.
package filestest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
)

// Operations are those of a disk that can fail.
var Operations = []string{"open", "read", "write", "chmod", "sync", "close", "rename", "remove"}

// Failures are the ways in which they fail. A short write is one of half the
// bytes without an error; of another operation it is as error.
var Failures = []string{"error", "short", "full", "kill"}

// Disk is a disk of which one operation fails once.
type Disk struct {
	Operation string
	Number    int    // of that operation, from 1
	Failure   string // one of Failures

	mu   sync.Mutex
	seen int
	met  bool
}

// Parse reads a disk as String writes it: write 2 kill.
func Parse(text string) (*Disk, error) {
	words := strings.Fields(text)
	if len(words) != 3 {
		return nil, fmt.Errorf("want an operation, a number and a failure, got %q", text)
	}
	number, err := strconv.Atoi(words[1])
	return &Disk{Operation: words[0], Number: number, Failure: words[2]}, err
}

func (d *Disk) String() string { return fmt.Sprintf("%s %d %s", d.Operation, d.Number, d.Failure) }

// Met reports whether the operation was met that fails.
func (d *Disk) Met() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.met
}

// fails returns the failure of an operation; empty if it does not fail.
func (d *Disk) fails(operation string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if operation != d.Operation {
		return ""
	}
	if d.seen++; d.seen != d.Number {
		return ""
	}
	d.met = true
	return d.Failure
}

// fail does what a failure does, and returns its error.
func fail(failure string) error {
	switch failure {
	case "":
		return nil
	case "full":
		return syscall.ENOSPC
	case "kill":
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err == nil {
			select {} // it comes at once
		}
		return err
	}
	return syscall.EIO
}

// Open opens a file, whose operations may fail.
func (d *Disk) Open(name string, flag int, perm fs.FileMode) (files.File, error) {
	if err := fail(d.fails("open")); err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &file{d, f}, nil
}

// Rename renames a file.
func (d *Disk) Rename(from, to string) error {
	if err := fail(d.fails("rename")); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// Remove removes a file. One that fails removes it all the same: there is no
// other way to get rid of it.
func (d *Disk) Remove(name string) error {
	return errors.Join(fail(d.fails("remove")), os.Remove(name))
}

type file struct {
	disk *Disk
	*os.File
}

func (f *file) Read(p []byte) (int, error) {
	if err := fail(f.disk.fails("read")); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *file) Write(p []byte) (int, error) {
	failure := f.disk.fails("write")
	if failure == "" {
		return f.File.Write(p)
	}
	n, err := f.File.Write(p[:len(p)/2])
	if err == nil && failure != "short" {
		err = fail(failure)
	}
	return n, err
}

func (f *file) Chmod(mode fs.FileMode) error {
	return errors.Join(fail(f.disk.fails("chmod")), f.File.Chmod(mode))
}

func (f *file) Sync() error {
	return errors.Join(fail(f.disk.fails("sync")), f.File.Sync())
}

func (f *file) Close() error {
	failure := f.disk.fails("close")
	return errors.Join(fail(failure), f.File.Close())
}
