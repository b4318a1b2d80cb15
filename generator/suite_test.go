package generator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/generator"
	"github.com/vpnconform/vpnconform/openapi"
)

// suiteGroup is a schema of the JSON Schema Test Suite, and values that it allows or does not.
type suiteGroup struct {
	Description string
	Schema      json.RawMessage
	Tests       []struct {
		Description string
		Data        json.RawMessage
		Valid       bool
	}

	file, name string // maximum, Case12
	typed      bool   // the type is added
}

// suiteGroups reads the suite: draft 4, the files about keywords that OpenAPI 3.0 has. They are those of the npm package
// json-schema-test-suite 0.0.10.
func suiteGroups(t *testing.T) []suiteGroup {
	t.Helper()
	paths, err := filepath.Glob("testdata/suite/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no suite", err)
	}
	var all []suiteGroup
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var groups []suiteGroup
		if err := json.Unmarshal(data, &groups); err != nil {
			t.Fatal(path, err)
		}
		for _, g := range groups {
			g.file, g.name = strings.TrimSuffix(filepath.Base(path), ".json"), fmt.Sprint("Case", len(all)+1)
			all = append(all, g)
			if typed, ok := withType(g); ok {
				typed.name = fmt.Sprint("Case", len(all)+1)
				all = append(all, typed)
			}
		}
	}
	return all
}

// withType returns a group of which generated code refuses the schema, because it says no type, with the type that is meant.
// Its right verdicts are those of package jsonschema.
func withType(g suiteGroup) (suiteGroup, bool) {
	added := ""
	switch {
	case bytes.Contains(g.Schema, []byte(`"type"`)):
		return g, false
	case g.file == "format":
		added = `"type": "string", `
	case g.file == "uniqueItems":
		added = `"type": "array", "items": {"type": "integer"}, `
	case g.file == "bignum":
		added = `"type": "number", `
	case g.Description == "simple enum validation":
		added = `"type": "integer", `
	default:
		return g, false
	}
	g.Schema = append([]byte("{"+added), bytes.TrimSpace(g.Schema)[1:]...)
	g.Description, g.typed = g.Description+", with a type", true
	return g, true
}

// suiteDocument returns an OpenAPI document that takes values of the groups' schemas, each as the member v of a body.
func suiteDocument(t *testing.T, groups ...suiteGroup) []byte {
	t.Helper()
	paths, schemas := map[string]any{}, map[string]any{}
	for _, g := range groups {
		// The suite refers to a schema from itself; here it has a name.
		schema := strings.ReplaceAll(string(g.Schema), `"$ref": "#`, `"$ref": "#/components/schemas/`+g.name)
		schemas[g.name] = json.RawMessage(schema)
		body := map[string]any{
			"type": "object", "required": []string{"v"},
			"properties": map[string]any{"v": map[string]string{"$ref": "#/components/schemas/" + g.name}},
		}
		paths["/"+g.name] = map[string]any{"post": map[string]any{
			"operationId": "post" + g.name,
			"requestBody": map[string]any{"required": true, "content": map[string]any{"application/json": map[string]any{"schema": body}}},
			"responses":   map[string]any{"204": map[string]string{"description": "Done"}},
		}}
	}
	data, err := json.Marshal(map[string]any{
		"openapi": "3.0.3", "info": map[string]string{"title": "Suite", "version": "1"}, "paths": paths,
		"components": map[string]any{"schemas": schemas},
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// verdict is what a validator makes of a value.
type verdict string

const (
	allows  verdict = "allows"
	refuses verdict = "refuses"
	cannot  verdict = "cannot" // the validator refuses the schema
)

func verdictOf(valid bool) verdict {
	if valid {
		return allows
	}
	return refuses
}

// kinVerdict returns what kin-openapi makes of a value.
func kinVerdict(t *testing.T, g suiteGroup, data []byte) verdict {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(suiteDocument(t, g))
	if err != nil || doc.Validate(t.Context(), openapi3.DisableSchemaDefaultsValidation()) != nil {
		return cannot
	}
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	return verdictOf(doc.Components.Schemas[g.name].Value.VisitJSON(value, openapi3.EnableFormatValidation()) == nil)
}

// draft4Verdict returns what package jsonschema makes of a value.
func draft4Verdict(t *testing.T, g suiteGroup, data []byte) verdict {
	t.Helper()
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(g.Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft4)
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", schema); err != nil {
		return cannot
	}
	compiled, err := compiler.Compile("schema.json")
	if err != nil {
		return cannot
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return verdictOf(compiled.Validate(value) == nil)
}

// suiteCase is a value of a group and the verdicts on it.
type suiteCase struct {
	file, group, about, data string
	suite                    verdict
	verdicts                 map[string]verdict // by validator
	refusal                  string             // of the group's schema, by the generator
}

func (c suiteCase) String() string {
	return fmt.Sprintf("%s: %s: %s: %s", c.file, c.group, c.about, strings.Join(strings.Fields(c.data), " "))
}

// decision says why a validator differs from the suite in some cases.
type decision struct {
	validator string
	why       string
	applies   func(suiteCase) bool
}

// suiteDecisions are the reasons why the validators may differ from the suite. The first that applies to a case counts.
func suiteDecisions() []decision {
	refused := func(text string) func(suiteCase) bool {
		return func(c suiteCase) bool {
			return c.verdicts[generated] == cannot && regexp.MustCompile(text).MatchString(c.refusal)
		}
	}
	judged := func(v verdict, files ...string) func(suiteCase) bool {
		return func(c suiteCase) bool { return c.verdicts[generated] == v && slices.Contains(files, c.file) }
	}
	return []decision{
		{generated, "a union has no Go type of its own; refused at its place", refused("(oneOf|anyOf|not) is not supported")},
		{generated, "OpenAPI 3.0 has no type null; refused", refused(`unsupported 'type' value "null"`)},
		{generated, "OpenAPI 3.0 has one type in a schema; refused", refused("an array of types is for")},
		{generated, "OpenAPI 3.0 has one schema for all items; refused", refused("cannot unmarshal array into value of type openapi3.Schema")},
		{generated, "OpenAPI 3.0 wants items beside the type array; refused", refused("schema 'items' must be")},
		{generated, "OpenAPI 3.0 lacks the keyword; refused at its place", refused("is not a keyword of OpenAPI 3.0")},
		{generated, "OpenAPI 3.0 has no place for the schema that is referred to; refused", refused("failed to resolve|disallowed external reference|leads back")},
		{generated, "the keyword needs a Go type, and the schema says none; refused at its place", refused("in a schema without type|of another type than string or integer")},
		{generated, "an integer has 64 bits", judged(refuses, "bignum")},
		{generated, "properties without type mean an object", judged(refuses, "properties", "ref")},
		{generated, "a format is checked only if it has a Go type", judged(allows, "format")},
		{kin, "it refuses the schema, as it is not one of OpenAPI 3.0", func(c suiteCase) bool { return c.verdicts[kin] == cannot }},
		{kin, "it checks few formats unless told how", func(c suiteCase) bool { return c.file == "format" && c.verdicts[kin] == allows }},
		{kin, "it takes an empty schema inside not for none", func(c suiteCase) bool { return c.file == "not" && c.verdicts[kin] == allows }},
		{draft4, "it follows a later suite: a URI has a scheme", func(c suiteCase) bool { return c.file == "format" && strings.HasPrefix(c.data, `"//`) }},
	}
}

// The names of the validators.
const (
	generated = "generated code"
	kin       = "kin-openapi"
	draft4    = "jsonschema"
)

// The suite is judged by generated code, kin-openapi and package jsonschema. Where a verdict is not the suite's own, there
// is a decision; the table has all of them.
func TestSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a package of many schemas")
	}
	var accepted []suiteGroup
	refusals := map[string]string{}
	groups := suiteGroups(t)
	for _, g := range groups {
		doc, _, err := openapi.Read("suite.json", suiteDocument(t, g), openapi.ReadOptions{})
		if err == nil {
			_, err = generator.Generate(doc, generator.Options{})
		}
		if err != nil {
			refusals[g.name] = err.Error()
			continue
		}
		accepted = append(accepted, g)
	}
	ofGenerated := runSuite(t, accepted)
	var cases []suiteCase
	for _, g := range groups {
		for _, test := range g.Tests {
			c := suiteCase{file: g.file, group: g.Description, about: test.Description, data: string(test.Data), suite: verdictOf(test.Valid), refusal: refusals[g.name]}
			c.verdicts = map[string]verdict{generated: cannot, kin: kinVerdict(t, g, test.Data), draft4: draft4Verdict(t, g, test.Data)}
			if v, ok := ofGenerated[g.name+" "+c.data]; ok {
				c.verdicts[generated] = v
			}
			if g.typed {
				c.suite = c.verdicts[draft4]
			}
			cases = append(cases, c)
		}
	}
	g := goldie.New(t, goldie.WithFixtureDir("testdata/suite"), goldie.WithNameSuffix(".txt"), goldie.WithDiffEngine(goldie.ClassicDiff))
	g.Assert(t, "table", []byte(suiteTable(t, cases)))
}

// suiteTable writes how often the validators agree with the suite, and every case in which one does not.
func suiteTable(t *testing.T, cases []suiteCase) string {
	t.Helper()
	var b strings.Builder
	applied := map[string]bool{}
	for _, validator := range []string{generated, kin, draft4} {
		agrees := 0
		byReason := map[string][]string{}
		var reasons []string
		for _, c := range cases {
			if c.verdicts[validator] == c.suite {
				agrees++
				continue
			}
			reason := ""
			for _, d := range suiteDecisions() {
				if d.validator == validator && d.applies(c) {
					reason = d.why
					break
				}
			}
			if reason == "" {
				t.Errorf("%s %s, the suite %s, and no decision says why: %s (%s)", validator, c.verdicts[validator], c.suite, c, c.refusal)
			}
			applied[reason] = true
			if byReason[reason] == nil {
				reasons = append(reasons, reason)
			}
			byReason[reason] = append(byReason[reason], fmt.Sprintf("  %s: %s", c.verdicts[validator], c))
		}
		fmt.Fprintf(&b, "%s agrees in %d of %d cases.\n", validator, agrees, len(cases))
		for _, reason := range reasons {
			fmt.Fprintf(&b, "\n%s (%d)\n%s\n", reason, len(byReason[reason]), strings.Join(byReason[reason], "\n"))
		}
		b.WriteString("\n")
	}
	for _, d := range suiteDecisions() {
		if !applied[d.why] {
			t.Errorf("a decision about %s applies to no case: %s", d.validator, d.why)
		}
	}
	return b.String()
}

// runSuite returns the verdicts of generated code, by the name of the group and the value.
func runSuite(t *testing.T, groups []suiteGroup) map[string]verdict {
	t.Helper()
	doc, _, err := openapi.Read("suite.json", suiteDocument(t, groups...), openapi.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := generator.Generate(doc, generator.Options{Package: "suite"})
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("testdata/documents")
	if err != nil {
		t.Fatal(err)
	}
	o := overlay{disk: t.TempDir(), files: map[string]string{}}
	files = append(files, generator.File{Name: "serve.go", Content: fmt.Appendf(nil, servesText, "suite")})
	for _, file := range files {
		o.add(t, filepath.Join(root, "suite", file.Name), file.Content)
	}
	o.add(t, filepath.Join(root, "driver", "main.go"), fmt.Appendf(nil, driverText,
		"\t\"github.com/vpnconform/vpnconform/generator/testdata/documents/suite\"\n", "\t\t\"suite\": suite.Serve,\n"))
	var requests []exchange
	var keys []string
	for _, g := range groups {
		for _, test := range g.Tests {
			requests = append(requests, exchange{Package: "suite", Method: "POST", URL: "/" + g.name, Body: `{"v":` + string(test.Data) + `}`})
			keys = append(keys, g.name+" "+string(test.Data))
		}
	}
	verdicts := map[string]verdict{}
	for i, result := range o.run(t, requests) {
		verdicts[keys[i]] = verdictOf(strings.HasPrefix(result, "accepted "))
	}
	return verdicts
}
