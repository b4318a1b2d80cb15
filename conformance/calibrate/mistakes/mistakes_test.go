package mistakes

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/environment"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/openapi"
)

// siteOf returns what the kit takes the target of the examples to have.
func siteOf() (Site, error) {
	doc, err := openapi.Load()
	if err != nil {
		return Site{}, err
	}
	env, err := environment.Default(doc)
	if err != nil {
		return Site{}, err
	}
	site := Site{ProjectID: env.Parameters["project_id"]}
	for name, into := range map[string]any{"gateway": &site.Gateways, "customer_gateway": &site.CustomerGateways} {
		data, err := json.Marshal(env.Objects[name])
		if err == nil {
			err = json.Unmarshal(data, into)
		}
		if err != nil {
			return Site{}, err
		}
	}
	return site, nil
}

func ownSite(t *testing.T) Site {
	t.Helper()
	site, err := siteOf()
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// run tries a handler with the kit.
func run(t *testing.T, h http.Handler, opts conformance.Options) *report.Report {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ConnContext = ConnContext
	server.Start()
	defer server.Close()
	opts.Target = server.URL
	r, err := conformance.Run(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// firstLines returns the beginning of a report as a person reads it.
func firstLines(t *testing.T, r *report.Report, n int) string {
	t.Helper()
	var text strings.Builder
	if err := report.WriteText(&text, r, report.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(text.String(), "\n")
	return strings.Join(lines[:min(n, len(lines))], "\n")
}

// recorded returns what a run with seed 1 asks of the healthy server.
var recorded = sync.OnceValues(func() (*Recording, error) {
	site, err := siteOf()
	if err != nil {
		return nil, err
	}
	r := NewRecording()
	server := httptest.NewServer(r.Record(New(site, Hooks{})))
	defer server.Close()
	_, err = conformance.Run(context.Background(), conformance.Options{Target: server.URL, Seed: 1})
	return r, err
})

// TestHealthy holds the server without mistakes to every level: what the kit
// finds with one is the mistake's.
func TestHealthy(t *testing.T) {
	for _, level := range report.Levels {
		t.Run(level, func(t *testing.T) {
			r := run(t, New(ownSite(t), Hooks{}).Handler(), conformance.Options{Level: level})
			if r.Verdict() != report.Conforms {
				t.Errorf("%s\n%s", r.Summary(), firstLines(t, r, 120))
			}
		})
	}
}

// TestImports holds the server to what it promises: it takes nothing of this repository.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSpace(name)
		if strings.Contains(name, ".") {
			t.Errorf("the server imports %s", name)
		}
	}
}

// TestTable holds the table to its own form.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	kinds := map[string]int{}
	for _, m := range Mistakes() {
		if seen[m.Name] {
			t.Errorf("%s is there twice", m.Name)
		}
		seen[m.Name] = true
		kinds[m.Kind]++
		if m.Level != must && m.Level != should {
			t.Errorf("%s has level %q", m.Name, m.Level)
		}
		if m.Source == "" {
			t.Errorf("%s says of no sentence that it breaks it", m.Name)
		}
		if !slices.Contains(Kinds, m.Kind) {
			t.Errorf("%s has the unknown kind %q", m.Name, m.Kind)
		}
	}
	for _, kind := range Kinds {
		if kinds[kind] < 2 {
			t.Errorf("of the kind %s there are %d mistakes", kind, kinds[kind])
		}
	}
	if len(seen) < 170 {
		t.Errorf("there are %d mistakes", len(seen))
	}
}

// TestMistakes lets the kit find every mistake at the level of the sentence that
// it breaks. With -short it is every tenth.
func TestMistakes(t *testing.T) {
	for i, m := range Mistakes() {
		if testing.Short() && i%10 != 0 {
			continue
		}
		t.Run(m.Kind+"/"+m.Name, func(t *testing.T) {
			t.Parallel()
			if m.Learns {
				learned(t, m)
				return
			}
			seed := uint64(1 + i%4) // a kill that takes luck is none
			killed(t, m.Hooks(nil), conformance.Options{Level: m.Level, Seed: seed, FailFast: true}, m.Source)
		})
	}
}

// killed fails unless the kit finds that a server differs.
func killed(t *testing.T, hooks Hooks, opts conformance.Options, source string) {
	t.Helper()
	r := run(t, New(ownSite(t), hooks).Handler(), opts)
	if r.Verdict() != report.Differs {
		t.Errorf("survives at level %s with seed %d: %s\nbreaks %s", opts.Level, opts.Seed, r.Summary(), source)
	}
}

// learned lets a server learn a run with seed 1. It passes that one, which shows
// that it knows the requests, and no other.
func learned(t *testing.T, m Mistake) {
	t.Helper()
	recording, err := recorded()
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, New(ownSite(t), m.Hooks(recording)).Handler(), conformance.Options{Level: m.Level, Seed: 1})
	if r.Verdict() != report.Conforms {
		t.Errorf("has not learned the run with seed 1: %s", r.Summary())
	}
	for seed := uint64(2); seed <= 5; seed++ {
		killed(t, m.Hooks(recording), conformance.Options{Level: m.Level, Seed: seed, FailFast: true}, m.Source)
	}
}

// TestFirstScreen makes five mistakes at once. Somebody who reads the first
// screen has to know all five.
func TestFirstScreen(t *testing.T) {
	five := []struct{ name, member string }{
		{"nqa-accepted-with-policy", "enable_nqa"},
		{"ike-lifetime-at-most-a-day", "lifetime_seconds"},
		{"tag-values-in-lower-case", "tags"},
		{"dh-group-24", "dh_group"},
		{"reserved-214-not-checked", "peer_subnets"},
	}
	var hooks []Hooks
	for _, m := range Mistakes() {
		for _, f := range five {
			if m.Name == f.name {
				hooks = append(hooks, m.Hooks(nil))
			}
		}
	}
	if len(hooks) != len(five) {
		t.Fatalf("%d of the %d mistakes are in the table", len(hooks), len(five))
	}
	r := run(t, New(ownSite(t), together(hooks)).Handler(), conformance.Options{Level: should})
	if r.Verdict() != report.Differs {
		t.Fatal(r.Summary())
	}
	screen := firstLines(t, r, 24)
	said := regexp.MustCompile(`(?m)^.*curl .*$`).ReplaceAllString(screen, "") // a request names what is right, too
	for _, f := range five {
		if !strings.Contains(said, f.member) {
			t.Errorf("the first screen does not name %s\n%s", f.member, screen)
		}
	}
}

// together makes several mistakes at once.
func together(hooks []Hooks) Hooks {
	return Hooks{
		Ignore: func(c *Call, v Violation) bool {
			return slices.ContainsFunc(hooks, func(h Hooks) bool { return h.Ignore != nil && h.Ignore(c, v) })
		},
		Answer: func(c *Call, body map[string]any) {
			for _, h := range hooks {
				if h.Answer != nil {
					h.Answer(c, body)
				}
			}
		},
	}
}
