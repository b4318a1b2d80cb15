package generator

import (
	"bytes"
	"cmp"
	"errors"
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
// encode.gen.go, reader.gen.go, rules.gen.go, server.gen.go, types.gen.go and validate.gen.go, but for those that would
// be empty. Everything in the document that is not supported is reported at once, as [openapi.Faults]. The document is
// not changed. Generate may be called concurrently.
func Generate(doc *openapi.Document, opts Options) ([]File, error) {
	if opts.Package == "" {
		opts.Package = "vpn"
	}
	if !isPackageName(opts.Package) {
		return nil, fmt.Errorf("package name %q is not a Go identifier in lower case", opts.Package)
	}
	sources, err := newSources(doc, opts.Package)
	if err != nil {
		return nil, err
	}
	return mapConcurrently(sources, func(s *goFile) (File, error) {
		about := ""
		if s.name == "types.gen.go" {
			about = packageDoc(doc.T.Info, opts.Package)
		}
		content, err := s.finish(headerLine(doc.T.Info), about)
		return File{Name: s.name, Content: content}, err
	})
}

// newSources makes the plan and writes every file. Only then are all names known that the package needs for itself. If a
// schema has one of them, everything is done anew, and the schema gives way.
func newSources(doc *openapi.Document, packageName string) ([]*goFile, error) {
	avoided := map[string]bool{}
	for {
		plan, err := newPlan(doc, avoided)
		if err != nil {
			return nil, err
		}
		sources, err := plan.goFiles(packageName)
		if err == nil {
			err = declareOnce(sources)
		}
		var twice *declaredTwice
		if !errors.As(err, &twice) {
			return sources, err
		}
		name := plan.typeBehind(twice.name)
		if name == "" || avoided[name] {
			return nil, err
		}
		avoided[name] = true
	}
}

// typeBehind returns the longest name of a type of the document with which a declared name ends, empty if there is none.
func (p *plan) typeBehind(declared string) string {
	longest := ""
	for name := range p.goTypes {
		if strings.HasSuffix(declared, name) && len(name) > len(longest) {
			longest = name
		}
	}
	return longest
}

// mapConcurrently calls do for every item at the same time. It returns the error of the first item with an error, so
// that the same mistake is reported in every run.
func mapConcurrently[Item, Result any](items []Item, do func(Item) (Result, error)) ([]Result, error) {
	results, errs := make([]Result, len(items)), make([]error, len(items))
	var running sync.WaitGroup
	for i, item := range items {
		running.Go(func() { results[i], errs[i] = do(item) })
	}
	running.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

// goFiles writes every file and sorts them by name. First come the texts of oapi-codegen, then the code that reads,
// checks and writes their types, and last the declarations of package reader that this code uses.
func (p *plan) goFiles(packageName string) ([]*goFile, error) {
	carriable := sync.OnceValues(readCarried)
	go func() { _, _ = carriable() }() // starts now, its result is used last
	oapi, err := p.oapiParts(packageName)
	if err != nil {
		return nil, err
	}
	types, err := newGoFile("types.gen.go", oapi.imports+oapi.types)
	if err != nil {
		return nil, err
	}
	types.oapi = true
	server, err := newGoFile("server.gen.go", oapi.imports+oapi.server)
	if err != nil {
		return nil, err
	}
	if err := declareOnce([]*goFile{types}); err != nil {
		return nil, err // the shapes would be those of the wrong types
	}
	b := newShapes(p, types.tree)
	b.findParameters(server.tree)
	drafts, err := p.drafts(oapi, b)
	if err != nil {
		return nil, err
	}
	head := "package " + packageName + "\n\nimport (\n" + imports + ")\n\n"
	sources, err := mapConcurrently(drafts, func(d draft) (*goFile, error) {
		body := d.body()
		if body == "" {
			return nil, nil
		}
		s, err := newGoFile(d.name, cmp.Or(d.head, head)+body)
		if err == nil {
			s.oapi = d.head != ""
		}
		return s, err
	})
	if err != nil {
		return nil, err
	}
	sources = append(slices.DeleteFunc(sources, func(s *goFile) bool { return s == nil }), types)
	declarations, err := carriable()
	if err != nil {
		return nil, err
	}
	carried, err := newGoFile("reader.gen.go", head+carry(declarations, sources, p.maxBody))
	if err != nil {
		return nil, err
	}
	sources = append(sources, carried)
	slices.SortFunc(sources, func(a, b *goFile) int { return strings.Compare(a.name, b.name) })
	return sources, nil
}

// draft is a file whose body is not written yet.
type draft struct {
	name string
	head string // package and imports, if the file is oapi-codegen's
	body func() string
}

// drafts makes all files but the types.
func (p *plan) drafts(oapi parts, b *shapes) ([]draft, error) {
	rules, err := newRuler(p, b)
	if err != nil {
		return nil, err
	}
	refuse, err := p.writeRefuse(b)
	if err != nil {
		return nil, err
	}
	encoding, server, err := encoders(p, b, b.decodersOfBodies(oapi.server))
	if err != nil {
		return nil, err
	}
	return []draft{
		{"client.gen.go", oapi.imports, func() string { return oapi.client }},
		{"server.gen.go", oapi.imports, func() string { return server + refuse }},
		{"encode.gen.go", "", func() string { return encoding }},
		{"decode.gen.go", "", func() string { return decoders(p, b) }},
		{"validate.gen.go", "", func() string { return validators(p, b) }},
		{"rules.gen.go", "", rules.write},
	}, nil
}

// Generated reports whether a file was written by this package, by its first line.
func Generated(content []byte) bool {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	return strings.HasPrefix(string(line), headerStart) && strings.HasSuffix(string(line), headerEnd)
}
