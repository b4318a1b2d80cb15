package reference_test

import (
	"os"
	"regexp"
	"testing"
)

// TestDoc shows that the files that the package's documentation names are there.
func TestDoc(t *testing.T) {
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	names := regexp.MustCompile(`\b[a-z_]+\.go\b`).FindAllString(string(text), -1)
	if len(names) < 4 {
		t.Fatalf("%d files are named", len(names))
	}
	for _, name := range names {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}
