package generator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sebdah/goldie/v2"

	"github.com/vpnconform/vpnconform/generator"
	"github.com/vpnconform/vpnconform/openapi"
)

// exchange is a request of a file beside a document.
type exchange struct {
	Package, Method, URL, Body string
	Header                     map[string]string
}

// exchanges reads the requests of such a file: blocks of a line with method, URL and body, lines with a header field,
// each behind "> ", and lines that say what becomes of the request.
func exchanges(t *testing.T, path string) []exchange {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []exchange
	for block := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
		lines := strings.Split(block, "\n")
		words := strings.SplitN(lines[0], " ", 3)
		if len(words) < 2 {
			t.Fatalf("%s: want METHOD URL BODY, got %q", path, lines[0])
		}
		x := exchange{Method: words[0], URL: words[1], Header: map[string]string{}}
		if len(words) == 3 {
			x.Body = words[2]
		}
		for _, line := range lines[1:] {
			if field, ok := strings.CutPrefix(line, "> "); ok {
				name, value, _ := strings.Cut(field, ": ")
				x.Header[name] = value
			}
		}
		all = append(all, x)
	}
	return all
}

// String writes a request as the file has it.
func (x exchange) String() string {
	text := strings.TrimSpace(x.Method+" "+x.URL+" "+x.Body) + "\n"
	for _, name := range slices.Sorted(maps.Keys(x.Header)) {
		text += "> " + name + ": " + x.Header[name] + "\n"
	}
	return text
}

// servesText is a file of every package: a server that says what becomes of a request.
const servesText = `package %s

import (
	"context"
	"errors"
	"net/http"
)

// Serve returns a server that carries out nothing: it reports the request, or the rules that it breaks.
// Without these functions it answers as the document says.
func Serve(accepted func(any), refused func(string)) http.Handler {
	middleware := func(StrictHandlerFunc, string) StrictHandlerFunc {
		return func(_ context.Context, _ http.ResponseWriter, _ *http.Request, request any) (any, error) {
			accepted(request)
			return nil, nil
		}
	}
	if refused == nil {
		return Handler(NewStrictHandler(nil, []StrictMiddlewareFunc{middleware}))
	}
	refuse := func(_ http.ResponseWriter, _ *http.Request, err error) {
		var violations Violations
		if !errors.As(err, &violations) {
			refused(err.Error())
		}
		for _, v := range violations {
			refused(v.Pointer + " " + v.Rule + ": " + v.Message)
		}
	}
	return Handler(NewStrictHandlerWithOptions(nil, []StrictMiddlewareFunc{middleware}, StrictHTTPServerOptions{RequestErrorHandlerFunc: refuse}))
}
`

// driverText is the program that sends the requests.
const driverText = `package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"

%s)

type serve = func(accepted func(any), refused func(string)) http.Handler

func main() {
	servers := map[string]serve{
%s	}
	var all []struct {
		Package, Method, URL, Body string
		Header                     map[string]string
	}
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		panic(err)
	}
	results := make([]string, len(all))
	for i, x := range all {
		accepted := func(request any) {
			data, err := json.Marshal(request)
			if err != nil {
				data = []byte(err.Error())
			}
			results[i] += "accepted " + string(data) + "\n"
		}
		refused := func(rule string) { results[i] += rule + "\n" }
		request := func() *http.Request {
			r := httptest.NewRequest(x.Method, x.URL, strings.NewReader(x.Body))
			for name, value := range x.Header {
				r.Header[name] = strings.Split(value, " | ")
			}
			return r
		}
		w := httptest.NewRecorder()
		servers[x.Package](accepted, refused).ServeHTTP(w, request())
		if results[i] == "" {
			results[i] = w.Body.String()
		}
		w = httptest.NewRecorder()
		w.Header().Set("X-Id", "7")
		servers[x.Package](func(any) {}, nil).ServeHTTP(w, request())
		if strings.Contains(w.Header().Get("Content-Type"), "json") {
			results[i] += strconv.Itoa(w.Code) + " " + w.Body.String()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}
`

// What a document says is enforced: beside every document of testdata/documents stand requests, and what the generated
// server makes of them. All packages are compiled at once, as files that are not on the disk where the compiler sees them.
func TestDocuments(t *testing.T) {
	paths, err := filepath.Glob("testdata/documents/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatal("no documents", err)
	}
	root, err := filepath.Abs("testdata/documents")
	if err != nil {
		t.Fatal(err)
	}
	o := overlay{disk: t.TempDir(), files: map[string]string{}}
	var requests []exchange
	var importLines, servers strings.Builder
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		packageName := strings.ReplaceAll(name, "-", "_")
		files, err := generator.Generate(readForeign(t, path), generator.Options{Package: packageName})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		files = append(files, generator.File{Name: "serve.go", Content: fmt.Appendf(nil, servesText, packageName)})
		for _, file := range files {
			o.add(t, filepath.Join(root, packageName, file.Name), file.Content)
		}
		fmt.Fprintf(&importLines, "\t%q\n", "github.com/vpnconform/vpnconform/generator/testdata/documents/"+packageName)
		fmt.Fprintf(&servers, "\t\t%q: %s.Serve,\n", name, packageName)
		for _, x := range exchanges(t, strings.TrimSuffix(path, ".yaml")+".txt") {
			x.Package = name
			requests = append(requests, x)
		}
	}
	o.add(t, filepath.Join(root, "driver", "main.go"), fmt.Appendf(nil, driverText, importLines.String(), servers.String()))
	results := o.run(t, requests)
	texts := map[string][]string{}
	for i, x := range requests {
		texts[x.Package] = append(texts[x.Package], x.String()+results[i])
	}
	g := goldie.New(t, goldie.WithFixtureDir("testdata/documents"), goldie.WithNameSuffix(".txt"), goldie.WithDiffEngine(goldie.ClassicDiff))
	for name, blocks := range texts {
		t.Run(name, func(t *testing.T) { g.Assert(t, name, []byte(strings.Join(blocks, "\n"))) })
	}
}

// readForeign reads a document as vpngen does.
func readForeign(t *testing.T, path string) *openapi.Document {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, _, err := openapi.Read(filepath.Base(path), data, openapi.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// overlay are files for the compiler, by the path at which it sees them.
type overlay struct {
	disk  string
	files map[string]string
}

func (o overlay) add(t *testing.T, path string, content []byte) {
	t.Helper()
	file := filepath.Join(o.disk, fmt.Sprint(len(o.files), ".go"))
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	o.files[path] = file
}

// run runs the driver and returns what it says of each request.
func (o overlay) run(t *testing.T, requests []exchange) []string {
	t.Helper()
	data, err := json.Marshal(map[string]any{"Replace": o.files})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(o.disk, "overlay.json")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if data, err = json.Marshal(requests); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "go", "run", "-overlay", path, "./testdata/documents/driver")
	var output, complaints bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(data), &output, &complaints
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	var results []string
	if err := json.Unmarshal(output.Bytes(), &results); err != nil || len(results) != len(requests) {
		t.Fatalf("%d results for %d requests: %v", len(results), len(requests), err)
	}
	return results
}
