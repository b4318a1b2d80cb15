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

// formats are what --report of a run can write, and report can render.
var formats = map[string]func(io.Writer, *report.Report) error{
	"github": report.WriteGitHub,
	"har":    report.WriteHAR,
	"html":   report.WriteHTML,
	"json":   report.WriteJSON,
	"junit":  report.WriteJUnit,
	"md":     report.WriteMarkdown,
	"tap":    report.WriteTAP,
	"text": func(w io.Writer, r *report.Report) error {
		return report.WriteText(w, r, report.TextOptions{Width: width(w)})
	},
}

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
		names := slices.Sorted(maps.Keys(formats))
		if len(names) == 1 {
			return fmt.Errorf("--report %q: want %s=FILE", value, names[0])
		}
		return fmt.Errorf("--report %q: want FORMAT=FILE, with a FORMAT of %s", value, strings.Join(names, ", "))
	}
	if err := r.add(name, write); err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	return nil
}

// add opens a file for a report.
func (r *reportFiles[Found]) add(name string, write func(io.Writer, Found) error) error {
	for _, other := range r.files {
		if filepath.Clean(other.name) == filepath.Clean(name) {
			return fmt.Errorf("two reports go to %s", name)
		}
	}
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is no file", name)
	}
	draft, err := newDraft(name)
	if err != nil {
		return err
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
	return publish(f.draft, f.name)
}

// abandon removes what was not written whole.
func (r *reportFiles[Found]) abandon() {
	for _, f := range r.files {
		_ = f.draft.Close()           // it may be closed
		_ = os.Remove(f.draft.Name()) // it may be renamed
	}
}
