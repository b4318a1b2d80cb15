package openapi_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/openapi"
)

// Read says of the mistakes in a document of somebody else which it tolerates, and refuses the others at their places.
func TestRead(t *testing.T) {
	paths, err := filepath.Glob("testdata/read/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no documents", err)
	}
	g := goldie.New(t, goldie.WithFixtureDir("testdata/read"), goldie.WithNameSuffix(".txt"), goldie.WithDiffEngine(goldie.ClassicDiff))
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			for _, opts := range []openapi.ReadOptions{{}, {SkipPatterns: true}} {
				doc, warnings, err := openapi.Read(filepath.Base(path), data, opts)
				for _, warning := range warnings {
					text.WriteString("warning: " + warning.Error() + "\n")
				}
				if err != nil {
					text.WriteString("refused: " + err.Error() + "\n\n")
					continue
				}
				for _, rule := range doc.Rules {
					text.WriteString(rule.ID + ": " + rule.Message + "\n")
				}
				break
			}
			g.Assert(t, name, []byte(text.String()))
			if _, err := openapi.Parse(filepath.Base(path), data); err == nil && strings.Contains(text.String(), "warning: ") {
				t.Error("Parse does not refuse it")
			}
		})
	}
}
