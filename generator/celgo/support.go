package celgo

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
)

// Support returns what translated rules share: their package-level variables and the functions that they call, as Go
// declarations, and the paths of the packages that these and the rules import, sorted.
func Support(rules ...Result) (declarations string, imports []string) {
	variables, called, imported := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, rule := range rules {
		maps.Copy(variables, rule.variables)
		for _, name := range rule.functions {
			addWithCallees(name, called)
		}
		for _, path := range rule.Imports {
			imported[path] = true
		}
	}
	var b strings.Builder
	if len(variables) > 0 {
		b.WriteString("// The blocks and patterns that the rules name.\nvar (\n")
		for _, name := range slices.Sorted(maps.Keys(variables)) {
			fmt.Fprintf(&b, "\t%s = %s\n", name, variables[name])
			for _, path := range []string{"net/netip", "regexp"} {
				imported[path] = imported[path] || strings.HasPrefix(variables[name], path[strings.IndexByte(path, '/')+1:]+".")
			}
		}
		b.WriteString(")\n")
	}
	names := slices.Collect(maps.Keys(called))
	slices.SortFunc(names, func(a, b string) int { return emittedFunctions[a].place - emittedFunctions[b].place })
	for _, name := range names {
		if b.Len() > 0 {
			b.WriteString("\n")
		}
		b.WriteString(emittedFunctions[name].text)
		for _, path := range emittedFunctions[name].imports {
			imported[path] = true
		}
	}
	maps.DeleteFunc(imported, func(_ string, used bool) bool { return !used })
	return b.String(), slices.Sorted(maps.Keys(imported))
}

// addWithCallees adds a function and the functions that it calls.
func addWithCallees(name string, to map[string]bool) {
	if to[name] {
		return
	}
	to[name] = true
	for _, callee := range emittedFunctions[name].calls {
		addWithCallees(callee, to)
	}
}

//go:embed functions.go
var functionsSource string

// emittedFunction is a function of functions.go.
type emittedFunction struct {
	text    string // with its comment, ending in a line feed
	place   int    // in the file
	calls   []string
	imports []string
}

// emittedFunctions are the functions of functions.go, by name.
var emittedFunctions = parseFunctions(functionsSource)

// parseFunctions returns the functions in a Go file.
func parseFunctions(source string) map[string]emittedFunction {
	file, err := parser.ParseFile(token.NewFileSet(), "functions.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		panic(err) // it is compiled with this package
	}
	paths := map[string]string{}
	for _, spec := range file.Imports {
		path := strings.Trim(spec.Path.Value, `"`)
		paths[path[strings.LastIndexByte(path, '/')+1:]] = path
	}
	out := map[string]emittedFunction{}
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if ok {
			out[f.Name.Name] = emittedFunction{
				text:  source[f.Doc.Pos()-file.FileStart:f.End()-file.FileStart] + "\n",
				place: int(f.Pos()),
			}
		}
	}
	for _, declaration := range file.Decls {
		f, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		calls, imports := map[string]bool{}, map[string]bool{}
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Name != f.Name.Name && out[id.Name].text != "" {
				calls[id.Name] = true
			} else if ok && paths[id.Name] != "" {
				imports[paths[id.Name]] = true
			}
			return true
		})
		e := out[f.Name.Name]
		e.calls, e.imports = slices.Sorted(maps.Keys(calls)), slices.Sorted(maps.Keys(imports))
		out[f.Name.Name] = e
	}
	return out
}
