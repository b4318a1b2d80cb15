package files

import (
	"io"
	"io/fs"
	"os"
)

// Disk is what the package asks of a file system. Errors are those of package
// os.
type Disk interface {
	// Open opens a file as os.OpenFile does.
	Open(name string, flag int, perm fs.FileMode) (File, error)
	// Rename renames a file, in the place of another if there is one.
	Rename(from, to string) error
	// Remove removes a file.
	Remove(name string) error
}

// File is an open file.
type File interface {
	io.ReadWriteCloser
	// Chmod sets the permissions.
	Chmod(fs.FileMode) error
	// Sync waits until what was written is on the disk.
	Sync() error
}

// system is the file system of the process.
type system struct{}

func (system) Open(name string, flag int, perm fs.FileMode) (File, error) {
	file, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err // and no File that holds a nil
	}
	return file, nil
}

func (system) Rename(from, to string) error { return os.Rename(from, to) }

func (system) Remove(name string) error { return os.Remove(name) }
