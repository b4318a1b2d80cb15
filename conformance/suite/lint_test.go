package suite

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpnconform/vpnconform/openapi"
)

// copied returns a suite whose cases may be changed, without those in drawn
// surroundings, which are most of it.
func copied(t testing.TB) *Suite {
	t.Helper()
	s, err := Load(1)
	if err != nil {
		t.Fatal(err)
	}
	few := &Suite{doc: s.doc, parts: s.parts, index: map[string]int{}, released: true}
	for _, c := range s.Cases {
		if !c.inSurroundings {
			few.index[c.ID] = len(few.Cases)
			few.Cases = append(few.Cases, c)
		}
	}
	return few
}

// at returns a case to be changed.
func (s *Suite) at(t testing.TB, id string) *Case {
	t.Helper()
	i, ok := s.index[id]
	if !ok {
		t.Fatalf("there is no case %s", id)
	}
	return &s.Cases[i]
}

// The cases that the tests break: one of a rule and one of none, each accepted
// or refused.
const (
	operation = "CreateVpnConnection/"
	example   = operation + "example/static"
	highest   = operation + "IkePolicy.lifetime_seconds.maximum/maximum"
	above     = operation + "IkePolicy.lifetime_seconds.maximum/above"
	elsewhere = operation + "transport/method-put"
	around    = operation + "transport/accept-any"
	standby   = operation + "CreateVpnConnection.ha_role-active-standby/broken-1"
)

// patched writes a JSON Patch.
func patched(text string) []byte { return []byte(text) }

// TestLint breaks one case at a time: what is wrong is found, and nothing
// else is said.
func TestLint(t *testing.T) {
	const ids = ": an id is an operation, a rule and a name with slashes between, or duty and a rule, without blanks and * ? [ \\"
	const gone = ": the case is required and is not there"
	tooHigh := patched(`[{"op":"add","path":"/vpn_connection/ikepolicy","value":{"lifetime_seconds":604801}}]`)
	for _, row := range []struct {
		name  string
		spoil func(t testing.TB, s *Suite)
		want  []string
	}{
		{"an accepted case breaks a rule", func(t testing.TB, s *Suite) { s.at(t, around).Change.Patch = tooHigh }, []string{
			around + ": the request breaks [IkePolicy.lifetime_seconds.maximum], want []",
		}},
		{"a case without a rule breaks one", func(t testing.TB, s *Suite) { s.at(t, elsewhere).Change.Patch = tooHigh }, []string{
			elsewhere + ": the request breaks [IkePolicy.lifetime_seconds.maximum], want []",
		}},
		{"a request cannot be made", func(t testing.TB, s *Suite) {
			s.at(t, around).Change.Patch = patched(`[{"op":"remove","path":"/none"}]`)
		}, []string{around + ": the request cannot be made: error in remove for path: '/none': unable to remove nonexistent key: none: missing value"}},
		{"a refused case breaks nothing", func(t testing.TB, s *Suite) {
			s.at(t, above).Change.Patch = patched(`[{"op":"add","path":"/vpn_connection/name","value":"a"}]`)
		}, []string{
			above + ": the request breaks [], want [IkePolicy.lifetime_seconds.maximum]",
		}},
		{"a refused case breaks another rule", func(t testing.TB, s *Suite) {
			s.at(t, above).Change.Patch = patched(`[{"op":"add","path":"/vpn_connection/name","value":60}]`)
		}, []string{above + ": the request breaks [CreateVpnConnection.name.type], want [IkePolicy.lifetime_seconds.maximum]"}},
		{"a refused case breaks two rules", func(t testing.TB, s *Suite) {
			s.at(t, above).Change.Patch = patched(`[{"op":"add","path":"/vpn_connection/ikepolicy","value":{"lifetime_seconds":604801}},{"op":"add","path":"/vpn_connection/name","value":60}]`)
		}, []string{
			above + ": the request breaks [CreateVpnConnection.name.type IkePolicy.lifetime_seconds.maximum], want [IkePolicy.lifetime_seconds.maximum]",
		}},
		{"no statuses", func(t testing.TB, s *Suite) { s.at(t, around).Statuses = nil }, []string{around + ": no status of the answer is right"}},
		{"the twin has no statuses", func(t testing.TB, s *Suite) {
			s.at(t, above).Twin = around
			s.at(t, around).Statuses = []int{}
		}, []string{
			above + `: the twin "` + around + `" is no accepted case`,
			around + ": no status of the answer is right",
		}},
		{"an id comes twice", func(t testing.TB, s *Suite) { s.Cases = append(s.Cases, *s.at(t, around)) }, []string{
			around + ": the id comes 2 times", around + ": the id comes 2 times",
		}},
		{"an id without a slash", func(t testing.TB, s *Suite) { s.at(t, around).ID = "any" }, []string{"any" + ids, around + gone}},
		{"an id without a group", func(t testing.TB, s *Suite) { s.at(t, around).ID = operation + "/any" }, []string{operation + "/any" + ids, around + gone}},
		{"an id without a name", func(t testing.TB, s *Suite) { s.at(t, around).ID = operation + "any/" }, []string{operation + "any/" + ids, around + gone}},
		{"an id of another operation", func(t testing.TB, s *Suite) { s.at(t, around).ID = "other/any/b" }, []string{"other/any/b" + ids, around + gone}},
		{"an id with a blank", func(t testing.TB, s *Suite) { s.at(t, around).ID = operation + "any/ b" }, []string{operation + "any/ b" + ids, around + gone}},
		{"an id with a star", func(t testing.TB, s *Suite) { s.at(t, around).ID = operation + "any/*" }, []string{operation + "any/*" + ids, around + gone}},
		{"an id with a bracket", func(t testing.TB, s *Suite) { s.at(t, around).ID = operation + "any/[b]" }, []string{operation + "any/[b]" + ids, around + gone}},
		{"no title", func(t testing.TB, s *Suite) { s.at(t, around).Title = "" }, []string{around + ": the title is missing"}},
		{"no level", func(t testing.TB, s *Suite) { s.at(t, around).Level = "" }, []string{around + `: level "" is none of must, should, may`}},
		{"a level of another name", func(t testing.TB, s *Suite) { s.at(t, around).Level = "Must" }, []string{around + `: level "Must" is none of must, should, may`}},
		{"no citation", func(t testing.TB, s *Suite) { s.at(t, around).Source = "" }, []string{around + `: citation "" names no part of the page and no source`}},
		{"a citation of nothing", func(t testing.TB, s *Suite) { s.at(t, around).Source = "NONE, x" }, []string{around + `: citation "NONE, x" names no part of the page and no source`}},
		{"an erratum that does not exist", func(t testing.TB, s *Suite) {
			s.at(t, around).Errata = []string{"policy-destination", "none"}
		}, []string{around + ": there is no erratum none"}},
		{"no twin", func(t testing.TB, s *Suite) { s.at(t, above).Twin = "" }, []string{above + `: the twin "" is no accepted case`}},
		{"a twin that is refused", func(t testing.TB, s *Suite) { s.at(t, above).Twin = elsewhere }, []string{above + `: the twin "` + elsewhere + `" is no accepted case`}},
		{"a twin that is the case itself", func(t testing.TB, s *Suite) { s.at(t, above).Twin = above }, []string{above + `: the twin "` + above + `" is no accepted case`}},
		{"a twin that does not exist", func(t testing.TB, s *Suite) { s.at(t, above).Twin = operation + "example/none" }, []string{above + `: the twin "CreateVpnConnection/example/none" is no accepted case`}},
		{"a twin of another example", func(t testing.TB, s *Suite) { s.at(t, above).Twin = operation + "example/policy" }, []string{
			above + ": the twin " + operation + "example/policy is made of another example",
		}},
		{"a twin for another target", func(t testing.TB, s *Suite) {
			s.at(t, standby).Twin = operation + "CreateVpnConnection.vgw_ip-network-type/kept-2"
		}, []string{
			standby + ": the twin " + operation + "CreateVpnConnection.vgw_ip-network-type/kept-2 is not accepted by the target that this is for",
		}},
		{"a twin that is the same request", func(t testing.TB, s *Suite) {
			s.at(t, above).Twin = around
			s.at(t, around).Change = s.at(t, above).Change
		}, []string{
			above + ": the twin " + around + " is the same request",
			around + ": the request breaks [IkePolicy.lifetime_seconds.maximum], want []",
		}},
		{"an accepted case has a twin", func(t testing.TB, s *Suite) { s.at(t, highest).Twin = example }, []string{highest + ": only a refused case has a twin"}},
		{"nothing is wrong", func(t testing.TB, s *Suite) { s.at(t, elsewhere).Wire = Wire{} }, []string{
			elsewhere + ": nothing is wrong with the request", elsewhere + ": the twin " + operation + "example/static is the same request",
		}},
		{"a rule without an accepted case", func(t testing.TB, s *Suite) {
			s.at(t, operation+"CreateVpnConnection.vgw_id.required/present").Rule = nil
		}, []string{"CreateVpnConnection.vgw_id.required: no case is accepted"}},
		{"a rule without a refused case", func(t testing.TB, s *Suite) {
			for i := range s.Cases {
				if c := &s.Cases[i]; c.Rule != nil && c.Rule.ID == "CreateVpnConnection.vgw_id.required" && !c.Accepted() {
					c.Rule, c.Wire, c.Twin = nil, Wire{Method: http.MethodPut}, operation+"example/"+c.Change.Example
					c.Change.Patch, c.Change.Facts = patched("[]"), s.doc.Facts
				}
			}
		}, []string{"CreateVpnConnection.vgw_id.required: no case is refused"}},
		{"a case of a side that is excluded", func(t testing.TB, s *Suite) {
			s.at(t, around).Rule = s.doc.Rule("ResponseVpnConnection.id.pattern")
		}, []string{"ResponseVpnConnection.id.pattern: a case is accepted, and none should be: an obligation of the answer"}},
		{"a permission that refuses", func(t testing.TB, s *Suite) {
			c := s.at(t, elsewhere)
			c.Rule = s.doc.Rule("CreateVpnConnection.additionalProperties")
		}, []string{
			elsewhere + ": the request breaks [], want [CreateVpnConnection.additionalProperties]",
			"CreateVpnConnection.additionalProperties: a case is refused, and none should be: a permission",
		}},
		{"a required case is missing", func(t testing.TB, s *Suite) {
			i := s.index[around]
			s.Cases = slices.Delete(s.Cases, i, i+1)
		}, []string{around + gone}},
		{"no case", func(_ testing.TB, s *Suite) { s.Cases, s.doc = nil, &openapi.Document{} }, func() (all []string) {
			few := copied(t).index
			for _, id := range copied(t).Required() {
				if _, ok := few[id]; ok {
					all = append(all, id+gone)
				}
			}
			return all
		}()},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := copied(t)
			there := maps.Clone(s.index)
			row.spoil(t, s)
			faults, err := s.Lint()
			if err != nil {
				t.Fatal(err)
			}
			faults = slices.DeleteFunc(faults, func(fault string) bool {
				id, isGone := strings.CutSuffix(fault, gone)
				_, had := there[id]
				return isGone && !had
			})
			if diff := cmp.Diff(row.want, faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}
