package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrInterrupted says that the context ended before a file was read.
var ErrInterrupted = errors.New("interrupted")

// Read reads a file of at most so many bytes. Opening a named pipe waits for its
// other end, and reading a terminal for its user: neither can be cut short, so
// that both go on alone when ctx ends.
func (s *Store) Read(ctx context.Context, name string, most int64) ([]byte, error) {
	type content struct {
		data []byte
		err  error
	}
	done := make(chan content, 1)
	go func() {
		data, err := s.read(name, most)
		done <- content{data, err}
	}()
	select {
	case c := <-done:
		return c.data, c.err
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", name, ErrInterrupted)
	}
}

func (s *Store) read(name string, most int64) (content []byte, err error) {
	file, err := s.disk.Open(name, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	var data bytes.Buffer
	if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
		if info.Size() > most {
			return nil, tooLarge(name, most)
		}
		data.Grow(int(info.Size()) + bytes.MinRead) // so that it does not grow while it is read
	}
	_, err = data.ReadFrom(io.LimitReader(file, most+1))
	if err == nil && int64(data.Len()) > most {
		err = tooLarge(name, most)
	}
	return data.Bytes(), err
}

func tooLarge(name string, most int64) error {
	return fmt.Errorf("%s: more than %d MiB", name, most>>20)
}
