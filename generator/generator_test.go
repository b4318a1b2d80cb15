package generator_test

import (
	"bytes"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/generator"
	"github.com/vpnconform/vpnconform/openapi"
)

// library reads the document that uses everything that is supported.
func library(t *testing.T) *openapi.Document { return document(t, "library") }

// document reads the document of a golden package.
func document(t *testing.T, name string) *openapi.Document {
	t.Helper()
	return read(t, filepath.Join("testdata", name, name+".yaml"))
}

// read reads a document.
func read(t *testing.T, path string) *openapi.Document {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Parse(filepath.Base(path), data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// inventory reads the document of another domain that the kit is tried with.
func inventory(t *testing.T) *openapi.Document {
	return read(t, "../testdata/inventory/inventory.yaml")
}

// generate generates the packages of all documents, by name.
func generate(t *testing.T) map[string][]generator.File {
	t.Helper()
	vpn, err := openapi.Load()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string][]generator.File{}
	for name, doc := range map[string]*openapi.Document{
		"vpn": vpn, "inventory": inventory(t), "library": library(t), "odd": document(t, "odd"),
	} {
		if packages[name], err = generator.Generate(doc, generator.Options{Package: name}); err != nil {
			t.Fatal(err)
		}
	}
	return packages
}

// The golden files are Go packages, so that the compiler can judge them too.
func TestGenerate(t *testing.T) {
	packages := generate(t)
	for _, name := range []string{"library", "odd"} {
		dir := "testdata/" + name
		g := goldie.New(t, goldie.WithFixtureDir(dir), goldie.WithNameSuffix(".go"), goldie.WithDiffEngine(goldie.ClassicDiff))
		files := packages[name]
		for _, file := range files {
			g.Assert(t, strings.TrimSuffix(file.Name, ".go"), file.Content)
		}
		if diff := cmp.Diff(factNames(files), goFiles(t, dir)); diff != "" {
			t.Errorf("files (-generated +golden):\n%s", diff)
		}
		output, err := exec.CommandContext(t.Context(), "go", "vet", "./"+dir).CombinedOutput()
		if err != nil || len(output) > 0 {
			t.Errorf("go vet: %v\n%s", err, output)
		}
	}
}

// The checked-in packages are what the documents say today, and nothing else.
func TestDrift(t *testing.T) {
	packages := generate(t)
	for name, dir := range map[string]string{"vpn": "generated/vpn", "inventory": "conformance/internal/inventory"} {
		files := packages[name]
		for _, file := range files {
			got, err := os.ReadFile(filepath.Join("..", dir, file.Name))
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(string(got), string(file.Content)); diff != "" {
				t.Errorf("%s is out of date, run go generate ./%s (-checked in +generated):\n%s", file.Name, dir, diff)
			}
		}
		if diff := cmp.Diff(factNames(files), goFiles(t, filepath.Join("..", dir))); diff != "" {
			t.Errorf("files of %s (-generated +checked in):\n%s", dir, diff)
		}
	}
}

func factNames(files []generator.File) []string {
	var names []string
	for _, file := range files {
		names = append(names, file.Name)
	}
	return names
}

// goFiles lists the generated files of a directory.
func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	return names
}

// A document that cannot be generated is refused with all that is wrong with it, and where.
func TestRefused(t *testing.T) {
	g := goldie.New(t, goldie.WithFixtureDir("testdata/refused"), goldie.WithNameSuffix(".txt"), goldie.WithDiffEngine(goldie.ClassicDiff))
	paths, err := filepath.Glob("testdata/refused/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no documents to refuse", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			doc, _, err := openapi.Read(filepath.Base(path), data, openapi.ReadOptions{})
			var files []generator.File
			if err == nil {
				files, err = generator.Generate(doc, generator.Options{})
			}
			if err == nil || files != nil {
				t.Fatalf("generated %d files", len(files))
			}
			g.Assert(t, name, []byte(err.Error()+"\n"))
		})
	}
}

// Text that is no Go is returned with its line numbers.
func TestNotGo(t *testing.T) {
	data, err := os.ReadFile("testdata/library/library.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi.Parse("library.yaml", bytes.Replace(data, []byte("x-go-name: ISBN"), []byte(`x-go-type: "[]"`), 1))
	if err != nil {
		t.Fatal(err)
	}
	_, err = generator.Generate(doc, generator.Options{})
	if err == nil {
		t.Fatal("no error")
	}
	first, source, _ := strings.Cut(err.Error(), "\n")
	if want := regexp.MustCompile(`^the generated text is not Go: types\.gen\.go:\d+:\d+: expected `); !want.MatchString(first) {
		t.Errorf("got %q, want %s", first, want)
	}
	if want := regexp.MustCompile(`(?m)^ +1\tpackage vpn\n +2\t\n +3\timport \($`); !want.MatchString(source) {
		t.Errorf("the source has no line numbers:\n%s", source)
	}
}

func TestPackageName(t *testing.T) {
	doc := library(t)
	for name, ok := range map[string]bool{"": true, "v2": true, "my_api": true, "func": false, "_": false, "API": false, "a-b": false} {
		if _, err := generator.Generate(doc, generator.Options{Package: name}); (err == nil) != ok {
			t.Errorf("package %q: %v", name, err)
		}
	}
}

// asText has cmp compare the content of files as texts: byte by byte it takes longer than to generate them.
var asText = cmp.Transformer("text", func(content []byte) string { return string(content) })

// raced tells whether the race detector is at work.
var raced bool

// Every run gives the same bytes, and leaves the document as it was.
func TestDeterminism(t *testing.T) {
	doc := library(t)
	before, err := doc.T.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	want, err := generator.Generate(doc, generator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	times := 20
	if raced { // and nothing of one run is shared with another, which fewer show
		times = 4
	}
	var runs sync.WaitGroup
	for range times {
		runs.Go(func() {
			got, err := generator.Generate(doc, generator.Options{})
			if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(want, got, asText); diff != "" {
				t.Errorf("another run (-first +this):\n%s", diff)
			}
		})
	}
	runs.Wait()
	after, err := doc.T.MarshalJSON()
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the document was changed; %v", err)
	}
}

// The output is formatted, says what it is, and shows nothing of the document's extensions.
func TestForm(t *testing.T) {
	leak := regexp.MustCompile(`\bx-(source|server|unique|erratum|valid|postc|go|order|omit|enum|vpngen)|github.com/oapi-codegen/oapi-codegen|go:build`)
	for name, files := range generate(t) {
		for _, file := range files {
			formatted, err := format.Source(file.Content)
			if err != nil || !bytes.Equal(formatted, file.Content) {
				t.Errorf("%s/%s is not formatted; %v", name, file.Name, err)
			}
			if !generator.Generated(file.Content) {
				t.Errorf("%s/%s does not say that it is generated", name, file.Name)
			}
			if found := leak.FindAll(file.Content, -1); found != nil {
				t.Errorf("%s/%s: %q", name, file.Name, found)
			}
		}
	}
	if generator.Generated([]byte("// Code generated by stringer; DO NOT EDIT.\n")) {
		t.Error("another generator's file passes for ours")
	}
}

// A server must not pay for the document and its validator.
func TestImports(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "../generated/vpn").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range strings.Fields(string(output)) {
		switch {
		case path == "github.com/vpnconform/vpnconform/generated/vpn":
		case strings.HasPrefix(path, "github.com/vpnconform/"), strings.Contains(path, "kin-openapi"), strings.Contains(path, "cel-go"):
			t.Errorf("generated/vpn depends on %s", path)
		}
	}
}
