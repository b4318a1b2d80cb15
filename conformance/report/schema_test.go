package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vpnconform/vpnconform/conformance/report"
)

// compile compiles one of the schemas of others, or our own.
func compile(files map[string][]byte, name string) (*jsonschema.Schema, error) {
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for file, data := range files {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := c.AddResource("https://schemas.invalid/"+file, doc); err != nil {
			return nil, err
		}
	}
	return c.Compile("https://schemas.invalid/" + name)
}

var (
	harSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
		names, err := filepath.Glob("testdata/schemas/har/*.json")
		if err != nil {
			return nil, err
		}
		files := map[string][]byte{}
		for _, file := range names {
			if files[filepath.Base(file)], err = os.ReadFile(file); err != nil {
				return nil, err
			}
			// A name alone is no address: the tools that these are for add it.
			files[filepath.Base(file)] = bytes.Replace(files[filepath.Base(file)], []byte(`"$id": "`), []byte(`"$id": "https://schemas.invalid/`), 1)
		}
		return compile(files, "har.json")
	})
	ownSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
		return compile(map[string][]byte{"report.json": report.Schema()}, "report.json")
	})
)

func decode(t testing.TB, text string) any {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func checkSchema(t testing.TB, compiled func() (*jsonschema.Schema, error), text string) {
	t.Helper()
	s, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(decode(t, text)); err != nil {
		t.Errorf("%v", err)
	}
}

func checkHAR(t testing.TB, text string) { checkSchema(t, harSchema, text) }

// TestHARSchema holds HAR to its own schema, and shows that this refuses
// something.
func TestHARSchema(t *testing.T) {
	for name, r := range map[string]*report.Report{"full": full(), "everything": everything(), "nothing": {}} {
		t.Run(name, func(t *testing.T) { checkHAR(t, render(t, report.WriteHAR, r)) })
	}
	s, err := harSchema()
	if err != nil {
		t.Fatal(err)
	}
	text := render(t, report.WriteHAR, full())
	broken := strings.Replace(text, `"statusText"`, `"status_text"`, 1)
	if broken == text || s.Validate(decode(t, broken)) == nil {
		t.Error("a report without statusText is valid")
	}
}

// TestSchema holds the JSON report to its schema.
func TestSchema(t *testing.T) {
	reports := map[string]*report.Report{"full": full(), "many": many(), "red": red(), "everything": everything(), "empty": {}}
	for _, outcome := range report.Outcomes {
		reports[string(outcome)] = &report.Report{Results: []report.Result{{Case: "a/b", Level: "must", Outcome: outcome}}}
	}
	reports["an odd answer"] = &report.Report{Results: []report.Result{{Case: "a/b", Outcome: report.Pass, Exchanges: []report.Exchange{{
		Status: 201, AnswerReason: "Odd", AnswerEarly: []string{"A: 1"}, AnswerHeader: []string{"B: 2"}, AnswerTrailer: []string{"C: 3"}, Cut: true,
	}}}}}
	for name, r := range reports {
		for i := range r.Results { // which some tests leave out
			if r.Results[i].Level == "" {
				r.Results[i].Level = "must"
			}
		}
		t.Run(name, func(t *testing.T) { checkSchema(t, ownSchema, render(t, report.WriteJSON, r)) })
	}
}

// TestSchemaIsStrict adds a member to every object of a report, takes every
// required one away, and gives every value another kind: the schema refuses each.
func TestSchemaIsStrict(t *testing.T) {
	s, err := ownSchema()
	if err != nil {
		t.Fatal(err)
	}
	r := many() // without long texts
	r.Calibration, r.Shard = full().Calibration, report.Shard{Part: 2, Of: 4}
	r.KitDigest = strings.Repeat("a", 64)
	r.Results[0].Differences = []report.Difference{{Kind: "rule", Level: "must"}}
	doc := decode(t, render(t, report.WriteJSON, r))
	optional := strings.Fields("kit_sha256 shard golden_sha256 sent rule twin errata reason known differences notes want got also status answer_header answer error tables")
	ofTable := strings.Fields("source places members")
	free := strings.Fields("/header/environment /footer/count /volatile/curl /volatile/exchanges") // members are named by what was found
	edits := 0
	var walk func(at string, value any)
	refused := func(at, edit string) {
		t.Helper()
		edits++
		if s.Validate(doc) == nil {
			t.Errorf("%s: the schema allows that %s", at, edit)
		}
	}
	walk = func(at string, value any) {
		if list, ok := value.([]any); ok {
			for i, item := range list {
				list[i] = true // which stands nowhere in a list
				refused(at, fmt.Sprintf("item %d is a boolean", i))
				list[i] = item
				walk(fmt.Sprint(at, "/", i), item)
			}
			return
		}
		object, ok := value.(map[string]any)
		if !ok || at == "/header/environment" {
			return
		}
		if !slices.Contains(free, at) || at == "/footer/count" {
			object["another"] = json.Number("1")
			refused(at, "there is another member")
			delete(object, "another")
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			old := object[name]
			object[name] = []any{[]any{}}
			refused(at, name+" is a list of lists")
			delete(object, name)
			if !slices.Contains(free, at) && !slices.Contains(optional, name) && (!strings.HasPrefix(at, "/tables/") || !slices.Contains(ofTable, name)) {
				refused(at, name+" is missing")
			}
			object[name] = old
			walk(at+"/"+name, old)
		}
	}
	walk("", doc)
	if err := s.Validate(doc); err != nil {
		t.Errorf("the report is not what it was: %v", err)
	}
	if edits < 500 {
		t.Errorf("%d edits were tried, want at least 500", edits)
	}
}

// TestSchemaIsCopied shows that nobody can edit the schema of others.
func TestSchemaIsCopied(t *testing.T) {
	report.Schema()[0] = 'x'
	if got := report.Schema()[0]; got != '{' {
		t.Errorf("the schema begins with %q", got)
	}
}
