package files

import (
	"io"
	"io/fs"
	"os"
)

// Disk is what the package asks of a file system. Errors are those of package
// os.
type Disk interface {
	Open(name string, flag int, perm fs.FileMode) (File, error)
	Rename(from, to string) error
	Remove(name string) error
}

// File is an open file.
type File interface {
	io.ReadWriteCloser
	Chmod(fs.FileMode) error
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
