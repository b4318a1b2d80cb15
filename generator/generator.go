package generator

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/vpnconform/vpnconform/openapi"
)

// File is one generated Go file.
type File struct {
	Name    string // types.gen.go
	Content []byte
}

// Options says what to generate. The zero value is ready.
type Options struct {
	Package string // name of the generated package; empty means "vpn"
}

// Generate returns the files of the package that the document describes, sorted by name: client.gen.go, server.gen.go
// and types.gen.go. What the document asks and the package does not support is reported as [openapi.Faults], all of
// it at once. The document is not changed. Generate may be called concurrently.
func Generate(doc *openapi.Document, opts Options) ([]File, error) {
	if opts.Package == "" {
		opts.Package = "vpn"
	}
	if !isPackageName(opts.Package) {
		return nil, fmt.Errorf("package name %q is no Go identifier in lower case", opts.Package)
	}
	plan, err := newPlan(doc.T)
	if err != nil {
		return nil, err
	}
	var files []File
	declared := declarations{}
	for _, out := range outputs() {
		text, err := out.generate(plan, opts.Package)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", out.name, err)
		}
		source, err := newSource(out.name, text)
		if err != nil {
			return nil, err
		}
		if err := declared.add(source); err != nil {
			return nil, err
		}
		content, err := source.finish(headerLine(doc.T.Info), out.about(doc.T.Info, opts.Package))
		if err != nil {
			return nil, err
		}
		files = append(files, File{Name: out.name, Content: content})
	}
	return files, nil
}

// Generated reports whether a file was written by this package, by its first line.
func Generated(content []byte) bool {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	return strings.HasPrefix(string(line), headerStart) && strings.HasSuffix(string(line), headerEnd)
}
