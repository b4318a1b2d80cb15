package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// documentFlags say which document the cases are derived from.
type documentFlags struct{ file, examples string }

func (d *documentFlags) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&d.file, "document", "", "OpenAPI 3.0 `FILE`, YAML or JSON, to derive the cases\nfrom (default: the embedded document)")
	cmd.Flags().StringVar(&d.examples, "examples", "", "`DIR` of documented examples as they are printed, a\ndirectory for each: request.json, response.json")
}

// derived returns what the cases of the file are derived to; nil without a file,
// for the embedded document.
func (d *documentFlags) derived(ctx context.Context) (*suite.Derived, error) {
	switch {
	case d.file == "" && d.examples != "":
		return nil, fmt.Errorf("--examples: want --document, whose examples they are")
	case d.file == "":
		return nil, nil
	}
	doc, err := d.document(ctx)
	if err != nil {
		return nil, err
	}
	var examples fs.FS
	if d.examples != "" {
		if examples, err = printed(ctx, d.examples, doc); err != nil {
			return nil, err
		}
	}
	derived, err := suite.Derive(doc, examples)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.file, err)
	}
	return derived, nil
}

// document returns the document alone.
func (d *documentFlags) document(ctx context.Context) (*openapi.Document, error) {
	if d.file == "" {
		doc, err := openapi.Load()
		return doc, asKitError(err)
	}
	data, err := readText(ctx, d.file)
	if err != nil {
		return nil, err
	}
	return openapi.Parse(d.file, data)
}

// printed is a directory with a directory for every example of a document.
func printed(ctx context.Context, dir string, doc *openapi.Document) (fs.FS, error) {
	tree := textFiles{os.DirFS(dir), func(name string) ([]byte, error) {
		return readText(ctx, filepath.Join(dir, filepath.FromSlash(name)))
	}}
	for _, op := range doc.Operations() {
		for _, name := range doc.Examples(op) {
			if info, err := fs.Stat(tree, name); err != nil || !info.IsDir() {
				return nil, fmt.Errorf("--examples %s: there is no directory %s for the example of that name", dir, name)
			}
		}
	}
	return tree, nil
}

// textFiles is a directory whose files are read as all others are that a person
// wrote: a signal is heard, and there is a limit.
type textFiles struct {
	fs.FS
	read func(name string) ([]byte, error)
}

// ReadFile reads a file whole.
func (t textFiles) ReadFile(name string) ([]byte, error) { return t.read(name) }

// suite returns the cases with the values of a seed.
func (d *documentFlags) suite(ctx context.Context, seed uint64) (*suite.Suite, error) {
	derived, err := d.derived(ctx)
	if err != nil {
		return nil, err
	}
	s, err := derived.Draw(seed)
	if derived == nil {
		err = asKitError(err)
	}
	return s, err
}

// shown is the name of the document in messages.
func (d *documentFlags) shown() string {
	if d.file == "" {
		return "openapi/vpn.yaml"
	}
	return d.file
}
