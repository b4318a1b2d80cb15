package conformancetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDownstream puts the test of the package doc into a module of its own, and
// runs it as its author would.
func TestDownstream(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	doc := read(t, "doc.go")
	example := strings.ReplaceAll(regexp.MustCompile(`(?m)^//\tfunc (.*\n//\t)*?}\n`).FindString(doc), "//\t", "")
	if strings.Count(example, "\n") != 3 || !strings.Contains(example, "vpn.NewServer()") {
		t.Fatalf("the package doc shows\n%s", example)
	}
	dir := t.TempDir()
	mod := read(t, filepath.Join(root, "go.mod"))
	name := regexp.MustCompile(`(?m)^module (.*)$`).FindStringSubmatch(mod)[1]
	mod = strings.Replace(mod, "module "+name, "module example.com/downstream", 1) +
		"\nrequire " + name + " v0.0.0\nreplace " + name + " => " + root + "\n"
	write(t, filepath.Join(dir, "go.mod"), mod)
	write(t, filepath.Join(dir, "go.sum"), read(t, filepath.Join(root, "go.sum")))
	write(t, filepath.Join(dir, "vpn", "vpn.go"), `package vpn

import (
	"net/http"

	"`+name+`/conformance/reference"
)

func NewServer() http.Handler {
	s, err := reference.New(reference.Options{})
	if err != nil {
		panic(err)
	}
	return s
}
`)
	write(t, filepath.Join(dir, "conformance_test.go"), `package downstream

import (
	"testing"

	"example.com/downstream/vpn"
	"`+name+`/conformance"
	"`+name+`/conformance/conformancetest"
)

`+example)
	cmd := exec.CommandContext(t.Context(), "go", "test", "-mod=mod", "-run", "Conformance/CreateVpnConnection/Dpd.*", "-v", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestConformance/CreateVpnConnection/Dpd.timeout.maximum/above") {
		t.Errorf("%v\n%s", err, out)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
