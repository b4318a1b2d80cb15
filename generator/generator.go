package generator

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"

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

// Generate returns the files of the package that the document describes, sorted by name: client.gen.go, decode.gen.go,
// reader.gen.go, server.gen.go, types.gen.go and validate.gen.go. What the document asks and the package does not support is reported as [openapi.Faults], all of
// it at once. The document is not changed. Generate may be called concurrently.
func Generate(doc *openapi.Document, opts Options) ([]File, error) {
	if opts.Package == "" {
		opts.Package = "vpn"
	}
	if !isPackageName(opts.Package) {
		return nil, fmt.Errorf("package name %q is no Go identifier in lower case", opts.Package)
	}
	plan, err := newPlan(doc)
	if err != nil {
		return nil, err
	}
	sources, err := plan.sources(opts.Package)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(sources, func(a, b *source) int { return strings.Compare(a.name, b.name) })
	declared := declarations{}
	for _, source := range sources {
		if err := declared.add(source); err != nil {
			return nil, err
		}
	}
	files := make([]File, len(sources))
	errs := make([]error, len(sources))
	var running sync.WaitGroup
	for i, source := range sources {
		running.Go(func() {
			about := ""
			if source.name == "types.gen.go" {
				about = aboutPackage(doc.T.Info, opts.Package)
			}
			files[i].Name = source.name
			files[i].Content, errs[i] = source.finish(headerLine(doc.T.Info), about)
		})
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// sources writes every file: first those of oapi-codegen, then those that read and check the types in them, and last
// the declarations that these need.
func (p *plan) sources(packageName string) ([]*source, error) {
	oapi, err := p.oapiParts(packageName)
	if err != nil {
		return nil, err
	}
	var sources []*source
	add := func(name, text string) (*source, error) {
		s, err := newSource(name, text)
		sources = append(sources, s)
		if err == nil {
			s.oapi = strings.HasPrefix(text, oapi.imports)
		}
		return s, err
	}
	types, err := add("types.gen.go", oapi.imports+oapi.types)
	if err != nil {
		return nil, err
	}
	shapes := newShapes(p, types.tree)
	rules, err := newRuler(p, shapes)
	if err != nil {
		return nil, err
	}
	refuse, err := p.refuse(shapes)
	if err != nil {
		return nil, err
	}
	encoding, server, err := encoders(p, shapes, shapes.decodersOfBodies(oapi.server))
	if err != nil {
		return nil, err
	}
	head := "package " + packageName + "\n\nimport (\n" + imports + ")\n\n"
	for _, file := range []struct{ name, text string }{
		{"client.gen.go", oapi.imports + oapi.client},
		{"encode.gen.go", head + encoding},
		{"server.gen.go", oapi.imports + server + refuse},
		{"decode.gen.go", head + decoders(p, shapes)},
		{"validate.gen.go", head + validators(p, shapes)},
		{"rules.gen.go", head + rules.write()},
	} {
		if file.text == head {
			continue
		}
		if _, err := add(file.name, file.text); err != nil {
			return nil, err
		}
	}
	reader, err := carry(sources, p.maxBody)
	if err != nil {
		return nil, err
	}
	if _, err := add("reader.gen.go", head+reader); err != nil {
		return nil, err
	}
	return sources, nil
}

// Generated reports whether a file was written by this package, by its first line.
func Generated(content []byte) bool {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	return strings.HasPrefix(string(line), headerStart) && strings.HasSuffix(string(line), headerEnd)
}
