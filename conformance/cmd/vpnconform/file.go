package main

import (
	"fmt"
	"io"
	"os"
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
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && int64(len(data)) > most {
		err = fmt.Errorf("%s: more than %d MiB", name, most>>20)
	}
	return data, err
}
