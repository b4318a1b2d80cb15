package suite

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/openapi"
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

// TestListing makes the cases of entries of cases.yaml.
func TestListing(t *testing.T) {
	s := copied(t)
	facts := s.doc.Facts
	maximum := s.doc.Rule("IkePolicy.lifetime_seconds.maximum")
	for _, row := range []struct {
		entry listing
		want  Case
	}{
		{
			listing{ID: "a/b", Title: "c", Level: "may", Source: "d", Errata: []string{"e"}, Example: "static"},
			Case{
				ID: "a/b", Title: "c", Level: "may", Source: "d", Errata: []string{"e"},
				Change: openapi.Violate{Example: "static", Patch: []byte("null"), Facts: facts}, Statuses: []int{http.StatusCreated},
			},
		},
		{
			listing{ID: "a/b", Example: "bgp", Patch: []step{{Op: "add", Path: "/a", Value: []byte("1")}}, Refused: maximum.ID},
			Case{
				ID: "a/b", Rule: maximum, Twin: "example/bgp",
				Change:   openapi.Violate{Example: "bgp", Patch: []byte(`[{"op":"add","path":"/a","value":1}]`), Facts: facts},
				Statuses: []int{http.StatusBadRequest},
			},
		},
		{
			listing{ID: "a/b", Example: "policy", Refused: maximum.ID, Twin: "c/d", With: map[string]any{"customer_gateway": map[string]any{"ip": "88.0.0.1"}}},
			Case{
				ID: "a/b", Rule: maximum, Twin: "c/d",
				Change: openapi.Violate{
					Example: "policy", Patch: []byte("null"),
					Facts: openapi.Facts{"gateway": facts["gateway"], "customer_gateway": map[string]any{"id": "5247ae10-demo-a8df-va86-dd36659a7f5d", "ip": "88.0.0.1"}},
				},
				Statuses: []int{http.StatusBadRequest},
			},
		},
	} {
		got, err := s.only().caseOf(row.entry)
		if err != nil {
			t.Errorf("%+v: %v", row.entry, err)
		}
		same := cmp.Comparer(func(a, b *openapi.Rule) bool { return a == b })
		if diff := cmp.Diff(row.want, got, same, cmpopts.EquateEmpty(), cmpopts.IgnoreUnexported(Case{})); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", row.entry, diff)
		}
	}
}

// TestListingFaults holds what is said of entries of cases.yaml that make no
// case.
func TestListingFaults(t *testing.T) {
	s := copied(t)
	for _, row := range []struct {
		entry listing
		want  string
	}{
		{listing{}, `there is no example ""`},
		{listing{Example: "none"}, `there is no example "none"`},
		{listing{Example: "static", Refused: "none"}, "there is no rule none"},
		{listing{Example: "static", Refused: "none", Unknown: "vgw_id"}, "there is no rule none"},
		{listing{Example: "static", Patch: []step{{Op: "add", Path: "/a", Value: []byte("{")}}}, "json: error calling MarshalJSON for type json.RawMessage: unexpected end of JSON input"},
	} {
		got, err := s.only().caseOf(row.entry)
		if err == nil || err.Error() != row.want {
			t.Errorf("%+v:\n got %v\nwant %s", row.entry, err, row.want)
		}
		if diff := cmp.Diff(Case{}, got, cmpopts.IgnoreUnexported(Case{})); diff != "" {
			t.Errorf("%+v: a case all the same:\n%s", row.entry, diff)
		}
	}
}

// TestListingPatch shows that a patch that fits nothing is found: by the
// linter, and when the case is bound.
func TestListingPatch(t *testing.T) {
	s := copied(t)
	c, err := s.only().caseOf(listing{
		ID: "own/none", Title: "t", Level: "may", Source: "URI", Example: "static", Patch: []step{{Op: "remove", Path: "/none"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	c.Operation = s.only().op.OperationID
	s.Cases = []Case{c}
	const why = "error in remove for path: '/none': unable to remove nonexistent key: none: missing value"
	faults, err := s.Lint()
	if want := "own/none: the request cannot be made: " + why; err != nil || !slices.Contains(faults, want) {
		t.Errorf("lint: %v, %q, want %q among them", err, faults[:min(3, len(faults))], want)
	}
	e, err := environment.Default(s.Document())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Bind(c, e, "key"); !errors.Is(err, jsonpatch.ErrMissing) || err.Error() != "own/none: request: "+why {
		t.Errorf("bound: %v", err)
	}
}

// only is the part of the only operation.
func (s *Suite) only() *part {
	for _, p := range s.parts {
		return p
	}
	return nil
}
