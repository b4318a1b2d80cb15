package generator

import (
	"fmt"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// oapi is held during a call of oapi-codegen, which keeps its options and the document in package variables.
var oapi sync.Mutex

// output is one generated file.
type output struct {
	name  string
	verb  string // what its functions do with an operation
	parts codegen.GenerateOptions
}

// outputs lists the files, by name.
func outputs() []output {
	return []output{
		{"client.gen.go", "calls", codegen.GenerateOptions{Client: true}},
		{"server.gen.go", "serves", codegen.GenerateOptions{StdHTTPServer: true, Strict: true}},
		{"types.gen.go", "belongs to", codegen.GenerateOptions{Models: true}},
	}
}

// generate returns oapi-codegen's text, unformatted and with every import it might need.
func (o output) generate(p *plan, packageName string) (text string, err error) {
	document, err := p.private(o.verb)
	if err != nil {
		return "", err
	}
	config := codegen.Configuration{
		PackageName:         packageName,
		Generate:            o.parts,
		AllowRemoteRefsFrom: []string{},
		Compatibility:       codegen.CompatibilityOptions{DisableRequiredReadOnlyAsPointer: true},
		OutputOptions: codegen.OutputOptions{
			SkipFmt:        true, // goimports looks around on the disk
			NameNormalizer: string(codegen.NameNormalizerFunctionToCamelCaseWithInitialisms),
			PreferSkipOptionalPointerOnContainerTypes: true,
			SkipResponseBodyGetters:                   true, // they return exported fields
			TypeMapping: &codegen.TypeMapping{
				Number: codegen.FormatMapping{Default: codegen.SimpleTypeSpec{Type: "float64"}}, // not float32
			},
			UserTemplates: map[string]string{
				"imports.tmpl": importsTemplate, "typedef.tmpl": typesTemplate, "constants.tmpl": constantsTemplate,
			},
		},
	}
	if err := config.Validate(); err != nil {
		return "", err
	}
	oapi.Lock()
	defer oapi.Unlock()
	defer func() {
		if cause := recover(); cause != nil { // oapi-codegen panics at a name it has no Go for
			err = fmt.Errorf("oapi-codegen: %v", cause)
		}
	}()
	return codegen.Generate(document, config)
}

// about returns the package comment, which stands in one file.
func (o output) about(info *openapi3.Info, packageName string) string {
	if o.name != "types.gen.go" {
		return ""
	}
	return strings.NewReplacer("PACKAGE", packageName, "DOCUMENT", titleOf(info)).Replace(packageComment)
}

// titleOf returns the title and the version of a document, in one line.
func titleOf(info *openapi3.Info) string {
	return strings.Join(strings.Fields(fmt.Sprint(info.Title, " ", info.Version)), " ")
}

const packageComment = `// Package PACKAGE is generated from the OpenAPI document "DOCUMENT": its types, a client and a server.
//
// [NewClientWithResponses] makes a client whose methods decode the answers; [NewClient] makes one that returns them
// as they came. To serve, implement [StrictServerInterface], make it a handler of requests with [NewStrictHandler] or
// [NewStrictHandlerWithOptions], and mount that with [Handler].
//
// A member that may be absent is a pointer, nil when it is. A list or a map that may be absent is nil when it is, and
// empty when it was sent empty. A value of an enumeration has a constant; its Valid method tells whether the document
// knows it. Members stand in the order of the document.
//
// Decoding checks types only. It does not hold values against the document: no limit, no pattern, no enumeration, no
// required member.
`

// importsTemplate replaces oapi-codegen's, which writes its own version and a build constraint: it names every package
// that the other templates can refer to, and newSource drops the ones that a file does not use.
const importsTemplate = `package {{.PackageName}}

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/oapi-codegen/runtime"
	openapi_types "github.com/oapi-codegen/runtime/types"
{{range .ExternalImports}}	{{.}}
{{end}})
`

// typesTemplate replaces oapi-codegen's, to write the values of an enumeration below its type, in the order of the
// document and with the names of the plan.
const typesTemplate = `{{range .Types}}
{{.DocComment}}
type {{.TypeName}} {{if .IsAlias}}={{end}} {{.Schema.TypeDecl}}
{{if not .IsAlias}}{{with .Schema.OAPISchema}}{{with index .Extensions "` + constantsKey + `"}}{{template "values" .}}{{end}}{{end}}{{end}}
{{end}}

{{define "values"}}
// The documented values of {{(index . 0).type}}.
const (
{{range .}}	{{.name}} {{.type}} = {{.literal}}
{{end}})

// Valid reports whether the value is a documented one.
func (e {{(index . 0).type}}) Valid() bool {
	switch e {
	case {{range $i, $constant := .}}{{if $i}},
		{{end}}{{$constant.name}}{{end}}:
		return true
	}
	return false
}
{{end}}`

// constantsTemplate replaces oapi-codegen's, which sorts the values of an enumeration, and names them without their
// type unless two names happen to collide. It writes nothing; text/template would not take an empty one.
const constantsTemplate = `{{""}}
`
