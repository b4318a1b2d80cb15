package suite

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestRead holds what is said of broken files of an example.
func TestRead(t *testing.T) {
	request, response := &fstest.MapFile{Data: []byte(`{"a": 1}`)}, &fstest.MapFile{Data: []byte(`{"b": 2}`)}
	for _, row := range []struct {
		name   string
		files  fstest.MapFS
		errata string
		want   string
	}{
		{"no request", fstest.MapFS{"x/response.json": response}, "", "open x/request.json: file does not exist"},
		{"no answer", fstest.MapFS{"x/request.json": request}, "", "open x/response.json: file does not exist"},
		{"errata are no JSON", nil, `[`, "errata.json: unexpected end of JSON input"},
		{"errata are no list", nil, `{"op": "replace"}`, "errata.json: json: cannot unmarshal object"},
		{"a step names no erratum", nil, `[{"op": "test", "path": "/b", "value": 2, "erratum": "e"}, {"op": "remove", "path": "/b"}]`, "errata.json: /1: a step names its erratum"},
		{"a step fits nothing", nil, `[{"op": "replace", "path": "/c", "value": 3, "erratum": "e"}]`, "errata.json: replace operation does not apply: "},
		{"a step without a value", nil, `[{"op": "add", "path": "/c", "erratum": "e"}]`, "errata.json: "},
		{"errata are a directory", fstest.MapFS{"x/request.json": request, "x/response.json": response, "x/errata.json/file": request}, "", "read x/errata.json: "},
	} {
		files := row.files
		if files == nil {
			files = fstest.MapFS{"x/request.json": request, "x/response.json": response, "x/errata.json": {Data: []byte(row.errata)}}
		}
		if err := new(Case).read(files, "x"); err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%s:\n got %v\nwant %s", row.name, err, row.want)
		}
	}
}

// TestReadErrata applies the steps in their order.
func TestReadErrata(t *testing.T) {
	var c Case
	err := c.read(fstest.MapFS{
		"x/request.json":  {Data: []byte(`{"a": 1}`)},
		"x/response.json": {Data: []byte(`{"b": 2, "c": {"d": 3}}`)},
		"x/errata.json":   {Data: []byte(`[{"op": "replace", "path": "/c/d", "value": 4, "erratum": "one"}, {"op": "test", "path": "/c/d", "value": 4, "erratum": "two"}]`)},
	}, "x")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(c.Golden), `{"b":2,"c":{"d":4}}`; strings.ReplaceAll(got, " ", "") != want {
		t.Errorf("answer %s, want %s", got, want)
	}
	if got := strings.Join(c.Errata, " "); got != "one two" {
		t.Errorf("errata %q, want one and two", got)
	}
	if string(c.Request) != `{"a": 1}` {
		t.Errorf("request %s was changed", c.Request)
	}
}
