package suite_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

func defaultEnvironment(t testing.TB) environment.Environment {
	t.Helper()
	e, err := environment.Default(load(t).Document())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// FuzzBind shows that whatever environment.Parse accepts can be used, and that every line
// of an error names the file.
func FuzzBind(f *testing.F) {
	files, err := filepath.Glob("../environment/testdata/faults/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, "../../openapi/environment.yaml") {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	s := load(f)
	var cases []suite.Case // the examples, and one for each thing that a target may lack
	seen := map[string]bool{}
	for _, c := range s.Cases {
		if c.Duty {
			continue // it sends nothing
		}
		if needs := kind(c.Change.Facts) + c.Wire.Credentials; c.Request != nil || !seen[needs] {
			cases = append(cases, c)
			seen[needs] = true
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := environment.Parse(s.Document(), "fuzz.yaml", data)
		if err != nil {
			for line := range strings.Lines(err.Error()) {
				if !strings.HasPrefix(line, "fuzz.yaml:") {
					t.Errorf("line %q of %q names no file", line, err)
				}
			}
			return
		}
		if e.IsZero() {
			t.Errorf("accepted: %+v", e)
		}
		for _, c := range cases {
			var missing *suite.MissingError
			if _, err := s.Bind(c, e, "Example-Key-1"); err != nil && !errors.As(err, &missing) {
				t.Errorf("%s: %v", c.Name(), err)
			}
		}
	})
}
