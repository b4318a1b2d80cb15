package openapi

import (
	"encoding/json"
	"fmt"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
)

// steps are patches of {"a": {"b": [1, {"c": null}]}, "d/~": "e"}, and whether
// they are done without the library.
var steps = map[string]bool{
	`[]`:   true,
	`null`: true,
	`[{"op":"add","path":"/x","value":1.50}]`:                                                                true,
	`[{"op":"add","path":"/x","value":null}]`:                                                                true,
	`[{"op":"add","path":"/a","value":{"n":[1e400]}}]`:                                                       true,
	`[{"op":"add","path":"/","value":"no name"}]`:                                                            true,
	`[{"op":"replace","path":"/a/b/1/c","value":"x"}]`:                                                       true,
	`[{"op":"replace","path":"/a/b/0","value":[]}]`:                                                          true,
	`[{"op":"replace","path":"/d~1~0","value":"é<&>"}]`:                                                      true,
	`[{"op":"remove","path":"/a/b/1/c"}]`:                                                                    true,
	`[{"op":"remove","path":"/d~1~0","value":null}]`:                                                         true,
	`[{"op":"add","path":"/x","value":{}},{"op":"add","path":"/x/y","value":2},{"op":"remove","path":"/a"}]`: true,

	`[{"op":"add","path":"/a/b/0","value":0}]`:      false, // moves the others
	`[{"op":"add","path":"/a/b/-","value":0}]`:      false,
	`[{"op":"remove","path":"/a/b/0"}]`:             false,
	`[{"op":"replace","path":"","value":{}}]`:       false,
	`[{"op":"move","from":"/a","path":"/x"}]`:       false,
	`[{"op":"copy","from":"/a/b","path":"/x"}]`:     false,
	`[{"op":"test","path":"/d~1~0","value":"e"}]`:   false,
	`[{"op":"replace","path":"/none","value":1}]`:   false,
	`[{"op":"remove","path":"/none"}]`:              false,
	`[{"op":"add","path":"/none/x","value":1}]`:     false,
	`[{"op":"add","path":"/d~1~0/x","value":1}]`:    false,
	`[{"op":"replace","path":"/a/b/2","value":1}]`:  false,
	`[{"op":"replace","path":"/a/b/00","value":1}]`: false,
	`[{"op":"add","path":"x","value":1}]`:           false,
	`[{"op":"add","path":"/x"}]`:                    false,
	`[{"op":"none","path":"/a","value":1}]`:         false,
	`[{"path":"/a","value":1}]`:                     false,
	`{}`:                                            false,
	`[`:                                             false,
}

// TestPatched holds the steps that are done without the library against it.
func TestPatched(t *testing.T) {
	body := []byte(`{"a": {"b": [1, {"c": null}]}, "d/~": "e"}`)
	for patch, want := range steps {
		if done := likeLibrary(t, body, patch); done != want {
			t.Errorf("%s: done without the library: %v, want %v", patch, done, want)
		}
	}
}

// likeLibrary wants a patch to be left to the library, or to be done as it does.
func likeLibrary(t *testing.T, body []byte, patch string) bool {
	t.Helper()
	value, err := decodeJSON(body)
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(value)
	got, done := applyPatch(value, []byte(patch))
	if after := fmt.Sprint(value); after != before {
		t.Errorf("%s changes the value itself: %s", patch, after)
	}
	if !done {
		return false
	}
	library, err := jsonpatch.DecodePatch([]byte(patch))
	if err != nil {
		t.Fatalf("%s: the library says %v", patch, err)
	}
	out, err := library.Apply(body)
	if err != nil {
		t.Fatalf("%s: the library says %v", patch, err)
	}
	want, err := decodeJSON(out)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-library +here):\n%s", patch, diff)
	}
	return true
}

// FuzzPatched does the same with any step of any value.
func FuzzPatched(f *testing.F) {
	for _, path := range []string{"/x", "/", "/a", "/a/b/0", "/a/b/-", "/a/b/1/c", "/d~1~0", "/a/b/~01"} {
		for _, op := range []string{"add", "replace", "remove"} {
			f.Add([]byte(`{"a": {"b": [1, {"c": null}]}, "d/~": "e"}`), op, path, []byte(`[{"é<": 1e400}]`))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, op, path string, value []byte) {
		patch, err := json.Marshal([]patchStep{{Op: op, Path: path, Value: json.RawMessage(value)}})
		if err != nil || !json.Valid(body) {
			t.Skip("no JSON")
		}
		likeLibrary(t, body, string(patch))
	})
}
