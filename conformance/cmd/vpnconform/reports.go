package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
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
	"text":   output{}.write,
}

// output is how much of a report is printed.
type output struct{ quiet, verbose bool }

// flags adds the flag of every command that prints a report.
func (o *output) flags(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&o.verbose, "verbose", false, "print every case that did not pass, and every cause\nwhole")
}

// write writes a report as text.
func (o output) write(w io.Writer, r *report.Report) error {
	return report.WriteText(w, r, report.TextOptions{Width: width(w), Verbose: o.verbose})
}

// formats are the formats of reports, with the text as it is to be printed.
func (o output) formats() map[string]func(io.Writer, *report.Report) error {
	out := maps.Clone(formats)
	out["text"] = o.write
	return out
}

// reportFiles are the files that reports of something found go to. They are
// checked before anything is sent: a run of an hour must not end with a directory
// that is not there.
type reportFiles[Found any] struct {
	store *files.Store
	files []reportFile[Found]
}

type reportFile[Found any] struct {
	name  string
	write func(io.Writer, Found) error
}

// planReports checks the files of --report, which have one of the formats.
func planReports[Found any](ctx context.Context, values []string, formats map[string]func(io.Writer, Found) error) (*reportFiles[Found], error) {
	r := &reportFiles[Found]{store: files.Of(ctx)}
	for _, value := range values {
		format, name, ok := strings.Cut(value, "=")
		write, known := formats[format]
		if !ok || !known || name == "" {
			names := slices.Sorted(maps.Keys(formats))
			if len(names) == 1 {
				return nil, fmt.Errorf("--report %q: want %s=FILE", value, names[0])
			}
			return nil, fmt.Errorf("--report %q: want FORMAT=FILE, with a FORMAT of %s", value, strings.Join(names, ", "))
		}
		if err := r.add(name, write); err != nil {
			return nil, fmt.Errorf("--report: %w", err)
		}
	}
	return r, nil
}

// add adds a file for a report.
func (r *reportFiles[Found]) add(name string, write func(io.Writer, Found) error) error {
	for _, other := range r.files {
		if files.Same(other.name, name) {
			return fmt.Errorf("two reports go to %s", name)
		}
	}
	if err := r.store.Check(name); err != nil {
		return err
	}
	r.files = append(r.files, reportFile[Found]{name, write})
	return nil
}

// spare returns an error if a report would take the place of a file that is read.
func (r *reportFiles[Found]) spare(inputs ...string) error {
	for _, input := range inputs {
		for _, f := range r.files {
			if input != "" && files.Same(input, f.name) {
				return fmt.Errorf("%s is to be read, and a report cannot take its place", f.name)
			}
		}
	}
	return nil
}

// write writes the reports, each whole or not at all.
func (r *reportFiles[Found]) write(found Found) error {
	var errs []error
	for i, f := range r.files {
		if slices.ContainsFunc(r.files[:i], func(other reportFile[Found]) bool { return files.Same(other.name, f.name) }) {
			errs = append(errs, fmt.Errorf("--report: two reports go to %s", f.name)) // its folder knows no capitals
			continue
		}
		errs = append(errs, r.store.Write(files.Output{Name: f.name, Write: func(w io.Writer) error { return f.write(w, found) }}))
	}
	return errors.Join(errs...)
}
