package testdata_test

import (
	"encoding/json"
	"io/fs"
	"path"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/testdata"
)

// TestExamples holds the list of the embedded files. Each is JSON, and errata
// stand beside an answer.
func TestExamples(t *testing.T) {
	var got []string
	err := fs.WalkDir(testdata.Examples, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		got = append(got, name)
		data, err := testdata.Examples.ReadFile(name)
		if err != nil {
			return err
		}
		if !json.Valid(data) {
			t.Errorf("%s is no JSON", name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"examples/bgp/request.json", "examples/bgp/response.json",
		"examples/policy/errata.json", "examples/policy/request.json", "examples/policy/response.json",
		"examples/static/request.json", "examples/static/response.json",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// TestErrataShape shows that every step of the errata names its erratum.
func TestErrataShape(t *testing.T) {
	files, err := fs.Glob(testdata.Examples, "examples/*/errata.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of errata: %v", len(files), err)
	}
	for _, file := range files {
		data, err := testdata.Examples.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var steps []struct{ Op, Path, Erratum string }
		if err := json.Unmarshal(data, &steps); err != nil || len(steps) == 0 {
			t.Errorf("%s: %d steps: %v", file, len(steps), err)
		}
		for i, s := range steps {
			if s.Op == "" || !path.IsAbs(s.Path) || s.Erratum == "" {
				t.Errorf("%s: /%d lacks an operation, a pointer or an erratum: %+v", file, i, s)
			}
		}
	}
}
