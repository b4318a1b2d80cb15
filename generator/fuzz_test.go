package generator_test

import (
	"bytes"
	"go/format"
	"os"
	"path/filepath"
	"testing"

	"github.com/vpnconform/vpnconform/generator"
	"github.com/vpnconform/vpnconform/openapi"
)

// FuzzGenerate asks that any document that can be parsed becomes Go or an error.
func FuzzGenerate(f *testing.F) {
	paths, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, _, err := openapi.Read("fuzz.yaml", data, openapi.ReadOptions{SkipPatterns: true})
		if err != nil {
			return
		}
		files, err := generator.Generate(doc, generator.Options{})
		for _, file := range files {
			formatted, formatErr := format.Source(file.Content)
			if err != nil || formatErr != nil || !bytes.Equal(formatted, file.Content) {
				t.Errorf("%s: %v, %v", file.Name, err, formatErr)
			}
		}
	})
}
