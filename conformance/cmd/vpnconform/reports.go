package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// formats are what --report of a run can write.
var formats = map[string]func(io.Writer, *report.Report) error{"json": report.WriteJSON}

// reportFiles are the files that reports of something found go to, which are
// open before anything is sent: a run of an hour must not end with a directory
// that is not there.
type reportFiles[Found any] struct{ files []reportFile[Found] }

type reportFile[Found any] struct {
	name  string
	write func(io.Writer, Found) error
	draft *os.File // beside it, and renamed when it is whole
}

// openReports opens the files of --report, which have one of the formats.
func openReports[Found any](values []string, formats map[string]func(io.Writer, Found) error) (*reportFiles[Found], error) {
	r := &reportFiles[Found]{}
	for _, value := range values {
		if err := r.open(value, formats); err != nil {
			r.abandon()
			return nil, err
		}
	}
	return r, nil
}

func (r *reportFiles[Found]) open(value string, formats map[string]func(io.Writer, Found) error) error {
	format, name, ok := strings.Cut(value, "=")
	write, known := formats[format]
	if !ok || !known || name == "" {
		var forms []string
		for _, format := range slices.Sorted(maps.Keys(formats)) {
			forms = append(forms, format+"=FILE")
		}
		return fmt.Errorf("--report %q: want %s", value, strings.Join(forms, " or "))
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
	r.files = append(r.files, reportFile[Found]{name, write, draft})
	return nil
}

// write writes the reports, each whole or not at all.
func (r *reportFiles[Found]) write(found Found) error {
	var errs []error
	for _, f := range r.files {
		errs = append(errs, f.commit(found))
	}
	return errors.Join(errs...)
}

func (f reportFile[Found]) commit(found Found) error {
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
func (r *reportFiles[Found]) abandon() {
	for _, f := range r.files {
		_ = f.draft.Close()           // it may be closed
		_ = os.Remove(f.draft.Name()) // it may be renamed
	}
}
