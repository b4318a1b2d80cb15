package fault

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/reference"
	"github.com/vpnconform/vpnconform/conformance/suite"
	"github.com/vpnconform/vpnconform/openapi"
)

// everyFault are all faults, which are derived once for all tests.
var everyFault = sync.OnceValues(All)

func faults(tb testing.TB) []Fault {
	tb.Helper()
	all, err := everyFault()
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func faultOf(tb testing.TB, id string) Fault {
	tb.Helper()
	f, ok, err := Find(id)
	if err != nil || !ok {
		tb.Fatalf("no fault %s: %v", id, err)
	}
	return f
}

// TestFindFault finds faults as the list has them, and neither what is none
// nor what changes the answer to no case.
func TestFindFault(t *testing.T) {
	for _, id := range []string{"rule/Dpd.timeout.maximum/not-enforced", "answer/vpn_connection/style/wrong-case", "style/v2/phase1_negotiation_mode", "time/local"} {
		i := slices.IndexFunc(faults(t), func(f Fault) bool { return f.ID == id })
		if i < 0 {
			t.Fatalf("%s is not in the list", id)
		}
		got, want := faultOf(t, id), faults(t)[i]
		if got.make == nil || got.ID != want.ID || got.Kind != want.Kind || got.Breaks != want.Breaks || got.Rule != want.Rule {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	for _, id := range []string{"", "status", "answer/vpn_connection/ikepolicy/lifetime_seconds/wrong-case"} {
		if got, ok, err := Find(id); ok || err != nil || got.ID != "" {
			t.Errorf("%q: got %+v, %v and %v, want no fault", id, got, ok, err)
		}
	}
}

// TestFaults holds the list of faults: the golden file has their number of each
// kind, some of each, and a digest of all, since there are thousands.
func TestFaults(t *testing.T) {
	all := faults(t)
	if len(all) < 500 {
		t.Errorf("%d faults, want at least 500", len(all))
	}
	form := regexp.MustCompile(`^[a-z]+/[A-Za-z0-9_./-]+[A-Za-z0-9]$`)
	seen := map[string]bool{}
	rules := map[string]bool{}
	for _, r := range newServer(t, reference.Options{}).Document.Rules {
		rules[r.ID] = true
	}
	kinds, order := map[string][]string{}, []string{}
	sum := sha256.New()
	for _, f := range all {
		_, _ = fmt.Fprintln(sum, f.ID)
		if kinds[f.Kind] == nil {
			order = append(order, f.Kind)
		}
		kinds[f.Kind] = append(kinds[f.Kind], f.ID)
		if !form.MatchString(f.ID) || seen[f.ID] {
			t.Errorf("%s is no id, or comes twice", f.ID)
		}
		seen[f.ID] = true
		if f.Kind == "" || !strings.Contains(f.Breaks, " ") || strings.ContainsAny(f.Breaks, "\r\n") || f.make == nil {
			t.Errorf("%s: want a kind, a sentence in one line and an implementation: %+v", f.ID, f)
		}
		if f.Rule != "" && !rules[f.Rule] {
			t.Errorf("%s: there is no rule %s", f.ID, f.Rule)
		}
	}
	var golden strings.Builder
	fmt.Fprintf(&golden, "%d faults, SHA-256 of their ids %x\n", len(all), sum.Sum(nil))
	for _, kind := range order {
		ids := kinds[kind]
		fmt.Fprintf(&golden, "%s: %d\n", kind, len(ids))
		for _, i := range slices.Compact([]int{0, len(ids) / 2, len(ids) - 1}) {
			fmt.Fprintf(&golden, "  %s\n", ids[i])
		}
	}
	goldie.New(t, goldie.WithFixtureDir("testdata")).Assert(t, "faults", []byte(golden.String()))
	again, err := All()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(all, again, func(a, b Fault) bool { return a.ID == b.ID && a.Breaks == b.Breaks }) {
		t.Error("the order differs from one time to the next")
	}
}

// TestFaultsOfRules wants both sides of every rule of a request: not enforced,
// and enforced too strictly, or a reason why there is none. A rule that no case
// breaks alone is not enforced together with those beside it.
func TestFaultsOfRules(t *testing.T) {
	kinds := map[string]map[string]int{}
	together := ""
	for _, f := range faults(t) {
		if f.Kind == "hidden-by-another" {
			together += f.Breaks + ","
		}
		if kinds[f.Rule] == nil {
			kinds[f.Rule] = map[string]int{}
		}
		kinds[f.Rule][f.Kind]++
	}
	w, err := newWorld(environment.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	alone := map[string]bool{}
	for _, c := range w.suite.Cases {
		if breaks := c.Breaks(); len(breaks) == 1 {
			alone[breaks[0]] = true
		}
	}
	refusing, hidden := 0, 0
	for _, r := range w.doc.Rules {
		want := 1
		switch {
		case suite.Excluded(w.op, r, false) != "":
			want = 0
		case !alone[r.ID]:
			want, hidden = 0, hidden+1
			if !strings.Contains(together, " "+r.ID+",") {
				t.Errorf("%s is broken by no case alone, and no fault forgets it together with others", r.ID)
			}
		}
		refusing += want
		if got := kinds[r.ID]["not-enforced"]; got != want {
			t.Errorf("%s is not enforced by %d faults, want %d", r.ID, got, want)
		}
		strict := kinds[r.ID]["too-strict"] > 0
		if none := suite.Excluded(w.op, r, true) != "" || noEdge(w, r); strict == none {
			t.Errorf("%s is enforced too strictly: %v, want %v", r.ID, strict, !none)
		}
	}
	if refusing == 0 || hidden != 6 {
		t.Errorf("%d rules refuse something alone, and %d only together with others, want some and the 6 of the range, blocks and mask of the tunnel addresses", refusing, hidden)
	}
}

// noEdge tells whether a rule has no accepted value that a strict
// implementation might refuse without refusing all: a text is a text, a member
// that is required is there, and an identifier has no characters but letters.
func noEdge(w *world, r *openapi.Rule) bool {
	at, _ := openapi.Find(w.op.JSON(), r.Schema)
	switch r.Keyword {
	case "required":
		return true
	case "type":
		s := openapi.Member(w.op.JSON(), at).Value
		return s.Type.Is("string") || s.Type.Is("object") || s.Type.Is("array")
	case "pattern":
		return strings.HasSuffix(at, "/vgw_id") || strings.HasSuffix(at, "/cgw_id") || strings.HasSuffix(at, "/vgw_ip")
	}
	return false
}

// TestFaultsOfMembers wants every kind for every member of the answer, or a
// reason why it would change nothing.
func TestFaultsOfMembers(t *testing.T) {
	none := map[string]string{
		"/vpn_connection/connection_monitor_id/":                  "a new connection has none",
		"/vpn_connection/cgw_id/stale":                            "the environment has one customer gateway",
		"/vpn_connection/peer_subnets/0/wrong-case":               "it has no letters",
		"/vpn_connection/policy_rules/0/destination/0/wrong-case": "it has no letters",
		"/vpn_connection/policy_rules/0/source/wrong-case":        "it has no letters",
		"/vpn_connection/tunnel_local_address/wrong-case":         "it has no letters",
		"/vpn_connection/tunnel_peer_address/wrong-case":          "it has no letters",
	}
	used := map[string]bool{}
	there := map[string]bool{}
	for _, f := range faults(t) {
		there[f.ID] = true
	}
	w, err := newWorld(environment.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members(w.op.Answer(http.StatusCreated), "") {
		want := []string{"dropped", "null", "other-type", "renamed", "sibling"}
		if m.schema.Type.Is("string") {
			want = append(want, "empty", "wrong-case", "padded")
		}
		if m.schema.Type.Is("integer") {
			want = append(want, "as-text", "with-fraction")
		}
		if len(m.schema.Enum) != 1 {
			want = append(want, "stale")
		}
		if assigned, _ := m.schema.Extensions["x-server-assigned"].(bool); !assigned && !m.schema.Type.Is("object") && len(m.schema.Enum) != 1 {
			want = append(want, "other-value")
		}
		for _, kind := range want {
			id := m.at + "/" + kind
			reason := id
			if none[reason] == "" && none[m.at+"/"] != "" {
				reason = m.at + "/"
			}
			switch {
			case there["answer"+id]:
			case none[reason] == "":
				t.Errorf("no fault answer%s", id)
			default:
				used[reason] = true
			}
		}
	}
	for id := range none {
		if !used[id] {
			t.Errorf("%s needs no reason", id)
		}
	}
}
