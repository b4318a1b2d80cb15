// Command generate writes the servers that other generators make of
// openapi/vpn.yaml into peers/, which git ignores. It is run in the directory
// generated/bench.
//
// The peers get a copy of the document without what they cannot read, or what
// would make them do other work than ours: every extension (x-...), the
// servers (kin-openapi would route by host) and the security (no server here
// authenticates).
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
	"github.com/ogen-go/ogen"
	"github.com/ogen-go/ogen/gen"
	"github.com/ogen-go/ogen/gen/genfs"

	"github.com/vpnconform/vpnconform/openapi"
)

func main() {
	if err := run("peers"); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// run writes every peer into a directory of its own below dir.
func run(dir string) error {
	read, err := openapi.Load()
	if err != nil {
		return err
	}
	document, err := plain(read.JSON())
	if err != nil {
		return err
	}
	for name, write := range map[string]func(document []byte, dir string) error{"oapi": writeOapi, "ogen": writeOgen} {
		peer := filepath.Join(dir, name)
		if err := os.RemoveAll(peer); err != nil {
			return err
		}
		if err := os.MkdirAll(peer, 0o755); err != nil {
			return err
		}
		if err := write(document, peer); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// plain returns a document in JSON without what the peers are not to see.
func plain(source []byte) ([]byte, error) {
	var document map[string]any
	if err := json.Unmarshal(source, &document); err != nil {
		return nil, err
	}
	strip(document)
	return json.Marshal(document)
}

func strip(value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, member := range value {
			if strings.HasPrefix(key, "x-") || key == "servers" || key == "security" || key == "securitySchemes" {
				delete(value, key)
				continue
			}
			strip(member)
		}
	case []any:
		for _, item := range value {
			strip(item)
		}
	}
}

// writeOapi writes what oapi-codegen makes with its own defaults.
func writeOapi(document []byte, dir string) error {
	model, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return err
	}
	config := codegen.Configuration{
		PackageName: "oapi",
		Generate:    codegen.GenerateOptions{StdHTTPServer: true, Strict: true, Models: true, EmbeddedSpec: true},
	}.UpdateDefaults()
	if err := config.Validate(); err != nil {
		return err
	}
	code, err := codegen.Generate(model, config)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "oapi.gen.go"), []byte(code), 0o644)
}

// writeOgen writes ogen's server; no other feature is on, so there is no OpenTelemetry.
func writeOgen(document []byte, dir string) error {
	model, err := ogen.Parse(document)
	if err != nil {
		return err
	}
	generator, err := gen.NewGenerator(model, gen.Options{Generator: gen.GenerateOptions{
		Features: &gen.FeatureOptions{DisableAll: true, Enable: gen.FeatureSet{gen.PathsServer.Name: {}}},
	}})
	if err != nil {
		return err
	}
	return generator.WriteSource(genfs.FormattedSource{Root: dir}, "ogen")
}
