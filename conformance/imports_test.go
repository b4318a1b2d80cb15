package conformance_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const module = "github.com/vpnconform/vpnconform/"

// never lists what a package must not import, itself or through others: the
// kit would check itself if it shared code with what it judges.
var never = map[string][]string{
	"openapi/rule":                           {""},
	"openapi/source":                         {""},
	"openapi":                                {"generator", "generated", "conformance", "testdata"},
	"generator":                              {"conformance", "generated"},
	"generator/celgo":                        {"conformance", "generated", "testdata"},
	"generator/celgo/internal/sample":        {""},
	"generator/reader":                       {""},
	"generator/cmd/vpngen":                   {"conformance", "generated"},
	"generated/vpn":                          {"openapi", "generator", "conformance", "testdata"},
	"conformance":                            {"generated", "generator", "conformance/reference", "conformance/calibrate", "testing"},
	"conformance/environment":                {"generated", "generator", "testdata", "conformance/suite", "conformance/reference"},
	"conformance/suite":                      {"generated", "generator", "conformance/reference"},
	"conformance/match":                      {"generated", "generator", "conformance/reference", "conformance/suite"},
	"conformance/report":                     {"generated", "generator", "openapi", "conformance/reference", "conformance/suite"},
	"conformance/reference":                  {"generator", "conformance/report", "conformance/reference/fault", "testing"},
	"conformance/reference/fault":            {"generator", "conformance/report", "testing"},
	"conformance/reference/internal/harness": {"generator", "generated", "conformance/report"},
	"conformance/reference/internal/problem": {"generator", "conformance", "openapi"},
	"conformance/reference/internal/project": {"generator", "conformance/report", "conformance/suite"},
	"conformance/calibrate":                  {"generator", "testing"},
	"conformance/golden":                     {"generated", "generator", "conformance/reference", "conformance/known"},
	"conformance/known":                      {"generated", "generator", "conformance/golden", "conformance/internal", "conformance/reference"},
	"conformance/internal/usage":             {""},
	"conformance/internal/excerpt":           {"openapi", "generated", "generator", "conformance/suite"},
	"conformance/internal/client":            {"generated", "generator", "conformance/reference", "conformance/golden", "conformance/known", "conformance/internal/judge"},
	"conformance/internal/judge":             {"generated", "generator", "conformance/reference", "conformance/golden", "conformance/known"},
	"conformance/internal/inventory":         {""},
	"conformance/internal/secrets":           {""},
	"conformance/internal/listen":            {""},
	"conformance/internal/files":             {""},
	"conformance/internal/files/filestest":   {"openapi", "conformance/suite"},
	"conformance/conformancetest":            {"generated", "generator", "conformance/reference", "conformance/calibrate"},
	"conformance/cmd/vpnconform":             {"generator"},
	"testdata":                               {""},
}

// TestImports holds the table over what go list says of every package.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Deps " "}}`, module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string][]string{}
	for line := range strings.Lines(string(out) + moduleDeps(t, "testdata")) {
		name, deps, _ := strings.Cut(strings.TrimSpace(line), ":")
		packages[strings.TrimPrefix(name, module)] = strings.Fields(deps)
	}
	for name := range never {
		if _, ok := packages[name]; !ok {
			t.Errorf("the table names %s, which is no package", name)
		}
	}
	for name, deps := range packages {
		if _, ok := never[name]; !ok {
			t.Errorf("the table says nothing of %s", name)
		}
		for _, bad := range forbidden(name, deps) {
			t.Errorf("%s imports %s", name, bad)
		}
	}
}

// moduleDeps lists a directory that ... does not reach.
func moduleDeps(t *testing.T, dir string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Deps " "}}`, module+dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// forbidden returns the dependencies that a package must not have.
func forbidden(name string, deps []string) []string {
	var bad []string
	for _, dep := range deps {
		for _, not := range never[name] {
			path := strings.TrimSuffix(module+not, "/")
			if not == "testing" {
				path = not
			}
			if dep == path || strings.HasPrefix(dep, path+"/") {
				bad = append(bad, strings.TrimPrefix(dep, module))
			}
		}
	}
	return bad
}

// TestForbidden shows that the table is not empty words.
func TestForbidden(t *testing.T) {
	for _, row := range []struct {
		name string
		deps []string
		want []string
	}{
		{"conformance", []string{"fmt", module + "generated/vpn"}, []string{"generated/vpn"}},
		{"conformance", []string{"testing"}, []string{"testing"}},
		{"conformance", []string{"fmt", module + "conformance/suite"}, nil},
		{"openapi/rule", []string{"fmt", module + "openapi"}, []string{"openapi"}},
		{"generated/vpn", []string{"github.com/oapi-codegen/runtime", module + "openapi/rule"}, []string{"openapi/rule"}},
		{"testdata", []string{"embed", module + "openapi"}, []string{"openapi"}},
	} {
		if diff := cmp.Diff(row.want, forbidden(row.name, row.deps)); diff != "" {
			t.Errorf("%s with %v (-want +got):\n%s", row.name, row.deps, diff)
		}
	}
}
