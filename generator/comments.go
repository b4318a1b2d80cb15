package generator

import (
	"go/ast"
	"go/token"
	"strings"
	"unicode"
)

// descriptionMark begins every description in the private copy. oapi-codegen writes a description behind its name; at the
// mark, name and description are made a sentence.
const descriptionMark = ": "

// addComments gives every exported name a comment that begins with the name, as godoc and the linters want it.
func (s *goFile) addComments() []edit {
	var edits []edit
	for _, declaration := range s.tree.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			edits = append(edits, commentEdits(d.Doc, d.Name.Name, d.Pos(), "")...)
		case *ast.GenDecl:
			if d.Tok != token.TYPE {
				continue
			}
			for _, spec := range d.Specs {
				t := spec.(*ast.TypeSpec)
				edits = append(edits, commentEdits(d.Doc, t.Name.Name, d.Pos(), kindWords(t.Type))...)
				edits = append(edits, memberComments(t)...)
			}
		}
	}
	return edits
}

// memberComments comments the methods of an interface, and mends the comments of the fields of a struct.
func memberComments(spec *ast.TypeSpec) []edit {
	var edits []edit
	switch t := spec.Type.(type) {
	case *ast.InterfaceType:
		for _, method := range t.Methods.List {
			if len(method.Names) == 1 {
				edits = append(edits, commentEdits(method.Doc, method.Names[0].Name, method.Pos(), "")...)
			}
		}
	case *ast.StructType:
		for _, field := range t.Fields.List {
			if len(field.Names) == 1 && field.Doc != nil {
				edits = append(edits, rewrite(field.Doc, field.Names[0].Name, ": "))
			}
		}
	}
	return edits
}

// kindWords returns the verb between the name of a type and its description.
func kindWords(t ast.Expr) string {
	switch t.(type) {
	case *ast.StructType:
		return " is an object: "
	case *ast.ArrayType:
		return " is a list: "
	case *ast.MapType:
		return " is a map: "
	}
	return " is an enumeration: "
}

// commentEdits mends the comment of a declaration, or adds a missing one. The words go before a description that does not
// begin with an article.
func commentEdits(doc *ast.CommentGroup, name string, at token.Pos, words string) []edit {
	text := missingComment(name)
	switch {
	case !token.IsExported(name):
		return nil
	case doc != nil && strings.HasPrefix(doc.List[0].Text, "// "+name+" "):
		return []edit{rewrite(doc, name, words)}
	case text == "":
		return nil
	case doc != nil:
		return []edit{{doc.Pos(), doc.End(), text}}
	}
	return []edit{{at, at, text + "\n"}}
}

// rewrite makes a sentence of a name and the document's description of it, with the verb or with "is" before an
// article, and breaks the long lines of a comment.
func rewrite(doc *ast.CommentGroup, name, verb string) edit {
	lines := make([]string, len(doc.List))
	for i, line := range doc.List {
		lines[i] = line.Text
	}
	if text, ok := strings.CutPrefix(lines[0], "// "+name+" "+descriptionMark); ok {
		first, rest, _ := strings.Cut(text, " ")
		switch first {
		case "A", "An", "The":
			lines[0] = "// " + name + " is " + strings.ToLower(first) + " " + rest
		default:
			lines[0] = "// " + name + verb + text
		}
	}
	for i := range lines {
		lines[i] = wrap(lines[i])
		if i > 0 && strings.HasPrefix(lines[i], "// Deprecated:") && lines[i-1] != "//" {
			lines[i] = "//\n" + lines[i] // a paragraph of its own
		}
	}
	return edit{doc.Pos(), doc.End(), endHeadings(strings.Join(lines, "\n"))}
}

// missingComment returns the comment of a declaration to which oapi-codegen gives none, or one in the wrong form.
func missingComment(name string) string {
	for line := range strings.Lines(missingComments) {
		if strings.HasPrefix(line, "// "+name+" ") {
			return strings.TrimSpace(line)
		}
	}
	operation := strings.TrimRightFunc(strings.TrimSuffix(name, "Response"), unicode.IsDigit)
	switch {
	case strings.HasPrefix(name, "Visit"):
		return "// " + name + " writes the answer."
	case strings.HasSuffix(name, "RequestObject"):
		return "// " + name + " is a decoded request."
	case strings.HasSuffix(name, "ResponseObject"):
		return "// " + name + " is one of the documented answers."
	case strings.HasSuffix(name, "ResponseHeaders"):
		return "// " + name + " has the headers of an answer."
	case strings.HasSuffix(name, "JSONResponse"), strings.HasSuffix(name, "Response") && name != operation+"Response":
		return "// " + name + " is an answer of the server."
	case strings.HasSuffix(name, "Response"):
		return "// " + name + " is an answer as the client reads it, decoded into the member for its status."
	}
	return ""
}

const missingComments = `
// HttpRequestDoer sends requests, as http.Client does.
// Do sends a request and returns its answer.
// NewClient returns a client of the server at a URL.
// ClientInterface has the calls of [Client].
// MiddlewareFunc wraps a handler.
// StdHTTPServerOptions says where [HandlerWithOptions] mounts the operations, and what surrounds them.
// HandleFunc serves the requests that match a pattern, as that of http.ServeMux.
// HandlerFromMuxWithBaseURL is [HandlerFromMux] for paths below a base URL.
// StrictHandlerFunc answers a decoded request.
// StrictMiddlewareFunc wraps the handler of an operation.
// StrictHTTPServerOptions says how a request that cannot be decoded is answered, and an answer that cannot be written.
// NewStrictHandler returns a handler that decodes the requests for ssi and writes its answers.
// NewStrictHandlerWithOptions is [NewStrictHandler] with options.
`
