package generator

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/vpnconform/vpnconform/generator/reader"
)

// carried is a declaration of package reader. A generated package gets a copy if it uses it.
type carried struct {
	text   string
	names  []string // the declared names; a method is .Method
	of     string   // the type of a method
	uses   uses
	wanted bool
}

// uses are the names that a text refers to: plain ones, and those behind a period.
type uses struct{ plain, selected map[string]bool }

func gatherUses(node ast.Node, into uses) {
	ast.Inspect(node, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			into.selected[n.Sel.Name] = true
		case *ast.Ident:
			into.plain[n.Name] = true
		}
		return true
	})
}

// carry returns the declarations of package reader that the sources use, and all exported ones. Copies keep generated
// packages free of imports from this module; unused ones would not pass the linters.
func carry(declarations []*carried, sources []*goFile, maxBody int) string {
	used := uses{map[string]bool{}, map[string]bool{}}
	for _, s := range sources {
		for _, declaration := range s.tree.Decls {
			gatherUses(declaration, used)
		}
	}
	for changed := true; changed; {
		changed = false
		for _, d := range declarations {
			if !d.wanted && d.isUsed(used) {
				d.wanted, changed = true, true
				for name := range d.uses.plain {
					used.plain[name] = true
				}
				for name := range d.uses.selected {
					used.selected[name] = true
				}
			}
		}
	}
	var b strings.Builder
	for _, d := range declarations {
		if d.wanted {
			b.WriteString(strings.Replace(d.text, "MaxBody = 12 << 20", "MaxBody = "+goBytes(maxBody), 1) + "\n\n")
		}
	}
	return b.String()
}

func (d *carried) isUsed(used uses) bool {
	return slices.ContainsFunc(d.names, func(name string) bool {
		if method, ok := strings.CutPrefix(name, "."); ok {
			return used.plain[d.of] && (used.selected[method] || ast.IsExported(method))
		}
		return used.plain[name] || ast.IsExported(name)
	})
}

// readCarried parses package reader.
func readCarried() ([]*carried, error) {
	paths, err := fs.Glob(reader.Files, "*.go")
	if err != nil {
		return nil, err
	}
	slices.SortFunc(paths, func(a, b string) int { return cmp.Compare(readingOrder(a), readingOrder(b)) })
	var all []*carried
	for _, path := range paths {
		text, err := reader.Files.ReadFile(path)
		if err != nil {
			return nil, err
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, path, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("package reader: %w", err)
		}
		for _, declaration := range tree.Decls {
			d := &carried{uses: uses{map[string]bool{}, map[string]bool{}}}
			from := declaration.Pos()
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				if declaration.Doc != nil {
					from = declaration.Doc.Pos()
				}
				d.names = []string{declaration.Name.Name}
				if declaration.Recv != nil {
					d.names[0] = "." + d.names[0]
					d.of = receiver(declaration)
				}
			case *ast.GenDecl:
				if declaration.Tok == token.IMPORT {
					continue
				}
				if declaration.Doc != nil {
					from = declaration.Doc.Pos()
				}
				d.names = declaredNames(declaration)
			}
			gatherUses(declaration, d.uses)
			d.text = string(text[set.Position(from).Offset:set.Position(declaration.End()).Offset])
			all = append(all, d)
		}
	}
	return all, nil
}

// receiver returns the name of a method's type.
func receiver(method *ast.FuncDecl) string {
	t := method.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	name, _ := t.(*ast.Ident)
	if name == nil {
		return ""
	}
	return name.Name
}

// readingOrder returns the position of a file in the generated one, so that this reads well from the top.
func readingOrder(path string) int {
	return slices.Index([]string{"violation.go", "reader.go", "text.go", "values.go", "names.go", "parameter.go", "body.go", "write.go", "router.go"}, path)
}

// goBytes writes a number of bytes as a Go expression.
func goBytes(bytes int) string {
	switch {
	case bytes%(1<<20) == 0:
		return fmt.Sprintf("%d << 20", bytes>>20)
	case bytes%(1<<10) == 0:
		return fmt.Sprintf("%d << 10", bytes>>10)
	}
	return strconv.Itoa(bytes)
}
