package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/vpnconform/vpnconform/conformance/internal/files"
	"github.com/vpnconform/vpnconform/conformance/report"
)

// mostOfText is the size up to which files that a person wrote are read, in bytes.
const mostOfText = 16 << 20

// readText reads a file that a person wrote.
func readText(ctx context.Context, name string) ([]byte, error) {
	return files.Of(ctx).Read(ctx, name, mostOfText)
}

// readReport reads a JSON report.
func readReport(ctx context.Context, name string) (*report.Report, error) {
	data, err := files.Of(ctx).Read(ctx, name, report.MostBytes)
	if err != nil {
		return nil, err
	}
	found, err := report.ReadJSON(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return found, nil
}

// replaceFile writes a file whole or not at all.
func replaceFile(ctx context.Context, name string, data []byte) error {
	return files.Of(ctx).Write(files.Text(name, data))
}

// replaceFiles writes files below a folder, by their names with slashes. No file
// is touched before every one is on the disk. Folders that it made and left empty
// are removed.
func replaceFiles(ctx context.Context, dir string, content map[string][]byte) error {
	var outputs []files.Output
	for _, name := range slices.Sorted(maps.Keys(content)) {
		outputs = append(outputs, files.Text(filepath.Join(dir, filepath.FromSlash(name)), content[name]))
	}
	var made []string
	defer func() {
		for _, folder := range made {
			_ = os.Remove(folder) // which stays if it has a file
		}
	}()
	for _, out := range outputs {
		folder := filepath.Dir(out.Name)
		if _, err := os.Lstat(folder); errors.Is(err, fs.ErrNotExist) {
			made = append(made, folder)
		}
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
	}
	return files.Of(ctx).Write(outputs...)
}
