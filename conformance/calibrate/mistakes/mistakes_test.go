package mistakes

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/vpnconform/vpnconform/conformance"
	"github.com/vpnconform/vpnconform/conformance/report"
	"github.com/vpnconform/vpnconform/conformance/suite"
)

// environment returns the kit's default environment.
func environment(t *testing.T) suite.Environment {
	t.Helper()
	env, err := suite.Default()
	if err != nil {
		t.Fatal(err)
	}
	return env
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

// TestHealthy holds the server without mistakes to every level: what the kit
// finds with one is the mistake's.
func TestHealthy(t *testing.T) {
	for _, level := range []string{"must", "should", "may"} {
		t.Run(level, func(t *testing.T) {
			r := run(t, New(environment(t), Hooks{}).Handler(), conformance.Options{Level: level})
			if r.Verdict() != report.Conforms {
				t.Errorf("%s\n%s", r.Summary(), firstLines(t, r, 120))
			}
		})
	}
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
