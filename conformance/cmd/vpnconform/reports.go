package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// formats are what --report can write.
var formats = map[string]func(io.Writer, *report.Report) error{"json": report.WriteJSON}

// reportFiles are the files that reports go to, which are open before anything
// is sent: a run of an hour must not end with a directory that is not there.
type reportFiles struct{ files []reportFile }

type reportFile struct {
	name  string
	write func(io.Writer, *report.Report) error
	draft *os.File // beside it, and renamed when it is whole
}

// openReports opens the files of --report.
func openReports(values []string) (*reportFiles, error) {
	r := &reportFiles{}
	for _, value := range values {
		if err := r.open(value); err != nil {
			r.abandon()
			return nil, err
		}
	}
	return r, nil
}

func (r *reportFiles) open(value string) error {
	format, name, ok := strings.Cut(value, "=")
	write, known := formats[format]
	if !ok || !known || name == "" {
		return fmt.Errorf("--report %q: want json=FILE", value)
	}
	for _, other := range r.files {
		if filepath.Clean(other.name) == filepath.Clean(name) {
			return fmt.Errorf("--report: two reports go to %s", name)
		}
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("--report: %s is no file", name)
	}
	draft, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	r.files = append(r.files, reportFile{name, write, draft})
	return nil
}

// write writes the reports, each whole or not at all.
func (r *reportFiles) write(found *report.Report) error {
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.commit(found))
	}
	return errors.Join(errs...)
}

func (f reportFile) commit(found *report.Report) error {
	if err := f.write(f.draft, found); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	if err := f.draft.Chmod(0o644); err != nil { // that of a file of its own is 0600
		return fmt.Errorf("%s: %w", f.name, err)
	}
	if err := f.draft.Close(); err != nil {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return os.Rename(f.draft.Name(), f.name)
}

// abandon removes what was not written whole.
func (r *reportFiles) abandon() {
	for _, f := range r.files {
		_ = f.draft.Close()           // it may be closed
		_ = os.Remove(f.draft.Name()) // it may be renamed
	}
}
