package generator_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	golden "github.com/vpnconform/vpnconform/generator/testdata/library"
)

// violation is one of a generated package.
type violation struct{ Pointer, Rule, Message string }

// found lists violations by pointer and keyword; the rule of a member has the keyword as its last name.
func found[V ~struct{ Pointer, Rule, Message string }](violations []V) []string {
	var out []string
	for _, v := range violations {
		v := violation(v)
		if !strings.HasPrefix(v.Rule, "Room.one-way") {
			out = append(out, v.Pointer+" "+v.Rule[strings.LastIndexByte(v.Rule, '.')+1:])
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// plainly lists what kin-openapi finds.
func plainly(schema *openapi3.Schema, data []byte) []string {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return []string{err.Error()}
	}
	var out []string
	var gather func(error)
	gather = func(err error) {
		var several openapi3.MultiError
		var one *openapi3.SchemaError
		switch {
		case errors.As(err, &several):
			for _, e := range several {
				gather(e)
			}
		case errors.As(err, &one):
			pointer := ""
			for _, token := range one.JSONPointer() {
				pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(token)
			}
			keyword := one.SchemaField
			switch keyword {
			case "nullable":
				keyword = "type"
			case "properties":
				keyword = "additionalProperties"
			}
			out = append(out, pointer+" "+keyword)
		}
	}
	if err := schema.VisitJSON(value, openapi3.MultiErrors()); err != nil {
		gather(err)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// memberComments are values for the members of a catalogue.
func memberComments() []string {
	values := []string{
		`null`, `true`, `0`, `1`, `-1`, `-50`, `-51`, `1.5`, `1.6`, `2099`, `2100`, `2101`, `5`, `7`, `9223372036854775807`, `""`, `"a"`, `"ab"`, `"abcdé"`, `"abcdef"`,
		`[]`, `[1]`, `[1,1]`, `[1,2,1,3]`, `["a"]`, `["a","a"]`, `["a",null]`, `[null,null]`, `[{}]`, `[{},{},{},{}]`, `[[]]`, `[[1,2],[1.5]]`, `[[null]]`, `[{"name":5}]`,
		`{}`, `{"a":1}`, `{"a":0,"b":2}`, `{"a":1,"b":2,"c":3}`, `{"a":"x"}`, `{"a":"x","b":"y"}`, `{"a":"x","c":"y"}`, `{"a~/b":0}`,
		`[{"floor":1,"doors":2,"heated":false,"label":"x"}]`, `[{"floor":"1","doors":null}]`,
	}
	for _, name := range []string{"empty", "literal", "any", "optional", "some", "three", "fixed", "either", "dashed", "inside", "begin", "end", "folded", "greek", "word", "never"} {
		for _, text := range []string{
			"", "a", "abc", "abcd", "é", "éü", "éüö", "12", "x", "xyz", "none", "AB:12", "AB-12", "GB:12", "ab-cd", "ab-", "-ab", "xb5x", "ab", "aab", "xab", "ABZ", "αβ", "α-", "--", "an ab b", "a\n",
		} {
			values = append(values, fmt.Sprintf(`{%q:%q}`, name, text))
		}
	}
	return values
}

// The generated code of every keyword agrees with kin-openapi.
func TestKeywords(t *testing.T) {
	schema := library(t).T.Components.Schemas["Catalogue"].Value
	accepted := 0
	for name := range schema.Properties {
		for _, value := range memberComments() {
			if (name == "level" || name == "steps") && strings.Contains(value, ".") {
				continue // it is no integer to us, and something else to kin-openapi
			}
			if name == "steps" && len(value) > 15 {
				continue // kin-openapi divides as a float64 does
			}
			body := map[string]json.RawMessage{"title": []byte(`"abc"`), "rooms": []byte(`[{}]`)}
			body[name] = []byte(value)
			data, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			decoded, violations := golden.DecodeCatalogue(data)
			if diff := cmp.Diff(plainly(schema, data), found(violations)); diff != "" {
				t.Errorf("Decode %s (-kin-openapi +generated):\n%s", data, diff)
			}
			var bound golden.Catalogue
			if jsonv2.Unmarshal(data, &bound) != nil {
				continue
			}
			if decoded != nil {
				accepted++
				if diff := cmp.Diff(&bound, decoded); diff != "" {
					t.Errorf("%s (-jsonv2 +Decode):\n%s", data, diff)
				}
			}
			if data, err = json.Marshal(bound); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(plainly(schema, data), found(bound.Validate())); diff != "" {
				t.Errorf("Validate %s (-kin-openapi +generated):\n%s", data, diff)
			}
		}
	}
	if accepted < 50 {
		t.Errorf("only %d bodies were accepted", accepted)
	}
}

// Members that are missing, unknown or of another kind than the whole.
func TestObjects(t *testing.T) {
	schema := library(t).T.Components.Schemas["Catalogue"].Value
	for _, body := range []string{
		`{}`, `null`, `[]`, `"x"`, `5`, `{"title":"abc"}`, `{"rooms":[{}]}`, `{"title":"abc","rooms":[{}],"x":1,"y":2}`, `{"Title":"abc","rooms":[{}]}`,
	} {
		_, violations := golden.DecodeCatalogue([]byte(body))
		if diff := cmp.Diff(plainly(schema, []byte(body)), found(violations)); diff != "" {
			t.Errorf("%s (-kin-openapi +generated):\n%s", body, diff)
		}
	}
}

// Types that read JSON themselves, maps, and types within themselves.
func TestTypes(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":1,"state":"open","book":{}}`:                                              "",
		`{"id":1,"state":"open","book":{"related":[{"related":[{"isbn":"1"}]}]}}`:        "",
		`{"id":1,"state":"open","book":{"related":[{"related":[{"isbn":1}]}]}}`:          "/book/related/0/related/0/isbn type",
		`{"id":1,"state":"open","book":{"cover":{"raw":{"a":[1]}}}}`:                     "",
		`{"id":1,"state":"open","book":{},"renewals":[{"on":"2022-11-26T13:41:34Z"}]}`:   "",
		`{"id":1,"state":"open","book":{},"renewals":[{"on":"yesterday"},{"on":5},{}]}`:  "/renewals/0/on format, /renewals/1/on type, /renewals/2/on required",
		`{"id":1,"state":"open","book":{},"fees":{"a":1.5,"b":"x"}}`:                     "/fees/b type",
		`{"id":1,"state":"open","book":{},"fees":{"a":1,"a":2}}`:                         "/fees/a duplicate",
		`{"id":1,"state":"open","book":{},"notes":{"a":{"text":5}},"extra":{"any":[1]}}`: "/notes/a/text type",
		`{"id":1,"state":"open","book":{},"extra":[],"history":{},"stamps":["lost",""]}`: "/extra type, /history type, /stamps/1 enum",
	} {
		v, violations := golden.DecodeLoan([]byte(body))
		if got := strings.Join(found(violations), ", "); got != want {
			t.Errorf("%s: got %s, want %s", body, got, want)
		}
		if v == nil {
			continue
		}
		var bound golden.Loan
		if err := json.Unmarshal([]byte(body), &bound); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&bound, v); diff != "" || v.Validate() != nil {
			t.Errorf("%s: %v (-encoding/json +Decode):\n%s", body, v.Validate(), diff)
		}
	}
}

// A rule over several members blames all that it names, and is not judged where they are not what they should be.
func TestCrossField(t *testing.T) {
	for body, want := range map[string]string{
		`{"title":"abc","rooms":[{"floor":1,"doors":1}]}`:          "",
		`{"title":"abc","rooms":[{"floor":1,"doors":0}]}`:          "/rooms/0/doors Room.one-way, /rooms/0/floor Room.one-way",
		`{"title":"a","rooms":[{"floor":1,"doors":0}]}`:            "/title Catalogue.title.minLength, /rooms/0/doors Room.one-way, /rooms/0/floor Room.one-way",
		`{"title":"abc","rooms":[{"floor":"1","doors":0}]}`:        "/rooms/0/floor Room.floor.type",
		`{"title":"abc","rooms":[{"floor":1,"doors":0},{},{},{}]}`: "/rooms Catalogue.rooms.maxItems",
		`{"title":"abc","rooms":[{"floor":1,"doors":0}],"more":1}`: " Catalogue.additionalProperties",
	} {
		_, violations := golden.DecodeCatalogue([]byte(body))
		var got []string
		for _, v := range violations {
			got = append(got, v.Pointer+" "+v.Rule)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got %s, want %s", body, strings.Join(got, ", "), want)
		}
	}
}

// implementation is one of the library's server.
type implementation struct{ names *[]string }

func (implementation) Borrow(context.Context, golden.BorrowRequestObject) (golden.BorrowResponseObject, error) {
	return golden.Borrow201JSONResponse{}, nil
}

func (implementation) ReturnLoan(context.Context, golden.ReturnLoanRequestObject) (golden.ReturnLoanResponseObject, error) {
	return golden.ReturnLoan204Response{}, nil
}

func (implementation) GetLoan(context.Context, golden.GetLoanRequestObject) (golden.GetLoanResponseObject, error) {
	return golden.GetLoan304Response{}, nil
}

func (implementation) ReplaceCatalogue(context.Context, golden.ReplaceCatalogueRequestObject) (golden.ReplaceCatalogueResponseObject, error) {
	return golden.ReplaceCatalogue204Response{}, nil
}

func (i implementation) Rename(_ context.Context, r golden.RenameRequestObject) (golden.RenameResponseObject, error) {
	if r.Body != nil {
		*i.names = *r.Body
	}
	return golden.Rename204Response{}, nil
}

// A body may be a list, and may be left out where the document says so; a refusal has the form of the document.
func TestBodies(t *testing.T) {
	var names []string
	handler := golden.Handler(golden.NewStrictHandler(implementation{&names}, nil))
	for _, test := range []struct {
		path, body string
		status     int
		answer     string
	}{
		{path: "/readers/5/names", status: 204},
		{path: "/readers/5/names", body: `["a","b"]`, status: 204},
		{path: "/readers/5/names", body: `["a","","c"]`, status: 400, answer: `{"text":"7: the body has at most 2 items; an item of the body has at least 1 character!","kind":"refused"}`},
		{path: "/catalogue", body: `{"title":"abc","rooms":[{}]}`, status: 204},
		{path: "/catalogue", status: 400, answer: `{"text":"7: the body is JSON, and is not at byte 0!","kind":"refused"}`},
		{path: "/catalogue", body: strings.Repeat(" ", 1<<16) + "{}", status: 413, answer: `{"text":"7: the body has at most 65536 bytes!","kind":"refused"}`},
	} {
		w := httptest.NewRecorder()
		w.Header().Set("X-Trace", "7")
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, test.path, strings.NewReader(test.body))
		handler.ServeHTTP(w, r)
		if got := strings.TrimSpace(w.Body.String()); w.Code != test.status || got != test.answer {
			t.Errorf("%s %.30s: %d %s, want %d %s", test.path, test.body, w.Code, got, test.status, test.answer)
		}
	}
	if diff := cmp.Diff([]string{"a", "b"}, names); diff != "" {
		t.Errorf("the names (-want +got):\n%s", diff)
	}
}
