package generator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// Every exported name has a comment that begins with it, as revive's rule "exported" asks.
func TestComments(t *testing.T) {
	for name, files := range generate(t) {
		packageComments := 0
		for _, file := range files {
			set := token.NewFileSet()
			tree, err := parser.ParseFile(set, name+"/"+file.Name, file.Content, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(tree.Doc.Text(), "Package "+name+" ") {
				packageComments++
			}
			check := func(name *ast.Ident, doc *ast.CommentGroup) {
				if name.IsExported() && !strings.HasPrefix(doc.Text(), name.Name+" ") {
					t.Errorf("%s: the comment of %s is %q", set.Position(name.Pos()), name.Name, doc.Text())
				}
			}
			for _, declaration := range tree.Decls {
				checkDeclaration(t, declaration, check)
			}
		}
		if packageComments != 1 {
			t.Errorf("package %s has %d package comments", name, packageComments)
		}
	}
}

func checkDeclaration(t *testing.T, declaration ast.Decl, check func(*ast.Ident, *ast.CommentGroup)) {
	t.Helper()
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		check(d.Name, d.Doc)
	case *ast.GenDecl:
		if d.Tok == token.CONST && d.Doc.Text() == "" {
			t.Errorf("the comment of constants is %q", d.Doc.Text())
		}
		for _, spec := range d.Specs {
			spec, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			check(spec.Name, d.Doc)
			if i, ok := spec.Type.(*ast.InterfaceType); ok {
				for _, method := range i.Methods.List {
					for _, name := range method.Names {
						check(name, method.Doc)
					}
				}
			}
		}
	}
}
