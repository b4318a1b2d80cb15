package vpn_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/generated/vpn"
	"github.com/vpnconform/vpnconform/openapi"
)

// path is the generated code for one schema, and the plain way to the same verdict: kin-openapi, through package
// openapi.
type path struct {
	name    string
	schema  *openapi3.SchemaRef
	decode  func([]byte) (value any, violations vpn.Violations)
	bind    func([]byte) (value validator, err error) // by the names in the tags, as they are written
	plainly func(any) []openapi.Violation
	example string // accepted, with every member that the schema has
}

type validator interface{ Validate() vpn.Violations }

// paths returns those of the request, of its answer and of an error.
func paths(tb testing.TB) []path {
	tb.Helper()
	doc, err := openapi.Load()
	if err != nil {
		tb.Fatal(err)
	}
	op, _ := doc.Operation("CreateVpnConnection")
	answer := func(status int) func(any) []openapi.Violation {
		return func(v any) []openapi.Violation {
			return doc.CheckResponse(op, status, openapi.Exchange{Response: v})
		}
	}
	request := func(v any) []openapi.Violation { return doc.CheckRequest(op, v, nil) }
	return []path{
		newPath("request", op.JSON(), vpn.DecodeCreateVpnConnectionRequestBody, request, fullRequest),
		newPath("answer", op.Answer(201), vpn.DecodeCreateVpnConnectionResponseBody, answer(201), fullAnswer),
		newPath("error", op.Answer(400), vpn.DecodeErrorResponse, answer(400), fullError),
	}
}

func newPath[T any, P interface {
	*T
	validator
}](name string, schema *openapi3.SchemaRef, decode func([]byte) (P, vpn.Violations), plainly func(any) []openapi.Violation, example string) path {
	return path{
		name: name, schema: schema, plainly: plainly, example: example,
		decode: func(data []byte) (any, vpn.Violations) {
			value, violations := decode(data)
			if value == nil {
				return nil, violations
			}
			return value, violations
		},
		bind: func(data []byte) (validator, error) {
			value := P(new(T))
			return value, jsonv2.Unmarshal(data, value, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true))
		},
	}
}

// finding is a violation without its sentence.
type finding struct{ pointer, rule string }

// plain returns what the plain path finds in a body. The error is that of a body that it does not get to see.
func (p path) plain(data []byte) (map[finding]bool, error) {
	if err := strictly(data); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	found := map[finding]bool{}
	for _, v := range p.plainly(value) {
		switch {
		case v.Rule == nil:
			found[finding{v.Pointer, "no rule: " + v.Message}] = true
		case v.Rule.Kind != openapi.Postcondition && v.Rule.Keyword != "x-echo" && v.Rule.Keyword != "default": // those are of the exchange
			found[finding{v.Pointer, v.Rule.ID}] = true
		}
	}
	return found, nil
}

// errDepth says that values nest deeper than the generated code reads.
var errDepth = errors.New("nests too deep")

// strictly reads a body as RFC 8259 and RFC 7493 ask, unless there are options.
func strictly(data []byte, options ...jsontext.Options) error {
	decoder := jsontext.NewDecoder(bytes.NewReader(data), options...)
	for {
		_, err := decoder.ReadToken()
		switch {
		case err != nil:
			return err
		case decoder.StackDepth() > 64:
			return errDepth
		case decoder.StackDepth() == 0:
			if _, err := decoder.ReadToken(); !errors.Is(err, io.EOF) {
				return errors.New("something follows the value")
			}
			return nil
		}
	}
}

// agree holds the generated code against the plain path, for one body.
func (p path) agree(tb testing.TB, data []byte) {
	tb.Helper()
	value, violations := p.decode(data)
	want, err := p.plain(data)
	if err != nil {
		p.agreeOnJSON(tb, data, violations, err)
	} else if diff := cmp.Diff(lines(want), lines(set(violations))); diff != "" && len(violations) <= vpn.MaxViolations {
		tb.Errorf("%s %q: Decode (-plain +generated):\n%s", p.name, data, diff)
	}
	if (value == nil) != (violations != nil) {
		tb.Errorf("%s %q: Decode returned %v and %v", p.name, data, value, violations)
	}
	bound, err := p.bind(data)
	if err != nil {
		if violations == nil {
			tb.Errorf("%s %q: Decode accepts it: %v", p.name, data, err)
		}
		return
	}
	if value != nil {
		if diff := cmp.Diff(bound, value); diff != "" {
			tb.Errorf("%s %q: (-jsonv2 +Decode)\n%s", p.name, data, diff)
		}
	}
	p.agreeOnValue(tb, bound)
}

// agreeOnValue holds Validate against the plain path.
func (p path) agreeOnValue(tb testing.TB, value validator) {
	tb.Helper()
	violations := value.Validate()
	if slices.ContainsFunc(violations, func(v vpn.Violation) bool { return v.Rule == vpn.RuleUTF8 }) {
		return // encoding/json mends such text
	}
	data, err := json.Marshal(value)
	if err != nil {
		tb.Fatal(err)
	}
	want, err := p.plain(data)
	if err != nil {
		tb.Fatalf("%s %q: %v", p.name, data, err)
	}
	if diff := cmp.Diff(lines(want), lines(set(violations))); diff != "" && len(violations) <= vpn.MaxViolations {
		tb.Errorf("%s %q: Validate (-plain +generated):\n%s", p.name, data, diff)
	}
}

// agreeOnJSON asks for the violation that says why a body is no JSON, or not as strict as it should be.
func (p path) agreeOnJSON(tb testing.TB, data []byte, violations vpn.Violations, err error) {
	tb.Helper()
	want := []string{vpn.RuleSyntax, vpn.RuleTrailing}
	switch {
	case errors.Is(err, errDepth):
		want = []string{vpn.RuleDepth}
	case errors.Is(err, jsontext.ErrDuplicateName):
		want = []string{vpn.RuleDuplicate}
	case strings.Contains(err.Error(), "UTF-8"), strings.Contains(err.Error(), "surrogate"):
		want = []string{vpn.RuleUTF8}
	}
	if strictly(data, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) != nil {
		want = []string{vpn.RuleSyntax, vpn.RuleTrailing, vpn.RuleDepth} // there is a worse mistake behind
	}
	if len(violations) <= vpn.MaxViolations && !slices.ContainsFunc(violations, func(v vpn.Violation) bool { return slices.Contains(want, v.Rule) }) {
		tb.Errorf("%s %q: got %v, want one of %v for %v", p.name, data, violations, want, err)
	}
}

func set(violations vpn.Violations) map[finding]bool {
	found := map[finding]bool{}
	for _, v := range violations {
		found[finding{v.Pointer, v.Rule}] = true
	}
	return found
}

func lines(found map[finding]bool) []string {
	var out []string
	for _, f := range slices.Collect(maps.Keys(found)) {
		out = append(out, f.pointer+" "+f.rule)
	}
	slices.Sort(out)
	return out
}
