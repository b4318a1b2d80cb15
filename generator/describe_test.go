package generator

import (
	"encoding/json"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vpnconform/vpnconform/openapi"
)

// schema reads one from JSON.
func schema(t *testing.T, text string) *openapi3.SchemaRef {
	t.Helper()
	ref := &openapi3.SchemaRef{}
	if err := json.Unmarshal([]byte(text), ref); err != nil {
		t.Fatal(err)
	}
	return ref
}

// A comment says what the document does of a schema, in sentences.
func TestDescribe(t *testing.T) {
	for text, want := range map[string]string{
		`{}`:                           ``,
		`{"description": " Seconds "}`: `Seconds`,
		`{"description": "Seconds", "minimum": 2, "maximum": 60, "default": 15, "x-source": "Table 6, timeout"}`: `Seconds. 2 to 60, default 15. Source: Table 6, timeout.`,
		`{"minimum": -1.5}`:                `At least -1.5.`,
		`{"maximum": 3}`:                   `At most 3.`,
		`{"minLength": 4, "maxLength": 4}`: `4 characters.`,
		`{"description": "Key.", "maxLength": 255, "pattern": "^a*$"}`: `Key. At most 255 characters, matches ^a*$.`,
		`{"pattern": "^a b$"}`:                               ``,
		`{"maxItems": 50, "x-source": ["T", "maxItems: U"]}`: `At most 50 items. Source: T.`,
		`{"type": "boolean", "default": false}`:              `Default false.`,
		`{"allOf": [{"default": 5, "description": "Inside"}], "description": "Outside", "x-source": "T"}`: `Outside. Default 5. Source: T.`,
	} {
		if got := describe(schema(t, text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

// A default becomes a constant if it can.
func TestDefaultOf(t *testing.T) {
	enum := schema(t, `{"type": "string", "enum": ["a", "b"], "default": "b"}`)
	p := &planner{plan: plan{constants: map[*openapi3.Schema][]constant{enum.Value: {{"A", "T", `"a"`}, {"B", "T", `"b"`}}}}}
	if c, ok := p.defaultOf(enum, "D"); !ok || c != (constant{Name: "D", Literal: "B"}) {
		t.Errorf("of an enumeration: %v, %t", c, ok)
	}
	for text, want := range map[string]string{
		`{"type": "string", "default": "a \"b\""}`: `"a \"b\""`, `{"type": "integer", "default": 86400}`: `86400`, `{"type": "number", "default": 0.5}`: `0.5`,
		`{"type": "boolean", "default": true}`: `true`, `{"type": "string"}`: ``, `{"type": "array", "default": []}`: ``, `{"type": "string", "format": "date", "default": "2022-11-26"}`: ``,
	} {
		c, ok := p.defaultOf(schema(t, text), "D")
		if ok != (want != "") || ok && c.Literal != want {
			t.Errorf("%s: %v, %t", text, c, ok)
		}
	}
}

// A rule that the document puts into no words gets an id of the names around it.
func TestKeyword(t *testing.T) {
	p := &plan{document: &openapi.Document{}}
	limits := schema(t, `{"type": "string", "format": "date", "minimum": 1, "exclusiveMinimum": true, "maximum": 2.5, "exclusiveMaximum": true, "multipleOf": 2,
		"minLength": 1, "maxLength": 2, "pattern": "^a$", "minItems": 1, "maxItems": 2, "uniqueItems": true, "minProperties": 1, "maxProperties": 2,
		"additionalProperties": false}`).Value
	for keyword, want := range map[string]string{
		"type": "is a string", "nullable": "is not null", "format": "has the format date", "minimum": "is at least 1",
		"exclusiveMinimum": "is more than 1", "maximum": "is at most 2.5", "exclusiveMaximum": "is less than 2.5",
		"multipleOf": "is a multiple of 2", "minLength": "has at least 1 character", "maxLength": "has at most 2 characters", "pattern": "matches ^a$",
		"minItems": "has at least 1 item", "maxItems": "has at most 2 items", "uniqueItems": "has no item twice", "minProperties": "has at least 1 member",
		"maxProperties": "has at most 2 members", "additionalProperties": "has no other members",
	} {
		got := p.keywordRule(&shape{schema: limits, path: "A.b"}, keyword)
		if got != (rule{"A.b." + keyword, "b " + want}) {
			t.Errorf("%s: %v", keyword, got)
		}
	}
	for path, want := range map[string]string{"A": "the body", "A.b": "b", "A.b.items": "an item of b", "A.items": "an item"} {
		if got := subject(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	if got := p.requiredRule(&shape{schema: limits, path: "A"}, "b"); got != (rule{"A.b.required", "b is present"}) {
		t.Errorf("required: %v", got)
	}
	if got := (rule{`a"b`, "c\n"}).args(); got != `"a\"b", "c\n"` {
		t.Errorf("arguments: %s", got)
	}
}

func TestFill(t *testing.T) {
	for template, want := range map[string]string{
		"": `""`, "x": `"x"`, "{header}": `header`, "invalid: {messages}": `"invalid: " + messages`, "{header}{messages}!": `header + messages + "!"`, `{ID} "`: `"{ID} \""`,
	} {
		if got := fillPlaceholders(template); got != want {
			t.Errorf("%s: %s, want %s", template, got, want)
		}
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int]string{12 << 20: "12 << 20", 64 << 10: "64 << 10", 1000: "1000", 1: "1"} {
		if got := goBytes(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}

func TestNamesInText(t *testing.T) {
	for name, want := range map[string]string{"Dpd": "a Dpd", "IkePolicy": "an IkePolicy", "ErrorResponse": "an ErrorResponse"} {
		if got := withArticle(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := lowerFirst("Ärger"); got != "ärger" {
		t.Errorf("got %s", got)
	}
}
