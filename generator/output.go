package generator

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// oapiLock is held during a call of oapi-codegen, which keeps its options and the document in package variables. It is
// the only state of this package.
var oapiLock sync.Mutex

// parts are the texts of oapi-codegen: the bodies of three files, and their common package clause and imports.
type parts struct{ types, client, server, imports string }

// verbMark marks the place in the private copy where each part puts its own verb.
const verbMark = "\ue000does\ue000"

// oapiParts returns the unformatted texts of oapi-codegen for the document, from one call.
func (p *plan) oapiParts(packageName string) (parts, error) {
	text, err := p.oapiText(packageName)
	if err != nil {
		return parts{}, err
	}
	const endOfHead, startOfClient, startOfServer = "\n)\n", "\n// RequestEditorFn ", "\n// ServerInterface represents"
	head, text, ok1 := strings.Cut(text, endOfHead)
	types, text, ok2 := strings.Cut(text, startOfClient)
	client, server, ok3 := strings.Cut(text, startOfServer)
	if !ok1 || !ok2 || !ok3 {
		return parts{}, errors.New("oapi-codegen writes its parts in another order than it used to")
	}
	return parts{
		types:   strings.ReplaceAll(types, verbMark, "belongs to"),
		client:  startOfClient + strings.ReplaceAll(client, verbMark, "calls"),
		server:  startOfServer + strings.ReplaceAll(server, verbMark, "serves"),
		imports: head + endOfHead,
	}, nil
}

// oapiText calls oapi-codegen.
func (p *plan) oapiText(packageName string) (text string, err error) {
	document, err := p.copyDocument()
	if err != nil {
		return "", err
	}
	config := codegen.Configuration{
		PackageName:         packageName,
		Generate:            codegen.GenerateOptions{Models: true, Client: true, StdHTTPServer: true, Strict: true},
		AllowRemoteRefsFrom: []string{},
		Compatibility:       codegen.CompatibilityOptions{DisableRequiredReadOnlyAsPointer: true},
		OutputOptions: codegen.OutputOptions{
			SkipFmt:        true,                // goimports reads the disk
			SkipPrune:      len(p.factList) > 0, // pruning would drop facts, which are in no body
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
	oapiLock.Lock()
	defer oapiLock.Unlock()
	refuse := "refuse"
	if p.refusal == nil {
		refuse = textRefusal
	}
	config.OutputOptions.UserTemplates["strict/strict-http.tmpl"] = completeTemplate(strictText, refuse)
	config.OutputOptions.UserTemplates["stdhttp/std-http-middleware.tmpl"] = wrapperText
	routes := muxRoutes
	if p.needsRouter {
		routes = routerRoutes
	}
	config.OutputOptions.UserTemplates["stdhttp/std-http-handler.tmpl"] = strings.Replace(completeTemplate(handlerText, refuse), "ROUTES", routes, 1)
	defer func() {
		if cause := recover(); cause != nil { // oapi-codegen panics at some names
			err = fmt.Errorf("oapi-codegen: %v", cause)
		}
	}()
	return codegen.Generate(document, config)
}

// packageDoc returns the package comment.
func packageDoc(info *openapi3.Info, packageName string) string {
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
// empty when it was sent empty. A value of an enumeration has a constant; its Valid method reports whether the
// document has it. Members stand in the order of the document.
//
// The functions whose names begin with Decode read a value from JSON and check it against the document, in one pass. The
// method Validate checks a Go value, before it is sent for instance, and ValidateFacts judges the rules that need facts
// beside the value, where there are any. They return all [Violations], each with its place and the id of its rule. The
// server decodes with them and checks the parameters too, so that an implementation never gets a request that breaks a
// rule; an absent parameter has its default. Values that encoding/json decodes, as in the client, are not checked.
`

// importsTemplate replaces oapi-codegen's template, which writes its own version and a build constraint. It imports every
// package that the other templates can refer to; the unused ones are dropped from each file at the end.
const importsTemplate = "package {{.PackageName}}\n\nimport (\n" + imports + "{{range .ExternalImports}}\t{{.}}\n{{end}})\n"

// imports are all packages that generated code may refer to.
const imports = `	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"maps"
	"math"
	"math/bits"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/oapi-codegen/runtime"
	openapi_types "github.com/oapi-codegen/runtime/types"
`

// typesTemplate replaces oapi-codegen's template, to write the values of an enumeration below its type, in the order of the
// document and with the names of the plan.
const typesTemplate = `{{range .Types}}
{{.DocComment}}
type {{.TypeName}} {{if .IsAlias}}={{end}} {{.Schema.TypeDecl}}
{{if not .IsAlias}}{{with .Schema.OAPISchema}}{{with index .Extensions "` + constantsKey + `"}}{{template "values" .}}{{end}}` +
	`{{with index .Extensions "` + defaultsKey + `"}}{{template "defaults" .}}{{end}}{{end}}{{end}}
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
{{end}}

{{define "defaults"}}
// The defaults of {{(index . 0).type}}.
const (
{{range .}}	{{.name}} = {{.literal}}
{{end}})
{{end}}`

// constantsTemplate replaces oapi-codegen's template, which sorts the values of an enumeration and names them without
// their type unless two names collide. It writes nothing; text/template refuses an empty template.
const constantsTemplate = `{{""}}
`

// textRefusal is the handler of refused requests for a document without x-refusal.
const textRefusal = `func(w http.ResponseWriter, r *http.Request, err error) {
	status, messages := refusal(err)
	http.Error(w, messages, status)
}`

// completeTemplate puts the default handler of refused requests into a template.
func completeTemplate(template, refuse string) string {
	how := "as the document says"
	if refuse == textRefusal {
		how = "as text, with status 400, or 413 if it is too large"
	}
	return strings.NewReplacer("REFUSED", how, "REFUSE", refuse).Replace(template)
}

// wrapperText replaces oapi-codegen's template of the parameter reader. If parameters break a rule, the body is read all
// the same, so that the answer names all mistakes.
const wrapperText = `
// ServerInterfaceWrapper reads the parameters of requests.
type ServerInterfaceWrapper struct {
	Handler            ServerInterface
	HandlerMiddlewares []MiddlewareFunc
	ErrorHandlerFunc   func(w http.ResponseWriter, r *http.Request, err error)
}

type MiddlewareFunc func(http.Handler) http.Handler

{{range .}}{{if not .IsAlias}}{{$opid := .OperationId}}{{$reads := or .RequiresParamObject .PathParams}}
// {{$opid}} {{if $reads}}reads the parameters of a request and hands it on{{else}}hands a request on{{end}}.
func (siw *ServerInterfaceWrapper) {{$opid}}(w http.ResponseWriter, r *http.Request) {
	{{if $reads -}}
	request, violations := read{{$opid}}Parameters(r)
	if violations != nil {
		{{range .Bodies}}{{if eq .NameTag ""}}{{else if not .Required}}if r.ContentLength != 0 {
			violations = withBody(w, r, violations, Decode{{$opid}}{{.NameTag}}RequestBody)
		}
		{{else}}violations = withBody(w, r, violations, Decode{{$opid}}{{.NameTag}}RequestBody)
		{{end}}{{end -}}
		siw.ErrorHandlerFunc(w, r, violations)
		return
	}
	{{end -}}
	handler := http.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		siw.Handler.{{$opid}}(w, r{{range .PathParams}}, request.{{.GoName}}{{end}}{{if .RequiresParamObject}}, request.Params{{end}})
	}))
	for _, middleware := range siw.HandlerMiddlewares {
		handler = middleware(handler)
	}
	handler.ServeHTTP(w, r)
}
{{end}}{{end}}
`

// handlerText replaces oapi-codegen's template of the router, to refuse wrong parameters like wrong bodies.
const handlerText = `
// Handler returns a handler that serves the operations.
func Handler(si ServerInterface) http.Handler {
	return HandlerWithOptions(si, StdHTTPServerOptions{})
}

// ServeMux is a router, as [http.ServeMux] is.
type ServeMux interface {
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
	http.Handler
}

type StdHTTPServerOptions struct {
	BaseURL     string
	BaseRouter  ServeMux
	Middlewares []MiddlewareFunc

	// ErrorHandlerFunc answers a request whose parameters break rules; the error is [Violations], with those of the body
	// too. Nil means the same answer as for a body that breaks rules.
	ErrorHandlerFunc func(w http.ResponseWriter, r *http.Request, err error)
}

// HandlerFromMux adds the operations to a router.
func HandlerFromMux(si ServerInterface, m ServeMux) http.Handler {
	return HandlerWithOptions(si, StdHTTPServerOptions{BaseRouter: m})
}

func HandlerFromMuxWithBaseURL(si ServerInterface, m ServeMux, baseURL string) http.Handler {
	return HandlerWithOptions(si, StdHTTPServerOptions{BaseURL: baseURL, BaseRouter: m})
}

// HandlerWithOptions is [Handler] with options.
func HandlerWithOptions(si ServerInterface, options StdHTTPServerOptions) http.Handler {
	m := options.BaseRouter
	if m == nil {
		m = http.NewServeMux()
	}
	if options.ErrorHandlerFunc == nil {
		options.ErrorHandlerFunc = REFUSE
		if strict, ok := si.(*strictHandler); ok {
			options.ErrorHandlerFunc = strict.options.RequestErrorHandlerFunc
		}
	}
	wrapper := ServerInterfaceWrapper{
		Handler:            si,
		HandlerMiddlewares: options.Middlewares,
		ErrorHandlerFunc:   options.ErrorHandlerFunc,
	}
	ROUTES
	return m
}
`

// muxRoutes adds the operations to the router of net/http, routerRoutes to one for paths that it cannot serve.
const (
	muxRoutes = `{{range .}}m.HandleFunc({{.Method | httpMethodConstant}}+" "+options.BaseURL+{{.Path | swaggerUriToStdHttpUri | toGoString}}, wrapper.{{.HandlerName}})
	{{end}}`
	routerRoutes = `routes := &router{base: options.BaseURL}
	{{range .}}routes.add({{.Method | httpMethodConstant}}, {{.Path | swaggerUriToStdHttpUri | toGoString}}, wrapper.{{.HandlerName}})
	{{end}}m.HandleFunc(options.BaseURL+"/", routes.ServeHTTP)`
)

// strictText replaces oapi-codegen's template of the strict handler, to decode and validate bodies in one pass and to
// answer a refused request as the document says.
const strictText = `
type StrictHandlerFunc func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error)
type StrictMiddlewareFunc func(f StrictHandlerFunc, operationID string) StrictHandlerFunc

type StrictHTTPServerOptions struct {
	// RequestErrorHandlerFunc answers a request that is refused; errors.As finds [Violations] in the error if it
	// breaks rules. Nil means that it is answered REFUSED.
	RequestErrorHandlerFunc  func(w http.ResponseWriter, r *http.Request, err error)

	// ResponseErrorHandlerFunc answers when the implementation returns an error, or an answer that cannot be written.
	// Nil means that the error is answered as text, with status 500.
	ResponseErrorHandlerFunc func(w http.ResponseWriter, r *http.Request, err error)
}

func NewStrictHandler(ssi StrictServerInterface, middlewares []StrictMiddlewareFunc) ServerInterface {
	return NewStrictHandlerWithOptions(ssi, middlewares, StrictHTTPServerOptions{})
}

func NewStrictHandlerWithOptions(ssi StrictServerInterface, middlewares []StrictMiddlewareFunc, options StrictHTTPServerOptions) ServerInterface {
	if options.RequestErrorHandlerFunc == nil {
		options.RequestErrorHandlerFunc = REFUSE
	}
	if options.ResponseErrorHandlerFunc == nil {
		options.ResponseErrorHandlerFunc = func(w http.ResponseWriter, r *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
	return &strictHandler{ssi: ssi, middlewares: middlewares, options: options}
}

type strictHandler struct {
	ssi StrictServerInterface
	middlewares []StrictMiddlewareFunc
	options StrictHTTPServerOptions
}

{{range .}}{{if not .IsAlias}}{{$opid := .OperationId}}
// {{$opid}} decodes a request, lets the implementation answer it and writes the answer.
func (sh *strictHandler) {{$opid}}(w http.ResponseWriter, r *http.Request{{genParamArgs .PathParams}}{{if .RequiresParamObject}}, params {{$opid}}Params{{end}}) {
	var request {{$opid | ucFirst}}RequestObject
	{{range .PathParams}}request.{{.GoName}} = {{.GoVariableName}}
	{{end}}{{if .RequiresParamObject}}request.Params = params
	{{end}}{{range .Bodies}}{{if eq .NameTag ""}}request.Body = http.MaxBytesReader(w, r.Body, MaxBody)
	{{else if .Required}}
	body, err := readBody(w, r, Decode{{$opid}}{{.NameTag}}RequestBody)
	if err != nil {
		sh.options.RequestErrorHandlerFunc(w, r, err)
		return
	}
	request.Body = body
	{{else}}
	if r.ContentLength != 0 {
		body, err := readBody(w, r, Decode{{$opid}}{{.NameTag}}RequestBody)
		if err != nil {
			sh.options.RequestErrorHandlerFunc(w, r, err)
			return
		}
		request.Body = body
	}
	{{end}}{{end}}
	handler := func(ctx context.Context, w http.ResponseWriter, r *http.Request, request any) (any, error) {
		return sh.ssi.{{$opid}}(ctx, request.({{$opid | ucFirst}}RequestObject))
	}
	for _, middleware := range sh.middlewares {
		handler = middleware(handler, "{{$opid}}")
	}

	response, err := handler(r.Context(), w, r, request)
	if err != nil {
		sh.options.ResponseErrorHandlerFunc(w, r, err)
	} else if answer, ok := response.({{$opid | ucFirst}}ResponseObject); ok {
		if err := answer.Visit{{$opid}}Response(w); err != nil {
			sh.options.ResponseErrorHandlerFunc(w, r, err)
		}
	} else if response != nil {
		sh.options.ResponseErrorHandlerFunc(w, r, fmt.Errorf("unexpected response type: %T", response))
	}
}
{{end}}{{end}}
`
